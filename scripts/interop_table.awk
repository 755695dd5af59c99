# Makes the table of `make interop` from the list of brokers, the known limits of brokers, and the results:
#
#   broker|why it is left out|version
#   broker|check|what the broker does (limits.txt; the check may be a prefix that ends with *)
#   broker|transport|version|api|library|check|ok or failed|details
#
# Ends with 1 when a check fails on ours that passes on the original.

FNR == 1 { file++ }
/^#/ || /^$/ { next }

file == 1 {
    brokers[++broker_count] = $1
    left_out[$1] = $2
    broker_version[$1] = $3
    next
}

file == 2 {
    limit_broker[++limit_count] = $1
    limit_check[limit_count] = $2
    limit_text[limit_count] = $3
    next
}

{
    cell = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4 SUBSEP $6
    result[cell, $5] = $7
    detail[cell, $5] = $8
    ran[$1, $2, $3, $4] = ran[$1, $2, $3, $4] || $6 != first_check || $7 == "ok"
    if (!($6 in known))
        checks[++check_count] = $6
    known[$6] = 1
    has_row[$3, $4, $6] = 1
}

BEGIN {
    first_check = "connect, disconnect"
    split("3 4 5", versions, " ")
    split("client async", apis, " ")
    split("tcp ws", transports, " ")
    title["3"] = "MQTT 3.1"; title["4"] = "MQTT 3.1.1"; title["5"] = "MQTT 5"
    title["client"] = "MQTTClient"; title["async"] = "MQTTAsync"
}

function mark(outcome) {
    return outcome == "ok" ? "✓" : outcome == "failed" ? "✗" : "–"
}

# A broker that cannot be connected to is not in the table.
function shown(broker, transport, version, api) {
    return ran[broker, transport, version, api]
}

function limit_of(broker, check,   i, pattern) {
    for (i = 1; i <= limit_count; i++) {
        pattern = limit_check[i]
        if (limit_broker[i] == broker && (pattern == check ||
            (pattern ~ /\*$/ && index(check, substr(pattern, 1, length(pattern) - 1)) == 1)))
            return limit_text[i]
    }
    return ""
}

# Remembers a remark about a check with a broker, and counts its cells.
function remember(list, broker, check, text) {
    if (!((list, broker, check) in remark_cells)) {
        remarks[list, ++remark_count[list]] = broker SUBSEP check
        remark_text[list, broker, check] = text
    }
    remark_cells[list, broker, check]++
}

function or_none(text) {
    return text == "" ? "nothing special" : text
}

function judge(broker, transport, version, api, check,   cell, a, b) {
    cell = broker SUBSEP transport SUBSEP version SUBSEP api SUBSEP check
    a = result[cell, "original"]
    b = result[cell, "ours"]
    if (a != "ok" && b == "ok")
        remember("better", broker, check, detail[cell, "original"])
    else if (b != "ok" && limit_of(broker, check) != "")
        remember(a == "ok" ? "unlucky" : "limits", broker, check, limit_of(broker, check))
    else if (a == "ok" && b != "ok")
        remember("worse", broker, check, title[version] " " title[api] " " transport ": " detail[cell, "ours"])
    else if (b != "ok" && b != "")
        remember("both", broker, check, detail[cell, "ours"])
    else if (detail[cell, "original"] != detail[cell, "ours"])
        remember("details", broker, check, "original: " or_none(detail[cell, "original"]) "; ours: " or_none(detail[cell, "ours"]))
    total++
    if (a == "ok") ok_original++
    if (b == "ok") ok_ours++
    return mark(a) " / " mark(b)
}

function print_table(version, api,   i, j, k, line, rule) {
    line = "| check |"
    rule = "| --- |"
    for (i = 1; i <= broker_count; i++)
        for (j = 1; j <= 2; j++)
            if (shown(brokers[i], transports[j], version, api)) {
                line = line " " brokers[i] " " transports[j] " |"
                rule = rule " --- |"
            }
    printf "\n## %s, %s\n\n%s\n%s\n", title[version], title[api], line, rule
    for (k = 1; k <= check_count; k++) {
        if (!has_row[version, api, checks[k]])
            continue
        line = "| " checks[k] " |"
        for (i = 1; i <= broker_count; i++)
            for (j = 1; j <= 2; j++)
                if (shown(brokers[i], transports[j], version, api))
                    line = line " " judge(brokers[i], transports[j], version, api, checks[k]) " |"
        print line
    }
}

function print_remarks(list, heading,   i, parts, cells) {
    printf "\n## %s\n\n", heading
    if (!remark_count[list])
        print "None."
    for (i = 1; i <= remark_count[list]; i++) {
        split(remarks[list, i], parts, SUBSEP)
        cells = remark_cells[list, parts[1], parts[2]]
        printf "* %s, %s (%d cell%s): %s\n", parts[1], parts[2], cells, cells == 1 ? "" : "s", \
            remark_text[list, parts[1], parts[2]]
    }
}

END {
    print "# Interoperability"
    print ""
    print "Written by `make interop`: one program (`tests/interop`), compiled once and run on the original library (Debian's"
    print "Paho C) and on ours, against brokers with their default behaviour. Each cell is original / ours: ✓ passed, ✗"
    print "failed, – not run. Versions of MQTT and transports that a broker does not have are left out. What failed while the"
    print "other combinations ran beside it was repeated once."
    print ""
    for (i = 1; i <= broker_count; i++)
        print "* " brokers[i] " " (left_out[brokers[i]] == "" ? broker_version[brokers[i]] : "(" left_out[brokers[i]] ")")
    for (i = 1; i <= 2; i++)
        for (j = 1; j <= 3; j++)
            print_table(versions[j], apis[i])
    print_remarks("limits", "Limits of the brokers, met by both libraries")
    print_remarks("unlucky", "Limits of the brokers, met by ours only in this run")
    print_remarks("both", "Where both fail for another reason")
    print_remarks("better", "Where only the original fails, and how")
    print_remarks("details", "Where both pass and something differs")
    print_remarks("worse", "Worse than the original")
    printf "\n%d cells: the original passes %d, ours %d.\n", total, ok_original, ok_ours
    exit remark_count["worse"] > 0
}
