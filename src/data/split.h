/* split.h - seeded order, shared by the validation split and the loader. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

/** Permutes in place (Fisher-Yates from the end): a function of its arguments alone. */
void data_shuffle(size_t *index, size_t count, uint32_t seed, enum base_rng_purpose purpose,
                  uint64_t step);

#endif
