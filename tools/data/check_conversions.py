#!/usr/bin/env python3
"""Checks what `alexnet convert` writes with the programs that it is written for.

    python3 -m venv venv && venv/bin/pip install torch numpy safetensors onnx onnxruntime grpcio-tools
    venv/bin/pip download --no-deps brocolli-caffe && tar -xf brocolli-caffe-*.tar.gz
    venv/bin/python tools/data/check_conversions.py build/release/alexnet \\
        [brocolli-caffe-*/src/caffe/proto/caffe.proto] [CONFIG...]

PyTorch: an AlexNet with torchvision's modules and random weights goes through .safetensors, a
checkpoint, .npz and .onnx; load_state_dict(strict=True) takes the first, numpy the third, to the bit,
and onnxruntime gives PyTorch's logits with the last. With caffe.proto, it goes through .caffemodel too:
Caffe's own messages hold the same bits, and the .prototxt the same layers. Then each CONFIG (default
tiny cifar10_small paper), initialised: logits of `alexnet dump` beside onnxruntime's. Ends with 1 if any
is off.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.numpy import load_file, save_file
from torch import nn
from weight_parts import caffe_module

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__)
PROTOS = [Path(x) for x in sys.argv[2:] if x.endswith(".proto")]
CONFIGS = [x for x in sys.argv[2:] if not x.endswith(".proto")] or ["tiny", "cifar10_small", "paper"]
SIDES = {"tiny": 32, "cifar10_small": 32, "cifar10": 32, "paper": 227, "caffenet": 227, "owt": 224}
failed = False


class AlexNet(nn.Module):
    """torchvision's, module by module."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096),
            nn.ReLU(), nn.Linear(4096, 1000))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def say(what, right):
    global failed
    failed = failed or not right
    print(f"{'ok' if right else 'OFF':4} {what}", flush=True)


def run(*args):
    subprocess.run([PROGRAM, *map(str, args), "-q"], check=True)


def run_onnx(path, x):
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": x})[0]


def compare(what, got, want, most=1e-5):
    off = np.abs(got - want).max() / np.abs(want).max()
    say(f"{what}: {off:.1e} of the largest logit", off < most)


def check_pytorch(folder):
    torch.manual_seed(3)
    model = AlexNet().eval()
    torch.save(model.state_dict(), folder / "owt.pth")
    run("convert", folder / "owt.pth", folder / "a.safetensors", "--naming", "torchvision")
    run("convert", folder / "a.safetensors", folder / "b")
    run("convert", folder / "b", folder / "c.npz", "--naming", "torchvision")
    run("convert", folder / "c.npz", folder / "d.onnx", "--config", "owt")
    other = AlexNet().eval()
    tensors = load_file(folder / "a.safetensors")
    other.load_state_dict({name: torch.from_numpy(x) for name, x in tensors.items()}, strict=True)
    state = model.state_dict()
    say("load_state_dict(strict=True), to the bit",
        all(torch.equal(x, other.state_dict()[name]) for name, x in state.items()))
    arrays = np.load(folder / "c.npz")
    say("numpy.load, to the bit", all(np.array_equal(arrays[name], x) for name, x in state.items()))
    x = torch.randn(3, 3, 224, 224)
    with torch.no_grad():
        want = model(x).numpy()
    compare("onnxruntime beside PyTorch", run_onnx(folder / "d.onnx", x.numpy()), want)
    for dtype, most in (("f16", 2e-3), ("bf16", 2e-2)):
        run("convert", folder / "b", folder / "e.onnx", "--dtype", dtype)
        compare(f"the same of {dtype}", run_onnx(folder / "e.onnx", x.numpy()), want, most)
    pixels = torch.randint(0, 256, (2, 3, 224, 224)).float()
    mean, std = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, None, :, None, None]
    run("convert", folder / "b", folder / "f.onnx", "--with-preprocessing")
    with torch.no_grad():
        compare("onnxruntime from pixels", run_onnx(folder / "f.onnx", pixels.numpy()),
                model((pixels / 255 - mean) / std).numpy())


def check_caffe(folder, proto):
    """The weights that check_pytorch left, as Caffe's messages say them: blue, green, red in conv1."""
    from google.protobuf import text_format
    caffe = caffe_module(proto, "caffe", True)
    run("convert", folder / "b", folder / "c.npz")
    run("convert", folder / "b", folder / "e.caffemodel", "--config", "owt")
    want = {name: x[:, ::-1] if name == "conv1.weight" else x for name, x in np.load(folder / "c.npz").items()}
    net = caffe.NetParameter.FromString((folder / "e.caffemodel").read_bytes())
    got = {f"{layer.name}.{part}": np.array(blob.data, np.float32).reshape(blob.shape.dim)
           for layer in net.layer for part, blob in zip(("weight", "bias"), layer.blobs)}
    say("caffe.proto, to the bit", got.keys() == want.keys() and
        all(np.array_equal(got[name], x) for name, x in want.items()))
    for layer in net.layer:
        del layer.blobs[:]
    described = text_format.Parse((folder / "e.prototxt").read_text(), caffe.NetParameter())
    say("the layers of the .prototxt", described == net)
    run("convert", folder / "e.caffemodel", folder / "f.npz")
    back = np.load(folder / "f.npz")
    say("and back, to the bit", all(np.array_equal(back[name], x) for name, x in np.load(folder / "c.npz").items()))


def check_config(folder, config):
    x = np.random.default_rng(1).standard_normal((2, 3, SIDES[config], SIDES[config])).astype(np.float32)
    batch, dump = folder / "batch.safetensors", folder / "dump.safetensors"
    save_file({"x": x, "y": np.zeros(2, np.int64)}, batch)
    run("dump", config, "--batch", batch, "--out", dump, "--steps", "1", "--lr-steps", "1e-30")
    run("convert", dump, folder / "t.safetensors", "--config", config, "--naming", "torchvision")
    run("convert", dump, folder / "t.onnx", "--config", config)
    run("dump", config, "--weights", folder / "t.safetensors", "--batch", batch, "--out", dump)
    compare(f"onnxruntime beside dump, {config}", run_onnx(folder / "t.onnx", x), load_file(dump)["logits"])


with tempfile.TemporaryDirectory() as name:
    for config in CONFIGS:
        check_config(Path(name), config)
    check_pytorch(Path(name))
    for proto in PROTOS:
        check_caffe(Path(name), proto)
sys.exit(failed)
