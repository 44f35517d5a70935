#!/usr/bin/env python3
"""Writes tests/data/weights: small files of weights by the programs that users have them from, and
beside each NAME.txt with what lies in it, by the program's own reading: a line a tensor,

    name type 4x3x3x3 stride,stride,stride,stride number number number ...

    python3 -m venv venv && venv/bin/pip install torch numpy onnx onnxscript grpcio-tools
    venv/bin/pip download --no-deps brocolli-caffe && tar -xf brocolli-caffe-*.tar.gz
    venv/bin/python tools/data/make_weight_files.py tests/data/weights \\
        brocolli-caffe-*/src/caffe/proto/caffe.proto

tests/io compares with them; what those files shall show is in each function's first line. Written
with PyTorch 2.15.0, NumPy 2.4.6 and onnx 1.23.2; others may order bytes otherwise, but must be
read alike.
"""
import collections
import contextlib
import io
import os
import shutil
import struct
import sys
import tempfile
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf import text_format
from onnx import TensorProto, helper, numpy_helper
from weight_parts import Small, caffe_module

if len(sys.argv) != 3:
    sys.exit(__doc__)
FOLDER, CAFFE_PROTO = map(Path, sys.argv[1:])
Small.__module__ = "__main__"  # as in a script of a user's


def describe(name, tensors):
    """NAME.txt of (name, type, dims, strides, numbers)."""
    with open(FOLDER / f"{name}.txt", "w") as out:
        for tensor, dtype, dims, strides, numbers in tensors:
            print(tensor, dtype, "x".join(map(str, dims)) or "-", ",".join(map(str, strides)) or "-",
                  *(f"{x:.9g}" for x in numbers), file=out)


# ---- PyTorch ---------------------------------------------------------------------------------

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


def torch_packed_order(tensors):
    """A byte order that claims three bytes, packed, behind which there are none: a page is full."""
    memory = io.BytesIO()
    torch.save(tensors, memory)
    with zipfile.ZipFile(memory) as source:
        stored = [(item.filename, source.read(item)) for item in source.infolist()
                  if not item.filename.endswith("byteorder")]
    rows, body = [], b""
    for name, data in stored:
        rows.append((name.encode(), 0, zlib.crc32(data), len(data), len(data), len(body)))
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, zlib.crc32(data), len(data),
                            len(data), len(name), 0) + name.encode() + data
    order = stored[0][0].split("/")[0].encode() + b"/byteorder"
    last = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, 0, 3, len(order), 0) + order
    rest = 22 + len(last) + sum(46 + len(row[0]) for row in (*rows, (order,)))
    gap = bytes(-(len(body) + rest) % 4096)
    rows.append((order, 8, 0, 0, 3, len(body) + rest + len(gap) - len(last)))
    directory = b"".join(struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, method, 0, 0, crc, packed,
                                     size, len(name), 0, 0, 0, 0, 0, at) + name
                         for name, method, crc, packed, size, at in rows)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(rows), len(rows), len(directory), len(body),
                      len(gap) + len(last))
    (FOLDER / "order.pth").write_bytes(body + directory + end + gap + last)


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
    """What needs Python's own classes; state.pth packed again by a program that makes it smaller."""
    torch.save(model, FOLDER / "module.pth")
    torch.save({"w": torch.ones(2), "x": Runs()}, FOLDER / "runs.pth")
    torch.save({"epoch": 1, "optimizer": {}}, FOLDER / "nothing.pth")
    with (zipfile.ZipFile(FOLDER / "state.pth") as stored,
          zipfile.ZipFile(FOLDER / "smaller.pth", "w", zipfile.ZIP_DEFLATED) as smaller):
        for entry in stored.namelist():
            smaller.writestr(zipfile.ZipInfo(entry), stored.read(entry), zipfile.ZIP_DEFLATED)


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
    torch_packed_order(state)
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
    small = dict(zip(("conv1", "conv2", "fc3", "fc4"), ((4, 3, 3, 3), (2, 2, 3, 3), (5, 8), (3, 5))))
    random = np.random.default_rng(5)
    np.savez(FOLDER / "own.npz", **{f"{layer}.{part}": random.standard_normal(dims).astype(np.float32)
                                    for layer, shape in small.items()
                                    for part, dims in (("weight", shape), ("bias", shape[:1]))})
    numpy_describe("stored.npz", arrays)
    np.savez_compressed(FOLDER / "packed.npz", **arrays)
    numpy_describe("packed.npz", arrays)
    np.savez_compressed(FOLDER / "long.npz", long=np.tile(np.arange(97.0), 400))
    np.save(FOLDER / "turned.npy", arrays["turned"])
    numpy_describe("turned.npy", {"turned.npy": arrays["turned"]})
    np.save(FOLDER / "objects.npy", np.array([{"a": 1}, None], dtype=object))


