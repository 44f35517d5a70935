/* test_checkpoint_names.c - names of any bytes in a checkpoint: the header is UTF-8, as readers of
 * safetensors demand, and the names come back; also from a file of before that was so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/train.h"
#include "base/file.h"
#include "base/name_write.h"
#include "support/device.h"
#include "support/folder.h"
#include "support/images.h"

static const char net_text[] = "[net]\ninput = 4x4x3\nclasses = 3\n[conv1]\nfilters = 1\n"
                               "kernel = 3\n[fc2]\nunits = 3\n[train]\nlr = 0.1\n";

static alx_checkpoint make_checkpoint(const char *name, const char *path,
                                      const char *const classes[3])
{
    alx_checkpoint c = { .class_count = 3 };

    assert_ok(alx_config_parse(&c.config, net_text, "net", NULL, 0));
    snprintf(c.config.name, sizeof c.config.name, "%s", name);
    snprintf(c.config.data.path, sizeof c.config.data.path, "%s", path);
    c.class_names = calloc(3, sizeof *c.class_names);
    assert_non_null(c.class_names);
    for (int i = 0; i < 3; ++i)
        strcpy(c.class_names[i], classes[i]);
    return c;
}

static void write_checkpoint(const char *file, const alx_checkpoint *c)
{
    const alx_net_options options = { .batch = 1 };
    alx_device *dev = test_device();
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &c->config.net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 1));
    assert_ok(alx_checkpoint_write(file, c, net));
    alx_net_free(net);
}

/* The header, as text. */
static char *read_header(const char *file)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, file));
    const size_t length = (unsigned char)bytes[0] | (size_t)(unsigned char)bytes[1] << 8;

    assert_true(length < count - 8);
    memmove(bytes, bytes + 8, length);
    bytes[length] = '\0';
    return bytes;
}

static void assert_comes_back(const char *name, const char *path, const char *const classes[3],
                              bool escaped)
{
    alx_checkpoint a = make_checkpoint(name, path, classes), b;
    const char *file = test_folder_path(&test_own_folder, "checkpoint");

    write_checkpoint(file, &a);
    char *header = read_header(file);

    assert_true(base_name_is_utf8(header));
    assert_int_equal(strstr(header, "\\\"escaped\\\":true") != NULL, escaped);
    free(header);
    assert_ok(alx_checkpoint_read(&b, file));
    assert_string_equal(b.config.name, name);
    assert_string_equal(b.config.data.path, path);
    for (int i = 0; i < 3; ++i)
        assert_string_equal(b.class_names[i], classes[i]);
    alx_checkpoint_free(&a);
    alx_checkpoint_free(&b);
}

static void names_of_any_bytes_come_back(void **state)
{
    (void)state;
    assert_comes_back("a", "/d", (const char *const[]){ "caf\xE9", "lit\\xe9", "\xED\xA0\x80" },
                      true);
    assert_comes_back("a", "/d", (const char *const[]){ "a\\b", "\x1B[1m\"", "K\xC3\xA4tzchen" },
                      false);
    assert_comes_back("\xE9", "/d", (const char *const[]){ "a", "b", "c" }, true);
    assert_comes_back("a", "/\xE9 \\x41", (const char *const[]){ "a", "b", "c" }, true);
}

/* An INI file holds a long path in several lines; no character may be cut in two there. */
static void long_paths_stay_utf8(void **state)
{
    char path[1024] = "/";

    (void)state;
    for (int i = 0; i < 200; ++i)
        strcat(path, i % 7 == 0 ? "a" : "\xE7\x8C\xAB");
    assert_comes_back("a", path, (const char *const[]){ "a", "b", "c" }, false);
    for (int i = 0; i < 100; ++i)
        strcat(path, "\xE9");
    assert_comes_back("a", path, (const char *const[]){ "a", "b", "c" }, true);
}

/* names_before.safetensors is of version 0.1: classes "caf<E9>" and "lit\xe9" (these letters),
 * data in "d<E4>ta", from the config <E9>.ini, all bytes as they were. */
static void checkpoints_of_before_are_read_as_before(void **state)
{
    alx_checkpoint c;

    (void)state;
    assert_ok(alx_checkpoint_read(&c, TEST_DIR "/train/names_before.safetensors"));
    assert_string_equal(c.config.name, "\xE9");
    assert_string_equal(c.config.data.path, "d\xE4ta");
    assert_int_equal(c.class_count, 2);
    assert_string_equal(c.class_names[0], "caf\xE9");
    assert_string_equal(c.class_names[1], "lit\\xe9");
    alx_checkpoint_free(&c);
}

/* A checkpoint keeps 63 bytes of a class's name: all of them count, and no more. */
static void classes_are_told_apart_by_what_is_kept(void **state)
{
    const test_file image = test_png_plain(1, 1, 10, 20, 30);
    char names[1][64] = { "" }, inside[128];
    const alx_checkpoint c = { .class_count = 1, .class_names = names };
    alx_dataset *set = NULL;

    (void)state;
    memset(names[0], 'a', 63);
    snprintf(inside, sizeof inside, "set/%sbbb/1.png", names[0]);
    test_folder_write_bytes(&test_own_folder, inside, image.bytes, image.count);
    assert_ok(alx_dataset_open(&set, test_folder_path(&test_own_folder, "set"), ALX_SPLIT_TRAIN));
    assert_ok(alx_checkpoint_check_classes(&c, "model", set, "set"));
    names[0][62] = 'b';
    assert_int_equal(alx_checkpoint_check_classes(&c, "model", set, "set"), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "set: class 0 is 'aaa"));
    alx_dataset_close(set);
    free(image.bytes);
}

static int leave(void **state)
{
    test_own_folder_remove(state);
    return test_device_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(names_of_any_bytes_come_back),
        cmocka_unit_test(classes_are_told_apart_by_what_is_kept),
        test_on_device(long_paths_stay_utf8),
        test_on_device(checkpoints_of_before_are_read_as_before),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, leave);
}
