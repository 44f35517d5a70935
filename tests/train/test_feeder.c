/* test_feeder.c - what enters the network, by the formula, for each way to name mean and deviation;
 * and scores by hand from the probabilities. */
#include <math.h>
#include <string.h>

#include "support/training.h"

enum { SIZE = 5, SIDE = 3, BATCH = 3, IMAGE = SIZE * SIZE * 3, INPUT = SIDE * SIDE * 3 };

static const char net_text[] = "[net]\n"
                               "input = 3x3x3\n"
                               "classes = 4\n"
                               "init = he\n"
                               "[fc1]\n"
                               "units = 4\n"
                               "[data]\n"
                               "resize = 5\n";

static const int32_t labels[BATCH] = { 2, 0, 3 };
static const alx_crop crops[BATCH] = {
    { .top = 0, .left = 2, .shift = { 1.5f, -2.0f, 0.25f } },
    { .top = 2, .left = 1 },
    { .top = 1, .left = 1 },
};

typedef struct fixture {
    alx_config config;
    alx_net *net;
    alx_feeder *feeder;
    alx_statistics statistics;
    uint8_t images[BATCH * IMAGE];
    float mean_image[IMAGE], input[BATCH * INPUT];
} fixture;

static fixture make_fixture(const char *mean, const char *extra)
{
    const char *const overrides[] = { mean, extra };
    const alx_net_options options = { .batch = BATCH };
    alx_device *dev = test_device();
    fixture f = { .statistics = { .size = SIZE,
                                  .mean = { 120.0, 110.0, 100.0 },
                                  .deviation = { 60.0, 50.0, 0.0 } } };

    for (size_t i = 0; i < ALX_COUNT(f.images); ++i)
        f.images[i] = (uint8_t)(i * 37 % 251);
    test_fill(f.mean_image, IMAGE, 5, 90.0f, 140.0f);
    assert_ok(alx_config_parse(&f.config, net_text, "net", overrides, 2));
    assert_ok(alx_net_create(&f.net, &f.config.net, &dev, 1, &options));
    assert_ok(alx_net_init(f.net, 3));
    return f;
}

static void feed(fixture *f, int count, bool training)
{
    const alx_batch batch = {
        .count = count, .images = f->images, .crops = crops, .labels = labels
    };

    f->statistics.mean_image = f->mean_image;
    assert_ok(alx_feeder_create(&f->feeder, f->net, &f->config.data, &f->statistics));
    assert_ok(alx_feeder_put(f->feeder, &batch, training));
    assert_ok(alx_tensor_read(f->input, alx_net_input(f->net, 0)));
}

static void free_fixture(fixture *f)
{
    alx_feeder_free(f->feeder);
    alx_net_free(f->net);
}

/* Input i of image n for a mean and deviation at pixel (r,q), channel c. */
typedef struct expected {
    double unit, mean[3], std[3];
    bool image;      /* the mean image in place of `mean` */
    int fixed_place; /* of the mean image: -1 = under the crop */
    double divide;
} expected;

static void assert_input(const fixture *f, int count, const expected *want)
{
    float values[BATCH * INPUT];

    for (int i = 0; i < count * INPUT; ++i) {
        const int n = i / INPUT, y = i / (SIDE * 3) % SIDE, x = i / 3 % SIDE, c = i % 3;
        const int r = crops[n].top + y, q = crops[n].left + x;
        const int mr = want->fixed_place >= 0 ? want->fixed_place + y : r;
        const int mq = want->fixed_place >= 0 ? want->fixed_place + x : q;
        const double shifted = f->images[n * IMAGE + (r * SIZE + q) * 3 + c] +
                               (double)crops[n].shift[c];
        const double pixel = f->config.data.colour_clip ? fmin(fmax(shifted, 0.0), 255.0) : shifted;
        const double mean = want->image ? want->unit * f->mean_image[(mr * SIZE + mq) * 3 + c]
                                        : want->mean[c];

        values[i] = (float)((pixel / want->divide * want->unit - mean) / want->std[c]);
    }
    test_assert_close("input", f->input, values, (size_t)(count * INPUT), 1e-5, 1e-4);
}

