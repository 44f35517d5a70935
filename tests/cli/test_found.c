/* test_found.c - what pack, train and eval say of the data that they found: images, classes, splits
 * by their names, what is left out and why, and what looks wrong. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"

/* A picture at each of the paths, separated by spaces. */
static void put(const char *paths)
{
    const test_file image = test_png_plain(40, 40, 10, 20, 30);
    char copy[1024], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", paths);
    for (char *path = strtok_r(copy, " ", &rest); path != NULL; path = strtok_r(NULL, " ", &rest))
        test_folder_write_bytes(&test_own_folder, path, image.bytes, image.count);
    free(image.bytes);
}

static void assert_says(const test_run *run, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (strstr(run->err, lines[i]) == NULL)
            fail_msg("without \"%s\":\n%s", lines[i], run->err);
}

/* Lines of facts fit a terminal; a warning has a path in it. */
static void assert_fits(const test_run *run)
{
    for (const char *line = run->err; *line != '\0';) {
        const size_t length = strcspn(line, "\n");

        if (length > 80 && strncmp(line, "warning: ", 9) != 0)
            fail_msg("%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void pack_says_what_it_found(void **state)
{
    static const char *const lines[] = {
        "found       4 images of 2 classes in p/q/Train/\n",
        "classes     cat, dog\n",
        "test        2 images of 1 of the 2 classes in p/q/valid/\n",
        "left out    extra/, test/ (1 image in no class folder), 1 hidden file,\n"
        "            2 ._ (macOS) files, 3 other files, 2 folders @eaDir,\n"
        "            1 folder __MACOSX, 2 .webp, 1 .tiff\n",
        "1 image in folders of a class folder, such as p/q/Train/dog/pups, is taken as of that",
    };

    (void)state;
    put("a/p/q/Train/cat/1.png a/p/q/Train/cat/2.jfif a/p/q/Train/dog/1.png "
        "a/p/q/Train/dog/pups/2.png a/p/q/valid/cat/1.png a/p/q/valid/cat/2.png a/p/q/test/9.png "
        "a/p/q/extra/1.png a/p/.DS_Store a/p/q/Train/cat/._1.png a/p/q/valid/cat/._2.png "
        "a/p/q/Train/cat/Thumbs.db a/readme.txt a/p/q/valid/notes.txt a/__MACOSX/p/1.png "
        "a/p/q/Train/cat/@eaDir/1.png/T.png a/p/q/valid/cat/@eaDir/1.png a/p/q/Train/dog/3.webp "
        "a/p/q/valid/cat/3.WEBP a/p/q/Train/dog/3.tiff");
    test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "a"), "-o",
                                    test_folder_path(&test_own_folder, "a-db"));

    test_assert_run(&run, 0, "");
    assert_says(&run, lines, ALX_COUNT(lines));
    assert_fits(&run);
    assert_non_null(strstr(run.out, "images  6\n"));
    test_run_free(&run);
}

/* Images in no class folder, with their labels in a file. */
static void what_labels_leave_out_is_said(void **state)
{
    (void)state;
    put("l/1.png l/2.png l/3.bmp l/deep/4.png l/@eaDir/5.png");
    test_folder_write(&test_own_folder, "labels.txt", "cat\ndog\ncat\n");
    test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "l"), "--labels",
                                    test_folder_path(&test_own_folder, "labels.txt"), "-o",
                                    test_folder_path(&test_own_folder, "l-db"));

    test_assert_run(&run, 0,
                    "found       3 images of 2 classes\nclasses     cat, dog\n"
                    "left out    1 folder @eaDir, 1 .bmp\n");
    test_run_free(&run);
}

