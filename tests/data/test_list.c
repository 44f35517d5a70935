/* test_list.c - lists by their content, with absolute paths; what is no data set is named. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

static const char *here(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void write_shade(const char *name, int red)
{
    const test_file image = test_png_plain(1, 1, (uint8_t)red, 0, 0);

    test_folder_write_bytes(&test_own_folder, name, image.bytes, image.count);
    free(image.bytes);
}

static int setup(void **state)
{
    const int rc = test_own_folder_make(state);

    write_shade("pics/a/1.png", 1);
    write_shade("pics/b/2.png", 12);
    return rc;
}

/* Images a/1.png and b/2.png, of classes 0 and 1. */
static void assert_pair(const char *list, const alx_dataset_options *options)
{
    alx_dataset *set = NULL;
    uint8_t rgb[3];
    char name[1024];

    assert_ok(alx_dataset_open_with(&set, here(list), ALX_SPLIT_TRAIN, options));
    assert_int_equal(alx_dataset_count(set), 2);
    for (size_t i = 0; i < 2; ++i) {
        alx_dataset_image_name(set, i, name, sizeof name);
        assert_non_null(strstr(name, i == 0 ? "/pics/a/1.png" : "/pics/b/2.png"));
        assert_null(strstr(name, "//"));
        assert_ok(alx_dataset_load(set, i, 1, rgb));
        assert_int_equal(rgb[0], i == 0 ? 1 : 12);
        assert_int_equal(alx_dataset_label(set, i), i);
    }
    alx_dataset_close(set);
}

static void lists_are_known_by_their_content(void **state)
{
    static const char *const names[] = { "pics/x.lst",    "pics/x.csv",
                                         "pics/list",     "pics/x.LST",
                                         "pics/x.txt",    "pics/x.flist",
                                         "pics/x.recent", "pics/labels-00000-of-00001.txt" };
    const alx_dataset_options none = { 0 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        test_folder_write(&test_own_folder, names[i],
                          i == 1 ? "image,label\na/1.png,0\nb/2.png,1\n" : "a/1.png 0\nb/2.png 1");
        assert_pair(names[i], &none);
    }
}

static void absolute_paths_say_where_images_are(void **state)
{
    const alx_dataset_options none = { 0 }, root = { .root = here("") },
                              deep = { .root = here("pics") };
    char text[2048];

    (void)state;
    snprintf(text, sizeof text, "%s 0\n%s 1\n", here("pics/a/1.png"), here("pics/b/2.png"));
    test_folder_write(&test_own_folder, "absolute.lst", text);
    assert_pair("absolute.lst", &none);
    assert_pair("absolute.lst", &root); /* which does not hold them */
    /* as tools have it that join the two */
    test_folder_write(&test_own_folder, "joined.lst", "/a/1.png 0\n/b/2.png 1\n");
    assert_pair("joined.lst", &deep);
    snprintf(text, sizeof text, "%s 0\npics/b/2.png 1\n", here("pics/a/1.png"));
    test_folder_write(&test_own_folder, "mixed.lst", text);
    assert_pair("mixed.lst", &none);
}

