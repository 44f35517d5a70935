/* test_bench_suite.c - bench suite as its users run it, on the smallest network: one file that
 * `bench report` takes, or none; what is wrong or left out is in it. */
#include "support/program.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "support/folder.h"

#define SUITE(file) "bench", "suite", "tiny", "--device", "0", "-o", in_folder(file)

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static cJSON *read_json(const char *name)
{
    char *text = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&text, &bytes, in_folder(name)));
    cJSON *json = cJSON_ParseWithLength(text, bytes);
    free(text);
    assert_non_null(json);
    return json;
}

static int count(const cJSON *json, const char *name)
{
    return cJSON_GetArraySize(cJSON_GetObjectItem(json, name));
}

static const char *text_of(const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(json, name);

    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static void one_file_holds_all_and_the_report_takes_it(void **state)
{
    test_run run = TEST_PROGRAM_RUN(SUITE("a.json"));
    test_run report = TEST_PROGRAM_RUN("bench", "report", in_folder("a.json"), in_folder("a.json"),
                                       "--html", in_folder("page.html"));
    cJSON *json = read_json("a.json");
    char *html = NULL;
    size_t bytes = 0;

    (void)state;
    test_assert_run(&run, 0, "a.json: 5 results, 0 left out, 2");
    assert_non_null(strstr(run.err, "ETA "));
    assert_string_equal(text_of(json, "kind"), "suite");
    assert_string_equal(text_of(json, "program"), "alexnet");
    assert_int_equal(count(json, "results"), 5);
    assert_true(count(json, "checks") > 15 && count(json, "ways") > 5);
    assert_true(test_number(cJSON_GetObjectItem(json, "peak"), "fma_gflops") > 0);
    assert_true(test_number(cJSON_GetObjectItem(json, "device"), "global_bytes") > 0);
    test_assert_run(&report, 0, "page.html: 10 results");
    assert_ok(base_file_read(&html, &bytes, in_folder("page.html")));
    assert_non_null(strstr(html, "files</td><td>2</td>"));
    assert_non_null(strstr(html, "tiny, batch 512, inference"));
    free(html);
    cJSON_Delete(json);
    test_run_free(&run);
    test_run_free(&report);
}

static void what_memory_does_not_hold_is_left_out(void **state)
{
    setenv("ALEXNET_FAULT", "memory:1:conv1.0 grad-weight", 1);
    test_run run = TEST_PROGRAM_RUN(SUITE("memory.json"));
    unsetenv("ALEXNET_FAULT");
    cJSON *json = read_json("memory.json");

    (void)state;
    test_assert_run(&run, 0, "left out: tiny, batch 1, training: memory: ");
    const cJSON *gap = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "left_out"), 0);
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "results"), 0);

    assert_int_equal(count(json, "left_out"), 1);
    assert_string_equal(text_of(gap, "what"), "tiny, batch 1, training");
    assert_true(test_number(first, "batch_size") == 1);
    assert_non_null(cJSON_GetObjectItem(first, "infer"));
    assert_null(cJSON_GetObjectItem(first, "train"));
    cJSON_Delete(json);
    test_run_free(&run);
}

/* The first kernel of the check does not run. */
static void what_a_lost_device_has_done_is_in_the_file(void **state)
{
    setenv("ALEXNET_FAULT", "device:1:conv1.0 grad-weight", 1);
    test_run run = TEST_PROGRAM_RUN(SUITE("lost.json"));
    unsetenv("ALEXNET_FAULT");
    cJSON *json = read_json("lost.json");

    (void)state;
    test_assert_run(&run, 3, "alexnet: ");
    const cJSON *gap = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "left_out"), 0);

    assert_int_equal(count(json, "left_out"), 1);
    assert_string_equal(text_of(gap, "what"), "tiny, batch 1, training");
    assert_memory_equal(text_of(gap, "why"), "device: ", 8);
    assert_int_equal(count(json, "results"), 1);
    cJSON_Delete(json);
    test_run_free(&run);
}