/* Images in no class folder, beside a folder of their outlines. */
static void classes_that_are_none_are_warned_of(void **state)
{
    static const char *const lines[] = {
        "class 'images' is called like a folder of images, not like a class",
        "classes     annotations, images\n",
    };

    (void)state;
    put("i/images/cat_1.png i/annotations/trimaps/cat_1.png");
    test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "i"), "-o",
                                    test_folder_path(&test_own_folder, "i-db"));

    test_assert_run(&run, 0, "");
    assert_says(&run, lines, ALX_COUNT(lines));
    test_run_free(&run);
}

static void what_looks_wrong_is_warned_of(void **state)
{
    static const char *const lines[] = {
        "found       2 images of 1 class in sets/, not split\n",
        "one class only, 'mine'",
    };
    static const char *const named[] = {
        "class 'train' is called like a split",
        "found       2 images of 2 classes in train/\n",
        "test        1 image of 1 of the 2 classes in test/\n",
    };

    (void)state;
    put("b/sets/mine/1.png b/sets/mine/2.png");
    test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "b"), "-o",
                                    test_folder_path(&test_own_folder, "b-db"));

    test_assert_run(&run, 0, "");
    assert_says(&run, lines, ALX_COUNT(lines));
    assert_null(strstr(run.err, "no test images")); /* "not split" has said it */
    test_run_free(&run);
    put("m/train/bus/1.png m/train/cat/2.png m/tset/bus/1.png");
    run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "m"), "-o",
                           test_folder_path(&test_own_folder, "m-db"));
    test_assert_run(&run, 0, "no test images");
    test_run_free(&run);
    put("c/train/bus/1.png c/train/train/2.png c/test/train/1.png");
    run = TEST_PROGRAM_RUN("train", "tiny", "--data", test_folder_path(&test_own_folder, "c"), "-o",
                           test_folder_path(&test_own_folder, "c-run"), "--max-steps", "1", "--set",
                           "data.validation=0");
    test_assert_run(&run, 0, "");
    assert_says(&run, named, ALX_COUNT(named));
    test_run_free(&run);
    put("k/bus/1.png k/rat/1.png");
    run = TEST_PROGRAM_RUN("eval", test_folder_path(&test_own_folder, "c-run"), "--data",
                           test_folder_path(&test_own_folder, "k"));
    test_assert_run(&run, 4, "class 'rat' is none of the 2 classes of ");
    test_run_free(&run);
}

/* Also DEL, and the next line of C1, U+0085. */
static void names_with_control_characters_are_refused(void **state)
{
    static const char *const names[] = { "d/a\nb/1.png", "e/a\tb/1.png", "f/a\x7F/1.png",
                                         "g/caf\xC2\x85/1.png", "h/a\x1B[0m/1.png" };
    const test_file image = test_png_plain(1, 1, 10, 20, 30);
    char folder[2] = "";

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        test_folder_write_bytes(&test_own_folder, names[i], image.bytes, image.count);
        folder[0] = names[i][0];
        test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, folder), "-o",
                                        test_folder_path(&test_own_folder, "none"));

        test_assert_run(&run, 4, "has a control character");
        assert_null(strpbrk(run.err, "\t\x7F\x1B\x85"));
        test_run_free(&run);
        assert_false(base_file_exists(test_folder_path(&test_own_folder, "none.partial")));
    }
    free(image.bytes);
    test_folder_write(&test_own_folder, "list.txt", "a/p/q/Train/cat/1.png 0\n");
    test_folder_write(&test_own_folder, "names.txt", "c\tat\n");
    test_run run = TEST_PROGRAM_RUN("pack", test_folder_path(&test_own_folder, "list.txt"),
                                    "--classes", test_folder_path(&test_own_folder, "names.txt"),
                                    "-o", test_folder_path(&test_own_folder, "none"));

    test_assert_run(&run, 4, "has a control character");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack_says_what_it_found),
        cmocka_unit_test(what_labels_leave_out_is_said),
        cmocka_unit_test(classes_that_are_none_are_warned_of),
        cmocka_unit_test(what_looks_wrong_is_warned_of),
        cmocka_unit_test(names_with_control_characters_are_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
