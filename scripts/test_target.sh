#!/bin/sh
# Called in a root of scripts/target_root.sh: builds everything for its target, then runs the tests that can be run there.
#
#   scripts/test_target.sh EMULATOR       - where this processor runs the programs itself
#
# MAKE_FLAVOURS: the libraries to make, all when unset. TEST_PROGRAMS as for check_targets.sh.
set -eu
emulator=$1

${MAKE:-make} all ${MAKE_FLAVOURS:+FLAVOURS="$MAKE_FLAVOURS"}
echo "built: $(ls dist/lib/*.so dist/bin/* | sed 's,.*/,,' | tr '\n' ' ')"

# Stores go from one processor to another: this library for the processor of the machine takes them up.
machine=x86_64-unknown-linux-gnu
cargo build --quiet --lib --target $machine --no-default-features --features sync-api,async-api
export PAHO_C_RS_OTHER_CC=/usr/bin/gcc
export PAHO_C_RS_OTHER_LIBRARY="$CARGO_TARGET_DIR/$machine/debug/libpaho_c_rs.so"

# What only looks at the source or the documents is the same for every target. The others would measure the emulator, or need
# what it does not have: ptrace, Valgrind, sanitizers, a second architecture's interpreters.
if [ "$emulator" = - ]; then
    programs='--lib --test protocol --test session --test capi --test capi_async --test store --test client
        --test async_scenarios --test transports --test abi'
    left_out='layering, project, documents (the same everywhere); programs, differential (the original of this processor); soak'
else
    programs='--lib --test protocol --test session --test capi --test capi_async --test store --test abi'
    left_out='as without emulator, and client, async_scenarios, transports, most of abi (times and tools are the emulator'"'"'s)'
    export TEST_SKIP='/abi-[0-9a-f]* (cost_history|documentation|guides|install|properties_cost|symbols)::'
fi
echo "skipped: $left_out"
# Emulated programs are many times slower.
[ "$emulator" = - ] || export TEST_THREADS="${TEST_THREADS:-2}"
# shellcheck disable=SC2086 # several words
scripts/test_each.sh ${TEST_PROGRAMS:-$programs}
