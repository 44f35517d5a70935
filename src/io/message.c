/* message.c - messages of protobuf's wire format. */
#include "io/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/wire.h"

void io_put(io_message *m, const void *bytes, size_t count)
{
    if (count == 0) /* an empty message has no memory */
        return;
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

void io_put_varint(io_message *m, uint64_t value)
{
    uint8_t bytes[10];
    size_t count = 0;

    do {
        bytes[count++] = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    io_put(m, bytes, count);
}

void io_put_tag(io_message *m, int field, int type)
{
    io_put_varint(m, (uint64_t)field << 3 | (uint64_t)type);
}

void io_put_int(io_message *m, int field, int64_t value)
{
    io_put_tag(m, field, BASE_WIRE_VARINT);
    io_put_varint(m, (uint64_t)value);
}

void io_put_float(io_message *m, int field, double value)
{
    const float number = (float)value;

    io_put_tag(m, field, BASE_WIRE_32);
    io_put(m, &number, sizeof number);
}

void io_put_bytes(io_message *m, int field, const void *bytes, size_t count)
{
    io_put_tag(m, field, BASE_WIRE_BYTES);
    io_put_varint(m, count);
    io_put(m, bytes, count);
}

void io_put_text(io_message *m, int field, const char *text)
{
    io_put_bytes(m, field, text, strlen(text));
}

/* Puts a io_message into another, and frees it. */
void io_put_inside(io_message *m, int field, io_message *inside)
{
    io_put_bytes(m, field, inside->bytes, inside->count);
    m->failed = m->failed || inside->failed;
    free(inside->bytes);
    *inside = (io_message){ 0 };
}
