/* test_statistics.c - eigenvalues, the statistics of known images, and their cache. */
#include "support/test.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "alexnet/data.h"
#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

#define MINI TEST_DIR "/data/cifar10-mini.tar.gz"

static test_folder root;

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    setenv("ALEXNET_CACHE_DIR", test_folder_path(&root, "cache"), 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.12g, want %.12g", got, want);
}

/* The published ImageNet values (spec section 5), which are rounded to 4 digits: the matrix built
 * from them must give them back. */
static void eigen_of_a_known_matrix(void **state)
{
    static const double l[3] = { 0.2175, 0.0188, 0.0045 };
    static const double p[3][3] = { { 0.5675, 0.5808, 0.5836 },
                                    { 0.7192, -0.0045, -0.6948 },
                                    { 0.4009, -0.8140, 0.4203 } };
    static const double sign[3] = { 1.0, 1.0, -1.0 }; /* largest component positive */
    double matrix[3][3] = { { 0.0 } }, values[3], vectors[3][3];

    (void)state;
    for (int i = 0; i < 3; ++i)
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b < 3; ++b)
                matrix[a][b] += l[i] * p[i][a] * p[i][b];
    alx_eigen3(values, vectors, (const double(*)[3])matrix);
    for (int i = 0; i < 3; ++i) {
        assert_near(values[i], l[i], 1e-4);
        for (int a = 0; a < 3; ++a)
            assert_near(vectors[i][a], sign[i] * p[i][a], 2e-3);
    }
}

/* M v = l v, unit length and right angles, for any matrix; ties and zeros included. */
static void eigen_holds_its_definition(void **state)
{
    static const double matrices[][3][3] = {
        { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } },
        { { 2, 0, 0 }, { 0, 2, 0 }, { 0, 0, 5 } },
        { { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 } },
        { { 1, -7, 2 }, { -7, -3, 4 }, { 2, 4, 9 } },
        { { 4000, 3800, 1e-9 }, { 3800, 4100, 3500 }, { 1e-9, 3500, 4300 } },
    };

    (void)state;
    for (size_t n = 0; n < ALX_COUNT(matrices); ++n) {
        double values[3], v[3][3];

        alx_eigen3(values, v, matrices[n]);
        assert_true(values[0] >= values[1] && values[1] >= values[2]);
        for (int i = 0; i < 3; ++i)
            for (int a = 0; a < 3; ++a) {
                double product = 0.0, dot = 0.0;

                for (int b = 0; b < 3; ++b) {
                    product += matrices[n][a][b] * v[i][b];
                    dot += v[i][b] * v[a][b];
                }
                assert_near(product, values[i] * v[i][a], 1e-11 * (1.0 + fabs(values[0])));
                assert_near(dot, i == a ? 1.0 : 0.0, 1e-13);
            }
    }
}

static const alx_statistics_options one_thread = { .size = 2, .threads = 1 };
static const alx_statistics_options two_threads = { .size = 2, .threads = 2 };
static const alx_statistics_options skipping = { .size = 2, .threads = 2, .skip_bad = true };

static alx_statistics compute(const char *path, double share, int size, int threads)
{
    alx_dataset *set = NULL;
    alx_subset train, validation;
    alx_statistics statistics;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_split(&train, &validation, set, share, 1));
    assert_ok(alx_statistics_compute(
        &statistics, set, &train, &(alx_statistics_options){ .size = size, .threads = threads }));
    alx_subset_free(&train);
    alx_subset_free(&validation);
    alx_dataset_close(set);
    return statistics;
}

