/* test_weights_file.c - files of weights that PyTorch and NumPy wrote, beside what they read in
 * them (tools/data/make_weight_files.py); what is no such file, by its name. */
#include "alexnet/dev/weights_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/weights.h"

static const char *const described[] = {
    "state.pth",      "old.pth",    "protocol4.pth", "nosum.pth",  "parameters.pth",
    "checkpoint.pth", "last.pth",   "slices.pth",    "types.pth",  "big.pth",
    "python2.pth",    "stored.npz", "packed.npz",    "turned.npy",
};

static void tensors_are_what_their_program_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(described); ++i)
        test_weights_compare(test_weights_path(described[i]), described[i]);
}

static void safetensors_are_read_alike(void **state)
{
    alx_weights_file *file = NULL;

    (void)state;
    assert_ok(alx_weights_file_open(&file, TEST_DIR "/golden/nets.safetensors"));
    assert_int_equal(alx_weights_file_format(file), ALX_WEIGHTS_SAFETENSORS);
    const alx_safetensors *st = alx_weights_file_safetensors(file);

    assert_int_equal(alx_weights_file_count(file), alx_safetensors_count(st));
    for (size_t i = 0; i < alx_safetensors_count(st); ++i) {
        const alx_st_tensor *want = alx_safetensors_at(st, i);
        float *got = test_alloc((want->count + 1) * sizeof *got);

        if (want->dtype != ALX_F32) {
            free(got);
            continue;
        }
        assert_ok(alx_weights_file_read(file, i, got));
        assert_memory_equal(got, want->data, want->count * sizeof *got);
        assert_string_equal(alx_weights_file_at(file, i)->name, want->name);
        free(got);
    }
    alx_weights_file_close(file);
}

/* ---- layers -------------------------------------------------------------------------------- */

static void layers_follow_from_names(void **state)
{
    static const struct {
        const char *name;
        alx_weights_op op;
    } want[] = { { "features.0", ALX_WEIGHTS_CONV },
                 { "features.3", ALX_WEIGHTS_CONV },
                 { "classifier.1", ALX_WEIGHTS_FC },
                 { "classifier.3", ALX_WEIGHTS_FC } };
    alx_weights_file *file = NULL;

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("state.pth")));
    assert_int_equal(alx_weights_file_format(file), ALX_WEIGHTS_TORCH);
    assert_int_equal(alx_weights_file_layer_count(file), ALX_COUNT(want));
    for (size_t i = 0; i < ALX_COUNT(want); ++i) {
        const alx_weights_layer *layer = alx_weights_file_layer(file, i);

        assert_string_equal(layer->name, want[i].name);
        assert_int_equal(layer->op, want[i].op);
        assert_false(layer->described);
        assert_int_equal(layer->weight, 2 * i);
        assert_int_equal(layer->bias, 2 * i + 1);
    }
    alx_weights_file_close(file);
}

/* ---- the map ------------------------------------------------------------------------------- */

static void numbers_that_lie_in_order_come_in_pieces(void **state)
{
    alx_weights_file *file = NULL;

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("slices.pth")));
    const long rows = alx_weights_file_find(file, "rows");
    const long column = alx_weights_file_find(file, "column");
    const long turned = alx_weights_file_find(file, "turned");

    assert_true(alx_weights_file_has_pieces(file, (size_t)rows));
    assert_false(alx_weights_file_has_pieces(file, (size_t)column));
    assert_false(alx_weights_file_has_pieces(file, (size_t)turned));
    assert_int_equal(alx_weights_file_find(file, "nowhere"), -1);
    alx_weights_file_close(file);
}