static void a_wrong_number_is_in_the_file_and_the_exit_code(void **state)
{
    setenv("ALEXNET_FAULT", "skip:1:", 1);
    test_run run = TEST_PROGRAM_RUN(SUITE("wrong.json"));
    unsetenv("ALEXNET_FAULT");
    cJSON *json = read_json("wrong.json");
    const cJSON *check;
    int failed = 0;

    (void)state;
    test_assert_run(&run, 6, "alexnet: 1 of 2");
    cJSON_ArrayForEach(check, cJSON_GetObjectItem(json, "checks"))
        failed += cJSON_IsFalse(cJSON_GetObjectItem(check, "pass"));
    assert_int_equal(failed, 1);
    assert_int_equal(count(json, "results"), 5);
    cJSON_Delete(json);
    test_run_free(&run);
}

static void an_interrupt_leaves_nothing(void **state)
{
    const char *const args[] = { SUITE("half.json"), NULL };

    (void)state;
    test_terminal_columns = 80;
    test_run run = test_program_on_terminal(args, "tiny, batch", SIGINT);

    assert_int_equal(run.exit_code, 128 + SIGINT);
    assert_false(base_file_exists(in_folder("half.json")));
    assert_false(base_file_exists(in_folder("half.json.tmp")));
    for (const char *line = run.err; *line != '\0'; line += strcspn(line, "\r\n") + 1)
        if (strncmp(line, "\033[K", 3) == 0 && strcspn(line, "\r\n") > 79 + strlen("\033[K") &&
            strncmp(line, "\033[Kleft out", 11) != 0) /* a message, which may break */
            fail_msg("%.*s", (int)strcspn(line, "\r\n"), line);
    assert_non_null(strstr(run.err, "[="));
    test_run_free(&run);
}

#define ARGS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static void every_error_has_its_code_and_one_line(void **state)
{
    const char *same = in_folder("same.ini");
    const struct {
        const char *args[10];
        int exit_code;
        const char *message;
    } wrong[] = {
        { ARGS("bench", "suite"), 2, "bench suite wants -o FILE" },
        { ARGS("bench", "suite", "-o", "/nonexistent/a.json"), 1, "/nonexistent" },
        { ARGS("bench", "suite", "tiny", same, "-o", same), 2, "is read and would be overwritten" },
        { ARGS("bench", "suite", "no-such-config", "-o", "/tmp/x.json"), 2, "no-such-config" },
        { ARGS("bench", "suite", "-o", "/tmp/x.json", "--device", "no such thing"), 3,
          "no such thing" },
        { ARGS("bench", "suite", "-o", "/tmp/x.json", "--csv", "/tmp/x.csv"), 2,
          "--csv belongs to bench step, ops and algos, not to suite" },
        { ARGS("bench", "step", "tiny", "-o", "/tmp/x.json"), 2,
          "--output belongs to bench suite, not to step" },
        { ARGS("bench", "step"), 2, "bench step wants CONFIG" },
        { ARGS("bench", "report", "--html", "/tmp/x.html"), 2, "bench report wants FILE..." },
    };

    (void)state;
    test_folder_write(&test_own_folder, "same.ini", "[net]\n");
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        test_run run = test_program(wrong[i].args);

        print_message("%s\n", wrong[i].message);
        test_assert_run(&run, wrong[i].exit_code, wrong[i].message);
        test_run_free(&run);
    }
}

static void files_that_are_no_suites_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        { "{\"schema\":1,\"kind\":\"suite\",\"progr", "not JSON" },
        { "{\"schema\":2,\"kind\":\"suite\"}", "a suite of schema 2; this program reads schema 1" },
        { "{\"schema\":1,\"kind\":\"tour\"}", "is missing" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        test_folder_write(&test_own_folder, "bad.json", wrong[i].text);
        test_run run = TEST_PROGRAM_RUN("bench", "report", in_folder("bad.json"), "--html",
                                        in_folder("bad.html"));

        test_assert_run(&run, 4, wrong[i].says);
        assert_ptr_equal(strchr(run.err, '\n'), run.err + strlen(run.err) - 1); /* one line */
        test_run_free(&run);
    }
    assert_false(base_file_exists(in_folder("bad.html")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_file_holds_all_and_the_report_takes_it),
        cmocka_unit_test(what_memory_does_not_hold_is_left_out),
        cmocka_unit_test(what_a_lost_device_has_done_is_in_the_file),
        cmocka_unit_test(a_wrong_number_is_in_the_file_and_the_exit_code),
        cmocka_unit_test(an_interrupt_leaves_nothing),
        cmocka_unit_test(every_error_has_its_code_and_one_line),
        cmocka_unit_test(files_that_are_no_suites_are_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
