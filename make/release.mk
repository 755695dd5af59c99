# `make release NEW=0.2.0`: version, changelog, tag, archive and packages of a new version; docs/releasing.md is the
# checklist. `make deny`: licences, sources and known vulnerabilities of the crates, by cargo-deny.

.PHONY: release deny
release:
	@test -n "$(NEW)" || { echo "make release NEW=VERSION"; exit 1; }
	scripts/release.sh "$(NEW)"

deny:
	cargo deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	cargo deny check