# ---- ONNX ------------------------------------------------------------------------------------

def c_strides(dims):
    return [int(np.prod(dims[i + 1:])) for i in range(len(dims))]


def onnx_describe(name, extra=()):
    """The initializers, as onnx reads them, and what else has to be among the tensors."""
    model = onnx.load(FOLDER / name)
    arrays = [(t.name, numpy_helper.to_array(t)) for t in model.graph.initializer]
    describe(name, ((key, str(value.dtype), value.shape, c_strides(value.shape),
                     value.astype(np.float32).flatten()
                     if value.dtype.name in ("float16", "float32", "float64", "bfloat16") else [])
                    for key, value in [*arrays, *extra]))


class Normed(torch.nn.Module):
    """A small network with all that PyTorch's exporters rewrite: LRN, an adaptive pool, biases that
    are all zero, two layers whose biases are equal."""

    def __init__(self, lrn):
        super().__init__()
        nn = torch.nn
        norm = [nn.LocalResponseNorm(3, 1e-2, 0.75, 2.0)] if lrn else []
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), *norm,
                                      nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1, groups=2),
                                      nn.ReLU(), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(24, 6), nn.ReLU(), nn.Linear(6, 3))
        with torch.no_grad():
            self.features[0].bias.zero_()
            self.features[3 + lrn].bias.fill_(0.25)
            self.classifier[1].bias.fill_(0.25)

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def onnx_export(name, model, size, **options):
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (torch.ones(1, 3, size, size),), FOLDER / name, **options)
    plain = onnx.load(FOLDER / name, load_external_data=False)
    for node in plain.graph.node:  # stack traces, with paths
        del node.metadata_props[:]
        node.doc_string = ""
    for holder in (plain, plain.graph, *plain.graph.value_info, *plain.graph.input, *plain.graph.output):
        del holder.metadata_props[:]
    onnx.save(plain, FOLDER / name)
    onnx_describe(name)


def onnx_by_hand(name, nodes, inputs, outputs, tensors, opset=15):
    graph = helper.make_graph(nodes, "hand", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    onnx.save(model, FOLDER / name)
    return model


def onnx_keras():
    """As tf2onnx writes Keras' networks: rows of pixels in, dense layers as products and sums whose
    rows are in the order H, W, C, a bias that is left out."""
    values = np.random.default_rng(0).standard_normal(400).astype(np.float32)
    tensors = [numpy_helper.from_array(values[:54].reshape(2, 3, 3, 3), "conv/kernel"),
               numpy_helper.from_array(values[54:56], "conv/bias"),
               numpy_helper.from_array(values[60:60 + 72].reshape(18, 4), "dense/kernel"),
               numpy_helper.from_array(values[140:144], "dense/bias"),
               numpy_helper.from_array(values[150:162].reshape(4, 3), "out/kernel"),
               numpy_helper.from_array(np.array([-1, 18]), "shape")]
    node = helper.make_node
    nodes = [node("Transpose", ["x"], ["x_chw"], perm=[0, 3, 1, 2]),
             node("Conv", ["x_chw", "conv/kernel", "conv/bias"], ["conv"], strides=[2, 2],
                  auto_pad="SAME_UPPER"),
             node("Relu", ["conv"], ["relu"]),
             node("Transpose", ["relu"], ["relu_hwc"], perm=[0, 2, 3, 1]),
             node("Reshape", ["relu_hwc", "shape"], ["flat"]),
             node("MatMul", ["flat", "dense/kernel"], ["product"]),
             node("Add", ["product", "dense/bias"], ["dense"]),
             node("Relu", ["dense"], ["dense_relu"]),
             node("MatMul", ["dense_relu", "out/kernel"], ["logits"]),
             node("Softmax", ["logits"], ["prob"])]
    onnx_by_hand("keras.onnx", nodes,
                 [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 6, 5, 3])],
                 [helper.make_tensor_value_info("prob", TensorProto.FLOAT, ["n", 3])], tensors)
    onnx_describe("keras.onnx")


