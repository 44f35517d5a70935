#!/usr/bin/env python3
"""tools/bench/tuning_renew.py on kernels made up here; and the rows that ship are of the kernels as
they are.

    tests/tools/test_tuning_renew.py
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools/bench/tuning_renew.py"
sys.path.insert(0, str(SCRIPT.parent))
import tuning_renew  # noqa: E402

KERNEL = """/* a kernel */

#include "twice.clh"
__kernel void conv2d_a(__global float *x) { x[0] = TWICE(x[0]) + N; }
"""
LOG = "debug: cl/conv2d_b.cl [-cl-std=CL1.2 -DN=3] built in 0.1 s\n"


class Renewing(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path)
        (self.path / "cl").mkdir()
        (self.path / "configs/tuned").mkdir(parents=True)
        (self.path / "cl/twice.clh").write_text("#define TWICE(v) ((v) + (v))\n")
        (self.path / "cl/conv2d_a.cl").write_text(KERNEL)
        (self.path / "cl/gemm.cl").write_text("__kernel void gemm(void) { }\n")
        self.rows(self.hash("conv2d", "im2col"))
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", self.path)
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "as it was")):
            subprocess.run([*git, *command], check=True)

    def rows(self, value):
        (self.path / "configs/tuned/a.jsonl").write_text(f'{{"kernels":"{value}"}}\n')

    def row(self):
        return json.loads((self.path / "configs/tuned/a.jsonl").read_text())["kernels"]

    def hash(self, *prefixes):
        return tuning_renew.family_hash(self.path / "cl", prefixes)

    def renew(self, kernel):
        (self.path / "cl/conv2d_a.cl").unlink()
        (self.path / "cl/conv2d_b.cl").write_text(kernel)
        return subprocess.run([sys.executable, SCRIPT, "HEAD", "--renamed", "conv2d_a=conv2d_b"],
                              cwd=self.path, input=LOG, capture_output=True, text=True)

    def test_includes_are_expanded_as_the_program_does_it(self):
        text = tuning_renew.expanded(self.path / "cl", "conv2d_a.cl")
        self.assertEqual(text, KERNEL.replace('\n#include "twice.clh"\n',
                                              "#define TWICE(v) ((v) + (v))\n\n") + "\n")

    @unittest.skipUnless(shutil.which("clang"), "clang is missing")
    def test_other_words_renew(self):
        before = self.row()
        child = self.renew(KERNEL.replace("a kernel", "the kernel").replace("*x", "*y")
                           .replace("x[0]", "y[0]"))
        self.assertEqual(child.returncode, 0, child.stderr)
        self.assertEqual(self.row(), self.hash("conv2d", "im2col"))
        self.assertNotEqual(self.row(), before)

    @unittest.skipUnless(shutil.which("clang"), "clang is missing")
    def test_other_code_does_not(self):
        before = self.row()
        child = self.renew(KERNEL.replace("+ N", "- N"))
        self.assertIn("is other code now", child.stderr)
        self.assertNotEqual(child.returncode, 0)
        self.assertEqual(self.row(), before)


class Shipped(unittest.TestCase):
    def test_rows_are_of_the_kernels_as_they_are(self):
        """Others count nowhere: renew them, or take them out (cl/README.md)."""
        hashes = {family: tuning_renew.family_hash(ROOT / "cl", prefixes)
                  for family, prefixes in tuning_renew.FAMILIES.items()}
        for path in (ROOT / "configs/tuned").glob("*.jsonl"):
            for line in path.read_text().splitlines():
                row = json.loads(line)
                family = row["problem"].split()[0]
                if family in hashes:
                    self.assertEqual(row["kernels"], hashes[family], f"{path.name}: {line}")


if __name__ == "__main__":
    unittest.main()
