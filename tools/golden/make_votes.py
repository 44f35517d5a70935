#!/usr/bin/env python3
"""Writes tests/train/votes_pytorch.json: class probabilities of the ten crops of some images, by one network and by
two, the oracle of tests/train/test_votes.c, which makes the same weights and images from the same hash.

    venv/bin/python tools/golden/make_votes.py tests/train/votes_pytorch.json    # torch, numpy

Computed in float64. Images are 32x32, bytes, divided by 255, then less MEAN and over STD; a network sees
27x27 of them.
"""
import json
import sys

import torch
import torch.nn.functional as F

from make_golden import bound, integers, lrn, uniform

IMAGES, SIDE, CROP, CLASSES = 7, 32, 27, 10
SHAPES = [[8, 3, 5, 5], [16, 8, 3, 3], [32, 64], [CLASSES, 32]]  # of the weights; the biases follow each
MEAN, STD = [0.5, 0.45, 0.4], [0.2, 0.25, 0.3]
LRN = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0, "towers": 2}


def parameters(network):
    out = []
    for layer, shape in enumerate(SHAPES):
        fan_in = torch.Size(shape[1:]).numel()
        out.append(uniform(1000 + 10 * network + 2 * layer, shape, bound(fan_in)))
        out.append(uniform(1000 + 10 * network + 2 * layer + 1, shape[:1], 0.1))
    return [torch.tensor(p, dtype=torch.float64) for p in out]


def probabilities(p, x):
    x = F.max_pool2d(lrn(F.relu(F.conv2d(x, p[0], p[1], stride=2)), LRN), 3, 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p[2], p[3], padding=1)), 3, 2)
    x = 0.5 * F.relu(F.linear(x.flatten(1), p[4], p[5]))  # dropout's share, as in 2012
    return F.softmax(F.linear(x, p[6], p[7]), dim=1)


def ten_crops(x):
    far, mid = SIDE - CROP, (SIDE - CROP) // 2
    for mirror in (False, True):
        for top, left in ((0, 0), (0, far), (far, 0), (far, far), (mid, mid)):
            crop = x[:, :, top:top + CROP, left:left + CROP]
            yield crop.flip(3) if mirror else crop


def main():
    pixels = integers(7, [IMAGES, 3, SIDE, SIDE], 256)
    mean, std = (torch.tensor(v, dtype=torch.float64).reshape(3, 1, 1) for v in (MEAN, STD))
    x = (torch.tensor(pixels, dtype=torch.float64) / 255.0 - mean) / std
    mid = (SIDE - CROP) // 2
    nets = [parameters(0), parameters(1)]
    ten = [sum(probabilities(p, c) for c in ten_crops(x)) / 10.0 for p in nets]
    centre = probabilities(nets[0], x[:, :, mid:mid + CROP, mid:mid + CROP])
    out = {"centre": centre, "ten_crop": ten[0], "ensemble": (ten[0] + ten[1]) / 2.0}
    with open(sys.argv[1], "w") as file:
        file.write("{\n")
        for i, (name, values) in enumerate(out.items()):
            rows = ",\n  ".join(json.dumps([float("%.9g" % v) for v in row]) for row in values.tolist())
            file.write('"%s": [\n  %s]%s\n' % (name, rows, "," if i < len(out) - 1 else ""))
        file.write("}\n")


main()
