/* test_json.c - JSON that strict readers take; a tree that memory does not suffice for has no text;
 * cJSON stays as the process of the library has set it up. */
#include "base/json.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------ */

/* json.loads of Python 3.11 has back "caf\\xe9", "a\nb\x1b\x7f\x9b" and "\\x5cxe9". */
static void json_is_what_strict_readers_take(void **state)
{
    static const char *const texts[] = { "caf\xE9", "a\nb\x1B\x7F\xC2\x9B", "\\xe9",
                                         "\xE7\x8C\xAB" };
    cJSON *tree = cJSON_CreateObject();

    (void)state;
    base_json_add(tree, "names", cJSON_CreateStringArray(texts, ALX_COUNT(texts)));
    char *text = base_json_text(tree, false);

    assert_string_equal(text, "{\"names\":[\"caf\\\\xe9\",\"a\\nb\\u001b\\u007f\\u009b\","
                              "\"\\\\x5cxe9\",\"\xE7\x8C\xAB\"]}");
    free(text);
    cJSON_Delete(tree);
    assert_null(base_json_text(NULL, true));
}

/* ---- an allocator of the process's own ---------------------------------------------------- */

enum { MARK_BYTES = 32 };

static int made, fails_at, lent;

/* Its blocks are none of malloc's. */
static void *allocate(size_t bytes)
{
    char *block = ++made == fails_at ? NULL : test_alloc(MARK_BYTES + bytes);

    lent += block != NULL;
    return block != NULL ? block + MARK_BYTES : NULL;
}

static void release(void *block)
{
    lent -= block != NULL;
    free(block != NULL ? (char *)block - MARK_BYTES : NULL);
}

static int set_hooks(void **state)
{
    (void)state;
    fails_at = made = lent = 0;
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = allocate, .free_fn = release });
    return 0;
}

static int reset_hooks(void **state)
{
    (void)state;
    cJSON_InitHooks(NULL);
    return 0;
}

static cJSON *build_every_kind(void)
{
    static const double numbers[] = { 1, 2.5 };
    cJSON *tree = cJSON_CreateObject(), *list = base_json_add_array(tree, "list");
    cJSON *within = base_json_add_object(tree, "within"), *row = cJSON_CreateObject();

    base_json_add_text(within, "text", "caf\xE9");
    base_json_add_number(within, "number", 7);
    base_json_add_null(within, "null");
    base_json_add_bool(row, "yes", true);
    base_json_add(row, "numbers", cJSON_CreateDoubleArray(numbers, 2));
    base_json_append(list, row);
    base_json_append(list, cJSON_CreateString("last"));
    return tree;
}

static const char every_kind[] = "{\"list\":[{\"yes\":true,\"numbers\":[1,2.5]},\"last\"],"
                                 "\"within\":{\"text\":\"caf\\\\xe9\",\"number\":7,\"null\":null}}";

/* Each allocation fails once; the text is malloc's, whoever made it. */
static void a_tree_with_a_missing_part_has_no_text(void **state)
{
    int whole = 0;

    (void)state;
    for (fails_at = 1; whole < 2; ++fails_at) {
        made = 0;
        cJSON *tree = build_every_kind();
        char *text = base_json_text(tree, false);

        if (made >= fails_at)
            assert_null(text);
        else
            assert_string_equal(text, every_kind);
        whole += text != NULL;
        free(text);
        cJSON_Delete(tree);
        assert_int_equal(lent, 0);
    }
    assert_in_range(fails_at, 20, 60);
}

/* What ran out of memory before is nothing to the next tree. */
static void a_tree_that_was_thrown_away_spoils_no_other(void **state)
{
    (void)state;
    fails_at = 2;
    cJSON_Delete(build_every_kind());
    assert_true(made > fails_at);
    cJSON *tree = build_every_kind();
    char *text = base_json_text(tree, false);

    assert_string_equal(text, every_kind);
    free(text);
    cJSON_Delete(tree);
}

static void a_document_is_indented_and_its_tree_gone(void **state)
{
    char *text = NULL, *line = NULL;

    (void)state;
    assert_ok(base_json_take(&text, build_every_kind()));
    assert_int_equal(lent, 0);
    assert_non_null(strchr(text, '\n'));
    cJSON *tree = cJSON_Parse(text);

    line = base_json_text(tree, false); /* the name is escaped already, and once is enough */
    assert_non_null(line);
    assert_non_null(strstr(line, "\"number\":7,\"null\":null}}"));
    cJSON_Delete(tree);
    free(line);
    free(text);
    fails_at = 2;
    made = 0;
    assert_int_equal(base_json_take(&text, build_every_kind()), ALX_E_MEMORY);
    assert_null(text);
    assert_int_equal(lent, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_what_strict_readers_take),
        cmocka_unit_test_setup_teardown(a_tree_with_a_missing_part_has_no_text, set_hooks,
                                        reset_hooks),
        cmocka_unit_test_setup_teardown(a_tree_that_was_thrown_away_spoils_no_other, set_hooks,
                                        reset_hooks),
        cmocka_unit_test_setup_teardown(a_document_is_indented_and_its_tree_gone, set_hooks,
                                        reset_hooks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
