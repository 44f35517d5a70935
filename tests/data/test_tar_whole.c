/* test_tar_whole.c - tars that are not one whole tar: joined, cut, damaged, followed by something,
 * in one another, each compressed or not. Never are there silently less images. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/tar.h"

static const char *const filters[] = { "none", "gzip", "bzip2", "xz", "zstd" };

static const char *here(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

typedef struct bytes {
    char *at;
    size_t count;
} bytes;

static bytes read_bytes(const char *name)
{
    bytes out = { NULL, 0 };

    assert_ok(base_file_read(&out.at, &out.count, here(name)));
    return out;
}

/* NAME gets the parts one after the other; frees them. */
static void join(const char *name, bytes a, bytes b)
{
    char *both = test_alloc(a.count + b.count);

    memcpy(both, a.at, a.count);
    if (b.count > 0)
        memcpy(both + a.count, b.at, b.count);
    test_folder_write_bytes(&test_own_folder, name, both, a.count + b.count);
    free(both);
    free(a.at);
    free(b.at);
}

static bytes repeated(char byte, size_t count)
{
    const bytes out = { test_alloc(count), count };

    memset(out.at, byte, count);
    return out;
}

static void add_shade(test_tar *tar, const char *name, int red)
{
    const test_file image = test_png_plain(1, 1, (uint8_t)red, 0, 0);

    test_tar_add(tar, name, image.bytes, image.count);
    free(image.bytes);
}

/* Two images, of reds `red` and red + 1, each a header and a block of 512 bytes; the tar's end
 * marker is from byte 2048 on. */
static bytes pair(const char *class, int red, const char *filter)
{
    char name[64];
    test_tar *tar = test_tar_open(here("pair"));

    for (int i = 0; i < 2; ++i) {
        snprintf(name, sizeof name, "%s/%d.png", class, red + i);
        add_shade(tar, name, red + i);
    }
    test_tar_close(tar);
    if (strcmp(filter, "none") != 0)
        test_compress(here("pair"), filter);
    return read_bytes("pair");
}

static void assert_reds(const char *name, const int *reds, size_t count)
{
    alx_dataset *set = NULL;
    uint8_t rgb[3];

    assert_ok(alx_dataset_open(&set, here(name), ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_count(set), count);
    for (size_t i = 0; i < count; ++i) {
        assert_ok(alx_dataset_load(set, i, 1, rgb));
        assert_int_equal(rgb[0], reds[i]);
    }
    alx_dataset_close(set);
}

static void assert_refused(const char *name, const char *message)
{
    alx_dataset *set = NULL;

    assert_int_equal(alx_dataset_open(&set, here(name), ALX_SPLIT_TRAIN), ALX_E_DATA);
    assert_null(set);
    if (strstr(alx_status_text(ALX_E_DATA), message) == NULL)
        fail_msg("want '%s', got '%s'", message, alx_status_text(ALX_E_DATA));
}

/* ---- joined and followed ------------------------------------------------------------------- */

/* As Python's tarfile reads them with ignore_zeros=True: 4 files. */
static void joined_tars_are_read_on(void **state)
{
    static const int reds[] = { 10, 11, 20, 21 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        print_message("%s\n", filters[i]);
        join("parts.tar", pair("bee", 20, filters[i]), pair("ant", 10, filters[i]));
        assert_reds("parts.tar", reds, 4);
        join("whole.tar", pair("bee", 20, "none"), pair("ant", 10, "none"));
        if (i > 0)
            test_compress(here("whole.tar"), filters[i]);
        assert_reds("whole.tar", reds, 4);
    }
}

static void what_follows_the_end_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        print_message("%s\n", filters[i]);
        join("long.tar", pair("ant", 10, "none"), repeated('x', 700));
        join("short.tar", pair("ant", 10, "none"), repeated('x', 7));
        if (i > 0) {
            test_compress(here("long.tar"), filters[i]);
            test_compress(here("short.tar"), filters[i]);
        }
        assert_refused("long.tar", i == 0
                                       ? "what follows its end marker is no tar, from byte 3072 on"
                                       : "from byte 3072 of the unpacked tar on");
        assert_refused("short.tar", "what follows its end marker is no tar, from byte 3072 ");
    }
}

