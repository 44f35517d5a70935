/* test_cmd_eval.c - several checkpoints and crops, the files of a report, class names. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/data.h"
#include "support/folder.h"
#include "support/images.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void train(const char *name, const char *seed)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "30", "--seed",
                                    seed, "--set", "data.resize=36", "--set", "data.pad=0", "-o",
                                    in_folder(name));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static int train_two(void **state)
{
    (void)state;
    folder = test_folder_create();
    train("a", "1");
    train("b", "2");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

static cJSON *eval_json(test_run run)
{
    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_non_null(tree);
    test_run_free(&run);
    return tree;
}

static double number(const cJSON *tree, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(tree, name);

    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

/* A network twice is the network, but for the last digits; one checkpoint's loss is not two's. */
static void ensembles_average(void **state)
{
    const char *const a = in_folder("a"), *const b = in_folder("b");
    cJSON *one = eval_json(TEST_PROGRAM_RUN("eval", a, "--ten-crop", "--json", "-q"));
    cJSON *twice = eval_json(TEST_PROGRAM_RUN("eval", a, a, "--ten-crop", "--json", "-q"));
    cJSON *both = eval_json(TEST_PROGRAM_RUN("eval", a, b, "--ten-crop", "--json", "-q"));
    cJSON *centre = eval_json(TEST_PROGRAM_RUN("eval", a, "--json", "-q"));

    (void)state;
    assert_true(fabs(number(one, "loss") - number(twice, "loss")) < 1e-6);
    assert_true(number(one, "loss") != number(both, "loss"));
    assert_true(number(one, "loss") != number(centre, "loss"));
    assert_true(number(one, "crops") == 10 && number(centre, "crops") == 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(both, "checkpoints")), 2);
    cJSON_Delete(one);
    cJSON_Delete(twice);
    cJSON_Delete(both);
    cJSON_Delete(centre);
}

/* ---- the files of a report ------------------------------------------------------------------- */

typedef struct csv_sums {
    int lines;
    double all, diagonal;
} csv_sums;

/* Of the numbers after the first field of each line. */
static csv_sums sum_matrix(const char *path)
{
    csv_sums sums = { 0 };
    char *text = NULL, *line;
    size_t bytes = 0;

    assert_ok(alx_file_read(&text, &bytes, path));
    line = strchr(text, '\n') + 1;
    while (*line != '\0') {
        char *at = strchr(line, ',');

        for (int column = 0; *at == ','; ++column) {
            const double value = strtod(at + 1, &at);

            sums.all += value;
            sums.diagonal += column == sums.lines ? value : 0.0;
        }
        ++sums.lines;
        line = at + 1;
    }
    free(text);
    return sums;
}

static int count_lines(const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    int lines = 0;

    assert_ok(alx_file_read(&text, &bytes, path));
    for (size_t i = 0; i < bytes; ++i)
        lines += text[i] == '\n';
    free(text);
    return lines;
}

static void a_report_counts_every_image(void **state)
{
    cJSON *tree = eval_json(TEST_PROGRAM_RUN("eval", in_folder("a"), "--json", "-q", "-o",
                                             in_folder("report"), "--worst", "3"));
    const csv_sums sums = sum_matrix(in_folder("report/confusion.csv"));
    const cJSON *worst = cJSON_GetObjectItem(tree, "worst");
    const cJSON *confused = cJSON_GetObjectItem(tree, "confused");
    const double images = number(tree, "images"), right = number(tree, "top1") * images;
    alx_image picture = { 0 };
    char *png = NULL;
    size_t bytes = 0;

    (void)state;
    assert_int_equal(sums.lines, 10);
    assert_true(sums.all == images);
    assert_true(sums.diagonal > right - 0.5 && sums.diagonal < right + 0.5);
    assert_int_equal(count_lines(in_folder("report/classes.csv")), 11);
    assert_int_equal(count_lines(in_folder("report/images.csv")), 1 + (int)images);
    assert_int_equal(cJSON_GetArraySize(worst), 3);
    assert_int_equal(cJSON_GetArraySize(confused), 3);
    assert_true(number(worst->child, "loss") >= number(worst->child->next, "loss"));
    assert_true(number(confused->child, "images") >= number(confused->child->next, "images"));
    assert_ok(alx_file_read(&png, &bytes, in_folder("report/confusion.png")));
    assert_ok(alx_image_decode(&picture, (const uint8_t *)png, bytes, 0, "confusion.png"));
    free(png);
    assert_true(picture.width > 320 && picture.height > 320);
    alx_image_free(&picture);
    cJSON_Delete(tree);
}

