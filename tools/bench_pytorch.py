#!/usr/bin/env python3
"""Times PyTorch on the networks that `alexnet bench step` times, and, given the program, both in turn.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python tools/bench_pytorch.py --net paper --batch-size 128 --alexnet build/release/alexnet

Training = forward, mean cross-entropy, backward, SGD with momentum and weight decay; synthetic input.
Every round runs each contestant once; medians over the rounds are compared. Prints JSON.
"""
import argparse
import json
import statistics
import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


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


NETS = {"paper": (paper, 227), "owt": (owt, 224)}


class Contestant:
    """One PyTorch mode: its model, its input, and how to run a training or inference step."""

    def __init__(self, net, batch, mode, device):
        make, side = NETS[net]
        torch.manual_seed(0)
        layout = torch.channels_last if "channels-last" in mode else torch.contiguous_format
        self.model = make().to(device).to(memory_format=layout)
        self.run_model = torch.compile(self.model) if "compiled" in mode else self.model
        self.x = torch.randn(batch, 3, side, side, device=device).to(memory_format=layout)
        self.y = torch.randint(1000, (batch,), device=device)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.01, momentum=0.9,
                                         weight_decay=5e-4)
        self.device = device

    def train(self):
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.run_model(self.x), self.y).backward()
        self.optimizer.step()

    def infer(self):
        self.model.eval()
        with torch.inference_mode():
            self.run_model(self.x)

    def images_per_s(self, step, iterations):
        times = []
        for _ in range(iterations):
            start = time.perf_counter()
            step()
            if self.device != "cpu":
                torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
        return len(self.x) / statistics.median(times)


def run_alexnet(program, net, batch, iterations):
    command = [program, "bench", "step", net, "--batch-size", str(batch), "--iters",
               str(iterations), "--json"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"train": result["train"]["images_per_s"], "infer": result["infer"]["images_per_s"],
            "peak_gflops": result["peak"]["fma_gflops"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=NETS, default="paper")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iters", type=int, default=3, help="steps in a round")
    parser.add_argument("--modes", default="eager,eager channels-last",
                        help="of: eager, eager channels-last, compiled, compiled channels-last")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--alexnet", help="path of the program, to run both in turn")
    args = parser.parse_args()

    rates = {}

    def note(who, what, value):
        rates.setdefault(who, {}).setdefault(what, []).append(value)
        print(f"{who}: {what} {value:.1f}", file=sys.stderr)

    contestants = {mode: Contestant(args.net, args.batch_size, mode, args.device)
                   for mode in args.modes.split(",")}
    for contestant in contestants.values():  # warm up, compile
        contestant.train()
        contestant.infer()
    for _ in range(args.rounds):
        for mode, contestant in contestants.items():
            for what in ("train", "infer"):
                step = getattr(contestant, what)
                note("PyTorch " + mode, what, contestant.images_per_s(step, args.iters))
        if args.alexnet:
            for what, value in run_alexnet(args.alexnet, args.net, args.batch_size,
                                           args.iters).items():
                note("alexnet", what, value)
    print(json.dumps({
        "net": args.net, "batch_size": args.batch_size, "torch": torch.__version__,
        "threads": torch.get_num_threads(), "rounds": args.rounds,
        "images_per_s": {who: {what: round(statistics.median(values), 2)
                               for what, values in of.items()} for who, of in rates.items()},
    }, indent=2))


if __name__ == "__main__":
    main()
