/* conv.h - convolutions for tests: one case's tensors, a pass by an algorithm or by the twin. */
#ifndef TEST_CONV_H
#define TEST_CONV_H

#include "support/device.h"

#include "alexnet/dev/ops.h"

typedef struct conv_case {
    const char *why;
    alx_shape in;
    int outputs;
    alx_conv2d_params p; /* kernel, stride, pad, groups, ceil */
} conv_case;

/** Random operands; valid until test_teardown. */
typedef struct conv_data {
    alx_shape out, weight;
    const float *x, *w, *b, *grad_y;
} conv_data;

conv_data conv_data_make(const conv_case *c);

/** Elements of a pass's result. */
size_t conv_result_count(alx_pass pass, const conv_case *c, const conv_data *d);

/** One pass with exactly the scratch it asks for. With accumulate, grad_w starts as w. */
const float *conv_run(alx_device *dev, alx_conv_algo algo, alx_pass pass, const conv_case *c,
                      const conv_data *d, bool accumulate);
const float *conv_twin(alx_pass pass, const conv_case *c, const conv_data *d);

/** Whether two algorithms give the same bits. */
bool conv_same_bits(alx_device *one, alx_conv_algo algo, alx_device *two, alx_conv_algo other,
                    alx_pass pass, const conv_case *c);

#endif
