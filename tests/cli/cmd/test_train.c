/* test_train.c - train, eval, predict, info and viz end to end on tiny.ini and real images:
 * what they print and where, the progress bar, an interrupt, and going on after it. */
#include "support/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tensors.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static const char *const class_names[] = { "airplane", "automobile", "bird",  "cat",  "deer",
                                           "dog",      "frog",       "horse", "ship", "truck" };

static test_folder folder;

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void assert_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

/* ---- training ------------------------------------------------------------------------------ */

static void plain_progress_where_there_is_no_terminal(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "5", "-o",
                                    in_folder("plain"), "--log-every", "2");

    (void)state;
    test_assert_run(&run, 0, "device      ");
    assert_contains(run.err, "CLBlast ");
    assert_contains(run.err, "algorithms  conv ");
    assert_contains(run.err, "run         ");
    assert_contains(run.err, in_folder("plain\n"));
    assert_contains(run.err, "epoch 1/4  step 2/");
    assert_contains(run.err, "epoch 1/4  step 4/");
    assert_null(strchr(run.err, '\033'));
    assert_string_equal(run.out, "");
    assert_true(base_file_exists(in_folder("plain/checkpoint-last")));
    assert_true(base_file_exists(in_folder("plain/filters.png")));
    test_run_free(&run);
}

static void bar_on_a_terminal(void **state)
{
    const char *const args[] = { "train", "tiny", "--data",         DATA, "--max-steps",
                                 "5",     "-o",   in_folder("bar"), NULL };
    test_run run = test_program_on_terminal(args, NULL, 0);

    (void)state;
    test_assert_run(&run, 0, "\r\033[Kepoch 1/4 [");
    assert_contains(run.err, "images/s");
    test_run_free(&run);
}

static void quiet_prints_nothing_but_results(void **state)
{
    const char *const args[] = { "train", "tiny", "--data",           DATA, "--max-steps",
                                 "2",     "-o",   in_folder("quiet"), "-q", NULL };
    test_run run = test_program_on_terminal(args, NULL, 0);

    (void)state;
    test_assert_run(&run, 0, "");
    assert_string_equal(run.err, "");
    test_run_free(&run);
}

/* Stopped by a signal after some step and resumed = never stopped. Steps take milliseconds: there
 * are many, so that on a loaded machine the signal comes before the last. */
static void interrupt_saves_and_resume_goes_on(void **state)
{
    const char *const args[] = { "train",      "tiny",  "--data",
                                 DATA,         "-o",    in_folder("stopped"),
                                 "--progress", "plain", "--log-every",
                                 "1",          NULL };
    test_run whole = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "-o", in_folder("whole"),
                                      "--max-steps", "400");
    test_run stopped = test_program_on_terminal(args, "step 3/", SIGINT);
    test_run resumed = TEST_PROGRAM_RUN("train", "--resume", in_folder("stopped"), "--max-steps",
                                        "400", "--epochs", "7");

    (void)state;
    test_assert_run(&whole, 0, "");
    test_assert_run(&stopped, 130, "alexnet: interrupted");
    test_assert_run(&resumed, 0, "changed     train.epochs: 4 -> 7");
    assert_int_equal(test_assert_same_tensors(in_folder("whole/checkpoint-last"),
                                              in_folder("stopped/checkpoint-last"), "param/"),
                     16);
    test_run_free(&whole);
    test_run_free(&stopped);
    test_run_free(&resumed);
}

/* Images are left out on request only; without statistics it is training that meets the bad one. */
static void a_damaged_image_ends_training(void **state)
{
    const test_file image = test_png_plain(40, 40, 200, 10, 20);
    const char *const args[] = { "train",     "tiny",
                                 "--data",    in_folder("damaged"),
                                 "--epochs",  "1",
                                 "--set",     "net.classes=2",
                                 "--set",     "data.mean=none",
                                 "--set",     "data.std=none",
                                 "-o",        in_folder("on-damaged"),
                                 "--skip-bad" };
    const char *unasked[ALX_COUNT(args)] = { NULL }, *asked[ALX_COUNT(args) + 1] = { NULL };

    (void)state;
    test_folder_write_bytes(&folder, "damaged/a/1.png", image.bytes, image.count);
    test_folder_write_bytes(&folder, "damaged/a/2.png", image.bytes, image.count / 2);
    test_folder_write_bytes(&folder, "damaged/b/3.png", image.bytes, image.count);
    free(image.bytes);
    memcpy(unasked, args, sizeof unasked - sizeof *unasked);
    memcpy(asked, args, sizeof args);
    test_run run = test_program(unasked);

    test_assert_run(&run, 4, "damaged/a/2.png: truncated PNG");
    assert_false(base_file_exists(in_folder("on-damaged/checkpoint-last")));
    test_run_free(&run);
    run = test_program(asked);
    test_assert_run(&run, 0, "left out: ");
    assert_contains(run.err, "damaged/a/2.png: truncated PNG");
    test_run_free(&run);
}

