/* test_lars.c - layer-wise rates: the kernel beside its twin, and ten updates beside NumPy's in
 * double precision (tests/golden/lars.json, by tools/golden/make_lars.py). */
#include "support/family.h"

#include <math.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/ref.h"
#include "base/file.h"

/* ---- the kernel ------------------------------------------------------------------------------ */

#define SLOTS 6

/* A parameter in two parts, a bias, one whole; weights of length 0, a gradient of length 0. */
static void kernel_matches_twin(alx_device *dev)
{
    static const alx_lars_slot slots[SLOTS] = { { 2, 1, 1.0f }, { 1, 0, 0.0f }, { 0, 1, 1.0f },
                                                { 3, 1, 2.0f }, { 4, 1, 1.0f }, { 5, 1, 1.0f } };
    static const float g[SLOTS] = { 1.5f, 9.0f, 2.5f, 0.04f, 3.0f, 0.0f };
    static const float w[SLOTS] = { 0.2f, 7.0f, 0.3f, 5.0f, 0.0f, 1.0f };
    static const float factors[] = { 1.0f, 0.25f };

    for (size_t i = 0; i < ALX_COUNT(factors); ++i) {
        const float scale = factors[i], eta = 0.01f, decay = 0.5f;
        const float two = alx_ref_lars_rate(4.0f, 0.5f, scale, eta, decay);
        const float want[SLOTS] = { two,  1.0f,
                                    two,  alx_ref_lars_rate(0.04f, 5.0f, scale, eta, 1.0f),
                                    1.0f, 1.0f };
        alx_tensor *rates = test_tensor(dev, (alx_shape){ 1, 1, 1, SLOTS });
        alx_tensor *table = test_tensor_of(dev, (alx_shape){ 1, 1, SLOTS, 3 }, slots);

        assert_ok(alx_op_lars(rates, test_vector_of(dev, SLOTS, g), test_vector_of(dev, SLOTS, w),
                              table, i == 0 ? NULL : test_vector_of(dev, 1, &scale), eta, decay));
        test_assert_close("rates", test_download(rates), want, SLOTS, 1e-6, 0.0);
        test_assert_canary("rates", rates);
        assert_int_equal(alx_op_lars(rates, test_vector_of(dev, 5, g), test_vector_of(dev, 5, w),
                                     table, NULL, eta, decay),
                         ALX_E_USAGE);
    }
}

/* |g| 5, |w| 2: 0.001 * 2 / (5 * 0.5 + 0.25 * 2). */
static void twin_by_hand(void **state)
{
    (void)state;
    assert_float_equal(alx_ref_lars_rate(25.0f, 4.0f, 0.5f, 0.001f, 0.25f), 0.002f / 3.0f, 1e-10f);
    assert_true(alx_ref_lars_rate(0.0f, 4.0f, 1.0f, 0.001f, 0.25f) == 1.0f);
    assert_true(alx_ref_lars_rate(25.0f, 0.0f, 1.0f, 0.001f, 0.25f) == 1.0f);
}

/* ---- ten updates ----------------------------------------------------------------------------- */

/* The first half of `split`, the second, and the others. */
#define PARTS 5

static const struct {
    const char *name;
    int first, count;
} parts[PARTS] = {
    { "split", 0, 12 }, { "split", 12, 12 }, { "whole", 0, 9 }, { "zero", 0, 4 }, { "bias", 0, 5 },
};
static const alx_lars_slot part_slots[PARTS] = {
    { 1, 1, 1.0f }, { 0, 1, 1.0f }, { 2, 1, 1.0f }, { 3, 1, 1.0f }, { 4, 0, 1.0f },
};

typedef struct updating {
    alx_tensor *w[PARTS], *v[PARTS], *g[PARTS];
    alx_tensor *sums, *weight_sums, *rates, *slots, *clip, *scratch;
    alx_segments *all, *weights;
} updating;

static float *part_of(const cJSON *tree, int part)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, parts[part].name);
    float *out = test_host((size_t)parts[part].count);

    for (int i = 0; i < parts[part].count; ++i)
        out[i] = (float)cJSON_GetArrayItem(list, parts[part].first + i)->valuedouble;
    return out;
}

