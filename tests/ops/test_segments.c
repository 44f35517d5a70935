/* test_segments.c - many parameters in a launch: views of shared buffers and one that has its own,
 * of two kinds, beside the twins of the update and of the norm. */
#include "support/family.h"

#include <math.h>
#include <string.h>

#include "alexnet/dev/ref.h"

#define PARAMS 6
#define SLOTS (PARAMS + 2)

/* One element, a vector less one, rows of no multiple of a vector, several groups, several chunks
 * of the norm, and one that lies alone. */
static const alx_shape shapes[PARAMS] = { { 1, 1, 1, 1 },   { 1, 1, 1, 15 },    { 5, 1, 1, 67 },
                                          { 3, 3, 20, 33 }, { 1, 1, 1, 70001 }, { 1, 1, 1, 257 } };
static const int slots[PARAMS] = { 3, 1, 0, 6, 5, 2 }, kinds[PARAMS] = { 7, 7, 0, 7, 0, 7 };

/* By role: w, v, g. */
typedef struct params {
    alx_arena *arena[3];
    alx_tensor tensor[3][PARAMS];
    float *host[3][PARAMS];
    alx_segment list[PARAMS];
} params;

static void fill_param(params *p, alx_device *dev, int role, int i)
{
    const size_t count = alx_shape_count(shapes[i]);

    p->host[role][i] = test_host_random(count, (uint32_t)(10 * role + i), -1.0f, 1.0f);
    if (i == PARAMS - 1)
        p->tensor[role][i] = *test_tensor(dev, shapes[i]);
    assert_ok(alx_tensor_write(&p->tensor[role][i], p->host[role][i]));
}

static params *params_make(alx_device *dev)
{
    static params p;
    const size_t align = alx_device_get_info(dev)->base_align_bytes;
    const size_t slab = alx_round_up((size_t)1 << 20, align);

    for (int role = 0; role < 3; ++role) {
        size_t offset = (size_t)role * align; /* elsewhere in each buffer */

        assert_ok(alx_arena_create(&p.arena[role], dev, "parameters", slab, slab));
        for (int i = 0; i < PARAMS; ++i) {
            if (i < PARAMS - 1)
                assert_ok(alx_arena_tensor(&p.tensor[role][i], p.arena[role], offset, shapes[i]));
            offset += alx_round_up(alx_shape_count(shapes[i]) * sizeof(float), align) + align;
            fill_param(&p, dev, role, i);
        }
    }
    for (int i = 0; i < PARAMS; ++i)
        p.list[i] = (alx_segment){ &p.tensor[0][i], &p.tensor[1][i], &p.tensor[2][i], slots[i],
                                   kinds[i] };
    return &p;
}

static void params_free(params *p)
{
    for (int role = 0; role < 3; ++role)
        alx_arena_free(p->arena[role]);
}

static void a_kind_is_updated_and_no_other(alx_device *dev)
{
    const alx_sgd_params by = { 0.1f, 0.9f, 5e-3f, false };
    const float scale = 0.5f;
    params *p = params_make(dev);
    alx_segments *segments = NULL;

    assert_ok(alx_segments_create(&segments, p->list, PARAMS));
    assert_ok(alx_op_sgd_all(segments, 7, test_vector_of(dev, 1, &scale), NULL, &by));
    for (int i = 0; i < PARAMS; ++i) {
        const size_t count = alx_shape_count(shapes[i]);

        if (kinds[i] == 7)
            alx_ref_sgd(p->host[0][i], p->host[1][i], p->host[2][i], count, scale, &by);
        for (int role = 0; role < 3; ++role)
            test_assert_close("parameter", test_download(&p->tensor[role][i]), p->host[role][i],
                              count, 1e-6, 1e-6);
    }
    alx_segments_free(segments);
    params_free(p);
}

static void every_gradient_has_its_sum(alx_device *dev)
{
    const alx_tensor *out = test_tensor(dev, (alx_shape){ 1, 1, 1, SLOTS });
    params *p = params_make(dev);
    alx_segments *segments = NULL;
    size_t partials = 0;

    for (int i = 0; i < PARAMS; ++i)
        partials += alx_op_sum_squares_scratch(shapes[i]);
    const alx_tensor *scratch = test_tensor(dev, (alx_shape){ 1, 1, 1, (int)partials });

    assert_ok(alx_segments_create(&segments, p->list, PARAMS));
    assert_int_equal(alx_op_sum_squares_all(out, segments, test_vector_of(dev, 1, &(float){ 0 })),
                     ALX_E_USAGE);
    assert_ok(alx_op_sum_squares_all(out, segments, scratch));
    const float *got = test_download(out);

    for (int i = 0; i < PARAMS; ++i) {
        const float want = alx_ref_sum_squares(p->host[2][i], alx_shape_count(shapes[i]));

        test_assert_close("sum", &got[slots[i]], &want, 1, 1e-6, 0.0);
    }
    assert_true(isnan(got[4]) && isnan(got[7]));
    test_assert_canary("sums", out);
    test_assert_canary("scratch", scratch);
    alx_segments_free(segments);
    params_free(p);
}

static void lists_that_do_not_fit_are_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *a = test_tensor(dev, (alx_shape){ 1, 1, 1, 8 });
    const alx_tensor *other = test_tensor(dev, (alx_shape){ 1, 1, 1, 9 });
    const alx_segment lists[][2] = {
        { { a, a, a, 0, 0 }, { NULL, NULL, a, 1, 0 } },
        { { NULL, NULL, a, 0, 0 }, { a, a, a, 1, 0 } },
        { { a, a, a, 0, 0 }, { a, NULL, a, 1, 0 } },
        { { NULL, a, a, 0, 0 }, { NULL, NULL, a, 1, 0 } },
        { { a, a, a, 0, 0 }, { a, other, a, 1, 0 } },
        { { a, a, a, 0, 0 }, { a, a, a, -1, 0 } },
    };
    alx_segments *segments = NULL;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(lists); ++i) {
        assert_int_equal(alx_segments_create(&segments, lists[i], 2), ALX_E_USAGE);
        assert_null(segments);
    }
}

static void none_is_nothing_to_do(void **state)
{
    const alx_sgd_params by = { 0 };
    alx_segments *segments = (alx_segments *)state;

    assert_ok(alx_segments_create(&segments, NULL, 0));
    assert_null(segments);
    assert_ok(alx_op_sgd_all(segments, 0, NULL, NULL, &by));
    assert_ok(alx_op_sum_squares_all(NULL, segments, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(a_kind_is_updated_and_no_other),
        test_on_families(every_gradient_has_its_sum),
        test_on_device(lists_that_do_not_fit_are_refused),
        test_on_device(none_is_nothing_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
