# `make tools`: the command line tools in $(DIST)/bin, linked with the libraries in $(DIST)/lib.

TOOLS      := paho_c_pub paho_c_sub paho_cs_pub paho_cs_sub MQTTVersion
TOOL_FLAGS ?= -O2 -g
# Where the tools look for the libraries, besides the places where the system does.
TOOL_RPATH ?= $$ORIGIN/../lib
MANDIR     ?= $(PREFIX)/share/man
BINDIR     ?= $(PREFIX)/bin

.PHONY: tools install-tools
tools: $(TOOLS:%=$(DIST)/bin/%)

# $(call tool,PATTERN,LIBRARY,SHARED SOURCE)
define tool
$(DIST)/bin/$(1): tools/$(1).c tools/$(3) tools/options.c tools/common.c $(wildcard tools/*.h) \
    $(DIST)/lib/lib$(2).so $(patsubst include/%,$(DIST)/include/%,$(wildcard include/*.h))
	@mkdir -p $$(@D)
	$$(CC) -std=c99 $(TOOL_FLAGS) -Wall -Wextra -Wpedantic -isystem $$(DIST)/include $$(filter %.c,$$^) -o $$@ \
	  -L$$(DIST)/lib -l$(2) -lpthread -Wl,-rpath,'$$(TOOL_RPATH)'
endef

$(eval $(call tool,paho_c_%,paho-mqtt3as,async.c))
$(eval $(call tool,paho_cs_%,paho-mqtt3cs,sync.c))

# It loads the libraries itself.
$(DIST)/bin/MQTTVersion: tools/MQTTVersion.c
	@mkdir -p $(@D)
	$(CC) -std=c99 $(TOOL_FLAGS) -Wall -Wextra -Wpedantic $< -o $@ -ldl -Wl,-rpath,'$(TOOL_RPATH)'

install-tools: tools
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1
	install -m 755 $(TOOLS:%=$(DIST)/bin/%) $(DESTDIR)$(BINDIR)
	$(STRIP) $(TOOLS:%=$(DESTDIR)$(BINDIR)/%)
	install -m 644 $(TOOLS:%=man/%.1) $(DESTDIR)$(MANDIR)/man1
