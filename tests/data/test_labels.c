/* test_labels.c - ImageNet's tar of tars, Caffe's lists, ground truths in files of their own. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

static test_folder root;

static int setup(void **state)
{
    (void)state;
    root = test_folder_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

static const char *in_root(const char *name)
{
    return test_folder_path(&root, name);
}

static test_file shade(int red)
{
    return test_png_plain(1, 1, (uint8_t)red, 0, 0);
}

static void add_shade(test_tar *tar, const char *name, int red)
{
    const test_file image = shade(red);

    test_tar_add(tar, name, image.bytes, image.count);
    free(image.bytes);
}

static void write_shade(const char *name, int red)
{
    const test_file image = shade(red);

    test_folder_write_bytes(&root, name, image.bytes, image.count);
    free(image.bytes);
}

/* Images with red = 10 * label + a number from 1. */
static void assert_images(const alx_dataset *set, const char *const *names, const int *reds)
{
    for (size_t i = 0; i < alx_dataset_count(set); ++i) {
        char name[1024];
        uint8_t rgb[3];

        alx_dataset_image_name(set, i, name, sizeof name);
        if (strstr(name, names[i]) == NULL)
            fail_msg("%s, want %s", name, names[i]);
        assert_ok(alx_dataset_load(set, i, 1, rgb));
        assert_int_equal(rgb[0], reds[i]);
        assert_int_equal(alx_dataset_label(set, i), reds[i] / 10);
    }
}

static void refuses(const char *path, const alx_dataset_options *options, const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open_with(&set, path, ALX_SPLIT_TRAIN, options), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
}

/* ---- a tar of tars ------------------------------------------------------------------------ */

static void add_class_tar(test_tar *tar, const char *name, const char *const *images,
                          const int *reds, size_t count)
{
    char *bytes = NULL;
    size_t size = 0;
    test_tar *inner = test_tar_open(in_root("inner.tar"));

    for (size_t i = 0; i < count; ++i)
        add_shade(inner, images[i], reds[i]);
    test_tar_close(inner);
    assert_ok(base_file_read(&bytes, &size, in_root("inner.tar")));
    test_tar_add(tar, name, bytes, size);
    free(bytes);
}

static void write_nested(const char *path)
{
    test_tar *tar = test_tar_open(path);

    add_class_tar(tar, "n02.tar", (const char *const[]){ "n02_9.PNG", "n02_10.PNG" },
                  (const int[]){ 12, 11 }, 2);
    add_class_tar(tar, "n01.tar", (const char *const[]){ "n01_1.PNG" }, (const int[]){ 1 }, 1);
    test_tar_close(tar);
}