/* Two images of one colour each: every number is known by hand. */
static void numbers_by_hand(void **state)
{
    const test_file a = test_png_plain(2, 2, 10, 20, 250), b = test_png_plain(2, 2, 30, 20, 50);

    (void)state;
    test_folder_write_bytes(&root, "two/x/a.png", a.bytes, a.count);
    test_folder_write_bytes(&root, "two/x/b.png", b.bytes, b.count);
    alx_statistics s = compute(test_folder_path(&root, "two"), 0.0, 2, 1);

    assert_int_equal(s.images, 2);
    assert_int_equal(s.size, 2);
    for (int i = 0; i < 12; ++i)
        assert_near((double)s.mean_image[i], i % 3 == 2 ? 150.0 : 20.0, 0.0);
    assert_near(s.covariance[0][0], 100.0, 1e-9);
    assert_near(s.covariance[0][2], -1000.0, 1e-9);
    assert_near(s.covariance[2][0], -1000.0, 1e-9);
    assert_near(s.covariance[1][1], 0.0, 1e-9);
    assert_near(s.deviation[2], 100.0, 1e-9);
    assert_near(s.eigenvalues[0], 10100.0, 1e-9);
    assert_near(s.eigenvectors[0][0], -10.0 / sqrt(10100.0), 1e-12);
    assert_near(s.eigenvectors[0][2], 100.0 / sqrt(10100.0), 1e-12);
    alx_statistics_free(&s);
    free(a.bytes);
    free(b.bytes);
}

/* CIFAR-10's own means and deviations, as published for its 50,000 images. */
static void cifar_is_recognised(void **state)
{
    static const double mean[3] = { 125.3, 123.0, 113.9 }, deviation[3] = { 63.0, 62.1, 66.7 };
    alx_statistics s = compute(MINI, 0.0, 32, 2);

    (void)state;
    for (int c = 0; c < 3; ++c) {
        assert_near(s.mean[c], mean[c], 2.0);
        assert_near(s.deviation[c], deviation[c], 2.0);
    }
    assert_near(s.eigenvalues[0] + s.eigenvalues[1] + s.eigenvalues[2],
                s.covariance[0][0] + s.covariance[1][1] + s.covariance[2][2], 1e-8);
    alx_statistics_free(&s);
}

static void assert_same(const alx_statistics *a, const alx_statistics *b)
{
    const size_t count = (size_t)a->size * (size_t)a->size * 3;

    assert_int_equal(a->size, b->size);
    assert_int_equal(a->images, b->images);
    assert_memory_equal(a->mean_image, b->mean_image, count * sizeof(float));
    assert_memory_equal(a->mean, b->mean, sizeof a->mean);
    assert_memory_equal(a->deviation, b->deviation, sizeof a->deviation);
    assert_memory_equal(a->covariance, b->covariance, sizeof a->covariance);
    assert_memory_equal(a->eigenvalues, b->eigenvalues, sizeof a->eigenvalues);
    assert_memory_equal(a->eigenvectors, b->eigenvectors, sizeof a->eigenvectors);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    alx_statistics one = compute(MINI, 0.8, 24, 1), three = compute(MINI, 0.8, 24, 3);

    setenv("ALEXNET_CACHE_DIR", test_folder_path(&root, "cache"), 1);
    assert_int_equal(one.images, 1000);
    assert_same(&one, &three);
    alx_statistics_free(&one);
    alx_statistics_free(&three);
}

/* With the image gone only the cache can answer; damaged at any place it must not. */
static void cache_is_used_unless_damaged(void **state)
{
    const test_file image = test_png_plain(2, 2, 1, 2, 3);
    alx_subset subset = { .index = &(size_t){ 0 }, .count = 1 };
    alx_statistics first, again;
    alx_dataset *set = NULL;
    char *bytes = NULL, path[512];
    test_folder cache;
    size_t count = 0;

    (void)state;
    snprintf(cache.path, sizeof cache.path, "%s", test_folder_path(&root, "cache of one"));
    setenv("ALEXNET_CACHE_DIR", cache.path, 1);
    test_folder_write_bytes(&root, "one/x/a.png", image.bytes, image.count);
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "one"), ALX_SPLIT_TRAIN));
    assert_int_equal(
        alx_statistics_compute(
            &first, set, &subset,
            &(alx_statistics_options){ .size = 2, .threads = 1, .interrupt = &(int){ 1 } }),
        ALX_E_INTERRUPTED);
    assert_ok(alx_statistics_compute(&first, set, &subset, &one_thread));
    assert_int_equal(remove(test_folder_path(&root, "one/x/a.png")), 0);
    assert_ok(alx_statistics_compute(&again, set, &subset, &one_thread));
    assert_same(&first, &again);
    alx_statistics_free(&again);
    assert_int_equal(alx_statistics_compute(&again, set, &subset,
                                            &(alx_statistics_options){ .size = 3, .threads = 1 }),
                     ALX_E_DATA);
    assert_null(again.mean_image);

    assert_int_equal(test_folder_list(&cache, &path, 1), 1);
    assert_ok(base_file_read(&bytes, &count, path));
    for (size_t i = 0; i < count; i += 13) {
        bytes[i] ^= 1;
        test_folder_write_bytes(&cache, base_path_base(path), bytes, count);
        assert_int_equal(alx_statistics_compute(&again, set, &subset, &one_thread), ALX_E_DATA);
        bytes[i] ^= 1;
    }
    test_folder_write_bytes(&cache, base_path_base(path), bytes, count / 2);
    assert_int_equal(alx_statistics_compute(&again, set, &subset, &one_thread), ALX_E_DATA);
    test_folder_write_bytes(&root, "one/x/a.png", image.bytes, image.count);
    assert_ok(alx_statistics_compute(&again, set, &subset, &one_thread)); /* and heals it */
    alx_statistics_free(&again);
    assert_int_equal(remove(test_folder_path(&root, "one/x/a.png")), 0);
    assert_ok(alx_statistics_compute(&again, set, &subset, &one_thread));
    alx_statistics_free(&again);
    alx_statistics_free(&first);
    alx_dataset_close(set);
    free(bytes);
    free(image.bytes);
}

