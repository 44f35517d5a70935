#!/usr/bin/env python3
"""Runs the experiments of experiments.ini and makes the tables and plots of docs/experiments.md.

    tools/experiments/experiments.py run --data cifar10-jpeg.tar.gz [NAME...]
    tools/experiments/experiments.py report

`run` trains one network after the other. In tests/results/experiments/NAME it keeps each run's
metrics (RUN.csv) and, in runs.json, its command, config, seed, commit, device and test result;
checkpoints are in runs/experiments. It may be stopped at any time: the same command skips what is
finished and goes on with the rest where it was. A run that diverges is finished, and failed. One
whose command, images, stop, search-epochs or preset the list has changed since is another run.
"""
import argparse
import configparser
import csv
import fcntl
import hashlib
import json
import math
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import time

import experiments_report

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRONG_NUMBERS, INTERRUPTED = 6, 130  # exit codes of alexnet


# ---- the list ------------------------------------------------------------------------------------

def read_list(path):
    parser = configparser.ConfigParser(delimiters=("=",))
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=path)
    except (OSError, UnicodeError, configparser.Error) as error:
        sys.exit(f"--list {path}: {error}")
    return {name: read_experiment(name, parser[name]) for name in parser.sections()}


def read_experiment(name, section):
    known = {"config", "epochs", "seeds", "images", "variants", "rates", "search-epochs", "stop",
             "options"}
    if unknown := set(section) - known:
        sys.exit(f"[{name}]: unknown key {', '.join(sorted(unknown))}")
    variants = {}
    for line in section.get("variants", f"{section['config']}:").strip().splitlines():
        variant, _, overrides = line.partition(":")
        variants[variant.strip()] = [o.strip() for o in overrides.split(",") if o.strip()]
    return {
        "name": name, "config": section["config"], "variants": variants,
        "seeds": section.get("seeds", "1").split(), "epochs": section.getint("epochs"),
        "images": section.getint("images"), "rates": section.get("rates", "").split(),
        "search-epochs": section.getint("search-epochs"), "stop": section.getfloat("stop"),
        "options": shlex.split(section.get("options", "")),
    }


def preset_hash(config):
    """Of what a preset or file says, comments aside; None if there is no such file."""
    for path in (pathlib.Path(config), ROOT / "configs" / f"{config}.ini"):
        if path.is_file():
            lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
            text = "\n".join(line for line in lines if line and line[0] not in ";#")
            return hashlib.sha256(text.encode()).hexdigest()[:16]
    return None


# ---- data ----------------------------------------------------------------------------------------

def smaller_data(source, images, work):
    """A tar with the first `images` training images of each class and all test images."""
    path = work / f"data-{images}-of-{source.stat().st_size}.tar"
    if path.exists():
        return path
    beside = path.with_suffix(".tmp")
    if not (source.is_file() and tarfile.is_tarfile(source)):
        sys.exit(f"--data {source}: not a tar, of which fewer images could be taken")
    with tarfile.open(source) as whole, tarfile.open(beside, "w") as part:
        taken = {}
        for member in sorted(whole, key=lambda m: m.name):
            split, _, rest = member.name.partition("/")
            label = (split, rest.partition("/")[0])
            if not member.isfile():
                continue
            taken[label] = taken.get(label, 0) + 1
            if split != "train" or taken[label] <= images:
                part.addfile(member, whole.extractfile(member))
    beside.rename(path)
    return path


# ---- one run -------------------------------------------------------------------------------------

def metrics_rows(path):
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if None not in row.values()]  # whole ones


def found(pattern, text):
    matches = re.findall(pattern, text, re.MULTILINE)
    return matches[-1] if matches else None


def all_found(pattern, text):
    """Each once, in order, with commas."""
    return ", ".join(dict.fromkeys(re.findall(pattern, text, re.MULTILINE)))


def agrees(old, new):
    """Whether `old` says the same; what it lacks was not yet kept when it was written."""
    return all(old.get(key, value) == value for key, value in new.items())


