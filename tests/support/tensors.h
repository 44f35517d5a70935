/* tensors.h - files of tensors compared bit for bit. */
#ifndef TEST_TENSORS_H
#define TEST_TENSORS_H

#include "support/test.h"

/** Fails unless every tensor of `path_a` whose name starts with `prefix` is in `path_b` with the
 *  same bits. @return how many there are */
size_t test_assert_same_tensors(const char *path_a, const char *path_b, const char *prefix);

#endif
