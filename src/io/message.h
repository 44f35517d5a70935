/* message.h - writes messages of protobuf's wire format (base/wire.h reads them). */
#ifndef IO_MESSAGE_H
#define IO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Grows as it is filled; zeroed to begin with, `bytes` is freed by its owner. */
typedef struct io_message {
    uint8_t *bytes;
    size_t count, room;
    bool failed; /**< out of memory */
} io_message;

void io_put(io_message *m, const void *bytes, size_t count);
void io_put_varint(io_message *m, uint64_t value);
/** @param type  of base/wire.h */
void io_put_tag(io_message *m, int field, int type);
void io_put_int(io_message *m, int field, int64_t value);
void io_put_float(io_message *m, int field, double value);
void io_put_bytes(io_message *m, int field, const void *bytes, size_t count);
void io_put_text(io_message *m, int field, const char *text);
/** Puts a message into another, and frees it. */
void io_put_inside(io_message *m, int field, io_message *inside);

#endif
