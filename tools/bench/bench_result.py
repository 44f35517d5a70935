"""The JSON of `alexnet bench step --json`, for the scripts that time other programs."""
import datetime
import json
import platform
import resource
import statistics
import time

# Multiplications of an image, forward; of them, those of conv1, whose input needs no gradient.
MACS = {"paper": (724406816, 105415200), "owt": (714188480, 70276800),
        "cifar10": (110542848, 663552)}
SIDES = {"paper": 227, "owt": 224, "cifar10": 32}


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def time_steps(step, iterations):
    """Milliseconds of `iterations` calls, after two that compile and warm up, and the most bytes of
    RAM so far, which only grow: inference goes before training.
    """
    ms = []
    for i in range(iterations + 2):
        start = time.perf_counter()
        step()
        if i >= 2:
            ms.append(1e3 * (time.perf_counter() - start))
    return ms, 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def rate(net, batch, measured, training):
    ms, resident_bytes = measured
    macs, first = MACS[net]
    median = statistics.median(ms)
    return {"images_per_s": 1e3 * batch / median, "median_ms": median, "min_ms": min(ms),
            "max_ms": max(ms),
            "gflops": 2e-6 * batch * (3 * macs - first if training else macs) / median,
            "resident_bytes": resident_bytes}


def print_result(program, version, where, device, args, train, infer, units):
    """`train` is None where a program only infers."""
    result = {
        "schema": 1, "kind": "step", "program": program, "version": version,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "platform": where, "device": device, "config": args.net, "data": "made-up",
        "batch_size": args.batch_size, "iterations": args.iters, "units": units,
        "infer": rate(args.net, args.batch_size, infer, False),
    }
    if train is not None:
        result["train"] = rate(args.net, args.batch_size, train, True)
    print(json.dumps(result, indent=1))


def add_arguments(parser):
    parser.add_argument("--net", choices=MACS, default="paper")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--iters", type=int, default=3, help="timed steps")