/* The filters of gzip and bzip2 end silently where another kind of bytes begins. */
static void what_follows_a_compressed_tar_is_named(void **state)
{
    static const int reds[] = { 10, 11 };
    char want[128];

    (void)state;
    for (size_t i = 1; i < ALX_COUNT(filters); ++i) {
        const bytes first = pair("ant", 10, filters[i]);
        const size_t length = first.count;

        print_message("%s\n", filters[i]);
        join("mixed.tar", first, pair("bee", 20, "none"));
        snprintf(want, sizeof want,
                 i <= 2 ? "compressed otherwise, or not, from byte %zu on"
                        : "mixed.tar: cannot be read as a tar",
                 length);
        assert_refused("mixed.tar", want);
    }
    for (size_t i = 1; i <= 2; ++i) {
        join("padded.tar", pair("ant", 10, filters[i]), repeated('\0', 6000));
        assert_reds("padded.tar", reds, 2);
    }
}

/* ---- cut and damaged ----------------------------------------------------------------------- */

static void tars_without_an_end_are_refused(void **state)
{
    static const int reds[] = { 10, 11 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        bytes cut = pair("ant", 10, "none"), lone = pair("ant", 10, "none");

        print_message("%s\n", filters[i]);
        cut.count = 2048;
        lone.count = 2048 + 512; /* GNU tar warns of a lone zero block, and takes it for the end */
        join("cut.tar", cut, (bytes){ NULL, 0 });
        join("lone.tar", lone, (bytes){ NULL, 0 });
        if (i > 0) {
            test_compress(here("cut.tar"), filters[i]);
            test_compress(here("lone.tar"), filters[i]);
        }
        assert_refused("cut.tar", "cut.tar: ends without its end marker: is it complete? If so, ");
        assert_reds("lone.tar", reds, 2);
    }
    bytes first = pair("ant", 10, "none"), second = pair("bee", 20, "none");

    second.count = 1024;
    join("second.tar", first, second);
    assert_refused("second.tar", "ends without its end marker");
}

static void damaged_headers_are_placed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        bytes damaged = pair("ant", 10, "none");

        print_message("%s\n", filters[i]);
        damaged.at[1024 + 3] ^= 1; /* in the name of the second member */
        join("damaged.tar", damaged, (bytes){ NULL, 0 });
        if (i > 0)
            test_compress(here("damaged.tar"), filters[i]);
        assert_refused("damaged.tar",
                       i == 0 ? "damaged tar: no header at byte 1024, after ant/10.png"
                              : "no header at byte 1024 of the unpacked tar, after ant/10.png");
    }
}