static void full_disk_is_an_error(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "-o", "/proc/nowhere/run");

    (void)state;
    test_assert_run(&run, 1, "alexnet: /proc/nowhere");
    test_run_free(&run);
}

/* ---- using what was trained ------------------------------------------------------------------ */

/* `count` lines from the one that begins with `from` on. */
static void assert_lines_fit(const char *text, const char *from, int count, size_t columns)
{
    const char *at = strstr(text, from);

    for (; count > 0; --count) {
        assert_non_null(at);
        const size_t length = strcspn(at, "\r\n");

        if (length > columns)
            fail_msg("%zu columns, at most %zu: %.*s", length, columns, (int)length, at);
        at = at[length] != '\0' ? at + length + strspn(at + length, "\r\n") : NULL;
    }
}

static void epochs_fit_a_narrow_terminal(void **state)
{
    const char *const args[] = { "train",      "tiny", "--data", DATA,
                                 "--epochs",   "1",    "-o",     in_folder("narrow"),
                                 "--progress", "none", NULL };

    (void)state;
    test_terminal_columns = 40;
    test_run run = test_program_on_terminal(args, NULL, 0);

    test_terminal_columns = 100;
    test_assert_run(&run, 0, "epoch 1: ");
    assert_lines_fit(run.err, "epoch 1: ", 4, 40);
    assert_contains(run.err, "  val   ");
    test_run_free(&run);
}

static test_run epoch_run;

static int train_an_epoch(void **state)
{
    folder = test_folder_create();
    epoch_run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--epochs", "1", "-o",
                                 in_folder("epoch"), "--diagnose");

    (void)state;
    test_assert_run(&epoch_run, 0, "val loss");
    assert_lines_fit(epoch_run.err, "epoch       lr ", 2, 80);
    assert_contains(epoch_run.out, "test: loss ");
    assert_true(base_file_exists(in_folder("epoch/curves.png")));
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_run_free(&epoch_run);
    test_folder_remove(&folder);
    return 0;
}

static void assert_near(double got, double want, double tolerance)
{
    if (!(got > want - tolerance && got < want + tolerance))
        fail_msg("%.9g, want %.9g", got, want);
}

/* epoch, lr, loss, top-1 and top-5 of training, then of validation. */
static void the_epochs_line_is_its_row(void **state)
{
    char *text = NULL;
    const char *line = strstr(epoch_run.err, "val loss");
    double got[8], want[9]; /* want[1] is the step */
    size_t bytes = 0;

    (void)state;
    assert_non_null(line);
    assert_int_equal(sscanf(strchr(line, '\n'), "%lf %lf %lf %lf %lf %lf %lf %lf", &got[0], &got[1],
                            &got[2], &got[3], &got[4], &got[5], &got[6], &got[7]),
                     8);
    assert_ok(base_file_read(&text, &bytes, in_folder("epoch/metrics.csv")));
    assert_int_equal(sscanf(strchr(text, '\n'), "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &want[0],
                            &want[1], &want[2], &want[3], &want[4], &want[5], &want[6], &want[7],
                            &want[8]),
                     9);
    free(text);
    assert_near(got[0], want[0], 1e-9);
    assert_near(got[1], want[2], 1e-5 * want[2]);
    for (size_t i = 2; i < 8; ++i) /* losses of 4 digits, percentages of 2 */
        assert_near(got[i], i == 2 || i == 5 ? want[i + 1] : 100.0 * want[i + 1],
                    i == 2 || i == 5 ? 5.1e-5 : 5.1e-3);
}

static void the_last_line_is_the_best_checkpoints_score(void **state)
{
    test_run json = TEST_PROGRAM_RUN("eval", in_folder("epoch/checkpoint-best"), "--json");
    cJSON *tree = cJSON_Parse(json.out);
    char line[128];

    (void)state;
    test_assert_run(&json, 0, "");
    assert_non_null(tree);
    snprintf(line, sizeof line, "test: loss %.4f, top-1 %.2f %%, top-5 %.2f %% of 1,000 images",
             cJSON_GetObjectItem(tree, "loss")->valuedouble,
             100.0 * cJSON_GetObjectItem(tree, "top1")->valuedouble,
             100.0 * cJSON_GetObjectItem(tree, "top5")->valuedouble);
    assert_contains(epoch_run.out, line);
    cJSON_Delete(tree);
    test_run_free(&json);
}

