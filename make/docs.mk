# `make docs`: the headers and guides as HTML in build/docs/html; a warning of Doxygen or a dead link fails it. `make man`: a
# man page for each function in $(DIST)/man; install installs them, too.

MAN_PAGES := $(DIST)/man/man3

.PHONY: docs man
docs:
	scripts/docs_setup.sh
	rm -rf build/docs
	mkdir -p build/docs
	doxygen docs/Doxyfile 2>build/docs/warnings
	@cat build/docs/warnings; test ! -s build/docs/warnings
	cp -R c_examples examples build/docs/html/
	cd build/docs/html && find . -type f | awk -f $(abspath scripts)/check_links.awk - *.html

man: $(MAN_PAGES)/libpaho-mqtt.3

# The page about the library is the last one, and has the date of all.
$(MAN_PAGES)/libpaho-mqtt.3: $(wildcard include/*.h) man/libpaho-mqtt.3 scripts/man_pages.awk
	rm -rf $(MAN_PAGES)
	mkdir -p $(MAN_PAGES)
	awk -v directory=$(MAN_PAGES) -v version=$(VERSION) -f scripts/man_pages.awk $(wildcard include/*.h)
	cp man/libpaho-mqtt.3 $@
