# The C examples, built against our headers and our library in $(DIST).

EXAMPLE_FLAGS = -std=c99 -O2 -g -Wall -Wextra -Werror
EXAMPLE_SOURCES = $(wildcard c_examples/*.c)
EXAMPLES = $(EXAMPLE_SOURCES:c_examples/%.c=build/c_examples/%)

.PHONY: examples
examples: $(EXAMPLES)

build/c_examples/%: c_examples/%.c $(DIST)/lib/libpaho-mqtt3c.so | libraries
	@mkdir -p $(@D)
	$(CC) $(EXAMPLE_FLAGS) -I$(DIST)/include $< -o $@ \
	    -L$(DIST)/lib -lpaho-mqtt3c -lpthread -Wl,-rpath,'$(abspath $(DIST)/lib)'
