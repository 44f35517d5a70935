/* test_label_tables.c - labels in tables, as Python's csv module (3.11) writes them with its
 * dialects, and names of images as tables have them. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "support/folder.h"
#include "support/images.h"

static const char *here(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static int setup(void **state)
{
    static const char *const names[] = { "v/val_1.JPEG", "v/val_2.JPEG", "v/deep/val_3.png" };
    const int rc = test_own_folder_make(state);

    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        const test_file image = test_png_plain(1, 1, (uint8_t)i, 0, 0);

        test_folder_write_bytes(&test_own_folder, names[i], image.bytes, image.count);
        free(image.bytes);
    }
    return rc;
}

static int open_labelled(alx_dataset **set, const char *labels)
{
    test_folder_write(&test_own_folder, "labels.csv", labels);
    return alx_dataset_open_with(set, here("v"), ALX_SPLIT_TRAIN,
                                 &(alx_dataset_options){ .labels = here("labels.csv") });
}

/* Images are sorted: deep/val_3, val_1, val_2. */
static void tables_of_every_dialect_are_read(void **state)
{
    static const struct {
        const char *why, *labels, *classes; /* joined by '|' */
    } cases[] = {
        { "Kaggle's ImageNet",
          "ImageId,PredictionString\nval_3,n00000030 85 1 499 272 \n"
          "val_1,n00000010 1 2 3 4 n00000010 5 6 7 8 \nval_2,n00000020 0 0 1 1 \n",
          "n00000010|n00000020|n00000030" },
        { "numbers", "image,label\r\nval_1.JPEG,0\r\nval_2.JPEG,1\r\nval_3.png,2\r\n", "0|1|2" },
        { "no header", "val_1.JPEG,0\nval_2.JPEG,1\nval_3.png,2\n", "0|1|2" },
        { "QUOTE_ALL",
          "\"image\",\"label\"\r\n\"val_1.JPEG\",\"ant, \"\"red\"\"\"\r\n"
          "\"val_2.JPEG\",\"bee\"\r\n\"val_3.png\",\"cat\"\r\n",
          "ant, \"red\"|bee|cat" },
        { "QUOTE_NONNUMERIC", "\"val_1.JPEG\",0\n\"val_2.JPEG\",1\n\"val_3.png\",2", "0|1|2" },
        { "tabs", "val_1.JPEG\tant of wood\nval_2.JPEG\tbee\nval_3.png\tcat\n",
          "ant of wood|bee|cat" },
        { "tabs and a header", "id\tbreed\nval_1\tant\nval_2\tbee\nval_3\tcat\n", "ant|bee|cat" },
        { "semicolons, a mark",
          "\xEF\xBB\xBF"
          "Name;Class\r\nval_1.JPEG;ant\r\nval_2.JPEG;bee\r\n"
          "val_3.png;cat\r\n",
          "ant|bee|cat" },
        { "pandas' index",
          ",label,split,Image Path\n0,ant,val,v/val_1.JPEG\n"
          "1,bee,val,v/val_2.JPEG\n2,cat,val,v/deep/val_3.png\n",
          "ant|bee|cat" },
        { "label first", "class,file_name\nant,val_1.JPEG\nbee,val_2.JPEG\ncat,deep/val_3.png\n",
          "ant|bee|cat" },
        { "a header of other words", "Bild,Tier\nval_1.JPEG,ant\nval_2.JPEG,bee\nval_3.png,cat\n",
          "ant|bee|cat" },
        { "blanks", "val_1 0\n./val_2 1\ndeep/val_3 2\n", "0|1|2" },
        { "blanks around",
          "image , label\nval_1.JPEG , ant\n val_2.JPEG,\tbee\n"
          "val_3.png,\"cat\" \n",
          "ant|bee|cat" },
    };

    (void)state;
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        alx_dataset *set = NULL;
        char classes[256] = "";

        print_message("%s\n", cases[n].why);
        assert_ok(open_labelled(&set, cases[n].labels));
        assert_int_equal(alx_dataset_count(set), 3);
        for (int i = 0; i < alx_dataset_classes(set); ++i)
            snprintf(classes + strlen(classes), sizeof classes - strlen(classes), "%s%s",
                     i > 0 ? "|" : "", alx_dataset_class_name(set, i));
        assert_string_equal(classes, cases[n].classes);
        for (size_t i = 0; i < 3; ++i)
            assert_int_equal(alx_dataset_label(set, i), (i + 2) % 3);
        alx_dataset_close(set);
    }
}

static void commas_in_names_make_no_table(void **state)
{
    alx_dataset *set = NULL;

    (void)state;
    test_folder_write(&test_own_folder, "a, b.jpg", "");
    test_folder_write(&test_own_folder, "commas.txt", "a, b.jpg 0\nc, d.jpg 1\n");
    assert_ok(alx_dataset_open(&set, here("commas.txt"), ALX_SPLIT_TRAIN));
    char name[1024];

    alx_dataset_image_name(set, 1, name, sizeof name);
    assert_non_null(strstr(name, "/c, d.jpg"));
    assert_int_equal(alx_dataset_label(set, 1), 1);
    alx_dataset_close(set);
}

