/* test_tune.c - `alexnet tune`: goes on where it was stopped, refuses wrong numbers. */
#include "base/file.h"
#include "support/kernels.h"
#include "support/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/rt.h"

#define LAYER "conv1" /* of tiny: a forward pass and a weight gradient */

typedef struct fixture {
    test_folder folder;
    char rows[512]; /* the file */
} fixture;

static int setup(void **state)
{
    static fixture f;

    f.folder = test_folder_create();
    snprintf(f.rows, sizeof f.rows, "%s", test_folder_path(&f.folder, "rows.jsonl"));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    test_folder_remove(&f->folder);
    return 0;
}

static void skip_without_device(void)
{
    alx_device_info *list = NULL;
    size_t count = 0;

    if (alx_devices_list(&list, &count) != 0) {
        print_message("%s\n", alx_status_text(ALX_E_DEVICE));
        skip();
    }
    free(list);
}

static char *read_text(const char *path)
{
    char *text = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, path));
    return text;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, what)) != NULL; ++at)
        ++count;
    return count;
}

static test_run tune(const fixture *f)
{
    return TEST_PROGRAM_RUN("tune", "tiny", "-b", "8", "--only", LAYER, "--output", f->rows,
                            "--json");
}

static void every_way_becomes_a_row_that_is_right(void **state)
{
    fixture *f = *state;
    const cJSON *row = NULL;
    size_t count = 0;

    skip_without_device();
    test_run run = tune(f);

    test_assert_run(&run, 0, "");
    cJSON *json = cJSON_Parse(run.out);

    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "complete")));
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "rows"))
    {
        assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "right")));
        assert_true(cJSON_GetObjectItem(row, "ms")->valuedouble > 0.0);
        assert_true(cJSON_GetObjectItem(row, "error")->valuedouble < 1e-4);
        ++count;
    }
    assert_true(count >= 2);
    char *text = read_text(f->rows);

    assert_int_equal(count_of(text, "\n"), count);
    free(text);
    cJSON_Delete(json);
    test_run_free(&run);
}

/* As if it had been killed in the middle of writing the second row. */
static void stopped_search_goes_on(void **state)
{
    fixture *f = *state;

    skip_without_device();
    test_run run = tune(f);

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    char *whole = read_text(f->rows);
    char *torn = test_alloc(strlen(whole) + 1);
    const size_t first_line = strcspn(whole, "\n") + 1;

    snprintf(torn, first_line + 21, "%s", whole);
    test_folder_write(&f->folder, "rows.jsonl", torn);
    run = tune(f);
    test_assert_run(&run, 0, "rows.jsonl:2: refused: not a tuning row");
    char *again = read_text(f->rows);

    assert_memory_equal(again, whole, first_line); /* kept, not measured again */
    assert_int_equal(count_of(again, "\n"), count_of(whole, "\n") + 1);
    assert_int_equal(count_of(again, "\"choice\""), count_of(whole, "\"choice\""));
    free(again);
    free(torn);
    free(whole);
    test_run_free(&run);
}

static void nothing_is_left_to_measure_the_second_time(void **state)
{
    fixture *f = *state;

    skip_without_device();
    test_run first = tune(f);
    char *before = read_text(f->rows);
    test_run second = tune(f);
    char *after = read_text(f->rows);

    test_assert_run(&first, 0, "");
    test_assert_run(&second, 0, "");
    assert_string_equal(before, after);
    assert_string_equal(first.out, second.out);
    free(before);
    free(after);
    test_run_free(&first);
    test_run_free(&second);
}

static void spent_budget_is_said(void **state)
{
    fixture *f = *state;

    skip_without_device();
    /* owt's first pass alone takes longer */
    test_run run = TEST_PROGRAM_RUN("tune", "owt", "-b", "64", "--budget", "1", "--output",
                                    f->rows);

    test_assert_run(&run, 0, "the same command goes on");
    test_run_free(&run);
}

