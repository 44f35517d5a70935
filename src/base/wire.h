/* wire.h - protobuf's wire format: the fields of a message, one after the other, without a library.
 * https://protobuf.dev/programming-guides/encoding */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is left of a message. */
typedef struct base_wire {
    const uint8_t *next, *end;
} base_wire;

enum { BASE_WIRE_VARINT = 0, BASE_WIRE_64 = 1, BASE_WIRE_BYTES = 2, BASE_WIRE_32 = 5 };

typedef struct base_wire_field {
    uint64_t field;       /**< its number */
    unsigned type;        /**< of the four above */
    uint64_t number;      /**< of a varint */
    const uint8_t *bytes; /**< of the others, in the message */
    size_t count;         /**< of these */
} base_wire_field;

/** The next field. @return 1; 0 at the end; -1 if what is left is no whole field */
int base_wire_next(base_wire *in, base_wire_field *field);
/** The next number of packed ones; false at the end, and for one that is cut: then something is
 *  left. */
bool base_wire_varint(base_wire *in, uint64_t *value);
/** A message that a field is; an empty one if it is a number. */
base_wire base_wire_inside(const base_wire_field *field);

#endif