def onnx_forms():
    """Numbers in every field that may hold them; two towers; weights through Identity, Transpose,
    Constant and ConstantOfShape."""
    x = np.arange(6, dtype=np.float32).reshape(2, 3) / 7 - 0.25
    half = x.astype(np.float16)
    tensors = [helper.make_tensor("floats", TensorProto.FLOAT, [2, 3], x.flatten()),
               numpy_helper.from_array(x, "raw"),
               helper.make_tensor("doubles", TensorProto.DOUBLE, [2, 3], x.astype(float).flatten() / 3),
               helper.make_tensor("halves", TensorProto.FLOAT16, [2, 3], half.flatten()),
               numpy_helper.from_array(half, "raw.halves"),
               TensorProto(name="brains", data_type=TensorProto.BFLOAT16, dims=[3],
                           int32_data=[0x3F80, 0xC049, 0x0001]),
               TensorProto(name="none", data_type=TensorProto.FLOAT, dims=[0, 2]),
               numpy_helper.from_array(np.array([3, 4]), "shape"),
               numpy_helper.from_array(x[:, :2].copy().reshape(2, 2, 1, 1), "kernel")]
    node = helper.make_node
    nodes = [node("Split", ["x", ], ["a", "b"], axis=1),
             node("Identity", ["kernel"], ["same"]),
             node("Conv", ["a", "kernel"], ["conv_a"], "tower a"),
             node("Conv", ["b", "same"], ["conv_b"], "tower b"),
             node("Concat", ["conv_a", "conv_b"], ["both"], axis=1),
             node("Flatten", ["both"], ["flat"]),
             node("Constant", [], ["w"], value=numpy_helper.from_array(np.ones((3, 4), np.float32) / 3)),
             node("Transpose", ["w"], ["w.t"], perm=[1, 0]),
             node("Gemm", ["flat", "w.t"], ["fc"]),
             node("ConstantOfShape", ["shape"], ["filled"],
                  value=helper.make_tensor("", TensorProto.FLOAT, [1], [0.125])),
             node("Gemm", ["fc", "filled"], ["last"]),
             node("Custom", ["last"], ["y"], domain="com.example")]
    onnx_by_hand("forms.onnx", nodes,
                 [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 1, 1])],
                 [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])], tensors)
    model = onnx.load(FOLDER / "forms.onnx")
    arrays = [(t.name, numpy_helper.to_array(t)) for t in model.graph.initializer]
    third = np.ones((3, 4), np.float32) / 3
    rows = [(key, str(value.dtype), value.shape, c_strides(value.shape),
             value.astype(np.float32).flatten() if value.dtype.kind in "fV" else [])
            for key, value in arrays]
    rows += [("w", "float32", (3, 4), (4, 1), third.flatten()),
             ("w.t", "float32", (4, 3), (1, 4), third.flatten()),
             ("filled", "float32", (3, 4), (0, 0), [0.125] * 12)]
    describe("forms.onnx", rows)


def onnx_taken_twice():
    """Sums that are no layer's bias, since what they are added to is taken elsewhere too: by another
    name, or by who runs the network. A float16 constant is weights."""
    node, info = helper.make_node, helper.make_tensor_value_info
    x, out = info("x", TensorProto.FLOAT, [1, 5]), [info(y, TensorProto.FLOAT, [1, 5]) for y in "qp"]
    square = (np.arange(25, dtype=np.float32).reshape(5, 5) / 8).astype(np.float16)
    nodes = [node("Constant", [], ["half"], value=numpy_helper.from_array(square)),
             node("Gemm", ["x", "w"], ["first"]),
             node("Identity", ["first"], ["same"]),
             node("Add", ["same", "b"], ["sum"]),
             node("Add", ["sum", "first"], ["q"]),
             node("MatMul", ["q", "half"], ["p"]),
             node("Add", ["p", "b"], ["r"])]
    onnx_by_hand("taken.onnx", nodes, [x], out,
                 [numpy_helper.from_array(np.eye(5, dtype=np.float32), "w"),
                  numpy_helper.from_array(np.ones(5, np.float32), "b")])
    onnx_describe("taken.onnx", [("half", square)])