class Run:
    """One network: its folder, its command, and what is kept of it."""

    def __init__(self, args, experiment, variant, seed, rate=None):
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", variant)
        self.name = f"{slug}-s{seed}" + (f"-lr{rate}" if rate else "")
        self.folder = args.work / experiment["name"] / self.name
        self.kept = args.results / experiment["name"]
        self.program, self.lock, self.stop = args.program, args.lock, experiment["stop"]
        self.data = (smaller_data(args.data, experiment["images"], args.work)
                     if experiment["images"] else args.data)
        overrides = experiment["variants"][variant]
        self.command = ["train", experiment["config"], "--seed", seed]
        self.command += [word for o in overrides for word in ("--set", o)]
        self.command += ["--lr", rate] if rate else []
        self.command += experiment["options"]
        self.protocol = {"images_per_class": experiment["images"], "stop": experiment["stop"],
                         "search_epochs": experiment["search-epochs"],
                         "preset": preset_hash(experiment["config"])}
        self.about = {"variant": variant, "seed": int(seed), "rate": float(rate) if rate else None,
                      **self.protocol}

    def record(self):
        path = self.kept / "runs.json"
        return json.loads(path.read_text()).get(self.name, {}) if path.exists() else {}

    def finished(self, epochs):
        old = self.record()
        return (old.get("state") in ("done", "failed") and agrees(old, self.protocol) and
                old["command"] == shlex.join(["alexnet", *self.with_epochs(epochs)]))

    def keep(self, state, epochs):
        """Copies the metrics and writes the record, whole or not at all."""
        log = (self.folder / "train.log").read_text(errors="replace")
        test = found(r"^test: loss (\S+), top-1 (\S+) %, top-5 (\S+) %", log)
        config = self.folder / "config.ini"
        rows = metrics_rows(self.folder / "metrics.csv")
        about = dict(self.about, state=state, epochs=len(rows),
                     command=shlex.join(["alexnet", *self.with_epochs(epochs)]),
                     commit=all_found(r"^commit (\S+)", log),
                     device=all_found(r"^device +(.*)", log),
                     train_seconds=round(sum(float(r["seconds"]) for r in rows), 1))
        if test:
            about["test"] = dict(zip(("loss", "top1", "top5"), map(float, test)))
        if config.exists():
            about["config"] = re.sub(r"(?m)^path =.*\n", "", config.read_text())
        self.kept.mkdir(parents=True, exist_ok=True)
        for source, name in (("metrics", self.name), ("diagnose", self.name + "-diagnose")):
            if (self.folder / f"{source}.csv").exists():
                shutil.copyfile(self.folder / f"{source}.csv", self.kept / f"{name}.csv")
        path = self.kept / "runs.json"
        runs = json.loads(path.read_text()) if path.exists() else {}
        runs[self.name] = about
        beside = path.with_suffix(".tmp")
        beside.write_text(json.dumps(runs, indent=1) + "\n")
        beside.replace(path)

    def with_epochs(self, epochs):
        return self.command + (["--epochs", str(epochs)] if epochs else [])

    def reached(self):
        return self.stop is not None and any(float(r["train_top1"]) >= self.stop
                                             for r in metrics_rows(self.folder / "metrics.csv"))

    def take_folder(self):
        """Makes it, or finds there what it left when it was stopped."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp, new = self.folder / "command", {"command": shlex.join(self.command), **self.protocol}
        text = stamp.read_text() if stamp.exists() else "{}"
        old = json.loads(text) if text.startswith("{") else {"command": text}  # the first form
        if not agrees(old, new):
            sys.exit(f"{self.folder} holds another run, remove it first: {text}")
        stamp.write_text(json.dumps(new))

    def start(self, epochs):
        """The program, training or going on."""
        arguments = self.with_epochs(epochs)
        if (self.folder / "checkpoint-last").exists():
            arguments = ["train", "--resume", self.folder]
            arguments += ["--epochs", str(epochs)] if epochs else []
        arguments += ["--data", self.data, "-o", self.folder, "--progress", "none"]
        version = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                                 check=True).stdout
        with (self.folder / "train.log").open("a") as log:
            log.write(f"commit {found(r'[(](.*)[)]', version)}\n")
            log.flush()
            return subprocess.Popen([self.program, *arguments], stdout=log, stderr=log,
                                    pass_fds=[self.lock],
                                    start_new_session=True)  # Ctrl-C is for us to pass on, once

    def watch(self, child, epochs):
        """Keeps what there is after every epoch; ends the program where the goal is reached."""
        seen, stopping = 0, False
        while child.poll() is None:
            rows = len(metrics_rows(self.folder / "metrics.csv"))
            if rows > seen:
                self.keep("running", epochs)
                seen = rows
            if self.reached() and not stopping:
                child.send_signal(signal.SIGINT)
                stopping = True
            time.sleep(0.5)
        return child.returncode

    def run(self, epochs):
        if self.finished(epochs):
            return
        print(f"{time.strftime('%H:%M:%S')} {self.kept.name} {self.name}", flush=True)
        self.take_folder()
        if self.reached():
            self.keep("done", epochs)
            return
        child = self.start(epochs)
        try:
            code = self.watch(child, epochs)
        except BaseException:
            child.send_signal(signal.SIGINT)  # it saves a checkpoint
            child.wait()
            self.keep("interrupted", epochs)
            raise
        if code not in (0, WRONG_NUMBERS) and not (code == INTERRUPTED and self.reached()):
            self.keep("interrupted", epochs)
            sys.exit(f"{self.folder}/train.log: exit code {code}{self.reason()}")
        self.keep("failed" if code == WRONG_NUMBERS else "done", epochs)

    def reason(self):
        """The program's last error since it was started last; nothing if it had none to say."""
        log = (self.folder / "train.log").read_text(errors="replace")
        error = found(r"^alexnet: (.*)", log[log.rfind("\ncommit ") + 1:])
        return f": {error}" if error else ""

    def loss_after(self, epochs):
        same = agrees(self.record(), self.protocol)
        rows = metrics_rows(self.kept / f"{self.name}.csv") if same else []
        return float(rows[epochs - 1]["train_loss"]) if len(rows) >= epochs else math.inf


