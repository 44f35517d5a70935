#!/usr/bin/env python3
"""Asks MLPerf's compliance checker what it makes of the log of a run (`train --mllog`).

usage: mllog_check.py FILE      (needs: pip install mlperf-logging)

The benchmarks that the checker knows are its own, and where a log names another it ends with a
traceback (version 4.1.68). Here it goes on: that message is printed like the others, and the exit
code is 0 if it is the only one.
"""
import logging
import os
import sys

from mlperf_logging.compliance_checker import mlp_compliance

RULES = "6.1.0"
KEY = "submission_benchmark"


class Checker(mlp_compliance.ComplianceChecker):
    def configured_checks(self, loglines, config_file):
        if os.path.exists(config_file):  # else the checker has said so
            super().configured_checks(loglines, config_file)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__.strip())
    logging.basicConfig(level=logging.ERROR)
    checker = Checker("training", RULES, quiet=False, werror=True)
    checker.check_file(sys.argv[1], f"training_{RULES}/common.yaml")
    foreign = checker.overwritable.pop(KEY, None)
    missing = [m for m in checker.not_overwritable if m.startswith("Could not find config file")]
    others = [m for m in checker.not_overwritable if m not in missing] + list(checker.overwritable.values())
    for message in others:
        print(message)
    if foreign is not None:
        print(f"{KEY}: not one of the checker's own; its rules for one benchmark were not asked")
    print(f"rules of training {RULES}: {len(others)} complaints beside that")
    sys.exit(1 if others else 0)


if __name__ == "__main__":
    main()
