/* pickle.h - reads a pickle into values, by a machine that knows what torch.save writes and no
 * more: https://docs.python.org/3/library/pickletools.html */
#ifndef IO_TORCH_PICKLE_H
#define IO_TORCH_PICKLE_H

#include "io/torch/values.h"

/** Reads one pickle from the start of `bytes`, of protocol 2 to 4. Free it whatever happens.
 *  @param used  its length
 *  @return 0; ALX_E_DATA, for an opcode or a global that is not known too, by its name */
int io_pickle_read(io_pickle *out, const uint8_t *bytes, size_t count, size_t *used) ALX_MUST_USE;

#endif
