#!/usr/bin/env python3
"""tools/bench/tuning_best.py on rows of several searches, made up here.

    tests/tools/test_tuning_best.py
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/bench/tuning_best.py"


def row(problem, choice, ms, batch=128):
    return {"device": "d", "driver": "1", "kernels": "k", "problem": problem, "batch": batch,
            "choice": choice, "ms": ms, "error": 1e-6}


class Best(unittest.TestCase):
    def best(self, *searches):
        """(problem, batch, choice, ms) of what is kept."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, f"{i}.jsonl") for i in range(len(searches))]
            for path, rows in zip(paths, searches):
                path.write_text("".join(json.dumps(r) + "\n" for r in rows))
            run = subprocess.run([sys.executable, SCRIPT, *paths], capture_output=True, text=True,
                                 check=True)
        kept = [json.loads(line) for line in run.stdout.splitlines()]
        return [(r["problem"], r["batch"], r["choice"], r["ms"]) for r in kept]

    def test_one_search_has_a_best_of_each_problem(self):
        self.assertEqual(self.best([row("a", "vec", 3), row("a", "tile", 2), row("b", "vec", 5),
                                    row("a", "vec", 1, batch=32)]),
                         [("a", 128, "tile", 2), ("b", 128, "vec", 5), ("a", 32, "vec", 1)])

    def test_of_several_the_median_decides_not_the_luckiest(self):
        lucky, steady = (1, 9, 9.4), (5, 4, 6)
        searches = [[row("a", "lucky", x), row("a", "steady", y)] for x, y in zip(lucky, steady)]
        self.assertEqual(self.best(*searches), [("a", 128, "steady", 5)])
        self.assertEqual(self.best(*searches[1:]), [("a", 128, "steady", 5)])  # the two's mean

    def test_a_way_that_was_ever_wrong_is_left_out(self):
        self.assertEqual(self.best([row("a", "racy", 1), row("a", "vec", 3)],
                                   [row("a", "racy", None), row("a", "vec", 4)],
                                   [row("b", "racy", None)]),
                         [("a", 128, "vec", 3.5)])


if __name__ == "__main__":
    unittest.main()