static void eval_scores_the_test_images(void **state)
{
    test_run text = TEST_PROGRAM_RUN("eval", in_folder("epoch"), "--data", DATA);
    test_run json = TEST_PROGRAM_RUN("eval", in_folder("epoch/checkpoint-best"), "--json", "-b",
                                     "7");

    (void)state;
    test_assert_run(&text, 0, "");
    test_assert_run(&json, 0, "");
    cJSON *tree = cJSON_Parse(json.out);
    char top1[32];

    assert_non_null(tree);
    assert_true(cJSON_GetObjectItem(tree, "images")->valuedouble > 0.0);
    snprintf(top1, sizeof top1, "top-1   %.2f %%",
             100.0 * cJSON_GetObjectItem(tree, "top1")->valuedouble);
    assert_contains(text.out, top1); /* the batch size changes nothing */
    cJSON_Delete(tree);
    test_run_free(&text);
    test_run_free(&json);
}

static void predict_ranks_classes(void **state)
{
    char image[600];
    char command[1200];

    (void)state;
    snprintf(command, sizeof command,
             "tar -xzf '%s' -C '%s' && cp \"$(find '%s' -name '*.jpg' | sort | head -n 1)\" '%s'",
             DATA, folder.path, folder.path, in_folder("image.jpg"));
    assert_int_equal(system(command), 0);
    snprintf(image, sizeof image, "%s", in_folder("image.jpg"));
    test_run text = TEST_PROGRAM_RUN("predict", in_folder("epoch"), image, "--top", "3");
    test_run json = TEST_PROGRAM_RUN("predict", in_folder("epoch"), image, image, "--json", "-k10");

    test_assert_run(&text, 0, "");
    test_assert_run(&json, 0, "");
    assert_contains(text.out, image);
    cJSON *tree = cJSON_Parse(json.out);
    const cJSON *classes = cJSON_GetObjectItem(cJSON_GetArrayItem(tree, 1), "classes"), *entry;
    double sum = 0.0, last = 1.0;

    assert_int_equal(cJSON_GetArraySize(tree), 2);
    assert_int_equal(cJSON_GetArraySize(classes), 10);
    cJSON_ArrayForEach(entry, classes)
    {
        const double p = cJSON_GetObjectItem(entry, "probability")->valuedouble;

        assert_true(p <= last);
        sum += last = p;
    }
    assert_true(sum > 0.999 && sum < 1.001);
    assert_contains(text.out, cJSON_GetObjectItem(classes->child, "class")->valuestring);
    cJSON_Delete(tree);
    test_run_free(&text);
    test_run_free(&json);
}

/* What follows is not the same run: that is said, and only then. */
static void other_data_at_a_resume_are_noticed(void **state)
{
    static const char says[] = " is not the data that the checkpoint was trained on\n";
    const test_file image = test_png_plain(40, 40, 200, 10, 20);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(class_names); ++i) {
        char name[64];

        snprintf(name, sizeof name, "another/train/%s/1.png", class_names[i]);
        test_folder_write_bytes(&folder, name, image.bytes, image.count);
    }
    free(image.bytes);
    test_run other = TEST_PROGRAM_RUN("train", "--resume", in_folder("epoch"), "--data",
                                      in_folder("another"), "--epochs", "2", "-o",
                                      in_folder("on-another"));
    test_run same = TEST_PROGRAM_RUN("train", "--resume", in_folder("epoch"), "--data", DATA,
                                     "--epochs", "2", "--max-steps", "1", "-o", in_folder("on"));

    test_assert_run(&other, 0, says);
    test_assert_run(&same, 0, "");
    assert_null(strstr(same.err, says));
    test_run_free(&other);
    test_run_free(&same);
}

/* Zero right of zero images is no accuracy. */
static void eval_without_a_readable_image_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(class_names); ++i) {
        char name[64];

        snprintf(name, sizeof name, "bad/test/%s/a.jpg", class_names[i]);
        test_folder_write_bytes(&folder, name, "text", 4);
    }
    test_run run = TEST_PROGRAM_RUN("eval", in_folder("epoch"), "--data", in_folder("bad"),
                                    "--skip-bad");

    test_assert_run(&run, 4, "none of the 10 test images could be read");
    assert_string_equal(run.out, "");
    test_run_free(&run);
}

static void test_accuracy_is_printed_though_pictures_fail(void **state)
{
    (void)state;
    assert_int_equal(remove(in_folder("epoch/curves.png")), 0);
    assert_ok(base_mkdirs(in_folder("epoch/curves.png")));
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("epoch"));

    test_assert_run(&run, 1, "curves.png");
    assert_contains(run.out, "test: loss ");
    test_run_free(&run);
}

