/* graph.c - lists the values and nodes of a model, and finds what each node takes. */
#include "io/onnx/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "io/fields.h"

#define MOST_VALUES 200000 /* a network of a thousand layers has some ten thousand */
#define NEWEST_OPSET 28

enum { MODEL_GRAPH = 7, MODEL_OPSET = 8, OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { TENSOR_NAME = 8, INPUT_NAME = 1 }; /* an output's too */
enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 7 };
enum { ATTRIBUTE_GRAPH = 6 };

typedef struct reader {
    onnx_graph *graph;
    alx_weights_file *file;
    size_t inputs; /* of all nodes */
} reader;

static int no_memory(void)
{
    return alx_fail(ALX_E_MEMORY, "out of host memory for a graph");
}

static int damaged(void)
{
    return alx_fail(ALX_E_DATA, "an ONNX model that is damaged, or cut");
}

/* ---- values -------------------------------------------------------------------------------- */

static int add_value(reader *r, base_wire name, const onnx_value *value)
{
    onnx_graph *graph = r->graph;

    if (graph->value_count == MOST_VALUES)
        return alx_fail(ALX_E_DATA, "a graph of more than %d values", MOST_VALUES);
    onnx_value *grown = io_weights_grow(graph->values, graph->value_count, &graph->value_room,
                                        sizeof *grown);

    if (grown == NULL)
        return no_memory();
    graph->values = grown;
    graph->values[graph->value_count] = *value;
    graph->values[graph->value_count].name = io_field_text(r->file, name);
    return graph->values[graph->value_count++].name != NULL ? 0 : no_memory();
}

static int add_values(reader *r, base_wire graph, uint64_t number, uint64_t name_number)
{
    base_wire_field field;
    int more;

    while ((more = base_wire_next(&graph, &field)) > 0) {
        if (field.field != number || field.type != BASE_WIRE_BYTES)
            continue;
        const base_wire message = base_wire_inside(&field);
        const onnx_value value = { .node = -1,
                                   .initializer = number == GRAPH_INITIALIZER,
                                   .message = message };

        TRY(add_value(r, io_field_bytes(message, name_number), &value));
    }
    return more == 0 ? 0 : damaged();
}

/* ---- nodes --------------------------------------------------------------------------------- */

static const char *node_type(const reader *r, base_wire message)
{
    const base_wire type = io_field_bytes(message, NODE_TYPE),
                    domain = io_field_bytes(message, NODE_DOMAIN);
    const size_t length = io_field_length(domain);
    char whole[128];

    if (length == 0 || (length == 7 && memcmp(domain.next, "ai.onnx", 7) == 0))
        return io_field_text(r->file, type);
    snprintf(whole, sizeof whole, "%.*s.%.*s", length < 60 ? (int)length : 60,
             (const char *)domain.next,
             io_field_length(type) < 60 ? (int)io_field_length(type) : 60,
             io_field_length(type) > 0 ? (const char *)type.next : "");
    return io_weights_text(r->file, whole, strlen(whole));
}

static int add_node(reader *r, base_wire message)
{
    onnx_graph *graph = r->graph;
    onnx_node *grown = io_weights_grow(graph->nodes, graph->node_count, &graph->node_room,
                                       sizeof *grown);
    const onnx_value made = { .node = (long)graph->node_count };
    base_wire_field field;
    base_wire in = message;
    int more;

    if (grown == NULL)
        return no_memory();
    graph->nodes = grown;
    onnx_node *node = &graph->nodes[graph->node_count++];

    *node = (onnx_node){ .message = message,
                         .type = node_type(r, message),
                         .first_output = graph->value_count };
    while ((more = base_wire_next(&in, &field)) > 0)
        if (field.field == NODE_OUTPUT && field.type == BASE_WIRE_BYTES) {
            TRY(add_value(r, base_wire_inside(&field), &made));
            ++node->output_count;
        }
    if (more < 0)
        return damaged();
    const base_wire name = io_field_bytes(message, NODE_NAME);

    node->name = io_field_length(name) == 0 && node->output_count > 0
                     ? graph->values[node->first_output].name
                     : io_field_text(r->file, name);
    return node->name != NULL && node->type != NULL ? 0 : no_memory();
}

static int add_nodes(reader *r, base_wire graph)
{
    base_wire_field field;

    while (base_wire_next(&graph, &field) > 0)
        if (field.field == GRAPH_NODE && field.type == BASE_WIRE_BYTES)
            TRY(add_node(r, base_wire_inside(&field)));
    return 0;
}

/* ---- inputs of nodes ----------------------------------------------------------------------- */

static int add_input(reader *r, size_t index, long value)
{
    onnx_node *node = &r->graph->nodes[index];

    if (++r->inputs > MOST_VALUES)
        return alx_fail(ALX_E_DATA, "a graph of more than %d inputs of nodes", MOST_VALUES);
    long *grown = io_weights_grow(node->inputs, node->input_count, &node->input_room,
                                  sizeof *grown);

    if (grown == NULL)
        return no_memory();
    node->inputs = grown;
    node->inputs[node->input_count++] = value;
    if (value >= 0)
        ++r->graph->values[value].uses;
    return 0;
}

static long find_value(const reader *r, base_wire name)
{
    return io_field_length(name) > 0
               ? base_lookup_find(r->graph->lookup, (const char *)name.next, io_field_length(name))
               : -1;
}

