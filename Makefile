# The targets:
#
#   make                                  the libraries in dist/lib, the headers in dist/include, the tools in dist/bin
#   make install PREFIX=/usr/local        installs them without debug information, with documents, man pages, and files
#                                         for CMake and pkg-config; DESTDIR= puts a root in front
#   make uninstall                        takes away what the last installations with the same PREFIX have installed
#   make libraries FLAVOURS="3c 3a"       only the libraries, and only some
#   make SIZE=small                       for size instead of speed; make WITHOUT="websocket proxy trace-packets" leaves out
#                                         these or some of them; make size prints how large the libraries are
#   make TARGET=aarch64-unknown-linux-gnu the same for another processor, in dist/TARGET: make/target.mk says with what
#   make check-target TARGET=...          builds and tests there; make check-targets does it for all that are known
#   make docs                             headers and guides as HTML in build/docs/html; make man: man pages
#   make headers                          copies the generated headers to include/
#   make clean
#   make demo                             C examples over a mosquitto of our own
#   make interop                          a program against real brokers, beside an installed Paho C
#   make test                             the whole suite; make lint, make fmt, make bench, make soak

# The target in the environment is that of another build.
ifeq ($(origin TARGET),environment)
TARGET :=
endif
include make/target.mk

CARGO   ?= cargo
CC      ?= cc
LD      ?= ld
AR      ?= ar
OBJCOPY ?= objcopy
STRIP   ?= strip

# Debian's own directory for libraries of this processor, or that of systems with two kinds, where there is one.
LIB_NAME := $(shell name=$$($(CC) -print-multiarch 2>/dev/null); \
    if [ -n "$$name" ] && [ -d "/usr/lib/$$name" ]; then echo "lib/$$name"; \
    elif [ -d /usr/lib64 ] && [ ! -h /usr/lib64 ] && [ -z "$$name" ]; then echo lib64; else echo lib; fi)

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/$(LIB_NAME)
INCLUDEDIR ?= $(PREFIX)/include
BINDIR     ?= $(PREFIX)/bin
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/paho-c-rs
DIST       ?= dist$(TARGET:%=/%)
FLAVOURS   ?= 3c 3cs 3a 3as
SIZE       ?=
WITHOUT    ?=

VERSION    := 1.3.15
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
WORK       := $(TARGET_DIR)$(TARGET:%=/%)/libraries
# What the libraries, tools and man pages are made from.
SOURCES    := Cargo.toml Cargo.lock build.rs build_level.rs \
    $(shell find src cbindgen exports include tools man -type f) scripts/build_archives.sh scripts/man_pages.awk

# What can be left out. All functions are there nevertheless: URIs of WebSockets are refused as unknown, connects through a
# proxy fail, and the log has no lines of packets.
PARTS := websocket proxy trace-packets
ifneq ($(filter-out $(PARTS),$(WITHOUT)),)
$(error WITHOUT: $(filter-out $(PARTS),$(WITHOUT)) cannot be left out, only $(PARTS))
endif

ifeq ($(SIZE),small)
export CARGO_PROFILE_RELEASE_OPT_LEVEL := s
else ifneq ($(SIZE),)
$(error SIZE is small or nothing)
endif

.PHONY: all libraries headers clean FORCE
.DELETE_ON_ERROR:

all: libraries tools man $(DIST)/.settings
	@touch $(DIST)/.complete

# ---- The libraries ---------------------------------------------------------------------------------------------
#
# cargo makes one archive for each set of features. The linker puts what the exported functions need of it into one
# object, in which every other symbol becomes local: so a program can link it beside other Rust libraries. The pointer to
# the personality routine lies in a group; of groups of one name linkers keep the first only, so this one gets a name of
# its own. LLVM's own sections go, for they mislead ar where it has the plugin of an older LLVM. The object is the static
# library, and it is linked to the shared one.

# $(call library,NAME,FEATURES,EXPORTS,LIBRARIES): FEATURES are joined by +, EXPORTS is a list in exports/, LIBRARIES
# is what the shared library needs besides libc. What a program linked with the static one needs is in NAME.needs.
define library
NEEDS_$(1) := $(4)
FEATURES_$(1) := $(2)

