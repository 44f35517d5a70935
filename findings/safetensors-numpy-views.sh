#!/usr/bin/env bash
# safetensors 0.8.0: safetensors.numpy.save_file takes the memory below a view, not its numbers
#
# Packages: PyPI safetensors 0.7.0 and 0.8.0, numpy 2.2.6 (Python 3.9 or later).
# Behaviour: up to 0.7.0 save_file wrote every array in C order, whatever its strides. 0.8.0 hands
#   over the array's address and nbytes instead (documented: "need to be contiguous and dense").
#   A transpose, a slice with a step or a Fortran array is written with the shape of the view and
#   the bytes below it in their own order: other numbers, no error, and the file is valid. The
#   same line of code has therefore another result after an update. torch's save_file refuses such
#   tensors. Safe with every version: np.ascontiguousarray(x).
# Output seen:
#   0.7.0: transpose right, slice right, fortran right, contiguous right
#   0.8.0: transpose wrong, slice wrong, fortran wrong, contiguous right
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/views.py" <<'PYTHON'
import os, sys
import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

path = os.path.join(sys.argv[1], "x.safetensors")
whole = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)
views = {"transpose": whole.transpose(0, 3, 1, 2), "slice": whole[:, :, ::2],
         "fortran": np.asfortranarray(whole),
         "contiguous": np.ascontiguousarray(whole.transpose(0, 3, 1, 2))}
seen = []
for name, view in views.items():
    save_file({"x": view}, path)
    seen.append(name + (" right" if np.array_equal(load_file(path)["x"], view) else " wrong"))
print(f"{safetensors.__version__}: {', '.join(seen)}")
PYTHON

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install numpy==2.2.6
for version in 0.7.0 0.8.0; do
    "$folder/venv/bin/pip" -q --disable-pip-version-check install "safetensors==$version"
    "$folder/venv/bin/python" "$folder/views.py" "$folder"
done | tee "$folder/seen"

diff "$folder/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
0.7.0: transpose right, slice right, fortran right, contiguous right
0.8.0: transpose wrong, slice wrong, fortran wrong, contiguous right
SEEN