static void bad_images_are_left_out_on_request(void **state)
{
    const test_file image = test_png_plain(2, 2, 7, 8, 9);
    alx_subset subset = { .index = (size_t[]){ 0, 1 }, .count = 2 };
    alx_statistics s;
    alx_dataset *set = NULL;

    (void)state;
    test_folder_write_bytes(&root, "bad/x/a.png", "no image", 8);
    test_folder_write_bytes(&root, "bad/x/b.png", image.bytes, image.count);
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "bad"), ALX_SPLIT_TRAIN));
    for (int round = 0; round < 2; ++round) { /* the second from the cache */
        assert_ok(alx_statistics_compute(&s, set, &subset, &skipping));
        assert_int_equal(s.images, 1);
        assert_near(s.mean[2], 9.0, 0.0);
        alx_statistics_free(&s);
        assert_int_equal(alx_statistics_compute(&s, set, &subset, &two_threads), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "bad/x/a.png: neither JPEG nor PNG"));
    }
    subset.count = 1;
    assert_int_equal(alx_statistics_compute(&s, set, &subset, &skipping), ALX_E_DATA);
    alx_dataset_close(set);
    free(image.bytes);
}

/* Three images of 2 x 2 in a packed set: mean 130 / 3, 15, 100. */
static void pack_three(const char *name)
{
    static const uint8_t colours[3][3] = { { 10, 5, 200 }, { 30, 5, 100 }, { 90, 35, 0 } };
    const alx_pack_options options = { .size = 2, .threads = 1 };
    alx_pack_result result;
    alx_dataset *source = NULL;

    for (int i = 0; i < 3; ++i) {
        const test_file image = test_png_plain(2, 2, colours[i][0], colours[i][1], colours[i][2]);
        char path[32];

        snprintf(path, sizeof path, "three/x/%d.png", i);
        test_folder_write_bytes(&root, path, image.bytes, image.count);
        free(image.bytes);
    }
    assert_ok(alx_dataset_open(&source, test_folder_path(&root, "three"), ALX_SPLIT_TRAIN));
    assert_ok(alx_pack(&result, test_folder_path(&root, name),
                       (const alx_dataset *const[]){ source, NULL }, &options));
    alx_dataset_close(source);
}

static void assert_row(const cJSON *row, const double want[3])
{
    assert_int_equal(cJSON_GetArraySize(row), 3);
    for (int i = 0; i < 3; ++i)
        assert_near(cJSON_GetArrayItem(row, i)->valuedouble, want[i], 1e-9);
}

