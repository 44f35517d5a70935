/* test_eval_report.c - the files of an evaluation, what it prints and its JSON say the same:
 * counted from the row of each image. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static int train_one(void **state)
{
    const int rc = test_own_folder_make(state);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "30", "-o",
                                    in_folder("a"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    return rc;
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

    assert_ok(base_file_read(&table->text, &bytes, path));
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

static void assert_text(const cJSON *tree, const char *name, const char *want)
{
    assert_string_equal(cJSON_GetObjectItem(tree, name)->valuestring, want);
}

/* The first of --worst, in print and as JSON, are the first rows of the files. */
static void assert_worst(const char *text, const cJSON *tree)
{
    csv_table *confused = read_table(in_folder("told/confused.csv"));
    csv_table *images = read_table(in_folder("told/images.csv"));
    const cJSON *pair = cJSON_GetObjectItem(tree, "confused")->child;
    const cJSON *worst = cJSON_GetObjectItem(tree, "worst")->child;
    char **const first = confused->field[1], **const image = images->field[1];
    char line[512];

    snprintf(line, sizeof line, "\nmost confused\n  %7s  %s, taken for %s\n", first[2], first[0],
             first[1]);
    assert_non_null(strstr(text, line));
    assert_text(pair, "label", first[0]);
    assert_text(pair, "predicted", first[1]);
    assert_near("the first pair", test_number(pair, "images"), strtod(first[2], NULL));
    snprintf(line, sizeof line, "\nworst images\n  loss %6.2f  %s: %s, taken for %s\n",
             strtod(image[5], NULL), image[0], image[1], image[2]);
    assert_non_null(strstr(text, line));
    assert_text(worst, "image", image[0]);
    assert_text(worst, "label", image[1]);
    assert_text(worst, "predicted", image[2]);
    assert_near("a probability", test_number(worst, "probability"), strtod(image[4], NULL));
    free_table(confused);
    free_table(images);
}

static void all_that_is_told_agrees(void **state)
{
    test_run text = TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "-o", in_folder("told"),
                                     "--worst", "2");
    cJSON *tree = test_run_json(
        TEST_PROGRAM_RUN("eval", in_folder("a"), "-q", "--json", "--worst", "2"));
    csv_table *confusion = read_table(in_folder("told/confusion.csv"));
    const counted want = count_images(in_folder("told/images.csv"), confusion);
    char lines[128];

    (void)state;
    assert_true(want.sixth > 0.0); /* else a rank too many would not show, nor one place less */
    assert_true(fmod(100.0 * want.all_top1, want.all) != 0.0);
    assert_classes(in_folder("told/classes.csv"), confusion, &want);
    assert_confused(in_folder("told/confused.csv"), confusion, &want);
    assert_near("top1", test_number(tree, "top1"), want.all_top1 / want.all);
    assert_near("top5", test_number(tree, "top5"), want.all_top5 / want.all);
    assert_near("loss", test_number(tree, "loss"), want.all_loss / want.all);
    snprintf(lines, sizeof lines, "images  1,000\nloss    %.4f\ntop-1   %.2f %%\ntop-5   %.2f %%\n",
             test_number(tree, "loss"), 100.0 * want.all_top1 / want.all,
             100.0 * want.all_top5 / want.all);
    test_assert_run(&text, 0, "");
    assert_int_equal(strncmp(text.out, lines, strlen(lines)), 0);
    assert_worst(text.out, tree);
    free_table(confusion);
    cJSON_Delete(tree);
    test_run_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_told_agrees),
    };

    return cmocka_run_group_tests(tests, train_one, test_own_folder_remove);
}
