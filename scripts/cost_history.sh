#!/bin/sh
# What messages cost, in docs/cost-history.csv: instructions, allocations and system calls for each, and sizes.
#
#   scripts/cost_history.sh measure LIBRARIES            prints the figures of the libraries in this directory
#   scripts/cost_history.sh check LIBRARIES              compares them with the last line; fails if they are too high
#   scripts/cost_history.sh append LIBRARIES [REASON]    adds them as a line
#
# build/cost/turns runs the programs under Callgrind, so that each run does the same; what is left of chance (which of two
# threads gets a lock first) is taken out by the median of several runs.
set -eu
here=$(dirname "$0")
table=$here/../docs/cost-history.csv
programs=$(cd "$here/../build/cost" && pwd)
valgrind=$(command -v valgrind)
runs=5

# Memory functions that every processor has: their counts differ between AVX2 and SSE2. Environment and paths are the same
# everywhere, because create and start count their lengths too.
environment="LD_LIBRARY_PATH=. PAHO_C_RS_BUSY_WAIT=never
    GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX_Fast_Unaligned_Load,-ERMS"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

# Prints the rows that the program has measured, each with its number in Callgrind's parts and in the log.
run() { # API
    rm -rf "$scratch/run"
    mkdir "$scratch/run"
    # shellcheck disable=SC2086 # the words of the environment
    (cd "$scratch" && env -i $environment "$programs/turns" "$valgrind" --tool=callgrind --trace-syscalls=yes \
        --log-file=run/log --callgrind-out-file=run/part --dump-before=next_part "./$1" 2>run/rows) || {
        cat "$scratch/run/rows" >&2
        tail -n 20 "$scratch/run/log" >&2
        return 1
    }
    # Every second part is between begin_counting() and end_counting(). Those calls are of the programs themselves.
    for part in $(seq 2 2 "$(grep -c getppid "$scratch/run/log")"); do
        sed -n 's/^totals: /instructions /p' "$scratch/run/part.$part"
    done >"$scratch/run/counts"
    awk '/^SYSCALL.*sys_getppid/ { part++ }
        /^SYSCALL.* sys_/ && !/sys_(getppid|write \( 1,|read \( 0,)/ { count[part]++ }
        END { for (i = 1; i < part; i += 2) print "calls", count[i] + 0 }' "$scratch/run/log" >>"$scratch/run/counts"
    awk -v api="$1" '
        $1 == "row" { row[++rows] = api "." $2; messages[rows] = $3; print row[rows] ".allocations", $4 / $3 }
        $1 == "instructions" { at++; print row[at] ".instructions", $2 / messages[at] }
        $1 == "calls" { to++; print row[to] ".system-calls", $2 / messages[to] }' "$scratch/run/rows" "$scratch/run/counts"
}

measure() { # LIBRARIES
    for library in libpaho-mqtt3c libpaho-mqtt3cs libpaho-mqtt3a libpaho-mqtt3as; do
        strip --strip-debug -o "$scratch/$library.so.1" "$1/$library.so.1"
        echo "$library.bytes $(wc -c <"$scratch/$library.so.1")"
    done
    cp "$programs/sync" "$programs/async" "$scratch"
    : >"$scratch/figures"
    for _ in $(seq "$runs"); do
        run sync >>"$scratch/figures"
        run async >>"$scratch/figures"
    done
    sort -k1,1 -k2,2n "$scratch/figures" |
        awk -v middle=$(((runs + 1) / 2)) '{ seen = $1 == name ? seen + 1 : 1; name = $1 }
            seen == middle { printf(name ~ /instructions$/ ? "%s %.0f\n" : "%s %.2f\n", name, $2) }'
}

# What the counts depend on besides this project.
toolchain() {
    echo "$(rustc --version | cut -d' ' -f1,2) $(getconf GNU_LIBC_VERSION) $(valgrind --version) $(uname -m)"
}

# The commit that is measured, with + if there is something on top of it.
commit() {
    name=$(git -C "$here" rev-parse --short HEAD 2>/dev/null || echo unknown)
    git -C "$here" diff --quiet HEAD -- :/src :/Cargo.toml :/Cargo.lock 2>/dev/null || name=$name+
    echo "$name"
}

compare() { # MODE REASON
    awk -v mode="$1" -v reason="$(printf %s "${2:-}" | tr ',\n' ';;')" -v toolchain="$(toolchain)" \
        -v date="${COST_DATE:-$(date +%F)}" -v commit="${COST_COMMIT:-$(commit)}" \
        -f "$here/cost_history.awk" "$table" "$scratch/measured"
}

measure "$2" >"$scratch/measured"
case $1 in
measure) cat "$scratch/measured" ;;
check) compare check ;;
append)
    compare append "${3:-}" >"$scratch/table"
    cp "$scratch/table" "$table"
    compare check
    ;;
esac