static int resolve_input(reader *r, size_t index, base_wire name)
{
    const onnx_node *node = &r->graph->nodes[index];
    const long value = find_value(r, name);

    if (io_field_length(name) > 0 && (value < 0 || r->graph->values[value].node >= (long)index))
        return alx_fail(ALX_E_DATA,
                        "node %s (%s) takes %.*s, which nothing before it makes: a circle, or not "
                        "in order",
                        node->name, node->type,
                        io_field_length(name) < 100 ? (int)io_field_length(name) : 100,
                        (const char *)name.next);
    return add_input(r, index, value);
}

/* What the nodes of an inner graph (of an If) take from outside. */
static int add_captured(reader *r, size_t index, base_wire inner)
{
    base_wire_field node, field;

    while (base_wire_next(&inner, &node) > 0) {
        base_wire in = base_wire_inside(&node);

        while (node.field == GRAPH_NODE && base_wire_next(&in, &field) > 0) {
            const long value = field.field == NODE_INPUT && field.type == BASE_WIRE_BYTES
                                   ? find_value(r, base_wire_inside(&field))
                                   : -1;

            if (value >= 0 && r->graph->values[value].node < (long)index)
                TRY(add_input(r, index, value));
        }
    }
    return 0;
}

static int resolve_node(reader *r, size_t index)
{
    base_wire in = r->graph->nodes[index].message;
    base_wire_field field;

    while (base_wire_next(&in, &field) > 0)
        if (field.field == NODE_INPUT && field.type == BASE_WIRE_BYTES)
            TRY(resolve_input(r, index, base_wire_inside(&field)));
    in = r->graph->nodes[index].message;
    while (base_wire_next(&in, &field) > 0) {
        if (field.field != NODE_ATTRIBUTE || field.type != BASE_WIRE_BYTES)
            continue;
        TRY(add_captured(r, index, io_field_bytes(base_wire_inside(&field), ATTRIBUTE_GRAPH)));
    }
    return 0;
}

static void count_outputs(const reader *r, base_wire graph)
{
    base_wire_field field;

    while (base_wire_next(&graph, &field) > 0) {
        const long value = field.field == GRAPH_OUTPUT && field.type == BASE_WIRE_BYTES
                               ? find_value(r, io_field_bytes(base_wire_inside(&field), INPUT_NAME))
                               : -1;

        if (value >= 0)
            ++r->graph->values[value].uses;
    }
}

/* ---- the model ----------------------------------------------------------------------------- */

/* A model that has none was cut behind its graph. */
static int check_opset(base_wire model)
{
    base_wire_field field;
    bool found = false;

    while (base_wire_next(&model, &field) > 0) {
        const base_wire in = base_wire_inside(&field);

        found = found || field.field == MODEL_OPSET;
        if (field.field != MODEL_OPSET || io_field_length(io_field_bytes(in, OPSET_DOMAIN)) > 0)
            continue;
        const int64_t version = io_field_int(in, OPSET_VERSION, 0);

        if (version < 0 || version > NEWEST_OPSET)
            return alx_fail(ALX_E_DATA, "opset %lld of ONNX is not known, up to %d are",
                            (long long)version, NEWEST_OPSET);
    }
    return found ? 0 : damaged();
}

/* Initializers may be inputs too; whatever a node makes has a name of its own. */
static int check_names(const onnx_graph *graph)
{
    for (size_t i = 0; i < graph->value_count; ++i) {
        const char *name = graph->values[i].name;

        if (graph->values[i].node >= 0 && name[0] != '\0' &&
            base_lookup_find(graph->lookup, name, strlen(name)) != (long)i)
            return alx_fail(ALX_E_DATA, "two values of the graph are called %s", name);
    }
    return 0;
}

static int make_lookup(onnx_graph *graph)
{
    graph->names = calloc(graph->value_count + 1, sizeof *graph->names);
    if (graph->names == NULL)
        return no_memory();
    for (size_t i = 0; i < graph->value_count; ++i)
        graph->names[i] = (char *)(uintptr_t)graph->values[i].name;
    TRY(base_lookup_create(&graph->lookup, graph->names, graph->value_count));
    return check_names(graph);
}

static int find_graph(base_wire model, base_wire *out)
{
    base_wire_field field;
    int more;

    while ((more = base_wire_next(&model, &field)) > 0)
        if (field.field == MODEL_GRAPH && field.type == BASE_WIRE_BYTES)
            *out = base_wire_inside(&field);
    if (more < 0)
        return damaged();
    return out->next != NULL ? 0 : alx_fail(ALX_E_DATA, "an ONNX model without a graph");
}

int io_onnx_graph(onnx_graph *out, alx_weights_file *file)
{
    const base_wire model = { file->map.bytes, file->map.bytes + file->map.count };
    reader r = { .graph = out, .file = file };
    base_wire graph = { 0 };

    *out = (onnx_graph){ 0 };
    TRY(find_graph(model, &graph));
    TRY(check_opset(model));
    TRY(add_values(&r, graph, GRAPH_INITIALIZER, TENSOR_NAME));
    TRY(add_values(&r, graph, GRAPH_INPUT, INPUT_NAME));
    TRY(add_nodes(&r, graph));
    TRY(make_lookup(out));
    for (size_t i = 0; i < out->node_count; ++i)
        TRY(resolve_node(&r, i));
    count_outputs(&r, graph);
    return 0;
}

void io_onnx_graph_free(onnx_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; ++i)
        free(graph->nodes[i].inputs);
    base_lookup_free(graph->lookup);
    free(graph->names);
    free(graph->nodes);
    free(graph->values);
    *graph = (onnx_graph){ 0 };
}
