/* test_cut.c - files of half a megabyte in every format that is written, cut at every 1,000th
 * byte: each is refused in a line that names it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/train.h"
#include "base/file.h"
#include "support/device.h"
#include "support/folder.h"

enum { STEP = 1000 };

static const char net_text[] = "[net]\ninput = 20x20x3\nclasses = 10\ndropout-form = inverted\n"
                               "[conv1]\nfilters = 16\nkernel = 5\npool = max 2/2\n"
                               "[fc2]\nunits = 120\ndropout = 0.5\n[fc3]\nunits = classes\n"
                               "[data]\nresize = 20\nmean = 120, 110, 100\n";

static char source[512];

static int write_source(void **state)
{
    alx_device *dev = test_device();
    alx_checkpoint checkpoint = { .class_count = 0 };
    alx_net *net = NULL;

    test_own_folder_make(state);
    snprintf(source, sizeof source, "%s", test_folder_path(&test_own_folder, "source"));
    assert_ok(alx_config_parse(&checkpoint.config, net_text, "cut", NULL, 0));
    assert_ok(
        alx_net_create(&net, &checkpoint.config.net, &dev, 1, &(alx_net_options){ .batch = 1 }));
    assert_ok(alx_net_init(net, 3));
    assert_ok(alx_checkpoint_write(source, &checkpoint, net));
    alx_net_free(net);
    return 0;
}

static int read_all(const char *path)
{
    static float numbers[1 << 18];
    alx_weights_file *file = NULL;
    int rc = alx_weights_file_open(&file, path);

    for (size_t i = 0; rc == 0 && i < alx_weights_file_count(file); ++i) {
        assert_true(alx_weights_file_at(file, i)->count <= ALX_COUNT(numbers));
        rc = alx_weights_file_read(file, i, numbers);
    }
    alx_weights_file_close(file);
    return rc;
}

static void assert_cuts_are_refused(const char *path)
{
    size_t bytes = 0, cuts = 0;
    char *data = NULL;

    assert_ok(base_file_read(&data, &bytes, path));
    free(data);
    assert_ok(read_all(path));
    for (size_t at = bytes / STEP * STEP; at > 0; at -= STEP, ++cuts) {
        assert_int_equal(truncate(path, (off_t)at), 0);
        if (read_all(path) != ALX_E_DATA)
            fail_msg("%s: the first %zu bytes are read", path, at);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), path));
        assert_null(strchr(alx_status_text(ALX_E_DATA), '\n'));
    }
    assert_true(cuts > 450);
}

static void every_cut_is_refused(void **state)
{
    static const char *const files[] = { "a.safetensors", "b.npz", "c.onnx", "d.caffemodel" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        const char *path = test_folder_path(&test_own_folder, files[i]);

        assert_ok(alx_convert(&(alx_conversion){ .from = { .path = source }, .to = path }));
        assert_cuts_are_refused(path);
    }
    assert_cuts_are_refused(source);
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_is_refused),
    };

    return cmocka_run_group_tests(tests, write_source, close_all);
}
