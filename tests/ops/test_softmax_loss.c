/* test_softmax_loss.c - softmax, loss and rank: kernels against twins, known losses, ties and NaN,
 * twin against finite differences. */
#include "support/family.h"
#include "support/gradient.h"

#include <math.h>

#include "alexnet/dev/ref.h"

typedef struct softmax_tensors {
    const alx_tensor *logits, *labels, *prob, *loss, *rank;
} softmax_tensors;

static softmax_tensors softmax_run(alx_device *dev, const float *logits, const int32_t *labels,
                                   int rows, int classes)
{
    const softmax_tensors t = {
        .logits = test_tensor_of(dev, (alx_shape){ rows, 1, 1, classes }, logits),
        .labels = test_vector_of(dev, (size_t)rows, labels),
        .prob = test_tensor(dev, (alx_shape){ rows, 1, 1, classes }),
        .loss = test_tensor(dev, (alx_shape){ 1, 1, 1, rows }),
        .rank = test_tensor(dev, (alx_shape){ 1, 1, 1, rows }),
    };

    assert_ok(alx_op_softmax_loss(t.prob, t.loss, t.rank, t.logits, t.labels));
    test_assert_canary("prob", t.prob);
    test_assert_canary("loss", t.loss);
    test_assert_canary("rank", t.rank);
    return t;
}

static const int32_t *ranks(const softmax_tensors *t)
{
    return (const int32_t *)(void *)test_download(t->rank);
}

static const struct {
    int rows, classes;
    float range, offset;
} cases[] = {
    { 7, 1000, 5.0f, 0.0f }, { 3, 10, 1.0f, 0.0f },  { 5, 1, 1.0f, 0.0f },
    { 2, 64, 80.0f, 0.0f },  { 3, 129, 2.0f, 1e4f }, { 1, 63, 3.0f, -1e4f },
};

static void kernels_match_twins(alx_device *dev)
{
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const int rows = cases[i].rows, classes = cases[i].classes;
        const size_t count = (size_t)rows * (size_t)classes;
        const float *logits = test_host_random(count, 1, cases[i].offset - cases[i].range,
                                               cases[i].offset + cases[i].range);
        float *prob = test_host(count), *loss = test_host((size_t)rows);
        float *gradient = test_host(count);
        int32_t labels[8], rank[8];

        for (int n = 0; n < rows; ++n)
            labels[n] = n * 37 % classes;
        labels[rows - 1] = classes - 1;
        const softmax_tensors t = softmax_run(dev, logits, labels, rows, classes);
        const alx_tensor *grad_logits = test_tensor(dev, t.logits->shape);

        alx_ref_softmax_loss(prob, loss, rank, logits, labels, rows, classes);
        test_assert_close("prob", test_download(t.prob), prob, count, 2e-5, 1e-30);
        test_assert_close("loss", test_download(t.loss), loss, (size_t)rows, 1e-6, 1e-6);
        assert_memory_equal(ranks(&t), rank, (size_t)rows * sizeof *rank);

        alx_ref_softmax_loss_backward(gradient, prob, labels, rows, classes, 0.25f);
        test_upload(t.prob, prob);
        assert_ok(alx_op_softmax_loss_backward(grad_logits, t.prob, t.labels, 0.25f));
        test_assert_close("gradient", test_download(grad_logits), gradient, count, 1e-6, 1e-30);
        test_assert_canary("gradient", grad_logits);
    }
}

/* Equal logits: the loss of an untrained net is the logarithm of its classes. */
static void untrained_loss(alx_device *dev)
{
    const int32_t labels[] = { 0, 999 };
    const softmax_tensors t = softmax_run(dev, test_host(2000), labels, 2, 1000);
    const float want[] = { 6.907755279f, 6.907755279f };

    test_assert_close("ln 1000", test_download(t.loss), want, 2, 1e-6, 0.0);
}

static void rank_of_ties_and_nan(alx_device *dev)
{
    static const struct {
        float z[5];
        int32_t label, rank;
    } rows[] = {
        { { 1, 2, 3, 4, 5 }, 4, 0 },        { { 1, 2, 3, 4, 5 }, 0, 4 },
        { { 7, 7, 7, 7, 7 }, 0, 0 },        { { 7, 7, 7, 7, 7 }, 3, 3 },
        { { 9, 1, 5, 5, 5 }, 3, 2 },        { { 0.0f, -0.0f, 0.0f, -1, -1 }, 2, 2 },
        { { 1, 2, NAN, 4, 9 }, 4, 5 },      { { NAN, 2, 3, 4, 9 }, 0, 5 },
        { { INFINITY, 2, 3, 4, 9 }, 4, 1 }, { { -INFINITY, 2, 3, 4, 9 }, 0, 4 },
        { { 1, 2, 3, 4, 5 }, -1, 5 },       { { NAN, 2, 3, 4, 5 }, -1, 5 },
    };
    const int count = (int)ALX_COUNT(rows);
    float logits[ALX_COUNT(rows)][5], prob[ALX_COUNT(rows)][5], loss[ALX_COUNT(rows)];
    int32_t labels[ALX_COUNT(rows)], twin[ALX_COUNT(rows)];

    for (int n = 0; n < count; ++n) {
        for (size_t i = 0; i < 5; ++i)
            logits[n][i] = rows[n].z[i];
        labels[n] = rows[n].label;
    }
    alx_ref_softmax_loss(prob[0], loss, twin, logits[0], labels, count, 5);
    const softmax_tensors t = softmax_run(dev, logits[0], labels, count, 5);

    for (int n = 0; n < count; ++n) {
        assert_int_equal(twin[n], rows[n].rank);
        assert_int_equal(ranks(&t)[n], rows[n].rank);
    }
}

