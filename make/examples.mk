# The C examples, built against our headers and our libraries in $(DIST): those whose names begin with async_ with the
# asynchronous one, tls_ with TLS (left out where FLAVOURS has no 3cs). sqlite_store only where SQLite is, scram_authentication
# where OpenSSL's headers are. Those of other languages are in examples/; make
# node-modules gets what the one for Node.js needs.

EXAMPLE_FLAGS = -std=c99 -O2 -g -Wall -Wextra -Werror
HAS_OPENSSL := $(shell $(CC) -include openssl/evp.h -E -x c /dev/null >/dev/null 2>&1 && echo yes)
HAS_SQLITE := $(shell $(CC) -include sqlite3.h -E -x c /dev/null >/dev/null 2>&1 && echo yes)
EXAMPLE_SOURCES = $(filter-out $(if $(HAS_SQLITE),,%/sqlite_store.c) $(if $(HAS_OPENSSL),,%/scram_authentication.c) $(if $(filter 3cs,$(FLAVOURS)),,c_examples/tls_%), \
    $(wildcard c_examples/*.c))
EXAMPLES = $(EXAMPLE_SOURCES:c_examples/%.c=build/c_examples/%)

.PHONY: examples
examples: $(EXAMPLES)

# $(call link_example,SOURCE,PROGRAM,LIBRARY)
link_example = $(CC) $(EXAMPLE_FLAGS) -I$(DIST)/include $(1) -o $(2) \
    -L$(DIST)/lib -l$(3) $(4) -lpthread -Wl,-rpath,'$(abspath $(DIST)/lib)'

build/c_examples/async_%: c_examples/async_%.c $(DIST)/lib/libpaho-mqtt3a.so | libraries
	@mkdir -p $(@D)
	$(call link_example,$<,$@,paho-mqtt3a)

build/c_examples/scram_%: c_examples/scram_%.c $(DIST)/lib/libpaho-mqtt3c.so | libraries
	@mkdir -p $(@D)
	$(call link_example,$<,$@,paho-mqtt3c,-lcrypto)

build/c_examples/sqlite_%: c_examples/sqlite_%.c $(DIST)/lib/libpaho-mqtt3c.so | libraries
	@mkdir -p $(@D)
	$(call link_example,$<,$@,paho-mqtt3c,-lsqlite3)

build/c_examples/tls_%: c_examples/tls_%.c $(DIST)/lib/libpaho-mqtt3cs.so | libraries
	@mkdir -p $(@D)
	$(call link_example,$<,$@,paho-mqtt3cs)

build/c_examples/%: c_examples/%.c $(DIST)/lib/libpaho-mqtt3c.so | libraries
	@mkdir -p $(@D)
	$(call link_example,$<,$@,paho-mqtt3c)

.PHONY: node-modules
node-modules:
	npm install --silent --no-audit --no-fund --fetch-retries=0 --prefix build/languages koffi@3
