"""Keeps the fastest right way of each problem, from files that `alexnet tune --output` wrote: the
rows to ship in configs/tuned/.

    python tools/bench/tuning_best.py ROWS.jsonl... > configs/tuned/NAME.jsonl

Give it several searches, a file each: ways lie closer together than the noise of one, so a way's
time is the median of its rows in all files. A way that failed or was wrong in any is left out.
"""
import json
import statistics
import sys

PROBLEM = ("device", "driver", "kernels", "problem", "batch")
WAY = (*PROBLEM, "choice")


def read_rows(paths):
    for path in paths:
        try:
            with open(path) as lines:
                yield from (json.loads(line) for line in lines)
        except (OSError, ValueError) as error:
            sys.exit(f"{path}: cannot be read as tuning rows: {error}")


def grouped(rows, names):
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    return groups.values()


def median_row(rows):
    """Of one way; with null for its time where one of them has it."""
    times = [row["ms"] for row in rows]
    return dict(rows[0], ms=None if None in times else statistics.median(times))


def best_rows(rows):
    ways = [median_row(way) for way in grouped(rows, WAY)]
    right = [way for way in ways if way["ms"] is not None]
    return [min(problem, key=lambda way: way["ms"]) for problem in grouped(right, PROBLEM)]


if __name__ == "__main__":
    for row in best_rows(read_rows(sys.argv[1:])):
        print(json.dumps(row, separators=(",", ":")))