def onnx_axes():
    """A transposition that names an axis twice, one of nothing, and numbers that no bytes stand for."""
    node, info = helper.make_node, helper.make_tensor_value_info
    x, y = info("x", TensorProto.FLOAT, [1, 4]), info("y", TensorProto.FLOAT, [1, 4])
    for name, shape, perm in (("axes", (2, 2, 2, 2), [0, 0, 0, 0]), ("empty", (0, 4), [1, 0])):
        tensors = [numpy_helper.from_array(np.zeros(2, np.float32), f"b{i}") for i in range(15)]
        tensors.append(numpy_helper.from_array(np.zeros(shape, np.float32), "w"))
        onnx_by_hand(f"{name}.onnx", [node("Transpose", ["w"], ["t"], perm=perm),
                                      node("MatMul", ["x", "t"], ["y"])], [x], [y], tensors)
    onnx_by_hand("filled.onnx", [node("ConstantOfShape", ["s"], ["w"]),
                                 node("MatMul", ["x", "w"], ["y"])], [x], [y],
                 [numpy_helper.from_array(np.array([1 << 20, 1 << 20]), "s")])


def onnx_beyond():
    """Padding of 2,000,000,000 pixels, a normalisation over more channels than a config may ask for,
    and a maximum over pixels and padding above them."""
    node, info = helper.make_node, helper.make_tensor_value_info
    x, y = info("x", TensorProto.FLOAT, [1, 3, 2, 2]), info("y", TensorProto.FLOAT, [1, 3])
    tensors = [numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "w"),
               numpy_helper.from_array(np.zeros((3, 4), np.float32), "v")]
    for name, pads, size in (("pads", [2000000000] * 4, 3), ("norm", [1] * 4, 1001)):
        onnx_by_hand(f"{name}.onnx", [node("Conv", ["x", "w"], ["conv"], pads=pads),
                                      node("LRN", ["conv"], ["norm"], size=size),
                                      node("Flatten", ["norm"], ["flat"]),
                                      node("Gemm", ["flat", "v"], ["y"], transB=1)], [x], [y], tensors)
    onnx_by_hand("pool-pads.onnx", [node("Conv", ["x", "w"], ["conv"], pads=[1, 1, 1, 1]),
                                    node("MaxPool", ["conv"], ["pool"], kernel_shape=[2, 2],
                                         strides=[1, 1], pads=[1, 1, 0, 0]),
                                    node("Flatten", ["pool"], ["flat"]),
                                    node("Gemm", ["flat", "v"], ["y"], transB=1)], [x], [y], tensors)


def onnx_refused():
    """A circle, paths that leave the folder or lead nowhere, an opset of the future, tensors of
    2^93 numbers and of 40 dimensions."""
    node, info = helper.make_node, helper.make_tensor_value_info
    x, y = info("x", TensorProto.FLOAT, [1, 4]), info("y", TensorProto.FLOAT, [1, 4])
    onnx_by_hand("circle.onnx", [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
                                 node("Relu", ["b"], ["y"])], [x], [y], [])
    for name, location in (("up", "../weights/state.pth"), ("root", "/etc/hostname"),
                           ("missing", "nowhere.data"), ("short", "dynamo.onnx.data")):
        tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 15, 1 << 15],
                             data_location=TensorProto.EXTERNAL)
        for key, value in (("location", location), ("offset", "0"), ("length", str(4 << 30))):
            tensor.external_data.add(key=key, value=value)
        onnx_by_hand(f"{name}.onnx", [node("MatMul", ["x", "w"], ["y"])], [x], [y], [tensor])
    onnx_by_hand("future.onnx", [node("Relu", ["x"], ["y"])], [x], [y], [], opset=999)
    for name, dims in (("endless", [(1 << 31) - 1] * 3), ("deep", [1] * 40)):
        onnx_by_hand(f"{name}.onnx", [node("MatMul", ["x", "w"], ["y"])], [x], [y],
                     [TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims)])


