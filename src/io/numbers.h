/* numbers.h - a repeated field of numbers in a protobuf message: packed, in one piece or
 * several, or one by one. */
#ifndef IO_NUMBERS_H
#define IO_NUMBERS_H

#include "alexnet/dev/io.h"
#include "base/wire.h"

typedef struct io_numbers {
    base_wire message; /**< that they are in */
    uint64_t field;
    size_t width;       /**< bytes of one: 4, 8; 0: varints */
    size_t count;       /**< of them */
    const uint8_t *run; /**< where they lie in one piece; else NULL */
} io_numbers;

/** Counts them. False if the message is no whole fields, or a piece no whole numbers. */
bool io_numbers_find(io_numbers *out, base_wire message, uint64_t field, size_t width);
/** As float32. `dtype` is what they are: F32 or F64; varints: F16 or BF16, by their bits.
 *  @param name  of the tensor, for messages */
int io_numbers_floats(float *out, const io_numbers *numbers, alx_dtype dtype,
                      const char *name) ALX_MUST_USE;
/** The first `most` of varints. Returns how many. */
size_t io_numbers_ints(int64_t *out, const io_numbers *numbers, size_t most);

#endif
