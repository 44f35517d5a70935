#!/usr/bin/env python3
"""Can the tests fail? Puts one fault after the other into a copy of the code and runs the tests
that reach it.

    pip install universalmutator==1.14.1   # in a virtual environment: its `mutate` makes the faults
    tools/mutants.py run [--count 500] [--seed 1] [--rooms ops,net] [--tests REGEX] -o rows.jsonl
    tools/mutants.py report rows.jsonl [--equivalent FILE]

`run` clones the last commit below --build, notes which lines each test runs (gcov), and then draws
faults: a file by its length, one of its mutants at random. One that does not compile, or compiles
to the same object, is drawn again. The tests whose lines it lies in run from the quickest on until
one fails; for a line of a table those that run any line of its file; for a kernel, where gcov does
not see, those named like it, then the rooms ops and net.
A test that takes ten times its CPU time has failed, and its row says "too slow". A row a
fault is written; the same command goes on where it was stopped. Tests on other OpenCL
implementations, of the tools and of style are left out, and with --tests those whose names do not
match.

`report` prints the score by room and every survivor. FILE lists the survivors that were read and
change nothing that a user can see, a line each: "file:line why".
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ("ops", "net", "train", "data", "io", "config", "report", "cli", "cl")
LEFT_OUT = {"intel", "oclgrind", "rusticl", "pair", "gpu", "tools", "style", "fuzz", "kill"}
LONGEST_TEST = 120  # seconds of CPU time; a slower one is not run for every fault
SKIPPED = 77
REFUSED = ["-Werror=int-conversion", "-Werror=incompatible-pointer-types",
           "-Werror=implicit-function-declaration"]  # nobody would commit these


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", **options)


def must(command, **options):
    done = run(command, **options)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


# ---- the copy of the code, its builds and its tests ----------------------------------------------

def clone(folder):
    tree = folder / "tree"
    if not tree.exists():
        must(["git", "clone", "--quiet", "--shared", ROOT, tree])
    return tree


def configure(tree, build, *options):
    if not (build / "build.ninja").exists():
        must(["cmake", "-S", tree, "-B", build, "-G", "Ninja", *options])
    must(["cmake", "--build", build])


def ctest_list(build, pattern):
    """The tests of this machine's own OpenCL device: name, command, environment, folder."""
    tests = []
    for test in json.loads(must(["ctest", "--show-only=json-v1"], cwd=build))["tests"]:
        values = {p["name"]: p["value"] for p in test["properties"]}
        if LEFT_OUT.isdisjoint(values.get("LABELS", [])) and re.search(pattern, test["name"]):
            tests.append({"name": test["name"], "command": test["command"],
                          "folder": values["WORKING_DIRECTORY"],
                          "environment": dict(e.split("=", 1) for e in values["ENVIRONMENT"])})
    return tests


