"""Prints key, label, encoded, shape, bytes of data and their CRC of every record of an LMDB, with the
fields taken apart by hand; for tests/cli/cmd/test_pack.c, which runs it where python3-lmdb is."""
import sys
import zlib

import lmdb


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(record):
    at, found = 0, {}
    while at < len(record):
        tag, at = varint(record, at)
        value, at = varint(record, at)
        if tag & 7 == 2:
            value, at = record[at:at + value], at + value
        found[tag >> 3] = value
    return found


with lmdb.open(sys.argv[1], readonly=True, lock=False) as env, env.begin() as transaction:
    for key, record in transaction.cursor():
        f = fields(record)
        print(key.decode(), f[5], f[7], f"{f[1]}x{f[2]}x{f[3]}", len(f[4]), zlib.crc32(f[4]))
