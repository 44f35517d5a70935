/* conv.c - convolutions for tests. */
#include "support/conv.h"

#include <string.h>

conv_data conv_data_make(const alx_ref_case *c)
{
    conv_data d = { 0 };

    assert_ok(alx_ref_case_work(&d.work, c));
    d.out = d.work.out;
    d.weight = alx_ref_weight_shape(&d.work);
    d.x = test_host_random(alx_shape_count(c->in), 1, -1.0f, 1.0f);
    d.w = test_host_random(alx_shape_count(d.weight), 2, -1.0f, 1.0f);
    d.b = test_host_random((size_t)c->outputs, 3, -1.0f, 1.0f);
    d.grad_y = test_host_random(alx_shape_count(d.out), 4, -1.0f, 1.0f);
    return d;
}

static alx_shape result_shape(alx_pass pass, const alx_ref_case *c, const conv_data *d)
{
    return pass == ALX_PASS_FORWARD ? d->out : pass == ALX_PASS_GRAD_INPUT ? c->in : d->weight;
}

size_t conv_result_count(alx_pass pass, const alx_ref_case *c, const conv_data *d)
{
    return alx_shape_count(result_shape(pass, c, d));
}

const float *conv_run(alx_device *dev, alx_conv_algo algo, alx_pass pass, const alx_ref_case *c,
                      const conv_data *d, bool accumulate)
{
    const alx_conv_choice choice = { .algo = algo };
    const size_t floats = alx_op_conv2d_scratch(dev, &choice, pass, c->in, d->out, &c->conv);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    const alx_tensor *x = test_tensor_of(dev, c->in, d->x);
    const alx_tensor *w = test_tensor_of(dev, d->weight, d->w);
    const alx_tensor *b = test_vector_of(dev, (size_t)c->outputs, d->b);
    const alx_tensor *grad_y = test_tensor_of(dev, d->out, d->grad_y);
    const alx_tensor *result = accumulate ? w : test_tensor(dev, result_shape(pass, c, d));

    if (pass == ALX_PASS_FORWARD)
        assert_ok(alx_op_conv2d_forward(&choice, result, x, w, b, &c->conv, scratch));
    else if (pass == ALX_PASS_GRAD_INPUT)
        assert_ok(alx_op_conv2d_grad_input(&choice, result, grad_y, w, &c->conv, scratch));
    else
        assert_ok(
            alx_op_conv2d_grad_weight(&choice, result, x, grad_y, &c->conv, accumulate, scratch));
    test_assert_canary(c->what, result);
    test_assert_canary(c->what, scratch);
    return test_download(result);
}

const float *conv_run_prepared(alx_device *dev, alx_conv_algo algo, const alx_ref_case *c,
                               const conv_data *d, bool relu)
{
    const alx_conv_choice choice = { .algo = algo };
    size_t scratch_floats = 0;
    const size_t floats = alx_op_conv2d_filters(&scratch_floats, dev, &choice, c->in, d->out,
                                                &c->conv);
    const alx_tensor *x = test_tensor_of(dev, c->in, d->x), *result = test_tensor(dev, d->out);
    const alx_tensor *w = test_tensor_of(dev, d->weight, d->w);
    const alx_tensor *b = test_vector_of(dev, (size_t)c->outputs, d->b);
    const alx_tensor *filters, *scratch;

    if (floats == 0)
        return NULL;
    filters = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)floats });
    scratch = test_tensor(dev,
                          (alx_shape){ 1, 1, 1, scratch_floats > 0 ? (int)scratch_floats : 1 });
    assert_ok(alx_op_conv2d_prepare(&choice, filters, w, c->in, d->out, &c->conv));
    assert_ok(
        alx_op_conv2d_forward_prepared(&choice, result, x, filters, b, relu, &c->conv, scratch));
    test_assert_canary(c->what, filters);
    test_assert_canary(c->what, scratch);
    test_assert_canary(c->what, result);
    return test_download(result);
}

const float *conv_twin(alx_pass pass, const alx_ref_case *c, const conv_data *d)
{
    float *want = test_host(conv_result_count(pass, c, d));
    const alx_ref_operands operands = { .x = d->x, .w = d->w, .b = d->b, .grad_y = d->grad_y };

    assert_ok(alx_ref_pass(want, &d->work, pass, &operands));
    return want;
}

double conv_limit(alx_pass pass, const conv_data *d)
{
    return alx_ref_sum_limit(alx_ref_sum_terms(&d->work, pass));
}

bool conv_same_bits(alx_device *one, alx_conv_algo algo, alx_device *two, alx_conv_algo other,
                    alx_pass pass, const alx_ref_case *c)
{
    const conv_data d = conv_data_make(c);
    const size_t bytes = conv_result_count(pass, c, &d) * sizeof(float);

    return memcmp(conv_run(one, algo, pass, c, &d, false), conv_run(two, other, pass, c, &d, false),
                  bytes) == 0;
}
