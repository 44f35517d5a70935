/* fuzz_dataset.h - what is done with a data set, of whatever kind. */
#ifndef FUZZ_DATASET_H
#define FUZZ_DATASET_H

#include "fuzz.h"

#include "alexnet/data.h"

/** Opens the split, and asks everything of its first images. Every failure must name a path in the
 *  folder of fuzz_write. */
void fuzz_dataset(const char *path, alx_split split, const alx_dataset_options *options);

#endif
