/* test_full_disk.c - every output that cannot be written is an error in one line that names it. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static int setup(void **state)
{
    test_own_folder_make(state);
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--epochs", "1", "--diagnose",
                                    "-o", in_folder("run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    return 0;
}

/* "@name" is in the test's folder. @param full  a name that leads to the full disk; may be NULL */
static const struct {
    const char *args[12], *full, *message;
} outputs[] = {
    { ARGS("train", "tiny", "--data", DATA, "--max-steps", "1", "-o", "@traced", "--trace",
           "/dev/full"),
      NULL, "/dev/full: write failed" },
    { ARGS("eval", "@run", "--trace", "/dev/full"), NULL, "/dev/full: write failed" },
    { ARGS("predict", "@run", "@run/curves.png", "--trace", "/dev/full"), NULL,
      "/dev/full: write failed" },
    { ARGS("features", "@run", "@run/curves.png", "-o", "@f.npy"), "f.npy", "f.npy: write failed" },
    { ARGS("features", "@run", "@run/curves.png", "-o", "@g.npy"), "g.txt", "g.txt: write failed" },
    { ARGS("eval", "@run", "-o", "@report"), "report/confusion.csv", "n.csv: write failed" },
    { ARGS("eval", "@run", "-o", "@report"), "report/confusion.png", "n.png: write failed" },
    { ARGS("eval", "@run", "-o", "@report"), "report/classes.csv", "classes.csv: write failed" },
    { ARGS("viz", "@run", "-o", "@pictures"), "pictures/curves.png", "curves.png: write failed" },
    { ARGS("viz", "@run", "-o", "@pictures"), "pictures/filters.png", "filters.png: write failed" },
    { ARGS("viz", "@run", "-o", "@pictures"), "pictures/diagnose.png",
      "diagnose.png: write failed" },
    /* last, as they spoil the run */
    { ARGS("train", "--resume", "@run", "--epochs", "2"), "run/curves.png",
      "curves.png: write failed" },
    { ARGS("train", "--resume", "@run", "--epochs", "3"), "run/config.ini",
      "config.ini: write failed" },
};

static void link_to_full_disk(const char *name)
{
    char folder[512];

    snprintf(folder, sizeof folder, "%s", in_folder(name));
    *strrchr(folder, '/') = '\0';
    assert_ok(base_mkdirs(folder));
    unlink(in_folder(name));
    assert_int_equal(symlink("/dev/full", in_folder(name)), 0);
}

static void each_output_on_a_full_disk(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(outputs); ++i) {
        const char *args[12] = { NULL };

        for (size_t k = 0; outputs[i].args[k] != NULL; ++k)
            args[k] = outputs[i].args[k][0] == '@' ? in_folder(outputs[i].args[k] + 1)
                                                   : outputs[i].args[k];
        if (outputs[i].full != NULL)
            link_to_full_disk(outputs[i].full);
        test_run run = test_program(args);

        test_assert_run(&run, 1, outputs[i].message);
        test_run_free(&run);
        if (outputs[i].full != NULL)
            unlink(in_folder(outputs[i].full));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_output_on_a_full_disk),
    };

    return cmocka_run_group_tests(tests, setup, test_own_folder_remove);
}
