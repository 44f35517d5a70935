/* test_log.c - messages go to the sink that was set, and nowhere else. */
#include "support/test.h"

#include <stdio.h>
#include <unistd.h>

#include "alexnet/log.h"

typedef struct heard_log {
    char text[256];
    int count;
} heard_log;

static void hear(enum alx_log_level level, const char *text, void *user)
{
    heard_log *log = user;

    snprintf(log->text, sizeof log->text, "%d %s", (int)level, text);
    ++log->count;
}

static void a_sink_hears_what_its_level_lets_through(void **state)
{
    heard_log log = { .count = 0 };

    (void)state;
    alx_log_set_sink(hear, &log);
    alx_log_set_level(ALX_LOG_WARN);
    alx_info("not %s", "heard");
    assert_int_equal(log.count, 0);
    alx_warn("cat %d", 7);
    assert_string_equal(log.text, "1 cat 7");
    alx_log_set_level(ALX_LOG_DEBUG);
    alx_debug("two\nlines");
    assert_string_equal(log.text, "3 two\nlines");
    alx_log_set_level(ALX_LOG_QUIET);
    alx_warn("not heard");
    assert_int_equal(log.count, 2);
}

static void a_name_in_a_message_moves_no_cursor(void **state)
{
    heard_log log = { .count = 0 };

    (void)state;
    alx_log_set_level(ALX_LOG_INFO);
    alx_log_set_sink(hear, &log);
    alx_info("%s", "a\r\033[Kb");
    assert_string_equal(log.text, "2 a\\x0d\\x1b[Kb");
}

/* What `speak` writes to the descriptor. */
static void written_to(int descriptor, void (*speak)(void), char *text, size_t bytes)
{
    FILE *file = tmpfile();
    const int before = dup(descriptor);

    assert_non_null(file);
    fflush(NULL);
    assert_true(dup2(fileno(file), descriptor) >= 0);
    speak();
    fflush(NULL);
    dup2(before, descriptor);
    close(before);
    rewind(file);
    text[fread(text, 1, bytes - 1, file)] = '\0';
    fclose(file);
}

static void speak_without_sink(void)
{
    alx_log_set_sink(NULL, NULL);
    alx_warn("lost");
}

static void speak_to_stderr(void)
{
    alx_log_set_sink(alx_log_to_stderr, NULL);
    alx_warn("a warning");
    alx_info("a line");
    alx_debug("a detail");
}

static void without_a_sink_nothing_is_printed(void **state)
{
    char text[256];

    (void)state;
    alx_log_set_level(ALX_LOG_DEBUG);
    written_to(STDERR_FILENO, speak_without_sink, text, sizeof text);
    assert_string_equal(text, "");
    written_to(STDOUT_FILENO, speak_without_sink, text, sizeof text);
    assert_string_equal(text, "");
    written_to(STDERR_FILENO, speak_to_stderr, text, sizeof text);
    assert_string_equal(text, "warning: a warning\na line\ndebug: a detail\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_hears_what_its_level_lets_through),
        cmocka_unit_test(a_name_in_a_message_moves_no_cursor),
        cmocka_unit_test(without_a_sink_nothing_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
