#!/bin/sh
# A Debian 13 in a directory, in which the libraries are built and tested for other processors: its compiler, 1.85, has the
# standard library for all of them, the GNU tools make their programs, and QEMU runs them. Needs root, debootstrap and the
# network.
#
#   scripts/target_root.sh set-up TARGETS...      makes the root, and installs what these targets need and it does not have
#   scripts/target_root.sh run TARGET COMMAND...  runs a command in it, with this directory as /paho-c-rs
#
# TARGET_ROOT: the directory, build/roots/trixie when unset; MIRROR: where packages come from. Nothing outside of the
# root changes: programs of other processors start through QEMU only in namespaces that end with the command.
set -eu
cd "$(dirname "$0")/.."
. scripts/target_table.sh
: "${TARGET_ROOT:=build/roots/trixie}" "${MIRROR:=http://deb.debian.org/debian}"
release=trixie

common_packages='build-essential ca-certificates cargo cmake git libpaho-mqtt-dev libpaho-mqtt1.3 libsqlite3-dev libssl-dev
    mosquitto mosquitto-clients nginx-light openssl pkgconf procps python3 qemu-user
    qemu-user-binfmt rustc softhsm2 tinyproxy'

fail() {
    echo "target_root: $*" >&2
    exit 1
}

# Enough to build for other systems.
other_systems_packages='ca-certificates cargo gcc libc6-dev libssl-dev lld llvm make pkgconf rust-src rustc'

packages_of() { # TARGET
    find_target "$1" || fail "$1 is none of: $(known_targets | tr '\n' ' ')"
    if [ "$emulator" = none ]; then
        echo $other_systems_packages
        return
    fi
    echo $common_packages
    echo "gcc-$tools g++-$tools"
    [ "$architecture" != s390x ] || return 0
    for package in libc6-dev libpaho-mqtt1.3 libsqlite3-dev libssl-dev libstd-rust-dev libstdc++6; do
        echo "$package:$architecture"
    done
}

in_root() { # COMMAND...: as root of this machine, for installing
    cp /etc/resolv.conf "$TARGET_ROOT/etc/resolv.conf"
    unshare --mount sh -c '
        root=$1; shift
        mount --bind /proc "$root/proc"; mount --rbind /dev "$root/dev"
        exec chroot "$root" "$@"' sh "$TARGET_ROOT" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

set_up() {
    if [ ! -e "$TARGET_ROOT/.made" ]; then
        command -v debootstrap >/dev/null || fail "debootstrap is not installed"
        [ "$(id -u)" -eq 0 ] || fail "only root can make $TARGET_ROOT"
        mkdir -p "$TARGET_ROOT"
        debootstrap --variant=minbase "$release" "$TARGET_ROOT" "$MIRROR"
        # No daemon starts in the root, and nobody reads its documents.
        printf '#!/bin/sh\nexit 101\n' >"$TARGET_ROOT/usr/sbin/policy-rc.d"
        chmod 755 "$TARGET_ROOT/usr/sbin/policy-rc.d"
        printf 'path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\nforce-unsafe-io\n' >"$TARGET_ROOT/etc/dpkg/dpkg.cfg.d/lean"
        echo 'APT::Install-Recommends "false"; Acquire::Languages "none";' >"$TARGET_ROOT/etc/apt/apt.conf.d/lean"
        touch "$TARGET_ROOT/.made"
    fi
    wanted=
    for target; do
        packages=$(echo $(packages_of "$target"))
        [ "$(cat "$TARGET_ROOT/.has.$target" 2>/dev/null)" = "$packages" ] || wanted="$wanted $target"
    done
    [ -n "$wanted" ] || return 0
    packages=
    for target in $wanted; do
        packages="$packages $(packages_of "$target")"
        find_target "$target"
        [ "$emulator" != none ] || add_zig
        in_root dpkg --add-architecture "$architecture"
    done
    in_root apt-get update -qq
    # shellcheck disable=SC2086 # several words
    in_root apt-get install -y -qq -o Dpkg::Use-Pty=0 $packages
    in_root apt-get clean
    for target in $wanted; do
        case $target in s390x-*) unpack_s390x ;; esac
        echo $(packages_of "$target") >"$TARGET_ROOT/.has.$target"
    done
}

# zig is a C compiler with the functions and headers of other systems, as a package for Python; and a linker for them.
add_zig() {
    [ ! -x "$TARGET_ROOT/opt/zig/ziglang/zig" ] || return 0
    python3 -m pip install --quiet --no-deps --target "$TARGET_ROOT/opt/zig" 'ziglang>=0.15' || fail "zig cannot be installed"
}

# Debian 13's C library for this processor is not on every mirror in the version that the root has. So the one for cross
# compilers is used, and what the tests need besides is unpacked without being installed, OpenSSL from Debian 12.
unpack_s390x() {
    echo "deb [arch=s390x] $MIRROR bookworm main" >"$TARGET_ROOT/etc/apt/sources.list.d/s390x.list"
    in_root apt-get update -qq
    # shellcheck disable=SC2016 # expanded there
    in_root sh -ec 'mkdir -p /opt/packages && cd /opt/packages
        apt-get download -qq libstd-rust-dev:s390x "libstd-rust-$(rustc --version | grep -o "1\.[0-9]*"):s390x" \
            libssl-dev:s390x/bookworm libssl3:s390x libpaho-mqtt1.3:s390x/bookworm
        for package in *_s390x.deb; do dpkg -x "$package" /opt/s390x; done
        cp -a /opt/s390x/usr/lib/rustlib/s390x-* /usr/lib/rustlib/
        cp -a /opt/s390x/usr/lib/s390x-linux-gnu /usr/lib/
        cp -a /opt/s390x/usr/include/s390x-linux-gnu/openssl /opt/s390x/usr/include/
        # The emulated dynamic linker looks below /usr/s390x-linux-gnu first.
        cp -a /usr/lib/s390x-linux-gnu/lib*.so* /usr/s390x-linux-gnu/lib/'
}

