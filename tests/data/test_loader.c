/* test_loader.c - batches: the same from any number of threads and from any start; augmentation
 * against its definition; bad images; ending at any time. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "data/augment.h"
#include "support/folder.h"
#include "support/images.h"

#define IMAGES 23
#define SIZE 6

static test_folder root;
static alx_dataset *plain; /* IMAGES images of one pixel: red = index */
static alx_subset all;

static const alx_statistics statistics = {
    .eigenvalues = { 10000.0, 900.0, 0.0 },
    .eigenvectors = { { 0.6, 0.8, 0.0 }, { -0.8, 0.6, 0.0 }, { 0.0, 0.0, 1.0 } },
};
static const alx_data_config augmented = {
    .pad = 2, .random_crop = true, .mirror = true, .colour = ALX_COLOUR_SQRT, .colour_sigma = 0.1
};

static alx_loader_options usual(void)
{
    return (alx_loader_options){ .batch = 5,
                                 .size = SIZE,
                                 .crop_height = 4,
                                 .crop_width = 5,
                                 .threads = 1,
                                 .prefetch = 2,
                                 .shuffle = true,
                                 .augment = true,
                                 .seed = 7,
                                 .config = &augmented,
                                 .statistics = &statistics };
}

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    for (uint8_t i = 0; i < IMAGES; ++i) {
        const test_file image = test_png_plain(1, 1, i, 0, 255);
        char name[64];

        snprintf(name, sizeof name, "plain/%c/%02d.png", 'a' + i / 10, i);
        test_folder_write_bytes(&root, name, image.bytes, image.count);
        free(image.bytes);
    }
    assert_ok(alx_dataset_open(&plain, test_folder_path(&root, "plain"), ALX_SPLIT_TRAIN));
    assert_ok(alx_subset_all(&all, plain));
    assert_int_equal(all.count, IMAGES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    alx_subset_free(&all);
    alx_dataset_close(plain);
    test_folder_remove(&root);
    return 0;
}

/* Everything about `batches` batches from (epoch, position) on, as text. */
static char *transcript(int threads, size_t epoch, size_t position, int batches)
{
    const size_t room = 1 << 16;
    char *text = test_alloc(room);
    size_t used = 0;
    alx_loader_options options = usual();
    alx_loader *loader = NULL;

    options.threads = threads;
    options.prefetch = threads;
    assert_ok(alx_loader_create(&loader, plain, &all, &options, epoch, position));
    for (int n = 0; n < batches; ++n) {
        alx_batch b;

        assert_ok(alx_loader_next(loader, &b));
        used += (size_t)snprintf(text + used, room - used, "\n%zu.%zu: %d", b.epoch, b.first,
                                 b.count);
        for (int i = 0; i < options.batch; ++i)
            used += (size_t)snprintf(text + used, room - used, " [%zu %d %d %d,%d,%d %.9g]",
                                     b.index[i], b.labels[i], b.images[i * SIZE * SIZE * 3],
                                     b.crops[i].top, b.crops[i].left, b.crops[i].mirror,
                                     (double)b.crops[i].shift[0]);
        alx_loader_release(loader, &b);
    }
    alx_loader_free(loader);
    assert_true(used < room - 1);
    return text;
}

static void same_batches_from_any_threads_and_start(void **state)
{
    char *want = transcript(1, 0, 0, 15); /* three epochs of five batches */
    char *got = transcript(4, 0, 0, 15);

    (void)state;
    assert_string_equal(got, want);
    free(got);
    got = transcript(3, 1, 10, 8); /* from the third batch of the second epoch */
    assert_string_equal(got, strstr(want, "\n1.10: "));
    free(got);
    got = transcript(2, 0, IMAGES, 10); /* at the end of the first */
    assert_string_equal(got, strstr(want, "\n1.0: "));
    free(got);
    free(want);
}

static void images_go_where_the_caller_says(void **state)
{
    alx_loader_options options = usual();
    const size_t bytes = alx_loader_bytes(&options), batch_bytes = 5 * SIZE * SIZE * 3;
    uint8_t *memory = test_alloc(bytes);
    alx_loader *loader = NULL;
    alx_batch b;

    (void)state;
    assert_int_equal(bytes, 3 * batch_bytes);
    memset(memory, 0xA5, bytes);
    options.images = memory;
    assert_ok(alx_loader_create(&loader, plain, &all, &options, 0, 0));
    for (size_t n = 0; n < 10; ++n) {
        assert_ok(alx_loader_next(loader, &b));
        assert_ptr_equal(b.images, memory + n % 3 * batch_bytes);
        for (int i = 0; i < 5; ++i)
            assert_int_equal(b.images[i * SIZE * SIZE * 3], i < b.count ? b.index[i] : 0);
        alx_loader_release(loader, &b);
    }
    alx_loader_free(loader);
    free(memory);
}

