# `make test`: the whole suite. `make soak`: the same kind of thing for a long time.

# cargo-nextest runs each test in a process of its own, and so does the script.
ifneq ($(shell cargo nextest --version 2>/dev/null),)
TEST_RUNNER = cargo nextest run
else
TEST_RUNNER = scripts/test_each.sh
endif

.PHONY: setup test test-rust test-c soak fmt lint

setup:
	scripts/setup.sh

test: setup
	$(MAKE) test-c
	$(MAKE) test-rust

# The runs after the first are for what libraries without TLS, and without other parts, do differently.
test-rust: all
	$(TEST_RUNNER) --workspace
	$(TEST_RUNNER) --no-default-features --features sync-api,websocket,proxy,trace-packets --lib
	$(TEST_RUNNER) --no-default-features --features sync-api --lib -- a_library_without
	PAHO_C_RS_LIBRARY=$(abspath $(DIST))/lib/libpaho-mqtt3c.so.1 $(TEST_RUNNER) --test capi
	PAHO_C_RS_LIBRARY=$(abspath $(DIST))/lib/libpaho-mqtt3a.so.1 $(TEST_RUNNER) --test capi_async

# The demo ends with an error when a message is missing or comes with another QoS than it should.
test-c: demo

# Long runs: the ignored tests named soak_... SOAK_SECONDS sets how long most of them take.
SOAK_SECONDS ?= 60

soak: setup
	SOAK_SECONDS=$(SOAK_SECONDS) cargo test --test soak --test differential -- --ignored --nocapture --test-threads=1 soak

fmt:
	cargo fmt

# The check is without tests, so that the compiler sees what only they use.
lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo check --lib

# Builds and tests for other targets in a Debian 13 in build/roots, which is made first; needs root. check-targets does so for
# all targets of scripts/target_table.sh.
.PHONY: check-target check-targets
check-target:
	scripts/check_targets.sh $(or $(TARGET),$(error say which: make check-target TARGET=...))

check-targets:
	scripts/check_targets.sh
