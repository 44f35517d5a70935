/* device.h - for tests on a device: one device per program, tensors with canary words.
 *
 *     alx_device *dev = test_device();
 *     alx_tensor *x = test_tensor_of(dev, shape, values), *y = test_tensor(dev, shape);
 *     assert_ok(alx_op_scale(y, x, 2.0f));
 *     test_assert_close("scale", test_download(y), want, count, 1e-6, 0.0);
 *     test_assert_canary("scale", y);
 *
 * What the helpers return is freed by test_teardown: give it to cmocka as every test's teardown
 * (`test_on_device(f)`), and test_device_close as the group's. */
#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#include "support/test.h"

#include "alexnet/dev/rt.h"

/** The device that ALEXNET_DEVICE names, else the default one; opened on first use. Skips the test
 *  where the machine has no OpenCL device; fails it if the name is wrong. */
alx_device *test_device(void);

/** Before the first OpenCL call: the environment as a program sets it. */
void test_set_environment(void);
/** Whether only kernels of short items are right there: neither vec nor winograd runs. */
bool test_cuts_loops(const alx_device *dev);

/** A tensor filled with NaN, guard words past its end: what a kernel forgets to write, or writes or
 *  reads outside, shows. */
alx_tensor *test_tensor(alx_device *dev, alx_shape shape);
/** The same, then `data`. */
alx_tensor *test_tensor_of(alx_device *dev, alx_shape shape, const void *data);
/** A vector (1,1,1,count) of it. */
alx_tensor *test_vector_of(alx_device *dev, size_t count, const void *data);
/** The same, then test_fill(stream, low, high). */
alx_tensor *test_tensor_random(alx_device *dev, alx_shape shape, uint32_t stream, float low,
                               float high);

void test_upload(const alx_tensor *tensor, const void *data);
/** The tensor's contents, valid until test_teardown; cast for integers. */
float *test_download(const alx_tensor *tensor);
/** Zeroed memory for `count` floats, valid until test_teardown. */
float *test_host(size_t count);
/** `count` floats of test_fill. */
float *test_host_random(size_t count, uint32_t stream, float low, float high);

/** Guard words past the end of a test_tensor that were written. */
size_t test_canary_broken(const alx_tensor *tensor);
/** Fails if there are any. */
void test_assert_canary(const char *what, const alx_tensor *tensor);

/** Teardown of a test: frees what the helpers handed out. */
int test_teardown(void **state);
/** Teardown of the group: closes the device, if it was opened. */
int test_device_close(void **state);

#define test_on_device(f) cmocka_unit_test_teardown(f, test_teardown)

#endif
