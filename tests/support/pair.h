/* pair.h - two devices for a test, in every way that this machine offers. */
#ifndef TEST_PAIR_H
#define TEST_PAIR_H

#include "support/device.h"

typedef enum {
    TEST_PAIR_TWICE,     /**< one device opened twice in one context */
    TEST_PAIR_CONTEXTS,  /**< one device in two contexts: through the host */
    TEST_PAIR_CORES,     /**< two one-core sub-devices */
    TEST_PAIR_DEVICES,   /**< two devices of one platform */
    TEST_PAIR_PLATFORMS, /**< two platforms, of two vendors */
} test_pair_kind;

/** For main(), before the first OpenCL call: PoCL shows two devices. */
void test_pair_two_pocl_devices(void);

/** test_on_pairs(body): a cmocka test of `body(pair)` for each kind; the first device is
 *  test_device(). A kind that the machine does not have is left out with a message. With
 *  $ALEXNET_TEST_PLATFORMS=1 (tests/vendors/run) two platforms must be there, and all other kinds
 *  are left out. */
typedef void (*test_pair_body)(alx_device *pair[2]);
typedef struct test_pair_case {
    test_pair_body body;
    test_pair_kind kind;
} test_pair_case;
void test_pair_run(void **state);

#define TEST_ON_PAIR(body, kind)                                                                   \
    {                                                                                              \
#body " " #kind, test_pair_run, NULL, test_teardown, &(test_pair_case)                     \
        {                                                                                          \
            body, kind                                                                             \
        }                                                                                          \
    }
#define test_on_pairs(body)                                                                        \
    TEST_ON_PAIR(body, TEST_PAIR_TWICE), TEST_ON_PAIR(body, TEST_PAIR_CONTEXTS),                   \
        TEST_ON_PAIR(body, TEST_PAIR_CORES), TEST_ON_PAIR(body, TEST_PAIR_DEVICES),                \
        TEST_ON_PAIR(body, TEST_PAIR_PLATFORMS)

#endif