/* ---- what images.csv says, counted here ------------------------------------------------------ */

enum { CLASSES = 10, FIELDS = 16 };

/** A table without quotes, cut into its fields. */
typedef struct csv_table {
    char *text;
    char *field[1100][FIELDS]; /* the first row is the header */
    size_t rows;
} csv_table;

static csv_table *read_table(const char *path)
{
    csv_table *table = test_alloc(sizeof *table);
    size_t bytes = 0;

    assert_ok(alx_file_read(&table->text, &bytes, path));
    table->rows = 0;
    for (char *line = table->text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char **fields = table->field[table->rows++];

        assert_true(table->rows < ALX_COUNT(table->field));
        *end = '\0';
        for (size_t i = 0; i < FIELDS; ++i) {
            fields[i] = line;
            line += strcspn(line, ",");
            if (*line == ',')
                *line++ = '\0';
        }
    }
    return table;
}

static void free_table(csv_table *table)
{
    free(table->text);
    free(table);
}

typedef struct counted {
    double images[CLASSES], top1[CLASSES], top5[CLASSES], loss[CLASSES];
    double matrix[CLASSES][CLASSES]; /* label, prediction */
    double all, all_top1, all_top5, all_loss, sixth;
} counted;

/* The place of a name in the header of confusion.csv, whose first field is no class. */
static size_t class_of(const csv_table *confusion, const char *name)
{
    for (size_t c = 0; c < CLASSES; ++c)
        if (strcmp(confusion->field[0][1 + c], name) == 0)
            return c;
    fail_msg("%s is no class", name);
    return 0;
}

/* image,label,predicted,rank,probability,loss */
static counted count_images(const char *path, const csv_table *confusion)
{
    csv_table *images = read_table(path);
    counted sums = { .all = (double)images->rows - 1.0 };

    for (size_t i = 1; i < images->rows; ++i) {
        char **const row = images->field[i];
        const size_t label = class_of(confusion, row[1]);
        const double rank = strtod(row[3], NULL), loss = strtod(row[5], NULL);

        ++sums.images[label];
        ++sums.matrix[label][class_of(confusion, row[2])];
        sums.top1[label] += rank == 0.0;
        sums.top5[label] += rank <= 4.0;
        sums.loss[label] += loss;
        sums.sixth += rank == 5.0;
        assert_int_equal(rank == 0.0, strcmp(row[1], row[2]) == 0);
        assert_true(fabs(exp(-loss) - strtod(row[4], NULL)) < 2e-6);
    }
    for (size_t c = 0; c < CLASSES; ++c) {
        sums.all_top1 += sums.top1[c];
        sums.all_top5 += sums.top5[c];
        sums.all_loss += sums.loss[c];
    }
    free_table(images);
    return sums;
}

static void assert_near(const char *what, double got, double want)
{
    if (!(fabs(got - want) < 2e-6))
        fail_msg("%s is %.9g, want %.9g", what, got, want);
}

