/* message.c - messages of protobuf's wire format. */
#include "base/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/wire.h"

void base_put(base_message *m, const void *bytes, size_t count)
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

void base_put_varint(base_message *m, uint64_t value)
{
    uint8_t bytes[10];
    size_t count = 0;

    do {
        bytes[count++] = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    base_put(m, bytes, count);
}

void base_put_tag(base_message *m, int field, int type)
{
    base_put_varint(m, (uint64_t)field << 3 | (uint64_t)type);
}

void base_put_int(base_message *m, int field, int64_t value)
{
    base_put_tag(m, field, BASE_WIRE_VARINT);
    base_put_varint(m, (uint64_t)value);
}

void base_put_float(base_message *m, int field, double value)
{
    const float number = (float)value;

    base_put_tag(m, field, BASE_WIRE_32);
    base_put(m, &number, sizeof number);
}

void base_put_bytes(base_message *m, int field, const void *bytes, size_t count)
{
    base_put_tag(m, field, BASE_WIRE_BYTES);
    base_put_varint(m, count);
    base_put(m, bytes, count);
}

void base_put_text(base_message *m, int field, const char *text)
{
    base_put_bytes(m, field, text, strlen(text));
}

/* Puts a base_message into another, and frees it. */
void base_put_inside(base_message *m, int field, base_message *inside)
{
    base_put_bytes(m, field, inside->bytes, inside->count);
    m->failed = m->failed || inside->failed;
    free(inside->bytes);
    *inside = (base_message){ 0 };
}