/* A byte of what ends a member of gzip's: of the check sum, or of the length. */
static void sums_of_gzip_are_compared(void **state)
{
    static const struct {
        size_t from_end;
        const char *message;
    } cases[] = {
        { 8, "damaged gzip input: incorrect data check" },
        { 5, "damaged gzip input: incorrect data check" },
        { 4, "damaged gzip input: incorrect length check" },
        { 1, "damaged gzip input: incorrect length check" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        for (int place = 0; place < 3; ++place) { /* alone, first and second of two */
            bytes wrong = pair("ant", 10, "gzip"), none = { NULL, 0 };

            wrong.at[wrong.count - cases[i].from_end] ^= 0x10;
            if (place == 0)
                join("sum.tar", wrong, none);
            else if (place == 1)
                join("sum.tar", wrong, pair("bee", 20, "gzip"));
            else
                join("sum.tar", pair("bee", 20, "gzip"), wrong);
            assert_refused("sum.tar", cases[i].message);
        }
}

/* Whatever byte is wrong, the tar is refused, or unpacks to the same: a few bytes of gzip's header
 * say nothing of the contents, and a run of zeros can be packed in several ways. */
static void no_wrong_byte_of_gzip_is_read(void **state)
{
    static const int reds[] = { 10, 11 };
    const bytes right = pair("ant", 10, "gzip");
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < right.count; ++i) {
        alx_dataset *set = NULL;

        right.at[i] ^= 0x04;
        test_folder_write_bytes(&test_own_folder, "bit.tar", right.at, right.count);
        right.at[i] ^= 0x04;
        if (alx_dataset_open(&set, here("bit.tar"), ALX_SPLIT_TRAIN) == 0)
            assert_reds("bit.tar", reds, 2);
        else
            ++refused;
        alx_dataset_close(set);
    }
    assert_in_range(refused, right.count * 9 / 10, right.count - 1);
    free(right.at);
}

/* ---- in one another ------------------------------------------------------------------------ */

static bytes nest(const char *name, bytes inner, const char *other, bytes second)
{
    test_tar *tar = test_tar_open(here("outer"));

    test_tar_add(tar, name, inner.at, inner.count);
    if (second.at != NULL)
        test_tar_add(tar, other, second.at, second.count);
    test_tar_close(tar);
    free(inner.at);
    free(second.at);
    return read_bytes("outer");
}

static void tars_in_tars_may_be_compressed(void **state)
{
    static const int reds[] = { 10, 11, 20, 21 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i)
        for (size_t k = 0; k < ALX_COUNT(filters); ++k) {
            print_message("%s in %s\n", filters[k], filters[i]);
            join("tars.tar",
                 nest("bee.tar.xz", pair("x", 20, filters[k]), "ant.TAR", pair("x", 10, "none")),
                 (bytes){ NULL, 0 });
            if (i > 0)
                test_compress(here("tars.tar"), filters[i]);
            assert_reds("tars.tar", reds, 4);
        }
}

static void tars_in_tars_in_tars_are_read(void **state)
{
    static const int reds[] = { 10, 11, 20, 21 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        const bytes classes = nest("bee.tar", pair("x", 20, filters[i]), "ant.tgz",
                                   pair("x", 10, "gzip"));

        print_message("%s\n", filters[i]);
        join("three.tar", nest("train.tar", classes, NULL, (bytes){ NULL, 0 }), (bytes){ NULL, 0 });
        assert_reds("three.tar", reds, 4);
        test_gzip(here("three.tar"));
        assert_reds("three.tar", reds, 4);
    }
}

static void what_is_wrong_inside_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(filters); ++i) {
        bytes cut = pair("x", 20, "none"), damaged = pair("x", 20, "none");

        print_message("%s\n", filters[i]);
        cut.count = 2048;
        damaged.at[1024] ^= 1;
        join("cut.tar", nest("ant.tar", pair("x", 10, "none"), "bee.tar", cut), (bytes){ NULL, 0 });
        join("damaged.tar", nest("bee.tar", damaged, NULL, (bytes){ NULL, 0 }), (bytes){ NULL, 0 });
        join("text.tar", nest("bee.tar.gz", repeated('x', 5), NULL, (bytes){ NULL, 0 }),
             (bytes){ NULL, 0 });
        if (i > 0) {
            test_compress(here("cut.tar"), filters[i]);
            test_compress(here("damaged.tar"), filters[i]);
            test_compress(here("text.tar"), filters[i]);
        }
        assert_refused("cut.tar", "cut.tar:bee.tar: ends without its end marker");
        assert_refused("damaged.tar", "damaged.tar:bee.tar: damaged tar: no header at byte 1024");
        assert_refused("text.tar", "text.tar:bee.tar.gz: cannot be read as a tar");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_tars_are_read_on),
        cmocka_unit_test(what_follows_the_end_is_named),
        cmocka_unit_test(what_follows_a_compressed_tar_is_named),
        cmocka_unit_test(tars_without_an_end_are_refused),
        cmocka_unit_test(damaged_headers_are_placed),
        cmocka_unit_test(sums_of_gzip_are_compared),
        cmocka_unit_test(no_wrong_byte_of_gzip_is_read),
        cmocka_unit_test(tars_in_tars_may_be_compressed),
        cmocka_unit_test(tars_in_tars_in_tars_are_read),
        cmocka_unit_test(what_is_wrong_inside_is_named),
    };
    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
