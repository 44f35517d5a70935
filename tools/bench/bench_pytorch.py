#!/usr/bin/env python3
"""Times PyTorch on the networks that `alexnet bench step` times; prints the same JSON.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tools/bench/bench_pytorch.py --net paper --mode "compiled channels-last"

Training = forward, mean cross-entropy, backward, SGD with momentum and weight decay; made-up input.
tools/bench/bench_peers.py runs it in turn with others.
"""
import argparse

import torch
from torch import nn
from torch.nn import functional as F

import bench_result


class TowerNorm(nn.Module):
    """Local response normalisation whose window ends at the edge between the two towers."""

    def forward(self, x):
        # PyTorch divides alpha by the window's size; the paper does not.
        return torch.cat([F.local_response_norm(t, 5, alpha=5e-4, beta=0.75, k=2.0)
                          for t in x.chunk(2, dim=1)], dim=1)


def paper():
    """Krizhevsky, Sutskever and Hinton (2012): 60,965,224 parameters."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(), TowerNorm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), TowerNorm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000))


def owt():
    """torchvision's AlexNet: 61,100,840 parameters."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000))


def cifar10():
    """configs/cifar10.ini: 24,735,626 parameters."""
    return nn.Sequential(
        nn.Conv2d(3, 96, 3, 2, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(), nn.Linear(1024, 4096), nn.ReLU(),
        nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 10))


NETS = {"paper": paper, "owt": owt, "cifar10": cifar10}


class Contestant:
    """A model, its input, and how to run a training or inference step."""

    def __init__(self, args):
        side = bench_result.SIDES[args.net]
        torch.manual_seed(0)
        layout = torch.channels_last if "channels-last" in args.mode else torch.contiguous_format
        model = NETS[args.net]()
        self.model = model.to(args.device).to(memory_format=layout)
        self.run_model = torch.compile(self.model) if "compiled" in args.mode else self.model
        self.x = torch.randn(args.batch_size, 3, side, side, device=args.device)
        self.x = self.x.to(memory_format=layout)
        self.y = torch.randint(model[-1].out_features, (args.batch_size,), device=args.device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.01, momentum=0.9,
                                         weight_decay=5e-4)

    def finish(self):
        if self.x.is_cuda:
            torch.cuda.synchronize()

    def train(self):
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.run_model(self.x), self.y).backward()
        self.optimizer.step()
        self.finish()

    def infer(self):
        self.model.eval()
        with torch.inference_mode():
            self.run_model(self.x)
        self.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    bench_result.add_arguments(parser)
    parser.add_argument("--mode", default="eager",
                        choices=["eager", "eager channels-last", "compiled",
                                 "compiled channels-last"])
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, help="of the CPU; default all")
    parser.add_argument("--tf32", action="store_true", help="on a GPU, for all products")
    args = parser.parse_args()

    if args.threads:
        torch.set_num_threads(args.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    contestant = Contestant(args)
    infer = bench_result.time_steps(contestant.infer, args.iters)
    train = bench_result.time_steps(contestant.train, args.iters)
    cuda = args.device != "cpu"
    name = f"PyTorch {args.mode}" + (" TF32" if args.tf32 else "")
    bench_result.print_result(
        name, torch.__version__, "CUDA" if cuda else "oneDNN",
        torch.cuda.get_device_name() if cuda else bench_result.cpu_name(), args, train, infer,
        torch.get_num_threads())


if __name__ == "__main__":
    main()
