#!/usr/bin/env python3
"""Writes tests/data/mllog/tiny.log: the lines that MLPerf's own package writes if it is told of two
epochs of `alexnet train tiny -b 500` on tests/data/cifar10-mini.tar.gz, for
tests/cli/cmd/test_mllog.c. What only a run can know (times, platform, paths, accuracies) is not the
run's.

    python3 -m venv venv && venv/bin/pip install mlperf-logging
    venv/bin/python tools/data/make_mllog.py tests/data/mllog/tiny.log

Written with mlperf-logging 4.1.68.
"""
import logging
import os
import sys

from mlperf_logging.mllog import mllog
from mlperf_logging.mllog import constants as c

if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
    sys.exit(__doc__)
handler = logging.FileHandler(sys.argv[1], mode="w")
logger = logging.getLogger("run")
logger.setLevel(logging.INFO)
logger.addHandler(handler)
log = mllog.MLLogger(logger, root_dir=os.getcwd())


def event(key, value, **metadata):
    log.event(key, value, metadata, time_ms=0)


def start(key, **metadata):
    log.start(key, None, metadata, time_ms=0)


def end(key, **metadata):
    log.end(key, None, metadata, time_ms=0)


event(c.SUBMISSION_BENCHMARK, "tiny")
event(c.SUBMISSION_DIVISION, c.OPEN)
event(c.SUBMISSION_ORG, "not named")
event(c.SUBMISSION_PLATFORM, "")
event(c.CACHE_CLEAR, False)
start(c.INIT_START)
event(c.SEED, 0)
event(c.GLOBAL_BATCH_SIZE, 500)
event(c.MICRO_BATCH_SIZE, 500)
event(c.GRADIENT_ACCUMULATION_STEPS, 1)
event(c.OPT_BASE_LR, 0.01)
event(c.OPT_LR_WARMUP_EPOCHS, 0)
event(c.OPT_WEIGHT_DECAY, 0.0005)
event(c.TRAIN_SAMPLES, 5000)
event(c.EVAL_SAMPLES, 1000)
event(c.TENSOR_PARALLELISM, 1)
event(c.PIPELINE_PARALLELISM, 1)
event(c.CONTEXT_PARALLELISM, 1)
event(c.EXPERT_PARALLELISM, 1)
event(c.LOWEST_NUMERICAL_PRECISION_IN_LINEAR, "fp32")
event(c.LOWEST_NUMERICAL_PRECISION_IN_ATTN, "fp32")
event(c.LOWEST_NUMERICAL_PRECISION_IN_COMM, "fp32")
event(c.OPT_NAME, c.SGD)
event(c.CONFIG_FILENAME, "")
end(c.INIT_STOP)
start(c.RUN_START)
for epoch in (1, 2):
    start(c.EPOCH_START, epoch_num=epoch)
    end(c.EPOCH_STOP, epoch_num=epoch)
    start(c.EVAL_START, epoch_num=epoch)
    event(c.EVAL_ACCURACY, 0.0, epoch_num=epoch)
    end(c.EVAL_STOP, epoch_num=epoch)
end(c.RUN_STOP, status=c.SUCCESS)
