#!/bin/sh
# Builds the Debian packages of a source archive in a fresh Debian system, without network, looks at them with lintian and
# blhc, and installs them in another one beside what depends on libpaho-mqtt1.3. Prints how long each step takes.
#
#   scripts/check_packages.sh ARCHIVE SUITES...      for example bookworm trixie
#
# Needs root and debootstrap, and takes packages from where the system's debootstrap does. The systems are in memory where there
# is enough. The packages of a suite are left in build/packages/SUITE. CARGO_PROFILE_RELEASE_LTO=off and
# CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 make it faster.
set -eu
archive=$(realpath "${1:?check_packages.sh ARCHIVE SUITES}")
shift
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
    echo "check-packages: needs root, for debootstrap and chroot" >&2
    exit 1
fi
if ! command -v debootstrap >/dev/null; then
    echo "check-packages: install debootstrap" >&2
    exit 1
fi
# What is mounted here nobody else sees, and it goes with this script.
if [ -z "${CHECK_PACKAGES_INSIDE:-}" ]; then
    CHECK_PACKAGES_INSIDE=1 exec unshare --mount --propagation private "$0" "$archive" "$@"
fi

work=$(mktemp -d)
available=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
[ "$available" -lt 12 ] || mount -t tmpfs -o size=10g tmpfs "$work"
finish() {
    umount "$work"/*/proc 2>/dev/null || true
    rm -rf --one-file-system "$work"/* || true
    umount "$work" 2>/dev/null || true
    rmdir "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# The output is shown when the step fails. A function called like this has to return what fails in it: -e is off.
step() { # TITLE COMMAND...
    title=$1
    shift
    begin=$(date +%s)
    if ! "$@" >"$work/log" 2>&1 </dev/null; then
        tail -n 60 "$work/log"
        echo "FAILED ($suite): $title" >&2
        exit 1
    fi
    echo "$suite: $title ($(($(date +%s) - begin)) s)"
}

in_root() { # ROOT COMMAND...
    root=$1
    shift
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${CARGO_PROFILE_RELEASE_LTO+CARGO_PROFILE_RELEASE_LTO="$CARGO_PROFILE_RELEASE_LTO"} \
        ${CARGO_PROFILE_RELEASE_CODEGEN_UNITS+CARGO_PROFILE_RELEASE_CODEGEN_UNITS="$CARGO_PROFILE_RELEASE_CODEGEN_UNITS"} "$@"
}

apt_install() { # ROOT PACKAGES...
    root=$1
    shift
    in_root "$root" apt-get install -y -q --no-install-recommends "$@"
}

# No daemon is started, and files need not be on the disk before the next one.
make_root() { # ROOT
    debootstrap --variant=minbase "$suite" "$1" || return
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/unsafe-io"
}

second_root() { # ROOT COPY
    cp -a "$1" "$2" && mount -t proc proc "$1/proc" && mount -t proc proc "$2/proc"
}

# Debian 12 has a Rust that is new enough under another name.
install_tools_of_the_build() {
    suffix=
    [ "$suite" != bookworm ] || suffix=-web
    apt_install "$work/build" build-essential debhelper "cargo$suffix" "rustc$suffix" libssl-dev pkg-config lintian blhc
}

build() {
    cp "$archive" scripts/deb.sh "$work/build/root/" &&
        in_root "$work/build" /root/deb.sh "/root/${archive##*/}" /root/packages || return
    rm -rf "build/packages/$suite"
    mkdir -p build/packages
    cp -R "$work/build/root/packages" "build/packages/$suite"
}

# What cargo says before each crate is not a compiler's call.
look_at() {
    in_root "$work/build" sh -c 'lintian --fail-on error --allow-root /root/packages/*.changes' &&
        in_root "$work/build" blhc --debian --bindnow --ignore-line ' *Compiling [^ ]+ v[0-9].*' /root/packages/build.log
}

