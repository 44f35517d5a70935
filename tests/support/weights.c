/* weights.c - compares files of weights with what is known of them. */
#include "support/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"

const char *test_weights_path(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, TEST_DIR "/data/weights/%s", name);
    return path;
}

static const char *next_word(char **text)
{
    char *word = *text, *end = word + strcspn(word, " \n");

    *text = *end == ' ' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* "4x3x3x3", "27,9,3,1", or "-". */
static void compare_list(const char *name, const char *text, const size_t *got, int count)
{
    char list[256] = "-";
    size_t at = 0;

    for (int i = 0; i < count; ++i)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%zu", i > 0 ? "," : "", got[i]);
    for (char *x = strchr(text, 'x'); x != NULL; x = strchr(x, 'x'))
        *x = ',';
    if (strcmp(text, list) != 0)
        fail_msg("%s: %s, want %s", name, list, text);
}

/* Whole, and where that can be in two pieces of which the second is the longer. */
static void read_both_ways(float *got, const alx_weights_file *file, size_t index, size_t count)
{
    float *pieces = test_alloc((count + 1) * sizeof *pieces);

    assert_ok(alx_weights_file_read(file, index, got));
    if (alx_weights_file_has_pieces(file, index)) {
        assert_ok(alx_weights_file_read_piece(file, index, 0, count / 3, pieces));
        assert_ok(alx_weights_file_read_piece(file, index, count / 3, count - count / 3,
                                              pieces + count / 3));
        assert_memory_equal(pieces, got, count * sizeof *got);
    }
    free(pieces);
}

static void compare_numbers(const alx_weights_file *file, size_t index, char *text)
{
    const alx_weights_tensor *tensor = alx_weights_file_at(file, index);
    float *got = test_alloc((tensor->count + 1) * sizeof *got);

    read_both_ways(got, file, index, tensor->count);
    for (size_t i = 0; i < tensor->count; ++i) {
        const float want = strtof(next_word(&text), NULL);

        if (memcmp(&got[i], &want, sizeof want) != 0)
            fail_msg("%s: number %zu is %.9g, want %.9g", tensor->name, i, (double)got[i],
                     (double)want);
    }
    assert_string_equal(text, ""); /* there are no more */
    free(got);
}

static bool is_float(alx_dtype dtype)
{
    return dtype == ALX_F32 || dtype == ALX_F64 || dtype == ALX_F16 || dtype == ALX_BF16;
}

static void compare_line(const alx_weights_file *file, size_t index, char *line)
{
    const alx_weights_tensor *tensor = alx_weights_file_at(file, index);
    size_t dims[ALX_MAX_DIMS];
    float none;

    for (int i = 0; i < tensor->dim_count; ++i)
        dims[i] = (size_t)tensor->dims[i];
    assert_string_equal(tensor->name, next_word(&line));
    assert_string_equal(alx_dtype_text(tensor->dtype), next_word(&line));
    compare_list(tensor->name, next_word(&line), dims, tensor->dim_count);
    compare_list(tensor->name, next_word(&line), tensor->strides, tensor->dim_count);
    assert_int_equal(alx_weights_file_find(file, tensor->name), (long)index);
    if (is_float(tensor->dtype))
        compare_numbers(file, index, line);
    else
        assert_int_equal(alx_weights_file_read(file, index, &none), ALX_E_DATA);
}

void test_weights_compare(const char *path, const char *name)
{
    char list[600], *text = NULL, *line = NULL, *next = NULL;
    alx_weights_file *file = NULL;
    size_t bytes = 0, index = 0;

    snprintf(list, sizeof list, "%s.txt", test_weights_path(name));
    assert_ok(base_file_read(&text, &bytes, list));
    assert_ok(alx_weights_file_open(&file, path));
    for (line = text; *line != '\0'; line = next, ++index) {
        next = line + strcspn(line, "\n");
        *next++ = '\0';
        assert_true(index < alx_weights_file_count(file));
        compare_line(file, index, line);
    }
    assert_int_equal(index, alx_weights_file_count(file));
    alx_weights_file_close(file);
    free(text);
}

/* ---- what is refused ----------------------------------------------------------------------- */

void test_weights_refused(const char *path, const char *says)
{
    alx_weights_file *file = NULL;
    const int rc = alx_weights_file_open(&file, path);
    const char *text = alx_status_text(rc);

    if (rc != ALX_E_DATA || strncmp(text, path, strlen(path)) != 0 || strstr(text, says) == NULL ||
        strchr(text, '\n') != NULL)
        fail_msg("status %d, '%s', want bad data and '%s'", rc, text, says);
    assert_null(file);
}

void test_weights_cut(const char *name)
{
    const char *const path = test_folder_path(&test_own_folder, name);
    char *file = NULL;
    size_t bytes = 0;

    assert_ok(base_file_read(&file, &bytes, test_weights_path(name)));
    test_folder_write_bytes(&test_own_folder, name, file, bytes);
    free(file);
    while (bytes-- > 0) {
        assert_int_equal(truncate(path, (off_t)bytes), 0);
        test_weights_refused(path, ": ");
    }
}
