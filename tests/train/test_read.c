/* test_read.c - a model's probabilities and features, image by image: against a pass that is made
 * by hand, against the program, and with images that do not decode. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/train.h"
#include "alexnet/log.h"
#include "support/images.h"
#include "support/program.h"
#include "support/training.h"

enum { BATCH = 16, CLASSES = 10 }; /* 50 test images: three batches and a short one */

static test_folder data, run;

static int setup(void **state)
{
    alx_train_options options;
    alx_train_result result;

    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    run = test_folder_create();
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    options = training_options(data.path, run.path, "train.epochs=1");
    assert_ok(training_run(&result, &options));
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    test_folder_remove(&run);
    return test_device_close(state);
}

static alx_model *open_model(bool keep_outputs)
{
    const alx_model_options options = { .batch = BATCH, .keep_outputs = keep_outputs };
    alx_device *dev = test_device();
    alx_model *model = NULL;

    assert_ok(alx_model_open(&model, test_folder_path(&run, "checkpoint-best")));
    assert_ok(alx_model_build(model, &dev, 1, &options));
    return model;
}

static alx_dataset *open_images(void)
{
    alx_dataset *set = NULL;

    assert_ok(alx_dataset_open(&set, data.path, ALX_SPLIT_TEST));
    return set;
}

/* ---- the same numbers ------------------------------------------------------------------------ */

typedef struct by_hand {
    size_t node, length, rows;
    float *values, *prob;
} by_hand;

static int read_by_hand(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    by_hand *h = user;
    float *batch_values = test_host(BATCH * h->length), prob[BATCH * CLASSES];
    const size_t count = (size_t)batch->count;

    (void)done;
    (void)total;
    assert_ok(alx_net_read_output(net, h->node, batch_values));
    assert_ok(alx_net_read_prob(net, prob));
    memcpy(h->values + h->rows * h->length, batch_values, count * h->length * sizeof(float));
    memcpy(h->prob + h->rows * CLASSES, prob, count * CLASSES * sizeof(float));
    h->rows += count;
    return 0;
}

static size_t node_of(const alx_model *model, const char *layer)
{
    size_t count = 0, i = 0;
    const alx_layer_info *layers = alx_graph_layers(alx_net_graph(alx_model_net(model)), &count);

    while (i < count && strcmp(layers[i].name, layer) != 0)
        ++i;
    assert_true(i < count);
    return i;
}

static by_hand pass_by_hand(alx_model *model, const alx_dataset *set, const char *layer,
                            size_t length)
{
    by_hand h = { .node = node_of(model, layer), .length = length };
    alx_subset all = { 0 };
    alx_loader *loader = NULL;

    h.values = test_host(TRAINING_TEST_IMAGES * length);
    h.prob = test_host((size_t)TRAINING_TEST_IMAGES * CLASSES);
    assert_ok(alx_subset_all(&all, set));
    assert_ok(alx_model_loader(&loader, model, set, &all));
    assert_ok(
        alx_forward_epoch(alx_model_net(model), alx_model_feeder(model), loader, read_by_hand, &h));
    assert_int_equal(h.rows, TRAINING_TEST_IMAGES);
    alx_loader_free(loader);
    alx_subset_free(&all);
    return h;
}

static const char *const layers[] = { "conv1", "pool1", "relu7" };

static void numbers_are_those_of_the_network(void **state)
{
    alx_model *model = open_model(true);
    alx_dataset *set = open_images();
    float *prob = test_host((size_t)TRAINING_TEST_IMAGES * CLASSES);

    (void)state;
    assert_ok(alx_model_predict(prob, model, set));
    for (size_t i = 0; i < ALX_COUNT(layers); ++i) {
        size_t length = 0;

        assert_ok(alx_model_feature_length(&length, model, layers[i]));
        float *values = test_host(TRAINING_TEST_IMAGES * length);
        const by_hand h = pass_by_hand(model, set, layers[i], length);

        assert_ok(alx_model_features(values, model, set, layers[i]));
        assert_memory_equal(values, h.values, TRAINING_TEST_IMAGES * length * sizeof *values);
        assert_memory_equal(prob, h.prob, (size_t)TRAINING_TEST_IMAGES * CLASSES * sizeof *prob);
    }
    alx_dataset_close(set);
    alx_model_close(model);
}

