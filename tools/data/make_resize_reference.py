#!/usr/bin/env python3
"""Writes tests/data/resize_pillow.bin: images resized and cropped by Pillow, the oracle of
tests/data/test_resize.c, which draws the same input images from the same formula.

    python3 -m venv venv && venv/bin/pip install pillow
    venv/bin/python tools/data/make_resize_reference.py tests/data/resize_pillow.bin

Format, for each case: width, height, size as little-endian uint32, then size*size*3 bytes.
"""
import struct
import sys

from PIL import Image

# enlarged, reduced, both sides odd, one axis untouched, extreme shapes
CASES = [(1, 1, 8), (3, 2, 16), (7, 31, 16), (16, 40, 16), (61, 16, 16), (50, 37, 24),
         (97, 101, 16), (33, 32, 32), (300, 17, 8), (2, 211, 8), (640, 480, 32)]


def pixel(x, y, c):
    """Half a gradient, half noise: errors of position and of weight both show."""
    noise = ((x * 73856093 ^ y * 19349663 ^ c * 83492791) * 2654435761 & 0xFFFFFFFF) >> 24
    return ((x * 3 + y * 5 + c * 40) % 256 + noise) // 2


def picture(width, height):
    return Image.frombytes("RGB", (width, height), bytes(
        pixel(x, y, c) for y in range(height) for x in range(width) for c in range(3)))


def resize_crop(image, size):
    short = min(image.size)
    wide, high = (side * size // short for side in image.size)
    resized = image.resize((wide, high), Image.Resampling.BILINEAR)
    left, top = (wide - size) // 2, (high - size) // 2
    return resized.crop((left, top, left + size, top + size))


def main(path):
    with open(path, "wb") as file:
        for width, height, size in CASES:
            file.write(struct.pack("<3I", width, height, size))
            file.write(resize_crop(picture(width, height), size).tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