$(WORK)/$(1).o: $(WORK)/$(2).a exports/$(3).symbols Makefile scripts/leave_out_backtraces.sh
	$(LD) -r $$(addprefix -u ,$$(shell cat exports/$(3).symbols)) -o $$@ $$<
	$(OBJCOPY) --keep-global-symbols=exports/$(3).symbols --remove-section=.llvmbc --remove-section=.llvmcmd \
	  --redefine-sym DW.ref.rust_eh_personality=DW.ref.$(1)_eh_personality $$@
	CC='$(CC)' OBJCOPY='$(OBJCOPY)' scripts/leave_out_backtraces.sh $$@

$(DIST)/lib/lib$(1).so: $(DIST)/lib/lib$(1).so.$(VERSION)
	ln -sf lib$(1).so.$(VERSION) $$@.1
	ln -sf lib$(1).so.1 $$@

$(DIST)/lib/lib$(1).needs: $(WORK)/$(2).needs | $(DIST)/lib
	cp $$< $$@
endef

$(eval $(call library,paho-mqtt3c,sync-api,sync))
$(eval $(call library,paho-mqtt3cs,sync-api+tls,sync,-lssl -lcrypto))
$(eval $(call library,paho-mqtt3a,async-api,async))
$(eval $(call library,paho-mqtt3as,async-api+tls,async,-lssl -lcrypto))

LIBRARIES := $(FLAVOURS:%=paho-mqtt%)
FEATURES  := $(sort $(foreach library,$(LIBRARIES),$(FEATURES_$(library))))
# Functions that the libraries of both APIs have. A program may be linked with both static ones: it gets the first.
IN_BOTH := $(filter $(shell cat exports/sync.symbols),$(shell cat exports/async.symbols))

libraries: $(foreach library,$(LIBRARIES),$(foreach suffix,so a needs,$(DIST)/lib/lib$(library).$(suffix))) \
           $(patsubst include/%,$(DIST)/include/%,$(wildcard include/*.h))

$(WORK)/cargo: FORCE
	@CARGO='$(CARGO)' CARGO_FLAGS='$(CARGO_FLAGS)' PARTS='$(filter-out $(WITHOUT),$(PARTS))' scripts/build_archives.sh $(TARGET_DIR) $(WORK) $(FEATURES)

$(FEATURES:%=$(WORK)/%.a) $(FEATURES:%=$(WORK)/%.needs): $(WORK)/cargo ;

# Loaded once, the library stays: its threads outlive dlclose(). Its own calls never go to another library that has
# functions of the same names.
$(DIST)/lib/lib%.so.$(VERSION): $(WORK)/%.o | $(DIST)/lib
	$(CC) -shared -static-libgcc -o $@.new $< -Wl,-soname,lib$*.so.1 -Wl,-z,nodelete,-z,defs,-z,relro,-z,now \
	  -Wl,--gc-sections,--exclude-libs,ALL,-Bsymbolic-functions $(NEEDS_$*) $(LDFLAGS)
	mv $@.new $@

$(DIST)/lib/lib%.a: $(WORK)/%.o | $(DIST)/lib
	rm -rf $(WORK)/$*.member $@.new
	mkdir $(WORK)/$*.member
	$(OBJCOPY) $(IN_BOTH:%=--weaken-symbol=%) $< $(WORK)/$*.member/$*.o
	$(AR) rcsD $@.new $(WORK)/$*.member/$*.o
	rm -r $(WORK)/$*.member
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

# ---- Cleaning --------------------------------------------------------------------------------------------------

clean:
	$(CARGO) clean --quiet --target-dir $(TARGET_DIR)
	rm -rf $(DIST) build

# ---- Running things --------------------------------------------------------------------------------------------

include make/tools.mk make/docs.mk make/install.mk make/package.mk make/release.mk make/examples.mk make/demo.mk make/test.mk make/bench.mk \
    make/interop.mk
