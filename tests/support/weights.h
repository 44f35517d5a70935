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
/** Opening the file fails with bad data, and a line that has its path and `says`. */
void test_weights_refused(const char *path, const char *says);
/** Each shorter copy of the file is refused, in a line that names it. */
void test_weights_cut(const char *name);

#endif
