# `make demo`: everything from nothing to messages on the screen.

.PHONY: demo
demo: setup
	$(MAKE) examples
	scripts/demo.sh build/c_examples