static void an_epoch_is_every_image_once(void **state)
{
    alx_loader_options options = usual();
    alx_loader *loader = NULL;
    size_t first_of_epoch[2] = { 0 };

    (void)state;
    options.threads = 3;
    assert_ok(alx_loader_create(&loader, plain, &all, &options, 0, 0));
    assert_int_equal(alx_loader_batches(loader), 5);
    for (size_t epoch = 0; epoch < 2; ++epoch) {
        int seen[IMAGES] = { 0 };

        for (size_t n = 0; n < 5; ++n) {
            alx_batch b;

            assert_ok(alx_loader_next(loader, &b));
            assert_int_equal(b.epoch, epoch);
            assert_int_equal(b.first, n * 5);
            assert_int_equal(b.count, n < 4 ? 5 : 3);
            if (n == 0)
                first_of_epoch[epoch] = b.index[0] * 100 + b.index[1];
            for (int i = 0; i < b.count; ++i) {
                ++seen[b.index[i]];
                assert_int_equal(b.labels[i], b.index[i] / 10);
                for (int k = 0; k < SIZE * SIZE; ++k)
                    assert_int_equal(b.images[(i * SIZE * SIZE + k) * 3], b.index[i]);
            }
            for (int i = b.count; i < 5; ++i)
                assert_int_equal(b.labels[i], -1);
            assert_true(b.wait_seconds >= 0.0);
            alx_loader_release(loader, &b);
        }
        for (int i = 0; i < IMAGES; ++i)
            assert_int_equal(seen[i], 1);
    }
    assert_int_not_equal(first_of_epoch[0], first_of_epoch[1]);
    alx_loader_free(loader);
}

static void without_augmentation_centre_and_order(void **state)
{
    alx_loader_options options = usual();
    alx_loader *loader = NULL;
    alx_batch b;

    (void)state;
    options.shuffle = options.augment = false;
    options.crop_height = 3; /* an odd margin: rounded down */
    assert_ok(alx_loader_create(&loader, plain, &all, &options, 0, 0));
    assert_ok(alx_loader_next(loader, &b));
    for (int i = 0; i < 5; ++i) {
        const alx_crop *a = &b.crops[i];

        assert_int_equal(b.index[i], i);
        assert_int_equal(a->top, 1);  /* floor((6 + 4 - 3) / 2) - 2 */
        assert_int_equal(a->left, 0); /* floor((6 + 4 - 5) / 2) - 2 */
        assert_int_equal(a->mirror, 0);
        assert_true(a->shift[0] == 0.0f && a->shift[1] == 0.0f && a->shift[2] == 0.0f);
    }
    alx_loader_free(loader);
}

/* Offsets 0 .. size + 2*pad - crop, both ends included, all about as often; half mirrored. */
static void crops_are_uniform(void **state)
{
    const alx_loader_options options = usual();
    const int uses = 20000, tops = SIZE + 4 - 4 + 1, lefts = SIZE + 4 - 5 + 1;
    int top[16] = { 0 }, left[16] = { 0 }, mirrored = 0;

    (void)state;
    for (int i = 0; i < uses; ++i) {
        const alx_crop a = data_augment(&options, (size_t)i % 90, (size_t)i / 90);

        assert_in_range(a.top + 2, 0, tops - 1);
        assert_in_range(a.left + 2, 0, lefts - 1);
        ++top[a.top + 2];
        ++left[a.left + 2];
        mirrored += a.mirror;
    }
    for (int i = 0; i < tops; ++i)
        assert_true(fabs(top[i] - (double)uses / tops) < 5.0 * sqrt((double)uses / tops));
    for (int i = 0; i < lefts; ++i)
        assert_true(fabs(left[i] - (double)uses / lefts) < 5.0 * sqrt((double)uses / lefts));
    assert_true(fabs(mirrored - uses / 2.0) < 5.0 * sqrt(uses / 4.0));
}

/* Covariance of the shifts: sigma^2 times that of the data for f = sqrt (spec section 5), and
 * sigma^2 sum_i p_i p_i^T (l_i / 255)^2 for f = l on [0,1] pixels. */
