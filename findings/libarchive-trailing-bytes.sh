#!/usr/bin/env bash
# libarchive's compression filters disagree about what follows a compressed stream.
#
# Debian 12: libarchive-tools and libarchive13 3.6.2-1+deb12u5 (bsdtar), with gzip, bzip2, xz and
# zstd of the system.
#
# A compressed tar with an uncompressed one joined to its end by `cat`: the gzip and bzip2 filters
# stop where another kind of bytes begins, say nothing, and bsdtar exits 0: the second tar is lost,
# even with --ignore-zeros, which is there to read joined tars. The xz and zstd filters refuse the
# same file. gzip(1) itself warns: "trailing garbage ignored", exit code 2. So a reader that must
# not lose members compares archive_filter_bytes(a, -1), the compressed bytes that were used, with
# the file's size.
#
# Seen:
#     gzip   exit 0, 1 member
#     bzip2  exit 0, 1 member
#     xz     exit 1, 0 members
#     zstd   exit 1, 0 members
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=3.6.2-1+deb12u5
apt-get download -q "libarchive-tools=$version" "libarchive13=$version" >apt.log 2>&1 ||
    { cat apt.log >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
library=$(dirname "$(find root -name 'libarchive.so.13' | head -1)")

printf one >first; printf two >second
tar cf a.tar first; tar cf b.tar second
seen=
for filter in gzip bzip2 xz zstd; do
    "$filter" -c a.tar >joined.tar
    cat b.tar >>joined.tar
    code=0
    LD_LIBRARY_PATH=$library root/usr/bin/bsdtar --ignore-zeros -tf joined.tar \
        >members 2>errors || code=$?
    line=$(printf '%-6s exit %d, %d member(s)' "$filter" "$code" "$(wc -l <members)")
    printf '%s  %s\n' "$line" "$(head -1 errors)"
    seen+="$line;"
done
want='gzip   exit 0, 1 member(s);bzip2  exit 0, 1 member(s);'
want+='xz     exit 1, 0 member(s);zstd   exit 1, 0 member(s);'
[ "$seen" = "$want" ] || { echo "this has changed" >&2; exit 1; }