# Where unpacked files are found.
for_unpacked() {
    [ "$architecture" != s390x ] || echo QEMU_LD_PREFIX=/usr/s390x-linux-gnu OPENSSL_LIB_DIR=/usr/lib/s390x-linux-gnu \
        OPENSSL_INCLUDE_DIR=/opt/s390x/usr/include
}

# Puts the target's tools where the first names in PATH are, so that what is run there finds the tools of its processor.
link_tools() { # TARGET
    directory=$TARGET_ROOT/opt/$1
    mkdir -p "$directory"
    # No ld: the compilers of both processors would take it. make gets its name.
    for tool in ar c++ cc g++ gcc nm objcopy objdump readelf strip; do
        case $tool in cc) real=gcc ;; c++) real=g++ ;; *) real=$tool ;; esac
        ln -sf "/usr/bin/$tools-$real" "$directory/$tool"
    done
}

# The command runs in namespaces of its own, in which the kernel starts programs of other processors with QEMU. What it
# makes is in build/targets.
run() { # TARGET COMMAND...
    target=$1
    shift
    find_target "$target" || fail "unknown target $target"
    cargo_home=${CARGO_HOME:-$HOME/.cargo}
    made=build/targets
    mkdir -p "$TARGET_ROOT/paho-c-rs" "$TARGET_ROOT/cargo" "$TARGET_ROOT/targets" "$cargo_home" \
        build dist "$made/cargo" "$made/$target/dist" "$made/$target/build"
    [ "$emulator" = none ] || link_tools "$target"
    # The source of the standard library names crates that cargo fetches in the root.
    cp /etc/ssl/certs/ca-certificates.crt "$TARGET_ROOT/opt/certificates.crt"
    cp /etc/resolv.conf "$TARGET_ROOT/etc/resolv.conf"
    if runner=$(command -v cargo-nextest); then
        cp "$runner" "$TARGET_ROOT/usr/local/bin/cargo-nextest"
    fi
    # The new user namespace has the users of this one. Only from outside can they be given to it.
    gate=$(mktemp -d)
    trap 'rm -r "$gate"' EXIT
    mkfifo "$gate/ready" "$gate/mapped"
    {
        read -r process <"$gate/ready"
        echo '0 0 65536' >"/proc/$process/uid_map"
        echo '0 0 65536' >"/proc/$process/gid_map"
        : >"$gate/mapped"
    } &
    unshare --user --mount sh -c 'echo $$ >"$0/ready"; : <"$0/mapped"; exec "$@"' "$gate" sh -euc '
        root=$1 emulator=$2 cargo_home=$3 made=$4 target=$5
        shift 5
        if [ "$emulator" != - ] && [ "$emulator" != none ]; then
            mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
            sed "s,:[^:]*:[^:]*\$,:$root/usr/bin/qemu-$emulator:OCF," "$root/usr/lib/binfmt.d/qemu-$emulator.conf" \
                >/proc/sys/fs/binfmt_misc/register
        fi
        for directory in proc dev sys; do mount --rbind "/$directory" "$root/$directory"; done
        mount --bind . "$root/paho-c-rs"
        mount --bind "$made/cargo" "$root/targets"
        mount --bind "$made/$target/dist" "$root/paho-c-rs/dist"
        mount --bind "$made/$target/build" "$root/paho-c-rs/build"
        mount --bind "$cargo_home" "$root/cargo"
        exec chroot "$root" "$@"' sh "$(cd "$TARGET_ROOT" && pwd)" "$emulator" "$cargo_home" "$(pwd)/$made" "$target" \
        env -i HOME=/root LC_ALL=C.UTF-8 "PATH=/opt/$target:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        CARGO_HOME=/cargo CARGO_HTTP_CAINFO=/opt/certificates.crt LD="/usr/bin/$tools-ld" \
        CARGO_TARGET_DIR=/targets CARGO_BUILD_TARGET="$target" CARGO_INCREMENTAL=0 \
        CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=/usr/bin/cc PKG_CONFIG_ALLOW_CROSS=1 \
        PKG_CONFIG_LIBDIR="/usr/lib/$multiarch/pkgconfig:/usr/share/pkgconfig" \
        $(env | grep -E '^(CARGO_PROFILE|CARGO_BUILD_JOBS|MAKE_FLAVOURS|TEST_)' || true) \
        $(for_unpacked) sh -c 'cd /paho-c-rs && exec "$@"' sh "$@"
}

action=${1:-}
[ $# -ge 2 ] || fail "see the beginning of this file"
shift
case $action in
set-up) set_up "$@" ;;
run) run "$@" ;;
*) fail "see the beginning of this file" ;;
esac
