/* tensor.c - where the numbers of a TensorProto lie. */
#include "io/onnx/tensor.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "io/elements.h"
#include "io/onnx/outside.h"
#include "io/repeated.h"

enum { DIMS = 1, TYPE = 2, FLOATS = 4, INTS = 5, LONGS = 7, RAW = 9, DOUBLES = 10, OUTSIDE = 13 };
#define MOST_FILLED ((size_t)1 << 28) /* numbers, by a node of a few bytes; AlexNet has 2^26 */

enum { LOCATION = 14, IS_OUTSIDE = 1 };

/* ONNX's numbers of types, and the field that holds their elements if `raw_data` does not. */
static const struct {
    uint64_t type;
    alx_dtype dtype;
    uint64_t field;
    size_t width; /* in that field; 0: varints */
} types[] = {
    { 1, ALX_F32, FLOATS, 4 },   { 2, ALX_U8, INTS, 0 },    { 3, ALX_I8, INTS, 0 },
    { 4, ALX_U16, INTS, 0 },     { 5, ALX_I16, INTS, 0 },   { 6, ALX_I32, INTS, 0 },
    { 7, ALX_I64, LONGS, 0 },    { 9, ALX_BOOL, INTS, 0 },  { 10, ALX_F16, INTS, 0 },
    { 11, ALX_F64, DOUBLES, 8 }, { 16, ALX_BF16, INTS, 0 },
};

typedef struct description {
    size_t type; /* in the table */
    bool known, outside;
    base_wire raw;
    bool has_raw;
    uint64_t type_number;
} description;

static void describe(description *out, base_wire message)
{
    base_wire_field field;

    *out = (description){ .known = false };
    while (base_wire_next(&message, &field) > 0) {
        if (field.field == TYPE)
            out->type_number = field.number;
        else if (field.field == LOCATION)
            out->outside = field.number == IS_OUTSIDE;
        else if (field.field == RAW && field.type == BASE_WIRE_BYTES) {
            out->raw = base_wire_inside(&field);
            out->has_raw = true;
        }
    }
    while (out->type < ALX_COUNT(types) && types[out->type].type != out->type_number)
        ++out->type;
    out->known = out->type < ALX_COUNT(types);
}

static int set_dims(alx_weights_tensor *about, const int64_t *dims, size_t count)
{
    if (count > ALX_MAX_DIMS)
        return alx_fail(ALX_E_DATA, "tensor %s: more than %d dimensions", about->name,
                        ALX_MAX_DIMS);
    for (size_t i = 0; i < count; ++i) {
        if (dims[i] < 0 || dims[i] > INT_MAX)
            return alx_fail(ALX_E_DATA, "tensor %s: dimension %zu is not in 0..%d", about->name, i,
                            INT_MAX);
        about->dims[i] = (int)dims[i];
    }
    about->dim_count = (int)count;
    return 0;
}

static int parse_dims(alx_weights_tensor *about, base_wire message)
{
    int64_t dims[ALX_MAX_DIMS + 1];
    io_repeated numbers;

    if (!io_repeated_find(&numbers, message, DIMS, 0))
        return alx_fail(ALX_E_DATA, "tensor %s is damaged", about->name);
    return set_dims(about, dims, io_repeated_ints(dims, &numbers, ALX_MAX_DIMS + 1));
}

/* ---- where the elements lie ---------------------------------------------------------------- */

static int wrong_count(const alx_weights_tensor *about, size_t has, size_t wants)
{
    return alx_fail(ALX_E_DATA, "tensor %s: %zu bytes for %s numbers of %s, which take %zu",
                    about->name, has, io_weights_shape(about).text, alx_dtype_text(about->dtype),
                    wants);
}

static int place_raw(const alx_weights_file *file, io_tensor *tensor, const description *d,
                     size_t bytes)
{
    const size_t has = (size_t)(d->raw.end - d->raw.next);

    if (has != bytes)
        return wrong_count(&tensor->about, has, bytes);
    tensor->first = d->raw.next;
    tensor->room = has;
    if (has > 0)
        tensor->about.offset = (size_t)(d->raw.next - file->map.bytes);
    return 0;
}

