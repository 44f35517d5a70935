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
    TEST_PAIR_COUNT
} test_pair_kind;

/** Opens the pair, whose first device is test_device()'s where the kind leaves a choice; skips the
 *  test where the machine has none of the kind. Close with test_pair_close. */
void test_pair_open(alx_device *pair[2], test_pair_kind kind);
void test_pair_close(alx_device *pair[2]);

/** For main(), before the first OpenCL call: PoCL shows two devices. */
void test_pair_two_pocl_devices(void);

/** A cmocka test `body(pair)` for each kind: an initialiser list of TEST_PAIR_COUNT rows. */
typedef void (*test_pair_body)(alx_device *pair[2]);
typedef struct test_pair_case {
    test_pair_body body;
    test_pair_kind kind;
} test_pair_case;
void test_pair_run(void **state);

#define TEST_ON_PAIR(body, kind)                                                                   \
    { #body " " #kind, test_pair_run, NULL, test_teardown, &(test_pair_case){ body, kind } }
#define test_on_pairs(body)                                                                        \
    TEST_ON_PAIR(body, TEST_PAIR_TWICE), TEST_ON_PAIR(body, TEST_PAIR_CONTEXTS),                   \
        TEST_ON_PAIR(body, TEST_PAIR_CORES), TEST_ON_PAIR(body, TEST_PAIR_DEVICES),                \
        TEST_ON_PAIR(body, TEST_PAIR_PLATFORMS)

#endif
