# The table of costs and what was measured: awk -v mode=check|append ... -f cost_history.awk TABLE MEASURED
#
# check: prints both, and ends with 1 if an instruction count is more than 3 % above the last line, or if such a rise in
# the table has no reason. append: prints the table with the measured line; needs date, commit, toolchain and reason.
# Counts are compared only if the toolchains are the same.

BEGIN {
    FS = OFS = ","
    allowed = 1.03
    fixed = split("date,commit,toolchain,reason", title, ",")
}

function complain(text) {
    print text > "/dev/stderr"
    failed = 1
}

function is_too_high(name, before, now) {
    return name ~ /\.instructions$/ && before != "" && now != "" && now > before * allowed
}

# The table. Its lines are kept by the names of their columns.
NR == FNR && FNR == 1 {
    columns = split($0, title, ",")
    next
}
NR == FNR {
    lines++
    for (i = 1; i <= columns; i++) value[lines, title[i]] = $i
    next
}

# What was measured.
FNR == 1 { FS = " "; $0 = $0 }
{
    value["now", $1] = $2
    for (known = 1; known <= columns && title[known] != $1; known++);
    if (known > columns) title[++columns] = $1
}

function line_of(key,    i, text) {
    for (i = 1; i <= columns; i++) text = text (i > 1 ? "," : "") value[key, title[i]]
    return text
}

function append(    i, text) {
    value["now", "date"] = date
    value["now", "commit"] = commit
    value["now", "toolchain"] = toolchain
    value["now", "reason"] = reason
    for (i = 1; i <= columns; i++) text = text (i > 1 ? "," : "") title[i]
    print text
    for (i = 1; i <= lines; i++) print line_of(i)
    print line_of("now")
}

# A rise from one line of the table to the next.
function check_table(    i, k, name) {
    for (k = 2; k <= lines; k++)
        for (i = fixed + 1; i <= columns; i++) {
            name = title[i]
            if (value[k, "reason"] == "" && value[k, "toolchain"] == value[k - 1, "toolchain"] &&
                is_too_high(name, value[k - 1, name], value[k, name]))
                complain(value[k, "commit"] ": " name " rises from " value[k - 1, name] " to " value[k, name] \
                    " and the line has no reason")
        }
}

function check_measured(    i, name, before, now, same) {
    same = value[lines, "toolchain"] == toolchain
    printf "%-36s %12s %12s\n", "", value[lines, "commit"], "now"
    for (i = fixed + 1; i <= columns; i++) {
        name = title[i]
        before = value[lines, name]
        now = value["now", name]
        printf "%-36s %12s %12s", name, before, now
        if (before > 0 && now != "") printf " %+7.1f %%", (now / before - 1) * 100
        print ""
        if (same && is_too_high(name, before, now))
            complain(name " has risen from " before " to " now ", more than 3 %: make bench-history REASON='why'")
    }
    if (!same)
        print "*** NOT CHECKED: the last line is of " value[lines, "toolchain"] ", this is " toolchain " ***" > "/dev/stderr"
}

END {
    if (mode == "append") {
        append()
    } else {
        check_table()
        check_measured()
    }
    exit failed
}