/* The bytes that it says hold the tensor do. */
static void places_are_true(void **state)
{
    const float old[] = { 8.0f, 7.0f, 6.0f }, want[] = { 6.0f, 7.0f };
    float got[2];
    alx_weights_file *file = NULL;
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(base_file_read(&bytes, &count, test_weights_path("python2.pth")));
    assert_ok(alx_weights_file_open(&file, test_weights_path("python2.pth")));
    const alx_weights_tensor *b = alx_weights_file_at(file, 1);

    assert_null(b->part);
    assert_memory_equal(bytes + b->offset, old, sizeof old);
    alx_weights_file_close(file);
    assert_ok(alx_weights_file_open(&file, test_weights_path("slices.pth")));
    const alx_weights_tensor *rows = alx_weights_file_at(file, 0);

    assert_string_equal(rows->part, "slices/data/0");
    assert_int_equal(rows->offset, 6 * sizeof(float));
    assert_ok(alx_weights_file_read_piece(file, 0, 0, 2, got));
    assert_memory_equal(got, want, sizeof want);
    alx_weights_file_close(file);
    free(bytes);
}

static void packed_arrays_come_in_pieces(void **state)
{
    alx_weights_file *file = NULL;
    float *got = test_alloc(97 * 400 * sizeof *got);

    (void)state;
    assert_ok(alx_weights_file_open(&file, test_weights_path("long.npz")));
    assert_int_equal(alx_weights_file_at(file, 0)->count, 97 * 400);
    assert_ok(alx_weights_file_read(file, 0, got));
    for (size_t i = 0; i < 97 * 400; ++i)
        assert_true(got[i] == (float)(i % 97));
    alx_weights_file_close(file);
    free(got);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static const char *note(alx_weights_file *file, const char *key)
{
    const char *text = NULL;

    assert_ok(alx_weights_file_metadata(&text, file, key));
    return text;
}

/* Python's zipfile gives the same bytes as the comment; a note without its text is none. */
static void an_archive_says_what_was_written_beside_its_arrays(void **state)
{
    const test_folder folder = test_folder_create();
    const char *path = test_folder_path(&folder, "notes.npz");
    const float numbers[2] = { 1.0f, 2.0f };
    const alx_npz_array array = { "x", ALX_F32, (int[]){ 2 }, 1, numbers };
    const alx_npz_note notes[] = { { "a key", "text\nof lines" }, { "empty", "" } };
    alx_weights_file *file = NULL;
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    assert_ok(alx_npz_write(path, &array, 1, notes, 2));
    assert_ok(base_file_read(&bytes, &count, path));
    assert_memory_equal(bytes + count - 29, "\x1b\0a key\0text\nof lines\0empty\0\0", 29);
    assert_ok(alx_weights_file_open(&file, path));
    assert_int_equal(alx_weights_file_count(file), 1);
    assert_string_equal(note(file, "a key"), "text\nof lines");
    assert_string_equal(note(file, "empty"), "");
    assert_null(note(file, "text\nof lines"));
    alx_weights_file_close(file);
    bytes[count - 29] = 0x1a; /* the last text has no end */
    test_folder_write_bytes(&folder, "notes.npz", bytes, count - 1);
    assert_ok(alx_weights_file_open(&file, path));
    assert_null(note(file, "empty"));
    alx_weights_file_close(file);
    free(bytes);
    test_folder_remove(&folder);
}

static void a_cut_file_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(described); ++i)
        test_weights_cut(described[i]);
}

static void what_python_would_run_is_named(void **state)
{
    (void)state;
    test_weights_refused(test_weights_path("runs.pth"), "asks for Python's posix.system");
    test_weights_refused(test_weights_path("module.pth"), "asks for Python's __main__.Small");
    test_weights_refused(test_weights_path("smaller.pth"),
                         "is packed, which torch.save never does");
    test_weights_refused(test_weights_path("nothing.pth"), "no state dict, only epoch, optimizer");
    test_weights_refused(test_weights_path("objects.npy"), "type '|O' (Python objects, pickled)");
}

static void a_byte_order_that_is_packed_is_unpacked(void **state)
{
    (void)state;
    test_weights_refused(test_weights_path("order.pth"), "/byteorder is damaged");
}

