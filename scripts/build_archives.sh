#!/bin/sh
# Has cargo make one static archive for each set of features, and lists the libraries that each of them needs.
#
#   scripts/build_archives.sh TARGET_DIRECTORY OUTPUT_DIRECTORY FEATURES...      FEATURES are joined by +
#
# CARGO and CARGO_FLAGS: the command, and flags for it such as --locked. PARTS: features that all of them have.
#
# Writes OUTPUT_DIRECTORY/FEATURES.a and .needs; what has not changed keeps its time.
set -eu
target=$1
output=$2
shift 2
: "${CARGO:=cargo}"

if ! command -v "$CARGO" >/dev/null; then
    echo "make: cargo is not in PATH. Building needs Rust 1.85 or newer; installing does not, after \`make\`." >&2
    exit 1
fi
mkdir -p "$output" build
# Where cargo puts what it builds for another target.
built=$target/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}release

# What directories of this machine are called in the libraries, with their debug information and the texts of panics. So
# the same source gives the same bytes in every directory.
names() {
    printf '%s\n' "${CARGO_HOME:-${HOME:-}/.cargo}=/cargo" "$("${RUSTC:-rustc}" --print sysroot)=/rust" \
        "$(cd "$target" && pwd)=/paho-c-rs/target" "$(pwd)=/paho-c-rs"
}

# Flags of the environment hide those of any configuration, so ours are added to where the flags are.
if [ -n "${RUSTFLAGS:-}" ]; then
    RUSTFLAGS="$RUSTFLAGS $(names | sed 's,^,--remap-path-prefix=,' | tr '\n' ' ')"
    export RUSTFLAGS
    flags='build.rustflags=[]'
else
    flags="build.rustflags=[$(names | sed "s,.*,'--remap-path-prefix=&'\,," | tr '\n' ' ')]"
fi

# The compiler's list without what a C compiler links anyway, and each library once.
needs() {
    tr ' ' '\n' <"$1" | awk '/^-/ && $0 != "-lc" && $0 != "-lgcc_s" && !seen[$0]++ { printf "%s%s", separator, $0; separator = " " }
        END { print "" }'
}

renew() { # NEW OLD
    if cmp -s "$1" "$2"; then rm "$1"; else mv "$1" "$2"; fi
}

# One after the other, because each run writes the same file.
for features; do
    # Relative, because the arguments are part of symbol names. The compiler writes it only when it links.
    list=build/native-static-libs
    rm -f "$list"
    # shellcheck disable=SC2086 # several flags, several parts
    "$CARGO" rustc ${CARGO_FLAGS:-} --release --lib --target-dir "$target" --config "$flags" --crate-type staticlib \
        --no-default-features --features "$(echo "$features" ${PARTS:-} | tr '+ ' ,,)" -- --print "native-static-libs=$list"
    cp "$built/libpaho_c_rs.a" "$output/$features.new"
    renew "$output/$features.new" "$output/$features.a"
    if [ -e "$list" ]; then
        needs "$list" >"$output/$features.new"
        renew "$output/$features.new" "$output/$features.needs"
    fi
done