static void a_tar_of_tars_is_a_folder_of_classes(void **state)
{
    static const char *const names[] = { ":n01/n01_1.PNG", ":n02/n02_10.PNG", ":n02/n02_9.PNG" };
    alx_dataset *set = NULL;

    (void)state;
    write_nested(in_root("train.tar"));
    assert_ok(alx_dataset_open(&set, in_root("train.tar"), ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_count(set), 3);
    assert_int_equal(alx_dataset_classes(set), 2);
    assert_string_equal(alx_dataset_class_name(set, 1), "n02");
    assert_images(set, names, (const int[]){ 1, 11, 12 });
    alx_dataset_close(set);
}

/* Cut anywhere it must not be taken for less images; only its padding may be gone. */
static void a_cut_tar_of_tars_is_told(void **state)
{
    char *bytes = NULL;
    size_t count = 0, whole = 0, opened = 0;

    (void)state;
    write_nested(in_root("whole.tar"));
    assert_ok(base_file_read(&bytes, &count, in_root("whole.tar")));
    for (size_t cut = 512; cut < count; cut += 512) {
        alx_dataset *set = NULL;

        test_folder_write_bytes(&root, "cut.tar", bytes, cut);
        const int rc = alx_dataset_open(&set, in_root("cut.tar"), ALX_SPLIT_TRAIN);

        if (rc == 0) /* in the padding of the outer tar */
            whole += alx_dataset_count(set) == 3;
        else
            assert_int_equal(rc, ALX_E_DATA);
        opened += rc == 0;
        alx_dataset_close(set);
    }
    assert_true(whole > 0 && whole < count / 512);
    assert_int_equal(opened, whole);
    free(bytes);
}

/* ---- lists -------------------------------------------------------------------------------- */

static void lists_keep_their_order(void **state)
{
    static const char list[] = "b/two words.png 1\r\n\na/1.png\t0\n  a/2.png   2";
    static const char *const names[] = { "/pics/b/two words.png", "/pics/a/1.png",
                                         "/pics/a/2.png" };
    alx_dataset *set = NULL;

    (void)state;
    write_shade("pics/b/two words.png", 11);
    write_shade("pics/a/1.png", 1);
    write_shade("pics/a/2.png", 21);
    test_folder_write(&root, "pics/train.txt", list);
    test_folder_write(&root, "elsewhere.txt", "b/two words.png 1\na/1.png 0\na/2.png 2\n");
    for (int elsewhere = 0; elsewhere < 2; ++elsewhere) {
        const alx_dataset_options options = { .root = elsewhere ? in_root("pics") : NULL };

        assert_ok(alx_dataset_open_with(&set,
                                        in_root(elsewhere ? "elsewhere.txt" : "pics/train.txt"),
                                        ALX_SPLIT_TRAIN, &options));
        assert_int_equal(alx_dataset_count(set), 3);
        assert_int_equal(alx_dataset_classes(set), 3);
        if (elsewhere)
            assert_images(set, names, (const int[]){ 11, 1, 21 });
        alx_dataset_close(set);
    }
}

static void wrong_lists_are_told(void **state)
{
    const alx_dataset_options none = { 0 };
    alx_dataset *set = NULL;
    uint8_t rgb[3];

    (void)state;
    test_folder_write(&root, "twice.txt", "x.png 0\ny.png 1\nx.png 1\n");
    refuses(in_root("twice.txt"), &none, "x.png is there twice");
    test_folder_write(&root, "alone.txt", "x.png 0\n1\n");
    refuses(in_root("alone.txt"), &none, "line 2: a label without a name");
    test_folder_write(&root, "alone.txt", "x.png 0\n\n\n1\n");
    refuses(in_root("alone.txt"), &none, "line 4: a label without a name");
    test_folder_write(&root, "alone.txt", "x.png 0\ncat/1.png\n");
    refuses(in_root("alone.txt"), &none, "line 2: a path without a label");
    test_folder_write(&root, "empty.txt", "\n\n");
    refuses(in_root("empty.txt"), &none, "no labels in it");
    test_folder_write(&root, "gone.txt", "gone.png 0\n");
    refuses(in_root("gone.txt"), &none, "its paths, such as 'gone.png', lead to none in ");
    test_folder_write(&root, "there.png", "");
    test_folder_write(&root, "gone.txt", "gone.png 0\nthere.png 1\n");
    assert_ok(alx_dataset_open(&set, in_root("gone.txt"), ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_load(set, 0, 1, rgb), ALX_E_DATA);
    alx_dataset_close(set);
}

static void options_without_a_use_are_refused(void **state)
{
    const struct {
        const char *path;
        alx_dataset_options options;
        const char *message;
    } cases[] = {
        { TEST_DIR "/data/caffe-lmdb", { .labels = "l" }, "--labels l: " },
        { TEST_DIR "/data/caffe-lmdb", { .classes = "c" }, "--classes c: is for --labels and" },
        { TEST_DIR "/data/cifar10-mini.tar.gz", { .ids = "i" }, "--synset-ids i: is for --labels" },
        { TEST_DIR "/data/cifar10-mini.tar.gz", { .root = "r" }, "--root r: is for a list" },
        { in_root("list.txt"), { .labels = "l" }, "list.txt has its labels itself" },
    };

    (void)state;
    test_folder_write(&root, "list.txt", "x.png 0\n");
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_dataset *set = NULL;

        assert_int_equal(
            alx_dataset_open_with(&set, cases[i].path, ALX_SPLIT_TRAIN, &cases[i].options),
            ALX_E_USAGE);
        assert_non_null(strstr(alx_status_text(ALX_E_USAGE), cases[i].message));
    }
}

/* ---- ground truths ------------------------------------------------------------------------ */

static void write_flat_tar(void)
{
    test_tar *tar = test_tar_open(in_root("val.tar"));

    add_shade(tar, "val_2.PNG", 11);
    add_shade(tar, "val_1.PNG", 21);
    add_shade(tar, "val_3.PNG", 1);
    test_tar_close(tar);
}

static void ground_truths_of_every_form(void **state)
{
    static const char *const names[] = { "val_1.PNG", "val_2.PNG", "val_3.PNG" };
    static const struct {
        const char *why, *labels;
        bool classes, ids;
    } cases[] = {
        { "numbers in order", "2\n1\n0\n", false, false },
        { "numbers by name", "val_3.PNG 0\nval_1.PNG 2\nval_9.PNG 1\nval_2.PNG 1\n", false, false },
        { "names in order", "cat\nbee\nant\n", false, false },
        { "names of given classes", "cat\nbee\nant\n", true, false },
        { "ids of ILSVRC", "1\n3\n2\n", false, true },
        { "ids, classes given", "1\n3\n2\n", true, true },
    };

    (void)state;
    write_flat_tar();
    test_folder_write(&root, "classes.txt", "ant\nbee\ncat\n");
    test_folder_write(&root, "ids.txt", "cat\nant\nbee\n");
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        const alx_dataset_options options = {
            .labels = in_root("truth"),
            .classes = cases[n].classes ? in_root("classes.txt") : NULL,
            .ids = cases[n].ids ? in_root("ids.txt") : NULL,
        };
        alx_dataset *set = NULL;

        print_message("%s\n", cases[n].why);
        test_folder_write(&root, "truth", cases[n].labels);
        assert_ok(alx_dataset_open_with(&set, in_root("val.tar"), ALX_SPLIT_TRAIN, &options));
        assert_int_equal(alx_dataset_count(set), 3);
        assert_int_equal(alx_dataset_classes(set), 3);
        assert_images(set, names, (const int[]){ 21, 11, 1 });
        alx_dataset_close(set);
    }
}

