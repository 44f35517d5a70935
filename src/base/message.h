/* message.h - writes messages of protobuf's wire format (wire.h reads them). */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Grows as it is filled; zeroed to begin with, `bytes` is freed by its owner. */
typedef struct base_message {
    uint8_t *bytes;
    size_t count, room;
    bool failed; /**< out of memory */
} base_message;

void base_put(base_message *m, const void *bytes, size_t count);
void base_put_varint(base_message *m, uint64_t value);
/** @param type  of wire.h */
void base_put_tag(base_message *m, int field, int type);
void base_put_int(base_message *m, int field, int64_t value);
void base_put_float(base_message *m, int field, double value);
void base_put_bytes(base_message *m, int field, const void *bytes, size_t count);
void base_put_text(base_message *m, int field, const char *text);
/** Puts a message into another, and frees it. */
void base_put_inside(base_message *m, int field, base_message *inside);

#endif
