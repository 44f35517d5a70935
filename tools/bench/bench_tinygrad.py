#!/usr/bin/env python3
"""Times tinygrad on the networks that `alexnet bench step` times; prints the same JSON.

    python3 -m venv venv && venv/bin/pip install tinygrad
    DEV=CL venv/bin/python tools/bench/bench_tinygrad.py --net owt --batch-size 16

DEV chooses the device: CL is OpenCL (and OCL_ICD_VENDORS says which one).
tools/bench/bench_peers.py runs it in turn with others.
"""
import argparse
import importlib.metadata

from tinygrad import Context, Device, Tensor, TinyJit, nn

import bench_result


def tower_norm(x):
    """Local response normalisation whose window ends at the edge between the two towers."""
    def norm(t):
        channels = t.shape[1]
        squares = t.square().pad((None, (2, 2), None, None))
        total = sum(squares[:, i:i + channels] for i in range(5))
        return t / (2.0 + 1e-4 * total).pow(0.75)
    return Tensor.cat(*[norm(t) for t in x.chunk(2, dim=1)], dim=1)


def pool(x):
    return x.max_pool2d(3, 2)


def flatten(x):
    return x.flatten(1)


def paper():
    return [nn.Conv2d(3, 96, 11, 4), Tensor.relu, tower_norm, pool,
            nn.Conv2d(96, 256, 5, padding=2, groups=2), Tensor.relu, tower_norm, pool,
            nn.Conv2d(256, 384, 3, padding=1), Tensor.relu,
            nn.Conv2d(384, 384, 3, padding=1, groups=2), Tensor.relu,
            nn.Conv2d(384, 256, 3, padding=1, groups=2), Tensor.relu, pool,
            flatten, nn.Linear(9216, 4096), Tensor.relu, Tensor.dropout,
            nn.Linear(4096, 4096), Tensor.relu, Tensor.dropout, nn.Linear(4096, 1000)]


def owt():
    return [nn.Conv2d(3, 64, 11, 4, padding=2), Tensor.relu, pool,
            nn.Conv2d(64, 192, 5, padding=2), Tensor.relu, pool,
            nn.Conv2d(192, 384, 3, padding=1), Tensor.relu,
            nn.Conv2d(384, 256, 3, padding=1), Tensor.relu,
            nn.Conv2d(256, 256, 3, padding=1), Tensor.relu, pool,
            flatten, Tensor.dropout, nn.Linear(9216, 4096), Tensor.relu,
            Tensor.dropout, nn.Linear(4096, 4096), Tensor.relu, nn.Linear(4096, 1000)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    bench_result.add_arguments(parser)
    args = parser.parse_args()

    side = bench_result.SIDES[args.net]
    layers = {"paper": paper, "owt": owt}[args.net]()
    x = Tensor.randn(args.batch_size, 3, side, side).realize()
    y = Tensor.randint(args.batch_size, low=0, high=1000).realize()
    parameters = nn.state.get_parameters(layers)
    optimizer = nn.optim.SGD(parameters, 0.01, momentum=0.9, weight_decay=5e-4)

    @TinyJit
    def train_step():
        optimizer.zero_grad()
        loss = x.sequential(layers).sparse_categorical_crossentropy(y).backward()
        return loss.realize(*optimizer.schedule_step())

    @TinyJit
    def infer_step():
        return x.sequential(layers).realize()

    def train():
        with Context(TRAINING=1):
            train_step()
        Device[Device.DEFAULT].synchronize()

    def infer():
        infer_step()
        Device[Device.DEFAULT].synchronize()

    inference = bench_result.time_steps(infer, args.iters)
    training = bench_result.time_steps(train, args.iters)
    bench_result.print_result("tinygrad", importlib.metadata.version("tinygrad"), Device.DEFAULT,
                              bench_result.cpu_name(), args, training, inference, 0)


if __name__ == "__main__":
    main()
