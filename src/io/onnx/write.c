/* write.c - an ONNX model: protobuf's wire format by hand, since the models that we write have few
 * kinds of fields. Small messages are kept as text, tensors' numbers are borrowed until they are
 * written, so that nothing is copied. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file_writer.h"
#include "base/message.h"
#include "base/try.h"
#include "base/wire.h"

enum { OPSET = 17, IR_VERSION = 8 };
enum { ELEMENT_FLOAT = 1, ELEMENT_FLOAT16 = 10, ELEMENT_BFLOAT16 = 16 };
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_INTS = 8 };
enum { ATTRIBUTE_TYPE = 20, TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_INTS = 7 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };

/* ---- the model ------------------------------------------------------------------------------- */

typedef struct tensor {
    base_message head; /* with tag and length, up to the numbers */
    const void *numbers;
    size_t bytes;
} tensor;

struct alx_onnx_writer {
    base_message graph, metadata, node, attributes; /* the graph without tensors; the open node */
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
    base_put_text(&writer->node, NODE_OUTPUT, output);
    base_put_text(&writer->node, NODE_NAME, output);
    base_put_text(&writer->node, NODE_OP, op);
}

void alx_onnx_node_input(alx_onnx_writer *writer, const char *name)
{
    base_put_text(&writer->node, NODE_INPUT, name);
}

void alx_onnx_node_output(alx_onnx_writer *writer, const char *name)
{
    base_put_text(&writer->node, NODE_OUTPUT, name);
}

static void put_attribute(alx_onnx_writer *writer, base_message *attribute, int type)
{
    base_put_int(attribute, ATTRIBUTE_TYPE, type);
    base_put_inside(&writer->node, NODE_ATTRIBUTE, attribute);
}

void alx_onnx_node_int(alx_onnx_writer *writer, const char *name, int64_t value)
{
    base_message attribute = { 0 };

    base_put_text(&attribute, ATTRIBUTE_NAME, name);
    base_put_int(&attribute, ATTRIBUTE_I, value);
    put_attribute(writer, &attribute, TYPE_INT);
}

void alx_onnx_node_float(alx_onnx_writer *writer, const char *name, double value)
{
    base_message attribute = { 0 };

    base_put_text(&attribute, ATTRIBUTE_NAME, name);
    base_put_float(&attribute, ATTRIBUTE_F, value);
    put_attribute(writer, &attribute, TYPE_FLOAT);
}

void alx_onnx_node_ints(alx_onnx_writer *writer, const char *name, const int *values, int count)
{
    base_message attribute = { 0 };

    base_put_text(&attribute, ATTRIBUTE_NAME, name);
    for (int i = 0; i < count; ++i)
        base_put_int(&attribute, ATTRIBUTE_INTS, values[i]);
    put_attribute(writer, &attribute, TYPE_INTS);
}

void alx_onnx_node_end(alx_onnx_writer *writer)
{
    base_put_inside(&writer->graph, GRAPH_NODE, &writer->node);
}

int alx_onnx_tensor(alx_onnx_writer *writer, const char *name, alx_dtype dtype, const int *dims,
                    int dim_count, const void *numbers)
{
    base_message head = { 0 }, tag = { 0 };
    size_t bytes = alx_dtype_bytes(dtype);

    if (writer->count == writer->room) {
        const size_t room = 2 * writer->room + 16;
        tensor *grown = realloc(writer->tensors, room * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for an ONNX model");
        writer->tensors = grown;
        writer->room = room;
    }
    for (int i = 0; i < dim_count; ++i) {
        base_put_int(&head, TENSOR_DIMS, dims[i]);
        bytes *= (size_t)dims[i];
    }
    base_put_int(&head, TENSOR_TYPE,
                 dtype == ALX_F16    ? ELEMENT_FLOAT16
                 : dtype == ALX_BF16 ? ELEMENT_BFLOAT16
                                     : ELEMENT_FLOAT);
    base_put_text(&head, TENSOR_NAME, name);
    base_put_tag(&head, TENSOR_RAW, BASE_WIRE_BYTES);
    base_put_varint(&head, bytes);
    base_put_tag(&tag, GRAPH_TENSOR, BASE_WIRE_BYTES);
    base_put_varint(&tag, head.count + bytes);
    base_put(&tag, head.bytes, head.count);
    tag.failed = tag.failed || head.failed;
    free(head.bytes);
    writer->tensors[writer->count++] = (tensor){ tag, numbers, bytes };
    return 0;
}

/* A value's type: float32 of (batch, dims...). */
static void put_value(alx_onnx_writer *writer, int field, const char *name, const int *dims,
                      int dim_count)
{
    base_message shape = { 0 }, type = { 0 }, holder = { 0 }, value = { 0 };

    for (int i = -1; i < dim_count; ++i) {
        base_message dim = { 0 };

        if (i < 0)
            base_put_text(&dim, 2, "batch");
        else
            base_put_int(&dim, 1, dims[i]);
        base_put_inside(&shape, 1, &dim);
    }
    base_put_int(&type, 1, ELEMENT_FLOAT);
    base_put_inside(&type, 2, &shape);
    base_put_inside(&holder, 1, &type);
    base_put_text(&value, 1, name);
    base_put_inside(&value, 2, &holder);
    base_put_inside(&writer->graph, field, &value);
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
    base_message pair = { 0 };

    base_put_text(&pair, 1, key);
    base_put_text(&pair, 2, value);
    base_put_inside(&writer->metadata, MODEL_METADATA, &pair);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void put_head(base_message *head, const alx_onnx_writer *writer, size_t graph_bytes)
{
    base_message opset = { 0 };

    base_put_int(head, MODEL_IR, IR_VERSION);
    base_put_text(head, MODEL_PRODUCER, "alexnet");
    base_put_int(&opset, 2, OPSET);
    base_put_inside(head, MODEL_OPSET, &opset);
    base_put(head, writer->metadata.bytes, writer->metadata.count);
    base_put_tag(head, MODEL_GRAPH, BASE_WIRE_BYTES);
    base_put_varint(head, graph_bytes);
}

static int write_pieces(base_file_writer *file, const alx_onnx_writer *writer,
                        const base_message *head)
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

static bool out_of_memory(const alx_onnx_writer *writer, const base_message *head)
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
    base_message head = { 0 };
    int rc = 0;

    base_put_text(&writer->graph, GRAPH_NAME, "alexnet");
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
