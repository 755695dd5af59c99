#!/bin/sh
# Called in a root of scripts/target_root.sh: for a system whose programs cannot run here, checks all flavours with the
# compiler, links those without TLS, and looks at what they export. The standard library is made from its source, the C library
# is that of zig, which knows the functions and headers of each system.
#
#   scripts/build_for_system.sh TARGET
#
# MAKE_FLAVOURS: those to link, "3c 3a" when unset.
set -eu
target=$1
parts=websocket,proxy,trace-packets
made=$CARGO_TARGET_DIR/$target
export RUSTC_BOOTSTRAP=1 ZIG_GLOBAL_CACHE_DIR="$CARGO_TARGET_DIR/zig" ZIG_LOCAL_CACHE_DIR="$CARGO_TARGET_DIR/zig"
unset CARGO_BUILD_TARGET
mkdir -p "$made" dist/lib

fail() {
    echo "build_for_system: $*" >&2
    exit 1
}

case $target in
x86_64-unknown-freebsd) zig_target=x86_64-freebsd ;;
aarch64-apple-darwin) zig_target=aarch64-macos ;;
*) fail "unknown target $target" ;;
esac
c_compiler="/opt/zig/ziglang/zig cc -target $zig_target"

cargo_for() { # COMMAND FEATURES WORDS...
    command=$1 features=$2
    shift 2
    cargo "$command" --quiet --lib --target "$target" -Zbuild-std=std,panic_unwind --no-default-features \
        --features "$features,$parts" "$@"
}

# Of OpenSSL no more than headers are needed to check; what differs between systems is in none of its structures that the
# crate looks into.
check_tls() {
    openssl=$made/openssl
    mkdir -p "$openssl/include/openssl"
    cp /usr/include/openssl/*.h /usr/include/x86_64-linux-gnu/openssl/*.h "$openssl/include/openssl/"
    touch "$openssl/libssl.so" "$openssl/libcrypto.so" "$openssl/libssl.dylib" "$openssl/libcrypto.dylib"
    printf '#!/bin/sh\nexec %s "$@"\n' "$c_compiler" >"$openssl/cc"
    chmod 755 "$openssl/cc"
    for api in sync-api async-api; do
        env OPENSSL_NO_PKG_CONFIG=1 OPENSSL_LIB_DIR="$openssl" OPENSSL_INCLUDE_DIR="$openssl/include" \
            "CC_$(echo "$target" | tr - _)=$openssl/cc" CRATE_CC_NO_DEFAULTS=1 sh -euc '"$@"' sh \
            cargo check --quiet --lib --target "$target" -Zbuild-std=std,panic_unwind --no-default-features \
            --features "$api,tls,$parts"
    done
}

# $1: as in paho-mqtt3c; $2: the list of what it exports; $3: its archive.
link_freebsd() {
    { echo '{ global:' && sed 's/$/;/' "$2" && echo 'local: *; };'; } >"$made/exports.map"
    # shellcheck disable=SC2046 # several flags
    $c_compiler -shared -o "dist/lib/lib$1.so.1" -Wl,-soname,"lib$1.so.1" -Wl,-z,nodelete -Wl,-z,defs -Wl,--gc-sections \
        -Wl,--version-script="$made/exports.map" $(sed 's/^/-Wl,-u,/' "$2") "$3" -lpthread -lexecinfo -lm -lunwind
    ln -sf "lib$1.so.1" "dist/lib/lib$1.so"
    readelf -d "dist/lib/lib$1.so.1" | sed -n 's/.*(\(SONAME\|NEEDED\)).*\[\(.*\)\]/\1 \2/p'
    llvm-nm -D --defined-only -j "dist/lib/lib$1.so.1" | sort >"$made/exported"
}

link_darwin() {
    sed 's/^/_/' "$2" >"$made/exports.list"
    # zig's linker leaves the list of exports alone. LLVM's knows no arm64e.x1, and wants arm64 for the system's libraries.
    mkdir -p "$made/sdk"
    sed 's/arm64e\.x1-/arm64-/g' /opt/zig/ziglang/lib/libc/darwin/libSystem.tbd >"$made/sdk/libSystem.tbd"
    # shellcheck disable=SC2012,SC2046 # one of several versions; several flags
    "$(ls /usr/bin/ld64.lld* | tail -n 1)" -dylib -arch arm64 -platform_version macos 11.0 14.0 -o "dist/lib/lib$1.1.dylib" \
        -install_name "@rpath/lib$1.1.dylib" -current_version 1.3.15 -compatibility_version 1.0 \
        -exported_symbols_list "$made/exports.list" $(sed 's/^/-u /' "$made/exports.list") -dead_strip \
        "$3" -L"$made/sdk" -lSystem
    ln -sf "lib$1.1.dylib" "dist/lib/lib$1.dylib"
    llvm-objdump --macho --dylibs-used --dylib-id "dist/lib/lib$1.1.dylib" | grep -E '@rpath|/usr/lib'
    llvm-nm --defined-only --extern-only -j "dist/lib/lib$1.1.dylib" | sed 's/^_//' | sort >"$made/exported"
}

# Programs that use every function of an API link with the library.
link_program() { # LIBRARY SOURCE
    # shellcheck disable=SC2086 # several words
    $c_compiler -std=c11 -Iinclude -Ldist/lib "$2" -o "$made/program" -l"$1" -lpthread
}

$c_compiler -std=c11 -c tests/c/system_constants.c -o "$made/constants.o"
echo "passed: constants of C"
for api in sync-api async-api; do cargo_for check "$api"; done
echo "passed: cargo check without TLS"
check_tls
echo "passed: cargo check with TLS"

linked=
for flavour in ${MAKE_FLAVOURS:-3c 3a}; do
    case $flavour in
    3c) api=sync source=uses_client ;;
    3a) api=async source=uses_async ;;
    *) fail "MAKE_FLAVOURS: only 3c and 3a, for OpenSSL of this system is not here" ;;
    esac
    cargo_for rustc $api-api --release --crate-type staticlib
    archive=$made/release/libpaho_c_rs.a
    case $target in
    *-freebsd) link_freebsd paho-mqtt$flavour exports/$api.symbols "$archive" ;;
    *-darwin) link_darwin paho-mqtt$flavour exports/$api.symbols "$archive" ;;
    esac
    sort exports/$api.symbols | diff - "$made/exported" || fail "paho-mqtt$flavour does not export what it should"
    link_program paho-mqtt$flavour tests/c/$source.c
    linked="$linked paho-mqtt$flavour"
done
echo "built:$linked"
