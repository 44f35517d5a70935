/* test_pack_check.c - an unfinished pack whose database was damaged: it is refused by name, or what
 * comes out of it is as if nothing had happened. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/rng.h"
#include "support/folder.h"
#include "support/images.h"

#define IMAGES 30
#define BAD 22 /* the image that stops the first run */
#define SIZE 32
#define PAGE 4096

static test_folder root;
static alx_dataset *source;
static char *saved, *saved_note;
static size_t saved_bytes, saved_note_bytes;

static const char *in_root(const char *name)
{
    return test_folder_path(&root, name);
}

static int pack(const char *name)
{
    const alx_pack_options options = { .size = SIZE, .threads = 1, .skip_bad = name[0] != 'f' };
    const alx_dataset *const sets[2] = { source, NULL };
    alx_pack_result result;

    return alx_pack(&result, in_root(name), sets, &options);
}

/* What cannot be, and what is left to the library. */
static void options_are_settled(void **state)
{
    static const alx_pack_options wrong[] = {
        { .size = 0, .threads = 1 },
        { .size = SIZE, .threads = -1 },
        { .size = SIZE, .quality = 101, .threads = 1 },
        { .size = SIZE, .quality = -1, .threads = 1 },
    };
    const alx_pack_options all_processors = { .size = SIZE, .skip_bad = true };
    const alx_dataset *const sets[2] = { source, NULL }, *const none[2] = { NULL, NULL };
    alx_pack_result result;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i)
        assert_int_equal(alx_pack(&result, in_root("settled"), sets, &wrong[i]), ALX_E_USAGE);
    assert_int_equal(alx_pack(&result, in_root("settled"), none, &all_processors), ALX_E_USAGE);
    assert_false(base_file_exists(in_root("settled.partial")));
    assert_ok(alx_pack(&result, in_root("settled"), sets, &all_processors));
    assert_int_equal(result.images, IMAGES - 1);
    assert_int_equal(result.bad, 1);
}

static void write_images(void)
{
    uint8_t rows[SIZE * SIZE * 3];
    char name[64];

    for (uint32_t n = 0; n < IMAGES; ++n) {
        for (uint32_t i = 0; i < sizeof rows; ++i)
            rows[i] = (uint8_t)(((n * sizeof rows + i) * 2654435761u) >> 24);
        test_file file = test_png(rows, SIZE * 3, SIZE, SIZE, 8, 2, 0, NULL);

        snprintf(name, sizeof name, "source/x/%02u.png", n);
        test_folder_write_bytes(&root, name, file.bytes, n == BAD ? 3 : file.count);
        free(file.bytes);
    }
}

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    write_images();
    assert_ok(alx_dataset_open(&source, in_root("source"), ALX_SPLIT_TRAIN));
    assert_ok(pack("whole"));
    assert_int_equal(pack("first"), ALX_E_DATA);
    assert_true(base_file_exists(in_root("first.partial/data.mdb")));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    alx_dataset_close(source);
    test_folder_remove(&root);
    return 0;
}

/* ---- one damaged copy ------------------------------------------------------------------------ */

static void save(const char *folder)
{
    char name[64];

    free(saved);
    free(saved_note);
    snprintf(name, sizeof name, "%s/data.mdb", folder);
    assert_ok(base_file_read(&saved, &saved_bytes, in_root(name)));
    snprintf(name, sizeof name, "%s/pack.txt", folder);
    assert_ok(base_file_read(&saved_note, &saved_note_bytes, in_root(name)));
}

static void remove_files(const char *folder)
{
    static const char *const names[] = { "data.mdb", "pack.txt",   "classes.txt",    "bad.txt",
                                         "mean.npy", "statistics", "statistics.json" };
    char name[64];

    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        unlink(in_root(name));
    }
    rmdir(in_root(folder));
}