# ---- all of them ---------------------------------------------------------------------------------

def run_with_search(args, experiment, variant, seed):
    """Each rate for a while; the best goes on."""
    runs = [Run(args, experiment, variant, seed, rate) for rate in experiment["rates"]]
    epochs = experiment["search-epochs"]
    for run in runs:
        if math.isinf(run.loss_after(epochs)) and not run.finished(experiment["epochs"]):
            run.run(epochs)
    min(runs, key=lambda run: run.loss_after(epochs)).run(experiment["epochs"])


def lock_folder(folder):
    """Held by this script and by the program that it starts: one of them may outlive the other."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"{folder}: another run is still at work there")
    return lock


def run_experiments(args, experiments):
    args.lock = lock_folder(args.work)
    for experiment in experiments:
        for seed in experiment["seeds"]:
            for variant in experiment["variants"]:
                if experiment["rates"]:
                    run_with_search(args, experiment, variant, seed)
                else:
                    Run(args, experiment, variant, seed).run(experiment["epochs"])


def chosen(names, experiments):
    if unknown := [name for name in names if name not in experiments]:
        sys.exit(f"no experiment {', '.join(unknown)}; there are {', '.join(experiments)}")
    return [experiments[name] for name in names or experiments]


def check_files(args):
    """Before hours of work: one line, not a traceback."""
    if args.data is None:
        sys.exit("run wants --data FILE")
    if not args.data.exists():
        sys.exit(f"--data {args.data}: no such file")
    if not (args.program.is_file() and os.access(args.program, os.X_OK)):
        sys.exit(f"--program {args.program}: no such program; build it, or give another")


def stop_on_signal(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=("run", "report"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="experiments; default all")
    for option, default, meaning in (
            ("--data", None, "of run: CIFAR-10, a tar of train/<class> and test/<class>"),
            ("--list", "tools/experiments/experiments.ini", "the experiments"),
            ("--program", "build/release/alexnet", "what trains"),
            ("--work", "runs/experiments", "folder of checkpoints and logs"),
            ("--results", "tests/results/experiments", "folder of what is kept"),
            ("--page", "docs/experiments.md", "of report: the file whose tables are made anew")):
        parser.add_argument(option, metavar="PATH", type=pathlib.Path,
                            default=default and ROOT / default,
                            help=meaning + (f"; default {default}" if default else ""))
    args = parser.parse_intermixed_args()
    experiments = chosen(args.names, read_list(args.list))
    if args.do == "report":
        experiments_report.write(args.results, args.page)
        print(f"{args.page}: tables and plots made of {args.results}")
        return
    check_files(args)
    signal.signal(signal.SIGTERM, stop_on_signal)
    try:
        run_experiments(args, experiments)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
