/* repeated.h - a repeated field of numbers in a protobuf message: packed, in one piece or
 * several, or one by one. */
#ifndef IO_REPEATED_H
#define IO_REPEATED_H

#include "alexnet/dev/io.h"
#include "base/wire.h"

typedef struct io_repeated {
    base_wire message; /**< that they are in */
    uint64_t field;
    size_t width;       /**< bytes of one: 4, 8; 0: varints */
    size_t count;       /**< of them */
    const uint8_t *run; /**< where they lie in one piece; else NULL */
} io_repeated;

/** Counts them. False if the message is no whole fields, or a piece no whole numbers. */
bool io_repeated_find(io_repeated *out, base_wire message, uint64_t field, size_t width);
/** As float32. `dtype` is what they are: F32 or F64; varints: F16 or BF16, by their bits.
 *  @param name  of the tensor, for messages */
int io_repeated_floats(float *out, const io_repeated *numbers, alx_dtype dtype,
                       const char *name) ALX_MUST_USE;
/** The first `most` of varints. Returns how many. */
size_t io_repeated_ints(int64_t *out, const io_repeated *numbers, size_t most);

#endif
