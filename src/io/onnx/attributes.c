/* attributes.c - attributes of an ONNX node. */
#include <string.h>

#include "io/onnx/graph.h"
#include "io/repeated.h"

enum { NODE_ATTRIBUTE = 5 };
enum { NAME = 1, FLOAT = 2, INT = 3, TEXT = 4, TENSOR = 5, INTS = 8 };

static bool is_text(const base_wire_field *field, const char *text)
{
    return field->type == BASE_WIRE_BYTES && field->count == strlen(text) &&
           (field->count == 0 || memcmp(field->bytes, text, field->count) == 0);
}

/* The attribute's message; empty if there is none. */
static base_wire find(const onnx_node *node, const char *name)
{
    base_wire in = node->message;
    base_wire_field field, part;

    while (base_wire_next(&in, &field) > 0) {
        base_wire inside = base_wire_inside(&field);

        while (field.field == NODE_ATTRIBUTE && base_wire_next(&inside, &part) > 0)
            if (part.field == NAME && is_text(&part, name))
                return base_wire_inside(&field);
    }
    return (base_wire){ 0 };
}

/* The last field of the number in an attribute; false if there is none. */
static bool find_field(const onnx_node *node, const char *name, uint64_t number,
                       base_wire_field *out)
{
    base_wire in = find(node, name);
    base_wire_field field;
    bool found = false;

    while (base_wire_next(&in, &field) > 0)
        if (field.field == number) {
            *out = field;
            found = true;
        }
    return found;
}

int64_t io_onnx_int(const onnx_node *node, const char *attribute, int64_t otherwise)
{
    base_wire_field field;

    return find_field(node, attribute, INT, &field) && field.type == BASE_WIRE_VARINT
               ? (int64_t)field.number
               : otherwise;
}

double io_onnx_float(const onnx_node *node, const char *attribute, double otherwise)
{
    base_wire_field field;
    float value;

    if (!find_field(node, attribute, FLOAT, &field) || field.type != BASE_WIRE_32)
        return otherwise;
    memcpy(&value, field.bytes, sizeof value);
    return (double)value;
}

bool io_onnx_is(const onnx_node *node, const char *attribute, const char *text)
{
    base_wire_field field;

    return find_field(node, attribute, TEXT, &field) && is_text(&field, text);
}

size_t io_onnx_ints(const onnx_node *node, const char *attribute, int64_t *out, size_t most)
{
    io_repeated numbers;

    return io_repeated_find(&numbers, find(node, attribute), INTS, 0)
               ? io_repeated_ints(out, &numbers, most)
               : 0;
}

bool io_onnx_tensor(const onnx_node *node, const char *attribute, base_wire *out)
{
    base_wire_field field;

    if (!find_field(node, attribute, TENSOR, &field) || field.type != BASE_WIRE_BYTES)
        return false;
    *out = base_wire_inside(&field);
    return true;
}
