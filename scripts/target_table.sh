# For other scripts to source: the targets that `make check-target` knows.
#
#   known_targets                 prints their names
#   find_target NAME              sets architecture, tools, multiarch and emulator; fails if there is none of this name

# Each line: name for cargo | architecture of Debian | prefix of the GNU tools | what runs its programs, - for this processor;
# none: another system, for which they are only built
target_table='
i686-unknown-linux-gnu|i386|i686-linux-gnu|-
armv7-unknown-linux-gnueabihf|armhf|arm-linux-gnueabihf|arm
aarch64-unknown-linux-gnu|arm64|aarch64-linux-gnu|aarch64
riscv64gc-unknown-linux-gnu|riscv64|riscv64-linux-gnu|riscv64
s390x-unknown-linux-gnu|s390x|s390x-linux-gnu|s390x
powerpc64le-unknown-linux-gnu|ppc64el|powerpc64le-linux-gnu|ppc64le
x86_64-unknown-freebsd|amd64|x86_64-linux-gnu|none
aarch64-apple-darwin|amd64|x86_64-linux-gnu|none
'

known_targets() {
    printf '%s' "$target_table" | sed -n 's/|.*//p'
}

find_target() {
    line=$(printf '%s' "$target_table" | grep "^$1|") || return 1
    architecture=$(echo "$line" | cut -d'|' -f2)
    tools=$(echo "$line" | cut -d'|' -f3)
    emulator=$(echo "$line" | cut -d'|' -f4)
    # What the directories for its libraries are called.
    multiarch=$(echo "$tools" | sed s/^i686/i386/)
}
