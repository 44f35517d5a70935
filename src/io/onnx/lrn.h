/* lrn.h - local response normalisation as PyTorch's exporters write it: in ten nodes. */
#ifndef IO_ONNX_LRN_H
#define IO_ONNX_LRN_H

#include "io/onnx/graph.h"

typedef struct onnx_lrn {
    bool found; /**< the node ends one */
    long input; /**< value that is normalised */
    int size;
    double alpha, beta, k;
} onnx_lrn;

/** Whether a Div ends x / (k + alpha * mean(x^2 over channels))^beta, written as Mul, Reshape,
 *  Pad, AveragePool over three dimensions, Squeeze, Mul, Add, Pow; and which values lie inside:
 *  marks the nodes of the chain in `inside`, which has a place for each. */
onnx_lrn io_onnx_lrn(const onnx_graph *graph, size_t div, bool *inside);

#endif