prepare_test() {
    mkdir "$work/test/root/packages"
    cp "$work/build/root/packages"/*.deb "$work/test/root/packages/" || return
    tar -xf "$archive" -C "$work/test/root" --strip-components=1 --wildcards '*/scripts' '*/debian' '*/c_examples' || return
    dependents="libpaho-mqttpp3-1 libpaho-mqttpp-dev paho.mqtt.c-examples"
    [ -z "$(in_root "$work/test" apt-cache madison janus)" ] || dependents="$dependents janus"
    # shellcheck disable=SC2086 # several names
    apt_install "$work/test" libpaho-mqtt1.3 libpaho-mqtt-dev g++ mosquitto $dependents
}

# Ends with an error when one of them is not installed, or one of the others is.
has_packages() { # INSTALLED... -- NOT_INSTALLED...
    wanted=yes
    for package; do
        if [ "$package" = -- ]; then
            wanted=no
            continue
        fi
        found=no
        case $(in_root "$work/test" dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) in ii*) found=yes ;; esac
        if [ "$found" != "$wanted" ]; then
            echo "$package installed: $found, expected: $wanted"
            return 1
        fi
    done
}

packages() { # NAMES...
    for name; do
        (cd "$work/test" && ls "root/packages/${name}"_*.deb | sed 's,^,/,')
    done
}

# The packages under test come as files.
needs_of_the_tests() {
    sed -n 's/^Depends: //p' debian/tests/control | tr -d ',' | tr ' ' '\n' | grep -v -e '-rs-'
}

for suite; do
    begin_of_all=$(date +%s)
    step "debootstrap" make_root "$work/build"
    step "a second one" second_root "$work/build" "$work/test"
    step "what the build needs" install_tools_of_the_build
    step "the packages are built without network" build
    (cd "build/packages/$suite" && ls -sh ./*.deb | sed 's/^/    /')
    step "lintian and blhc" look_at
    grep -c '^W: ' "$work/log" | sed 's/^/    warnings of lintian: /' || true
    step "the original, and what depends on it" prepare_test
    original=$(in_root "$work/test" MQTTVersion | sed -n 's/^Version: //p' | head -n 1)
    step "dependents run with the original, $original" in_root "$work/test" /root/scripts/check_dependents.sh "$original"
    # shellcheck disable=SC2046 # several names
    step "the runtime package takes its place" apt_install "$work/test" $(packages libpaho-mqtt-rs1.3)
    # shellcheck disable=SC2086 # several names
    step "dependents are still there" has_packages libpaho-mqtt-rs1.3 $dependents -- libpaho-mqtt1.3
    # shellcheck disable=SC2046 # several names
    step "the development package" apt_install "$work/test" $(packages libpaho-mqtt-rs-dev)
    step "dependents run" in_root "$work/test" /root/scripts/check_dependents.sh 1.3.15
    sed 's/^/    /' "$work/log"
    step "what depends on it can be installed again" apt_install "$work/test" --reinstall paho.mqtt.c-examples
    step "apt has nothing to repair" in_root "$work/test" apt-get check
    step "one command brings the original back" apt_install "$work/test" libpaho-mqtt1.3
    # shellcheck disable=SC2086 # several names
    step "dependents are still there" has_packages libpaho-mqtt1.3 $dependents -- libpaho-mqtt-rs1.3 libpaho-mqtt-rs-dev
    step "the headers of the original" apt_install "$work/test" libpaho-mqtt-dev
    step "dependents run with it" in_root "$work/test" /root/scripts/check_dependents.sh "$original"
    # shellcheck disable=SC2046 # several names
    step "all packages" apt_install "$work/test" $(needs_of_the_tests) \
        $(packages libpaho-mqtt-rs1.3 libpaho-mqtt-rs-dev paho-mqtt-rs-tools libpaho-mqtt-rs1.3-dbgsym)
    step "the tests of the packages" in_root "$work/test" sh -c \
        'cd /root && AUTOPKGTEST_TMP=$(mktemp -d) && export AUTOPKGTEST_TMP && debian/tests/programs'
    step "removal" in_root "$work/test" apt-get purge -y libpaho-mqtt-rs1.3
    step "nothing is left" sh -c "! find '$work/test/usr' -path '*paho-mqtt-rs*' | grep ."
    umount "$work/build/proc" "$work/test/proc"
    rm -rf --one-file-system "$work/build" "$work/test"
    echo "$suite: all of it ($(($(date +%s) - begin_of_all)) s)"
done
