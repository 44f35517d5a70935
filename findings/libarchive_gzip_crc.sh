#!/usr/bin/env bash
# libarchive's gzip filter does not compare a stream with its checksum.
#
# Debian 12: libarchive-tools and libarchive13 3.6.2-1+deb12u5 (bsdtar), with tar and gzip of the
# system.
#
# The last eight bytes of a gzip stream are the CRC-32 and the length of what it unpacks to. bsdtar
# unpacks a .tar.gz whose CRC-32 is another without a word and exits 0, where gzip -t says "crc
# error". xz's and zstd's checks are made by their libraries, so that the same flip of a bit in such
# a tar is an error. For images this matters: a JPEG has no checksum of its own.
#
# Seen:
#     gzip -t  exit 1
#     bsdtar   exit 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=3.6.2-1+deb12u5
apt-get download -q "libarchive-tools=$version" "libarchive13=$version" >apt.log 2>&1 ||
    { cat apt.log >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
library=$(dirname "$(find root -name 'libarchive.so.13' | head -1)")

echo text >member
tar czf whole.tar.gz member
size=$(stat -c %s whole.tar.gz)
byte=$(tail -c 8 whole.tar.gz | head -c 1 | od -An -tu1)
{ head -c $((size - 8)) whole.tar.gz
  printf "\\x$(printf %02x $((byte ^ 255)))"
  tail -c 7 whole.tar.gz; } >flipped.tar.gz

gzip_code=0 bsdtar_code=0
gzip -t flipped.tar.gz 2>/dev/null || gzip_code=$?
LD_LIBRARY_PATH=$library root/usr/bin/bsdtar -tf flipped.tar.gz >/dev/null || bsdtar_code=$?
printf 'gzip -t  exit %d\nbsdtar   exit %d\n' "$gzip_code" "$bsdtar_code"
[ "$gzip_code" = 1 ] && [ "$bsdtar_code" = 0 ] || { echo "this has changed" >&2; exit 1; }