/* The program reads training images: 210 of them. */
static void features_are_those_of_the_program(void **state)
{
    alx_model *model = open_model(true);
    alx_dataset *set = NULL;
    alx_npy npy = { 0 };
    size_t length = 0;

    (void)state;
    assert_ok(alx_dataset_open(&set, data.path, ALX_SPLIT_TRAIN));
    assert_ok(alx_model_feature_length(&length, model, "pool1"));
    float *values = test_host(TRAINING_IMAGES * length);

    assert_ok(alx_model_features(values, model, set, "pool1"));
    test_run program = TEST_PROGRAM_RUN("features", run.path, "--data", data.path, "--layer",
                                        "pool1", "-b", "16", "-o", test_folder_path(&run, "f.npy"));

    test_assert_run(&program, 0, "");
    test_run_free(&program);
    assert_ok(alx_npy_read(&npy, test_folder_path(&run, "f.npy")));
    assert_int_equal(npy.rows, TRAINING_IMAGES);
    assert_int_equal(npy.columns, length);
    assert_memory_equal(npy.data, values, TRAINING_IMAGES * length * sizeof *values);
    alx_npy_free(&npy);
    alx_dataset_close(set);
    alx_model_close(model);
}

/* ---- images that are left out ---------------------------------------------------------------- */

/* Of the second and the fourth of five nothing but the head is there. */
static void write_pictures(const char *paths[5])
{
    static const char *const names[] = { "a.png", "b.png", "c.png", "d.png", "e.png" };

    for (uint8_t i = 0; i < 5; ++i) {
        test_file file = test_png_plain(40, 40, (uint8_t)(40 * i), 120, (uint8_t)(250 - 40 * i));

        test_folder_write_bytes(&run, names[i], file.bytes, i % 2 == 0 ? file.count : 40);
        free(file.bytes);
        paths[i] = test_folder_path(&run, names[i]);
    }
}

/* A picture's row is the one that it has alone. */
static void assert_row(const float *row, const char *path, alx_model *model)
{
    alx_dataset *set = NULL;
    float alone[CLASSES];
    size_t count = 0;

    assert_ok(alx_dataset_of_images(&set, &path, 1));
    assert_ok(alx_model_predict(alone, model, set));
    assert_int_equal(alx_model_rows(model, &count)[0], 0);
    assert_int_equal(count, 1);
    assert_memory_equal(row, alone, sizeof alone);
    alx_dataset_close(set);
}

static void rows_say_whose_they_are(void **state)
{
    static const size_t want[] = { 0, 2, 4 };
    const alx_model_options options = { .batch = 2, .skip_bad = true };
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_dataset *set = NULL;
    float prob[5 * CLASSES];
    const char *paths[5];
    size_t count = 0;

    (void)state;
    write_pictures(paths);
    assert_ok(alx_model_open(&model, test_folder_path(&run, "checkpoint-best")));
    assert_null(alx_model_rows(model, &count));
    assert_int_equal(count, 0);
    assert_ok(alx_model_build(model, &dev, 1, &options));
    assert_ok(alx_dataset_of_images(&set, paths, 5));
    assert_ok(alx_model_predict(prob, model, set));
    const size_t *rows = alx_model_rows(model, &count);

    assert_int_equal(count, 3);
    assert_memory_equal(rows, want, sizeof want);
    for (size_t i = 0; i < 3; ++i)
        assert_row(prob + i * CLASSES, paths[want[i]], model);
    alx_dataset_close(set);
    alx_model_close(model);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void assert_says(int rc, const char *text)
{
    assert_int_equal(rc, ALX_E_USAGE);
    if (strstr(alx_status_text(ALX_E_USAGE), text) == NULL)
        fail_msg("no \"%s\" in: %s", text, alx_status_text(ALX_E_USAGE));
}

static void features_want_a_layer_that_is_kept(void **state)
{
    alx_model *model = open_model(true), *other = open_model(false);
    alx_dataset *set = open_images();
    size_t length = 0;
    float *values = NULL;

    (void)state;
    assert_says(alx_model_feature_length(&length, model, "poll1"),
                "no stage 'poll1' (did you mean pool1?)");
    assert_says(alx_model_features(values, model, set, "poll1"), " conv1 ");
    assert_ok(alx_model_feature_length(&length, other, "conv1"));
    assert_says(alx_model_features(values, other, set, "conv1"), "keep_outputs");
    alx_dataset_close(set);
    alx_model_close(other);
    alx_model_close(model);
}

static void a_model_is_built_first(void **state)
{
    alx_dataset *set = open_images();
    alx_model *model = NULL;
    size_t length = 0;
    float value = 0.0f;

    (void)state;
    assert_ok(alx_model_open(&model, test_folder_path(&run, "checkpoint-best")));
    assert_says(alx_model_predict(&value, model, set), "alx_model_build comes before");
    assert_says(alx_model_feature_length(&length, model, "conv1"), "alx_model_build comes before");
    assert_says(alx_model_features(&value, model, set, "conv1"), "alx_model_build comes before");
    alx_dataset_close(set);
    alx_model_close(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(numbers_are_those_of_the_network),
        test_on_device(features_are_those_of_the_program),
        test_on_device(rows_say_whose_they_are),
        test_on_device(features_want_a_layer_that_is_kept),
        test_on_device(a_model_is_built_first),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
