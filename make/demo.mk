# `make demo`: everything from nothing to messages on the screen.

.PHONY: demo
demo:
	scripts/setup.sh demo
	$(MAKE) examples FLAVOURS="3c 3a"
	scripts/demo.sh build/c_examples
