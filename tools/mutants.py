#!/usr/bin/env python3
"""Can the tests fail? Puts one fault after the other into a copy of the code and runs the tests
that reach it.

    pip install universalmutator==1.14.1   # in a virtual environment: its `mutate` makes the faults
    tools/mutants.py run [--count 500] [--seed 1] [--rooms ops,net] [--tests REGEX] [--seconds 30]
    tools/mutants.py again [NUMBER...] [--tests REGEX] [--seconds S]
    tools/mutants.py report

`run` clones the last commit below --build, notes which lines each test runs (gcov), and then draws
faults: a file by its length, one of its mutants at random. One that does not compile, or compiles
to the same object, is drawn again. The tests whose lines it lies in run until one fails, those of
its name, of its room and the quick ones first, for --seconds of CPU time in all; for a line of a
table those that run any line of its file; for a kernel, where gcov does not see, those named like
it and the rooms ops and net. A test that takes ten times its CPU time has failed, and its row says
"too slow". A row a fault is written to tests/results/mutants/rows.jsonl (-o: another file); the
same command goes on where it was stopped. Tests on other OpenCL implementations, of the tools and
of style are left out, so are those of over 20 s of CPU time, and with --tests those that do not
match: a name with its labels, like "net/test_net device net".

`again` puts the survivors, or those of these numbers, into a copy of the newest commit, and runs
every test that reaches them; with --tests those that match, whatever they reach, as it does not
run gcov again. So it says whether a new test notices what no test did.

`report` prints the score by room and every survivor. tests/results/mutants/equivalent lists the
survivors that were read and change nothing that a user can see, a line each: "number file:line
why".
"""
import argparse
import collections
import contextlib
import json
import math
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
RESULTS = ROOT / "tests/results/mutants"
ROOMS = ("ops", "net", "train", "data", "io", "config", "report", "cli", "cl")
LEFT_OUT = {"intel", "oclgrind", "rusticl", "pair", "gpu", "tools", "style", "fuzz", "kill"}
LONGEST_TEST = 20  # seconds of CPU time; a slower one is not run for every fault
SKIPPED = 77
UNLOADED = 127  # mold 1.10 makes a program in a thousand whose relocations end outside its pages
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

def clone(folder, newest=False):
    """The copy, with no fault in it, and its commit."""
    tree = folder / "tree"
    if not tree.exists():
        must(["git", "clone", "--quiet", "--shared", ROOT, tree])
    if newest:
        must(["git", "fetch", "--quiet", "origin", "HEAD"], cwd=tree)
        must(["git", "reset", "--quiet", "--hard", "FETCH_HEAD"], cwd=tree)
    must(["git", "checkout", "--quiet", "--", "."], cwd=tree)
    return tree, must(["git", "rev-parse", "--short", "HEAD"], cwd=tree).strip()


def configure(tree, build, *options):
    if not (build / "build.ninja").exists():
        must(["cmake", "-S", tree, "-B", build, "-G", "Ninja", *options])
    must(["cmake", "--build", build])


def ctest_list(build, pattern):
    """The tests of this machine's own OpenCL device: name, command, environment, folder. The
    pattern is looked for in the name with its labels behind."""
    tests = []
    for test in json.loads(must(["ctest", "--show-only=json-v1"], cwd=build))["tests"]:
        values = {p["name"]: p["value"] for p in test["properties"]}
        labels = values.get("LABELS", [])
        if LEFT_OUT.isdisjoint(labels) and re.search(pattern, " ".join([test["name"], *labels])):
            tests.append({"name": test["name"], "command": test["command"],
                          "folder": values["WORKING_DIRECTORY"],
                          "environment": dict(e.split("=", 1) for e in values["ENVIRONMENT"])})
    return tests


