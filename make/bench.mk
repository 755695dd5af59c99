# `make bench`: our library against an installed Paho C, the same work by both in turns.
#   make bench ORIGINAL=/path/to/libpaho-mqtt3c.so.1 ROUNDS=9 SECONDS=1

ORIGINAL ?= $(firstword $(wildcard /usr/lib/*/libpaho-mqtt3c.so.1 /usr/lib64/libpaho-mqtt3c.so.1 \
    /usr/lib/libpaho-mqtt3c.so.1 /usr/local/lib/libpaho-mqtt3c.so.1))
ROUNDS ?= 5
SECONDS ?= 0.5

.PHONY: bench
bench: setup
	$(MAKE) libraries build/compare
	@test -n "$(ORIGINAL)" || { echo "no Paho C library is installed; name one with ORIGINAL="; exit 1; }
	build/compare "$(ORIGINAL)" $(DIST)/lib/libpaho-mqtt3c.so.1 $(ROUNDS) $(SECONDS)

build/compare: $(wildcard benches/compare/*.c benches/compare/*.h) | libraries
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -Wall -Wextra -I$(DIST)/include $(filter %.c,$^) -o $@ -ldl -lpthread