/* In a field of their type; what does not lie in one piece is gathered when it is read. */
static int place_field(alx_weights_file *file, io_tensor *tensor, const description *d,
                       base_wire message, size_t count)
{
    io_repeated *numbers = io_weights_keep(file, sizeof *numbers);

    if (numbers == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory");
    if (!io_repeated_find(numbers, message, types[d->type].field, types[d->type].width))
        return alx_fail(ALX_E_DATA, "tensor %s is damaged", tensor->about.name);
    if (numbers->count != count)
        return alx_fail(ALX_E_DATA, "tensor %s: %zu numbers where its shape has %zu",
                        tensor->about.name, numbers->count, count);
    tensor->first = numbers->run;
    tensor->room = numbers->count * numbers->width;
    tensor->source = numbers;
    if (numbers->run != NULL)
        tensor->about.offset = (size_t)(numbers->run - file->map.bytes);
    return 0;
}

static int place_outside(alx_weights_file *file, onnx_outside *outside, io_tensor *tensor,
                         base_wire message, size_t bytes)
{
    onnx_place place;

    TRY(io_onnx_outside_find(&place, file, outside, message, tensor->about.name));
    if (place.length != bytes)
        return wrong_count(&tensor->about, place.length, bytes);
    tensor->first = place.bytes;
    tensor->room = place.length;
    tensor->map = place.map;
    tensor->about.part = place.name;
    tensor->about.offset = place.offset;
    return 0;
}

int io_onnx_add_tensor(alx_weights_file *file, onnx_outside *outside, base_wire message,
                       const char *name, long *index)
{
    io_tensor tensor = { .about.name = name };
    description d;
    size_t count = 0, bytes = 0;

    *index = -1;
    describe(&d, message);
    if (!d.known) {
        alx_warn("%s: tensor %s has ONNX's type %zu: left out", file->path, name,
                 (size_t)d.type_number);
        return 0;
    }
    tensor.about.dtype = types[d.type].dtype;
    TRY(parse_dims(&tensor.about, message));
    if (!io_elements_size(&count, &bytes, tensor.about.dtype, tensor.about.dims,
                          tensor.about.dim_count))
        return alx_fail(ALX_E_DATA, "tensor %s: impossible shape", name);
    if (d.outside)
        TRY(place_outside(file, outside, &tensor, message, bytes));
    else if (d.has_raw)
        TRY(place_raw(file, &tensor, &d, bytes));
    else
        TRY(place_field(file, &tensor, &d, message, count));
    *index = (long)file->count;
    return io_weights_add(file, &tensor, false);
}

int io_onnx_read_tensor(const io_tensor *tensor, float *out)
{
    return io_repeated_floats(out, tensor->source, tensor->about.dtype, tensor->about.name);
}

/* ---- constants ----------------------------------------------------------------------------- */

int io_onnx_add_filled(alx_weights_file *file, base_wire message, const char *name,
                       const int64_t *dims, size_t dim_count, long *index)
{
    static const uint8_t zero[sizeof(float)] = { 0 };
    io_tensor tensor = { .about.name = name, .first = zero, .room = sizeof zero };
    size_t count = 0, bytes = 0;
    description d;
    io_repeated numbers;

    *index = -1;
    describe(&d, message);
    if (message.next != NULL) {
        if (!d.known || d.outside)
            return alx_fail(ALX_E_DATA, "%s is filled with what is no number", name);
        const bool one = io_repeated_find(&numbers, message, types[d.type].field,
                                          types[d.type].width);

        bytes = alx_dtype_bytes(types[d.type].dtype);
        tensor.first = d.has_raw && (size_t)(d.raw.end - d.raw.next) == bytes ? d.raw.next
                       : one && numbers.count == 1                            ? numbers.run
                                                                              : NULL;
        tensor.about.dtype = types[d.type].dtype;
        tensor.room = bytes;
    }
    if (tensor.first == NULL || !io_elements_can(tensor.about.dtype))
        return 0; /* integers are no weights */
    TRY(set_dims(&tensor.about, dims, dim_count));
    if (!io_elements_size(&count, &bytes, tensor.about.dtype, tensor.about.dims,
                          tensor.about.dim_count) ||
        count > MOST_FILLED)
        return alx_fail(ALX_E_DATA, "%s is filled with more than %zu numbers", name,
                        (size_t)MOST_FILLED);
    *index = (long)file->count;
    return io_weights_add(file, &tensor, true); /* strides of 0 */
}

size_t io_onnx_tensor_ints(base_wire message, int64_t *out, size_t most)
{
    description d;
    io_repeated numbers;

    describe(&d, message);
    if (!d.known || d.outside || io_elements_can(types[d.type].dtype))
        return 0;
    if (!d.has_raw)
        return io_repeated_find(&numbers, message, types[d.type].field, 0)
                   ? io_repeated_ints(out, &numbers, most)
                   : 0;
    const size_t width = alx_dtype_bytes(types[d.type].dtype);
    const size_t has = (size_t)(d.raw.end - d.raw.next) / width, count = has < most ? has : most;

    for (size_t i = 0; i < count; ++i) {
        const uint64_t bits = io_element_bits(d.raw.next + i * width, width, false);

        out[i] = width == 8 ? (int64_t)bits : (int32_t)(uint32_t)bits;
    }
    return count;
}

bool io_onnx_tensor_number(base_wire message, double *out)
{
    description d;
    io_repeated numbers;
    float value;

    describe(&d, message);
    if (!d.known || d.outside || types[d.type].width == 0)
        return false;
    const size_t width = types[d.type].width;
    const bool found = io_repeated_find(&numbers, message, types[d.type].field, width);
    const uint8_t *at = d.has_raw && (size_t)(d.raw.end - d.raw.next) == width ? d.raw.next
                        : found && numbers.count == 1                          ? numbers.run
                                                                               : NULL;

    if (at == NULL)
        return false;
    if (width == sizeof value) {
        memcpy(&value, at, sizeof value);
        *out = (double)value;
    } else {
        memcpy(out, at, sizeof *out);
    }
    return true;
}
