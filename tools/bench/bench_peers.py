#!/usr/bin/env python3
"""Runs benchmarks of several programs in turn and takes medians over the rounds.

    python3 tools/bench/bench_peers.py -o paper.json \\
        --run "build/release/alexnet bench step paper --json -q --iters 3" \\
        --run "venv/bin/python tools/bench/bench_pytorch.py --net paper --mode compiled --iters 3"
    build/release/alexnet bench report paper.json --html paper.html

Each command prints one result in the JSON of `alexnet bench --json`. A round runs every command
once, so that what slows the machine down for a while slows all of them; a first round that is not
counted warms up caches and compilers. `--prefix` is put before each command (nice, taskset).
Writes a list of results; prints a table with the ratio to the best of the other programs.
"""
import argparse
import json
import shlex
import statistics
import subprocess
import sys


def run(command, prefix=""):
    done = subprocess.run(shlex.split(prefix) + shlex.split(command), capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def combine(results):
    """One result of the same program from those of its rounds."""
    combined = dict(results[0], iterations=len(results))
    for what in ("train", "infer"):
        if what not in combined:
            continue
        rates = [r[what] for r in results]
        ms = sorted(r["median_ms"] for r in rates)
        median = statistics.median(ms)
        combined[what] = dict(
            rates[0], median_ms=median, min_ms=ms[0], max_ms=ms[-1],
            images_per_s=1e3 * combined["batch_size"] / median,
            gflops=rates[0]["gflops"] * rates[0]["median_ms"] / median)
    peaks = [r.get("peak", {}) for r in results]
    combined["peak"] = {key: statistics.median(p[key] for p in peaks) for key in peaks[0]}
    return combined


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return value


def rate(result, what):
    return result.get(what, {}).get("images_per_s", 0.0)


def print_table(results):
    best = {what: max((rate(r, what) for r in results if r["program"] != "alexnet"), default=0.0)
            for what in ("train", "infer")}
    print(f"{'':44} {'training':>18} {'inference':>18}  images/s, times the best other")
    for r in results:
        cells = [f"{rate(r, what):9.1f}" + (f" {rate(r, what) / best[what]:7.2f}x"
                                            if best[what] and r["program"] == "alexnet" else " " * 9)
                 for what in ("train", "infer")]
        name = f"{r['program']}, {r.get('platform', '')}, {r['config']} {r['batch_size']:g}"
        print(f"{name:44} {cells[0]} {cells[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="append", required=True, metavar="COMMAND",
                        help="prints one result; may be repeated")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prefix", default="", help="put before each command")
    parser.add_argument("-o", "--output", required=True, help="the list of results (JSON)")
    args = parser.parse_args()

    samples = [[] for _ in args.run]
    for command in args.run:
        run(command, args.prefix)
    for number in range(args.rounds):
        for command, of in zip(args.run, samples):
            of.append(run(command, args.prefix))
            print(f"round {number + 1}: {of[-1]['program']}: {rate(of[-1], 'train'):.1f} and "
                  f"{rate(of[-1], 'infer'):.1f} images/s", file=sys.stderr)
    results = [combine(of) for of in samples]
    with open(args.output, "w", encoding="utf-8") as file:
        json.dump([rounded(r) for r in results], file, indent=1)
        file.write("\n")
    print_table(results)


if __name__ == "__main__":
    main()
