/* repeated.c - repeated fields of numbers, as they come. */
#include "io/repeated.h"

#include <string.h>

#include "base/try.h"
#include "io/elements.h"

static size_t count_varints(const base_wire_field *piece)
{
    size_t count = 0;

    for (size_t i = 0; i < piece->count; ++i)
        count += piece->bytes[i] < 0x80; /* the last byte of each */
    return count;
}

static unsigned single_type(size_t width)
{
    return width == 0 ? BASE_WIRE_VARINT : width == 4 ? BASE_WIRE_32 : BASE_WIRE_64;
}

bool io_repeated_find(io_repeated *out, base_wire message, uint64_t field, size_t width)
{
    base_wire_field piece;
    size_t pieces = 0;
    int more;

    *out = (io_repeated){ .message = message, .field = field, .width = width };
    while ((more = base_wire_next(&message, &piece)) > 0) {
        if (piece.field != field)
            continue;
        if (piece.type == single_type(width)) {
            ++out->count;
            pieces += 2; /* never one */
        } else if (piece.type == BASE_WIRE_BYTES && (width == 0 || piece.count % width == 0)) {
            out->count += width == 0 ? count_varints(&piece) : piece.count / width;
            out->run = piece.bytes;
            ++pieces;
        } else {
            return false;
        }
    }
    if (pieces != 1 || width == 0)
        out->run = NULL;
    return more == 0;
}

/* ---- numbers one after the other ----------------------------------------------------------- */

/* Bits of a varint as a number of 16. */
static int varint_float(float *out, uint64_t bits, alx_dtype dtype, const char *name)
{
    const uint8_t half[2] = { (uint8_t)bits, (uint8_t)(bits >> 8) };
    const io_elements element = { .dtype = dtype, .first = half };

    return io_elements_run(out, &element, 1, name);
}

static int piece_floats(float *out, const base_wire_field *piece, const io_repeated *numbers,
                        alx_dtype dtype, const char *name)
{
    io_elements elements = { .dtype = dtype, .first = piece->bytes };
    base_wire in = base_wire_inside(piece);
    uint64_t number = 0;

    if (numbers->width > 0)
        return io_elements_run(out, &elements, piece->count / numbers->width, name);
    if (piece->type == BASE_WIRE_VARINT)
        return varint_float(out, piece->number, dtype, name);
    while (base_wire_varint(&in, &number))
        TRY(varint_float(out++, number, dtype, name));
    return in.next == in.end ? 0 : alx_fail(ALX_E_DATA, "tensor %s is damaged", name);
}

int io_repeated_floats(float *out, const io_repeated *numbers, alx_dtype dtype, const char *name)
{
    base_wire message = numbers->message;
    base_wire_field piece;

    while (base_wire_next(&message, &piece) > 0) {
        if (piece.field != numbers->field)
            continue;
        TRY(piece_floats(out, &piece, numbers, dtype, name));
        out += numbers->width > 0               ? piece.count / numbers->width
               : piece.type == BASE_WIRE_VARINT ? 1
                                                : count_varints(&piece);
    }
    return 0;
}

size_t io_repeated_ints(int64_t *out, const io_repeated *numbers, size_t most)
{
    base_wire message = numbers->message;
    base_wire_field piece;
    uint64_t number = 0;
    size_t count = 0;

    while (base_wire_next(&message, &piece) > 0) {
        if (piece.field != numbers->field)
            continue;
        base_wire in = base_wire_inside(&piece);

        if (piece.type == BASE_WIRE_VARINT && count < most)
            out[count++] = (int64_t)piece.number;
        while (piece.type == BASE_WIRE_BYTES && count < most && base_wire_varint(&in, &number))
            out[count++] = (int64_t)number;
    }
    return count;
}
