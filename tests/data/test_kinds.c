/* test_kinds.c - what the end of a name says: a tar, whatever it is compressed with, or not. */
#include "support/test.h"

#include "data/kinds.h"

static void ends_of_tars(void **state)
{
    static const struct {
        const char *path;
        bool archive;
        size_t stem; /* 0: no tar's name */
    } cases[] = {
        { "cats.tar", true, 4 },     { "a/cats.TAR.GZ", true, 6 }, { "cats.tgz", true, 4 },
        { "cats.tar.bz2", true, 4 }, { "cats.tbz2", true, 4 },     { "cats.tar.xz", true, 4 },
        { "cats.txz", true, 4 },     { "cats.tar.zst", true, 4 },  { "cats.tzst", true, 4 },
        { "cats.gz", true, 0 },      { "cats.bz2", true, 0 },      { "cats.xz", true, 0 },
        { "cats.zst", true, 0 },     { "cats.tar.txt", false, 0 }, { "cats.tart", false, 0 },
        { "tar", false, 0 },         { "a.tar/cats", false, 0 },   { ".tar", true, 0 },
        { ".tar.gz", true, 0 },      { "gz", false, 0 },           { "", false, 0 },
        { "cats.tar.tgz", true, 8 }, { "cats.gz.tar", true, 7 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        assert_int_equal(data_path_is_archive(cases[i].path), cases[i].archive);
        assert_int_equal(data_tar_stem_length(cases[i].path), cases[i].stem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_of_tars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