static void assert_shift_covariance(alx_colour_kind kind)
{
    alx_data_config config = augmented;
    alx_loader_options options = usual();
    const int uses = 40000;
    double got[3][3] = { { 0.0 } };

    config.colour = kind;
    options.config = &config;
    for (int i = 0; i < uses; ++i) {
        const alx_crop a = data_augment(&options, (size_t)i % 50, (size_t)i / 50);

        for (int r = 0; r < 3; ++r)
            for (int c = 0; c < 3; ++c)
                got[r][c] += (double)a.shift[r] * (double)a.shift[c] / uses;
    }
    for (int r = 0; r < 3; ++r)
        for (int c = 0; c < 3; ++c) {
            double want = 0.0, scale = 0.0;

            for (int i = 0; i < 3; ++i) {
                const double l = statistics.eigenvalues[i];
                const double variance = kind == ALX_COLOUR_SQRT ? l : l * l / (255.0 * 255.0);

                want += 0.01 * variance * statistics.eigenvectors[i][r] *
                        statistics.eigenvectors[i][c];
                scale = fmax(scale, 0.01 * variance);
            }
            if (fabs(got[r][c] - want) > 0.03 * scale) /* a standard error is 0.7 % */
                fail_msg("kind %d, %d %d: %g, want %g", (int)kind, r, c, got[r][c], want);
        }
}

static void colour_noise_has_the_covariance_of_the_data(void **state)
{
    (void)state;
    assert_shift_covariance(ALX_COLOUR_SQRT);
    assert_shift_covariance(ALX_COLOUR_LAMBDA);
}

/* Seven images, of which 1 and 5 are no images, in batches of 3; each of its own class and red. */
static alx_dataset *open_with_bad(void)
{
    alx_dataset *set = NULL;

    for (int i = 0; i < 7; ++i) {
        const test_file image = test_png_plain(1, 1, (uint8_t)(50 + i), 60, 70);
        char name[64];
        const bool bad = i == 1 || i == 5;

        snprintf(name, sizeof name, "bad/%c/%d.png", 's' + i, i);
        test_folder_write_bytes(&root, name, bad ? "text" : (const char *)image.bytes,
                                bad ? 4 : image.count);
        free(image.bytes);
    }
    assert_ok(alx_dataset_open(&set, test_folder_path(&root, "bad"), ALX_SPLIT_TRAIN));
    return set;
}

static void bad_images_leave_shorter_batches(void **state)
{
    static const size_t want[3][3] = { { 0, 2 }, { 3, 4 }, { 6 } };
    alx_subset subset = { .index = (size_t[]){ 0, 1, 2, 3, 4, 5, 6 }, .count = 7 };
    alx_loader_options options = usual();
    alx_dataset *set = open_with_bad();
    alx_loader *loader = NULL;
    alx_batch b;

    (void)state;
    options.batch = 3;
    options.shuffle = false;
    options.skip_bad = true;
    options.threads = 3;
    assert_ok(alx_loader_create(&loader, set, &subset, &options, 0, 0));
    for (int n = 0; n < 9; ++n) {
        assert_ok(alx_loader_next(loader, &b));
        assert_int_equal(b.count, n % 3 == 2 ? 1 : 2);
        for (int i = 0; i < b.count; ++i) {
            const size_t index = want[n % 3][i];
            const alx_crop own = data_augment(&options, b.epoch, index);

            assert_int_equal(b.index[i], index);
            assert_int_equal(b.labels[i], index);
            assert_int_equal(b.images[i * SIZE * SIZE * 3], 50 + index);
            assert_memory_equal(&b.crops[i], &own, sizeof own);
        }
        for (int i = b.count; i < 3; ++i) {
            assert_int_equal(b.labels[i], -1);
            assert_int_equal(b.images[i * SIZE * SIZE * 3], 0);
        }
        alx_loader_release(loader, &b);
    }
    assert_int_equal(alx_loader_bad_count(loader), 2); /* in three epochs, each counted once */
    alx_loader_free(loader);
    alx_dataset_close(set);
}

/* Batches of four epochs decode the same image side by side; any of them may find it bad first. */
static void a_bad_image_counts_with_its_first_batch(void **state)
{
    alx_subset subset = { .index = (size_t[]){ 5 }, .count = 1 };
    alx_loader_options options = usual();
    alx_dataset *set = open_with_bad();
    const test_file large = test_png_plain(1000, 1000, 1, 2, 3);

    (void)state;
    test_folder_write_bytes(&root, "bad/x/5.png", large.bytes, large.count / 2);
    free(large.bytes);
    options.skip_bad = true;
    options.threads = 4;
    options.prefetch = 3;
    for (int round = 0; round < 40; ++round) {
        alx_loader *loader = NULL;
        alx_batch b;

        assert_ok(alx_loader_create(&loader, set, &subset, &options, 0, 0));
        assert_ok(alx_loader_next(loader, &b));
        assert_int_equal(b.count, 0);
        assert_int_equal(alx_loader_bad_count(loader), 1);
        alx_loader_free(loader);
    }
    alx_dataset_close(set);
}