def cpu_seconds():
    """Of all programs that ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def passes(test, seconds):
    """Of one test: whether it passed, None if it took too long, and the CPU time that it took. Too
    long are so many seconds of CPU time of one process, or 20 times as many by the clock, as others
    may have the cores."""
    seconds = int(seconds) + 1
    environment = {k: v for k, v in os.environ.items() if k != "ALEXNET_TEST_DATA"}
    before = cpu_seconds()
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
        code = passed = None
    try:
        os.killpg(process.pid, 9)  # with what it left running
    except ProcessLookupError:
        pass
    process.wait()
    if code == UNLOADED:
        sys.exit(f"{test['name']}: its program cannot be loaded, which is no fault of the code; "
                 "LDFLAGS=-Wl,-z,norelro helps where mold links")
    return passed, cpu_seconds() - before


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


def coverage_kept(path):
    """[{name, seconds, lines}] of every test that passed; {file: lines that can run}, without those
    of tables and declarations."""
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    executable = collections.defaultdict(set)
    for row in rows:
        for name, lines in row["executable"].items():
            executable[name].update(lines)
    return [row for row in rows if row["passed"]], executable


def coverage(tree, folder, pattern):
    """The same, after running what has not been run yet."""
    kept = folder / "coverage.jsonl"
    build = folder / "coverage"
    configure(tree, build, "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1 --coverage")
    done = kept.read_text() if kept.exists() else ""
    with kept.open("a") as out:
        for test in ctest_list(build, pattern):
            if json.dumps({"name": test["name"]})[:-1] + "," in done:
                continue
            executable = collections.defaultdict(set)
            passed, seconds = passes(test, LONGEST_TEST)
            row = {"name": test["name"], "seconds": seconds, "passed": bool(passed),
                   "lines": lines_run(tree, build, executable),
                   "executable": {name: sorted(lines) for name, lines in executable.items()}}
            print(f"{row['name']}: {seconds:.1f} s{'' if passed else ', left out'}",
                  file=sys.stderr)
            out.write(json.dumps(row) + "\n")
            out.flush()
    return coverage_kept(kept)


def tests_of(rows, executable, path, line):
    """The tests that run the line, the likeliest for their time first."""
    room = path.split("/")[1]
    stem = pathlib.Path(path).stem
    if path.startswith("cl/"):
        room = "ops"
        stem = re.sub(r"^conv2d_.*", "conv2d", stem)
        reach = [row for row in rows
                 if stem in row["name"] or row["name"].split("/")[0] in ("ops", "net")]
    else:
        whole = line not in executable.get(path, ())
        reach = [row for row in rows
                 if path in row["lines"] and (whole or line in row["lines"][path])]

    def rank(row):
        near = row["name"].startswith(room + "/")
        return row["seconds"] * (0.02 if near and stem in row["name"] else 0.2 if near else 1)
    return sorted(reach, key=rank)


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


class Code:
    """The built tree, in which one file at a time is another. Its own commands compile and link
    that file anew: ninja would look at all the others each time."""

    def __init__(self, tree, build, pattern):
        self.tree, self.build = tree, build
        configure(tree, build)
        commands = json.loads((self.build / "compile_commands.json").read_text())
        self.commands = {str(pathlib.Path(c["file"]).relative_to(tree)): shlex.split(c["command"])
                         for c in commands if pathlib.Path(c["file"]).is_relative_to(tree)}
        self.tests = {test["name"]: test for test in ctest_list(self.build, pattern)}
        self.links = {}
        self.path = None  # what is changed now
        self.includers = collections.defaultdict(list)  # {file: tests that include it whole}
        for test in self.commands:
            if test.startswith("tests/"):
                for name in re.findall(r'#include "(.*\.c)"', (tree / test).read_text()):
                    self.includers["src/" + name].append(test)
        self.spent = collections.Counter()  # {what: seconds of CPU time}

    @contextlib.contextmanager
    def counted(self, what):
        start = cpu_seconds()
        yield
        self.spent[what] += cpu_seconds() - start

    def put(self, path, text):
        """Changes a file; whether it compiles, and to something else than before."""
        assert self.path is None
        source = self.tree / path
        self.path, self.text = path, source.read_text()
        source.write_text(text)
        if path.startswith("cl/"):
            return without_comments(text) != without_comments(self.text) and (
                path.endswith(".clh") or
                run(["clang", "-x", "cl", "-cl-std=CL1.2", "-fsyntax-only", "-w",
                     "-I", self.tree / "cl", source]).returncode == 0)
        command = self.commands[path]
        self.object = self.build / command[command.index("-o") + 1]
        self.bytes = self.object.read_bytes()
        done = run(command + REFUSED, cwd=self.build)
        return (done.returncode == 0 and self.object.read_bytes() != self.bytes and
                self.compile_includers())

    def compile_includers(self):
        return all(run(self.commands[test], cwd=self.build).returncode == 0
                   for test in self.includers.get(self.path, ()))

    def take_back(self):
        (self.tree / self.path).write_text(self.text)
        if not self.path.startswith("cl/"):
            self.object.write_bytes(self.bytes)
            self.compile_includers()
        self.path = None

    def link(self, program):
        if program not in self.links:
            self.links[program] = must(["ninja", "-t", "commands", "-s", program], cwd=self.build)
        with self.counted("link"):
            return run(self.links[program], shell=True, cwd=self.build).returncode == 0

    def killed_by(self, rows, budget):
        """The name of the first of the tests that fails, or None; how many passed. A test that
        would take more CPU time than is left of `budget` is not run."""
        kernel = self.path.startswith("cl/")
        read_from = {"ALEXNET_CL_DIR": str(self.tree / "cl")} if kernel else {}
        if not (self.link("libalexnet.a") and self.link("alexnet")):
            return "the build", 0
        passed = 0
        for row in rows:
            if row["seconds"] > budget:
                continue
            test = self.tests[row["name"]]
            program = pathlib.Path(test["command"][0])
            if program.is_relative_to(self.build) and not self.link(
                    str(program.relative_to(self.build))):
                return "the build", passed
            test = test | {"environment": test["environment"] | read_from}
            well, seconds = passes(test, (30 if kernel else 5) + 10 * row["seconds"])
            self.spent["tests"] += seconds
            if not well:
                return row["name"] + (", too slow" if well is None else ""), passed
            passed += 1
            budget -= seconds
        return None, passed


def draw(code, files, number, seed, folder):
    """Puts in the fault of that number: (path, (line, before, after))."""
    dice = random.Random(f"{seed} {number}")
    while True:
        path = dice.choices(list(files), weights=files.values())[0]
        mutant = dice.choice(mutants_of(code.tree, folder, path)).read_text()
        change = changed_line((code.tree / path).read_text().splitlines(), mutant.splitlines())
        if change is not None:
            if code.put(path, mutant):
                return path, change
            code.take_back()


def put_again(code, row):
    """Puts in the fault of a row, though lines may have moved; whether its line is still there."""
    text = (code.tree / row["file"]).read_text()
    lines = text.split("\n")
    places = [n for n, line in enumerate(lines) if line.strip() == row["before"]]
    if not places:
        return False
    place = min(places, key=lambda n: abs(n + 1 - row["line"]))
    lines[place] = lines[place].replace(row["before"], row["after"])
    if code.put(row["file"], "\n".join(lines)):
        return True
    code.take_back()
    return False


def rows_of(path):
    """{number: row}; of a number that was written again, the last."""
    text = path.read_text() if path.exists() else ""
    return {row["number"]: row for row in map(json.loads, text.splitlines())}


def judge(code, reach, place, args):
    """Runs the tests on the fault that is in, takes it out, and writes its row."""
    try:
        killer, passed = code.killed_by(reach, args.seconds)
    finally:
        code.take_back()
    row = place | {"tests": args.tests, "killed_by": killer, "passed": passed,
                   "left": len(reach) - passed}
    with args.output.open("a") as out:
        out.write(json.dumps(row) + "\n")
    print(f"{row['number']}: {row['file']}:{row['line']} {killer or 'SURVIVED'}; {passed} of "
          f"{len(reach)} passed; CPU time so far " +
          ", ".join(f"{kind} {seconds:.0f} s" for kind, seconds in code.spent.items()),
          file=sys.stderr)


def command_run(args):
    if shutil.which("mutate") is None:
        sys.exit("mutate: not found; pip install universalmutator==1.14.1, and its bin on PATH")
    folder = args.build.resolve()
    tree, commit = clone(folder)
    rows, executable = coverage(tree, folder, args.tests)
    code = Code(tree, folder / "build", args.tests)
    rows = [row for row in rows if row["name"] in code.tests]
    files = sources(tree, args.rooms.split(","))
    for number in sorted(set(range(args.count)) - set(rows_of(args.output))):
        with code.counted("draw"):
            path, (line, before, after) = draw(code, files, number, args.seed, folder)
        judge(code, tests_of(rows, executable, path, line),
              {"number": number, "seed": args.seed, "commit": commit, "file": path, "line": line,
               "before": before, "after": after}, args)


def command_again(args):
    folder = args.build.resolve()
    rows, executable = coverage_kept(folder / "coverage.jsonl")
    tree, commit = clone(folder / "again", newest=True)
    code = Code(tree, folder / "again/build", args.tests)
    rows = [row for row in rows if row["name"] in code.tests]
    seconds = {row["name"]: row["seconds"] for row in rows}
    matching = [{"name": name, "seconds": seconds.get(name, LONGEST_TEST)} for name in code.tests]
    for row in rows_of(args.output).values():
        if row["killed_by"] is None and (not args.numbers or row["number"] in args.numbers):
            if put_again(code, row):
                judge(code, matching if args.tests else
                      tests_of(rows, executable, row["file"], row["line"]),
                      {**row, "commit": commit}, args)
            else:
                print(f"{row['number']}: {row['file']}:{row['line']} is not there any more",
                      file=sys.stderr)


# ---- the score -----------------------------------------------------------------------------------

def room_of(path):
    return path.split("/")[1] if path.startswith("src/") else "cl"


def command_report(args):
    rows = rows_of(args.output).values()
    harmless = set()
    if args.equivalent.exists():
        harmless = {int(line.split()[0]) for line in args.equivalent.read_text().splitlines()}
    survivors = [row for row in rows if row["killed_by"] is None and row["number"] not in harmless]
    score = collections.defaultdict(collections.Counter)
    for row in rows:
        kind = ("noticed" if row["killed_by"] else
                "change nothing" if row["number"] in harmless else "survived")
        for room in (room_of(row["file"]), "all"):
            score[room][kind] += 1
            score[room]["left"] += kind == "survived" and (row["left"] > 0 or row["tests"] != "")
    print("| room | noticed | survived | of these, tests are left | change nothing | noticed, % |\n"
          "|---|---|---|---|---|---|")
    for room in (*ROOMS, "all"):
        of = score[room]
        if of["noticed"] + of["survived"]:
            print(f"| {room} | {of['noticed']} | {of['survived']} | {of['left']} | "
                  f"{of['change nothing']} | "
                  f"{100 * of['noticed'] / (of['noticed'] + of['survived']):.1f} |")
    print("\n| number | survivor | before | after | tests that passed, are left |\n"
          "|---|---|---|---|---|")
    for row in sorted(survivors, key=lambda row: (row["file"], row["line"])):
        before, after = (row[key].replace("|", "\\|") for key in ("before", "after"))
        print(f"| {row['number']} | {row['file']}:{row['line']} | `{before}` | `{after}` | "
              f"{row['passed']}, {row['left']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, command, text in (("run", command_run, "make faults and run the tests"),
                                ("again", command_again, "run the tests on survivors again"),
                                ("report", command_report, "the score and the survivors")):
        one = commands.add_parser(name, help=text)
        one.set_defaults(command=command)
        if name == "run":
            one.add_argument("--count", type=int, default=500)
            one.add_argument("--seed", type=int, default=1)
            one.add_argument("--rooms", default=",".join(ROOMS))
        if name == "again":
            one.add_argument("numbers", type=int, nargs="*")
        if name == "report":
            one.add_argument("--equivalent", type=pathlib.Path, default=RESULTS / "equivalent")
        else:
            one.add_argument("--tests", metavar="REGEX", default="")
            one.add_argument("--seconds", type=float, default=30 if name == "run" else math.inf)
            one.add_argument("--build", type=pathlib.Path, default=ROOT / "build/mutants")
        one.add_argument("-o", "--output", metavar="ROWS", type=pathlib.Path,
                         default=RESULTS / "rows.jsonl")
    args = parser.parse_args()
    args.command(args)


if __name__ == "__main__":
    main()
