/* test_npy.c - headers as NumPy writes them, arrays read back, and files that are none. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file.h"
#include "support/folder.h"

#define START "\x93NUMPY\x01\x00v\x00" /* of a header that ends at 128 bytes */

/* What numpy.save of NumPy 2 writes for float32. */
static void headers_are_numpys(void **state)
{
    static const struct {
        size_t dims[4];
        int dim_count;
        const char *shape;
    } cases[] = {
        { { 5 }, 1, "(5,)" },
        { { 2, 3 }, 2, "(2, 3)" },
        { { 2, 1, 2, 3 }, 4, "(2, 1, 2, 3)" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        char head[ALX_NPY_HEADER_BYTES], want[ALX_NPY_HEADER_BYTES + 1];

        memcpy(want, START, 10);
        const int used = snprintf(want + 10, sizeof want - 10,
                                  "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }",
                                  cases[i].shape);

        memset(want + 10 + used, ' ', (size_t)(ALX_NPY_HEADER_BYTES - 10 - used));
        want[ALX_NPY_HEADER_BYTES - 1] = '\n';
        alx_npy_header(head, cases[i].dims, cases[i].dim_count);
        assert_memory_equal(head, want, sizeof head);
    }
}

/* The header's text up to the next multiple of 64, and numbers 0, 1, 2, ... */
static void write_npy(int version, const char *text, size_t numbers)
{
    const size_t start = version == 1 ? 10 : 12, length = 128 - start;
    char *file = calloc(128 + numbers * sizeof(float) + 1, 1);

    assert_non_null(file);
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (char)version;
    file[8] = (char)length;
    memset(file + start, ' ', length);
    memcpy(file + start, text, strlen(text));
    file[127] = '\n';
    for (size_t i = 0; i < numbers; ++i)
        memcpy(file + 128 + i * sizeof(float), &(float){ (float)i }, sizeof(float));
    test_folder_write_bytes(&test_own_folder, "a.npy", file, 128 + numbers * sizeof(float));
    free(file);
}

static void arrays_are_read_as_rows(void **state)
{
    static const struct {
        int version;
        const char *shape;
        size_t rows, columns;
    } cases[] = {
        { 1, "(6,)", 6, 1 },         { 1, "(2, 3)", 2, 3 }, { 2, "(3, 2,)", 3, 2 },
        { 3, "(1, 1, 2, 3)", 1, 6 }, { 1, "(0, 7)", 0, 7 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        const size_t count = cases[i].rows * cases[i].columns;
        char text[128];
        alx_npy npy;

        snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }",
                 cases[i].shape);
        write_npy(cases[i].version, text, count);
        assert_ok(alx_npy_read(&npy, test_folder_path(&test_own_folder, "a.npy")));
        assert_int_equal(npy.rows, cases[i].rows);
        assert_int_equal(npy.columns, cases[i].columns);
        for (size_t k = 0; k < count; ++k)
            assert_true(npy.data[k] == (float)k);
        alx_npy_free(&npy);
    }
}

static void what_is_no_array_is_refused(void **state)
{
    static const struct {
        const char *text, *says;
        size_t numbers;
    } cases[] = {
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", "not an array of", 12 },
        { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "not an array of", 6 },
        { "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", "not an array of", 6 },
        { "{'descr': '<U1', 'fortran_order': False, 'shape': (2, 3), }", "not an array of", 6 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "not an array of", 1 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", "no 'shape'", 6 },
        { "{'descr': '<f4', 'fortran_order': False}", "no 'shape'", 6 },
        { "{'descr': '<f4', 'shape': (2, 3)}", "lacks 'descr' or 'fortran_order'", 6 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "20 bytes for 6 numbers",
          5 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "28 bytes for 6 numbers",
          7 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (9, 99999999999999999999), }",
          "no 'shape'", 6 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 9), }",
          "impossible shape", 4 },
    };
    const char *const path = test_folder_path(&test_own_folder, "a.npy");
    alx_npy npy;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        write_npy(1, cases[i].text, cases[i].numbers);
        assert_int_equal(alx_npy_read(&npy, path), ALX_E_DATA);
        assert_null(npy.file);
        if (strstr(alx_status_text(ALX_E_DATA), cases[i].says) == NULL ||
            strstr(alx_status_text(ALX_E_DATA), "a.npy: ") == NULL)
            fail_msg("case %zu: %s", i, alx_status_text(ALX_E_DATA));
    }
}

static void a_cut_file_is_refused(void **state)
{
    char *file = NULL;
    size_t bytes = 0;

    (void)state;
    write_npy(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 6);
    assert_ok(base_file_read(&file, &bytes, test_folder_path(&test_own_folder, "a.npy")));
    for (size_t left = 0; left < bytes; ++left) {
        alx_npy npy;

        test_folder_write_bytes(&test_own_folder, "cut.npy", file, left);
        assert_int_equal(alx_npy_read(&npy, test_folder_path(&test_own_folder, "cut.npy")),
                         ALX_E_DATA);
    }
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_numpys),
        cmocka_unit_test(arrays_are_read_as_rows),
        cmocka_unit_test(what_is_no_array_is_refused),
        cmocka_unit_test(a_cut_file_is_refused),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
