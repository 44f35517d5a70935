/* builder.h - what is known of the values of an ONNX graph while its layers are listed. */
#ifndef IO_ONNX_BUILDER_H
#define IO_ONNX_BUILDER_H

#include "io/onnx/graph.h"
#include "io/onnx/lrn.h"
#include "io/onnx/tensor.h"

typedef enum {
    ONNX_UNKNOWN, /* a constant that is no tensor of ours, or computed from shapes */
    ONNX_TENSOR,
    ONNX_LIVE,   /* depends on the network's input */
    ONNX_BURIED, /* inside a pattern that became one layer */
} onnx_kind;

/* What is known of a value. */
typedef struct onnx_flow {
    onnx_kind kind;
    long tensor;        /* of the file; -1: a constant that is not listed */
    base_wire constant; /* its TensorProto */
    long layer;         /* of the file, that makes it; -1: the network's input */
    int output;         /* of the layer's, which it is */
    bool hwc;           /* axes are N, H, W, C */
    bool flat_hwc;      /* flattened while they were */
} onnx_flow;

typedef struct onnx_builder {
    alx_weights_file *file;
    onnx_outside *outside;
    const onnx_graph *graph;
    onnx_flow *flows; /* of values */
    bool *inside;     /* of nodes: part of a pattern */
    onnx_lrn *lrns;   /* of nodes */
    size_t *takers;   /* of layers: nodes that take what it makes, by any name, and the outside */
} onnx_builder;

/** What a node takes; for what it leaves out, a value of which nothing is known. */
const onnx_flow *io_onnx_input(const onnx_builder *b, const onnx_node *node, size_t index);
/** The tensor that an input is; NULL: it is none. */
const alx_weights_tensor *io_onnx_weight(const onnx_builder *b, const onnx_node *node,
                                         size_t index);
/** Whether an input depends on the network's. */
bool io_onnx_is_live(const onnx_builder *b, const onnx_node *node);
/** All outputs of the node are this. */
void io_onnx_give(onnx_builder *b, const onnx_node *node, const onnx_flow *value);
/** Adds a layer of the node's words, whose inputs are its live ones and which makes its outputs. */
int io_onnx_give_layer(onnx_builder *b, const onnx_node *node,
                       alx_weights_layer *layer) ALX_MUST_USE;
/** One that has no numbers. */
int io_onnx_give_plain(onnx_builder *b, const onnx_node *node, alx_weights_op op) ALX_MUST_USE;

/** Adds what the node is, to the file's layers or tensors. */
int io_onnx_add_node(onnx_builder *b, const onnx_node *node) ALX_MUST_USE;

#endif
