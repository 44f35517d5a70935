/* kernels.h - the program's kernels with a fault, for ALEXNET_CL_DIR. */
#ifndef TEST_KERNELS_H
#define TEST_KERNELS_H

#include "support/folder.h"

/** A folder of the program's kernels, with the first `from` of the file `wrong` replaced by `to`.
 *  Pairs with test_folder_remove. */
test_folder test_kernels_create(const char *wrong, const char *from, const char *to);

#endif
