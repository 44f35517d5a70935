#!/usr/bin/env python3
"""Ten updates with layer-wise rates (LARS) in double precision, by NumPy alone, for tests/ops/test_lars.c.

    tools/golden/make_lars.py tests/golden/lars.json

You, Gitman, Ginsburg 2017, arXiv:1708.03888, algorithm 1: the rate of a layer's weights is
eta |w| / (|g| + decay |w|) times the schedule's, and part of the velocity; biases keep theirs. Values
that the device starts from are float32, all else is float64."""
import json
import sys

import numpy as np

STEPS, MOMENTUM, ETA = 10, 0.9, 0.001
LAYERS = {"split": 24, "whole": 9, "zero": 4}  # of `split` each tower holds a half; `zero` starts at 0
RUNS = [{"decay": 5e-4, "clip": 0.0}, {"decay": 0.0, "clip": 1.5}]


def start(rng):
    weights = {name: rng.normal(0, 0.05, size).astype(np.float32) for name, size in LAYERS.items()}
    weights["zero"][:] = 0
    weights["bias"] = rng.normal(0, 0.1, 5).astype(np.float32)
    return weights


def step(w, v, g, lr, decay, clip):
    norm = np.sqrt(sum(np.sum(x * x) for x in g.values()))
    scale = min(1.0, clip / (norm + 1e-6)) if clip > 0 else 1.0
    for name in w:
        gradient, pull = scale * g[name], 0.0 if name == "bias" else decay
        lengths = np.sqrt(np.sum(w[name] ** 2)), np.sqrt(np.sum(gradient**2))
        rate = lr
        if name != "bias" and lengths[0] > 0 and lengths[1] > 0:
            rate *= ETA * lengths[0] / (lengths[1] + pull * lengths[0])
        v[name] = MOMENTUM * v[name] - rate * (gradient + pull * w[name])
        w[name] = w[name] + v[name]


def run(decay, clip, seed):
    rng = np.random.default_rng(seed)
    first = start(rng)
    w = {name: value.astype(np.float64) for name, value in first.items()}
    v = {name: np.zeros_like(value) for name, value in w.items()}
    out = {"decay": decay, "clip": clip, "lr": [], "start": {k: x.tolist() for k, x in first.items()}}
    out |= {"gradients": [], "weights": []}
    for i in range(STEPS):
        lr = float(np.float32(5.0 * (i + 1) / STEPS))  # warms up
        g = {k: rng.normal(0, 0.3, x.size).astype(np.float32) for k, x in first.items()}
        step(w, v, {k: x.astype(np.float64) for k, x in g.items()}, lr, decay, clip)
        out["lr"].append(lr)
        out["gradients"].append({k: x.tolist() for k, x in g.items()})
        out["weights"].append({k: x.tolist() for k, x in w.items()})
    out["velocities"] = {k: x.tolist() for k, x in v.items()}
    return out


def main():
    runs = [run(r["decay"], r["clip"], seed) for seed, r in enumerate(RUNS)]
    with open(sys.argv[1], "w") as file:
        json.dump({"momentum": MOMENTUM, "eta": ETA, "runs": runs}, file, indent=1)
        file.write("\n")


main()