static void assert_classes(const char *path, const csv_table *confusion, const counted *want)
{
    csv_table *classes = read_table(path);

    assert_int_equal(classes->rows, 1 + CLASSES);
    for (size_t c = 0; c < CLASSES; ++c) { /* index,class,images,top1,top5,loss */
        char **const row = classes->field[1 + c];

        assert_near("index", strtod(row[0], NULL), (double)c);
        assert_int_equal(class_of(confusion, row[1]), c);
        assert_near("images", strtod(row[2], NULL), want->images[c]);
        assert_near("top1", strtod(row[3], NULL), want->top1[c] / want->images[c]);
        assert_near("top5", strtod(row[4], NULL), want->top5[c] / want->images[c]);
        assert_near("loss", strtod(row[5], NULL), want->loss[c] / want->images[c]);
    }
    free_table(classes);
}

static void assert_confused(const char *path, const csv_table *confusion, const counted *want)
{
    csv_table *confused = read_table(path);
    size_t pairs = 0;

    for (size_t i = 1; i < confused->rows; ++i) { /* label,predicted,images */
        char **const row = confused->field[i];

        assert_near("a pair", strtod(row[2], NULL),
                    want->matrix[class_of(confusion, row[0])][class_of(confusion, row[1])]);
    }
    for (size_t label = 0; label < CLASSES; ++label)
        for (size_t c = 0; c < CLASSES; ++c) {
            const double cell = want->matrix[label][c];

            assert_string_equal(confusion->field[1 + label][0], confusion->field[0][1 + label]);
            assert_near("a cell", strtod(confusion->field[1 + label][1 + c], NULL), cell);
            pairs += label != c && cell > 0.0;
        }
    assert_int_equal(confused->rows, 1 + pairs);
    free_table(confused);
}

static void all_that_is_told_agrees(void **state)
{
    test_run text = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "-o", in_folder("told"));
    cJSON *tree = eval_json(TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "--json"));
    csv_table *confusion = read_table(in_folder("told/confusion.csv"));
    const counted want = count_images(in_folder("told/images.csv"), confusion);
    char lines[128];

    (void)state;
    assert_true(want.sixth > 0.0); /* else a rank too many would not show, nor one place less */
    assert_true(fmod(100.0 * want.all_top1, want.all) != 0.0);
    assert_classes(in_folder("told/classes.csv"), confusion, &want);
    assert_confused(in_folder("told/confused.csv"), confusion, &want);
    assert_near("top1", number(tree, "top1"), want.all_top1 / want.all);
    assert_near("top5", number(tree, "top5"), want.all_top5 / want.all);
    assert_near("loss", number(tree, "loss"), want.all_loss / want.all);
    snprintf(lines, sizeof lines, "images  1,000\nloss    %.4f\ntop-1   %.2f %%\ntop-5   %.2f %%\n",
             number(tree, "loss"), 100.0 * want.all_top1 / want.all,
             100.0 * want.all_top5 / want.all);
    test_assert_run(&text, 0, "");
    assert_string_equal(text.out, lines);
    free_table(confusion);
    cJSON_Delete(tree);
    test_run_free(&text);
}

/* A damaged image is left out of all numbers, and counted. */
static void bad_images_do_not_count(void **state)
{
    static const char *const classes[] = { "airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck" };
    cJSON *trees[2];

    (void)state;
    for (uint8_t i = 0; i < CLASSES; ++i) {
        const test_file image = test_png_plain(40, 40, (uint8_t)(i * 20), 100, 50);
        char name[64];

        snprintf(name, sizeof name, "some/test/%s/b.png", classes[i]);
        test_folder_write_bytes(&folder, name, image.bytes, image.count);
        free(image.bytes);
    }
    for (int bad = 0; bad < 2; ++bad) {
        trees[bad] = eval_json(TEST_PROGRAM_RUN("eval", in_folder("a"), "--data",
                                                in_folder("some"), "--skip-bad", "--json", "-b",
                                                "4"));
        test_folder_write_bytes(&folder, "some/test/cat/a.png", "text", 4);
    }
    assert_true(number(trees[0], "images") == 10.0 && number(trees[1], "images") == 10.0);
    assert_true(number(trees[0], "bad_images") == 0.0 && number(trees[1], "bad_images") == 1.0);
    assert_near("loss", number(trees[1], "loss"), number(trees[0], "loss"));
    assert_true(number(trees[1], "top1") == number(trees[0], "top1"));
    assert_true(number(trees[1], "top5") == number(trees[0], "top5"));
    test_run text = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("some"),
                                     "--skip-bad");

    test_assert_run(&text, 0, "left out: ");
    assert_non_null(strstr(text.out, "images  10\nbad     1\nloss "));
    test_run_free(&text);
    text = TEST_PROGRAM_RUN("eval", in_folder("a"), "--data", in_folder("some"));
    test_assert_run(&text, 4, "some/test/cat/a.png: neither JPEG nor PNG");
    assert_string_equal(text.out, "");
    test_run_free(&text);
    cJSON_Delete(trees[0]);
    cJSON_Delete(trees[1]);
}

