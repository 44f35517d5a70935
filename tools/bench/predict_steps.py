#!/usr/bin/env python3
"""Computes, not measures, a training step of `paper`, batch 128, on GPUs that are not at hand.

    predict_steps.py [BUILD...]             builds of the tree, by default build/release; a table
    predict_steps.py --dlprimitives KERNELS     the check of the model, below

Every launch of the step is known (tests/gpu/fake_gpu.c), with its groups, its arguments and the
bytes of its buffers, and of blocks of products what compilers make of them (tests/gpu/figures.py;
`tools/gpu_compilers` gets these). A launch takes the longest of

    issue           products, those of padded blocks and of the last, part-filled round of groups
                    too, at the FP32 peak times the share of multiply-adds in the block's loop
    local memory    what items read of it for each step of the sum, 128 bytes a cycle and unit
    device memory   every operand read and every result written once; but what is transformed for
                    a product, and its result, cost nothing where all of it fits CACHE_SHARE of the
                    last cache

and LAUNCH_US besides. Nothing else is counted: not that latency is exposed where few groups are on
a unit, nor the arithmetic of what makes no products (that of normalisation counts on large GPUs).

Where the model can be checked: DLPrimitives (github.com/artyom-beilis/dlprimitives, MIT licence)
publishes rates of its kernels. KERNELS is src/kernels of a checkout; the same compiler makes its
sgemm for a gfx1010, and the model's share of the peak stands beside the published one.
"""
import argparse
import collections
import functools
import math
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/gpu"))

import amd  # noqa: E402
from figures import block, block_tasks, figures_of  # noqa: E402
from machine_code import basic_blocks, cycles, first_group, hot_loop  # noqa: E402
from programs import Program, record  # noqa: E402

LAUNCH_US = 4  # of a kernel that waits for the one before; 3 to 5 are usual

CACHE_SHARE = 0.75

# cache: MB of the last one. lanes: multiply-adds a cycle of a unit. merged: of what a warp's items
# read, the share that is fetched, as items of a row read the same (measured by others on NVIDIA's,
# not documented). slots: instructions that are issued while all lanes make one product. Peaks of
# RX 6600 XT and RTX 2060S are measured ones, the others' are data sheets'.
Gpu = collections.namedtuple("Gpu", "vendor target tflops gbytes cache units lanes merged slots")
GPUS = {
    "RX 6600 XT": Gpu("amd", "gfx1030", 9.94, 216, 32, 32, 64, 1, 1),
    "RX 7900 XTX": Gpu("amd", "gfx1100", 61.4, 960, 96, 96, 128, 1, 1),
    "MI210": Gpu("amd", "gfx942", 45.3, 1638, 8, 104, 128, 1, 1),  # gfx90a: code for its successor
    "Arc A770": Gpu("intel", "acm-g10", 19.7, 560, 16, 32, 128, 1, 1),
    "RTX 2060S": Gpu("nvidia", "sm_75", 8.26, 396, 4, 34, 64, 0.75, 2),
    "RTX 4090": Gpu("nvidia", "sm_90", 82.6, 1008, 72, 128, 128, 0.75, 1),  # sm_89: code for sm_90
    "H200": Gpu("nvidia", "sm_90", 66.9, 4800, 50, 132, 128, 0.75, 1),
}
BATCH = 128


def buffers(launch):
    return [int(arg[1:]) for arg in launch.args if arg[0] == "b"]


# ---- products ------------------------------------------------------------------------------------

def numbers(launch):
    return [int(arg[1:]) if arg[0] == "i" else None for arg in launch.args]


@functools.cache
def parameters(source, kernel):
    text = re.search(rf"void {kernel}\((.*?)\)\s*\{{", source, re.S)[1]
    return [re.findall(r"\w+", parameter)[-1] for parameter in text.split(",")]


def named(launch):
    """{parameter of the kernel: number}"""
    return dict(zip(parameters(launch.program.source, launch.kernel), numbers(launch)))


def depth(launch):
    """How long the sum of a group is."""
    if launch.kernel == "conv2d_tile":
        return buffers(launch)[2] // buffers(launch)[3]  # weights of a filter, which has one bias
    values = named(launch)
    return values.get("part_k") or values.get("part_windows") or values["k"]


def sizes(program):
    return [int(program.value(name)) for name in ("BM", "BN", "BK", "TM", "TN")]


def group_count(launch):
    return math.prod(launch.grid) // math.prod(launch.group)