static void channel_statistics(void **state)
{
    fixture f = make_fixture("data.mean=channel", "data.std=channel");
    /* The last channel never varies: its deviation of 0 divides nothing. */
    const expected want = { 1.0, { 120.0, 110.0, 100.0 }, { 60.0, 50.0, 1.0 }, false, -1, 1.0 };

    (void)state;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

static void numbers_on_the_scale_of_one(void **state)
{
    fixture f = make_fixture("data.mean=0.485 0.456 0.406", "data.std=0.229 0.224 0.225");
    const expected want = {
        1.0 / 255.0, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }, false, -1, 1.0
    };

    (void)state;
    f.config.data.unit_scale = true;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

static void statistics_on_the_scale_of_one(void **state)
{
    fixture f = make_fixture("data.unit-scale=yes", "data.std=channel");
    const double unit = 1.0 / 255.0;
    const expected want = {
        unit, { 120 * unit, 110 * unit, 100 * unit }, { 60 * unit, 50 * unit, 1.0 }, false, -1, 1.0
    };

    (void)state;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

static void one_mean_for_all(void **state)
{
    fixture f = make_fixture("data.mean=scalar", "data.std=none");
    const expected want = { 1.0, { 110.0, 110.0, 110.0 }, { 1.0, 1.0, 1.0 }, false, -1, 1.0 };

    (void)state;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

static void mean_image_under_the_crop(void **state)
{
    fixture f = make_fixture("data.mean=image", "data.std=none");
    const expected want = { 1.0, { 0 }, { 1.0, 1.0, 1.0 }, true, -1, 1.0 };

    (void)state;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

/* Preset 2012; only training images are divided. */
static void mean_images_centre_and_division(void **state)
{
    fixture f = make_fixture("data.mean=image", "data.divide=1.1");
    expected want = { 1.0, { 0 }, { 1.0, 1.0, 1.0 }, true, 1, 1.1 };

    (void)state;
    f.config.data.mean_centre = true;
    feed(&f, BATCH, true);
    assert_input(&f, BATCH, &want);
    alx_feeder_free(f.feeder);
    want.divide = 1.0;
    feed(&f, BATCH, false);
    assert_input(&f, BATCH, &want);
    free_fixture(&f);
}

/* The first image's green is 0 to 3, less its shift of 2; its red 252 to 255, and 1.5 more. */
static void shifted_colours_are_clipped(void **state)
{
    const expected want = { 1.0, { 0 }, { 1.0, 1.0, 1.0 }, false, -1, 1.0 };

    (void)state;
    for (int clip = 0; clip < 2; ++clip) {
        fixture f = make_fixture("data.mean=none",
                                 clip ? "data.colour-clip=yes" : "data.colour-clip=no");

        for (size_t i = 0; i < IMAGE; ++i)
            f.images[i] = (uint8_t)(i % 3 == 1 ? i % 4 : 252 + i % 4);
        feed(&f, BATCH, true);
        assert_input(&f, BATCH, &want);
        free_fixture(&f);
    }
}

static void images_beyond_a_short_batch_do_not_count(void **state)
{
    fixture f = make_fixture("data.mean=none", "data.std=none");
    const expected want = { 1.0, { 0 }, { 1.0, 1.0, 1.0 }, false, -1, 1.0 };
    const alx_step step = { .images = 2 };
    float loss[BATCH];
    int32_t rank[BATCH];

    (void)state;
    feed(&f, 2, true);
    assert_input(&f, 2, &want);
    assert_ok(alx_net_forward(f.net, &step));
    assert_ok(alx_net_read_loss(f.net, loss, rank));
    assert_true(loss[0] > 0.0f && loss[1] > 0.0f);
    assert_true(loss[2] == 0.0f && rank[2] == 4);
    free_fixture(&f);
}

static void missing_statistics_are_said(void **state)
{
    fixture f = make_fixture("data.mean=channel", "data.std=none");
    alx_feeder *feeder = NULL;

    (void)state;
    assert_int_equal(alx_feeder_create(&feeder, f.net, &f.config.data, &f.statistics), ALX_E_DATA);
    free_fixture(&f);
}

/* ---- scores -------------------------------------------------------------------------------- */

static void assert_score(const alx_score *score, const float *prob, const alx_dataset *set)
{
    alx_score want = { .images = alx_dataset_count(set) };

    for (size_t n = 0; n < want.images; ++n) {
        const float *row = prob + n * 10;
        const int label = alx_dataset_label(set, n);
        int better = 0;

        for (int i = 0; i < 10; ++i)
            better += row[i] > row[label] || (row[i] == row[label] && i < label);
        want.top1 += better < 1;
        want.top5 += better < 5;
        want.loss -= log((double)row[label]) / (double)want.images;
    }
    assert_int_equal(score->images, want.images);
    assert_int_equal(score->top1, want.top1);
    assert_int_equal(score->top5, want.top5);
    assert_true(fabs(score->loss - want.loss) < 1e-5 * want.loss);
}

static int stop_at_two(const alx_batch *batch, size_t done, size_t total, void *user)
{
    (void)batch;
    (void)user;
    assert_int_equal(total, 3);
    return done == 2 ? alx_fail(ALX_E_INTERRUPTED, "enough") : 0;
}

static void scores_follow_from_the_probabilities(void **state)
{
    test_folder data = test_folder_create();
    alx_train_options options = training_options(data.path, "", "data.mean=none");
    const alx_net_options net_options = { .batch = 20 };
    alx_loader_options loader_options = {
        .batch = 20, .size = 32, .crop_height = 32, .crop_width = 32, .threads = 2, .prefetch = 1
    };
    alx_device *dev = test_device();
    alx_dataset *set = NULL;
    alx_net *net = NULL;
    alx_feeder *feeder = NULL;
    alx_loader *loader = NULL;
    alx_subset all = { 0 };
    alx_score score;
    float *prob = test_host(50 * 10);

    (void)state;
    options.config.data.use_std = false;
    loader_options.config = &options.config.data;
    training_write_data(&data, 10, 50);
    assert_ok(alx_dataset_open(&set, data.path, ALX_SPLIT_TEST));
    assert_ok(alx_subset_all(&all, set));
    assert_ok(alx_net_create(&net, &options.config.net, &dev, 1, &net_options));
    assert_ok(alx_net_init(net, 1));
    assert_ok(alx_feeder_create(&feeder, net, &options.config.data, NULL));
    assert_ok(alx_loader_create(&loader, set, &all, &loader_options, 0, 0));
    assert_ok(alx_evaluate(&score, net, feeder, loader, prob, NULL, NULL));
    assert_score(&score, prob, set);
    assert_int_equal(alx_evaluate(&score, net, feeder, loader, NULL, stop_at_two, NULL),
                     ALX_E_INTERRUPTED);
    alx_loader_free(loader);
    alx_feeder_free(feeder);
    alx_net_free(net);
    alx_subset_free(&all);
    alx_dataset_close(set);
    test_folder_remove(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(channel_statistics),
        test_on_device(numbers_on_the_scale_of_one),
        test_on_device(statistics_on_the_scale_of_one),
        test_on_device(one_mean_for_all),
        test_on_device(mean_image_under_the_crop),
        test_on_device(mean_images_centre_and_division),
        test_on_device(shifted_colours_are_clipped),
        test_on_device(images_beyond_a_short_batch_do_not_count),
        test_on_device(missing_statistics_are_said),
        test_on_device(scores_follow_from_the_probabilities),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