/* A matrix of them all would be 40 GB: neither an evaluation nor its lists need it. */
static void many_classes_have_lists_but_no_matrix(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 10, 20);

    (void)state;
    test_folder_write_bytes(&folder, "many/0.png", image.bytes, image.count);
    test_folder_write_bytes(&folder, "many/1.png", image.bytes, image.count);
    free(image.bytes);
    test_folder_write(&folder, "many/list.txt", "0.png 99999\n1.png 46341\n");
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", in_folder("many/list.txt"),
                                    "--max-steps", "1", "--set", "net.classes=100000", "--set",
                                    "data.validation=0", "-o", in_folder("many-run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    run = TEST_PROGRAM_RUN("eval", in_folder("many-run/checkpoint-last"), "-o", in_folder("lists"));
    test_assert_run(&run, 0, "100000 classes are too many for confusion.csv and .png");
    test_run_free(&run);
    assert_in_range(count_lines(in_folder("lists/confused.csv")), 2, 3); /* twice one image */
    assert_int_equal(count_lines(in_folder("lists/classes.csv")), 100001);
    assert_int_equal(count_lines(in_folder("lists/images.csv")), 3);
    assert_false(alx_file_exists(in_folder("lists/confusion.png")));
}

/* ---- class names --------------------------------------------------------------------------- */

static void names_come_from_a_file(void **state)
{
    (void)state;
    test_folder_write(&folder, "words.txt", "bird  a bird, \"flying\"\r\ncat house cat\n");
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "-o", in_folder("named"),
                                    "--names", in_folder("words.txt"), "--worst", "20");
    char *text = NULL;
    size_t bytes = 0;

    test_assert_run(&run, 0, "");
    assert_non_null(strstr(run.out, "taken for "));
    assert_ok(alx_file_read(&text, &bytes, in_folder("named/classes.csv")));
    assert_non_null(strstr(text, "\n2,\"a bird, \"\"flying\"\"\",100,"));
    assert_non_null(strstr(text, "\n3,house cat,100,"));
    assert_non_null(strstr(text, "\n4,deer,100,"));
    free(text);
    test_run_free(&run);
}

static void names_of_other_classes_are_refused(void **state)
{
    (void)state;
    test_folder_write(&folder, "wrong.txt", "n01440764 tench\nn01443537 goldfish\n");
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "--names",
                                    in_folder("wrong.txt"));

    test_assert_run(&run, 4, "2 lines, not one for each of the checkpoint's 10 classes");
    test_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ensembles_average),
        cmocka_unit_test(a_report_counts_every_image),
        cmocka_unit_test(all_that_is_told_agrees),
        cmocka_unit_test(bad_images_do_not_count),
        cmocka_unit_test(many_classes_have_lists_but_no_matrix),
        cmocka_unit_test(names_come_from_a_file),
        cmocka_unit_test(names_of_other_classes_are_refused),
    };

    return cmocka_run_group_tests(tests, train_two, remove_folder);
}
