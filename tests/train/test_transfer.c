/* test_transfer.c - what a layer's features are used for: the nearest images of a set or of a file
 * beside all distances, a linear classifier beside one on features that were gathered by hand. */
#include "support/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/report.h"

enum { IMAGES = 40, TESTS = 23, CLASSES = 10, K = 4 };

static char run_dir[512];

static int make_run(void **state)
{
    alx_train_result result;

    test_own_folder_make(state);
    training_write_data(&test_own_folder, IMAGES, TESTS);
    snprintf(run_dir, sizeof run_dir, "%s", test_folder_path(&test_own_folder, "run"));
    const alx_train_options options = training_plain_options(test_own_folder.path, run_dir, NULL,
                                                             0);

    assert_ok(training_run(&result, &options));
    return 0;
}

static int remove_run(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

typedef struct fixture {
    alx_model *model;
    alx_feature_reader reader;
    alx_dataset *sets[2];
    alx_features features[2]; /* of both splits */
} fixture;

static void fixture_open(fixture *f)
{
    const alx_model_options how = { .batch = 9, .keep_outputs = true };
    alx_device *dev = test_device();
    char path[PATH_MAX];

    *f = (fixture){ .model = NULL };
    assert_ok(alx_checkpoint_find(path, run_dir, ALX_CHECKPOINT_BEST));
    assert_ok(alx_model_open(&f->model, path));
    assert_ok(alx_model_build(f->model, &dev, 1, &how));
    assert_ok(alx_feature_reader_init(&f->reader, f->model, "conv1"));
    for (int split = 0; split < 2; ++split) {
        assert_ok(alx_dataset_open(&f->sets[split], test_own_folder.path, (alx_split)split));
        assert_ok(alx_features_gather(&f->features[split], &f->reader, f->sets[split], NULL, ""));
    }
}

static void fixture_close(fixture *f)
{
    for (int split = 0; split < 2; ++split) {
        alx_features_free(&f->features[split]);
        alx_dataset_close(f->sets[split]);
    }
    alx_model_close(f->model);
}

/* ---- the nearest ----------------------------------------------------------------------------- */

static double distance(const float *a, const float *b, size_t length)
{
    double sum = 0.0;

    for (size_t i = 0; i < length; ++i)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

/* That each of the K found has as many images nearer to it as stand before it. */
static void assert_nearest(const alx_feature_search *search, const fixture *f)
{
    const alx_features *queries = &f->features[ALX_SPLIT_TEST];
    const alx_features *all = &f->features[ALX_SPLIT_TRAIN];
    const size_t length = all->length;

    for (size_t q = 0; q < TESTS; ++q) {
        const float *query = queries->values + q * length;
        size_t count = 0;
        const alx_neighbour *list = alx_feature_search_found(search, q, &count);

        assert_int_equal(count, K);
        for (size_t i = 0; i < count; ++i) {
            size_t nearer = 0;
            char line[ALX_FEATURES_LINE_BYTES];

            for (size_t r = 0; r < IMAGES; ++r)
                nearer += distance(query, all->values + r * length, length) <
                          list[i].distance - 1e-9;
            assert_int_equal(nearer, i);
            alx_features_line(line, f->sets[ALX_SPLIT_TRAIN], all->index[list[i].index],
                              all->labels[list[i].index]);
            assert_string_equal(search->lines[list[i].index], line);
        }
    }
}

static void a_set_and_its_file_have_the_same_nearest(void **state)
{
    const char *npy = test_folder_path(&test_own_folder, "features.npy");
    fixture f;

    (void)state;
    fixture_open(&f);
    assert_ok(alx_features_write(&f.reader, f.sets[ALX_SPLIT_TRAIN], npy));
    for (int file = 0; file < 2; ++file) {
        alx_feature_search search;

        assert_ok(alx_feature_search_create(&search, &f.features[ALX_SPLIT_TEST], K));
        assert_ok(alx_feature_search_add(&search, &f.reader, file ? npy : test_own_folder.path));
        assert_nearest(&search, &f);
        alx_feature_search_free(&search);
    }
    fixture_close(&f);
}

static void fewer_images_than_wanted_are_all(void **state)
{
    alx_feature_search search;
    size_t count = 99;
    fixture f;

    (void)state;
    fixture_open(&f);
    assert_ok(alx_feature_search_create(&search, &f.features[ALX_SPLIT_TEST], IMAGES + 1));
    alx_feature_search_found(&search, 0, &count);
    assert_int_equal(count, 0);
    assert_ok(alx_feature_search_add(&search, &f.reader, test_own_folder.path));
    alx_feature_search_found(&search, TESTS - 1, &count);
    assert_int_equal(count, IMAGES);
    alx_feature_search_free(&search);
    fixture_close(&f);
}

/* ---- a linear classifier --------------------------------------------------------------------- */

typedef struct progress {
    size_t calls[3];
} progress;

static void count_call(const char *label, size_t done, size_t total, void *user)
{
    static const char *const labels[] = { "training features", "test features",
                                          "training the classifier" };
    progress *p = user;

    assert_true(done >= 1 && done <= total);
    for (size_t i = 0; i < ALX_COUNT(labels); ++i)
        p->calls[i] += strcmp(label, labels[i]) == 0;
}

static void a_probe_is_one_on_gathered_features(void **state)
{
    alx_probe_result result;
    alx_score train, test;
    progress p = { { 0 } };
    fixture f;

    (void)state;
    fixture_open(&f);
    f.reader.on_batch = count_call;
    f.reader.user = &p;
    assert_ok(alx_probe_dataset(&result, &f.reader, test_own_folder.path));
    assert_ok(alx_probe(&train, &test, test_device(), &f.features[ALX_SPLIT_TRAIN],
                        &f.features[ALX_SPLIT_TEST], CLASSES, NULL, NULL));
    assert_false(result.held_out);
    assert_int_equal(result.classes, CLASSES);
    assert_memory_equal(&result.train, &train, sizeof train);
    assert_memory_equal(&result.test, &test, sizeof test);
    assert_int_equal(p.calls[0], 5); /* 40 images, 9 at once */
    assert_int_equal(p.calls[1], 3);
    assert_int_equal(p.calls[2], 60); /* epochs of one step */
    fixture_close(&f);
}

static void a_fifth_is_held_out_where_no_images_are_for_testing(void **state)
{
    char path[600];
    alx_probe_result result;
    fixture f;

    (void)state;
    fixture_open(&f);
    snprintf(path, sizeof path, "%s/test_batch.bin", test_own_folder.path);
    assert_int_equal(remove(path), 0);
    assert_ok(alx_probe_dataset(&result, &f.reader, test_own_folder.path));
    assert_true(result.held_out);
    assert_int_equal(result.train.images, IMAGES * 4 / 5);
    assert_int_equal(result.test.images, IMAGES / 5);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(a_set_and_its_file_have_the_same_nearest),
        test_on_device(fewer_images_than_wanted_are_all),
        test_on_device(a_probe_is_one_on_gathered_features),
        test_on_device(a_fifth_is_held_out_where_no_images_are_for_testing), /* the last */
    };

    return cmocka_run_group_tests_name("transfer", tests, make_run, remove_run);
}