static void assert_as_if_nothing_happened(void)
{
    alx_dataset *sets[2] = { NULL, NULL };

    assert_ok(alx_dataset_open(&sets[0], in_root("copy"), ALX_SPLIT_TRAIN));
    assert_ok(alx_dataset_open(&sets[1], in_root("whole"), ALX_SPLIT_TRAIN));
    assert_int_equal(alx_dataset_count(sets[0]), IMAGES - 1);
    for (size_t i = 0; i < IMAGES - 1; ++i) {
        uint8_t rgb[2][SIZE * SIZE * 3];

        for (int n = 0; n < 2; ++n)
            assert_ok(alx_dataset_load(sets[n], i, SIZE, rgb[n]));
        assert_memory_equal(rgb[0], rgb[1], sizeof rgb[0]);
    }
    alx_dataset_close(sets[0]);
    alx_dataset_close(sets[1]);
}

/* Adds to refused, or to those that went on. */
static void go_on_with(const char *bytes, size_t count, int counts[2])
{
    remove_files("copy.partial");
    remove_files("copy");
    test_folder_write_bytes(&root, "copy.partial/data.mdb", bytes, count);
    test_folder_write_bytes(&root, "copy.partial/pack.txt", saved_note, saved_note_bytes);
    const int rc = pack("copy");

    if (rc == 0) {
        assert_as_if_nothing_happened();
    } else if (rc != ALX_E_DATA || strstr(alx_status_text(rc), "data.mdb: ") == NULL ||
               strstr(alx_status_text(rc), "; remove ") == NULL ||
               strstr(alx_status_text(rc), "copy.partial, and the same command packs it anew") ==
                   NULL) {
        fail_msg("%d, %s", rc, alx_status_text(rc));
    }
    ++counts[rc == 0];
}

/* ---- every kind of damage -------------------------------------------------------------------- */

static void cuts(int counts[2])
{
    for (size_t left = 1; left < saved_bytes; left += PAGE / 2 - 1)
        go_on_with(saved, left, counts);
}

static void lost_pages(int counts[2])
{
    char *copy = test_alloc(saved_bytes);

    for (size_t page = 0; page < saved_bytes / PAGE; ++page) {
        memcpy(copy, saved, saved_bytes);
        memset(copy + page * PAGE, 0, PAGE);
        go_on_with(copy, saved_bytes, counts);
        memcpy(copy + page * PAGE, saved + saved_bytes - PAGE * (page % 3 + 1), PAGE);
        go_on_with(copy, saved_bytes, counts);
    }
    free(copy);
}

/* One bit, every other time where a page or the file says what it holds. */
static void wrong_bits(int counts[2])
{
    char *copy = test_alloc(saved_bytes);

    for (uint32_t round = 0; round < 100; ++round) {
        uint32_t words[4];

        base_rng_words(words, 1, BASE_RNG_TEST, round, 0);
        const size_t page = round % 3 == 0 ? words[0] % 2 : words[0] % (saved_bytes / PAGE);
        const size_t within = words[1] % (words[2] % 2 == 0 ? 160 : PAGE);

        memcpy(copy, saved, saved_bytes);
        copy[page * PAGE + within] ^= (char)(1u << words[3] % 8);
        go_on_with(copy, saved_bytes, counts);
    }
    free(copy);
}

static void damage(const char *folder)
{
    int counts[2] = { 0, 0 };

    save(folder);
    go_on_with(saved, saved_bytes, counts);
    go_on_with("", 0, counts); /* as a run leaves it that was killed at once */
    assert_int_equal(counts[1], 2);
    cuts(counts);
    assert_int_equal(counts[1], 2);
    lost_pages(counts);
    wrong_bits(counts);
    print_message("%s: %d refused, %d went on\n", folder, counts[0], counts[1]);
    free(saved);
    free(saved_note);
    saved = saved_note = NULL;
}

static void an_unfinished_database(void **state)
{
    (void)state;
    damage("first.partial");
}

/* Killed between the last record and the statistics. */
static void a_database_with_all_records(void **state)
{
    (void)state;
    damage("whole");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_settled),
        cmocka_unit_test(an_unfinished_database),
        cmocka_unit_test(a_database_with_all_records),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
