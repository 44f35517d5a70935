#!/usr/bin/env python3
"""Times inference by onnxruntime or OpenVINO, in float32, on a network that alexnet wrote; prints the
JSON of `alexnet bench step`.

    python3 -m venv venv && venv/bin/pip install onnxruntime openvino numpy
    build/release/alexnet convert RUN owt.onnx     # of a run, a checkpoint or PyTorch's .pth
    venv/bin/python tools/bench/bench_onnx.py owt.onnx --net owt --program openvino --batch-size 8

tools/bench/bench_peers.py runs it in turn with others.
"""
import argparse
import os

import numpy

import bench_result


def onnxruntime_step(path, threads, x):
    """(name, version, step)"""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return "onnxruntime", onnxruntime.__version__, lambda: session.run(None, feed)


def openvino_step(path, threads, x):
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    model.reshape(list(x.shape))
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    return "OpenVINO", openvino.__version__, lambda: request.infer([x])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--program", choices=["onnxruntime", "openvino"], default="onnxruntime")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    bench_result.add_arguments(parser)
    args = parser.parse_args()

    side = bench_result.SIDES[args.net]
    x = numpy.random.default_rng(0).standard_normal((args.batch_size, 3, side, side),
                                                    dtype=numpy.float32)
    prepare = {"onnxruntime": onnxruntime_step, "openvino": openvino_step}[args.program]
    name, version, step = prepare(args.model, args.threads, x)
    infer = bench_result.time_steps(step, args.iters)
    bench_result.print_result(name, version, "oneDNN" if name == "OpenVINO" else "MLAS",
                              bench_result.cpu_name(), args, None, infer, args.threads)


if __name__ == "__main__":
    main()