static void assert_told(const char *name, const void *bytes, size_t count, const char *message)
{
    alx_dataset *set = NULL;

    test_folder_write_bytes(&test_own_folder, name, bytes, count);
    assert_int_equal(alx_dataset_open(&set, here(name), ALX_SPLIT_TRAIN), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("%s: want '%s', got '%s'", name, message, alx_status_text(ALX_E_DATA));
}

/* First bytes as Python's zipfile, scipy.io.savemat, numpy.savez, pyarrow and pickle write them. */
static void files_of_other_kinds_are_named(void **state)
{
    static const struct {
        const char *name, *head, *message;
        size_t bytes;
    } cases[] = {
        { "x.zip", "PK\3\4\x14\0\0\0", "x.zip: is a zip archive: unpack it", 8 },
        { "x.npz", "PK\3\4\x14\0\0\0", "is NumPy's arrays (.npz): write its images into class", 8 },
        { "x.7z", "7z\xBC\xAF\x27\x1C\0\4", "is a 7z archive: unpack it", 8 },
        { "x.rar", "Rar!\x1A\7\1\0", "is a rar archive: unpack it", 8 },
        { "x.mat", "MATLAB 5.0 MAT-file, Platform", "is a file of MATLAB", 29 },
        { "v73.mat", "\x89HDF\r\n\x1A\n", "is an HDF5 file", 8 },
        { "x.parquet", "PAR1\x15\0", "is a Parquet file", 6 },
        { "train-00000-of-01024", "\x10\0\0\0\0\0\0\0", "is a TFRecord file", 8 },
        { "val.tfrecord", "\x10\0\0\0\0\0\0\0", "is a TFRecord file", 8 },
        { "imagenet.rec", "\x0A\x23\xD7\xCE", "is a RecordIO file", 4 },
        { "data_batch_1", "\x80\2}q\0", "is a pickle of Python's", 5 },
        { "x.pkl", "\x80\5K\1.", "is a pickle of Python's", 5 },
        { "train-images-idx3-ubyte", "\0\0\x08\3\0\0", "is images as MNIST has them", 6 },
        { "x.jpg", "\xFF\xD8\xFF\xE0\0\x10JFIF", "is a JPEG image: a data set is", 10 },
        { "x", "\1\2\3\4", "x: no data set: neither a tar (", 4 },
        { "x", "", "x: an empty file", 0 },
        { "x.lst",
          "\xFF\xFE"
          "a\0 \0"
          "0\0",
          "x.lst: is UTF-16: save it as UTF-8", 8 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_told(cases[i].name, cases[i].head, cases[i].bytes, cases[i].message);
}

/* Folders and archives of CIFAR that are not what is read. */
static void folders_of_other_kinds_are_named(void **state)
{
    static const struct {
        const char *folder, *name, *head;
        size_t bytes;
        const char *message;
    } cases[] = {
        { "mnist", "train-images-idx3-ubyte", "\0\0\x08\x03", 4, "is images as MNIST has them" },
        { "python", "train", "\x80\x02}", 3, "is a pickle of Python's" },
        { "parquet", "0000.parquet", "PAR1", 4, "is a Parquet file" },
        { "tars", "n01440764.tar", "", 0, "holds tars, as n01440764.tar, and no images" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_dataset *set = NULL;
        char name[128];

        snprintf(name, sizeof name, "%s/%s", cases[i].folder, cases[i].name);
        test_folder_write_bytes(&test_own_folder, name, cases[i].head, cases[i].bytes);
        assert_int_equal(alx_dataset_open(&set, here(cases[i].folder), ALX_SPLIT_TRAIN),
                         ALX_E_DATA);
        if (strstr(alx_status_text(ALX_E_DATA), cases[i].message) == NULL)
            fail_msg("%s", alx_status_text(ALX_E_DATA));
    }
}

static void forms_of_cifar_are_named(void **state)
{
    static const struct {
        const char *folder, *file, *message;
    } cases[] = {
        { "cifar-10-batches-py", "data_batch_1", ": holds CIFAR-10's Python batches: unpack" },
        { "cifar-100-python", "train", ": holds CIFAR-100's Python files" },
        { "cifar-100-binary", "fine_label_names.txt", ": holds CIFAR-100's binary files" },
        { "cifar-10-batches-bin", "data_batch_1.bin", ": holds CIFAR-10's binary files: unpack" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        char name[256];
        alx_dataset *set = NULL;
        test_tar *tar = test_tar_open(here("cifar.tar"));

        snprintf(name, sizeof name, "%s/", cases[i].folder);
        test_tar_add_folder(tar, name);
        snprintf(name, sizeof name, "%s/%s", cases[i].folder, cases[i].file);
        test_tar_add(tar, name, "\x80\2", 2);
        test_tar_close(tar);
        assert_int_equal(alx_dataset_open(&set, here("cifar.tar"), ALX_SPLIT_TRAIN), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), cases[i].message));
        if (i == 3)
            break; /* as a folder it is read */
        snprintf(name, sizeof name, "around%zu/%s/%s", i, cases[i].folder, cases[i].file);
        test_folder_write_bytes(&test_own_folder, name, "\x80\2", 2);
        for (int around = 0; around < 2; ++around) {
            *strrchr(name, '/') = '\0'; /* the folder itself, then the one around it */
            assert_int_equal(alx_dataset_open(&set, here(name), ALX_SPLIT_TRAIN), ALX_E_DATA);
            if (strstr(alx_status_text(ALX_E_DATA), cases[i].message) == NULL)
                fail_msg("%s", alx_status_text(ALX_E_DATA));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_known_by_their_content),
        cmocka_unit_test(absolute_paths_say_where_images_are),
        cmocka_unit_test(files_of_other_kinds_are_named),
        cmocka_unit_test(folders_of_other_kinds_are_named),
        cmocka_unit_test(forms_of_cifar_are_named),
    };
    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
