# `make tools`: the command line tools in $(DIST)/bin, linked with the libraries in $(DIST)/lib.

TOOLS      := $(if $(filter 3as,$(FLAVOURS)),paho_c_pub paho_c_sub) \
    $(if $(filter 3cs,$(FLAVOURS)),paho_cs_pub paho_cs_sub) MQTTVersion
TOOL_FLAGS ?= -O2 -g
# Where the tools look for the libraries, besides the places where the system does: as installed, and in $(DIST).
TOOL_RPATH ?= $$ORIGIN/$(shell scripts/relative_path.sh $(BINDIR) $(LIBDIR)):$$ORIGIN/../lib
TOOL_LINK  = $(if $(TOOL_RPATH),-Wl$(comma)-rpath$(comma)'$(TOOL_RPATH)') $(LDFLAGS)
comma      := ,

.PHONY: tools
tools: $(TOOLS:%=$(DIST)/bin/%)

# $(call tool,PATTERN,LIBRARY,SHARED SOURCE)
define tool
$(DIST)/bin/$(1): tools/$(1).c tools/$(3) tools/options.c tools/common.c $(wildcard tools/*.h) \
    $(DIST)/lib/lib$(2).so $(DIST)/.settings $(patsubst include/%,$(DIST)/include/%,$(wildcard include/*.h))
	@mkdir -p $$(@D)
	$$(CC) -std=c99 $(TOOL_FLAGS) -Wall -Wextra -Wpedantic -isystem $$(DIST)/include $$(filter %.c,$$^) -o $$@.new \
	  -L$$(DIST)/lib -l$(2) -lpthread $$(TOOL_LINK)
	mv $$@.new $$@
endef

$(eval $(call tool,paho_c_%,paho-mqtt3as,async.c))
$(eval $(call tool,paho_cs_%,paho-mqtt3cs,sync.c))

# It loads the libraries itself.
$(DIST)/bin/MQTTVersion: tools/MQTTVersion.c $(DIST)/.settings
	@mkdir -p $(@D)
	$(CC) -std=c99 $(TOOL_FLAGS) -Wall -Wextra -Wpedantic $< -o $@.new -ldl $(TOOL_LINK)
	mv $@.new $@
