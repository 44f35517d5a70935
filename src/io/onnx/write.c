/* write.c - an ONNX model: protobuf's wire format by hand, since the models that we write have few
 * kinds of fields. Small messages are kept as text, tensors' numbers are borrowed until they are
 * written, so that nothing is copied. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "base/wire.h"

enum { OPSET = 17, IR_VERSION = 8, ELEMENT_FLOAT = 1 };
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_INTS = 8 };
enum { ATTRIBUTE_TYPE = 20, TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_INTS = 7 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };

/* ---- messages -------------------------------------------------------------------------------- */

typedef struct message {
    uint8_t *bytes;
    size_t count, room;
    bool failed; /* out of memory */
} message;

static void put(message *m, const void *bytes, size_t count)
{
    if (m->count + count > m->room) {
        const size_t room = 2 * (m->count + count) + 64;
        uint8_t *grown = realloc(m->bytes, room);

        if (grown == NULL) {
            m->failed = true;
            return;
        }
        m->bytes = grown;
        m->room = room;
    }
    memcpy(m->bytes + m->count, bytes, count);
    m->count += count;
}

static void put_varint(message *m, uint64_t value)
{
    uint8_t bytes[10];
    size_t count = 0;

    do {
        bytes[count++] = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    put(m, bytes, count);
}

static void put_tag(message *m, int field, int type)
{
    put_varint(m, (uint64_t)field << 3 | (uint64_t)type);
}

static void put_int(message *m, int field, int64_t value)
{
    put_tag(m, field, BASE_WIRE_VARINT);
    put_varint(m, (uint64_t)value);
}

static void put_bytes(message *m, int field, const void *bytes, size_t count)
{
    put_tag(m, field, BASE_WIRE_BYTES);
    put_varint(m, count);
    put(m, bytes, count);
}

static void put_text(message *m, int field, const char *text)
{
    put_bytes(m, field, text, strlen(text));
}

/* Puts a message into another, and frees it. */
static void put_inside(message *m, int field, message *inside)
{
    put_bytes(m, field, inside->bytes, inside->count);
    m->failed = m->failed || inside->failed;
    free(inside->bytes);
    *inside = (message){ 0 };
}

/* ---- the model ------------------------------------------------------------------------------- */

typedef struct tensor {
    message head; /* with tag and length, up to the numbers */
    const float *numbers;
    size_t bytes;
} tensor;

struct alx_onnx_writer {
    message graph, metadata, node, attributes; /* the graph without tensors; the open node */
    tensor *tensors;
    size_t count, room;
};

int alx_onnx_writer_create(alx_onnx_writer **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for an ONNX model");
}

void alx_onnx_writer_free(alx_onnx_writer *writer)
{
    if (writer == NULL)
        return;
    free(writer->graph.bytes);
    free(writer->metadata.bytes);
    free(writer->node.bytes);
    free(writer->attributes.bytes);
    for (size_t i = 0; i < writer->count; ++i)
        free(writer->tensors[i].head.bytes);
    free(writer->tensors);
    free(writer);
}

/* Opens a node; inputs are added by alx_onnx_input, attributes by the functions after it. */
void alx_onnx_node(alx_onnx_writer *writer, const char *op, const char *output)
{
    put_text(&writer->node, NODE_OUTPUT, output);
    put_text(&writer->node, NODE_NAME, output);
    put_text(&writer->node, NODE_OP, op);
}

void alx_onnx_node_input(alx_onnx_writer *writer, const char *name)
{
    put_text(&writer->node, NODE_INPUT, name);
}

void alx_onnx_node_output(alx_onnx_writer *writer, const char *name)
{
    put_text(&writer->node, NODE_OUTPUT, name);
}

static void put_attribute(alx_onnx_writer *writer, message *attribute, int type)
{
    put_int(attribute, ATTRIBUTE_TYPE, type);
    put_inside(&writer->node, NODE_ATTRIBUTE, attribute);
}

void alx_onnx_node_int(alx_onnx_writer *writer, const char *name, int64_t value)
{
    message attribute = { 0 };

    put_text(&attribute, ATTRIBUTE_NAME, name);
    put_int(&attribute, ATTRIBUTE_I, value);
    put_attribute(writer, &attribute, TYPE_INT);
}

void alx_onnx_node_float(alx_onnx_writer *writer, const char *name, double value)
{
    const float number = (float)value;
    message attribute = { 0 };

    put_text(&attribute, ATTRIBUTE_NAME, name);
    put_tag(&attribute, ATTRIBUTE_F, BASE_WIRE_32);
    put(&attribute, &number, sizeof number);
    put_attribute(writer, &attribute, TYPE_FLOAT);
}

void alx_onnx_node_ints(alx_onnx_writer *writer, const char *name, const int *values, int count)
{
    message attribute = { 0 };

    put_text(&attribute, ATTRIBUTE_NAME, name);
    for (int i = 0; i < count; ++i)
        put_int(&attribute, ATTRIBUTE_INTS, values[i]);
    put_attribute(writer, &attribute, TYPE_INTS);
}

void alx_onnx_node_end(alx_onnx_writer *writer)
{
    put_inside(&writer->graph, GRAPH_NODE, &writer->node);
}

int alx_onnx_tensor(alx_onnx_writer *writer, const char *name, const int *dims, int dim_count,
                    const float *numbers)
{
    message head = { 0 }, tag = { 0 };
    size_t bytes = sizeof *numbers;

    if (writer->count == writer->room) {
        const size_t room = 2 * writer->room + 16;
        tensor *grown = realloc(writer->tensors, room * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for an ONNX model");
        writer->tensors = grown;
        writer->room = room;
    }
    for (int i = 0; i < dim_count; ++i) {
        put_int(&head, TENSOR_DIMS, dims[i]);
        bytes *= (size_t)dims[i];
    }
    put_int(&head, TENSOR_TYPE, ELEMENT_FLOAT);
    put_text(&head, TENSOR_NAME, name);
    put_tag(&head, TENSOR_RAW, BASE_WIRE_BYTES);
    put_varint(&head, bytes);
    put_tag(&tag, GRAPH_TENSOR, BASE_WIRE_BYTES);
    put_varint(&tag, head.count + bytes);
    put(&tag, head.bytes, head.count);
    tag.failed = tag.failed || head.failed;
    free(head.bytes);
    writer->tensors[writer->count++] = (tensor){ tag, numbers, bytes };
    return 0;
}

/* A value's type: float32 of (batch, dims...). */
static void put_value(alx_onnx_writer *writer, int field, const char *name, const int *dims,
                      int dim_count)
{
    message shape = { 0 }, type = { 0 }, holder = { 0 }, value = { 0 };

    for (int i = -1; i < dim_count; ++i) {
        message dim = { 0 };

        if (i < 0)
            put_text(&dim, 2, "batch");
        else
            put_int(&dim, 1, dims[i]);
        put_inside(&shape, 1, &dim);
    }
    put_int(&type, 1, ELEMENT_FLOAT);
    put_inside(&type, 2, &shape);
    put_inside(&holder, 1, &type);
    put_text(&value, 1, name);
    put_inside(&value, 2, &holder);
    put_inside(&writer->graph, field, &value);
}

void alx_onnx_input(alx_onnx_writer *writer, const char *name, const int *dims, int dim_count)
{
    put_value(writer, GRAPH_INPUT, name, dims, dim_count);
}

void alx_onnx_output(alx_onnx_writer *writer, const char *name, const int *dims, int dim_count)
{
    put_value(writer, GRAPH_OUTPUT, name, dims, dim_count);
}

void alx_onnx_metadata(alx_onnx_writer *writer, const char *key, const char *value)
{
    message pair = { 0 };

    put_text(&pair, 1, key);
    put_text(&pair, 2, value);
    put_inside(&writer->metadata, MODEL_METADATA, &pair);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void put_head(message *head, const alx_onnx_writer *writer, size_t graph_bytes)
{
    message opset = { 0 };

    put_int(head, MODEL_IR, IR_VERSION);
    put_text(head, MODEL_PRODUCER, "alexnet");
    put_int(&opset, 2, OPSET);
    put_inside(head, MODEL_OPSET, &opset);
    put(head, writer->metadata.bytes, writer->metadata.count);
    put_tag(head, MODEL_GRAPH, BASE_WIRE_BYTES);
    put_varint(head, graph_bytes);
}

static int write_pieces(base_file_writer *file, const alx_onnx_writer *writer, const message *head)
{
    TRY(base_file_writer_write(file, head->bytes, head->count));
    TRY(base_file_writer_write(file, writer->graph.bytes, writer->graph.count));
    for (size_t i = 0; i < writer->count; ++i) {
        const tensor *t = &writer->tensors[i];

        TRY(base_file_writer_write(file, t->head.bytes, t->head.count));
        TRY(base_file_writer_write(file, t->numbers, t->bytes));
    }
    return 0;
}

static bool out_of_memory(const alx_onnx_writer *writer, const message *head)
{
    bool failed = writer->graph.failed || writer->metadata.failed || head->failed;

    for (size_t i = 0; i < writer->count; ++i)
        failed = failed || writer->tensors[i].head.failed;
    return failed;
}

int alx_onnx_write(alx_onnx_writer *writer, const char *path)
{
    size_t bytes = 0;
    base_file_writer *file = NULL;
    message head = { 0 };
    int rc = 0;

    put_text(&writer->graph, GRAPH_NAME, "alexnet");
    bytes = writer->graph.count;
    for (size_t i = 0; i < writer->count; ++i)
        bytes += writer->tensors[i].head.count + writer->tensors[i].bytes;
    put_head(&head, writer, bytes);
    if (out_of_memory(writer, &head) || bytes > INT32_MAX) {
        rc = alx_fail(bytes > INT32_MAX ? ALX_E_USAGE : ALX_E_MEMORY, "%s: %s", path,
                      bytes > INT32_MAX ? "an ONNX file holds less than 2 GiB"
                                        : "out of host memory for an ONNX model");
        goto done;
    }
    TRY_DONE(base_file_writer_open(&file, path));
    TRY_DONE(write_pieces(file, writer, &head));
    TRY_DONE(base_file_writer_commit(&file));
done:
    free(head.bytes);
    base_file_writer_abort(&file);
    return rc;
}
