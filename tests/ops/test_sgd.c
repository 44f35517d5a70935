/* test_sgd.c - the update in both forms: kernel against twin over several steps, forms against each
 * other, gradient scale, NaN. */
#include "support/family.h"

#include <math.h>

#include "alexnet/dev/ref.h"

#define STEPS 5

static const int counts[] = { 1, 15, 64, 1003, 4007 };

/* Kernel and twin side by side, the rate falling on the way. */
static void several_steps(alx_device *dev, size_t count, bool torch_form, const float *clip)
{
    const alx_shape s = { 1, 1, 1, (int)count };
    float *w = test_host_random(count, 1, -1.0f, 1.0f), *v = test_host(count);
    const alx_tensor *tw = test_tensor_of(dev, s, w), *tv = test_tensor_of(dev, s, v);
    const alx_tensor *scale = clip != NULL ? test_vector_of(dev, 2, clip) : NULL;

    for (uint32_t step = 0; step < STEPS; ++step) {
        const alx_sgd_params p = { step < 3 ? 0.1f : 0.01f, 0.9f, 5e-3f, torch_form };
        const float *g = test_host_random(count, 2 + step, -1.0f, 1.0f);

        alx_ref_sgd(w, v, g, count, clip != NULL ? clip[0] : 1.0f, &p);
        assert_ok(alx_op_sgd(tw, tv, test_tensor_of(dev, s, g), scale, &p));
        test_assert_close("w", test_download(tw), w, count, 1e-6, 1e-6);
        test_assert_close("v", test_download(tv), v, count, 1e-6, 1e-6);
    }
    test_assert_canary("w", tw);
    test_assert_canary("v", tv);
}

static void kernel_matches_twin(alx_device *dev)
{
    const float clip[] = { 0.3f, NAN };

    for (size_t i = 0; i < ALX_COUNT(counts); ++i)
        for (int form = 0; form < 2; ++form) {
            several_steps(dev, (size_t)counts[i], form, NULL);
            several_steps(dev, (size_t)counts[i], form, clip);
        }
}

/* One step by hand: w 1, v 2, g 3, lr 0.1, momentum 0.5, decay 0.01. */
static void twin_by_hand(void **state)
{
    float w = 1.0f, v = 2.0f, torch_w = 1.0f, torch_v = 2.0f;
    const float g = 3.0f;
    const alx_sgd_params paper = { 0.1f, 0.5f, 0.01f, false }, torch = { 0.1f, 0.5f, 0.01f, true };

    (void)state;
    alx_ref_sgd(&w, &v, &g, 1, 1.0f, &paper);
    assert_float_equal(v, 0.5f * 2.0f - 0.01f * 0.1f * 1.0f - 0.1f * 3.0f, 1e-6f);
    assert_float_equal(w, 1.0f + 0.699f, 1e-6f);
    alx_ref_sgd(&torch_w, &torch_v, &g, 1, 1.0f, &torch);
    assert_float_equal(torch_v, 0.5f * 2.0f + 3.0f + 0.01f * 1.0f, 1e-6f);
    assert_float_equal(torch_w, 1.0f - 0.1f * 4.01f, 1e-6f);
}

/* While the rate is constant the two forms are one. */
static void forms_agree_at_constant_rate(void **state)
{
    float w[2] = { 0.7f, 0.7f }, v[2] = { 0.0f, 0.0f };

    (void)state;
    for (int step = 0; step < 20; ++step) {
        const float g = sinf((float)step);

        for (int form = 0; form < 2; ++form) {
            const alx_sgd_params p = { 0.05f, 0.9f, 1e-2f, form };

            alx_ref_sgd(&w[form], &v[form], &g, 1, 1.0f, &p);
        }
        assert_float_equal(w[0], w[1], 1e-5f);
    }
}

static void nan_gradient_reaches_its_weight_only(alx_device *dev)
{
    const alx_sgd_params p = { 0.1f, 0.9f, 0.0f, false };
    float g[40] = { 0 };
    const alx_tensor *w = test_vector_of(dev, 40, test_host(40));
    const alx_tensor *v = test_vector_of(dev, 40, test_host(40));

    g[17] = NAN;
    assert_ok(alx_op_sgd(w, v, test_vector_of(dev, 40, g), NULL, &p));
    const float *got = test_download(w);

    for (size_t i = 0; i < 40; ++i)
        assert_int_equal(isnan(got[i]), i == 17);
}

static void other_shape_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *a = test_tensor(dev, (alx_shape){ 1, 1, 1, 6 });
    const alx_tensor *b = test_tensor(dev, (alx_shape){ 1, 1, 1, 7 });
    const alx_sgd_params p = { 0.1f, 0.9f, 0.0f, false };

    (void)state;
    assert_int_equal(alx_op_sgd(a, b, a, NULL, &p), ALX_E_USAGE);
    assert_int_equal(alx_op_sgd(a, a, b, NULL, &p), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernel_matches_twin),
        test_on_families(nan_gradient_reaches_its_weight_only),
        test_on_device(twin_by_hand),
        test_on_device(forms_agree_at_constant_rate),
        test_on_device(other_shape_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
