#!/usr/bin/env python3
"""Writes tests/data/square_pillow.bin: pixels of ImageNet files as Pillow makes them 256 x 256, the
oracle of tests/data/test_square.c.

    python3 -m venv venv && venv/bin/pip install pillow
    venv/bin/python tools/data/make_square_reference.py imagenet-sample-500.tar tests/data/square_pillow.bin

For image i of the tar's files sorted by name, k = 0..7: R, G, B at row (37 i + 91 k) % 256,
column (53 i + 29 k) % 256.
"""
import sys
import tarfile

from PIL import Image, ImageOps

SIZE = 256


def square(file):
    image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
    short = min(image.size)
    wide, high = (side * SIZE // short for side in image.size)
    left, top = (wide - SIZE) // 2, (high - SIZE) // 2
    resized = image.resize((wide, high), Image.Resampling.BILINEAR)
    return resized.crop((left, top, left + SIZE, top + SIZE))


def main(tar_path, out_path):
    with tarfile.open(tar_path) as tar, open(out_path, "wb") as out:
        members = sorted((m for m in tar if m.isfile()), key=lambda m: m.name)
        for i, member in enumerate(members):
            image = square(tar.extractfile(member))
            for k in range(8):
                out.write(bytes(image.getpixel(((53 * i + 29 * k) % SIZE,
                                                (37 * i + 91 * k) % SIZE))))


if __name__ == "__main__":
    main(*sys.argv[1:])
