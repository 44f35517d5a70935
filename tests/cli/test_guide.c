/* test_guide.c - the first minutes: `alexnet` alone, a training without a config, names that are
 * misspelt. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/images.h"

static void put(const char *path)
{
    const test_file image = test_png_plain(200, 150, 10, 20, 30);

    test_folder_write_bytes(&test_own_folder, path, image.bytes, image.count);
    free(image.bytes);
}

static test_run guide(void)
{
    return test_program((const char *const[]){ NULL });
}

static void assert_tells(const test_run *run, const char *text)
{
    if (strstr(run->out, text) == NULL)
        fail_msg("without \"%s\":\n%s", text, run->out);
}

static void an_empty_folder_gets_a_first_step(void **state)
{
    test_run run = guide();

    (void)state;
    test_assert_run(&run, 0, "");
    assert_tells(&run, "device  0: ");
    assert_tells(&run, "Next:\n  Put pictures here");
    assert_null(strstr(run.out, "\ndata "));
    assert_null(strstr(run.out, "\nrun "));
    test_run_free(&run);
}

/* The command that it gives is one that runs. */
static void data_and_runs_get_commands(void **state)
{
    test_run run;

    (void)state;
    put("my pictures/cat/1.png");
    put("my pictures/dog/1.png");
    put("my pictures/eel/1.png");
    test_folder_write_bytes(&test_own_folder, "runs/first/checkpoint-last", "", 0);
    run = guide();
    assert_tells(&run,
                 "data    my pictures: 3 classes, the first image 200 x 150, no test images\n");
    assert_tells(&run, "run     runs/first\n");
    assert_tells(&run, "  alexnet predict runs/first IMAGE... --show picture.png");
    assert_tells(&run, "  alexnet train tiny --data 'my pictures' --set net.classes=3 --set "
                       "data.validation=0.1\n");
    assert_tells(&run, "\npaper            227x227   56,880,515  ");
    assert_null(strstr(run.out, "cifar10_small"));
    test_run_free(&run);
}

/* The word that it gives is what bash takes for the name. */
static void a_name_of_control_characters_is_quoted(void **state)
{
    const char *name = "runs/it's\x1b[31mRED\a\\";
    char path[64], word[128], command[256], read_back[64] = "";
    test_run run;

    (void)state;
    snprintf(path, sizeof path, "%s/checkpoint-last", name);
    test_folder_write_bytes(&test_own_folder, path, "", 0);
    run = guide();
    assert_null(strpbrk(run.out, "\x1b\a"));
    assert_tells(&run, "run     runs/it's\\x1b[31mRED\\x07\\\n");
    const char *viz = strstr(run.out, "  alexnet viz ");

    assert_non_null(viz);
    assert_int_equal(sscanf(viz, "  alexnet viz %127s", word), 1);
    assert_string_equal(word, "$'runs/it\\047s\\033[31mRED\\007\\134'");
    snprintf(command, sizeof command, "exec bash -c \"printf %%s %s\"", word);
    test_run_free(&run);
    FILE *bash = popen(command, "r");

    assert_non_null(bash);
    assert_non_null(fgets(read_back, sizeof read_back, bash));
    assert_int_equal(pclose(bash), 0);
    assert_string_equal(read_back, name);
    unlink(path);
}

static void a_training_without_a_config_names_presets(void **state)
{
    test_run run = TEST_PROGRAM_RUN("train", "--data", "my pictures");

    (void)state;
    test_assert_run(&run, 2, "\nowt              224x224   57,016,131  ");
    test_assert_run(&run, 2,
                    "alexnet: train wants CONFIG: alexnet train tiny --data 'my pictures' --set "
                    "net.classes=3 --set data.validation=0.1\n");
    test_run_free(&run);
}

static void without_a_device_it_says_why(void **state)
{
    test_run run;

    (void)state;
    setenv("OCL_ICD_VENDORS", "/nonexistent", 1);
    run = guide();
    unsetenv("OCL_ICD_VENDORS");
    test_assert_run(&run, 0, "");
    assert_tells(&run, "device  none: no OpenCL device: no driver is found; install that of your");
    assert_tells(&run, "platforms: 0\n");
    test_run_free(&run);
}

static void names_that_are_misspelt_are_guessed(void **state)
{
    static const struct {
        const char *args[8], *says;
        int code;
    } cases[] = {
        { { "predict", "owtt", "--weights", "w.pth", "a.jpg" },
          "alexnet: owtt: no such preset or file (did you mean owt?)\n",
          2 },
        { { "eval", "papre", "--weights", "w.pth", "--data", "d" }, "(did you mean paper?)\n", 2 },
        { { "predict", "runs/frist", "a.jpg" }, "(did you mean runs/first?)\n", 4 },
        { { "train", "tiny", "--data", "my picture" }, "/my pictures?)\n", 4 },
        { { "predict", "runs/first", "my picture" }, "(did you mean my pictures?)\n", 4 },
        { { "train", "--resume", "runs/furst" }, "(did you mean runs/first?)\n", 4 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_run run = test_program(cases[i].args);

        test_assert_run(&run, cases[i].code, cases[i].says);
        test_run_free(&run);
    }
}

/* What would fail after minutes fails at once. */
static void outputs_and_weights_are_looked_at_first(void **state)
{
    test_run run = TEST_PROGRAM_RUN("features", "runs/first", "a.jpg", "-o", "nodir/x.npy");

    (void)state;
    test_assert_run(&run, 1, "there is no folder nodir");
    test_run_free(&run);
    for (int i = 0; i <= 100; ++i) {
        char name[32];

        snprintf(name, sizeof name, "many/%d.png", i);
        put(name);
    }
    run = TEST_PROGRAM_RUN("predict", "runs/first", "many", "--show", "picture.png");
    test_assert_run(&run, 2, "--show draws at most 100 images, these are 101");
    test_run_free(&run);
    test_folder_write(&test_own_folder, "page.pth", "<!DOCTYPE html><html></html>\n");
    run = TEST_PROGRAM_RUN("train", "tiny", "--data", "nodata", "--weights", "page.pth");
    test_assert_run(&run, 4, "alexnet: page.pth: ");
    test_run_free(&run);
}

static int enter(void **state)
{
    return test_own_folder_make(state) != 0 || chdir(test_own_folder.path) != 0;
}

static int leave(void **state)
{
    return chdir("/") != 0 || test_own_folder_remove(state) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_folder_gets_a_first_step),
        cmocka_unit_test(data_and_runs_get_commands),
        cmocka_unit_test(a_name_of_control_characters_is_quoted),
        cmocka_unit_test(a_training_without_a_config_names_presets),
        cmocka_unit_test(without_a_device_it_says_why),
        cmocka_unit_test(names_that_are_misspelt_are_guessed),
        cmocka_unit_test(outputs_and_weights_are_looked_at_first),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
