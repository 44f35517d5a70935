/* fields.c - finds fields of messages. */
#include "io/fields.h"

#include <string.h>

base_wire io_field_bytes(base_wire message, uint64_t number)
{
    base_wire_field field;
    base_wire found = { 0 };

    while (base_wire_next(&message, &field) > 0)
        if (field.field == number && field.type == BASE_WIRE_BYTES)
            found = base_wire_inside(&field);
    return found;
}

size_t io_field_length(base_wire bytes)
{
    return (size_t)(bytes.end - bytes.next);
}

int64_t io_field_int(base_wire message, uint64_t number, int64_t otherwise)
{
    base_wire_field field;

    while (base_wire_next(&message, &field) > 0)
        if (field.field == number && field.type == BASE_WIRE_VARINT)
            otherwise = (int64_t)field.number;
    return otherwise;
}

double io_field_float(base_wire message, uint64_t number, double otherwise)
{
    base_wire_field field;
    float value;

    while (base_wire_next(&message, &field) > 0)
        if (field.field == number && field.type == BASE_WIRE_32) {
            memcpy(&value, field.bytes, sizeof value);
            otherwise = (double)value;
        }
    return otherwise;
}

const char *io_field_text(alx_weights_file *file, base_wire bytes)
{
    const size_t length = io_field_length(bytes);

    return io_weights_text(file, length > 0 ? (const char *)bytes.next : "", length);
}
