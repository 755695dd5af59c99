# Measures rustfmt's output: see shape.sh.

# The value below which the share of the sorted list lies.
function quantile(list, count, share) { return list[1 + int((count - 1) * share)] }

function sort(list, count,    at, place, value) {
    for (at = 2; at <= count; at++) {
        value = list[at]
        for (place = at; place > 1 && list[place - 1] > value; place--) list[place] = list[place - 1]
        list[place] = value
    }
}

function indentation(line) { match(line, /^ */); return RLENGTH }

function end_of_file() {
    if (!name) return
    lengths[++files] = length_of_file
    if (length_of_file < 50) short++
}

FNR == 1 {
    end_of_file(); name = FILENAME; in_function = in_struct = 0
    # Tests beside the code: whole files, or what follows #[cfg(test)].
    in_tests = name ~ /(_tests|stand_ins|scripted)\.rs$/; only_file = in_tests; announced = 0
}

{ length_of_file = FNR }

!/^ *$/ && !/^ *\/\// {
    code++
    if (/^#\[cfg\(test\)\]$/) announced = 1
    else if (announced && !/^#/) { announced = 0; in_tests = only_file || /\{$/; if (!in_tests) tests++ }
    if (in_tests || announced) tests++
}
in_tests && !only_file && /^\}/ { in_tests = 0 }

/^impl(<[^>]*>)? (.* for )?Client(<.*>)? \{/ { impls++ }

# Functions with a body, from their first line to the brace below it. Nested ones count as part of the outer one.
!in_function && /^ *(pub(\([^)]*\))? )?(default )?(const )?(async )?(unsafe )?(extern "[^"]*" )?fn [a-z_0-9]+/ {
    begin = FNR; column = indentation($0); in_function = 1
}
in_function && indentation($0) == column && (/^ *(where.*)?\}$/ || /[^{(]*\{.*\}$/ || /;$/) {
    in_function = 0
    if (!/;$/) bodies[++functions] = FNR - begin + 1
}

/^(pub(\([^)]*\))? )?struct .*\{$/ { in_struct = 1; fields = 0; title = $0; sub(/.*struct /, "", title); sub(/[ <({].*/, "", title) }
in_struct && /^    (pub(\([^)]*\))? )?[a-z_0-9]+: / { fields++ }
in_struct && /^\}/ { in_struct = 0; if (fields > most) { most = fields; largest = title } }

END {
    end_of_file()
    sort(lengths, files); sort(bodies, functions)
    printf "files                         %d\n", files
    printf "file length, median and p90   %d, %d\n", quantile(lengths, files, 0.5), quantile(lengths, files, 0.9)
    printf "files under 50 lines          %d\n", short
    printf "functions                     %d\n", functions
    printf "function length, median, p90  %d, %d\n", quantile(bodies, functions, 0.5), quantile(bodies, functions, 0.9)
    printf "longest function              %d\n", bodies[functions]
    printf "fields of the largest struct  %d (%s)\n", most, largest
    printf "impl blocks of Client         %d\n", impls
    printf "lines of code                 %d\n", code
    printf "of these, in tests            %d\n", tests
}
