#!/usr/bin/env bash
# lmdb-1-format.sh - py-lmdb 3.0.0 of PyPI, which carries LMDB 0.9.36 and 1.0
#
# LMDB 1.0 (lib_version=1) writes data format 3, which no reader of 0.9's format 1 opens, and which
# is not 0.9's with a wider header only. A reader that widens the page header from 16 to 24 bytes,
# so that the magic number is at byte 24, and counts places in a page from the header's end reads
# every record whose key has an even length. Behind a key of odd length the value begins one byte
# later: 1.0 pads the key, which its length does not tell; 0.9 puts the value right behind the key.
# A value with pages of its own is named by 24 bytes (page, transaction, pages), not by 8.
#
# Seen:
#   lib_version 0: magic at byte 16, format 1; 'VALUE' begins 0 bytes behind key 'abc', 0 behind 'abcd'
#   lib_version 1: magic at byte 24, format 3; 'VALUE' begins 1 bytes behind key 'abc', 0 behind 'abcd'
#   LMDB 0.9 opens what 1.0 wrote: InvalidError: MDB_INVALID: File is not an LMDB file
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install lmdb==3.0.0
"$work/venv/bin/python" - "$work" <<'PYTHON'
import struct
import sys

import lmdb

seen = []
for version in 0, 1:
    folder = f"{sys.argv[1]}/db{version}"
    with lmdb.open(folder, map_size=1 << 20, lib_version=version) as env:
        with env.begin(write=True) as transaction:
            transaction.put(b"abc", b"VALUE")
            transaction.put(b"abcd", b"VALUE")
    data = open(f"{folder}/data.mdb", "rb").read()
    at = data.index(struct.pack("<I", 0xBEEFC0DE))
    form = struct.unpack_from("<I", data, at + 4)[0]
    gaps = []
    for key in b"abc", b"abcd":
        start = data.index(struct.pack("<H", len(key)) + key) + 2 + len(key)
        gaps.append(data.index(b"VALUE", start) - start)
    print(f"lib_version {version}: magic at byte {at}, format {form}; 'VALUE' begins {gaps[0]} "
          f"bytes behind key 'abc', {gaps[1]} behind 'abcd'")
    seen.append((at, form, *gaps))
try:
    lmdb.open(f"{sys.argv[1]}/db1", readonly=True, lock=False, lib_version=0)
    refused = False
except lmdb.Error as error:
    print(f"LMDB 0.9 opens what 1.0 wrote: {type(error).__name__}: {error}")
    refused = True
sys.exit(seen != [(16, 1, 0, 0), (24, 3, 1, 0)] or not refused)
PYTHON
