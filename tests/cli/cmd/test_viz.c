/* test_viz.c - a run as one page: its pictures are in it byte for byte, nothing is outside. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "support/folder.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"

static char run_dir[512];

/* The caller's (free). */
static void read_content(char **text, size_t *bytes, const char *name)
{
    char path[600];

    snprintf(path, sizeof path, "%s/%s", run_dir, name);
    assert_ok(base_file_read(text, bytes, path));
}

static void run_ends_well(test_run run)
{
    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

/* 0 to 63; -1 of '=' */
static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = strchr(digits, c);

    return found != NULL && c != '\0' ? (int)(found - digits) : -1;
}

/* The picture with that alternative text is the file. */
static void assert_shows(const char *page, const char *what, const char *file)
{
    char begin[128];
    size_t bytes = 0, at = 0;
    char *wanted = NULL;

    read_content(&wanted, &bytes, file);
    snprintf(begin, sizeof begin, "<img alt=\"%s\" src=\"data:image/png;base64,", what);
    const char *text = strstr(page, begin);

    assert_non_null(text);
    text += strlen(begin);
    for (; *text != '"'; text += 4) {
        const int d[4] = { digit(text[0]), digit(text[1]), digit(text[2]), digit(text[3]) };
        const unsigned word = (unsigned)d[0] << 18 | (unsigned)d[1] << 12 |
                              (d[2] >= 0 ? (unsigned)d[2] << 6 : 0) |
                              (d[3] >= 0 ? (unsigned)d[3] : 0);

        for (int k = 0; k < 3 && (k == 0 || d[k + 1] >= 0); ++k, ++at)
            if (at >= bytes || (unsigned char)wanted[at] != (word >> (16 - 8 * k) & 255u))
                fail_msg("%s: byte %zu differs", file, at);
    }
    assert_int_equal(at, bytes);
    free(wanted);
}

static void a_run_that_went_on_has_a_line_for_each_session(void **state)
{
    char *text = NULL;
    size_t bytes = 0;

    (void)state;
    run_ends_well(TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "-b", "500", "--set",
                                   "train.shards=4", "--max-steps", "3", "--epochs", "2", "-o",
                                   run_dir, "-q"));
    run_ends_well(
        TEST_PROGRAM_RUN("train", "--resume", run_dir, "--max-steps", "12", "--diagnose", "-q"));
    read_content(&text, &bytes, "sessions.jsonl");
    const char *second = strchr(text, '\n') + 1;
    cJSON *line = cJSON_Parse(second);

    assert_true(test_number(line, "step") == 3.0);
    assert_true(test_number(line, "epoch") == 0.0);
    assert_true(test_number(line, "device_bytes") > 0.0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(line, "devices")), 1);
    assert_memory_equal(cJSON_GetObjectItem(line, "program")->valuestring, "alexnet ", 8);
    assert_string_equal(strchr(second, '\n'), "\n");
    cJSON_Delete(line);
    free(text);
}

static void append_session(const char *line)
{
    char path[600];

    snprintf(path, sizeof path, "%s/sessions.jsonl", run_dir);
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    assert_true(fputs(line, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_page_holds_all_of_a_run(void **state)
{
    static const char *const there[] = {
        "<h1>tiny</h1>",
        "checkpoint-best: after 1 of 2 epochs, 10 updates",
        "<td class=l>conv1</td>",
        "<th>train_loss</th>",
        "[fc8]",
        "batch-size = 500",
        "Planned for training, 125 images a pass,",
        "eval RUN -o RUN puts them beside the run",
        "<td class=l>fffe</td><td></td></tr>", /* bytes that no device has */
    };
    char *page = NULL;
    size_t bytes = 0;

    (void)state;
    append_session("{\"gemm\": \"fffe\", \"device_bytes\": 1e300}\n");
    run_ends_well(TEST_PROGRAM_RUN("viz", run_dir, "--html"));
    read_content(&page, &bytes, "run.html");
    for (size_t i = 0; i < ALX_COUNT(there); ++i)
        if (strstr(page, there[i]) == NULL)
            fail_msg("without \"%s\"", there[i]);
    assert_shows(page, "Curves", "curves.png");
    assert_shows(page, "Filters of the first layer", "filters.png");
    assert_shows(page, "How the layers fared", "diagnose.png");
    assert_null(strstr(page, "http"));
    assert_null(strstr(page, "<script"));
    free(page);
}

static int make(void **state)
{
    const int rc = test_own_folder_make(state);

    snprintf(run_dir, sizeof run_dir, "%s", test_folder_path(&test_own_folder, "run"));
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_went_on_has_a_line_for_each_session),
        cmocka_unit_test(a_page_holds_all_of_a_run),
    };

    return cmocka_run_group_tests(tests, make, test_own_folder_remove);
}