/* As editors save them; classes and ids that are read wrongly would permute the labels silently. */
static void texts_of_every_editor_say_the_same(void **state)
{
    static const struct {
        const char *labels, *classes, *ids;
    } cases[] = {
        { "\xEF\xBB\xBF"
          "3\n1\n2\n",
          "\xEF\xBB\xBF"
          "ant\nbee\ncat\n",
          "\xEF\xBB\xBF"
          "bee\nant\ncat\n" },
        { "3\r\n1\r\n2\r\n", "ant\r\nbee\r\ncat\r\n\r\n", "bee\r\nant\r\ncat" },
        { "3\r1\r2", "ant\rbee\rcat\r\r", "bee\rant\rcat" },
        { "3 \n\n\t1\n2\t\n", "ant \nbee\t\n cat\n\n", "bee \nant\t\ncat" },
        { "\xEF\xBB\xBFval_2.PNG 1\rval_1.PNG 3\r\rval_3.PNG\t2\r",
          "\xEF\xBB\xBF"
          "ant\r\nbee\r\ncat",
          "\xEF\xBB\xBF"
          "bee\r\nant\r\ncat\r\n" },
    };

    (void)state;
    write_flat_tar();
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        static const int labels[] = { 2, 1, 0 };
        const alx_dataset_options options = {
            .labels = in_root("said"),
            .classes = in_root("kinds"),
            .ids = in_root("numbers"),
        };
        alx_dataset *set = NULL;

        test_folder_write(&root, "said", cases[n].labels);
        test_folder_write(&root, "kinds", cases[n].classes);
        test_folder_write(&root, "numbers", cases[n].ids);
        assert_ok(alx_dataset_open_with(&set, in_root("val.tar"), ALX_SPLIT_TRAIN, &options));
        assert_int_equal(alx_dataset_classes(set), 3);
        for (size_t i = 0; i < ALX_COUNT(labels); ++i)
            assert_int_equal(alx_dataset_label(set, i), labels[i]);
        alx_dataset_close(set);
    }
}

