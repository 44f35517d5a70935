#!/usr/bin/env python3
"""tools/experiments/experiments.py end to end on a small network, and its tables from numbers made
up here.

    tests/tools/test_experiments.py build/release/alexnet
"""
import csv
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools/experiments/experiments.py"
sys.path.insert(0, str(ROOT / "tools/experiments"))
import experiments_report as report  # noqa: E402

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve()
LIST = """
[plain]
config = tiny
epochs = 3
[search]
config = four-layer
images = 100
epochs = 30
rates = 0.05 0.1 1000
search-epochs = 2
stop = 0.5
variants =
    leaky: net.activation=leaky 0.1, data.pad=1
"""


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        (self.path / "list.ini").write_text(LIST)

    def tearDown(self):
        self.folder.cleanup()

    def start(self, where, *names):
        return subprocess.Popen(
            [SCRIPT, "run", *names, "--program", PROGRAM,
             "--list", self.path / "list.ini", "--data", ROOT / "tests/data/cifar10-mini.tar.gz",
             "--work", self.path / where / "work", "--results", self.path / where / "kept"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run_all(self, where, *names):
        child = self.start(where, *names)
        output = child.communicate()[0]
        self.assertEqual(child.returncode, 0, output)
        return output.splitlines()

    def kept(self, where, name):
        return json.loads((self.path / where / "kept" / name / "runs.json").read_text())

    def losses(self, where):
        with (self.path / where / "kept/plain/tiny-s1.csv").open() as file:
            return [row["train_loss"] for row in csv.DictReader(file)]

    def test_an_interrupted_run_goes_on_and_a_finished_one_is_skipped(self):
        child = self.start("stopped", "plain")
        metrics = self.path / "stopped/work/plain/tiny-s1/metrics.csv"
        while not metrics.exists() or metrics.read_text().count("\n") < 2:
            self.assertIsNone(child.poll(), "ended before its first epoch did")
            time.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        child.communicate()
        self.assertEqual(child.returncode, 130)
        self.assertEqual(self.kept("stopped", "plain")["tiny-s1"]["state"], "interrupted")
        self.assertEqual(len(self.run_all("stopped", "plain")), 1)
        self.assertEqual(self.run_all("stopped", "plain"), [])
        self.run_all("whole", "plain")
        self.assertEqual(len(self.losses("stopped")), 3)
        self.assertEqual(self.losses("stopped"), self.losses("whole"))
        run = self.kept("whole", "plain")["tiny-s1"]
        self.assertEqual(run["command"], "alexnet train tiny --seed 1 --epochs 3")
        self.assertIn("[conv1]\n", run["config"])
        self.assertGreater(run["test"]["top1"], 5.0)

    def test_a_search_goes_on_with_the_best_rate_until_the_goal(self):
        self.run_all("search", "search")
        runs = self.kept("search", "search")
        self.assertEqual(len(runs), 3)
        self.assertEqual(runs["leaky-s1-lr1000"]["state"], "failed")
        longest = max(runs.values(), key=lambda run: run["epochs"])
        self.assertTrue(2 < longest["epochs"] < 30, longest["epochs"])
        self.assertIn("pad = 1\n", longest["config"])
        self.assertEqual(self.run_all("search", "search"), [])
        (self.path / "list.ini").write_text(LIST.replace("pad=1", "pad=2"))
        other = self.start("search", "search")
        self.assertIn("holds another run", other.communicate()[0])


    def test_what_a_result_depends_on_makes_it_another_run(self):
        text = ("[e]\nconfig = net.ini\nepochs = 2\nimages = 20\nrates = 0.05 0.1\n"
                "search-epochs = 1\nstop = 0.98\n").replace("net.ini", str(self.path / "net.ini"))
        preset = (ROOT / "configs/tiny.ini").read_text()
        changes = {"images = 20": "images = 30", "stop = 0.98": "stop = 0.97",
                   "search-epochs = 1": "search-epochs = 2", "lr = 0.01": "lr = 0.02"}
        kept, work = self.path / "a/kept/e/runs.json", self.path / "a/work/e"

        def write(old="", new=""):
            (self.path / "list.ini").write_text(text.replace(old, new))
            (self.path / "net.ini").write_text(preset.replace(old, new))

        write()
        self.assertEqual(len(self.run_all("a")), 3)
        for old, new in changes.items():
            write(old, new)
            self.assertIn("holds another run", self.start("a").communicate()[0], new)
        write("; A miniature", "; Another comment on a miniature")
        self.assertEqual(self.run_all("a"), [])

        records = json.loads(kept.read_text())  # as they were before the protocol was kept
        for record in records.values():
            for key in ("stop", "search_epochs", "preset"):
                del record[key]
        kept.write_text(json.dumps(records))
        self.assertEqual(self.run_all("a"), [])
        for stamp in work.glob("*/command"):
            stamp.write_text(json.loads(stamp.read_text())["command"])
        next(iter(records.values()))["state"] = "interrupted"
        kept.write_text(json.dumps(records))
        self.run_all("a")

        shutil.rmtree(work)
        write("images = 20", "images = 30")
        self.assertEqual(len(self.run_all("a")), 3)
        self.assertEqual({run["images_per_class"] for run in self.kept("a", "e").values()}, {30})

    def refused(self, *arguments):
        """What it says, in one line, where it ends with an error."""
        child = subprocess.run(
            [SCRIPT, "run", "--work", self.path / "work", "--results",
             self.path / "kept", "--list", self.path / "list.ini", "--program", PROGRAM,
             *arguments], capture_output=True, text=True)
        self.assertNotEqual(child.returncode, 0)
        lines = child.stderr.splitlines()
        self.assertEqual(len(lines), 1, child.stderr)
        return lines[0]

    def test_wrong_files_are_named_before_anything_runs(self):
        data = ("--data", ROOT / "tests/data/cifar10-mini.tar.gz")
        self.assertIn("run wants --data", self.refused("plain"))
        self.assertIn("--data nosuch.tar: no such file", self.refused("--data", "nosuch.tar"))
        self.assertIn("--list nosuch.ini: ", self.refused("--list", "nosuch.ini", *data))
        self.assertIn("--program /nope: ", self.refused("--program", "/nope", *data))
        self.assertIn("no experiment other", self.refused(*data, "other"))  # names come last too
        self.assertIn("not a tar", self.refused("--data", self.path, "search"))
        self.assertFalse((self.path / "kept").exists())

    def test_a_failure_says_why(self):
        (self.path / "broken.tar").write_text("this is no tar\n")
        line = self.refused("plain", "--data", self.path / "broken.tar")
        self.assertIn("tiny-s1/train.log: exit code 4: ", line)
        self.assertIn("broken.tar", line.partition("exit code 4: ")[2])


class Tables(unittest.TestCase):
    def test_epochs_to_an_accuracy_lie_between_the_two_around_it(self):
        metrics = {"epoch": [1.0, 2.0, 3.0], "train_top1": [0.5, 0.7, 0.8]}
        self.assertAlmostEqual(report.epochs_to(metrics, 0.75), 2.5)
        self.assertAlmostEqual(report.epochs_to(metrics, 0.25), 0.5)
        self.assertIsNone(report.epochs_to(metrics, 0.9))

    def test_ablations_are_judged_by_their_spread(self):
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder)
            (results / "ablations").mkdir()
            runs = {}
            # deviations 1, 1, 1: noise is 2.447 * sqrt(2 / 3) = 2.00
            for variant, middle in (("all of it", 40), ("no LRN", 43), ("pools 2/2", 41.9)):
                for seed in (1, 2, 3):
                    name = f"{variant.replace(' ', '-').replace('/', '-')}-s{seed}"
                    runs[name] = {"variant": variant, "state": "done", "epochs": 2,
                                  "images_per_class": 70}
                    accuracy = 1.0 - (middle + seed - 2) / 100.0
                    (results / "ablations" / f"{name}.csv").write_text(
                        f"epoch,train_top1,val_top1\n1,0.1,0.1\n2,0.75,{accuracy}\n")
            (results / "ablations/runs.json").write_text(json.dumps(runs))
            text = "\n".join(report.ablations(results))
        self.assertIn("first 70 training images of each class, 2 epochs", text)
        self.assertIn("deviation of 3 seeds", text)
        self.assertIn("below 2.00 points", text)
        self.assertIn("| no LRN | 25.00 | 43.00 ± 1.00 | +3.00 | +1.4 | as published |", text)
        self.assertIn("| pools 2/2 | 25.00 | 41.90 ± 1.00 | +1.90 | +0.4 | within noise |", text)
        self.assertIn("Not finished: no dropout,", text)


if __name__ == "__main__":
    unittest.main()
