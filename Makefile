# The targets:
#
#   make                                  the libraries in dist/lib, the headers in dist/include
#   make install PREFIX=/usr/local        installs them without debug information, and the CMake package;
#                                         DESTDIR= puts a root in front
#   make tools                            the command line tools in dist/bin; install installs them, too
#   make docs                             headers and guides as HTML in build/docs/html; make man: man pages
#   make headers                          copies the generated headers to include/
#   make clean
#   make demo                             C examples over a mosquitto of our own
#   make interop                          a program against real brokers, beside an installed Paho C
#   make test                             the whole suite; make lint, make fmt, make bench, make soak

CARGO   ?= cargo
CC      ?= cc
LD      ?= ld
AR      ?= ar
OBJCOPY ?= objcopy
STRIP   ?= strip

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DIST       ?= dist

VERSION    := 1.3.15
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
WORK       := $(TARGET_DIR)/libraries

.PHONY: all libraries headers install clean FORCE
.DELETE_ON_ERROR:

all: libraries

# ---- The libraries ---------------------------------------------------------------------------------------------
#
# cargo makes one archive for each set of features. The linker puts what the exported functions need of it into one
# object, in which every other symbol becomes local: so a program can link it beside other Rust libraries. The pointer to
# the personality routine lies in a group; of groups of one name linkers keep the first only, so this one gets a name of
# its own. LLVM's own sections go, for they mislead ar where it has the plugin of an older LLVM. The object is the static
# library, and it is linked to the shared one.

# $(call library,NAME,FEATURES,EXPORTS,LIBRARIES): FEATURES are joined by +, EXPORTS is a list in exports/, LIBRARIES
# is what the shared library needs besides libc.
define library
LIBRARIES += $(1)
FEATURES  += $(2)
NEEDS_$(1) := $(4)

$(WORK)/$(1).o: $(WORK)/$(2).a exports/$(3).symbols Makefile
	$(LD) -r $$(addprefix -u ,$$(shell cat exports/$(3).symbols)) -o $$@ $$<
	$(OBJCOPY) --keep-global-symbols=exports/$(3).symbols --remove-section=.llvmbc --remove-section=.llvmcmd \
	  --redefine-sym DW.ref.rust_eh_personality=DW.ref.$(1)_eh_personality $$@

$(DIST)/lib/lib$(1).so: $(DIST)/lib/lib$(1).so.$(VERSION)
	ln -sf lib$(1).so.$(VERSION) $$@.1
	ln -sf lib$(1).so.1 $$@
endef

$(eval $(call library,paho-mqtt3c,sync-api,sync))
$(eval $(call library,paho-mqtt3cs,sync-api+tls,sync,-lssl -lcrypto))
$(eval $(call library,paho-mqtt3a,async-api,async))
$(eval $(call library,paho-mqtt3as,async-api+tls,async,-lssl -lcrypto))

FEATURES := $(sort $(FEATURES))

libraries: $(foreach library,$(LIBRARIES),$(DIST)/lib/lib$(library).so $(DIST)/lib/lib$(library).a) \
           $(patsubst include/%,$(DIST)/include/%,$(wildcard include/*.h))

# One after the other, because each run of cargo writes the same file; copied only when it has changed.
$(WORK)/cargo: FORCE
	@mkdir -p $(WORK)
	@set -e; for features in $(FEATURES); do \
	  $(CARGO) rustc --quiet --release --lib --target-dir $(TARGET_DIR) --crate-type staticlib \
	    --no-default-features --features "$$(echo $$features | tr + ,)"; \
	  cmp -s $(TARGET_DIR)/release/libpaho_c_rs.a $(WORK)/$$features.a \
	    || cp $(TARGET_DIR)/release/libpaho_c_rs.a $(WORK)/$$features.a; \
	done

$(FEATURES:%=$(WORK)/%.a): $(WORK)/cargo ;

# Loaded once, the library stays: its threads outlive dlclose(). Its own calls never go to another library that has
# functions of the same names.
$(DIST)/lib/lib%.so.$(VERSION): $(WORK)/%.o | $(DIST)/lib
	$(CC) -shared -static-libgcc -o $@.new $< -Wl,-soname,lib$*.so.1 -Wl,-z,nodelete,-z,defs,-z,relro,-z,now \
	  -Wl,--gc-sections,--exclude-libs,ALL,-Bsymbolic-functions $(NEEDS_$*)
	mv $@.new $@

$(DIST)/lib/lib%.a: $(WORK)/%.o | $(DIST)/lib
	rm -f $@.new
	$(AR) rcs $@.new $<
	mv $@.new $@

$(DIST)/include/%.h: include/%.h | $(DIST)/include
	cp $< $@

$(DIST)/lib $(DIST)/include:
	mkdir -p $@

# ---- The headers -----------------------------------------------------------------------------------------------

# cargo reports where the build script has written them.
headers:
	out=$$($(CARGO) check --quiet --lib --message-format=json \
	  | sed -n '/build-script-executed.*paho-c-rs/s/.*"out_dir":"\([^"]*\)".*/\1/p'); \
	cp "$$out"/include/*.h include/

# ---- Installing ------------------------------------------------------------------------------------------------

CMAKE_PACKAGE := eclipse-paho-mqtt-c
CMAKE_DIR     := $(LIBDIR)/cmake/$(CMAKE_PACKAGE)

install: libraries install-tools
	install -d $(DESTDIR)$(LIBDIR) $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(CMAKE_DIR)
	install -m 644 $(DIST)/include/*.h $(DESTDIR)$(INCLUDEDIR)
	set -e; for library in $(LIBRARIES); do \
	  install -m 644 $(DIST)/lib/lib$$library.a $(DIST)/lib/lib$$library.so.$(VERSION) $(DESTDIR)$(LIBDIR); \
	  $(STRIP) --strip-debug $(DESTDIR)$(LIBDIR)/lib$$library.a $(DESTDIR)$(LIBDIR)/lib$$library.so.$(VERSION); \
	  ln -sf lib$$library.so.$(VERSION) $(DESTDIR)$(LIBDIR)/lib$$library.so.1; \
	  ln -sf lib$$library.so.1 $(DESTDIR)$(LIBDIR)/lib$$library.so; \
	done
	set -e; for file in Config Config-release ConfigVersion; do \
	  sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@LIBRARIES@|$(LIBRARIES)|g' \
	    -e "s|@INCLUDEDIR@|$$(realpath -m --relative-to=$(CMAKE_DIR) $(INCLUDEDIR))|g" \
	    cmake/$(CMAKE_PACKAGE)$$file.cmake.in > $(DESTDIR)$(CMAKE_DIR)/$(CMAKE_PACKAGE)$$file.cmake; \
	done

clean:
	$(CARGO) clean --quiet --target-dir $(TARGET_DIR)
	rm -rf $(DIST) build

# ---- Running things --------------------------------------------------------------------------------------------

include make/tools.mk make/docs.mk make/release.mk make/examples.mk make/demo.mk make/test.mk make/bench.mk make/interop.mk
