/* training.c - data and runs for the tests of training. */
#include "support/training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"

enum { SIDE = 32, RECORD = 1 + 3 * SIDE * SIDE, CLASSES = 10, TRAIN_FILES = 5 };

/* Stripes of a width and colour by class, shifted and noisy. */
static void paint(uint8_t *record, size_t number, uint32_t stream)
{
    const int label = (int)(number % CLASSES);
    float noise[3 * SIDE * SIDE];

    test_fill(noise, ALX_COUNT(noise), stream + (uint32_t)number, -60.0f, 60.0f);
    record[0] = (uint8_t)label;
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < SIDE; ++y)
            for (int x = 0; x < SIDE; ++x) {
                const int at = (c * SIDE + y) * SIDE + x;
                const int along = label % 2 == 0 ? x : y;
                const bool bright = (along + (int)number) / (2 + label / 4) % 2 == 0;
                const float tint = (label / 2) % 3 == c ? 40.0f : 0.0f;

                record[1 + at] = (uint8_t)(bright ? 160.0f + noise[at] : 70.0f + tint + noise[at]);
            }
}

static void write_batch(const test_folder *data, const char *name, size_t first, size_t end,
                        uint32_t stream)
{
    uint8_t *bytes = test_alloc((end - first) * RECORD);
    char path[512];

    for (size_t i = first; i < end; ++i)
        paint(bytes + (i - first) * RECORD, i, stream);
    snprintf(path, sizeof path, "%s/%s", data->path, name);
    assert_ok(base_file_write(path, bytes, (end - first) * RECORD));
    free(bytes);
}

void training_write_data(const test_folder *data, size_t images, size_t test_images)
{
    test_folder_write(data, "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    for (size_t i = 0; i < TRAIN_FILES; ++i) {
        char name[32];

        snprintf(name, sizeof name, "data_batch_%zu.bin", i + 1);
        write_batch(data, name, i * images / TRAIN_FILES, (i + 1) * images / TRAIN_FILES, 1000);
    }
    if (test_images > 0)
        write_batch(data, "test_batch.bin", 0, test_images, 900000);
}

test_folder training_data;

int training_data_make(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    training_data = test_folder_create();
    training_write_data(&training_data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    return 0;
}

int training_data_remove(void **state)
{
    test_folder_remove(&training_data);
    return test_device_close(state);
}

alx_train_options training_options(const char *data, const char *run_dir, const char *override)
{
    alx_train_options options = { .run_dir = run_dir, .data_path = data, .workers = 2 };
    const char *const overrides[] = { "train.epochs=3", override };
    const size_t count = override[0] != '\0' ? 2 : 1;

    assert_ok(alx_config_read(&options.config, "tiny", overrides, count));
    return options;
}

static const char plain[] = "[net]\n"
                            "input = 32x32x3\n"
                            "classes = 10\n"
                            "[conv1]\n"
                            "filters = 4\n"
                            "kernel = 8\n"
                            "stride = 8\n"
                            "[fc2]\n"
                            "units = 10\n"
                            "[data]\n"
                            "random-crop = no\n"
                            "mirror = no\n"
                            "mean = none\n"
                            "[train]\n"
                            "epochs = 3\n"
                            "batch-size = 16\n";

alx_train_options training_plain_options(const char *data, const char *run_dir,
                                         const char *const *overrides, size_t count)
{
    alx_train_options options = { .run_dir = run_dir, .data_path = data, .workers = 2 };

    assert_ok(alx_config_parse(&options.config, plain, "plain", overrides, count));
    return options;
}

int training_run(alx_train_result *result, const alx_train_options *options)
{
    alx_device *dev = test_device();

    return alx_train_run(result, &dev, 1, options);
}

void training_assert_same(const char *run_a, const char *run_b, const char *name)
{
    char path[512], *a = NULL, *b = NULL;
    size_t a_bytes = 0, b_bytes = 0;

    snprintf(path, sizeof path, "%s/%s", run_a, name);
    assert_ok(base_file_read(&a, &a_bytes, path));
    snprintf(path, sizeof path, "%s/%s", run_b, name);
    assert_ok(base_file_read(&b, &b_bytes, path));
    if (a_bytes != b_bytes || memcmp(a, b, a_bytes) != 0)
        fail_msg("%s of %s and of %s differ", name, run_a, run_b);
    free(a);
    free(b);
}

float *training_params(const char *run_dir, const char *name, size_t *count)
{
    alx_safetensors *file = NULL;
    char path[512];
    size_t at = 0;

    snprintf(path, sizeof path, "%s/%s", run_dir, name);
    assert_ok(alx_safetensors_open(&file, path));
    *count = 0;
    for (size_t i = 0; i < alx_safetensors_count(file); ++i)
        if (strncmp(alx_safetensors_at(file, i)->name, "param/", 6) == 0)
            *count += alx_safetensors_at(file, i)->count;
    float *params = test_host(*count);
    for (size_t i = 0; i < alx_safetensors_count(file); ++i) {
        const alx_st_tensor *tensor = alx_safetensors_at(file, i);

        if (strncmp(tensor->name, "param/", 6) != 0)
            continue;
        memcpy(params + at, tensor->data, tensor->count * sizeof *params);
        at += tensor->count;
    }
    alx_safetensors_close(file);
    return params;
}