/* A row with NaN has no loss to believe in; its neighbours keep theirs. */
static void nan_stays_in_its_row(alx_device *dev)
{
    const float logits[] = { 1, 2, 3, 1, NAN, 3, 3, 2, 1 };
    const int32_t labels[] = { 0, 0, 0 };
    const softmax_tensors t = softmax_run(dev, logits, labels, 3, 3);
    const float *loss = test_download(t.loss), *prob = test_download(t.prob);

    assert_false(isnan(loss[0]) || isnan(loss[2]));
    assert_true(isnan(loss[1]));
    for (size_t i = 0; i < 9; ++i)
        assert_int_equal(isnan(prob[i]), i / 3 == 1);
}

/* -1, and whatever else is no class: no loss, no gradient, no access out of bounds. */
static void row_without_label(alx_device *dev)
{
    const float logits[] = { 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4 };
    const int32_t labels[] = { -1, 2, 4, INT32_MIN };
    const softmax_tensors t = softmax_run(dev, logits, labels, 4, 4);
    const alx_tensor *grad_logits = test_tensor(dev, t.logits->shape);
    const float *loss = test_download(t.loss);
    float twin_prob[16], twin_loss[4];
    int32_t twin_rank[4];

    alx_ref_softmax_loss(twin_prob, twin_loss, twin_rank, logits, labels, 4, 4);
    assert_ok(alx_op_softmax_loss_backward(grad_logits, t.prob, t.labels, 1.0f));
    const float *gradient = test_download(grad_logits);

    for (size_t n = 0; n < 4; ++n) {
        assert_int_equal(loss[n] == 0.0f, n != 1);
        assert_int_equal(twin_loss[n] == 0.0f, n != 1);
        assert_int_equal(ranks(&t)[n], n == 1 ? 1 : 4);
        assert_int_equal(twin_rank[n], n == 1 ? 1 : 4);
        for (size_t i = 0; i < 4; ++i)
            assert_int_equal(gradient[n * 4 + i] == 0.0f, n != 1);
    }
}

/* The loss of a label that is far behind is from the logits: finite where its probability is 0. */
static void loss_of_hopeless_label_is_finite(alx_device *dev)
{
    const float logits[] = { 0.0f, 500.0f }, want[] = { 500.0f };
    const int32_t labels[] = { 0 };
    const softmax_tensors t = softmax_run(dev, logits, labels, 1, 2);

    assert_true(test_download(t.prob)[0] == 0.0f);
    test_assert_close("loss", test_download(t.loss), want, 1, 1e-6, 0.0);
}

#define GRADIENT_ROWS 3
#define GRADIENT_CLASSES 6
static const int32_t gradient_labels[GRADIENT_ROWS] = { 5, 0, 2 };

static void losses_of(float *loss, const float *logits, const void *context)
{
    float prob[GRADIENT_ROWS * GRADIENT_CLASSES];
    int32_t rank[GRADIENT_ROWS];

    (void)context;
    alx_ref_softmax_loss(prob, loss, rank, logits, gradient_labels, GRADIENT_ROWS,
                         GRADIENT_CLASSES);
}

static void twin_is_the_gradient(void **state)
{
    const size_t count = GRADIENT_ROWS * GRADIENT_CLASSES;
    const float mean[] = { 1.0f / 3.0f, 1.0f / 3.0f, 1.0f / 3.0f };
    const float *logits = test_host_random(count, 2, -2.0f, 2.0f);
    float *prob = test_host(count), *gradient = test_host(count), loss[GRADIENT_ROWS];
    int32_t rank[GRADIENT_ROWS];

    (void)state;
    alx_ref_softmax_loss(prob, loss, rank, logits, gradient_labels, GRADIENT_ROWS,
                         GRADIENT_CLASSES);
    alx_ref_softmax_loss_backward(gradient, prob, gradient_labels, GRADIENT_ROWS, GRADIENT_CLASSES,
                                  mean[0]);
    test_assert_gradient("softmax", gradient, losses_of, NULL, logits, count, mean, GRADIENT_ROWS,
                         0.01f, 1e-4);
}

static void what_does_not_fit_is_refused(void **state)
{
    alx_device *dev = test_device();
    const alx_tensor *logits = test_tensor(dev, (alx_shape){ 3, 1, 1, 4 });
    const alx_tensor *other = test_tensor(dev, (alx_shape){ 3, 1, 1, 5 });
    const alx_tensor *rows = test_tensor(dev, (alx_shape){ 1, 1, 1, 3 });
    const alx_tensor *few = test_tensor(dev, (alx_shape){ 1, 1, 1, 2 });

    (void)state;
    assert_int_equal(alx_op_softmax_loss(other, rows, rows, logits, rows), ALX_E_USAGE);
    assert_int_equal(alx_op_softmax_loss(logits, few, rows, logits, rows), ALX_E_USAGE);
    assert_int_equal(alx_op_softmax_loss(logits, rows, few, logits, rows), ALX_E_USAGE);
    assert_int_equal(alx_op_softmax_loss(logits, rows, rows, logits, few), ALX_E_USAGE);
    assert_int_equal(alx_op_softmax_loss_backward(logits, other, rows, 1.0f), ALX_E_USAGE);
    assert_int_equal(alx_op_softmax_loss_backward(logits, logits, few, 1.0f), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_families(kernels_match_twins),  test_on_families(untrained_loss),
        test_on_families(rank_of_ties_and_nan), test_on_families(nan_stays_in_its_row),
        test_on_families(row_without_label),    test_on_families(loss_of_hopeless_label_is_finite),
        test_on_device(twin_is_the_gradient),   test_on_device(what_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