static void wrong_classes_are_told(void **state)
{
    static const struct {
        const char *text, *message;
        size_t bytes;
    } cases[] = {
        { "ant\nbee\n\ncat\n", ": line 3 is empty, line 4 is not", 13 },
        { "\n\n", ": names no class", 2 },
        { "ant\nbee\ncat\nbee \nant\n", ": lines 2 and 4: 'bee' is there twice", 21 },
        { "\xFF\xFE"
          "a\0\n\0",
          ": is UTF-16: save it as UTF-8", 6 },
        { "ant\nb\aee\n", ": line 2: not a text file: byte 0x07", 9 },
    };

    (void)state;
    write_flat_tar();
    test_folder_write(&root, "truth", "1\n1\n1\n");
    test_folder_write(&root, "classes.txt", "ant\nbee\ncat\n");
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        const alx_dataset_options as_classes = { .labels = in_root("truth"),
                                                 .classes = in_root("wrong") };
        const alx_dataset_options as_ids = { .labels = in_root("truth"), .ids = in_root("wrong") };

        test_folder_write_bytes(&root, "wrong", cases[n].text, cases[n].bytes);
        refuses(in_root("val.tar"), &as_classes, cases[n].message);
        refuses(in_root("val.tar"), &as_ids, cases[n].message);
    }
}

static void folders_without_classes_take_labels_too(void **state)
{
    static const char *const names[] = { "/flat/1.png", "/flat/2.png" };
    const alx_dataset_options options = { .labels = in_root("flat.labels") };
    alx_dataset *set = NULL;

    (void)state;
    write_shade("flat/1.png", 11);
    write_shade("flat/2.png", 2);
    test_folder_write(&root, "flat.labels", "1\n0\n");
    assert_ok(alx_dataset_open_with(&set, in_root("flat"), ALX_SPLIT_TRAIN, &options));
    assert_images(set, names, (const int[]){ 11, 2 });
    alx_dataset_close(set);
}

static void wrong_ground_truths_are_told(void **state)
{
    static const struct {
        const char *labels, *message;
        bool classes, ids;
    } cases[] = {
        { "2\n1\n", "2 labels, but ", false, false },
        { "val_1.PNG 0\nval_3.PNG 0\n", "no label of val_2.PNG", false, false },
        { "1\n2\n3\n", "ids of ILSVRC, from 1, want --synset-ids", true, false },
        { "0\n1\ndog\n", "label 'dog': no such class", true, false },
        { "\n\n0\n \ndog\n1\n", "line 5: label 'dog': no such class", true, false },
        { "cat\n1\nbee\n", "line 2: label '1': names and numbers are mixed", false, false },
        { "1\n0\n\nbee\n", "line 4: label 'bee': names and numbers are mixed", false, false },
        { "0\n1\n2\n", "label '0': no such id", false, true },
        { "1\n2\n4\n", "label '4': no such id", false, true },
    };

    (void)state;
    write_flat_tar();
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        const alx_dataset_options options = {
            .labels = in_root("wrong"),
            .classes = cases[n].classes ? in_root("classes.txt") : NULL,
            .ids = cases[n].ids ? in_root("ids.txt") : NULL,
        };

        test_folder_write(&root, "wrong", cases[n].labels);
        refuses(in_root("val.tar"), &options, cases[n].message);
    }
}

/* The head of meta.mat, as ILSVRC's development kit has it. */
static void ids_in_matlabs_form_are_named(void **state)
{
    const alx_dataset_options options = { .labels = in_root("truth"), .ids = in_root("meta.mat") };
    static const char head[] = "MATLAB 5.0 MAT-file, Platform: GLNXA64\0\0\1IM\x0e\0\0";

    (void)state;
    write_flat_tar();
    test_folder_write(&root, "truth", "1\n2\n3\n");
    test_folder_write_bytes(&root, "meta.mat", head, sizeof head);
    refuses(in_root("val.tar"), &options,
            "meta.mat: is a file of MATLAB, which is not read: write "
            "the WNIDs of its synsets into a text file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tar_of_tars_is_a_folder_of_classes),
        cmocka_unit_test(a_cut_tar_of_tars_is_told),
        cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(wrong_lists_are_told),
        cmocka_unit_test(options_without_a_use_are_refused),
        cmocka_unit_test(ground_truths_of_every_form),
        cmocka_unit_test(texts_of_every_editor_say_the_same),
        cmocka_unit_test(wrong_classes_are_told),
        cmocka_unit_test(folders_without_classes_take_labels_too),
        cmocka_unit_test(wrong_ground_truths_are_told),
        cmocka_unit_test(ids_in_matlabs_form_are_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