def onnx_files():
    torch.manual_seed(1)
    onnx_export("dynamo.onnx", Normed(True), 20, dynamo=True)
    onnx_export("legacy.onnx", Normed(False), 20, dynamo=False)
    unpooled = Normed(True)
    unpooled.avgpool = torch.nn.Identity()
    onnx_export("legacy-lrn.onnx", unpooled, 10, dynamo=False)
    onnx_keras()
    onnx_forms()
    onnx_taken_twice()
    onnx_axes()
    onnx_beyond()
    onnx_refused()
    light = Path(onnx.__file__).parent / "backend/test/data/light"
    shutil.copy(light / "light_bvlc_alexnet.onnx", FOLDER)


# ---- Caffe -----------------------------------------------------------------------------------

CAFFE_WEIGHTS = [("conv1", (4, 3, 3, 3), (4,)), ("conv2", (6, 2, 3, 3), (6,)), ("fc6", (5, 24), (5,)),
                 ("fc7", (3, 5), (3,))]


def caffe_arrays():
    """Both arrays of each layer with weights."""
    random = np.random.default_rng(3)
    return {name: [random.standard_normal(shape).astype(np.float32) for shape in shapes]
            for name, *shapes in CAFFE_WEIGHTS}


def caffe_blob(blob, array, old, double):
    if old:  # four numbers, ones before what there is
        blob.num, blob.channels, blob.height, blob.width = (1, 1, 1, 1, *array.shape)[-4:]
    else:
        blob.shape.dim.extend(array.shape)
    (blob.double_data if double else blob.data).extend(array.flatten().tolist())


def caffe_save(name, net, divisor=1):
    (FOLDER / name).write_bytes(net.SerializeToString())
    rows = []
    for layer, arrays in caffe_arrays().items():
        for part, array in zip(("weight", "bias"), arrays):
            rows.append((f"{layer}.{part}", "float32" if divisor == 1 else "float64", array.shape,
                         c_strides(array.shape),
                         (array.astype(float) / divisor).astype(np.float32).flatten()))
    describe(name, rows)


def caffe_old(caffe):
    """A network of 2014 as it was stored after training: V1 layers, the data's transformation, names
    that are used again, a copy for two users, a loss."""
    net = caffe.NetParameter(name="CaffeNet")
    types = caffe.V1LayerParameter

    def add(name, kind, bottom, top, **parameters):
        layer = net.layers.add(name=name, type=kind, bottom=bottom, top=top, **parameters)
        for array in caffe_arrays().get(name, []):
            caffe_blob(layer.blobs.add(), array, True, False)

    add("data", types.DATA, [], ["data", "label"], include=[{"phase": caffe.TRAIN}],
        transform_param={"mean_file": "imagenet_mean.binaryproto", "crop_size": 20, "mirror": True})
    add("conv1", types.CONVOLUTION, ["data"], ["conv1"],
        convolution_param={"num_output": 4, "kernel_size": [3], "pad": [1]})
    add("relu1", types.RELU, ["conv1"], ["conv1"])
    add("norm1", types.LRN, ["conv1"], ["norm1"], lrn_param={"local_size": 3, "alpha": 0.01})
    add("pool1", types.POOLING, ["norm1"], ["pool1"], pooling_param={"kernel_size": 2, "stride": 2})
    add("conv2", types.CONVOLUTION, ["pool1"], ["conv2"],
        convolution_param={"num_output": 6, "kernel_size": [3], "pad": [1], "group": 2})
    add("pool2", types.POOLING, ["conv2"], ["pool2"],
        pooling_param={"pool": "AVE", "kernel_size": 3, "stride": 3})
    add("fc6", types.INNER_PRODUCT, ["pool2"], ["fc6"], inner_product_param={"num_output": 5})
    add("drop6", types.DROPOUT, ["fc6"], ["fc6"], dropout_param={"dropout_ratio": 0.25})
    add("fc6_split", types.SPLIT, ["fc6"], ["fc6_a", "fc6_b"])
    add("fc7", types.INNER_PRODUCT, ["fc6_b"], ["fc7"], inner_product_param={"num_output": 3})
    add("loss", types.SOFTMAX_LOSS, ["fc7", "label"], [])
    return net


