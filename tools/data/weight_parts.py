"""What the scripts about files of weights share: a small network, and Caffe's messages."""
import sys
import tempfile
from pathlib import Path

import torch


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


def caffe_module(proto, name, packed):
    """The file caffe.proto as a module; `packed` or not is how arrays are written."""
    from grpc_tools import protoc
    text = proto.read_text().replace("package caffe;", f"package {name};")
    text = text if packed else text.replace("[packed = true]", "")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.proto").write_text(text)
        assert protoc.main(["protoc", f"-I{folder}", f"--python_out={folder}", f"{name}.proto"]) == 0
        sys.path.insert(0, folder)
        module = __import__(f"{name}_pb2")
        sys.path.pop(0)
    return module
