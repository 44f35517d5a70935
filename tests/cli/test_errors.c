/* test_errors.c - exit codes and messages of wrong configs, data, checkpoints and devices: one line
 * that names what is wrong, never a crash. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static test_folder folder;

/* "@name" is a file in the test's folder. */
static const struct {
    const char *args[12];
    int exit_code;
    const char *message;
} wrong[] = {
    /* command line and config: 2 */
    { ARGS("train"), 2, "train wants CONFIG or --resume" },
    { ARGS("train", "tiny"), 2, "train wants --data DIR; try alexnet help train" },
    { ARGS("train", "tiny", "extra"), 2, "train does not take 'extra'" },
    { ARGS("train", "tiny", "--epoch", "3"), 2, "unknown option --epoch (did you mean --epochs?)" },
    { ARGS("train", "tiny", "--batch", "3"), 2, "(did you mean --batch-size?)" },
    { ARGS("train", "tiny", "-b"), 2, "--batch-size wants a value: --batch-size N" },
    { ARGS("train", "tiny", "--max-steps=0"), 2, "--max-steps wants a whole number from 1" },
    { ARGS("train", "tiny", "-j", "two"), 2,
      "--workers wants a whole number from 1 to 1024, not 'two'" },
    { ARGS("train", "tiny", "-j", "100000"), 2,
      "--workers wants a whole number from 1 to 1024, not '100000'" },
    { ARGS("predict", "x", "y", "-j1025"), 2, "--workers wants a whole number from 1 to 1024" },
    { ARGS("pack", "x", "-o", "y", "--size", "100000"), 2,
      "--size wants a whole number from 1 to 4096, not '100000'" },
    { ARGS("pack", "x", "-o", "y", "--quality", "101"), 2,
      "--quality wants a whole number from 1 to 100, not '101'" },
    { ARGS("eval", "x", "-b", "65537"), 2, "--batch-size wants a whole number from 1 to 65536" },
    { ARGS("predict", "x", "y", "--top", "100000"), 2, "--top wants a whole number from 1 to " },
    { ARGS("features", "x", "y", "--nearest", "2000000000"), 2,
      "--nearest wants a whole number from 1 to " },
    { ARGS("dump", "tiny", "--steps", "2000000000"), 2,
      "--steps wants a whole number from 1 to 1000000" },
    { ARGS("bench", "step", "tiny", "--iters", "2000000000"), 2,
      "--iters wants a whole number from 1 to 1000000" },
    { ARGS("eval", "x", "--threads", "100000"), 2, "--threads wants a whole number from 1 to " },
    { ARGS("train", "tiny", "-j99999999999"), 2, "--workers wants a whole number" },
    { ARGS("train", "tiny", "--set", "lr"), 2, "--set wants SECTION.KEY=VALUE, not 'lr'" },
    { ARGS("train", "tiny", "--set", "train.speed=3"), 2, "speed" },
    { ARGS("train", "tiny", "--lr", "fast", "--data", DATA), 2, "fast" },
    { ARGS("train", "tiny", "--freeze", "fc9", "--data", DATA), 2, "fc9.freeze=yes: tiny.ini has" },
    { ARGS("train", "tiny", "--freeze", "conv1,conv2,conv3,conv4,conv5,fc6,fc7,fc8", "--data",
           DATA),
      2, "fc8.freeze=yes: no layer learns" },
    { ARGS("info", "tiny", "--set", "conv1.kernel=60"), 2, "tiny: line 11: layer conv1: " },
    { ARGS("check", "--only", "foo"), 2, "--only is one of gradient | conv2d im2col | " },
    { ARGS("train", "tiny", "-b", "0", "--data", DATA), 2, "batch-size" },
    { ARGS("train", "tiny", "--epochs", "0", "--data", DATA), 2,
      "alexnet: --epochs: train.epochs=0: must be " },
    { ARGS("train", "tiny", "--freeze", "conv9", "--data", DATA), 2,
      "alexnet: --freeze: conv9.freeze=yes: " },
    { ARGS("train", "tiny", "--set", "train.epochs=0", "--data", DATA), 2,
      "alexnet: train.epochs=0: must be " },
    { ARGS("predict", "@text", ""), 2, "an image's name is empty" },
    { ARGS("version"), 2, "did you mean --version?" },
    { ARGS("check", "--golden", "@text"), 4, "text: not a folder" },
    { ARGS("train", "tiny", "--progress", "fancy"), 2, "none of auto, bar, plain, none" },
    { ARGS("train", "tiny", "--weights", "w", "--resume", "r"), 2, "choose one" },
    { ARGS("train", "no-such-config", "--data", DATA), 2, "no-such-config" },
    { ARGS("train", "@text", "--data", DATA), 2, "text" },
    { ARGS("train", "tiny", "--data", DATA, "--conv-algo", "magic"), 2,
      "alexnet: --conv-algo: convolution: no algorithm 'magic'" },
    { ARGS("info", "no-such-config"), 2, "no-such-config" },
    { ARGS("info", "@text"), 2, "alexnet: no weights are in this file; read as a config: " },
    { ARGS("info", "@empty"), 2, "alexnet: no weights are in this file; read as a config: " },
    { ARGS("bench", "report", "@list", "--html", "@page"), 4, "list: an empty list: there is no" },
    { ARGS("info", "tiny", "-b", "-3"), 2, "--batch-size wants a whole number from 1" },
    { ARGS("eval"), 2, "eval wants CHECKPOINT... --data DIR; try alexnet help eval" },
    { ARGS("predict", "checkpoint"), 2, "predict wants CHECKPOINT IMAGE..." },
    { ARGS("dump", "tiny"), 2, "dump wants --batch FILE" },
    { ARGS("dump", "tiny", "--batch", "b"), 2, "dump wants --output FILE" },
    { ARGS("dump", "tiny", "--batch", "b", "-o", "o", "--lr-steps", "1"), 2, "without --steps" },
    { ARGS("features", "@text", "@text", "-o", "@f.txt"), 2, "whose name ends in .npy" },
    /* devices: 3 */
    { ARGS("train", "tiny", "--data", DATA, "--device", "no such thing"), 3, "no such thing" },
    { ARGS("info", "tiny", "--device", "99"), 3, "99" },
    /* data and checkpoints: 4 */
    { ARGS("train", "tiny", "--data", "/nonexistent", "-o", "@run"), 4, "/nonexistent" },
    { ARGS("train", "tiny", "--data", "@text", "-o", "@run"), 4, "text" },
    { ARGS("train", "tiny", "--data", DATA, "--weights", "@text", "-o", "@run"), 4, "text" },
    { ARGS("train", "--resume", "@text"), 4, "text" },
    { ARGS("train", "--resume", "@"), 4, "no checkpoint-last in this folder" },
    { ARGS("train", "tiny", "--data", "/nowhere", "--weights", "/nonexistent", "-o", "@run"), 4,
      "/nonexistent: cannot be read" },
    { ARGS("eval", "/nonexistent", "--data", DATA), 4, "/nonexistent" },
    { ARGS("eval", "@text", "--data", DATA), 4, "text" },
    { ARGS("eval", "@", "--data", DATA), 4, "no checkpoint-best in this folder" },
    { ARGS("predict", "@text", "@text"), 4, "text" },
    { ARGS("viz", "@text"), 4, "text" },
    { ARGS("dump", "tiny", "--batch", "@text", "-o", "@o.safetensors"), 4,
      "text: not a safetensors file: it does not begin with the length of a header" },
    /* output: 1, before devices and data are opened */
    { ARGS("train", "tiny", "--data", "/nonexistent", "-o", "@text/run"), 1, "text: not a folder" },
    { ARGS("eval", "@text", "-o", "@text"), 1, "text: not a folder" },
    { ARGS("tune", "tiny", "-o", "/nonexistent/rows"), 1, "there is no folder /nonexistent" },
    { ARGS("tune", "tiny", "-o", "@"), 1, "cannot be written: it is a folder" },
    { ARGS("train", "tiny", "--data", "/nonexistent", "--trace", "/nonexistent/t"), 1,
      "/nonexistent/t: cannot be written" },
};

