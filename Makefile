# Two commands are all it takes on a fresh Debian or Ubuntu with a Rust toolchain:
#
#   make demo    build, then judge two recorded cases: a duplicated MAC, a live migration
#   make test    run every test
#
# Both install what is missing (tools/setup.sh says what) and need nothing else.

# A toolchain that rustup has just installed is not on the path of a running shell yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

DOPPELMAC = target/release/doppelmac
CASES = testdata

.PHONY: help demo test setup

help:
	@awk '!NF { exit } { sub(/^# ?/, ""); print }' Makefile

demo: setup
	cargo build --release --locked
	@printf '\n$$ doppelmac read %s\n\n' $(CASES)/mac_duplicate/cloned_vm/ports-in.pcapng
	@$(DOPPELMAC) read $(CASES)/mac_duplicate/cloned_vm/ports-in.pcapng
	@printf '\n$$ doppelmac read %s\n\n' $(CASES)/mac_migrated/qemu/ports-in.pcapng
	@$(DOPPELMAC) read $(CASES)/mac_migrated/qemu/ports-in.pcapng

test: setup
	cargo test --locked
	cargo check --locked --no-default-features

setup:
	@sh tools/setup.sh
