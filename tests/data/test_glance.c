/* test_glance.c - what is a data set at a glance: folders, tars, CIFAR-10; and what is none. */
#include "alexnet/data.h"

#include <stdlib.h>

#include "support/folder.h"
#include "support/images.h"
#include "support/messages.h"
#include "support/test.h"

static void put(const char *path, int width, int height)
{
    const test_file image = test_png_plain(width, height, 10, 20, 30);

    test_folder_write_bytes(&test_own_folder, path, image.bytes, image.count);
    free(image.bytes);
}

static alx_data_glance look(const char *name)
{
    alx_data_glance glance;

    if (!alx_data_look(&glance, test_folder_path(&test_own_folder, name)))
        fail_msg("%s: no data set", name);
    return glance;
}

static void class_folders_are_counted_and_an_image_measured(void **state)
{
    (void)state;
    put("plain/cat/1.png", 60, 40);
    put("plain/dog/1.png", 8, 8);
    test_folder_write_bytes(&test_own_folder, "plain/eel/notes.txt", "", 0);
    alx_data_glance g = look("plain");

    assert_int_equal(g.classes, 3);
    assert_int_equal(g.width, 60);
    assert_int_equal(g.height, 40);
    assert_false(g.has_test);
    put("split/deeper/Train/a/x.png", 9, 7);
    put("split/deeper/Train/b/x.png", 9, 7);
    put("split/deeper/val/a/x.png", 5, 5);
    g = look("split");
    assert_int_equal(g.classes, 2);
    assert_int_equal(g.width, 9);
    assert_true(g.has_test);
}

static void an_archive_is_opened(void **state)
{
    alx_data_glance g;

    (void)state;
    assert_true(alx_data_look(&g, TEST_DIR "/data/cifar10-mini.tar.gz"));
    assert_int_equal(g.classes, 10);
    assert_int_equal(g.width, 32);
    assert_int_equal(g.height, 32);
    assert_true(g.has_test);
}

/* Nor is a word said. */
static void other_things_are_none(void **state)
{
    static const char *const none[] = { "nothing", "one", "texts", "file.tar", "loose" };
    alx_data_glance g;

    (void)state;
    put("one/cat/1.png", 4, 4);
    put("loose/1.png", 4, 4);
    test_folder_write_bytes(&test_own_folder, "texts/a/1.txt", "", 0);
    test_folder_write_bytes(&test_own_folder, "texts/b/1.txt", "", 0);
    test_folder_write(&test_own_folder, "file.tar", "no tar\n");
    test_messages_begin();
    for (size_t i = 0; i < ALX_COUNT(none); ++i)
        if (alx_data_look(&g, test_folder_path(&test_own_folder, none[i])))
            fail_msg("%s: taken as a data set", none[i]);
    assert_string_equal(test_messages(), "");
    test_messages_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_folders_are_counted_and_an_image_measured),
        cmocka_unit_test(an_archive_is_opened),
        cmocka_unit_test(other_things_are_none),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
