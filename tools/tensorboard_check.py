#!/usr/bin/env python3
"""Prints what TensorBoard's own reader finds in a folder of event files, as JSON.

usage: tensorboard_check.py DIR      (needs: pip install tensorboard 'setuptools<81')
"""
import json
import sys

from tensorboard.backend.event_processing import event_accumulator


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    reader = event_accumulator.EventAccumulator(
        sys.argv[1], size_guidance={"scalars": 0, "images": 0, "compressedHistograms": 0, "histograms": 0})
    reader.Reload()
    tags = reader.Tags()
    found = {
        "scalars": {tag: [[e.step, e.value] for e in reader.Scalars(tag)] for tag in tags["scalars"]},
        "images": {tag: [[e.step, e.width, e.height, len(e.encoded_image_string)]
                         for e in reader.Images(tag)] for tag in tags["images"]},
        "histograms": {tag: [[e.step, e.histogram_value.num, e.histogram_value.min, e.histogram_value.max,
                              e.histogram_value.sum, sum(e.histogram_value.bucket)]
                             for e in reader.Histograms(tag)] for tag in tags["histograms"]},
    }
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