def product_bytes(launch):
    """(A, B, C) of a product."""
    if launch.kernel == "conv2d_tile":
        return buffers(launch)[1], buffers(launch)[2], buffers(launch)[0]
    if launch.kernel == "conv2d_tile_weight":
        bm, bn = sizes(launch.program)[:2]
        return *buffers(launch)[1:], 4 * group_count(launch) * bm * bn
    m, n, k, parts = (named(launch).get(name, 1) for name in ("m", "n", "k", "parts"))
    count = launch.grid[2]
    results = 4 if launch.kernel == "gemm_tile_update" else 1  # weights and velocities, both ways
    return 4 * count // parts * m * k, 4 * count // parts * k * n, 4 * count * m * n * results


def is_cached(product, gpu, scratch):
    """Whether its operands and its result, if in scratch, stay in the last cache."""
    return product.kernel == "gemm_tile" and buffers(product)[:3] == [scratch] * 3 \
        and sum(product_bytes(product)) <= CACHE_SHARE * 1e6 * gpu.cache


def product_seconds(launch, gpu, fma, scratch):
    bm, bn, bk, tm, tn = sizes(launch.program)
    rounds = -(-group_count(launch) // gpu.units)
    flops = 2 * rounds * gpu.units * bm * bn * -(-depth(launch) // bk) * bk
    issue = min(gpu.slots * fma, 1)
    local = min(tm * tn / gpu.lanes / ((tm + tn) * 4 * gpu.merged / 128), 1)
    moved = 0 if is_cached(launch, gpu, scratch) else sum(product_bytes(launch))
    return max(flops / (1e12 * gpu.tflops * min(issue, local)), moved / (1e9 * gpu.gbytes))


# ---- all else ------------------------------------------------------------------------------------

def transformed(step, index):
    """Of a transform of Winograd's: the product that reads what it writes, or has written what it
    reads, and the bytes of that."""
    kernel = step[index].kernel
    after = re.search("_out|_output|winograd_weight$", kernel) is not None
    order = range(index - 1, -1, -1) if after else range(index + 1, len(step))
    product = next(step[i] for i in order if step[i].kernel == "gemm_tile")
    a, b, c = product_bytes(product)
    return product, c if after else {"input": a, "grad": b, "filter": b}.get(
        kernel.split("_")[-1], a + b)


def other_bytes(step, index, gpu, scratch):
    """Scratch buffers are larger than what is used of them, and a transform may take a part of the
    images, which is no larger than what becomes of it. Sums in chunks leave next to nothing."""
    launch = step[index]
    found = buffers(launch)
    if "winograd" in launch.kernel:
        product, most = transformed(step, index)
        return sum(min(size, most) for size in found
                   if size != scratch or not is_cached(product, gpu, scratch))
    if launch.kernel == "sum_parts":
        return found[0] * (1 + numbers(launch)[3])
    if launch.kernel == "sgd_update":
        found = [min(size, 64 * math.prod(launch.grid)) for size in found]
        found += found[:2]  # weights and velocities are read and written
    return sum(size for size in found if size != scratch)


# ---- a step --------------------------------------------------------------------------------------

@functools.cache
def block_figures(build, vendor, target):
    return figures_of(vendor, block_tasks(build, vendor, [target]))


def step_parts(build, gpu):
    """Milliseconds of products, of all else, of launches; how many launches."""
    step = record(build, "paper", gpu.vendor).training_step()
    figures = block_figures(build, gpu.vendor, gpu.target)
    scratch = max(min(buffers(launch)) for launch in step if launch.kernel == "gemm_tile")
    products = others = 0.0
    for index, launch in enumerate(step):
        if block(launch.program) == "-":
            others += other_bytes(step, index, gpu, scratch) / (1e9 * gpu.gbytes)
        else:
            found = figures[gpu.target, launch.kernel, block(launch.program)]
            products += product_seconds(launch, gpu, found["fma"] / 100, scratch)
    return 1e3 * products, 1e3 * others, 1e-3 * LAUNCH_US * len(step), len(step)


def print_steps(builds):
    print("| GPU |" + " products, ms | all else, ms | launches | step, ms | images/s |"
          * len(builds), "times as fast |" if len(builds) > 1 else "")
    print("|---" * (1 + 5 * len(builds) + (len(builds) > 1)) + "|")
    for name, gpu in GPUS.items():
        cells, whole = [], []
        for build in builds:
            products, others, launching, count = step_parts(build, gpu)
            whole.append(products + others + launching)
            cells += [f"{products:.1f}", f"{others:.1f}", f"{count}", f"{whole[-1]:.1f}",
                      f"{1e3 * BATCH / whole[-1]:.0f}"]
        if len(builds) > 1:
            cells.append(f"{whole[0] / whole[-1]:.2f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


# ---- DLPrimitives --------------------------------------------------------------------------------

# what it was measured on: units, share of the measured peak that is published
# (issues 25 of pytorch_dlprim, and 3 of dlprimitives)
CONVOLUTION = " ".join(f"-D{name}={value}" for name, value in dict(
    CONVGEMM=1, KERN_H=5, KERN_W=5, DILATE_H=1, DILATE_W=1, PAD_H=2, PAD_W=2, STRIDE_H=1,
    STRIDE_W=1, GROUPS=1, CHANNELS_IN=64, SRC_COLS=27, SRC_ROWS=27, IMG_COLS=27, IMG_ROWS=27,
    IM2COL_OCHAN=729).items())
Published = collections.namedtuple("Published", "what units tile item zorder more m n share")
PUBLISHED = (
    Published("sgemm 2048, Radeon Pro 5700 XT, Apple's driver", 40, 32, 4, 0, "", 2048, 2048, 75.4),
    Published("sgemm 1024, the same", 40, 32, 4, 0, "", 1024, 1024, 62.3),
    Published("conv 5x5, 64 to 192, the same", 40, 32, 4, 0, CONVOLUTION, 192, 64 * 729, 61.9),
    Published("sgemm 1024, gfx1010 of 36 units, AMD's driver", 36, 128, 8, 1, "", 1024, 1024, 44.6),
    Published("conv 5x5, 64 to 192, the same", 36, 64, 4, 0, CONVOLUTION, 192, 64 * 729, 36.5),
)
DEPTH = 16  # of a step of the sum


def vector_count(lines):
    return sum(line.lstrip().startswith("v_") for line in lines)


def sgemm_share(source, p):
    """Of a step of the sum: its products, in what it issues. What fetches stands there twice, with
    and without bounds; one of the two runs, as the number of loads tells."""
    options = " ".join(f"-D{name}={value}" for name, value in dict(
        TILE_SIZE_M=p.tile, TILE_SIZE_N=p.tile, BLOCK_SIZE_M=p.item, BLOCK_SIZE_N=p.item,
        TILE_SIZE_K=DEPTH, TILE_OFFSET=0, BIAS=0, ATRANS=0, BTRANS=0, REDUCE_K=1, ZORDER=p.zorder,
        ACTIVATION=0).items())
    text = amd.assembly(Program(source, f"{options} {p.more}"), "gfx1010")
    code = re.search(r"^sgemm:.*?; Occupancy", text, re.S | re.M)[0].splitlines()
    label = functools.partial(first_group, amd.LABEL)
    blocks, follows = basic_blocks(code, label, amd.flow)
    outer = max(cycles(follows, set(follows)),
                key=lambda found: sum(amd.products(line) for i in found for line in blocks[i]))
    whole = [line for i in outer for line in blocks[i]]
    inner = hot_loop(code, label, amd.flow, amd.products)
    products = p.item * p.item * DEPTH
    loads = 2 * p.tile * DEPTH // (p.tile // p.item) ** 2
    runs = loads / sum("global_load" in line for line in whole)
    issued = vector_count(inner) * products / sum(map(amd.products, inner)) \
        + (vector_count(whole) - vector_count(inner)) * runs
    return products / issued


def print_dlprimitives(folder):
    source = re.sub(r'#include "(\w+\.h)"', lambda match: (folder / match[1]).read_text(),
                    (folder / "sgemm.cl").read_text())
    print("| kernel | published, % of peak | computed | off |\n|---|---|---|---|")
    for p in PUBLISHED:
        groups = -(-p.m // p.tile) * -(-p.n // p.tile)
        full = p.m * p.n / (p.tile ** 2 * -(-groups // p.units) * p.units)
        local = min(p.item ** 2 / 64 / (2 * p.item * 4 / 128), 1)
        share = 100 * full * min(sgemm_share(source, p), local)
        print(f"| {p.what} | {p.share:.0f} | {share:.0f} | {100 * (share / p.share - 1):+.0f} % |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="*", type=Path, default=[ROOT / "build/release"])
    parser.add_argument("--dlprimitives", type=Path)
    args = parser.parse_args()
    if args.dlprimitives:
        print_dlprimitives(args.dlprimitives)
    else:
        print_steps([build.resolve() for build in args.builds])


if __name__ == "__main__":
    main()
