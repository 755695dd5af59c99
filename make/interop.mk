# `make interop`: the programs of tests/interop against real brokers, on an installed Paho C and on ours; writes
# docs/interop.md. `make interop BROKERS="mosquitto aedes"` writes only those columns, to build/interop/interop.md.

INTEROP_ORIGINAL ?= $(dir $(firstword $(wildcard /usr/lib/*/libpaho-mqtt3as.so.1 /usr/lib64/libpaho-mqtt3as.so.1 \
    /usr/local/lib/libpaho-mqtt3as.so.1)))
INTEROP_TABLE := $(if $(BROKERS),build/interop/interop.md,docs/interop.md)
INTEROP_FLAGS := -std=c11 -D_DEFAULT_SOURCE -O2 -g -Wall -Wextra -Werror
INTEROP_COMMON := $(filter-out %/peer_client.c %/peer_async.c,$(wildcard tests/interop/*.c))

.PHONY: interop
interop: setup
	scripts/interop_setup.sh
	$(MAKE) build/interop/interop_client build/interop/interop_async
	@test -n "$(INTEROP_ORIGINAL)" || { echo "no Paho C library is installed; name its directory: INTEROP_ORIGINAL="; exit 1; }
	scripts/interop.sh "$(INTEROP_ORIGINAL)" $(DIST)/lib $(INTEROP_TABLE) $(BROKERS)

# `make cluster`: three RabbitMQ nodes, clients on all of them, and one node killed; ends with an error when a message is lost.
.PHONY: cluster
cluster: setup build/c_examples/async_cluster
	scripts/interop_setup.sh
	scripts/cluster.sh build/c_examples/async_cluster

# $(call link_interop,API,LIBRARY)
define link_interop
build/interop/interop_$(1): tests/interop/peer_$(1).c $(INTEROP_COMMON) $(wildcard tests/interop/*.h) | libraries
	@mkdir -p $$(@D)
	$$(CC) $(INTEROP_FLAGS) -I$$(DIST)/include $$(filter %.c,$$^) -o $$@ -L$$(DIST)/lib -l$(2) -lpthread
endef

$(eval $(call link_interop,client,paho-mqtt3cs))
$(eval $(call link_interop,async,paho-mqtt3as))