def passes(test, seconds):
    """Of one test: whether it passed, None if it took too long, and the CPU time that it took. Too
    long are so many seconds of CPU time of one process, or 20 times as many by the clock: others may
    have the cores."""
    seconds = int(seconds) + 1
    environment = {k: v for k, v in os.environ.items() if k != "ALEXNET_TEST_DATA"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(test["command"], cwd=test["folder"], start_new_session=True,
                               env=environment | test["environment"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU,
                                                                     (seconds, seconds + 5)))
    try:
        code = process.wait(20 * seconds)
        passed = None if code == -signal.SIGXCPU else code in (0, SKIPPED)
    except subprocess.TimeoutExpired:
        passed = None
    try:
        os.killpg(process.pid, 9)  # with what it left running
    except ProcessLookupError:
        pass
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# ---- which test runs which line ------------------------------------------------------------------

def lines_run(tree, build, executable):
    """{file: [line...]} of what ran since the counts were last removed; removes them. Adds to
    {file: lines that can run}."""
    counts = list(build.rglob("*.gcda"))
    lines = collections.defaultdict(set)
    for start in range(0, len(counts), 100):
        out = must(["gcov", "--json-format", "--stdout", *counts[start:start + 100]], cwd=build)
        for report in filter(None, out.splitlines()):
            for file in json.loads(report)["files"]:
                path = pathlib.Path(build, file["file"]).resolve()
                if path.is_relative_to(tree / "src"):
                    name = str(path.relative_to(tree))
                    lines[name].update(x["line_number"] for x in file["lines"] if x["count"])
                    executable[name].update(x["line_number"] for x in file["lines"])
    for path in counts:
        path.unlink()
    return {name: sorted(found) for name, found in lines.items()}


def coverage(tree, folder, pattern):
    """[{name, seconds, lines}] of every test that passes, quickest first; {file: lines that can
    run}, without those of tables and declarations. Goes on where it was stopped."""
    kept = folder / "coverage.jsonl"
    build = folder / "coverage"
    configure(tree, build, "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1 --coverage")
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {row["name"] for row in rows}
    with kept.open("a") as out:
        for test in ctest_list(build, pattern):
            if test["name"] in done:
                continue
            executable = collections.defaultdict(set)
            passed, seconds = passes(test, 3600)
            row = {"name": test["name"], "seconds": seconds, "passed": bool(passed),
                   "lines": lines_run(tree, build, executable),
                   "executable": {name: sorted(lines) for name, lines in executable.items()}}
            print(f"{row['name']}: {seconds:.1f} s{'' if passed else ', FAILED: left out'}",
                  file=sys.stderr)
            rows.append(row)
            out.write(json.dumps(row) + "\n")
            out.flush()
    executable = collections.defaultdict(set)
    for row in rows:
        for name, lines in row["executable"].items():
            executable[name].update(lines)
    used = [row for row in rows if row["passed"] and row["seconds"] < LONGEST_TEST]
    return sorted(used, key=lambda row: row["seconds"]), executable


def tests_of(rows, executable, path, line):
    if path.startswith("src/"):
        whole = line not in executable.get(path, ())
        return [row for row in rows
                if path in row["lines"] and (whole or line in row["lines"][path])]
    word = re.sub(r"^conv2d_.*", "conv2d", pathlib.Path(path).stem)
    named = [row for row in rows if word in row["name"]]
    return named + [row for row in rows
                    if row["name"].split("/")[0] in ("ops", "net") and row not in named]


# ---- faults --------------------------------------------------------------------------------------

def sources(tree, rooms):
    """{path: lines}"""
    files = {}
    for room in rooms:
        for path in sorted((tree / "cl").glob("*.cl*") if room == "cl" else
                           (tree / "src" / room).rglob("*.c")):
            files[str(path.relative_to(tree))] = len(path.read_text().splitlines())
    return files


def mutants_of(tree, folder, path):
    out = folder / "mutants" / path
    if not out.exists():
        part = out.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        must(["mutate", tree / path, "c", "--noCheck", "--mutantDir", part], cwd=part)
        part.rename(out)
    return sorted(out.iterdir())


def changed_line(before, after):
    for number, (a, b) in enumerate(zip(before, after), 1):
        if a != b:
            return number, a.strip(), b.strip()
    return None


def without_comments(text):
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def object_of(command, source, out):
    """The bytes that a source compiles to, None if it does not."""
    command = [str(source) if word.endswith(".c") else word for word in command]
    command[command.index("-o") + 1] = str(out)
    return out.read_bytes() if run(command + REFUSED).returncode == 0 else None


class Code:
    """The tree in which one file at a time is another."""

    def __init__(self, tree, folder, pattern):
        self.tree, self.build, self.folder = tree, folder / "build", folder
        configure(tree, self.build)
        commands = json.loads((self.build / "compile_commands.json").read_text())
        self.commands = {str(pathlib.Path(c["file"]).relative_to(tree)): c for c in commands
                         if pathlib.Path(c["file"]).is_relative_to(tree)}
        self.tests = {test["name"]: test for test in ctest_list(self.build, pattern)}

    def differs(self, path, mutant):
        """Whether the mutant compiles, and to something else."""
        original = self.tree / path
        if path.startswith("cl/"):
            if without_comments(original.read_text()) == without_comments(mutant.read_text()):
                return False
            return path.endswith(".clh") or run(
                ["clang", "-x", "cl", "-cl-std=CL1.2", "-fsyntax-only", "-w",
                 "-I", self.tree / "cl", mutant]).returncode == 0
        command = shlex.split(self.commands[path]["command"])
        command.insert(1, f"-I{original.parent}")
        out = self.folder / "mutant.o"
        copy = self.folder / "mutant.c"  # one name for both: it is in the object
        objects = []
        for source in (original, mutant):
            shutil.copy(source, copy)
            objects.append(object_of(command, copy, out))
        return objects[1] is not None and objects[0] != objects[1]

    def killed_by(self, path, mutant, rows):
        """The name of the first of the tests that fails with the mutant, or None."""
        original = self.tree / path
        text = original.read_text()
        try:
            shutil.copy(mutant, original)
            for row in rows:
                test = self.tests[row["name"]]
                program = pathlib.Path(test["command"][0]).relative_to(self.build)
                if run(["cmake", "--build", self.build, "--target", program, "alexnet"]).returncode:
                    return "the build"
                passed, _ = passes(test, 30 + 10 * row["seconds"])
                if not passed:
                    return row["name"] + (", too slow" if passed is None else "")
        finally:
            original.write_text(text)
        return None


def draw(code, files, number, seed, folder):
    """The fault of that number: (path, mutant, (line, before, after))."""
    dice = random.Random(f"{seed} {number}")
    while True:
        path = dice.choices(list(files), weights=files.values())[0]
        mutant = dice.choice(mutants_of(code.tree, folder, path))
        change = changed_line((code.tree / path).read_text().splitlines(),
                              mutant.read_text().splitlines())
        if change is not None and code.differs(path, mutant):
            return path, mutant, change


def command_run(args):
    if shutil.which("mutate") is None:
        sys.exit("mutate: not found; pip install universalmutator==1.14.1, and its bin on PATH")
    folder = args.build.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    tree = clone(folder)
    rows, executable = coverage(tree, folder, args.tests)
    code = Code(tree, folder, args.tests)
    files = sources(tree, args.rooms.split(","))
    done = set()
    if args.output.exists():
        done = {json.loads(line)["number"] for line in args.output.read_text().splitlines()}
    commit = must(["git", "rev-parse", "--short", "HEAD"], cwd=tree).strip()
    for number in sorted(set(range(args.count)) - done):
        path, mutant, (line, before, after) = draw(code, files, number, args.seed, folder)
        reach = tests_of(rows, executable, path, line)
        killer = code.killed_by(path, mutant, reach)
        row = {"number": number, "seed": args.seed, "commit": commit, "file": path, "line": line,
               "before": before, "after": after, "killed_by": killer,
               "passed": [r["name"] for r in reach] if killer is None else None}
        with args.output.open("a") as out:
            out.write(json.dumps(row) + "\n")
        print(f"{number}: {path}:{line} {killer or 'SURVIVED'}", file=sys.stderr)


# ---- the score -----------------------------------------------------------------------------------

def room_of(path):
    return path.split("/")[1] if path.startswith("src/") else "cl"


def command_report(args):
    rows = [json.loads(line) for line in args.rows.read_text().splitlines()]
    harmless = {}
    if args.equivalent:
        for line in args.equivalent.read_text().splitlines():
            place, _, why = line.partition(" ")
            harmless[place] = why
    score = collections.defaultdict(lambda: [0, 0, 0])
    for row in rows:
        place = f"{row['file']}:{row['line']}"
        kind = 0 if row["killed_by"] else 2 if place in harmless else 1
        score[room_of(row["file"])][kind] += 1
        score["all"][kind] += 1
    print("| room | noticed | survived | change nothing | noticed, % |\n|---|---|---|---|---|")
    for room in (*ROOMS, "all"):
        noticed, survived, same = score[room]
        if noticed + survived:
            print(f"| {room} | {noticed} | {survived} | {same} | "
                  f"{100 * noticed / (noticed + survived):.1f} |")
    print("\n| survivor | before | after | tests that ran |\n|---|---|---|---|")
    for row in sorted(rows, key=lambda row: (row["file"], row["line"])):
        if not row["killed_by"] and f"{row['file']}:{row['line']}" not in harmless:
            cells = [text.replace("|", "\\|") for text in (row["before"], row["after"])]
            print(f"| {row['file']}:{row['line']} | `{cells[0]}` | `{cells[1]}` | "
                  f"{len(row['passed'])} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help="make faults and run the tests")
    one.add_argument("--count", type=int, default=500)
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--rooms", default=",".join(ROOMS))
    one.add_argument("--tests", metavar="REGEX", default="")
    one.add_argument("--build", type=pathlib.Path, default=ROOT / "build/mutants")
    one.add_argument("-o", "--output", type=pathlib.Path, required=True)
    one.set_defaults(command=command_run)
    two = commands.add_parser("report", help="the score and the survivors")
    two.add_argument("rows", type=pathlib.Path)
    two.add_argument("--equivalent", type=pathlib.Path)
    two.set_defaults(command=command_report)
    args = parser.parse_args()
    args.command(args)


if __name__ == "__main__":
    main()
