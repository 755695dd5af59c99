# `make bench`: our library against an installed Paho C, the same work by both in turns.
#   make bench ORIGINAL=/path/to/libpaho-mqtt3c.so.1 ROUNDS=9 SECONDS=1
# `make bench-exchanges`: only request and answer through a real mosquitto, beside the same with plain sockets.

ORIGINAL ?= $(firstword $(wildcard /usr/lib/*/libpaho-mqtt3c.so.1 /usr/lib64/libpaho-mqtt3c.so.1 \
    /usr/lib/libpaho-mqtt3c.so.1 /usr/local/lib/libpaho-mqtt3c.so.1))
# The same with TLS, beside it.
ORIGINAL_TLS ?= $(ORIGINAL:libpaho-mqtt3c.so.1=libpaho-mqtt3cs.so.1)
ROUNDS ?= 5
SECONDS ?= 0.5

.PHONY: bench bench-exchanges
bench: setup
	$(MAKE) libraries build/compare
	@test -n "$(ORIGINAL)" || { echo "no Paho C library is installed; name one with ORIGINAL="; exit 1; }
	build/compare "$(ORIGINAL)" $(DIST)/lib/libpaho-mqtt3c.so.1 $(ROUNDS) $(SECONDS)
	$(MAKE) bench-exchanges

bench-exchanges: build/compare $(DIST)/lib/libpaho-mqtt3cs.so
	scripts/bench_exchanges.sh build/compare "$(ORIGINAL_TLS)" $(DIST)/lib/libpaho-mqtt3cs.so.1 $(ROUNDS) $(SECONDS)

# `make bench-event-loop`: a thousand clients in one thread, beside the same with plain sockets.
.PHONY: bench-event-loop
bench-event-loop: build/event_loop_floor build/c_examples/async_event_loop
	scripts/bench_event_loop.sh $^ 1000 40 $(ROUNDS)

build/event_loop_floor: benches/event_loop/floor.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra $< -o $@

build/compare: $(wildcard benches/compare/*.c benches/compare/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -Iinclude $(filter %.c,$^) -o $@ -ldl -lpthread -lssl -lcrypto

# `make size`: bytes of the stripped libraries, beside those of an installed Paho C.
.PHONY: size
size: libraries
	@scripts/sizes.sh '$(STRIP)' $(DIST)/lib $(patsubst %/,%,$(dir $(ORIGINAL)))

# `make bench-history`: adds what messages cost now to docs/cost-history.csv; REASON says why a count may rise.
# `make bench-history-check`: compares it with the last line there. Both need Valgrind; no load of the machine matters.
REASON ?=

.PHONY: bench-history bench-history-check cost-programs
bench-history: libraries
	$(MAKE) cost-programs
	scripts/cost_history.sh append $(DIST)/lib "$(REASON)"

bench-history-check: libraries
	$(MAKE) cost-programs
	scripts/cost_history.sh check $(DIST)/lib

cost-programs: build/cost/turns build/cost/sync build/cost/async

build/cost/turns: benches/cost/turns.c benches/compare/peer.c benches/compare/peer.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra $(filter %.c,$^) -o $@ -lpthread

COST_PROGRAM = $(CC) -std=c11 -O2 -g -Wall -Wextra -Iinclude $(filter %.c,$^) -o $@ -L$(DIST)/lib -lpthread

build/cost/sync: benches/cost/sync.c benches/cost/rows.c benches/cost/rows.h
	@mkdir -p $(@D)
	$(COST_PROGRAM) -lpaho-mqtt3c

build/cost/async: benches/cost/async.c benches/cost/rows.c benches/cost/rows.h
	@mkdir -p $(@D)
	$(COST_PROGRAM) -lpaho-mqtt3a
