/* test_splits.c - data sets as people have them: splits by many names, folders too high and too
 * deep, what other programs leave beside the images. Each as a folder and as a tar. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "data/splits.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

/** A path that ends in '/' is a folder; any other a picture. */
typedef struct layout_case {
    const char *paths;
    const char *train, *test; /**< "label:path label:path", or "! message" */
} layout_case;

/* ---- names --------------------------------------------------------------------------------- */

static void names_of_splits_are_known(void **state)
{
    static const struct {
        data_role role;
        const char *names[14];
    } cases[] = {
        { DATA_ROLE_TRAIN,
          { "train", "Train", "TRAIN", "training", "train_set", "trainset", "Training Set",
            "train-images", "train2017", "seg_train", "trainval", "train_val",
            "ILSVRC2012_img_train", "ilsvrc12_train_lmdb" } },
        { DATA_ROLE_TEST,
          { "test", "Test", "testing", "test_set", "testset", "test1", "seg_test", "images-test",
            "TestImages" } },
        { DATA_ROLE_VAL,
          { "val", "valid", "Validation", "validation_set", "dev", "eval", "evaluation", "val2012",
            "imagenet_val", "valset" } },
        { DATA_ROLE_NONE,
          { "cat", "test_tube", "steam_train", "trainer", "testament", "valley", "devil", "data",
            "images", "n01440764", "train_test", "0", "evalset_x", "retrieval" } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        for (size_t k = 0; k < ALX_COUNT(cases[i].names) && cases[i].names[k] != NULL; ++k)
            if (data_role_of(cases[i].names[k], strlen(cases[i].names[k]), NULL) != cases[i].role)
                fail_msg("%s", cases[i].names[k]);
}

/* ---- trees --------------------------------------------------------------------------------- */

static void write_tree(const test_folder *root, const char *paths)
{
    const test_file image = test_png_plain(1, 1, 10, 20, 30);
    test_tar *tar = test_tar_open(test_folder_path(root, "x.tar"));
    char copy[1024], inside[1100], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", paths);
    assert_ok(base_mkdirs(test_folder_path(root, "x")));
    for (char *path = strtok_r(copy, " ", &rest); path != NULL; path = strtok_r(NULL, " ", &rest)) {
        snprintf(inside, sizeof inside, "x/%s", path);
        if (path[strlen(path) - 1] == '/') {
            test_tar_add_folder(tar, path);
            assert_ok(base_mkdirs(test_folder_path(root, inside)));
        } else {
            test_tar_add(tar, path, image.bytes, image.count);
            test_folder_write_bytes(root, inside, image.bytes, image.count);
        }
    }
    test_tar_close(tar);
    free(image.bytes);
}

/* "0:cat/1.png 1:dog/1.png" */
static void describe(char *text, size_t bytes, const alx_dataset *set, size_t skip)
{
    char name[1024];

    text[0] = '\0';
    for (size_t i = 0; i < alx_dataset_count(set); ++i) {
        const size_t used = strlen(text);

        alx_dataset_image_name(set, i, name, sizeof name);
        snprintf(text + used, bytes - used, "%s%d:%s", i > 0 ? " " : "", alx_dataset_label(set, i),
                 name + skip);
    }
}

static void assert_split(const char *path, alx_split split, const char *want, bool alone)
{
    const alx_dataset_options options = { .alone = alone };
    alx_dataset *set = NULL;
    char got[2048];
    const int rc = alx_dataset_open_with(&set, path, split, &options);

    if (rc != 0)
        snprintf(got, sizeof got, "! %s", alx_status_text(rc));
    else
        describe(got, sizeof got, set, strlen(path) + 1);
    if (want[0] == '!' ? rc != ALX_E_DATA || strstr(got, want + 2) == NULL : strcmp(got, want) != 0)
        fail_msg("%s, split %d: %s\nwant %s", path, split, got, want);
    alx_dataset_close(set);
}

static void assert_case(const layout_case *c)
{
    test_folder root = test_folder_create();
    static const char *const sources[] = { "x", "x.tar" };

    write_tree(&root, c->paths);
    for (size_t i = 0; i < ALX_COUNT(sources); ++i) {
        const char *path = test_folder_path(&root, sources[i]);

        assert_split(path, ALX_SPLIT_TRAIN, c->train, false);
        assert_split(path, ALX_SPLIT_TEST, c->test, false);
    }
    test_folder_remove(&root);
}

#define NO_TEST "! no test or val folder with class folders in it"
#define NO_TRAIN "! no train folder with class folders in it"

static void splits_are_found_by_any_name(void **state)
{
    static const layout_case cases[] = {
        { "Train/cat/1.png Train/dog/1.png Test/cat/2.png", "0:Train/cat/1.png 1:Train/dog/1.png",
          "0:Test/cat/2.png" },
        { "train/cat/1.png valid/cat/2.png", "0:train/cat/1.png", "0:valid/cat/2.png" },
        { "training_set/a/1.png test_set/a/2.png", "0:training_set/a/1.png", "0:test_set/a/2.png" },
        { "seg_train/seg_train/a/1.png seg_test/seg_test/a/2.png seg_pred/seg_pred/3.png",
          "0:seg_train/seg_train/a/1.png", "0:seg_test/seg_test/a/2.png" },
        { "Final_Training/Images/00/1.png Final_Training/Images/01/1.png "
          "Final_Test/Images/2.png",
          "0:Final_Training/Images/00/1.png "
          "1:Final_Training/Images/01/1.png",
          "! " },
        /* words that are one only without the blanks between them */
        { "steam_train/1.png s_team_test/2.png", "0:s_team_test/2.png 1:steam_train/1.png",
          NO_TEST },
        { "dogs_train/a/1.png dogs_train/b/1.png dogs_test/b/2.png",
          "0:dogs_train/a/1.png 1:dogs_train/b/1.png", "1:dogs_test/b/2.png" },
        { "train/a/1.png test/a/2.png val/a/3.png", "0:train/a/1.png", "0:test/a/2.png" },
        { "train/a/1.png test/2.png Val/a/3.png", "0:train/a/1.png", "0:Val/a/3.png" },
        { "train/a/1.png Train/a/2.png", "0:train/a/1.png", NO_TEST },
        { "training/a/1.png train_images/a/1.png", "0:training/a/1.png", NO_TEST },
        { "trainset/a/1.png train_images/a/1.png",
          "! both train_images/ and trainset/ look like the train images",
          "! both train_images/ and trainset/ look like the train images" },
        { "Validation/a/1.png", NO_TRAIN, "0:Validation/a/1.png" },
        { "val-images/a/1.png val-images/b/1.png", "0:val-images/a/1.png 1:val-images/b/1.png",
          NO_TEST },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_case(&cases[i]);
}

static void leading_folders_are_skipped_however_many(void **state)
{
    static const layout_case cases[] = {
        { "sets/mine/train/a/1.png sets/mine/test/a/2.png", "0:sets/mine/train/a/1.png",
          "0:sets/mine/test/a/2.png" },
        { "p/q/r/a/1.png p/q/r/b/1.png", "0:p/q/r/a/1.png 1:p/q/r/b/1.png", NO_TEST },
        { "p/q/train/a/1.png p/q/test/a/2.png __MACOSX/p/q/train/a/1.png .DS_Store p/.DS_Store "
          "readme.txt p/notes.txt",
          "0:p/q/train/a/1.png", "0:p/q/test/a/2.png" },
        { "p/cover.png p/train/a/1.png p/test/a/2.png", "0:p/train/a/1.png", "0:p/test/a/2.png" },
        { "train/train/a/1.png train/test/a/2.png", "0:train/train/a/1.png",
          "0:train/test/a/2.png" },
        { "Test/train/a/1.png Test/val/a/2.png", "0:Test/train/a/1.png", "0:Test/val/a/2.png" },
        { "p/a/1.png p/b/1.png docs.txt", "0:p/a/1.png 1:p/b/1.png", NO_TEST },
        { "sets/a/1.png", "0:sets/a/1.png", NO_TEST },
        { "a/1.png", "0:a/1.png", NO_TEST },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_case(&cases[i]);
}

/* Never one class with training and test images together. */
static void splits_are_no_classes(void **state)
{
    static const char own[] = "! is called like a split, where classes or their images";
    static const layout_case cases[] = {
        { "one/train/a/1.png one/test/a/2.png two/train/a/1.png", own, NO_TEST },
        { "cat/train/1.png cat/test/2.png dog/train/1.png dog/test/2.png", own, NO_TEST },
        { "p/one/more/Train/a/1.png p/two/x/1.png", own, NO_TEST },
        { "bus/1.png car/1.png train/1.png", "! train is called like a split but lies beside bus/",
          "! train is called like a split but lies beside bus/" },
        { "train/a/1.png train/b/1.png train/test/a/2.png", own, NO_TEST },
        { "train/1.png test/2.png",
          "! images of train must be in class folders, train/<class>/; "
          "2 images lie in no class folder",
          "! images of train must be in class folders" },
        { "train/train/1.png train/test/2.png", "! must be in class folders", "! must be in" },
        /* the vehicle, a trial and a tube */
        { "train/bus/1.png train/train/1.png test/train/2.png",
          "0:train/bus/1.png 1:train/train/1.png", "1:test/train/2.png" },
        { "bus/1.png test_tube/1.png steam_train/1.png",
          "0:bus/1.png 1:steam_train/1.png 2:test_tube/1.png", NO_TEST },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_case(&cases[i]);
}

static void folders_of_other_programs_are_left_out(void **state)
{
    static const layout_case cases[] = {
        { "cat/1.png cat/@eaDir/1.png/THUMB.png dog/1.png @eaDir/cat/2.png __MACOSX/cat/._1.png "
          "lost+found/ $RECYCLE.BIN/9.png .ipynb_checkpoints/1.png dog/.thumbnails/1.png "
          "#recycle/1.png dog/._2.png dog/.3.png cat/.h/4.png cat/thumbs.db",
          "0:cat/1.png 1:dog/1.png", NO_TEST },
        { "train/cat/1.png train/@eaDir/2.png test/cat/3.png @eaDir/4.png", "0:train/cat/1.png",
          "0:test/cat/3.png" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_case(&cases[i]);
}

static void jpegs_have_many_endings(void **state)
{
    const layout_case c = { "a/1.jfif a/2.JPE a/3.jif a/4.pjpeg a/5.pjp a/6.jfi a/7.webp a/8.bmp "
                            "a/9.txt b/1.JPG",
                            "0:a/1.jfif 0:a/2.JPE 0:a/3.jif 0:a/4.pjpeg 0:a/5.pjp 0:a/6.jfi "
                            "1:b/1.JPG",
                            NO_TEST };
    const layout_case none = { "a/1.webp a/2.WebP a/3.gif b/1.jpg",
                               "! class folder a holds no JPEG or PNG but 2 .webp, 1 .gif",
                               NO_TEST };

    (void)state;
    assert_case(&c);
    assert_case(&none);
}

/* As ImageNet is handed out by one of its public copies. */
static void names_of_synsets_need_no_folders(void **state)
{
    static const layout_case cases[] = {
        { "n02_x.png n01440764_1_n01440764.png", "! 2 images lie in no class folder", NO_TEST },
        { "n01443537_9.png n01440764_1_n01440764.png ILSVRC2012_val_00000001_n01443537.png",
          "0:n01440764_1_n01440764.png 1:ILSVRC2012_val_00000001_n01443537.png "
          "1:n01443537_9.png",
          NO_TEST },
        { "train/n01440764_1_n01440764.png train/n01443537_2_n01443537.png "
          "val/ILSVRC2012_val_00000001_n01443537.png test/ILSVRC2012_test_00000001.png",
          "0:train/n01440764_1_n01440764.png 1:train/n01443537_2_n01443537.png",
          "1:val/ILSVRC2012_val_00000001_n01443537.png" },
        { "n01440764_1_n01443537.png", "! 1 image lies in no class folder", NO_TEST },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        assert_case(&cases[i]);
}

/* ImageNet-A has synset folders and no splits; a test set may have a part of the classes. */
static void test_images_stand_alone(void **state)
{
    test_folder root = test_folder_create();

    (void)state;
    write_tree(&root, "imagenet-a/n02/1.png imagenet-a/n01/1.png");
    assert_split(test_folder_path(&root, "x"), ALX_SPLIT_TEST,
                 "0:imagenet-a/n01/1.png 1:imagenet-a/n02/1.png", true);
    assert_split(test_folder_path(&root, "x.tar"), ALX_SPLIT_TEST,
                 "0:imagenet-a/n01/1.png 1:imagenet-a/n02/1.png", true);
    test_folder_remove(&root);
    root = test_folder_create();
    write_tree(&root, "train/a/1.png train/b/1.png test/b/2.png test/c/2.png test/d/");
    assert_split(test_folder_path(&root, "x"), ALX_SPLIT_TEST, "0:test/b/2.png 1:test/c/2.png",
                 true);
    test_folder_remove(&root);
}

/* Runs resume by it: as it was before splits had other names, and wherever the set lies. */
static void fingerprints_stay(void **state)
{
    static const char *const trees[] = {
        "train/a/1.png train/b/1.png test/a/2.png",
        "Training_Set/a/1.png Training_Set/b/1.png valid/a/2.png",
        "p/q/train/train/a/1.png p/q/train/train/b/1.png p/q/test/a/2.png __MACOSX/a/1.png",
    };
    char first[2][33] = { "", "" };
    alx_dataset *set = NULL;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(trees); ++i) {
        test_folder root = test_folder_create();

        write_tree(&root, trees[i]);
        for (int split = 0; split < 2; ++split) {
            assert_ok(alx_dataset_open(&set, test_folder_path(&root, "x.tar"), (alx_split)split));
            if (i == 0)
                snprintf(first[split], sizeof first[split], "%s", alx_dataset_fingerprint(set));
            assert_string_equal(alx_dataset_fingerprint(set), first[split]);
            alx_dataset_close(set);
        }
        test_folder_remove(&root);
    }
    assert_ok(alx_dataset_open(&set, TEST_DIR "/data/cifar10-mini.tar.gz", ALX_SPLIT_TRAIN));
    assert_string_equal(alx_dataset_fingerprint(set), "db08a65765525a935352d9cf38a32a8c");
    alx_dataset_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_splits_are_known),
        cmocka_unit_test(splits_are_found_by_any_name),
        cmocka_unit_test(leading_folders_are_skipped_however_many),
        cmocka_unit_test(splits_are_no_classes),
        cmocka_unit_test(folders_of_other_programs_are_left_out),
        cmocka_unit_test(jpegs_have_many_endings),
        cmocka_unit_test(names_of_synsets_need_no_folders),
        cmocka_unit_test(test_images_stand_alone),
        cmocka_unit_test(fingerprints_stay),
    };

    alx_log_set_level(ALX_LOG_QUIET);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
