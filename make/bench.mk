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

build/compare: $(wildcard benches/compare/*.c benches/compare/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -Iinclude $(filter %.c,$^) -o $@ -ldl -lpthread -lssl -lcrypto
