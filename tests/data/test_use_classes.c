/* test_use_classes.c - labels as places in a network's classes: by name, or by number where a set
 * knows no names. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/folder.h"

#define CAFFE TEST_DIR "/data/caffe-lmdb/data.mdb" /* ten records of the labels 0 to 3, no names */

/* An image of each of these classes; its content does not matter. */
static void put(const test_folder *root, const char *const *names)
{
    char path[256];

    for (; *names != NULL; ++names) {
        snprintf(path, sizeof path, "%s/1.png", *names);
        test_folder_write_bytes(root, path, "x", 1);
    }
}

static void classes_are_looked_up_by_name(void **state)
{
    static char *const network[] = { "yak", "bee", "ant", "cat", "dog" };
    test_folder root = test_folder_create();
    alx_dataset *set = NULL;

    (void)state;
    put(&root, (const char *const[]){ "dog", "bee", "yak", NULL });
    assert_ok(base_mkdirs(test_folder_path(&root, "ghost"))); /* empty: no image is of it */
    assert_ok(alx_dataset_open_with(&set, root.path, ALX_SPLIT_TEST,
                                    &(alx_dataset_options){ .alone = true }));
    assert_ok(alx_dataset_use_classes(set, network, 5, "net"));
    assert_int_equal(alx_dataset_classes(set), 5);
    assert_string_equal(alx_dataset_class_name(set, 2), "ant");
    assert_int_equal(alx_dataset_count(set), 3); /* bee, dog, yak */
    assert_int_equal(alx_dataset_label(set, 0), 1);
    assert_int_equal(alx_dataset_label(set, 1), 4);
    assert_int_equal(alx_dataset_label(set, 2), 0);
    assert_int_equal(alx_dataset_use_classes(set, network, 5, "net"), ALX_E_USAGE); /* once */
    assert_int_equal(alx_dataset_label(set, 2), 0);
    alx_dataset_close(set);
    test_folder_remove(&root);
}

/* A checkpoint keeps 63 characters: enough to be found, if only one class begins so. */
static void long_names_are_found_by_their_start(void **state)
{
    char longer[80], start[ALX_CLASS_NAME_LENGTH + 1], other[80];
    char *const network[] = { "ant", start };
    test_folder root = test_folder_create();
    alx_dataset *set = NULL;

    (void)state;
    snprintf(longer, sizeof longer, "%070d", 7);
    snprintf(other, sizeof other, "%070d", 8);
    snprintf(start, sizeof start, "%.*s", ALX_CLASS_NAME_LENGTH, longer);
    put(&root, (const char *const[]){ longer, NULL });
    assert_ok(alx_dataset_open(&set, root.path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_use_classes(set, network, 2, "net"));
    assert_int_equal(alx_dataset_label(set, 0), 1);
    alx_dataset_close(set);
    put(&root, (const char *const[]){ other, NULL });
    assert_ok(alx_dataset_open(&set, root.path, ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_use_classes(set, network, 2, "net"), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "are one class of net"));
    alx_dataset_close(set);
    test_folder_remove(&root);
}

static void assert_refused(const char *path, char *const *names, int count, const char *message)
{
    alx_dataset *set = NULL;

    assert_ok(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    const int before = alx_dataset_label(set, 0);

    assert_int_equal(alx_dataset_use_classes(set, names, count, "net"), ALX_E_DATA);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
    assert_int_equal(alx_dataset_label(set, 0), before); /* as it was */
    alx_dataset_close(set);
}

/* Folders 0, 1, 10, 2 are no places: they sort as words. */
static void names_that_are_none_of_the_network_are_refused(void **state)
{
    static char *const network[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k" };
    static char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10" };
    test_folder root = test_folder_create();
    alx_dataset *set = NULL;

    (void)state;
    put(&root, (const char *const[]){ "0", "1", "10", "2", NULL });
    assert_refused(root.path, network, 11, "classes are called by numbers ('0'), those of net");
    assert_refused(root.path, network, 0, "net: the names of its classes are not known");
    assert_ok(alx_dataset_open(&set, root.path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_use_classes(set, digits, 11, "net")); /* by name all the same */
    assert_int_equal(alx_dataset_label(set, 2), 10);
    assert_int_equal(alx_dataset_label(set, 3), 2);
    alx_dataset_close(set);
    put(&root, (const char *const[]){ "zoo", NULL });
    assert_refused(root.path, digits, 11, "class 'zoo' is none of the 11 classes of net");
    test_folder_remove(&root);
}

/* A copy: an index is written beside it. */
static void copy_caffe(const test_folder *root, const char *name)
{
    char *bytes = NULL, path[256];
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, CAFFE));
    snprintf(path, sizeof path, "%s/data.mdb", name);
    test_folder_write_bytes(root, path, bytes, count);
    free(bytes);
}

static void labels_without_names_are_the_networks(void **state)
{
    static char *const network[] = { "w", "x", "y", "z", "more" };
    static char *const sorted[] = { "0", "1", "10", "2", "3" };
    test_folder root = test_folder_create();
    const char *const db = test_folder_path(&root, "db");
    alx_dataset *set = NULL, *bare = NULL;

    (void)state;
    copy_caffe(&root, "db");
    assert_ok(alx_dataset_open(&set, db, ALX_SPLIT_TEST));
    assert_ok(alx_dataset_open(&bare, db, ALX_SPLIT_TEST));
    assert_ok(alx_dataset_use_classes(set, network, 5, "net"));
    assert_int_equal(alx_dataset_count(set), 10);
    assert_string_equal(alx_dataset_class_name(set, 3), "z");
    for (size_t i = 0; i < 10; ++i)
        assert_int_equal(alx_dataset_label(set, i), alx_dataset_label(bare, i));
    alx_dataset_close(set);
    alx_dataset_close(bare);
    assert_refused(db, network, 3, "labels up to 3, but net has 3 classes");
    assert_refused(db, sorted, 5, "label 2 may be class 2 of net or the one called '2'");
    test_folder_remove(&root);
}

/* As Caffe's example calls its two databases. */
static void databases_are_found_by_the_names_of_splits(void **state)
{
    static const char *const names[] = { "x/ilsvrc12_train_lmdb", "x/ilsvrc12_val_lmdb" };
    test_folder root = test_folder_create();
    char path[256];
    alx_dataset *set = NULL;

    (void)state;
    for (int split = 0; split < 2; ++split)
        copy_caffe(&root, names[split]);
    for (int split = 0; split < 2; ++split) {
        assert_ok(alx_dataset_open(&set, root.path, (alx_split)split));
        assert_int_equal(alx_dataset_count(set), 10);
        assert_true(alx_dataset_has_split(set, ALX_SPLIT_TEST));
        alx_dataset_image_name(set, 0, path, sizeof path);
        assert_non_null(strstr(path, names[split]));
        alx_dataset_close(set);
    }
    test_folder_remove(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_looked_up_by_name),
        cmocka_unit_test(long_names_are_found_by_their_start),
        cmocka_unit_test(names_that_are_none_of_the_network_are_refused),
        cmocka_unit_test(labels_without_names_are_the_networks),
        cmocka_unit_test(databases_are_found_by_the_names_of_splits),
    };

    alx_log_set_level(ALX_LOG_QUIET);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
