"""What `alexnet bench step` builds and launches on a GPU, by a driver that computes nothing
(fake_gpu.c); and what the tests of this folder share."""
import collections
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONFIGS = ("paper", "owt", "cifar10", "modern", "quickstart")
VENDORS = ("nvidia", "amd", "intel")  # whose GPU it is said to be
COMPILERS = ROOT / "build/gpu"
SKIPPED = 77

# the arguments are "bBYTES" of a buffer, "iNUMBER" or "-"
Launch = collections.namedtuple("Launch", "program kernel grid group args", defaults=[()])


class Program(collections.namedtuple("Program", "source options")):
    """Text and -D options of a program; two with the same are one."""

    def value(self, name):
        """Of -DNAME=VALUE, None if it is not given."""
        match = re.search(rf"-D{name}=(\S+)", self.options)
        return match and match[1]


class Unbuildable(Exception):
    """A compiler's words."""


class Record:
    """The programs that were built, and all launches in their order."""

    def __init__(self, folder):
        programs, self.launches = {}, []
        for line in (folder / "log").read_text().splitlines():
            kind, number, *words = line.split()
            if kind == "BUILD":
                options = " ".join(word for word in words if word.startswith("-D"))
                programs[number] = Program((folder / f"{number}.cl").read_text(), options)
            else:
                sizes = [int(word) for word in words[1:7]]
                self.launches.append(Launch(programs[number], words[0], sizes[:3], sizes[3:],
                                            words[7:]))
        self.programs = sorted(set(programs.values()))

    def groups(self):
        """{program: {kernel: items of its largest group}} of what was launched."""
        found = {}
        for launch in self.launches:
            kernels = found.setdefault(launch.program, {})
            kernels[launch.kernel] = max(math.prod(launch.group), kernels.get(launch.kernel, 0))
        return found

    def training_step(self):
        """The launches of one training step. The program makes two, one to warm up and one by the
        clock, that end with updates of weights."""
        updates = [i for i, launch in enumerate(self.launches) if launch.kernel == "sgd_update"]
        end = updates[-1] + 1
        count = end - updates[len(updates) // 2 - 1] - 1
        warm_up, step = self.launches[end - 2 * count:end - count], self.launches[end - count:end]
        assert [launch[:4] for launch in warm_up] == [launch[:4] for launch in step]
        return step


def make_record(program, fake, config, vendor, folder):
    done = subprocess.run([program, "bench", "step", config, "--iters", "1", "-q"],
                          env={**os.environ, "FAKE_GPU": vendor, "FAKE_GPU_FOLDER": folder,
                               "OCL_ICD_VENDORS": str(fake), "ALEXNET_CACHE_DIR": "off",
                               "ALEXNET_TUNING": "off"},
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{config} on {vendor}: exit code {done.returncode}: {done.stderr}")


def record(build, config, vendor):
    """What the program in the folder `build` does with the config on that vendor's GPU. Kept there
    until it is built anew."""
    program, fake = build / "alexnet", build / "tests/gpu/libfake_gpu.so"
    kept = build / "tests/gpu/records" / f"{config}-{vendor}"
    log = kept / "log"
    newest = max(program.stat().st_mtime, fake.stat().st_mtime)
    if not log.exists() or log.stat().st_mtime < newest:
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as folder:
            make_record(program, fake, config, vendor, folder)
            shutil.rmtree(kept, ignore_errors=True)
            os.rename(folder, kept)
    return Record(kept)


def records(build, configs=CONFIGS, vendors=VENDORS):
    """{(config, vendor): Record}"""
    keys = [(config, vendor) for config in configs for vendor in vendors]
    return dict(zip(keys, each(lambda key: record(build, *key), keys)))


# ---- for every test here ---------------------------------------------------------------------

def each(function, items):
    """The results in the order of the items, computed side by side."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(function, items))


def need(*tools):
    """Ends the test as skipped if one of these programs or files is missing."""
    for tool in tools:
        if shutil.which(tool) is None and not Path(tool).exists():
            print(f"{tool} is missing: `tools/gpu_compilers` gets it", file=sys.stderr)
            sys.exit(SKIPPED)


def build_folder():
    """The command's only word, by default that of the preset release."""
    return Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()


def limits(subject):
    """{words before the last: the last} of the lines of `limits` that begin with the subject."""
    lines = [line.split("#")[0].split() for line in (HERE / "limits").read_text().splitlines()]
    return {tuple(words[1:-1]): words[-1] for words in lines if words and words[0] == subject}


def finish(wrong, said):
    """Prints what is wrong, or what was looked at; ends the test."""
    print("\n".join(wrong) if wrong else said)
    sys.exit(1 if wrong else 0)
