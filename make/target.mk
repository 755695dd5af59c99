# `make TARGET=...`, with the name that rustc has for a system: builds for another processor or C library. cargo must have the
# standard library for it. The tools are those whose names begin with $(CROSS), as aarch64-linux-gnu-gcc. OpenSSL for the
# flavours with TLS is where Debian puts it, or where OPENSSL_DIR says; without, FLAVOURS="3c 3a" builds the others.

ifneq ($(TARGET),)
# What Debian calls the processor in the names of its tools.
CROSS ?= $(shell echo $(TARGET) | sed -E 's/-(unknown|pc)-/-/; s/^armv[67][a-z]*/arm/; s/^(riscv64|riscv32)[a-z]*/\1/; \
    s/^i[56]86/i686/; s/^powerpc64le/powerpc64le/')-
# Binutils of its own where it has some: those of this processor do for another C library.
cross_tool = $(if $(shell command -v $(CROSS)$(1)),$(CROSS)$(1),$(1))

ifneq ($(origin CC),command line)
CC := $(CROSS)gcc
endif
LD      = $(call cross_tool,ld)
AR      = $(call cross_tool,ar)
OBJCOPY = $(call cross_tool,objcopy)
STRIP   = $(call cross_tool,strip)

MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
TARGET_IN_NAMES := $(subst -,_,$(TARGET))
export CARGO_BUILD_TARGET := $(TARGET)
export CARGO_TARGET_$(shell echo $(TARGET_IN_NAMES) | tr a-z A-Z)_LINKER := $(CC)
export CC_$(TARGET_IN_NAMES) := $(CC)
ifneq ($(wildcard /usr/lib/$(MULTIARCH)/pkgconfig),)
export PKG_CONFIG_ALLOW_CROSS_$(TARGET_IN_NAMES) := 1
export PKG_CONFIG_LIBDIR_$(TARGET_IN_NAMES) := /usr/lib/$(MULTIARCH)/pkgconfig:/usr/share/pkgconfig
endif
endif
