/* test_layout.c - layout rules, on folders: what is a class, which split, what is an error. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

typedef struct fixture {
    test_folder root;
    test_file image; /* one pixel */
} fixture;

static int setup(void **state)
{
    fixture *f = test_alloc(sizeof *f);

    f->root = test_folder_create();
    f->image = test_png_plain(1, 1, 10, 20, 30);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    test_folder_remove(&f->root);
    free(f->image.bytes);
    free(f);
    return 0;
}

/* Puts the image at each of the paths, separated by spaces. */
static void put(const fixture *f, const char *paths)
{
    char copy[1024], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", paths);
    for (char *path = strtok_r(copy, " ", &rest); path != NULL; path = strtok_r(NULL, " ", &rest))
        test_folder_write_bytes(&f->root, path, f->image.bytes, f->image.count);
}

/* Opens the split and compares "label:path label:path ..." with `want`. */
static void assert_images(const fixture *f, alx_split split, const char *want)
{
    alx_dataset *set = NULL;
    char got[2048] = "", name[1024];

    assert_ok(alx_dataset_open(&set, f->root.path, split));
    for (size_t i = 0; i < alx_dataset_count(set); ++i) {
        const size_t used = strlen(got);

        alx_dataset_image_name(set, i, name, sizeof name);
        snprintf(got + used, sizeof got - used, "%s%d:%s", i > 0 ? " " : "",
                 alx_dataset_label(set, i), name + strlen(f->root.path) + 1);
    }
    assert_string_equal(got, want);
    alx_dataset_close(set);
}

static void assert_refused(const fixture *f, alx_split split, const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open(&set, f->root.path, split), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s", alx_status_text(ALX_E_DATA));
}

/* '-' sorts before '/': by path alone cat-big would come between the cats. */
static void order_is_by_class_then_name(void **state)
{
    const fixture *f = *state;

    put(f, "train/cat/b.png train/cat/a.png train/cat-big/c.png train/ant/z.png "
           "train/cat/sub/d.png");
    assert_images(f, ALX_SPLIT_TRAIN,
                  "0:train/ant/z.png 1:train/cat/a.png 1:train/cat/b.png "
                  "1:train/cat/sub/d.png 2:train/cat-big/c.png");
}

static void suffix_decides_and_hidden_is_ignored(void **state)
{
    const fixture *f = *state;

    put(f, "cat/a.JPG cat/b.jpeg cat/c.PnG cat/d.txt cat/e cat/.f.png .cache/g.png cat/.h/i.png "
           "loose.png cat/jpg readme.md");
    assert_images(f, ALX_SPLIT_TRAIN, "0:cat/a.JPG 0:cat/b.jpeg 0:cat/c.PnG");
}

static void splits_share_the_classes_of_train(void **state)
{
    const fixture *f = *state;
    alx_dataset *set = NULL;

    put(f, "train/ant/1.png train/bee/1.png train/cat/1.png val/cat/2.png val/ant/2.png");
    assert_images(f, ALX_SPLIT_TEST, "0:val/ant/2.png 2:val/cat/2.png");
    assert_images(f, ALX_SPLIT_TRAIN, "0:train/ant/1.png 1:train/bee/1.png 2:train/cat/1.png");
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TEST));
    assert_int_equal(alx_dataset_classes(set), 3);
    assert_string_equal(alx_dataset_class_name(set, 1), "bee");
    assert_true(alx_dataset_has_split(set, ALX_SPLIT_TRAIN));
    assert_true(alx_dataset_has_split(set, ALX_SPLIT_TEST));
    alx_dataset_close(set);
    put(f, "test/cat/3.png");
    assert_images(f, ALX_SPLIT_TEST, "2:test/cat/3.png");
    put(f, "test/yak/3.png");
    assert_refused(f, ALX_SPLIT_TEST, "test/yak is a class that train does not have");
}

/* ImageNet's test/ holds images without classes. */
static void unlabelled_test_leaves_val(void **state)
{
    const fixture *f = *state;

    put(f, "train/ant/1.png val/ant/2.png test/3.png");
    assert_images(f, ALX_SPLIT_TEST, "0:val/ant/2.png");
}

static void without_train_all_is_training(void **state)
{
    const fixture *f = *state;
    alx_dataset *set = NULL;

    put(f, "ant/1.png bee/1.png");
    assert_images(f, ALX_SPLIT_TRAIN, "0:ant/1.png 1:bee/1.png");
    assert_refused(f, ALX_SPLIT_TEST, "no test or val folder with class folders in it");
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TRAIN));
    assert_false(alx_dataset_has_split(set, ALX_SPLIT_TEST));
    alx_dataset_close(set);
}

static void only_val_can_be_tested(void **state)
{
    const fixture *f = *state;

    put(f, "val/ant/1.png val/bee/1.png");
    assert_images(f, ALX_SPLIT_TEST, "0:val/ant/1.png 1:val/bee/1.png");
    assert_refused(f, ALX_SPLIT_TRAIN, "no train folder with class folders in it");
}

static void leading_folder_is_skipped(void **state)
{
    const fixture *f = *state;

    put(f, "sample/train/ant/1.png sample/test/ant/2.png");
    assert_images(f, ALX_SPLIT_TRAIN, "0:sample/train/ant/1.png");
    assert_images(f, ALX_SPLIT_TEST, "0:sample/test/ant/2.png");
}

