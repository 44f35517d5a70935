#!/usr/bin/env python3
"""Writes tests/data/weights/answers: what PyTorch and onnxruntime make of a picture with weights that
lie in tests/data/weights, for tests/train/test_model_weights.c.

    python3 -m venv venv && venv/bin/pip install torch numpy onnx onnxruntime pillow
    venv/bin/python tools/data/make_weight_answers.py tests/data/weights

answers.txt has a line for each case: its name and the logits. The pictures are as large as the
networks' inputs, so that nothing is resized. Written with PyTorch 2.15.0 and onnxruntime 1.32.0.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from weight_parts import Small

WEIGHTS = Path(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__))
FOLDER = WEIGHTS / "answers"
TORCHVISION = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
CAFFE_BGR = np.array([104.00698793, 116.66876762, 122.67891434])
answers = {}


def picture(size):
    """Seeded noise, smooth enough that no two pixels of a window are equal by chance."""
    pixels = np.random.default_rng(size).integers(0, 256, (size, size, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(FOLDER / f"{size}.png")
    return pixels.astype(np.float64)


def torchvision(pixels):
    return ((pixels / 255 - TORCHVISION[0]) / TORCHVISION[1]).transpose(2, 0, 1)[None].astype(np.float32)


def caffe(pixels):
    return (pixels[:, :, ::-1] - CAFFE_BGR).transpose(2, 0, 1)[None].astype(np.float32)


def run_onnx(model, x):
    """Of a file, or of a model's bytes."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0][0]


def run_small(x):
    model = Small().eval()
    model.load_state_dict(torch.load(WEIGHTS / "state.pth"))
    with torch.no_grad():
        return model(torch.from_numpy(x))[0].numpy()


def pixels_first():
    """As tf2onnx writes it: H, W, C in, dense layers as products whose rows are H, W, C; no bias."""
    random = np.random.default_rng(5)
    draw = lambda *dims: (random.standard_normal(dims) * 0.3).astype(np.float32)
    tensors = [numpy_helper.from_array(draw(4, 3, 3, 3), "conv1/kernel"),
               numpy_helper.from_array(draw(4), "conv1/bias"),
               numpy_helper.from_array(draw(100, 7), "dense/kernel"),
               numpy_helper.from_array(draw(7), "dense/bias"),
               numpy_helper.from_array(draw(7, 3), "out/kernel"),
               numpy_helper.from_array(np.array([-1, 100]), "shape")]
    node = helper.make_node
    nodes = [node("Transpose", ["x"], ["chw"], perm=[0, 3, 1, 2]),
             node("Conv", ["chw", "conv1/kernel", "conv1/bias"], ["conv"], pads=[1, 1, 1, 1]),
             node("Relu", ["conv"], ["relu"]),
             node("MaxPool", ["relu"], ["pool"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
             node("Transpose", ["pool"], ["hwc"], perm=[0, 2, 3, 1]),
             node("Reshape", ["hwc", "shape"], ["flat"]),
             node("MatMul", ["flat", "dense/kernel"], ["product"]),
             node("Add", ["product", "dense/bias"], ["dense"]),
             node("Relu", ["dense"], ["dense_relu"]),
             node("MatMul", ["dense_relu", "out/kernel"], ["logits"])]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "hand", [info("x", TensorProto.FLOAT, ["n", 10, 10, 3])],
                              [info("logits", TensorProto.FLOAT, ["n", 3])], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / "hwc.onnx")


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """Of protobuf: a number, a float, text, or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + np.float32(value).tobytes()
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def caffe_blob(array):
    return field(7, field(7, b"".join(field(1, n) for n in array.shape)) +
                 field(5, array.astype("<f4").tobytes()))


def caffe_network():
    """CaffeNet's kinds of layers on few numbers, by caffe.proto's field numbers (its `layer`, 100);
    returns the model in PyTorch, which sees blue, green, red as Caffe does."""
    nn = torch.nn
    torch.manual_seed(7)
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.LocalResponseNorm(3, 0.5, 0.75, 1.0),
        nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(6, 4, 3, padding=1, groups=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(64, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 3)).eval()
    conv1, conv2, fc3, fc4 = (m for m in model if hasattr(m, "weight"))
    blobs = {name: caffe_blob(m.weight.detach().numpy()) + caffe_blob(m.bias.detach().numpy())
             for name, m in (("conv1", conv1), ("conv2", conv2), ("fc3", fc3), ("fc4", fc4))}
    layers = [("conv1", "Convolution", "data", field(106, field(1, 6) + field(4, 3) + field(6, 2))),
              ("relu1", "ReLU", "conv1", b""),
              ("norm1", "LRN", "relu1", field(118, field(1, 3) + field(2, 0.5) + field(3, 0.75))),
              ("pool1", "Pooling", "norm1", field(121, field(2, 3) + field(3, 2))),
              ("conv2", "Convolution", "pool1",
               field(106, field(1, 4) + field(3, 1) + field(4, 3) + field(5, 2))),
              ("relu2", "ReLU", "conv2", b""),
              ("fc3", "InnerProduct", "relu2", field(117, field(1, 5))),
              ("relu3", "ReLU", "fc3", b""),
              ("drop3", "Dropout", "relu3", field(108, field(1, 0.5))),
              ("fc4", "InnerProduct", "drop3", field(117, field(1, 3))),
              ("prob", "Softmax", "fc4", b"")]
    shape = b"".join(field(1, n) for n in (1, 3, 20, 20))
    net = field(1, "small") + field(100, field(1, "data") + field(2, "Input") + field(4, "data") +
                                    field(143, field(1, shape)))
    for name, kind, bottom, parameters in layers:
        net += field(100, field(1, name) + field(2, kind) + field(3, bottom) + field(4, name) +
                     blobs.get(name, b"") + parameters)
    (FOLDER / "small.caffemodel").write_bytes(net)
    return model


def light_alexnet():
    """Caffe's AlexNet of the onnx package, before its softmax, on numbers that follow from their place."""
    model = onnx.load(WEIGHTS / "light_bvlc_alexnet.onnx")
    softmax = model.graph.node.pop()
    model.graph.output[0].name = softmax.input[0]
    y, x, c = np.meshgrid(np.arange(224), np.arange(224), np.arange(3), indexing="ij")
    pixels = ((31 * y + 17 * x + 7 * c) % 256 - 100).astype(np.float32).transpose(2, 0, 1)[None]
    return run_onnx(model.SerializeToString(), pixels)[:3]


FOLDER.mkdir(exist_ok=True)
four, ten, twenty = picture(4), picture(10), picture(20)
pixels_first()
answers["legacy"] = run_onnx(WEIGHTS / "legacy.onnx", torchvision(twenty))
answers["dynamo"] = run_onnx(WEIGHTS / "dynamo.onnx", torchvision(twenty))
answers["legacy-lrn"] = run_onnx(WEIGHTS / "legacy-lrn.onnx", torchvision(ten))
answers["hwc"] = run_onnx(FOLDER / "hwc.onnx", torchvision(ten).transpose(0, 2, 3, 1))
answers["light"] = light_alexnet()
answers["small"] = run_small(torchvision(four))
answers["small-caffe"] = run_small(caffe(four))
with torch.no_grad():
    answers["caffe"] = caffe_network()(torch.from_numpy(caffe(twenty).copy()))[0].numpy()
with open(FOLDER / "answers.txt", "w") as out:
    for name, logits in answers.items():
        print(name, *(f"{x:.9g}" for x in logits), file=out)
