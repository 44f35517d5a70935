"""Keeps the tuning rows that ship valid after a change of kernels that left their code as it was:
comments, names, files. Rows of kernels that do something else are to be measured anew.

    ALEXNET_LOG=debug ALEXNET_CACHE_DIR=off alexnet bench step paper --device 0 2>&1 |
        python3 tools/bench/tuning_renew.py REVISION [--renamed OLD=NEW]...

Rows carry a hash of the kernels that they were measured with. For every program that the log names,
with its options, the kernels of the git revision and those of the working tree are compiled to
LLVM's intermediate code by clang, with names taken out. Where all are equal, the rows of
configs/tuned/ that carry the revision's hash get the working tree's. Needs clang and libxxhash.
"""
import argparse
import ctypes
import glob
import os
import re
import subprocess
import sys
import tempfile

FAMILIES = {"conv2d": ("conv2d", "im2col"), "fc": ("gemm",)}  # src/ops/choose/rows.c has the same
CLANG = ("clang -x cl -cl-std=CL1.2 -target spir64 -Xclang -finclude-default-header -w -O1 -S "
         "-emit-llvm -o -").split()


def expanded(folder, name, seen=None):
    """The text of a file with its includes, each once, as src/rt/program/source.c makes it: there
    sscanf looks for `#include` behind blank lines, too, and drops these."""
    seen = set() if seen is None else seen
    lines = []
    with open(os.path.join(folder, name)) as file:
        text = file.read()
    while text:
        include = re.match(r'\s*#\s*include\s*"([^"\n]+)"', text)
        line, end, text = text.partition("\n")
        if not include:
            lines.append(line + end)
        elif include[1] not in seen:
            seen.add(include[1])
            lines.append(expanded(folder, include[1], seen))
    return "".join(lines) + "\n"


class Digest(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def family_hash(folder, prefixes):
    files = sorted(f for f in os.listdir(folder) if f.startswith(prefixes) and f.endswith(".cl"))
    text = b"".join(expanded(folder, name).encode() + b"\0" for name in files)
    xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
    xxh3.restype = Digest
    return f"{xxh3(text, ctypes.c_size_t(len(text))).high:016x}"


def code_of(folder, name, options):
    """Without what holds names alone."""
    run = subprocess.run([*CLANG, *options.split(), "-"], input=expanded(folder, name + ".cl"),
                         capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{folder}/{name}.cl [{options}] does not compile:\n{run.stderr}")
    return [line for line in run.stdout.splitlines()
            if not line.startswith(("source_filename", "; "))]


def compare(old, new, log, renamed):
    programs = sorted(set(re.findall(r"cl/(\w+)\.cl \[([^]]*)\] built", log)))
    programs = [p for p in programs if p[0].startswith(sum(FAMILIES.values(), ()))]
    if not programs:
        sys.exit("the log names no program of " + ", ".join(FAMILIES))
    for name, options in programs:
        options = " ".join(re.findall(r"-D\S+", options))
        if code_of(old, renamed.get(name, name), options) != code_of(new, name, options):
            sys.exit(f"cl/{name}.cl [{options}] is other code now: measure the rows anew")
    return len(programs)


def renew(old, new):
    for family, prefixes in FAMILIES.items():
        before, after = family_hash(old, prefixes), family_hash(new, prefixes)
        for path in sorted(glob.glob("configs/tuned/*.jsonl")):
            with open(path) as file:
                text = file.read()
            with open(path, "w") as file:
                file.write(text.replace(f'"kernels":"{before}"', f'"kernels":"{after}"'))
            print(f"{path}: {family}: {text.count(before)} rows, {before} -> {after}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("revision")
    parser.add_argument("--renamed", action="append", default=[], metavar="OLD=NEW")
    args = parser.parse_args()
    renamed = {new: old for old, new in (pair.split("=") for pair in args.renamed)}
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", args.revision, "cl"], stdout=subprocess.PIPE,
                                 check=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        count = compare(os.path.join(folder, "cl"), "cl", sys.stdin.read(), renamed)
        print(f"{count} programs compile to the same code as at {args.revision}")
        renew(os.path.join(folder, "cl"), "cl")


if __name__ == "__main__":
    main()
