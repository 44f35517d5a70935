/* weights.h - files of weights in tests/data/weights, and what their programs read in them. */
#ifndef TEST_WEIGHTS_H
#define TEST_WEIGHTS_H

#include "alexnet/dev/weights_file.h"

/** "tests/data/weights/NAME" in a static buffer. */
const char *test_weights_path(const char *name);
/** Opens the file at `path` and compares its tensors with NAME.txt
 *  (tools/data/make_weight_files.py): names in their order, types, shapes, strides, and numbers
 *  to the bit. */
void test_weights_compare(const char *path, const char *name);
/** Its numbers where they lie in the file; NULL: they must be read. */
const float *test_weights_floats(const alx_weights_file *file, size_t index);
/** Opening the file fails with bad data, and a line that has its path and `says`. */
void test_weights_refused(const char *path, const char *says);
/** Each shorter copy of the file is refused, in a line that names it. */
void test_weights_cut(const char *name);

#endif