/* The error comes when its batch does, and of two in a batch the first is named, though it takes
 * longer to find. */
static void bad_images_fail_their_batch(void **state)
{
    alx_subset subset = { .index = (size_t[]){ 0, 2, 3, 4, 5, 1 }, .count = 6 };
    alx_loader_options options = usual();
    alx_dataset *set = open_with_bad();
    const test_file large = test_png_plain(2000, 2000, 1, 2, 3);
    alx_loader *loader = NULL;
    alx_batch b;

    (void)state;
    test_folder_write_bytes(&root, "bad/x/5.png", large.bytes, large.count / 2);
    free(large.bytes);
    options.batch = 3;
    options.shuffle = false;
    options.threads = 3;
    assert_ok(alx_loader_create(&loader, set, &subset, &options, 0, 0));
    assert_ok(alx_loader_next(loader, &b));
    alx_loader_release(loader, &b);
    for (int again = 0; again < 2; ++again) {
        assert_int_equal(alx_loader_next(loader, &b), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "bad/x/5.png: truncated PNG"));
    }
    alx_loader_free(loader);
    alx_dataset_close(set);
}

static void ends_at_any_time(void **state)
{
    alx_loader_options options = usual();

    (void)state;
    options.size = 64; /* so that workers are busy when they are told to stop */
    for (int round = 0; round < 60; ++round) {
        alx_loader *loader = NULL;
        alx_batch b;

        options.threads = round % 4 + 1;
        options.prefetch = round % 3 + 1;
        assert_ok(alx_loader_create(&loader, plain, &all, &options, 0, 0));
        for (int n = 0; n < round % 7; ++n) {
            assert_ok(alx_loader_next(loader, &b));
            if (n + 1 < round % 7)
                alx_loader_release(loader, &b);
        }
        alx_loader_free(loader);
    }
    alx_loader_free(NULL);
}

static void holding_all_batches_is_an_error_not_a_hang(void **state)
{
    alx_loader_options options = usual();
    alx_loader *loader = NULL;
    alx_batch held[3], b;

    (void)state;
    assert_ok(alx_loader_create(&loader, plain, &all, &options, 0, 0));
    for (int i = 0; i < 3; ++i)
        assert_ok(alx_loader_next(loader, &held[i]));
    assert_int_equal(alx_loader_next(loader, &b), ALX_E_USAGE);
    for (int i = 2; i >= 0; --i)
        alx_loader_release(loader, &held[i]);
    assert_ok(alx_loader_next(loader, &b));
    assert_int_equal(b.first, 15);
    alx_loader_free(loader);
}

static void assert_create_fails(int code, alx_loader_options options, const alx_subset *subset,
                                size_t position)
{
    alx_loader *loader = NULL;

    assert_int_equal(alx_loader_create(&loader, plain, subset, &options, 0, position), code);
    assert_null(loader);
}

static void impossible_options_are_refused(void **state)
{
    alx_loader_options options = usual();

    (void)state;
    assert_create_fails(ALX_E_DATA, options, &(alx_subset){ 0 }, 0);
    assert_create_fails(ALX_E_USAGE, options, &all, 7);
    options.crop_width = SIZE + 2 * 2 + 1;
    assert_create_fails(ALX_E_USAGE, options, &all, 0);
    options = usual();
    options.threads = 0;
    assert_create_fails(ALX_E_USAGE, options, &all, 0);
    options = usual();
    options.statistics = NULL;
    assert_create_fails(ALX_E_USAGE, options, &all, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_batches_from_any_threads_and_start),
        cmocka_unit_test(images_go_where_the_caller_says),
        cmocka_unit_test(an_epoch_is_every_image_once),
        cmocka_unit_test(without_augmentation_centre_and_order),
        cmocka_unit_test(crops_are_uniform),
        cmocka_unit_test(colour_noise_has_the_covariance_of_the_data),
        cmocka_unit_test(bad_images_leave_shorter_batches),
        cmocka_unit_test(a_bad_image_counts_with_its_first_batch),
        cmocka_unit_test(bad_images_fail_their_batch),
        cmocka_unit_test(ends_at_any_time),
        cmocka_unit_test(holding_all_batches_is_an_error_not_a_hang),
        cmocka_unit_test(impossible_options_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
