/* test_lookup.c - places of names. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/lookup.h"

static void names_are_found_by_their_whole(void **state)
{
    char *names[] = { "cat flap", "bee", "cat", "", "bee", "c\xC3\xA4t", "caterpillar", "cat" };
    base_lookup *lookup = NULL;
    size_t places[2] = { 9, 9 };

    (void)state;
    assert_ok(base_lookup_create(&lookup, names, ALX_COUNT(names)));
    assert_int_equal(base_lookup_find(lookup, "cat", 3), 2); /* the first of two */
    assert_int_equal(base_lookup_find(lookup, "cat flap", 8), 0);
    assert_int_equal(base_lookup_find(lookup, "cat flap", 3), 2);
    assert_int_equal(base_lookup_find(lookup, "cat flap", 4), -1);
    assert_int_equal(base_lookup_find(lookup, "caterpillar", 11), 6);
    assert_int_equal(base_lookup_find(lookup, "c\xC3\xA4t", 4), 5);
    assert_int_equal(base_lookup_find(lookup, "ca", 2), -1);
    assert_int_equal(base_lookup_find(lookup, "zebra", 5), -1);
    assert_int_equal(base_lookup_find(lookup, "bee", 0), 3);
    assert_true(base_lookup_duplicates(lookup, places));
    assert_int_equal(places[0], 1); /* whose second stands first */
    assert_int_equal(places[1], 4);
    base_lookup_free(lookup);
    assert_ok(base_lookup_create(&lookup, names, 3));
    assert_false(base_lookup_duplicates(lookup, places));
    base_lookup_free(lookup);
    assert_ok(base_lookup_create(&lookup, NULL, 0));
    assert_int_equal(base_lookup_find(lookup, "cat", 3), -1);
    assert_false(base_lookup_duplicates(lookup, places));
    base_lookup_free(lookup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_by_their_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
