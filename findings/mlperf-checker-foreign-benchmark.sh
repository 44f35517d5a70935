#!/usr/bin/env bash
# mlperf-logging 4.1.68: the compliance checker ends with a traceback where a log names a benchmark
# that is not MLPerf's own
#
# Packages: PyPI mlperf-logging 4.1.68 (python -m mlperf_logging.compliance_checker), Python 3.11.
# Behaviour: rules that a log must meet are YAML files; the one for the division checks that
#   submission_benchmark is one of the round's seven and, whether it is or not, enqueues
#   training_6.1.0/open_BENCHMARK.yaml. A file that is missing is noted ("Could not find config
#   file") and opened all the same: FileNotFoundError, and none of the complaints is printed, not
#   even that the benchmark is unknown. Whoever logs another network in this form learns nothing of
#   its log. Way around: a subclass of ComplianceChecker whose configured_checks returns where the
#   file does not exist.
# Output seen:
#   checker: FileNotFoundError: [Errno 2] No such file or directory: 'training_6.1.0/open_alexnet.yaml'
#   with the subclass: valid False; complaints: Required ... 'submission_org' ...: 23, and CHECK for 'submission_benchmark' failed
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/log" <<'LOG'
:::MLLOG {"namespace": "", "time_ms": 0, "event_type": "POINT_IN_TIME", "key": "submission_division", "value": "open", "metadata": {}}
:::MLLOG {"namespace": "", "time_ms": 0, "event_type": "POINT_IN_TIME", "key": "submission_benchmark", "value": "alexnet", "metadata": {}}
LOG
cat >"$folder/check.py" <<'PYTHON'
import logging, os, sys
from mlperf_logging.compliance_checker import mlp_compliance

class Checker(mlp_compliance.ComplianceChecker):
    def configured_checks(self, lines, config):
        if os.path.exists(config):
            super().configured_checks(lines, config)

logging.disable()
checker = Checker("training", "6.1.0", False, False)
valid = checker.check_file(sys.argv[1], "training_6.1.0/common.yaml")
required = [m for m in [*checker.overwritable.values(), *checker.not_overwritable] if m.startswith("Required")]
print(f"with the subclass: valid {valid}; complaints: Required ... 'submission_org' ...: {len(required)}, "
      f"and {checker.overwritable['submission_benchmark'].split(' in line')[0]}")
PYTHON

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q --disable-pip-version-check install mlperf-logging==4.1.68
cd "$folder"
error=$(venv/bin/python -m mlperf_logging.compliance_checker --log_output out log 2>&1 | tail -1) || true
echo "checker: $(sed 's|[^ ]*/\(training_\)|'"'"'\1|' <<<"$error")"
venv/bin/python check.py log