static updating start(alx_device *dev, const cJSON *first)
{
    const float zeros[PARTS + 12] = { 0 };
    alx_segment all[PARTS], weights[PARTS];
    updating u = { .slots = test_tensor_of(dev, (alx_shape){ 1, 1, PARTS, 3 }, part_slots) };

    for (int i = 0; i < PARTS; ++i) {
        u.w[i] = test_vector_of(dev, (size_t)parts[i].count, part_of(first, i));
        u.v[i] = test_vector_of(dev, (size_t)parts[i].count, zeros);
        u.g[i] = test_vector_of(dev, (size_t)parts[i].count, zeros);
        all[i] = (alx_segment){ u.w[i], u.v[i], u.g[i], i, i == PARTS - 1 };
        weights[i] = (alx_segment){ .g = u.w[i], .slot = i };
    }
    assert_ok(alx_segments_create(&u.all, all, PARTS));
    assert_ok(alx_segments_create(&u.weights, weights, PARTS));
    u.sums = test_vector_of(dev, PARTS, zeros);
    u.weight_sums = test_vector_of(dev, PARTS, zeros);
    u.rates = test_vector_of(dev, PARTS, zeros);
    u.clip = test_vector_of(dev, 2, zeros);
    u.scratch = test_vector_of(dev, PARTS, zeros);
    return u;
}

static void update(updating *u, const cJSON *gradients, double lr, double clip, double decay)
{
    const alx_sgd_params p = { (float)lr, 0.9f, (float)decay, false },
                         bias = { p.lr, 0.9f, 0.0f, false };
    const alx_tensor *scale = clip > 0.0 ? u->clip : NULL;

    for (int i = 0; i < PARTS; ++i)
        test_upload(u->g[i], part_of(gradients, i));
    assert_ok(alx_op_sum_squares_all(u->sums, u->all, u->scratch));
    assert_ok(alx_op_clip_scale(u->clip, u->sums, PARTS, (float)clip));
    assert_ok(alx_op_sum_squares_all(u->weight_sums, u->weights, u->scratch));
    assert_ok(
        alx_op_lars(u->rates, u->sums, u->weight_sums, u->slots, scale, 0.001f, p.weight_decay));
    assert_ok(alx_op_sgd_all(u->all, 0, scale, u->rates, &p));
    assert_ok(alx_op_sgd_all(u->all, 1, scale, u->rates, &bias));
}

/* Ten steps, each rounds about six times: 6e-8 * 60. */
static void assert_all(const char *what, alx_tensor *const *got, const cJSON *want)
{
    for (int i = 0; i < PARTS; ++i)
        test_assert_rel_max(what, test_download(got[i]), part_of(want, i), (size_t)parts[i].count,
                            3.6e-6);
}

static void run(alx_device *dev, const cJSON *run)
{
    const double clip = cJSON_GetObjectItem(run, "clip")->valuedouble;
    const double decay = cJSON_GetObjectItem(run, "decay")->valuedouble;
    const cJSON *rates = cJSON_GetObjectItem(run, "lr");
    updating u = start(dev, cJSON_GetObjectItem(run, "start"));

    assert_int_equal(cJSON_GetArraySize(rates), 10);
    for (int i = 0; i < 10; ++i) {
        update(&u, cJSON_GetArrayItem(cJSON_GetObjectItem(run, "gradients"), i),
               cJSON_GetArrayItem(rates, i)->valuedouble, clip, decay);
        assert_all("weights", u.w, cJSON_GetArrayItem(cJSON_GetObjectItem(run, "weights"), i));
    }
    assert_all("velocities", u.v, cJSON_GetObjectItem(run, "velocities"));
    alx_segments_free(u.all);
    alx_segments_free(u.weights);
}

static void ten_updates_are_numpys(alx_device *dev)
{
    char *text = NULL;
    size_t bytes = 0;
    const cJSON *each = NULL;

    assert_ok(base_file_read(&text, &bytes, TEST_DIR "/golden/lars.json"));
    cJSON *tree = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "runs")), 2);
    cJSON_ArrayForEach(each, cJSON_GetObjectItem(tree, "runs")) run(dev, each);
    cJSON_Delete(tree);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twin_by_hand),
        test_on_families(kernel_matches_twin),
        test_on_families(ten_updates_are_numpys),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
