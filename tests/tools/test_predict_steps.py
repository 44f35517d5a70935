#!/usr/bin/env python3
"""tools/bench/predict_steps.py on launches whose times were worked out by hand.

    tests/tools/test_predict_steps.py
"""
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tools/bench"), str(ROOT / "tests/gpu")]

from predict_steps import GPUS, other_bytes, product_seconds  # noqa: E402
from programs import Launch, Program  # noqa: E402

SCRATCH = 1 << 30
BLOCK = Program("void gemm_tile(c, a, b, bias, c0, a0, b0, m, n, k, parts, part_k, accumulate) {}\n"
                "void gemm_tile_update(float *w, float *v, a, b, const int m, int n,\n int k) {}",
                "-DBM=128 -DBN=128 -DBK=8 -DTM=8 -DTN=8 -DA_ALONG_K=1 -DB_ALONG_K=0")
PLAIN = Program("", "")


def product(columns, rows, count, m, n, k, buffer=SCRATCH):
    args = [f"b{buffer}"] * 3 + ["-", "i0", "i0", "i0", f"i{m}", f"i{n}", f"i{k}", "i1", f"i{k}",
                                 "i0"]
    return Launch(BLOCK, "gemm_tile", [256 * columns, rows, count], [256, 1, 1], args)


class Products(unittest.TestCase):
    def test_issue_of_the_last_round_counts_whole(self):
        # 133 groups on 132 units are two rounds; 8 of 10 instructions multiply
        launch = product(19, 7, 1, 896, 2432, 1024)
        flops = 2 * 2 * 132 * 128 * 128 * 1024
        self.assertAlmostEqual(product_seconds(launch, GPUS["H200"], 0.8, SCRATCH),
                               flops / (66.9e12 * 0.8))

    def test_half_of_the_slots_suffice_on_turing(self):
        launch = product(34, 1, 1, 128, 4352, 4096)
        times = [product_seconds(launch, GPUS["RTX 2060S"], share, SCRATCH)
                 for share in (0.25, 0.5, 0.9)]
        self.assertAlmostEqual(times[0], 2 * times[1])
        self.assertAlmostEqual(times[1], times[2])

    def test_a_short_sum_takes_the_memorys_time(self):
        launch = product(1, 49, 64, 6272, 128, 48)
        moved = 4 * 64 * (6272 * 48 + 48 * 128 + 6272 * 128)
        self.assertAlmostEqual(product_seconds(launch, GPUS["RX 6600 XT"], 0.9, SCRATCH),
                               moved / 216e9)

    def test_what_the_last_cache_holds_costs_nothing(self):
        launch = product(1, 4, 64, 392, 128, 48)  # 19 MB
        flops = 2 * 2 * 128 * 128 * 128 * 48  # 256 groups are two rounds on 128 units
        self.assertAlmostEqual(product_seconds(launch, GPUS["RTX 4090"], 1.0, SCRATCH),
                               flops / 82.6e12)
        self.assertAlmostEqual(product_seconds(launch, GPUS["Arc A770"], 1.0, SCRATCH),
                               4 * 64 * (392 * 48 + 48 * 128 + 392 * 128) / 560e9)

    def test_a_product_that_updates_moves_weights_and_velocities_both_ways(self):
        launch = Launch(BLOCK, "gemm_tile_update", [256 * 32, 32, 1], [256, 1, 1],
                        ["b67108864"] * 2 + ["b2097152"] * 2 + ["i4096", "i4096", "i128"])
        moved = 4 * (4 * 4096 * 4096 + 2 * 4096 * 128)
        self.assertAlmostEqual(product_seconds(launch, GPUS["RTX 4090"], 0.9, SCRATCH),
                               moved / 1008e9)


class Others(unittest.TestCase):
    def bytes_of(self, *launches, gpu="H200"):
        return [other_bytes(list(launches), i, GPUS[gpu], SCRATCH) for i in range(len(launches))]

    def test_an_update_reads_and_writes(self):
        update = Launch(PLAIN, "sgd_update", [1000, 1, 1], [64, 1, 1],
                        ["b64000", "b64000", "b64000", "-", "i1"])
        self.assertEqual(self.bytes_of(update), [5 * 64000])

    def test_parts_of_a_sum_are_read(self):
        parts = Launch(PLAIN, "sum_parts", [64, 1, 1], [64, 1, 1],
                       ["b1000", f"b{SCRATCH}", "b10", "i8"])
        self.assertEqual(self.bytes_of(parts), [9000])

    def test_transforms_move_what_the_product_beside_them_does(self):
        into = Launch(PLAIN, "conv2d_tile_winograd_in", [64, 1, 1], [64, 1, 1],
                      [f"b{SCRATCH}", "b24576", "b1000000"])
        out = Launch(PLAIN, "conv2d_tile_winograd_out", [64, 1, 1], [64, 1, 1],
                     ["b2000000", f"b{SCRATCH}", "b512"])
        middle = product(1, 49, 64, 6272, 128, 48)
        a, b, c = 4 * 64 * 6272 * 48, 4 * 64 * 48 * 128, 4 * 64 * 6272 * 128
        moved = self.bytes_of(into, middle, out)
        self.assertEqual(moved[0], a + b + 1024576)
        self.assertEqual(moved[2], c + 2000512)


if __name__ == "__main__":
    unittest.main()