static void interrupt_keeps_rows(fixture *f)
{
    static const char *const words[] = {
        "tune", "tiny", "-b", "8", "--progress", "bar", "--output"
    };
    const char *args[ALX_COUNT(words) + 2] = { NULL };

    memcpy(args, words, sizeof words);
    args[ALX_COUNT(words)] = f->rows;
    test_run run = test_program_on_terminal(args, "conv2.0 forward", SIGINT);

    test_assert_run(&run, 130, "interrupted: the rows are kept, the same command goes on");
    assert_non_null(strstr(run.err, "stopping after this way"));
    char *rows = read_text(f->rows);

    assert_true(count_of(rows, "\n") >= 1 && count_of(rows, "\n") < 20);
    assert_int_equal(count_of(rows, "\n"), count_of(rows, "\"choice\""));
    free(rows);
    test_run_free(&run);
}

static void an_interrupt_ends_after_the_way_at_hand(void **state)
{
    skip_without_device();
    interrupt_keeps_rows(*state);
}

static void an_interrupt_while_kernels_are_built_keeps_rows_too(void **state)
{
    const char *given = getenv("ALEXNET_CACHE_DIR");
    char *cache = given != NULL ? strdup(given) : NULL;

    skip_without_device();
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    interrupt_keeps_rows(*state);
    if (cache != NULL)
        setenv("ALEXNET_CACHE_DIR", cache, 1);
    else
        unsetenv("ALEXNET_CACHE_DIR");
    free(cache);
}

/* Zeros around the image that are none: only im2col reads them. */
static void wrong_numbers_are_refused(void **state)
{
    fixture *f = *state;
    test_folder kernels = test_kernels_create("im2col.cl", "floatv value = 0.0f;",
                                              "floatv value = 0.001f;");
    const cJSON *row = NULL;
    size_t wrong = 0;

    skip_without_device();
    setenv("ALEXNET_CL_DIR", kernels.path, 1);
    test_run run = tune(f);
    unsetenv("ALEXNET_CL_DIR");
    test_assert_run(&run, 0, "conv1.0 forward: im2col is off by ");
    cJSON *json = cJSON_Parse(run.out);

    cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "rows"))
    {
        const char *choice = cJSON_GetObjectItem(row, "choice")->valuestring;
        const bool right = cJSON_IsTrue(cJSON_GetObjectItem(row, "right"));

        assert_int_equal(right, strcmp(choice, "im2col") != 0);
        wrong += !right;
    }
    assert_int_equal(wrong, 2);
    char *text = read_text(f->rows);

    assert_int_equal(count_of(text, "\"ms\":null"), 2);
    free(text);
    cJSON_Delete(json);
    test_run_free(&run);
    test_folder_remove(&kernels);
}

static void a_file_of_something_else_is_left_alone(void **state)
{
    static const char text[] = "{\n  \"kind\": \"step\"\n}\n";
    fixture *f = *state;

    skip_without_device();
    test_folder_write(&f->folder, "rows.jsonl", text);
    test_run run = tune(f);

    test_assert_run(&run, 4, "rows.jsonl: holds something else than tuning rows");
    char *after = read_text(f->rows);

    assert_string_equal(after, text);
    free(after);
    test_run_free(&run);
}

static void unknown_layer_is_refused(void **state)
{
    fixture *f = *state;

    skip_without_device();
    test_run run = TEST_PROGRAM_RUN("tune", "tiny", "--only", "conv9", "--output", f->rows);

    test_assert_run(&run, 2, "no layer 'conv9'");
    test_run_free(&run);
}

static void without_a_file_there_is_nothing_to_do(void **state)
{
    (void)state;
    skip_without_device();
    setenv("ALEXNET_TUNING", "off", 1);
    test_run run = TEST_PROGRAM_RUN("tune", "tiny");

    test_assert_run(&run, 2, "--output FILE");
    test_run_free(&run);
}

#define with_folder(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(every_way_becomes_a_row_that_is_right),
        with_folder(stopped_search_goes_on),
        with_folder(nothing_is_left_to_measure_the_second_time),
        with_folder(spent_budget_is_said),
        with_folder(an_interrupt_ends_after_the_way_at_hand),
        with_folder(an_interrupt_while_kernels_are_built_keeps_rows_too),
        with_folder(wrong_numbers_are_refused),
        with_folder(a_file_of_something_else_is_left_alone),
        with_folder(unknown_layer_is_refused),
        cmocka_unit_test(without_a_file_there_is_nothing_to_do),
    };

    return cmocka_run_group_tests_name("tune", tests, NULL, NULL);
}
