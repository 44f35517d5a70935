/* test_base.c - status, files, hash, random numbers. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/rng.h"

static void message_belongs_to_its_code(void **state)
{
    (void)state;
    assert_int_equal(alx_fail(ALX_E_DATA, "%s: not a JPEG", "a.jpg"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "a.jpg: not a JPEG");
    assert_string_equal(alx_status_text(ALX_E_MEMORY), "out of memory");
    assert_int_equal(alx_fail_context(ALX_E_DATA, "epoch %d", 3), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "epoch 3: a.jpg: not a JPEG");
    assert_int_equal(alx_fail_hint(ALX_E_DATA, "; use %s", "b.jpg"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "epoch 3: a.jpg: not a JPEG; use b.jpg");
    assert_int_equal(alx_fail_hint(0, "; no failure, no hint"), 0);
    assert_string_equal(alx_status_text(ALX_E_DATA), "epoch 3: a.jpg: not a JPEG; use b.jpg");
    assert_int_equal(alx_fail_hint(ALX_E_MEMORY, "; of another code"), ALX_E_MEMORY);
    assert_string_equal(alx_status_text(ALX_E_MEMORY), "out of memory; of another code");
    assert_int_equal(alx_exit_code(ALX_E_BUILD), 3);
    assert_int_equal(alx_exit_code(ALX_E_INTERRUPTED), 130);
}

static void a_name_with_line_ends_breaks_no_message(void **state)
{
    char longest[9000];

    (void)state;
    assert_int_equal(alx_fail(ALX_E_DATA, "w: tensor %s: twice", "a\nb\n"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "w: tensor a\\x0ab\\x0a: twice");
    assert_int_equal(alx_fail_context(ALX_E_DATA, "x\ny"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), "x\\x0ay: w: tensor a\\x0ab\\x0a: twice");
    memset(longest, '\n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(alx_fail(ALX_E_IO, "%s", longest), ALX_E_IO);
    assert_int_equal(alx_fail_hint(ALX_E_IO, "%s", longest), ALX_E_IO);
    assert_null(strchr(alx_status_text(ALX_E_IO), '\n'));
    assert_int_equal(alx_fail(ALX_E_BUILD, "a log:\nline 1"), ALX_E_BUILD);
    assert_string_equal(alx_status_text(ALX_E_BUILD), "a log:\nline 1");
}

static void written_file_appears_whole_or_not_at_all(void **state)
{
    char path[] = "/tmp/alexnet-test-XXXXXX", *data = NULL;
    size_t bytes = 0;
    base_file_writer *writer = NULL;

    (void)state;
    close(mkstemp(path));
    assert_ok(base_file_write(path, "first", 5));
    assert_ok(base_file_writer_open(&writer, path));
    assert_ok(base_file_writer_write(writer, "sec", 3));
    base_file_writer_abort(&writer);
    assert_ok(base_file_read(&data, &bytes, path));
    assert_int_equal(bytes, 5);
    assert_string_equal(data, "first");
    free(data);
    unlink(path);
    assert_int_equal(base_file_read(&data, &bytes, path), ALX_E_DATA);
    assert_null(data);
    assert_int_equal(base_file_write("/proc/nowhere/x", "", 0), ALX_E_IO);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(base_file_read(&data, &bytes, path), ALX_E_DATA); /* and does not wait */
    unlink(path);
}

/* Random123's kat_vectors: philox4x32 10, counter and key all zero. */
static void a_path_too_long_is_refused(void **state)
{
    char path[PATH_MAX], folder[PATH_MAX];

    (void)state;
    assert_ok(base_path_in(path, "runs/a", "metrics.csv"));
    assert_string_equal(path, "runs/a/metrics.csv");
    memset(folder, 'f', sizeof folder);
    folder[PATH_MAX - 3] = '\0'; /* and a slash, a letter and the end */
    assert_ok(base_path_in(path, folder, "b"));
    assert_int_equal(strlen(path), PATH_MAX - 1);
    assert_int_equal(base_path_in(path, folder, "bc"), ALX_E_IO);
}

static void philox_known_answer(void **state)
{
    uint32_t words[4];

    (void)state;
    base_rng_words(words, 0, (enum base_rng_purpose)0, 0, 0);
    assert_int_equal(words[0], 0x6627e8d5);
    assert_int_equal(words[1], 0xe169c58d);
    assert_int_equal(words[2], 0xbc57ac4c);
    assert_int_equal(words[3], 0x9b00dbd8);
}

static void normals_have_unit_variance(void **state)
{
    double sum = 0.0, squares = 0.0;
    const int count = 100000;

    (void)state;
    for (int i = 0; i < count; ++i) {
        uint32_t words[4];
        float pair[2];

        base_rng_words(words, 7, BASE_RNG_TEST, 0, (uint64_t)i);
        base_rng_normals(pair, words, 1);
        sum += (double)pair[0] + (double)pair[1];
        squares += (double)pair[0] * (double)pair[0] + (double)pair[1] * (double)pair[1];
    }
    assert_true(fabs(sum / (2 * count)) < 4.0 / sqrt(2.0 * count));
    assert_true(fabs(squares / (2 * count) - 1.0) < 4.0 * sqrt(2.0 / (2.0 * count)));
}

/* Box-Muller with the C library's logarithm and circle functions, in double. */
static void normals_are_box_muller(void **state)
{
    static const uint32_t edges[] = { 0,           1,           0x1fffffffu, 0x20000000u,
                                      0x40000000u, 0x5fffffffu, 0x60000000u, 0x80000000u,
                                      0xa0000000u, 0xc0000000u, 0xe0000000u, 0xfffffffeu,
                                      0xffffffffu };

    (void)state;
    for (size_t i = 0; i < 20000; ++i) {
        uint32_t words[4];
        float pair[2];

        base_rng_words(words, 8, BASE_RNG_TEST, 0, i);
        if (i < ALX_COUNT(edges) * ALX_COUNT(edges)) {
            words[0] = edges[i % ALX_COUNT(edges)];
            words[1] = edges[i / ALX_COUNT(edges)];
        }
        base_rng_normals(pair, words, 1);
        const double radius = sqrt(-2.0 * log(((double)words[0] + 0.5) * 0x1p-32));
        const double angle = 6.283185307179586 * 0x1p-32 * (double)words[1];
        const float want[2] = { (float)(radius * cos(angle)), (float)(radius * sin(angle)) };
        test_assert_close("normal", pair, want, 2, 0.0, 3e-4 * (radius < 1e-2) + 2e-6);
    }
}

static void hash_of_parts_is_hash_of_whole(void **state)
{
    base_hash *parts = NULL, *whole = NULL;
    char a[33], b[33];

    (void)state;
    assert_ok(base_hash_create(&parts));
    assert_ok(base_hash_create(&whole));
    base_hash_update(parts, "alex", 4);
    base_hash_update(parts, "net", 3);
    base_hash_update(whole, "alexnet", 7);
    base_hash_hex(parts, a);
    base_hash_hex(whole, b);
    assert_string_equal(a, b);
    base_hash_free(parts);
    base_hash_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_belongs_to_its_code),
        cmocka_unit_test(a_name_with_line_ends_breaks_no_message),
        cmocka_unit_test(written_file_appears_whole_or_not_at_all),
        cmocka_unit_test(a_path_too_long_is_refused),
        cmocka_unit_test(philox_known_answer),
        cmocka_unit_test(normals_have_unit_variance),
        cmocka_unit_test(normals_are_box_muller),
        cmocka_unit_test(hash_of_parts_is_hash_of_whole),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
