/* test_names.c - which devices of a list a process takes, by its place on the host. */
#include "support/test.h"

#include <string.h>

#include "alexnet/dev/rt.h"

static void names_go_by_place(void **state)
{
    static const struct {
        const char *list;
        int count, place, places;
        const char *first, *last; /* NULL: refused */
    } rows[] = {
        { "gpu", 1, 2, 3, "gpu", "gpu" }, { "a,b,c", 1, 0, 3, "a", "a" },
        { "a,b,c", 1, 2, 3, "c", "c" },   { "a,b,c", 1, 1, 2, "b", "b" },
        { "a,b", 1, 0, 1, "a", "a" },     { "a,b", 1, 1, 3, NULL, NULL },
        { "a,b", 2, 3, 4, "a", "b" },     { "a,b,c,d", 2, 0, 2, "a", "b" },
        { "a,b,c,d", 2, 1, 2, "c", "d" }, { "a,b,c,d", 2, 0, 3, NULL, NULL },
        { "a,b,c", 2, 0, 1, NULL, NULL }, { "a", 2, 0, 1, NULL, NULL },
        { "a,b", 2, 0, 0, "a", "b" },     { "a,b,c,d", 2, 0, 0, NULL, NULL },
        { "a,,b", 1, 0, 3, NULL, NULL },  { "a,", 1, 0, 1, NULL, NULL },
        { "", 1, 0, 1, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        char names[2][ALX_DEVICE_NAME_BYTES] = { "", "" };
        const int rc = alx_device_names(names, rows[i].count, rows[i].list, rows[i].place,
                                        rows[i].places);

        assert_int_equal(rc, rows[i].first != NULL ? 0 : ALX_E_USAGE);
        if (rc == 0)
            assert_string_equal(names[0], rows[i].first);
        if (rc == 0)
            assert_string_equal(names[rows[i].count - 1], rows[i].last);
    }
}

static void a_name_has_an_end(void **state)
{
    char names[1][ALX_DEVICE_NAME_BYTES], list[ALX_DEVICE_NAME_BYTES + 2];

    (void)state;
    memset(list, 'x', sizeof list);
    list[ALX_DEVICE_NAME_BYTES - 1] = '\0';
    assert_ok(alx_device_names(names, 1, list, 0, 1));
    assert_string_equal(names[0], list);
    list[ALX_DEVICE_NAME_BYTES - 1] = 'x';
    list[ALX_DEVICE_NAME_BYTES] = '\0';
    assert_int_equal(alx_device_names(names, 1, list, 0, 1), ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_by_place),
        cmocka_unit_test(a_name_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