static int make_folder(void **state)
{
    (void)state;
    folder = test_folder_create();
    test_folder_write(&folder, "text", "this is neither config nor checkpoint\n");
    test_folder_write(&folder, "empty", "");
    test_folder_write(&folder, "list", "[]\n");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

static void every_error_has_its_code_and_one_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        const char *args[ALX_COUNT(wrong[i].args)];

        for (size_t k = 0; k < ALX_COUNT(args); ++k)
            args[k] = wrong[i].args[k] != NULL && wrong[i].args[k][0] == '@'
                          ? test_folder_path(&folder, wrong[i].args[k] + 1)
                          : wrong[i].args[k];
        test_run run = test_program(args);
        const char *error = strstr(run.err, "alexnet: ");

        test_assert_run(&run, wrong[i].exit_code, wrong[i].message);
        assert_string_equal(run.out, "");
        if (error == NULL || strstr(error, wrong[i].message) == NULL ||
            strchr(error, '\n')[1] != '\0')
            fail_msg("case %zu: the last line is not the program's message:\n%s", i, run.err);
        test_run_free(&run);
    }
}

static void a_full_disk_under_stdout_is_noticed(void **state)
{
    static const char *const commands[][4] = {
        ARGS("info", "paper"), ARGS("info", "tiny", "--json"), ARGS("devices"),
        ARGS("--version"),     ARGS("help", "config"),         ARGS("help", "all"),
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(commands); ++i) {
        test_run run = test_program_to("/dev/full", commands[i]);

        test_assert_run(&run, 1, "alexnet: standard output cannot be written");
        test_run_free(&run);
    }
}

/* Not silently, as if they were not there. */
static void variables_that_lead_nowhere_are_told(void **state)
{
    static const struct {
        const char *name, *value, *args[8], *says;
        int code;
    } cases[] = {
        { "ALEXNET_TUNING", "off", ARGS("tune", "tiny"), "ALEXNET_TUNING=off: there is no file",
          2 },
        { "ALEXNET_TUNING", "/nonexistent/t", ARGS("check", "--quick", "--only", "clip"),
          "tuning      /nonexistent/t is not there: no rows\n", 0 },
        { "ALEXNET_CACHE_DIR", "/proc/x", ARGS("check", "--quick", "--only", "clip"),
          "warning: ALEXNET_CACHE_DIR=/proc/x is no folder that can be made: nothing is cached",
          0 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const char *before = getenv(cases[i].name);
        char kept[512];

        snprintf(kept, sizeof kept, "%s", before != NULL ? before : "");
        setenv(cases[i].name, cases[i].value, 1);
        test_run run = test_program(cases[i].args);

        setenv(cases[i].name, kept, 1); /* an empty one is none */
        test_assert_run(&run, cases[i].code, cases[i].says);
        assert_null(strstr(strstr(run.err, cases[i].says) + 1, cases[i].says));
        test_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_code_and_one_line),
        cmocka_unit_test(variables_that_lead_nowhere_are_told),
        cmocka_unit_test(a_full_disk_under_stdout_is_noticed),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
