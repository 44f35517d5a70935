/* family.h - both ways to split work on whatever device there is. */
#ifndef TEST_FAMILY_H
#define TEST_FAMILY_H

#include "support/device.h"

typedef void (*test_family_body)(alx_device *dev);

/** Calls the body that `*state` points at with the device taken for a CPU (few long runs, wide
 *  vectors), then for a GPU (many items side by side): the operations choose by type, and both
 *  choices must be right everywhere. */
void test_family_run(void **state);

/** cmocka's entry of a test_family_body. */
#define test_on_families(body)                                                                     \
    {                                                                                              \
#body, test_family_run, NULL, test_teardown, &(test_family_body)                           \
        {                                                                                          \
            body                                                                                   \
        }                                                                                          \
    }

#endif
