"""What kill_loop and faults share: a small data set, the runs that are disturbed, and what an
undisturbed one leaves, which is what they must end with."""
import csv
import io
import json
import os
import struct
import subprocess
import tarfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BEGINNINGS = {"time", "epoch", "step"}  # of sessions
TIMES = {"seconds", "images_s", "wait_share"}  # of metrics: no two runs have the same


def make_set(path, train=20, test=5):
    """A tar of a few of the small CIFAR-10 images of each class."""
    kept = Counter()
    with tarfile.open(ROOT / "tests/data/cifar10-mini.tar.gz") as source, \
            tarfile.open(path, "w") as out:
        for member in source:
            folder = os.path.dirname(member.name)
            if member.isfile() and kept[folder] < (train if folder.startswith("train") else test):
                kept[folder] += 1
                out.addfile(member, source.extractfile(member))


class Run:
    """A run of the program that can be started again and again in `out` until it is through.
    `program` and `data` are paths."""

    def __init__(self, name, program, data, options=(), epochs=2, small=False):
        self.name, self.program = name, str(program)
        if name == "pack":  # raw and large: several commits
            size = ["--size", "32"] if small else ["--size", "256", "--raw"]
            self.first = ["pack", str(data), *size, "-j", "2", "-q", *options]
        else:
            self.first = ["train", "tiny", "--data", str(data), "--epochs", str(epochs), *options]
            self.more = ["--save-every", "3", "-j", "2", "-q"]  # no epoch ends after such a step

    def command(self, out):
        """To begin in `out`, or to go on there."""
        if self.name == "pack":
            return [self.program, *self.first, "-o", str(out)]
        if (out / "checkpoint-last").exists():
            again = self.first[6:]
            return [self.program, "train", "--resume", str(out), *again, *self.more]
        return [self.program, *self.first, "-o", str(out), *self.more]

    def complete(self, out):
        return subprocess.run(self.command(out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, check=False)


# ---- what a run leaves -----------------------------------------------------------------------

def metrics_rows(text):
    return [{k: v for k, v in row.items() if k not in TIMES}
            for row in csv.DictReader(io.StringIO(text))]


def metrics_lines(text):
    return [{k: v for k, v in json.loads(line).items() if k not in TIMES}
            for line in text.splitlines()]


def sessions(text):
    """What computed the run: a start adds a line, which differs by when and where it began."""
    return {json.dumps({k: v for k, v in json.loads(line).items() if k not in BEGINNINGS})
            for line in text.splitlines()}


def lmdb_records(data):
    """Pairs of key and value, in order: pages may lie elsewhere in a file that was written twice."""
    def page(number):
        return memoryview(data)[number * size:]

    def walk(number):
        at = page(number)
        flags, lower = struct.unpack_from("<HH", at, 10)
        for i in range((lower - 16) // 2):
            node = struct.unpack_from("<H", at, 16 + 2 * i)[0]
            low, high, bits, key_bytes = struct.unpack_from("<HHHH", at, node)
            value = node + 8 + key_bytes
            if flags & 1:  # a branch
                yield from walk(low | high << 16 | bits << 32)
            elif bits & 1:  # on pages of its own
                first = struct.unpack_from("<Q", at, value)[0]
                yield (bytes(at[node + 8:value]),
                       bytes(page(first)[16:16 + (low | high << 16)]))
            else:
                yield bytes(at[node + 8:value]), bytes(at[value:value + (low | high << 16)])

    size = struct.unpack_from("<I", data, 16 + 24)[0]
    last = max((struct.unpack_from("<Q", data, i * size + 16 + 128)[0], i) for i in (0, 1))[1]
    root = struct.unpack_from("<Q", data, last * size + 16 + 24 + 48 + 40)[0]
    return list(walk(root))


READERS = {"metrics.csv": metrics_rows, "metrics.jsonl": metrics_lines,
           "sessions.jsonl": sessions}


def contents(folder):
    """By relative path, everything in a folder as far as two runs agree on it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            found[name + "/"] = None
        elif path.name in READERS:
            found[name] = READERS[path.name](path.read_text())
        else:
            data = path.read_bytes()
            found[name] = lmdb_records(data) if path.name == "data.mdb" else data
    return found


def differences(folder, want):
    """One line each."""
    have = contents(folder)
    return [f"{name}: {'missing' if name not in have else 'left over' if name not in want else 'differs'}"
            for name in sorted(have.keys() | want.keys())
            if name not in have or name not in want or have[name] != want[name]]
