#!/usr/bin/env python3
"""No circle of files inside a room: follows the calls between the objects that the files compile to.

    tests/style/circles.py OBJECT...        .../src/ROOM/FILE.c.o, of the library and the program

A file that uses a symbol (a function, a table) of another file of its room stands on that file. Files
that stand on one another can only be read, tested and moved together. Prints each such group with
what is used, and fails.
"""
import collections
import re
import subprocess
import sys


def uses(objects):
    """{file: {file of the same room: {symbol}}}"""
    defined, wanted = {}, collections.defaultdict(set)
    name = None
    listing = subprocess.run(["nm", "--extern-only", *objects], check=True, capture_output=True,
                             text=True).stdout
    for line in listing.splitlines():
        if match := re.fullmatch(r".*/src/(.*)\.o:", line):
            name = match[1]
        elif match := re.fullmatch(r"(?:[0-9a-f]+)?\s*([A-Za-z]) (\S+)", line):
            if match[1] in "Uw":
                wanted[name].add(match[2])
            else:
                defined[match[2]] = name
    graph = collections.defaultdict(lambda: collections.defaultdict(set))
    for user, symbols in wanted.items():
        for symbol in symbols:
            owner = defined.get(symbol)
            if owner and owner.split("/")[0] == user.split("/")[0]:
                graph[user][owner].add(symbol)
    return graph


def reached(graph, start):
    found, todo = set(), [start]
    while todo:
        for next_file in graph.get(todo.pop(), ()):
            if next_file not in found:
                found.add(next_file)
                todo.append(next_file)
    return found


def circles(graph):
    """Groups of files of which each reaches each other, as sorted tuples."""
    reach = {name: reached(graph, name) for name in list(graph)}
    return sorted({tuple(sorted(other for other in reach[name] if name in reach.get(other, ())))
                   for name in graph if name in reach[name]})


def check_of_the_check():
    graph = {"r/a.c": {"r/b.c": {"f"}}, "r/b.c": {"r/c.c": {"g"}}, "r/c.c": {"r/b.c": {"h"}}}
    assert circles(graph) == [("r/b.c", "r/c.c")]
    del graph["r/c.c"]
    assert circles(graph) == []


def main():
    check_of_the_check()
    graph = uses(sys.argv[1:])
    assert graph, "no object of a room"
    wrong = circles(graph)
    for files in wrong:
        print(f"circle: {' '.join(files)}")
        for user in files:
            for owner in files:
                if graph[user].get(owner):
                    print(f"  {user} -> {owner}: {' '.join(sorted(graph[user][owner]))}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
