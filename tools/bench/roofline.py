#!/usr/bin/env python3
"""Computes, not measures, what the tile kernels ask of a GPU on the paper's network.

    tools/bench/roofline.py [--batch-size 128]

For every learned layer and pass: multiply-adds of direct convolution and of the algorithm that
--conv-algo tile-winograd takes, the bytes of device memory that it moves, and the least time on each
GPU, max(2 * multiply-adds / peak, bytes / bandwidth). The bytes are those that no cache can save:

    direct      operands and result once; sums in parts: each part written and read
    tile        the same, and transformed tiles and weights written once and read once

Products run at the whole peak here; good kernels reach 70 to 85 % of it. Activations, norms,
pooling and the update are left out but for the weights they share.
"""
import argparse
import re
from pathlib import Path

# name: (FP32 TFLOP/s, GB/s)
GPUS = {"RX 6600 XT": (9.94, 216), "RTX 2060S": (8.26, 396), "H200": (66.9, 4800)}

# One tower: name, side of x, channels of x, side of y, filters, kernel; towers
LAYERS = [("conv1", 227, 3, 55, 48, 11, 2), ("conv2", 27, 48, 27, 128, 5, 2),
          ("conv3", 13, 256, 13, 192, 3, 2), ("conv4", 13, 192, 13, 192, 3, 2),
          ("conv5", 13, 192, 13, 128, 3, 2), ("fc6", 1, 9216, 1, 2048, 1, 2),
          ("fc7", 1, 4096, 1, 2048, 1, 2), ("fc8", 1, 4096, 1, 1000, 1, 1)]
PASSES = ("forward", "grad-input", "grad-weight")
TRAFFIC_COST = 64  # as in src/ops/conv/tile_winograd.c


def ceil(a, b):
    return -(-a // b)


def sum_parts(m, n, k):
    """As ops_block_parts in src/ops/gemm/block.c."""
    count = max(512 // (ceil(m, 64) * ceil(n, 64)), 1)
    count = max(min(count, (16 << 20) // (m * n), k // 256), ceil(k, 16384))
    return ceil(k, ceil(ceil(k, count), 16) * 16)


def line_operations(side, name, count):
    """Additions and multiplications of one transform in cl/winograd_*.clh, two to a multiply-add."""
    text = (Path(__file__).parents[2] / "cl" / f"winograd_{side}.clh").read_text()
    body = re.search(rf"{name}_{side}{'_%d' % count if count else ''}\(.*?\n}}", text, re.S).group()
    return len(re.findall(r" [-+*] ", body)) / 2


def direct_cost(pass_, batch, x_side, c, y_side, k, taps):
    windows = batch * y_side * y_side
    macs = windows * c * k * taps * taps
    floats = batch * x_side * x_side * c + windows * k + taps * taps * c * k
    shape = {"forward": (windows, k, taps * taps * c),
             "grad-input": (batch * x_side * x_side, c, taps * taps * k),
             "grad-weight": (taps * taps * c, k, windows)}[pass_]
    if taps == 1 or pass_ == "grad-weight":
        parts = sum_parts(*shape)
        floats += 2 * parts * shape[0] * shape[1] if parts > 1 else 0
    return macs, 4 * floats


def tile_cost(pass_, batch, x_side, c, y_side, k, taps):
    side = 7 if taps == 3 else 8
    outputs, points = side + 1 - taps, side * side
    tiles = batch * ceil(y_side, outputs) ** 2
    macs = points * tiles * c * k
    if pass_ == "grad-weight":
        lines = ("winograd_input", 0, 2 * side), ("winograd_points", outputs, side + outputs)
        weights = line_operations(side, "winograd_output", taps) * (side + taps)
    else:
        lines = ("winograd_input", 0, 2 * side), ("winograd_output", outputs, side + outputs)
        weights = line_operations(side, "winograd_points", taps) * (side + taps)
    each = [line_operations(side, name, count) * times for name, count, times in lines]
    of_x, of_y = (k, c) if pass_ == "grad-input" else (c, k)
    macs += tiles * (of_x * each[0] + of_y * each[1]) + c * k * weights
    transformed = points * (tiles * (c + k) + c * k)
    return macs, direct_cost("forward", batch, x_side, c, y_side, k, taps)[1] + 8 * transformed


def tiles_pay(batch, c, y_side, k, taps):
    """As ops_conv2d_tile_winograd_pays; all layers with tiles here have stride 1."""
    if not 3 <= taps <= 5:
        return False
    side = 7 if taps == 3 else 8
    tiles = batch * ceil(y_side, side + 1 - taps) ** 2
    cost = side * side * (tiles * (c * k + TRAFFIC_COST * (c + k)) + TRAFFIC_COST * c * k)
    return cost < batch * y_side * y_side * c * k * taps * taps


def layer_rows(batch, layer):
    name, x_side, c, y_side, k, taps, towers = layer
    for pass_ in PASSES[:1] + PASSES[2:] if name == "conv1" else PASSES:
        sizes = (pass_, batch, x_side, c, y_side, k, taps)
        direct, moved = direct_cost(*sizes)
        tiled = tiles_pay(batch, c, y_side, k, taps)
        macs, moved = tile_cost(*sizes) if tiled else (direct, moved)
        yield pass_, "tile-winograd" if tiled else "tile", *(towers * v
                                                             for v in (direct, macs, moved))


def table_row(name, what, direct, macs, moved, times):
    print(f"| {name} | {what} | {direct / 1e9:.1f} | {macs / 1e9:.1f} | {moved / 1e6:.0f} | "
          + " | ".join(f"{1e3 * t:.2f}" for t in times) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-size", type=int, default=128)
    batch = parser.parse_args().batch_size
    total = [0.0] * (3 + len(GPUS))

    print("| layer | pass, algorithm | direct GMAC | GMAC | MB |",
          " | ".join(f"{gpu}, ms" for gpu in GPUS), "|")
    print("|---" * (5 + len(GPUS)) + "|")
    for layer in LAYERS:
        for pass_, algorithm, *cost in layer_rows(batch, layer):
            direct, macs, moved = cost
            times = [max(2 * macs / (peak * 1e12), moved / (rate * 1e9))
                     for peak, rate in GPUS.values()]
            table_row(layer[0], f"{pass_}, {algorithm}", direct, macs, moved, times)
            total = [a + b for a, b in zip(total, [*cost, *times])]
    table_row("all", "a step's products", *total[:3], total[3:])
    print("images/s at most:", ", ".join(f"{gpu} {batch / t:.0f}"
                                         for gpu, t in zip(GPUS, total[3:])))


if __name__ == "__main__":
    main()
