/* test_resume_sources.c - a run that stops in the middle of an epoch and goes on ends with the same
 * bits whether its images come from a folder, a tar or a database, with any number of workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "support/images.h"
#include "support/tar.h"
#include "support/training.h"

#define IMAGES 70 /* 3 batches of tiny.ini, the last of 6 images */
#define WIDTH 40
#define HEIGHT 36
#define STOP 4 /* in the middle of the second epoch */
#define END 8  /* and of the third */

static test_folder root;

static void write_images(void)
{
    test_tar *tar = test_tar_open(test_folder_path(&root, "images.tar"));
    uint8_t *rgb = test_alloc(WIDTH * HEIGHT * 3);
    float *noise = test_host(WIDTH * HEIGHT * 3);

    for (int i = 0; i < IMAGES; ++i) {
        char name[64];

        test_fill(noise, WIDTH * HEIGHT * 3, 77 + (uint32_t)i, 0.0f, 255.0f);
        for (int k = 0; k < WIDTH * HEIGHT * 3; ++k)
            rgb[k] = (uint8_t)noise[k];
        const test_file image = test_png(rgb, WIDTH * 3, WIDTH, HEIGHT, 8, 2, 0, NULL);

        snprintf(name, sizeof name, "images/%c/%02d.png", 'a' + i % 10, i);
        test_folder_write_bytes(&root, name, image.bytes, image.count);
        test_tar_add(tar, name, image.bytes, image.count);
        free(image.bytes);
    }
    test_tar_close(tar);
    free(rgb);
}

static void pack_images(void)
{
    const alx_pack_options options = { .size = 32, .threads = 1 };
    const alx_dataset *sets[2] = { NULL, NULL };
    alx_dataset *folder = NULL;
    alx_pack_result result;

    assert_ok(alx_dataset_open(&folder, test_folder_path(&root, "images"), ALX_SPLIT_TRAIN));
    sets[0] = folder;
    assert_ok(alx_pack(&result, test_folder_path(&root, "images-db"), sets, &options));
    alx_dataset_close(folder);
}

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    write_images();
    pack_images();
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&root);
    return test_device_close(state);
}

/* The parameters after END updates, with a stop before if `stop` is not 0. */
static float *params_after(const char *source, int workers, size_t stop, size_t *count)
{
    char data[512], run[512], last[600];
    alx_train_result result;

    snprintf(data, sizeof data, "%s", test_folder_path(&root, source));
    snprintf(run, sizeof run, "%s/run-%s-%d-%zu", root.path, source, workers, stop);
    snprintf(last, sizeof last, "%s/checkpoint-last", run);
    alx_train_options options = training_options(data, run, "data.validation=0");

    options.workers = workers;
    if (stop > 0) {
        options.max_steps = stop;
        assert_ok(training_run(&result, &options));
        options.resume = last;
    }
    options.max_steps = END;
    assert_ok(training_run(&result, &options));
    assert_int_equal(result.steps, END);
    return training_params(run, "checkpoint-last", count);
}

static void every_source_and_number_of_workers(void **state)
{
    static const char *const sources[] = { "images", "images.tar", "images-db" };
    size_t count = 0, got_count = 0;
    const float *want = params_after("images", 1, 0, &count);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(sources); ++i)
        for (int workers = 1; workers <= 4; workers *= 2) {
            const float *got = params_after(sources[i], workers, STOP, &got_count);

            assert_int_equal(got_count, count);
            if (memcmp(got, want, count * sizeof *got) != 0)
                fail_msg("%s with %d workers differs", sources[i], workers);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(every_source_and_number_of_workers),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
