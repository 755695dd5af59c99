# `make source`: the source archive with all crates in build/release. `make deb`: Debian packages from it, in build/deb.
# `make copyright` renews debian/copyright after a change of Cargo.lock. `make check-packages` builds, checks, installs and
# removes the packages in fresh Debian systems; SUITES names them.

PACKAGE_VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
SOURCE_ARCHIVE  = build/release/paho-c-rs-$(PACKAGE_VERSION)-vendored.tar.gz
SUITES         ?= bookworm trixie

.PHONY: source deb copyright check-packages
source:
	CARGO='$(CARGO)' scripts/source_archive.sh build/release

deb: source
	rm -rf build/deb
	scripts/deb.sh $(SOURCE_ARCHIVE) build/deb

copyright:
	@mkdir -p build
	CARGO='$(CARGO)' scripts/copyright.sh >build/copyright.new
	mv build/copyright.new debian/copyright

check-packages: source
	scripts/check_packages.sh $(SOURCE_ARCHIVE) $(SUITES)
