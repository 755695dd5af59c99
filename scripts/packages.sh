# For other scripts to source: installs packages with the system's own package manager.
#
#   package_manager                    prints apt-get, dnf or apk, or nothing
#   install_command                    prints what somebody with root's rights would type before names of packages
#   can_be_root                        whether this user may install packages without a password
#   install_packages NAMES...          as many of them as this system has; no package starts its daemon

has_command() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] || { has_command sudo && sudo -n true 2>/dev/null; }
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

package_manager() {
    for manager in apt-get dnf apk; do
        if has_command "$manager"; then
            echo "$manager"
            return
        fi
    done
}

install_command() {
    case $(package_manager) in
    apt-get) echo "apt-get install -y --no-install-recommends" ;;
    dnf) echo "dnf install -y" ;;
    apk) echo "apk add" ;;
    esac
}

# Debian's packages ask this file whether they may start their daemons. One that is there already is left alone.
policy=/usr/sbin/policy-rc.d
without_daemons() {
    made=
    if [ ! -e "$policy" ]; then
        made=1
        trap 'as_root rm -f "$policy"; exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
    fi
    "$@"
    result=$?
    [ -z "$made" ] || as_root rm -f "$policy"
    trap - INT TERM HUP
    return "$result"
}

# Another program that installs something just now, as a new machine's own updates do, is waited for.
apt_update() {
    for attempt in $(seq 60); do
        message=$(LC_ALL=C as_root apt-get update -q 2>&1 </dev/null) && return 0
        case $message in *'Could not get lock'* | *'Unable to lock'*) ;; *) break ;; esac
        [ "$attempt" -gt 1 ] || echo "setup: waiting for another program that installs packages"
        sleep 5
    done
    printf '%s\n' "$message" >&2
    return 1
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        --no-install-recommends "$@" </dev/null
}

apt_packages() {
    apt_update || echo "setup: apt-get update failed; going on with the lists that are there" >&2
    known=
    for package; do
        # The second is for names that another package provides.
        if [ -n "$(apt-cache show "$package" 2>/dev/null)" ] || apt-get install --simulate "$package" >/dev/null 2>&1; then
            known="$known $package"
        else
            echo "setup: this system has no package $package" >&2
        fi
    done
    [ -n "$known" ] || return 0
    # shellcheck disable=SC2086 # several names
    without_daemons apt_install $known
}

# One after the other: one that this system does not have must not stop the rest.
one_by_one() { # COMMAND... -- PACKAGES...
    command=
    while [ "$1" != -- ]; do
        command="$command $1"
        shift
    done
    shift
    for package; do
        # shellcheck disable=SC2086 # several words
        as_root $command "$package" </dev/null || echo "setup: $package could not be installed" >&2
    done
}

install_packages() {
    case $(package_manager) in
    apt-get) apt_packages "$@" ;;
    dnf) one_by_one dnf install -y -q -- "$@" ;;
    apk) one_by_one apk add -q -- "$@" ;;
    *) return 1 ;;
    esac
}