/* By hand, the divisor is the number of pixels; for other programs, which nothing here reads. */
static void a_packed_set_tells_its_statistics(void **state)
{
    static const double mean[3] = { 130.0 / 3.0, 15.0, 100.0 };
    static const double covariance[3][3] = { { 10400.0 / 9.0, 1400.0 / 3.0, -8000.0 / 3.0 },
                                             { 1400.0 / 3.0, 200.0, -1000.0 },
                                             { -8000.0 / 3.0, -1000.0, 20000.0 / 3.0 } };
    const double deviation[3] = { sqrt(10400.0 / 9.0), sqrt(200.0), sqrt(20000.0 / 3.0) };
    char *text = NULL;
    size_t bytes = 0;
    alx_npy npy;

    (void)state;
    pack_three("told");
    assert_ok(alx_npy_read(&npy, test_folder_path(&root, "told/mean.npy")));
    assert_int_equal(npy.rows, 2);
    assert_int_equal(npy.columns, 6);
    for (size_t i = 0; i < 12; ++i)
        assert_near((double)npy.data[i], mean[i % 3], 1e-5);
    alx_npy_free(&npy);
    assert_ok(base_file_read(&text, &bytes, test_folder_path(&root, "told/statistics.json")));
    cJSON *tree = cJSON_Parse(text);
    const cJSON *matrix = cJSON_GetObjectItem(tree, "covariance");

    assert_near(cJSON_GetObjectItem(tree, "images")->valuedouble, 3.0, 0.0);
    assert_near(cJSON_GetObjectItem(tree, "size")->valuedouble, 2.0, 0.0);
    assert_row(cJSON_GetObjectItem(tree, "mean"), mean);
    assert_row(cJSON_GetObjectItem(tree, "deviation"), deviation);
    for (int i = 0; i < 3; ++i)
        assert_row(cJSON_GetArrayItem(matrix, i), covariance[i]);
    cJSON_Delete(tree);
    free(text);
}

/* What lies beside a packed set's records is of all of them, not of those that train. */
static void a_part_of_a_packed_set_has_its_own(void **state)
{
    size_t all[] = { 0, 1, 2 }, middle[] = { 1 };
    const struct {
        alx_subset images;
        double red;
    } parts[] = { { { all, 3 }, 130.0 / 3.0 }, { { middle, 1 }, 30.0 } };
    alx_dataset *set = NULL;

    (void)state;
    pack_three("packed");
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "packed"), ALX_SPLIT_TRAIN));
    for (size_t i = 0; i < ALX_COUNT(parts); ++i) {
        alx_statistics s;

        assert_ok(alx_statistics_compute(&s, set, &parts[i].images, &one_thread));
        assert_int_equal(s.images, parts[i].images.count);
        assert_near(s.mean[0], parts[i].red, 1e-12);
        alx_statistics_free(&s);
    }
    alx_dataset_close(set);
}

/* Of the same name and size: only its time of change tells. */
static void a_replaced_image_is_noticed(void **state)
{
    const test_file old = test_png_plain(2, 2, 1, 2, 3), new = test_png_plain(2, 2, 9, 2, 3);
    alx_subset subset = { .index = &(size_t){ 0 }, .count = 1 };

    (void)state;
    assert_int_equal(old.count, new.count);
    setenv("ALEXNET_CACHE_DIR", test_folder_path(&root, "cache of two"), 1);
    for (int i = 0; i < 2; ++i) {
        const test_file *image = i == 0 ? &old : &new;
        const struct timespec times[2] = { { 1000 + i, 0 }, { 1000 + i, 0 } };
        alx_dataset *set = NULL;
        alx_statistics s;

        test_folder_write_bytes(&root, "two/x/a.png", image->bytes, image->count);
        assert_int_equal(utimensat(AT_FDCWD, test_folder_path(&root, "two/x/a.png"), times, 0), 0);
        assert_ok(alx_dataset_open(&set, test_folder_path(&root, "two"), ALX_SPLIT_TRAIN));
        assert_ok(alx_statistics_compute(&s, set, &subset, &one_thread));
        assert_float_equal((float)s.mean[0], i == 0 ? 1.0f : 9.0f, 1e-6f);
        alx_statistics_free(&s);
        alx_dataset_close(set);
    }
    free(old.bytes);
    free(new.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigen_of_a_known_matrix),
        cmocka_unit_test(eigen_holds_its_definition),
        cmocka_unit_test(numbers_by_hand),
        cmocka_unit_test(cifar_is_recognised),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(cache_is_used_unless_damaged),
        cmocka_unit_test(bad_images_are_left_out_on_request),
        cmocka_unit_test(a_packed_set_tells_its_statistics),
        cmocka_unit_test(a_part_of_a_packed_set_has_its_own),
        cmocka_unit_test(a_replaced_image_is_noticed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
