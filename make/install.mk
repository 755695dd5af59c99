# `make install`, `make uninstall`: take the same PREFIX, LIBDIR and so on, and DESTDIR. Nothing is built where $(DIST) is
# complete and newer than the sources, so that root needs neither cargo nor the settings of whoever has built.

.PHONY: install uninstall
install: $(DIST)/.complete
	$(INSTALL_SETTINGS) scripts/install.sh install

uninstall:
	$(INSTALL_SETTINGS) scripts/install.sh uninstall

INSTALL_SETTINGS = DIST='$(DIST)' VERSION='$(VERSION)' LIBRARIES='$(LIBRARIES)' TOOLS='$(TOOLS)' STRIP='$(STRIP)' \
    DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' INCLUDEDIR='$(INCLUDEDIR)' BINDIR='$(BINDIR)' \
    MANDIR='$(MANDIR)' DOCDIR='$(DOCDIR)'

$(DIST)/.complete: $(SOURCES) $(DIST)/.settings
	@command -v $(CARGO) >/dev/null || { echo "install: $(DIST) is not complete or older than the sources, and cargo is" \
	  "not in PATH: first run \`make\`, with the same settings, as a user who has cargo" >&2; exit 1; }
	$(MAKE) all

# What else decides what is in $(DIST).
$(DIST)/.settings: FORCE
	@mkdir -p $(DIST)
	@echo '$(LIBRARIES) $(TOOL_RPATH) $(SIZE) $(WITHOUT)' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# `make reproducible`: builds in two directories of different names, and compares. FLAVOURS=3c for one library only.
.PHONY: reproducible
reproducible:
	scripts/reproducible.sh $(FLAVOURS)
