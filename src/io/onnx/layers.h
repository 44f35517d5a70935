/* layers.h - the layers of an ONNX graph. */
#ifndef IO_ONNX_LAYERS_H
#define IO_ONNX_LAYERS_H

#include "io/onnx/graph.h"
#include "io/onnx/tensor.h"

/** Adds the graph's initializers, and constants that are weights, to the file's tensors, and
 *  what its nodes do with the network's input to the file's layers. */
int io_onnx_list(alx_weights_file *file, onnx_outside *outside,
                 const onnx_graph *graph) ALX_MUST_USE;

#endif
