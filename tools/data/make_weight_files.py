#!/usr/bin/env python3
"""Writes tests/data/weights: small files of weights by the programs that users have them from, and
beside each NAME.txt with what lies in it, by the program's own reading: a line a tensor,

    name type 4x3x3x3 stride,stride,stride,stride number number number ...

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tools/data/make_weight_files.py tests/data/weights

tests/io compares with them; what those files shall show is in each function's first line. Written
with PyTorch 2.15.0 and NumPy 2.4.6; others may order bytes otherwise, but must be read alike.
"""
import collections
import io
import os
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__))


def describe(name, tensors):
    """NAME.txt of (name, type, dims, strides, numbers)."""
    with open(FOLDER / f"{name}.txt", "w") as out:
        for tensor, dtype, dims, strides, numbers in tensors:
            print(tensor, dtype, "x".join(map(str, dims)) or "-", ",".join(map(str, strides)) or "-",
                  *(f"{x:.9g}" for x in numbers), file=out)


# ---- PyTorch ---------------------------------------------------------------------------------

class Small(torch.nn.Module):
    """torchvision's names on few numbers."""

    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(4, 2, 3, padding=1, groups=2), nn.ReLU())
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


def torch_describe(name, tensors):
    describe(name, ((key, str(value.dtype).removeprefix("torch."), value.shape, value.stride(),
                     value.detach().float().flatten().tolist() if value.is_floating_point() else [])
                    for key, value in tensors.items()))


def torch_save(name, what, tensors, **options):
    torch.save(what, FOLDER / name, **options)
    torch_describe(name, tensors)


def torch_checkpoint(model):
    """What a script like PyTorch's ImageNet example keeps: names of DataParallel, a momentum, a
    number on its own, a schedule with milestones."""
    parallel = torch.nn.DataParallel(model)
    optimizer = torch.optim.SGD(parallel.parameters(), 0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [30, 60])
    parallel(torch.ones(1, 3, 4, 4)).sum().backward()
    optimizer.step()
    torch_save("checkpoint.pth", {
        "epoch": 3, "arch": "alexnet", "best_acc1": torch.tensor(56.5),
        "state_dict": parallel.state_dict(), "optimizer": optimizer.state_dict(),
        "scheduler": schedule.state_dict()}, parallel.state_dict())


def torch_slices():
    """Tensors that share a storage, lie in it with gaps or turned round, or are numbers."""
    whole = torch.arange(24.0).reshape(4, 6)
    tensors = {"rows": whole[1:3], "column": whole[:, 2], "turned": whole.t(), "block": whole[1:3, 2:5],
               "number": whole[3, 5], "none": whole[:0], "every.second": whole[::2, ::3]}
    torch_save("slices.pth", tensors, tensors)


def torch_types():
    """Every type that becomes float32, and three that do not."""
    x = torch.tensor([1.0, -2.5, 1 / 3, 65504.0, 6e-8, -0.0])
    tensors = {"f64": x.double() / 3, "f32": x / 3, "f16": x.half(), "bf16": x.bfloat16(),
               "batches": torch.tensor(7), "mask": x > 0, "bytes": torch.arange(3).byte()}
    torch_save("types.pth", tensors, tensors)


def swapped(data):
    return np.frombuffer(data, "<f4").astype(">f4").tobytes()


def torch_big_endian(tensors):
    """As PyTorch on s390x writes it."""
    memory = io.BytesIO()
    torch.save(tensors, memory)
    with zipfile.ZipFile(memory) as source, zipfile.ZipFile(FOLDER / "big.pth", "w") as out:
        for item in source.infolist():
            data = source.read(item)
            data = b"big" if item.filename.endswith("byteorder") else data
            out.writestr(item.filename, swapped(data) if "/data/" in item.filename else data)
    read = torch.load(FOLDER / "big.pth")
    assert all(torch.equal(read[name], tensors[name]) for name in tensors)
    torch_describe("big.pth", tensors)


def python2_text(text):
    return b"U" + bytes([len(text)]) + text.encode()


