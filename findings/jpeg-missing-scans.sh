#!/usr/bin/env bash
# jpeg-missing-scans.sh - Pillow 13.0.0 and opencv-python-headless 5.0.0.93 of PyPI (libjpeg-turbo 3)
#
# A progressive JPEG is valid with any number of its scans: a server may send the first ones alone,
# with an end of image behind them. libjpeg decodes what is there and gives no warning, as its
# warning of a premature end is about bits that the entropy decoder wants and does not find. So "no
# warning" does not mean that the pixels are those of the whole picture. What tells is
# jpeg_decompress_struct.coef_bits: a coefficient that is not 0 there did not come in full. (Some
# encoders leave out the finest bits on purpose, so that it proves a cut file only where the end of
# image is missing too, or the first scan of a component.)
#
# Seen (9 of 10 scans; 1 of 10):
#   scans left  9 of 10: Pillow reads it, mean error  7.5 of 255; OpenCV reads it
#   scans left  1 of 10: Pillow reads it, mean error 43.1 of 255; OpenCV reads it
#   warnings: none
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install pillow==13.0.0 opencv-python-headless==5.0.0.93 numpy
"$work/venv/bin/python" - 2>"$work/warnings" <<'PYTHON' || failed=1
import io
import sys

import cv2
import numpy as np
from PIL import Image

picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
file = io.BytesIO()
Image.fromarray(picture).save(file, "JPEG", progressive=True, quality=90)
whole = file.getvalue()
want = np.asarray(Image.open(io.BytesIO(whole)), dtype=int)
scans = [i for i in range(len(whole) - 1) if whole[i:i + 2] == b"\xff\xda"]
changed = False
for left in len(scans) - 1, 1:
    tables = whole.rindex(b"\xff\xc4", 0, scans[left])  # those of the first scan that goes
    cut = whole[:tables] + b"\xff\xd9"
    got = np.asarray(Image.open(io.BytesIO(cut)), dtype=int)
    other = cv2.imdecode(np.frombuffer(cut, np.uint8), cv2.IMREAD_COLOR)
    error = np.abs(got - want).mean()
    changed |= error < 1 or other is None
    print(f"scans left {left:2} of {len(scans)}: Pillow reads it, mean error {error:4.1f} of 255; "
          f"OpenCV {'reads it' if other is not None else 'refuses it'}")
sys.exit(changed)
PYTHON
echo "warnings: $(cat "$work/warnings" | grep . || echo none)"
[ -z "${failed:-}" ] && [ ! -s "$work/warnings" ]
