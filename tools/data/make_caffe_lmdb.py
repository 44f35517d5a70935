#!/usr/bin/env python3
"""Writes tests/data/caffe-lmdb/data.mdb: Datum records of every kind, encoded by hand and stored by
PyPI's lmdb, for tests/data/test_lmdb.c, which knows the pixels by the same formula.

    python3 -m venv venv && venv/bin/pip install lmdb pillow
    venv/bin/python tools/data/make_caffe_lmdb.py tests/data/caffe-lmdb

With lmdb 3.0 or later, `1` behind the folder (tests/data/caffe-lmdb1) writes the format of LMDB
1.0, and then more records: a tree with a branch, and values with pages of their own.
"""
import io
import os
import struct
import sys

import lmdb
from PIL import Image

WIDTH, HEIGHT = 5, 4


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def shape(channels):
    return number(1, channels) + number(2, HEIGHT) + number(3, WIDTH)


def pixel(record, x, y, c):
    """Red, green and blue are c = 0, 1, 2."""
    return 40 * c + 7 * x + 3 * y + 11 * record


def planes(record, channels):
    """Blue first, as OpenCV has it."""
    order = [2, 1, 0] if channels == 3 else [0]
    return bytes(pixel(record, x, y, c) for c in order for y in range(HEIGHT)
                 for x in range(WIDTH))


def png(record):
    file = io.BytesIO()
    Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(
        pixel(record, x, y, c) for y in range(HEIGHT) for x in range(WIDTH)
        for c in range(3))).save(file, "PNG")
    return file.getvalue()


RECORDS = [
    ("cat/encoded.png", block(4, png(0)) + number(5, 2) + number(7, 1)),
    ("cat/raw", shape(3) + block(4, planes(1, 3)) + number(5, 0) + number(7, 0)),
    ("dog/gray", shape(1) + block(4, planes(2, 1)) + number(5, 1)),
    ("dog/floats", shape(3) + b"".join(
        varint(6 << 3 | 5) + struct.pack("<f", v) for v in planes(3, 3)) + number(5, 3)),
    ("dog/packed floats", block(6, struct.pack("<60f", *planes(4, 3))) + shape(3) + number(5, 1)),
    ("dog/unknown fields", number(99, 1) + block(100, b"x" * 300) + varint(101 << 3 | 1) +
     bytes(8) + varint(102 << 3 | 5) + bytes(4) + shape(3) + block(4, planes(5, 3)) + number(5, 2)),
    ("dog/negative label", shape(3) + block(4, planes(6, 3)) + number(5, -1)),
    ("dog/short", shape(3) + block(4, planes(7, 3)[:-1]) + number(5, 1)),
    ("dog/cut", (shape(3) + number(5, 1) + block(4, planes(8, 3)))[:-1]),
    ("dog/no image", block(4, b"GIF89a") + number(5, 1) + number(7, 1)),
]


def more_records():
    """What is not pixels in them lies in a field that readers skip."""
    for i in range(len(RECORDS), len(RECORDS) + 40):
        yield "x" * 190, (block(100, bytes(3000 + i) if i % 20 == 0 else b"") + shape(3) +
                          block(4, planes(i % 9, 3)) + number(5, i % 4))


def main(folder, version="0"):
    options = {"lib_version": 1} if version == "1" else {}
    records = RECORDS + (list(more_records()) if version == "1" else [])
    with lmdb.open(folder, map_size=1 << 20, **options) as env:
        with env.begin(write=True) as transaction:
            for i, (name, record) in enumerate(records):
                transaction.put(f"{i:08d}_{name}".encode(), record)
    os.remove(os.path.join(folder, "lock.mdb"))


if __name__ == "__main__":
    main(*sys.argv[1:])
