#!/bin/sh
# Installs what a build needs beyond the Rust toolchain: a C compiler (zstd is built from source)
# and libpcap with its headers (live capture). Says what it is about to do, and says nothing when
# nothing is missing. Debian, Ubuntu and what descends from them.
set -eu

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# Linking a program is the one test that covers a compiler, its C library and what -l names.
links() {
    dir=$(mktemp -d)
    printf '%s\n' "$1" 'int main(void) { return 0; }' > "$dir/probe.c"
    status=0
    shift
    cc -o "$dir/probe" "$dir/probe.c" "$@" 2> /dev/null || status=1
    rm -rf "$dir"
    return $status
}

command -v cargo > /dev/null ||
    stop 'no cargo found: install a Rust toolchain first, see https://rustup.rs'

missing=
links '#include <stdlib.h>' || missing='gcc libc6-dev'
links '#include <pcap/pcap.h>' -lpcap || missing="$missing libpcap-dev"
missing=${missing# }
[ -n "$missing" ] || exit 0

command -v apt-get > /dev/null ||
    stop "missing: $missing. This is no Debian or Ubuntu; install what your system calls them, then try again"

if [ "$(id -u)" -eq 0 ]; then
    as_root() { "$@"; }
elif command -v sudo > /dev/null; then
    as_root() { sudo "$@"; }
else
    stop "missing: $missing. Neither root nor sudo here; as root run: apt-get install $missing"
fi

install() {
    # shellcheck disable=SC2086 # a list of packages
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --quiet --quiet --yes --no-install-recommends $missing > /dev/null
}

say "installing with apt-get: $missing"
# Package lists may be absent or stale: fetch them only when the first attempt fails.
if ! install 2> /dev/null; then
    say 'fetching package lists first'
    as_root apt-get update --quiet --quiet
    install
fi
links '#include <pcap/pcap.h>' -lpcap || stop "installed $missing, but a program with libpcap still does not link"
