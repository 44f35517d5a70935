/* wire.c - reads protobuf's wire format. */
#include "base/wire.h"

bool base_wire_varint(base_wire *in, uint64_t *value)
{
    const uint8_t *at = in->next;

    *value = 0;
    for (int shift = 0; shift < 64 && at < in->end; shift += 7) {
        const uint8_t byte = *at++;

        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            in->next = at;
            return true;
        }
    }
    return false;
}

static bool wire_take(base_wire *in, uint64_t count, base_wire_field *field)
{
    if (count > (uint64_t)(in->end - in->next))
        return false;
    field->bytes = in->next;
    field->count = (size_t)count;
    in->next += count;
    return true;
}

static bool wire_value(base_wire *in, base_wire_field *field)
{
    uint64_t count = 0;

    switch (field->type) {
    case BASE_WIRE_VARINT:
        return base_wire_varint(in, &field->number);
    case BASE_WIRE_64:
        return wire_take(in, 8, field);
    case BASE_WIRE_BYTES:
        return base_wire_varint(in, &count) && wire_take(in, count, field);
    case BASE_WIRE_32:
        return wire_take(in, 4, field);
    default:
        return false;
    }
}

int base_wire_next(base_wire *in, base_wire_field *field)
{
    uint64_t tag = 0;

    *field = (base_wire_field){ 0 };
    if (in->next == in->end)
        return 0;
    if (!base_wire_varint(in, &tag))
        return -1;
    field->field = tag >> 3;
    field->type = (unsigned)(tag & 7);
    return wire_value(in, field) ? 1 : -1;
}

base_wire base_wire_inside(const base_wire_field *field)
{
    return field->bytes != NULL ? (base_wire){ field->bytes, field->bytes + field->count }
                                : (base_wire){ 0 };
}