def torch_python2():
    """As PyTorch 0.4 on Python 2 wrote it: texts of bytes, pairs for an OrderedDict, memo from 1."""
    def tensor(key):
        return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + python2_text("storage") +
                b"ctorch\nFloatStorage\n" + python2_text(key) + python2_text("cpu") +
                b"K\4NtQK\1K\3\x85K\1\x85\x89ccollections\nOrderedDict\n(]tRtR")

    pairs = b"".join(b"](" + python2_text(name) + tensor(key) + b"e"
                     for name, key in (("w", "11"), ("b", "22")))
    head = open(FOLDER / "old.pth", "rb").read()
    head = head[:head.index(b"u.", 100) + 2]  # magic number, version, machine
    body = b"\x80\2ccollections\nOrderedDict\nq\1(](" + pairs + b"etR."
    keys = b"\x80\2](" + python2_text("11") + python2_text("22") + b"e."
    storages = b"".join(struct.pack("<Q4f", 4, *numbers) for numbers in ((0, 1, 2, 3), (9, 8, 7, 6)))
    (FOLDER / "python2.pth").write_bytes(head + body + keys + storages)
    read = torch.load(FOLDER / "python2.pth", weights_only=False)
    torch_describe("python2.pth", read)


class Runs:
    """A pickle that runs a program when Python loads it."""

    def __reduce__(self):
        return os.system, ("echo pickles run programs",)


def torch_refused(model):
    """What needs Python's own classes."""
    torch.save(model, FOLDER / "module.pth")
    torch.save({"w": torch.ones(2), "x": Runs()}, FOLDER / "runs.pth")
    torch.save({"epoch": 1, "optimizer": {}}, FOLDER / "nothing.pth")


def torch_files():
    torch.manual_seed(0)
    model = Small()
    state = model.state_dict()
    torch_save("state.pth", state, state)
    torch_save("old.pth", state, state, _use_new_zipfile_serialization=False)
    torch_save("protocol4.pth", state, state, pickle_protocol=4)
    torch.serialization.set_crc32_options(False)
    torch_save("nosum.pth", state, state)
    torch.serialization.set_crc32_options(True)
    torch_save("parameters.pth", dict(model.named_parameters()), dict(model.named_parameters()))
    torch_checkpoint(model)
    last = Small().to(memory_format=torch.channels_last).state_dict()
    torch_save("last.pth", last, last)
    torch_slices()
    torch_types()
    torch_big_endian(collections.OrderedDict((name, state[name]) for name in sorted(state)))
    torch_python2()
    torch_refused(model)


# ---- NumPy -----------------------------------------------------------------------------------

def numpy_describe(name, arrays):
    describe(name, ((key, str(value.dtype.newbyteorder("=")), value.shape,
                     [s // value.itemsize for s in value.strides] if value.size else (3, 1),
                     value.astype(np.float32).flatten() if value.dtype.kind == "f" else [])
                    for key, value in arrays.items() if value.dtype.kind != "U"))


def numpy_files():
    """Both orders, byte orders and types; names that are left out; more than a piece when packed."""
    x = (np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7) / 3
    arrays = {"conv1.weight": x, "turned": np.asfortranarray(x), "big": x.astype(">f4"),
              "half": x.astype(np.float16), "double": np.asfortranarray(x.astype(np.float64)),
              "big.double": x.astype(">f8"), "number": np.float32(2.5).reshape(()),
              "none": np.zeros((0, 3), np.float32), "labels": np.arange(3),
              "names": np.array(["cat", "dog"])}
    np.savez(FOLDER / "stored.npz", **arrays)
    numpy_describe("stored.npz", arrays)
    np.savez_compressed(FOLDER / "packed.npz", **arrays)
    numpy_describe("packed.npz", arrays)
    np.savez_compressed(FOLDER / "long.npz", long=np.tile(np.arange(97.0), 400))
    np.save(FOLDER / "turned.npy", arrays["turned"])
    numpy_describe("turned.npy", {"turned.npy": arrays["turned"]})
    np.save(FOLDER / "objects.npy", np.array([{"a": 1}, None], dtype=object))


torch_files()
numpy_files()