static bool finds_damage(const alx_weights_file *file, size_t index)
{
    float numbers[200];

    if (alx_weights_file_at(file, index)->count >= ALX_COUNT(numbers))
        return false;
    return alx_weights_file_read(file, index, numbers) == ALX_E_DATA &&
           strstr(alx_status_text(ALX_E_DATA), "is damaged") != NULL;
}

/* A wrong byte in an entry shows when it is read. */
static void damage_shows_in_the_check_sum(void **state)
{
    static const char *const names[] = { "state.pth", "stored.npz", "packed.npz" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        alx_weights_file *file = NULL;
        char *bytes = NULL;
        size_t count = 0, wrong = 0;

        assert_ok(base_file_read(&bytes, &count, test_weights_path(names[i])));
        for (size_t at = 0; at < count && wrong == 0; at += 7) {
            bytes[at] ^= 1;
            test_folder_write_bytes(&test_own_folder, names[i], bytes, count);
            bytes[at] ^= 1;
            if (alx_weights_file_open(&file, test_folder_path(&test_own_folder, names[i])) != 0)
                continue;
            for (size_t k = 0; k < alx_weights_file_count(file); ++k)
                wrong += finds_damage(file, k);
            alx_weights_file_close(file);
        }
        assert_true(wrong > 0);
        free(bytes);
    }
}

/* The tensor that is left out is whole: nothing of a file that was cut is touched. */
static void a_file_that_is_cut_while_it_is_open_is_refused(void **state)
{
    static const char *const names[] = { "state.pth", "stored.npz", "turned.npy",
                                         "new.caffemodel" };
    float numbers[400];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        const char *const path = test_folder_path(&test_own_folder, names[i]);
        alx_weights_file *file = NULL;
        char *bytes = NULL;
        size_t count = 0;

        assert_ok(base_file_read(&bytes, &count, test_weights_path(names[i])));
        test_folder_write_bytes(&test_own_folder, names[i], bytes, count);
        assert_ok(alx_weights_file_open(&file, path));
        assert_true(alx_weights_file_at(file, 0)->count < ALX_COUNT(numbers));
        assert_int_equal(truncate(path, 0), 0);
        assert_int_equal(alx_weights_file_read(file, 0, numbers), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "was cut while it was open: 0 of"));
        alx_weights_file_close(file);
        free(bytes);
    }
}

static void what_is_no_file_of_weights_is_named(void **state)
{
    static const struct {
        const char *begins, *says;
    } cases[] = {
        { "", "an empty file" },
        { "weights", "not weights that can be read" },
        { "\x89HDF\r\n\x1a\n", "HDF5" },
        { "PK\x05\x06", "a ZIP without its directory" },
        { "<!DOCTYPE html>", "a web page" },
        { "version https://git-lfs.github.com/spec/v1\n", "Git LFS" },
        { "\x80\x04\x95", "a pickle without PyTorch's beginning" },
        { "\x1f\x8b\x08", "gzip" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_folder_write_bytes(&test_own_folder, "x", cases[i].begins, strlen(cases[i].begins));
        test_weights_refused(test_folder_path(&test_own_folder, "x"), cases[i].says);
    }
    test_weights_refused(test_own_folder.path, "a folder");
    test_weights_refused("/nowhere", "cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_are_what_their_program_reads),
        cmocka_unit_test(safetensors_are_read_alike),
        cmocka_unit_test(layers_follow_from_names),
        cmocka_unit_test(numbers_that_lie_in_order_come_in_pieces),
        cmocka_unit_test(places_are_true),
        cmocka_unit_test(packed_arrays_come_in_pieces),
        cmocka_unit_test(an_archive_says_what_was_written_beside_its_arrays),
        cmocka_unit_test(a_cut_file_is_refused),
        cmocka_unit_test(what_python_would_run_is_named),
        cmocka_unit_test(a_byte_order_that_is_packed_is_unpacked),
        cmocka_unit_test(damage_shows_in_the_check_sum),
        cmocka_unit_test(a_file_that_is_cut_while_it_is_open_is_refused),
        cmocka_unit_test(what_is_no_file_of_weights_is_named),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