static void a_checkpoints_algorithms_are_said_where_others_would_be_taken(void **state)
{
    static const char said[] = "algorithms  conv im2col, gemm ", as[] = ", as the checkpoint was";
    test_run before = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "1", "-o",
                                       in_folder("im2col"), "--conv-algo", "im2col");
    test_run after = TEST_PROGRAM_RUN("train", "--resume", in_folder("im2col"), "--max-steps", "2");
    test_run same = TEST_PROGRAM_RUN("train", "--resume", in_folder("im2col"), "--max-steps", "3",
                                     "--conv-algo", "im2col");

    (void)state;
    test_assert_run(&before, 0, said);
    assert_null(strstr(before.err, as));
    test_assert_run(&after, 0, said);
    assert_contains(after.err, as);
    test_assert_run(&same, 0, said);
    assert_null(strstr(same.err, as));
    test_run_free(&before);
    test_run_free(&after);
    test_run_free(&same);
}

static void steps_that_are_passed_are_no_error(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("epoch"), "--epochs", "2",
                                    "--max-steps", "1", "-o", in_folder("passed"));

    (void)state;
    test_assert_run(&run, 0, "already; a larger --max-steps goes on");
    assert_contains(run.err, ", nothing to train\n");
    assert_null(strstr(run.err, "last loss"));
    assert_null(strstr(run.err, "of RAM"));
    assert_true(base_file_exists(in_folder("passed/checkpoint-best")));
    assert_true(base_file_exists(in_folder("passed/curves.png")));
    test_run_free(&run);
}

static void a_checkpoint_alone_goes_on_without_its_best(void **state)
{
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, in_folder("epoch/checkpoint-last")));
    test_folder_write_bytes(&folder, "alone/checkpoint-last", bytes, count);
    free(bytes);
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_folder("alone"), "-o",
                                    in_folder("alone-on"));

    test_assert_run(&run, 0, "the best checkpoint so far, of epoch 1, is not beside");
    assert_contains(run.err, "alone-on/metrics.csv has no epoch yet");
    assert_true(base_file_exists(in_folder("alone-on/checkpoint-last")));
    test_run_free(&run);
}

static void info_takes_a_preset_though_a_folder_has_its_name(void **state)
{
    char before[512];

    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    assert_ok(base_mkdirs(in_folder("paper")));
    assert_int_equal(chdir(folder.path), 0);
    test_run run = TEST_PROGRAM_RUN("info", "paper");

    assert_int_equal(chdir(before), 0);
    test_assert_run(&run, 0, "");
    assert_contains(run.out, "60,965,224");
    test_run_free(&run);
}

static void info_and_viz_read_a_run(void **state)
{
    test_run info = TEST_PROGRAM_RUN("info", in_folder("epoch"));
    test_run viz = TEST_PROGRAM_RUN("viz", in_folder("epoch"), "-o", in_folder("pictures"));
    double top1 = 0.0;
    char lowest[64];

    (void)state;
    assert_int_equal(sscanf(epoch_run.out, "test: loss %*f, top-1 %lf %%", &top1), 1);
    snprintf(lowest, sizeof lowest, "; lowest error %.2f %% in epoch 1\n", 100.0 - top1);
    test_assert_run(&info, 0, "");
    assert_contains(info.out, "7,786");
    assert_contains(info.out, "checkpoint after epoch 1, step ");
    assert_contains(info.out, lowest);
    assert_contains(info.out, "airplane");
    test_assert_run(&viz, 0, "filters.png");
    assert_true(base_file_exists(in_folder("pictures/curves.png")));
    assert_true(base_file_exists(in_folder("epoch/diagnose.png")));
    assert_true(base_file_exists(in_folder("pictures/diagnose.png")));
    test_run_free(&info);
    test_run_free(&viz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_progress_where_there_is_no_terminal),
        cmocka_unit_test(bar_on_a_terminal),
        cmocka_unit_test(epochs_fit_a_narrow_terminal),
        cmocka_unit_test(quiet_prints_nothing_but_results),
        cmocka_unit_test(interrupt_saves_and_resume_goes_on),
        cmocka_unit_test(a_damaged_image_ends_training),
        cmocka_unit_test(full_disk_is_an_error),
        cmocka_unit_test(the_epochs_line_is_its_row),
        cmocka_unit_test(the_last_line_is_the_best_checkpoints_score),
        cmocka_unit_test(eval_scores_the_test_images),
        cmocka_unit_test(predict_ranks_classes),
        cmocka_unit_test(info_and_viz_read_a_run),
        cmocka_unit_test(other_data_at_a_resume_are_noticed),
        cmocka_unit_test(eval_without_a_readable_image_is_an_error),
        cmocka_unit_test(a_checkpoints_algorithms_are_said_where_others_would_be_taken),
        cmocka_unit_test(steps_that_are_passed_are_no_error),
        cmocka_unit_test(a_checkpoint_alone_goes_on_without_its_best),
        cmocka_unit_test(test_accuracy_is_printed_though_pictures_fail),
        cmocka_unit_test(info_takes_a_preset_though_a_folder_has_its_name),
    };

    return cmocka_run_group_tests(tests, train_an_epoch, remove_folder);
}