def caffe_new(caffe, double=False):
    """The form since 2015, for use: an Input layer; sizes by height and width."""
    net = caffe.NetParameter(name="net")

    def add(name, kind, bottom, top, **parameters):
        layer = net.layer.add(name=name, type=kind, bottom=bottom, top=top, **parameters)
        for array in caffe_arrays().get(name, []):
            caffe_blob(layer.blobs.add(), array.astype(float) / 3 if double else array, False, double)

    add("data", "Input", [], ["data"], input_param={"shape": [{"dim": [1, 3, 20, 18]}]})
    add("conv1", "Convolution", ["data"], ["conv1"],
        convolution_param={"num_output": 4, "kernel_h": 3, "kernel_w": 3, "pad_h": 1, "pad_w": 2,
                           "stride": [2, 1]})
    add("slope", "ReLU", ["conv1"], ["slope"], relu_param={"negative_slope": 0.125})
    add("conv2", "Convolution", ["slope"], ["conv2"],
        convolution_param={"num_output": 6, "kernel_size": [3], "group": 2})
    add("all", "Pooling", ["conv2"], ["all"], pooling_param={"pool": "AVE", "global_pooling": True})
    add("fc6", "InnerProduct", ["all"], ["fc6"], inner_product_param={"num_output": 5})
    add("fc7", "InnerProduct", ["fc6"], ["fc7"], inner_product_param={"num_output": 3})
    add("prob", "Softmax", ["fc7"], ["prob"])
    return net


def caffe_trained(caffe, scale, excluded):
    """As a training leaves it: the size of the crops alone, labels, a loss; a layer that is excluded
    from tests, and what pixels are multiplied by."""
    net = caffe.NetParameter(name="trained")
    random = np.random.default_rng(4)

    def add(name, kind, bottom, top, shapes=(), **parameters):
        layer = net.layer.add(name=name, type=kind, bottom=bottom, top=top, **parameters)
        for shape in shapes:
            caffe_blob(layer.blobs.add(), random.standard_normal(shape).astype(np.float32), False, False)

    add("data", "Data", [], ["data", "label"], include=[{"phase": caffe.TRAIN}],
        transform_param={"crop_size": 4, "scale": scale, "mean_file": "mean.binaryproto"})
    add("conv1", "Convolution", ["data"], ["conv1"], [(4, 3, 3, 3), (4,)],
        convolution_param={"num_output": 4, "kernel_size": [3]})
    add("drop1", "Dropout", ["conv1"], ["conv1"], exclude=[excluded])
    add("relu1", "ReLU", ["conv1"], ["conv1"])
    add("fc", "InnerProduct", ["conv1"], ["fc"], [(3, 16), (3,)],
        inner_product_param={"num_output": 3})
    add("accuracy", "Accuracy", ["fc", "label"], ["accuracy"])
    add("loss", "SoftmaxWithLoss", ["fc", "label"], ["loss"])
    return net.SerializeToString()


def caffe_files():
    packed, single = (caffe_module(CAFFE_PROTO, name, name == "packed") for name in ("packed", "single"))
    caffe_save("old.caffemodel", caffe_old(packed))
    caffe_save("single.caffemodel", caffe_old(single))
    caffe_save("new.caffemodel", caffe_new(packed))
    caffe_save("double.caffemodel", caffe_new(packed, True), 3)
    for form, net in (("old", caffe_old(packed)), ("new", caffe_new(packed))):
        for layer in (*net.layer, *net.layers):
            del layer.blobs[:]
        (FOLDER / f"{form}.prototxt").write_text(text_format.MessageToString(net))
    mean = packed.BlobProto()
    caffe_blob(mean, np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2) * 8.25, True, False)
    (FOLDER / "mean.binaryproto").write_bytes(mean.SerializeToString())
    tests = {"phase": packed.TEST}
    (FOLDER / "trained.caffemodel").write_bytes(caffe_trained(packed, 0.125, tests))
    (FOLDER / "endless.caffemodel").write_bytes(caffe_trained(packed, float("nan"), tests))
    first = packed.NetParameter(name="first")
    first.layers.add().layer.name = "conv1"
    (FOLDER / "first.caffemodel").write_bytes(first.SerializeToString())


torch_files()
numpy_files()
onnx_files()
caffe_files()
