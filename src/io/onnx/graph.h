/* graph.h - an ONNX model as nodes and values:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
#ifndef IO_ONNX_GRAPH_H
#define IO_ONNX_GRAPH_H

#include "base/lookup.h"
#include "base/wire.h"
#include "io/weights_list.h"

/** What a name stands for. */
typedef struct onnx_value {
    const char *name;
    long node;         /**< that makes it; -1: it is an initializer or an input */
    bool initializer;  /**< of which `message` is the TensorProto */
    base_wire message; /**< of an input: its ValueInfoProto */
    size_t uses;       /**< as a node's input, or as the graph's output */
} onnx_value;

typedef struct onnx_node {
    const char *name; /**< or its first output's */
    const char *type; /**< of another domain than ONNX's: "domain.type" */
    base_wire message;
    long *inputs; /**< values; -1: left out. Those that its inner graphs take follow its own */
    size_t input_count, input_room;
    size_t first_output, output_count; /**< values, one after the other */
} onnx_node;

typedef struct onnx_graph {
    onnx_value
        *values; /**< initializers first, then inputs, then what nodes make, in their order */
    size_t value_count, value_room;
    onnx_node *nodes; /**< each after those whose outputs it takes */
    size_t node_count, node_room;
    base_lookup *lookup; /**< of values */
    char **names;
} onnx_graph;

/** Reads the model that the file is. Free it whatever happens; texts are kept by the file.
 *  @return 0; ALX_E_DATA, also for a node that takes what nothing before it makes, as in a
 *  circle */
int io_onnx_graph(onnx_graph *out, alx_weights_file *file) ALX_MUST_USE;
void io_onnx_graph_free(onnx_graph *graph);

/* ---- attributes ---------------------------------------------------------------------------- */

int64_t io_onnx_int(const onnx_node *node, const char *attribute, int64_t otherwise);
double io_onnx_float(const onnx_node *node, const char *attribute, double otherwise);
/** Whether a text attribute is there and is `text`. */
bool io_onnx_is(const onnx_node *node, const char *attribute, const char *text);
/** The first `most` numbers. Returns how many there are of them. */
size_t io_onnx_ints(const onnx_node *node, const char *attribute, int64_t *out, size_t most);
/** A tensor; false if the node has none of that name. */
bool io_onnx_tensor(const onnx_node *node, const char *attribute, base_wire *out);

#endif