static void wrong_tables_are_told(void **state)
{
    static const struct {
        const char *labels, *message;
    } cases[] = {
        { "image,label\nval_1.JPEG,0\nval_2.JPEG,1,\n", "line 3: 3 columns, 2 in the first" },
        { "image,label\n\"val_1.JPEG,0\nval_2,1\n", "line 2: a quote that is not closed" },
        { "image,label\n\"val_1\".JPEG,0\nval_2,1\n", "line 2: a quote that is not closed, or" },
        { "image,label\nval_1.JPEG,\nval_2,1\n", "line 2: no label" },
        { "image,label\n,0\nval_2,1\n", "line 2: no name" },
        { "0,val_1.JPEG,ant\n1,val_2.JPEG,bee\n", "line 1: more than two columns, and no header" },
        { "image,label\nval_1,0\nval_2,0\n\nval_3,0\nval_1,1\n", "lines 2 and 6: val_1 is" },
        { "image,label\nval_1,0\nval_2,0\n", "no label of deep/val_3.png" },
        { "image,label\nval_1,0\nval_2,x\nval_3,1\n", "line 3: label 'x': names and numbers are" },
        { "image,label\n", "no labels in it" },
    };

    (void)state;
    for (size_t n = 0; n < ALX_COUNT(cases); ++n) {
        alx_dataset *set = NULL;

        assert_int_equal(open_labelled(&set, cases[n].labels), ALX_E_DATA);
        assert_null(set);
        if (strstr(alx_status_text(ALX_E_DATA), cases[n].message) == NULL)
            fail_msg("want '%s', got '%s'", cases[n].message, alx_status_text(ALX_E_DATA));
    }
}

/* One line must not label two images: which one is meant? */
static void a_name_that_fits_two_images_is_refused(void **state)
{
    const test_file image = test_png_plain(1, 1, 0, 0, 0);
    alx_dataset *set = NULL;

    (void)state;
    test_folder_write_bytes(&test_own_folder, "v/val_1.png", image.bytes, image.count);
    free(image.bytes);
    assert_int_equal(open_labelled(&set, "val_1 0\nval_2 1\nval_3 2\n"), ALX_E_DATA);
    assert_non_null(
        strstr(alx_status_text(ALX_E_DATA), "line 1: val_1 may be val_1.JPEG or val_1.png"));
    assert_ok(open_labelled(&set, "val_1.png 0\nval_1 1\nval_2 1\nval_3 2\n"));
    assert_int_equal(alx_dataset_label(set, 1), 1); /* val_1.JPEG */
    assert_int_equal(alx_dataset_label(set, 2), 0);
    alx_dataset_close(set);
}

/* Every name in a new place, 60,000 of them and as many lines, is a matter of a moment. */
static void many_classes_are_found(void **state)
{
    enum { CLASSES = 60000, STEP = 7919 }; /* a prime: i * STEP visits all */
    char *text = test_alloc(CLASSES * 32), *classes = test_alloc(CLASSES * 16);
    size_t used = 0, class_bytes = 0;
    alx_dataset *set = NULL;

    (void)state;
    for (int i = 0; i < CLASSES; ++i) {
        used += (size_t)sprintf(text + used, "c%05d.png k%05d\n", i,
                                (int)((long)i * STEP % CLASSES));
        class_bytes += (size_t)sprintf(classes + class_bytes, "k%05d\n",
                                       (int)((long)i * 101 % CLASSES));
    }
    test_folder_write(&test_own_folder, "many.txt", text);
    test_folder_write(&test_own_folder, "c00000.png", "");
    test_folder_write(&test_own_folder, "many.classes", classes);
    for (int given = 0; given < 2; ++given) {
        const alx_dataset_options options = { .classes = given ? here("many.classes") : NULL };

        assert_ok(alx_dataset_open_with(&set, here("many.txt"), ALX_SPLIT_TRAIN, &options));
        assert_int_equal(alx_dataset_classes(set), CLASSES);
        for (size_t i = 0; i < CLASSES; ++i) {
            char want[16];

            sprintf(want, "k%05d", (int)(i * STEP % CLASSES));
            assert_string_equal(alx_dataset_class_name(set, alx_dataset_label(set, i)), want);
        }
        alx_dataset_close(set);
    }
    free(text);
    free(classes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_every_dialect_are_read),
        cmocka_unit_test(commas_in_names_make_no_table),
        cmocka_unit_test(wrong_tables_are_told),
        cmocka_unit_test(many_classes_are_found),
        cmocka_unit_test(a_name_that_fits_two_images_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
