/* conv.h - convolutions for tests: one case's tensors, a pass by an algorithm or by the twin. */
#ifndef TEST_CONV_H
#define TEST_CONV_H

#include "support/device.h"

#include "alexnet/dev/ref.h"

/** Random operands; valid until test_teardown. */
typedef struct conv_data {
    alx_op_work work;
    alx_shape out, weight;
    const float *x, *w, *b, *grad_y;
} conv_data;

conv_data conv_data_make(const alx_ref_case *c);

/** Elements of a pass's result. */
size_t conv_result_count(alx_pass pass, const alx_ref_case *c, const conv_data *d);

/** What two orders of the sums of a pass may differ by. */
double conv_limit(alx_pass pass, const conv_data *d);

/** One pass with exactly the scratch it asks for. With accumulate, grad_w starts as w. */
const float *conv_run(alx_device *dev, alx_conv_algo algo, alx_pass pass, const alx_ref_case *c,
                      const conv_data *d, bool accumulate);
/** A forward pass on filters made before, then ReLU with `relu`; NULL where the algorithm has
 *  none. */
const float *conv_run_prepared(alx_device *dev, alx_conv_algo algo, const alx_ref_case *c,
                               const conv_data *d, bool relu);
const float *conv_twin(alx_pass pass, const alx_ref_case *c, const conv_data *d);

/** Whether two algorithms give the same bits. */
bool conv_same_bits(alx_device *one, alx_conv_algo algo, alx_device *two, alx_conv_algo other,
                    alx_pass pass, const alx_ref_case *c);

#endif
