"""Keeps the fastest right row of each problem of a file that `alexnet tune --output` wrote: the rows
to ship in configs/tuned/.

    python tools/tuning_best.py ROWS.jsonl... > configs/tuned/NAME.jsonl
"""
import json
import sys

KEY = ("device", "driver", "kernels", "problem", "batch")


def read_rows(paths):
    for path in paths:
        with open(path) as lines:
            yield from (json.loads(line) for line in lines)


def best_rows(rows):
    best = {}
    for row in rows:
        key = tuple(row[name] for name in KEY)
        if row["ms"] is not None and (key not in best or row["ms"] < best[key]["ms"]):
            best[key] = row
    return best.values()


if __name__ == "__main__":
    for row in best_rows(read_rows(sys.argv[1:])):
        print(json.dumps(row, separators=(",", ":")))