static void nothing_to_train_on_is_an_error(void **state)
{
    const fixture *f = *state;

    assert_refused(f, ALX_SPLIT_TRAIN, "no images found");
    put(f, "loose.png");
    assert_refused(f, ALX_SPLIT_TRAIN, "no images found");
    put(f, "train/loose.png");
    assert_refused(f, ALX_SPLIT_TRAIN, "images of train must be in class folders");
    assert_ok(base_mkdirs(test_folder_path(&f->root, "train/ant/deep")));
    assert_refused(f, ALX_SPLIT_TRAIN, "class folder train/ant holds no JPEG or PNG");
    put(f, "train/ant/deep/1.png");
    assert_images(f, ALX_SPLIT_TRAIN, "0:train/ant/deep/1.png");
    assert_int_equal(alx_dataset_open(&(alx_dataset *){ NULL }, "/nowhere", ALX_SPLIT_TRAIN),
                     ALX_E_DATA);
    assert_int_equal(alx_dataset_open(&(alx_dataset *){ NULL }, "/dev/null", ALX_SPLIT_TRAIN),
                     ALX_E_DATA);
}

static void links_are_followed(void **state)
{
    const fixture *f = *state;

    put(f, "ant/1.png bee/1.png");
    assert_int_equal(symlink("../ant/1.png", test_folder_path(&f->root, "bee/2.png")), 0);
    assert_int_equal(symlink("ant", test_folder_path(&f->root, "cat")), 0);
    assert_images(f, ALX_SPLIT_TRAIN, "0:ant/1.png 1:bee/1.png 1:bee/2.png 2:cat/1.png");
    assert_int_equal(symlink("nowhere.png", test_folder_path(&f->root, "bee/3.png")), 0);
    assert_images(f, ALX_SPLIT_TRAIN,
                  "0:ant/1.png 1:bee/1.png 1:bee/2.png 1:bee/3.png 2:cat/1.png"); /* a bad image */
    assert_int_equal(symlink("nowhere", test_folder_path(&f->root, "bee/folder")), 0);
    assert_refused(f, ALX_SPLIT_TRAIN, "bee/folder: a link that leads nowhere");
    assert_int_equal(unlink(test_folder_path(&f->root, "bee/folder")), 0);
    assert_int_equal(unlink(test_folder_path(&f->root, "bee/3.png")), 0);
    assert_int_equal(symlink("..", test_folder_path(&f->root, "bee/circle")), 0);
    assert_refused(f, ALX_SPLIT_TRAIN, "a link in a circle?");
}

/* Root reads everything: it steps down meanwhile. */
static void what_may_not_be_read_is_told(void **state)
{
    const fixture *f = *state;
    const bool is_root = geteuid() == 0;
    alx_dataset *set = NULL;
    uint8_t rgb[3];

    put(f, "ant/1.png bee/1.png");
    assert_int_equal(chmod(f->root.path, 0755), 0);
    assert_int_equal(chmod(test_folder_path(&f->root, "ant/1.png"), 0), 0);
    assert_int_equal(is_root ? seteuid(65534) : 0, 0);
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_load(set, 0, 1, rgb), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "/ant/1.png: cannot be read: Permission"));
    assert_ok(alx_dataset_load(set, 1, 1, rgb));
    alx_dataset_close(set);
    assert_int_equal(is_root ? seteuid(0) : 0, 0);

    assert_int_equal(chmod(test_folder_path(&f->root, "bee"), 0), 0);
    assert_int_equal(is_root ? seteuid(65534) : 0, 0);
    assert_refused(f, ALX_SPLIT_TRAIN, "/bee: folder cannot be read: Permission denied");
    assert_int_equal(is_root ? seteuid(0) : 0, 0);
    assert_int_equal(chmod(test_folder_path(&f->root, "bee"), 0755), 0);
}

static void load_decodes_or_names_the_file(void **state)
{
    const fixture *f = *state;
    alx_dataset *set = NULL;
    uint8_t rgb[2 * 2 * 3];

    put(f, "ant/1.png");
    test_folder_write_bytes(&f->root, "ant/2\n.jpg", "not an image", 12);
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_load(set, 0, 2, rgb));
    assert_memory_equal(rgb + 9, "\x0A\x14\x1E", 3);
    assert_int_equal(alx_dataset_load(set, 1, 2, rgb), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "/ant/2\\x0a.jpg: neither JPEG nor PNG"));
    alx_dataset_close(set);
}

static void fingerprint_follows_names_and_sizes(void **state)
{
    const fixture *f = *state;
    char before[33];
    alx_dataset *set = NULL;

    put(f, "train/ant/1.png");
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TRAIN));
    assert_int_equal(strlen(alx_dataset_fingerprint(set)), 32);
    memcpy(before, alx_dataset_fingerprint(set), sizeof before);
    alx_dataset_close(set);
    test_folder_write_bytes(&f->root, "train/ant/1.png", "shorter", 7);
    assert_ok(alx_dataset_open(&set, f->root.path, ALX_SPLIT_TRAIN));
    assert_string_not_equal(alx_dataset_fingerprint(set), before);
    alx_dataset_close(set);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(order_is_by_class_then_name),
        FRESH(suffix_decides_and_hidden_is_ignored),
        FRESH(splits_share_the_classes_of_train),
        FRESH(unlabelled_test_leaves_val),
        FRESH(without_train_all_is_training),
        FRESH(only_val_can_be_tested),
        FRESH(leading_folder_is_skipped),
        FRESH(nothing_to_train_on_is_an_error),
        FRESH(links_are_followed),
        FRESH(what_may_not_be_read_is_told),
        FRESH(load_decodes_or_names_the_file),
        FRESH(fingerprint_follows_names_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
