/* test_lines.c - the lines of a check: what is kept of them, and as JSON. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "check/check.h"

static void count_line(const alx_check_line *line, void *user)
{
    size_t *count = user;

    *count += line->count;
}

static void the_worst_of_each_line_is_kept(void **state)
{
    size_t seen = 0;
    const alx_check_options options = { .on_line = count_line, .user = &seen };
    alx_check_total total = { 0 };
    check_report report = { .options = &options, .total = &total };
    char *text = NULL;

    (void)state;
    check_begin(&report, "scale");
    check_add(&report, 0.25, 1.0, "place %d", 1);
    check_add(&report, 0.5, 1.0, "place %d", 2);
    check_add(&report, 0.375, 1.0, "place %d", 3);
    check_end(&report);
    check_begin(&report, "sgd");
    check_add(&report, 0.0, 0.0, "exact");
    check_add(&report, 3.0, 2.0, "off");
    check_end(&report);
    check_begin(&report, "none"); /* nothing was compared: no pass */
    check_end(&report);
    assert_int_equal(total.lines, 3);
    assert_int_equal(total.failed, 2);
    assert_int_equal(seen, 5);

    assert_ok(alx_check_json(&text, &total));
    cJSON *tree = cJSON_Parse(text);
    char *line = cJSON_PrintUnformatted(tree);

    assert_string_equal(line, "[{\"check\":\"scale\",\"pass\":true,\"error\":0.5,\"limit\":1,"
                              "\"worst\":\"place 2\",\"comparisons\":3},"
                              "{\"check\":\"sgd\",\"pass\":false,\"error\":3,\"limit\":2,"
                              "\"worst\":\"off\",\"comparisons\":2},"
                              "{\"check\":\"none\",\"pass\":false,\"error\":0,\"limit\":0,"
                              "\"worst\":\"\",\"comparisons\":0}]");
    cJSON_Delete(tree);
    free(line);
    free(text);
    alx_check_total_free(&total);
    assert_int_equal(total.lines, 0);
}

static void lines_that_were_lost_are_said(void **state)
{
    const alx_check_total total = { .lines = 3 };
    char *text = NULL;

    (void)state;
    assert_int_equal(alx_check_json(&text, &total), ALX_E_MEMORY);
    assert_null(text);
}

static void no_line_is_an_empty_list(void **state)
{
    const alx_check_total total = { 0 };
    char *text = NULL;

    (void)state;
    assert_ok(alx_check_json(&text, &total));
    assert_string_equal(text, "[]");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_of_each_line_is_kept),
        cmocka_unit_test(lines_that_were_lost_are_said),
        cmocka_unit_test(no_line_is_an_empty_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
