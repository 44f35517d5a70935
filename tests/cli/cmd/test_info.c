/* test_info.c - the tables of `alexnet info` against its JSON. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "support/folder.h"

static cJSON *json_of_tiny(void)
{
    test_run run = TEST_PROGRAM_RUN("info", "tiny", "--json");

    test_assert_run(&run, 0, "");
    cJSON *tree = cJSON_Parse(run.out);

    assert_non_null(tree);
    test_run_free(&run);
    return tree;
}

static size_t size_of(const cJSON *object, const char *key)
{
    return (size_t)cJSON_GetNumberValue(cJSON_GetObjectItem(object, key));
}

/* The line that begins with `name`; words are a blank apart. */
static void read_line(char line[128], const char *text, const char *name)
{
    const char *at = strstr(text, name);
    size_t used = 0;

    assert_true(at != NULL && at[-1] == '\n');
    for (; *at != '\n'; ++at)
        if (*at != ' ' || line[used - 1] != ' ')
            line[used++] = *at;
    line[used] = '\0';
}

static void totals_are_sums(void **state)
{
    test_run run = TEST_PROGRAM_RUN("info", "tiny");
    cJSON *tree = json_of_tiny();
    const cJSON *stage = NULL;
    char line[128], want[256];
    size_t parameters = 0, macs = 0;

    (void)state;
    test_assert_run(&run, 0, "");
    cJSON_ArrayForEach(stage, cJSON_GetObjectItem(tree, "stages"))
    {
        parameters += size_of(stage, "parameters");
        macs += size_of(stage, "macs");
    }
    assert_int_equal(size_of(tree, "parameters"), parameters);
    assert_int_equal(size_of(tree, "macs"), macs);
    read_line(line, run.out, "total ");
    snprintf(want, sizeof want, "total %s %s", base_format_count(parameters).text,
             base_format_count(macs).text);
    assert_string_equal(line, want);
    test_run_free(&run);
    cJSON_Delete(tree);
}

static void memory_is_of_training_and_of_inference(void **state)
{
    static const char *const rows[] = { "parameters", "gradients", "momentum", "activations",
                                        "scratch" };
    test_run run = TEST_PROGRAM_RUN("info", "tiny");
    cJSON *tree = json_of_tiny();
    const cJSON *training = cJSON_GetObjectItem(tree, "training_bytes");
    const cJSON *inference = cJSON_GetObjectItem(tree, "inference_bytes");
    char line[128], want[256];

    (void)state;
    test_assert_run(&run, 0, "");
    assert_true(size_of(inference, "activations") < size_of(training, "activations"));
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        snprintf(want, sizeof want, "%s ", rows[i]);
        read_line(line, strstr(run.out, "\nmemory at "), want);
        snprintf(want, sizeof want, "%s %s %s", rows[i],
                 base_format_bytes(size_of(training, rows[i])).text,
                 base_format_bytes(size_of(inference, rows[i])).text);
        assert_string_equal(line, want);
    }
    test_run_free(&run);
    cJSON_Delete(tree);
}

/* Channels, then rows, then columns; a pixel is only its channels, a row or a column is not. */
static void stages_have_their_shapes(void **state)
{
    static const struct {
        const char *input, *conv, *fc;
    } cases[] = {
        { "net.input=3x8x3", "conv1 6x1x6 ", "fc2 4 " },
        { "net.input=8x3x3", "conv1 6x6x1 ", "fc2 4 " },
        { "net.input=3x3x3", "conv1 6 ", "fc2 4 " },
    };
    test_folder folder = test_folder_create();
    const char *config = test_folder_path(&folder, "small.ini");

    (void)state;
    test_folder_write(&folder, "small.ini",
                      "[net]\ninput = 8x8x3\nclasses = 4\n"
                      "[conv1]\nfilters = 6\nkernel = 3\n[fc2]\nunits = classes\n");
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_run run = TEST_PROGRAM_RUN("info", config, "--set", cases[i].input);
        char line[128];

        test_assert_run(&run, 0, "");
        read_line(line, run.out, "conv1 ");
        assert_int_equal(strncmp(line, cases[i].conv, strlen(cases[i].conv)), 0);
        read_line(line, run.out, "fc2 ");
        assert_int_equal(strncmp(line, cases[i].fc, strlen(cases[i].fc)), 0);
        test_run_free(&run);
    }
    test_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_are_sums),
        cmocka_unit_test(memory_is_of_training_and_of_inference),
        cmocka_unit_test(stages_have_their_shapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
