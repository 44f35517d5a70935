/* test.h - what every test includes: cmocka and the helpers of tests/support. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alexnet/status.h"

/** Prints alx_status_text before failing, so that a test log says why. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        const int assert_rc = (call);                                                              \
        if (assert_rc != 0)                                                                        \
            print_error("%s: %s\n", #call, alx_status_text(assert_rc));                            \
        assert_int_equal(assert_rc, 0);                                                            \
    } while (0)

/** |got - want| <= atol + rtol * |want| for every element; prints the worst one. */
void test_assert_close(const char *what, const float *got, const float *want, size_t count,
                       double rtol, double atol);

/** max|got - want| <= limit * max|want|. */
void test_assert_rel_max(const char *what, const float *got, const float *want, size_t count,
                         double limit);

/** `count` values uniform in [low, high), a function of `stream` and the place alone. */
void test_fill(float *out, size_t count, uint32_t stream, float low, float high);

/** malloc that fails the test when it cannot. */
void *test_alloc(size_t bytes);

#endif
