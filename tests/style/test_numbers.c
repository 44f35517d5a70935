/* test_numbers.c - the library prints and reads fractions by base/numbers.h alone: the C library's
 * own functions go by the locale of the process. */
#include "support/test.h"
#include "support/tree.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The end of the call that begins at `open`, its opening parenthesis. */
static const char *call_end(const char *open)
{
    int depth = 0;
    bool quoted = false;

    for (const char *s = open; *s != '\0'; ++s) {
        if (*s == '\\')
            ++s;
        else if (*s == '"')
            quoted = !quoted;
        else if (!quoted && *s == '(')
            ++depth;
        else if (!quoted && *s == ')' && --depth == 0)
            return s;
    }
    return open + strlen(open);
}

/* Whether a format prints or reads a fraction: "%.3f", "%lg". */
static bool has_fraction(const char *s, const char *end)
{
    for (; s < end; ++s) {
        if (*s != '%')
            continue;
        s += 1 + strspn(s + 1, "-+ #0123456789.*lL");
        if (*s != '\0' && strchr("aefgAEFG", *s) != NULL)
            return true;
    }
    return false;
}

/* Where `name` is called first from `text` on, at its opening parenthesis; or NULL. */
static const char *find_call(const char *text, const char *name)
{
    for (const char *at = text; (at = strstr(at, name)) != NULL; ++at) {
        const char *after = at + strlen(name);

        if (*after == '(' && (at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_')))
            return after;
    }
    return NULL;
}

static int check_numbers(const char *path, const char *text)
{
    static const struct {
        const char *name;
        bool always; /* its format is not there to see, or it has none */
    } functions[] = {
        { "printf", false },   { "fprintf", false },  { "dprintf", false }, { "sprintf", false },
        { "snprintf", false }, { "asprintf", false }, { "scanf", false },   { "fscanf", false },
        { "sscanf", false },   { "vprintf", true },   { "vfprintf", true }, { "vsprintf", true },
        { "vsnprintf", true }, { "vasprintf", true }, { "vsscanf", true },  { "strtod", true },
        { "strtof", true },    { "strtold", true },   { "atof", true },
    };
    int wrong = 0;

    if (strncmp(path, "src/cli/", 8) == 0 || strcmp(path, "src/base/numbers.c") == 0)
        return 0;
    for (size_t i = 0; i < ALX_COUNT(functions); ++i)
        for (const char *open = text; (open = find_call(open, functions[i].name)) != NULL; ++open) {
            const char *end = call_end(open);

            if (!functions[i].always && !has_fraction(open, end))
                continue;
            print_error("%s: %s%.*s: see base/numbers.h\n", path, functions[i].name,
                        (int)(end - open) + 1, open);
            ++wrong;
        }
    return wrong;
}

static void fractions_have_a_point(void **state)
{
    static const char *const endings[] = { ".c", ".h", NULL };

    (void)state;
    assert_int_equal(test_tree_visit("src", endings, check_numbers), 0);
}

static void the_check_sees_fractions(void **state)
{
    (void)state;
    assert_int_equal(check_numbers("src/a.c", "snprintf(a, 3, \"%d %s\", b, c); d = 0.5 * e;"), 0);
    assert_int_equal(check_numbers("src/a.c", "base_print(a, 3, \"%g\", b); // %g\n"), 0);
    assert_int_equal(check_numbers("src/a.c", "printf(\"\\\"(%d%% of\", a); f(\"%g\");"), 0);
    assert_int_equal(check_numbers("src/a.c", "fprintf(f, \"%s: \"\n\"%.*f\",\n n(a), 1, b);"), 1);
    assert_int_equal(check_numbers("src/a.c", "sscanf(a, \"%lg\", &b); x = strtod(a, NULL);"), 2);
    assert_int_equal(check_numbers("src/a.c", "vsnprintf(a, 3, format, args)"), 1);
    assert_int_equal(check_numbers("src/cli/a.c", "printf(\"%g\", 0.5);"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_sees_fractions),
        cmocka_unit_test(fractions_have_a_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
