#!/usr/bin/env python3
"""What the library promises can be used and understood without what it does not promise.

    tests/style/promised.py FOLDER          include/alexnet

Every name alx_... or ALX_... in a header of FOLDER, comments too, is declared in one of them, not in
FOLDER/dev, and none of them includes or mentions a file of that.
"""
import re
import sys
from pathlib import Path

NAME = re.compile(r"\b(?:alx|ALX)_[A-Za-z0-9_]+")


def strangers(headers):
    """(file, name) of what the texts of `headers` name and none declares."""
    code = {name: re.sub(r"/\*.*?\*/", "", text, flags=re.S) for name, text in headers.items()}
    declared = {word for text in code.values() for word in NAME.findall(text)}
    wrong = [(name, word) for name, text in headers.items()
             for word in sorted(set(NAME.findall(text)) - declared)
             if not (word.endswith("_") and any(other.startswith(word) for other in declared))]
    return wrong + [(name, "dev/") for name, text in headers.items() if re.search(r"dev/\w", text)]


def main():
    assert strangers({"a.h": "/** As alx_b, ALX_E_*. */ int alx_a(void);", "b.h": "ALX_E_X"}) \
        == [("a.h", "alx_b")]
    assert strangers({"a.h": '#include "alexnet/dev/b.h"'}) == [("a.h", "dev/")]
    headers = {path.name: path.read_text() for path in Path(sys.argv[1]).glob("*.h")}
    assert headers, "no headers"
    wrong = strangers(headers)
    for name, word in wrong:
        print(f"include/alexnet/{name} leans on {word}")
    sys.exit(1 if wrong else 0)


main()
