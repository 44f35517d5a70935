/* test_rows.c - tuning rows: which count, which is best, and what becomes of a broken file. */
#include "base/file.h"
#include "support/kernels.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/algorithms.h"
#include "alexnet/dev/ops.h"
#include "base/embedded.h"
#include "rows/rows.h"

static const alx_device_info machine = { .core = -1, .name = "A \"fast\" GPU", .driver = "1.2" };
static const char problem[] = "conv2d forward 4x4x8 to 4x4x16 3/1+1 g1";

/* The user's file is `name` in the folder. */
static alx_rows *load(const test_folder *folder, const char *name, const alx_device_info *info)
{
    alx_rows *rows = NULL;

    assert_ok(alx_rows_of_device(&rows, info, test_folder_path(folder, name)));
    return rows;
}

static alx_row row_of(int batch, const char *choice, double ms)
{
    alx_row row = { .batch = batch, .ms = ms, .error = 1e-6 };

    snprintf(row.problem, sizeof row.problem, "%s", problem);
    snprintf(row.choice, sizeof row.choice, "%s", choice);
    return row;
}

static void add(alx_rows *rows, int batch, const char *choice, double ms)
{
    const alx_row row = row_of(batch, choice, ms);

    assert_ok(alx_rows_add(rows, &row));
}

static void fastest_right_row_of_the_nearest_batch_wins(void **state)
{
    test_folder folder = test_folder_create();
    alx_rows *rows = load(&folder, "rows", &machine);

    (void)state;
    assert_null(alx_rows_find(rows, problem, 32));
    assert_false(alx_rows_cover(rows, "conv2d"));
    add(rows, 32, "vec", 20.0);
    add(rows, 32, "winograd tiles=36", 10.0);
    add(rows, 32, "winograd", 0.0); /* wrong numbers */
    add(rows, 128, "im2col", 5.0);
    assert_string_equal(alx_rows_find(rows, problem, 32)->choice, "winograd tiles=36");
    assert_string_equal(alx_rows_find(rows, problem, 50)->choice, "winograd tiles=36");
    assert_string_equal(alx_rows_find(rows, problem, 1000)->choice, "im2col");
    assert_string_equal(alx_rows_find(rows, problem, 64)->choice, "winograd tiles=36");
    assert_null(alx_rows_find(rows, "conv2d forward", 32));
    assert_true(alx_rows_cover(rows, "conv2d"));
    assert_false(alx_rows_cover(rows, "fc"));
    alx_rows_close(rows);
    test_folder_remove(&folder);
}

static void rows_come_back_from_the_file(void **state)
{
    test_folder folder = test_folder_create();
    alx_rows *rows = load(&folder, "rows", &machine);
    size_t count = 0;

    (void)state;
    add(rows, 128, "vec", 21.53219);
    add(rows, 128, "winograd", 0.0);
    alx_rows_close(rows);
    rows = load(&folder, "rows", &machine);
    const alx_row *all = alx_rows_all(rows, &count);

    assert_int_equal(count, 2);
    assert_string_equal(all[0].problem, problem);
    assert_int_equal(all[0].batch, 128);
    assert_true(all[0].ms > 21.529 && all[0].ms < 21.541);
    assert_true(all[0].error > 0.99e-6 && all[0].error < 1.01e-6);
    assert_true(all[1].ms <= 0.0);
    assert_false(all[0].shipped);
    assert_string_equal(alx_rows_find(rows, problem, 128)->choice, "vec");
    alx_rows_close(rows);
    test_folder_remove(&folder);
}

static size_t stale_rows_of(const test_folder *folder, const alx_device_info *info)
{
    alx_rows *rows = load(folder, "rows", info);
    const size_t stale = alx_rows_count(rows).stale;

    assert_null(alx_rows_find(rows, problem, 128));
    alx_rows_close(rows);
    return stale;
}

static void other_device_driver_or_kernels_do_not_count(void **state)
{
    test_folder folder = test_folder_create();
    test_folder kernels = test_kernels_create("conv2d_vec.cl", "conv2d_vec", "conv2d_vex");
    alx_device_info other = machine;
    alx_rows *rows = load(&folder, "rows", &machine);

    (void)state;
    add(rows, 128, "vec", 1.0);
    alx_rows_close(rows);
    snprintf(other.name, sizeof other.name, "another");
    assert_int_equal(stale_rows_of(&folder, &other), 0);
    other = machine;
    snprintf(other.driver, sizeof other.driver, "1.3");
    assert_int_equal(stale_rows_of(&folder, &other), 1);
    setenv("ALEXNET_CL_DIR", kernels.path, 1);
    assert_int_equal(stale_rows_of(&folder, &machine), 1);
    unsetenv("ALEXNET_CL_DIR");
    test_folder_remove(&kernels);
    test_folder_remove(&folder);
}

static void rows_outlive_a_change_of_other_kernels(void **state)
{
    test_folder folder = test_folder_create();
    test_folder kernels = test_kernels_create("lrn.cl", "lrn", "lrm");
    alx_rows *rows = load(&folder, "rows", &machine);

    (void)state;
    add(rows, 128, "vec", 1.0);
    alx_rows_close(rows);
    setenv("ALEXNET_CL_DIR", kernels.path, 1);
    rows = load(&folder, "rows", &machine);
    unsetenv("ALEXNET_CL_DIR");
    assert_non_null(alx_rows_find(rows, problem, 128));
    alx_rows_close(rows);
    test_folder_remove(&kernels);
    test_folder_remove(&folder);
}

static void cores_share_the_rows_of_their_device(void **state)
{
    test_folder folder = test_folder_create();
    alx_device_info core = machine;
    alx_rows *rows = load(&folder, "rows", &machine);

    (void)state;
    add(rows, 128, "vec", 1.0);
    alx_rows_close(rows);
    core.core = 1;
    strcat(core.name, ", core 1");
    rows = load(&folder, "rows", &core);
    assert_non_null(alx_rows_find(rows, problem, 128));
    alx_rows_close(rows);
    test_folder_remove(&folder);
}

static void broken_lines_are_ignored(void **state)
{
    static const char *const broken[] = {
        "not JSON\n", "{}\n", "[1]\n", "{\"device\":\"A\"\n", "\x01\xff\n", "\n\n", "{\"device\":",
    };
    const size_t harmless = ALX_COUNT(broken) - 2; /* from here on: no line that ends */
    test_folder folder = test_folder_create();

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(broken); ++i) {
        const char *path = test_folder_path(&folder, "rows");

        test_folder_write(&folder, "rows", broken[i]);
        alx_rows *rows = load(&folder, "rows", &machine);

        assert_int_equal(alx_rows_count(rows).user, 0);
        assert_int_equal(alx_rows_check_file(rows), i < harmless ? ALX_E_DATA : 0);
        if (i < harmless) /* a file of something else, unless it begins with a row */
            unlink(path);
        alx_rows_close(rows);
        rows = load(&folder, "rows", &machine);
        add(rows, 128, "vec", 1.0); /* also behind a line that was torn */
        alx_rows_close(rows);
        assert_ok(rows_append(path, broken[i]));
        rows = load(&folder, "rows", &machine);
        assert_int_equal(alx_rows_count(rows).user, 1);
        add(rows, 64, "vec", 1.0);
        alx_rows_close(rows);
        rows = load(&folder, "rows", &machine);
        assert_int_equal(alx_rows_count(rows).user, 2);
        alx_rows_close(rows);
    }
    test_folder_remove(&folder);
}

/* Rows that `alexnet tune` cannot write, on a CPU; and below some that it can. */
static const struct {
    const char *problem;
    int batch;
    const char *choice;
    bool known;
} by_hand[] = {
    { problem, 128, "winograd tiles=36", false },
    { problem, 128, "winograd tiles=72", false }, /* a weight gradient's */
    { problem, 128, "winograd tiles=12 ", false },
    { problem, 128, "winograd  tiles=12", false },
    { problem, 128, "vec vectors=100000", false },
    { problem, 128, "vecs", false },
    { problem, 128, "fft", false },
    { problem, 128, "auto", false },
    { problem, 128, "", false },
    { problem, 128, "tile", false },    /* a GPU's */
    { problem, 128, "clblast", false }, /* of fc */
    { problem, 0, "vec", false },
    { "conv2d backward 4x4x8 to 4x4x16 3/1+1 g1", 128, "vec", false },
    { "conv2d forward 4x4x8 to 4x4x16", 128, "vec", false },
    { "conv2d forward 4x4x8 to 4x4x16 3/1+1 g1 ", 128, "vec", false },
    { "conv2d forward 04x4x8 to 4x4x16 3/1+1 g1", 128, "vec", false },
    { "conv2d", 128, "vec", false },
    { "pool forward 4x4x8", 128, "vec", false },
    { "fc forward 8 to 16", 128, "winograd", false },
    { "fc forward 8 to 16", 128, "vec block=64", false },
    { "clblast Xgemm", 0,
      "GEMMK=1 KREG=1 KWG=16 KWI=2 MDIMA=4 MDIMC=4 MWG=64 NDIMB=4 NDIMC=4 "
      "NWG=64 SA=0 SB=0 STRM=0 STRN=0 VWM=16 VWN=1",
      false },
    { "clblast Xgemm", 0, "MWG=64", false },
    { "clblast XgemmDirect", 0, "packaged", false },
    { "clblast GemmRoutine", 0, "XGEMM_MIN_INDIRECT_SIZE=1", false },
    { "clblast GemmRoutine", 0, "packaged", false },
    { "clblast Xgemm", 32, "packaged", false },
    { "clblast Xgemm", 0, "packaged", true },
    { "clblast GemmRoutine", 0, "XGEMM_MIN_INDIRECT_SIZE=64", true },
    { "conv2d grad-weight 4x4x8 to 4x4x16 3/1+1 g1", 128, "winograd tiles=72", true },
    { problem, 1, "winograd tiles=12", true },
    { problem, 128, "im2col tuned", true },
    { "fc grad-input 8 to 16", 128, "vec block=64", true },
    { "fc grad-input 8 to 16", 128, "clblast tuned", true },
};

static void rows_that_tune_cannot_write_are_refused(void **state)
{
    alx_device_info cpu = machine;

    (void)state;
    cpu.max_group = 1024;
    for (size_t i = 0; i < ALX_COUNT(by_hand); ++i) {
        test_folder folder = test_folder_create();
        alx_rows *rows = load(&folder, "rows", &cpu);
        alx_row row = row_of(by_hand[i].batch, by_hand[i].choice, 1.0);
        const bool family = strncmp(by_hand[i].problem, "pool", 4) != 0;

        print_message("%s: %s\n", by_hand[i].problem, by_hand[i].choice);
        snprintf(row.problem, sizeof row.problem, "%s", by_hand[i].problem);
        assert_int_equal(alx_row_is_known(&row, &cpu), by_hand[i].known);
        assert_int_equal(alx_rows_add(rows, &row), family ? 0 : ALX_E_USAGE);
        alx_rows_close(rows);
        rows = load(&folder, "rows", &cpu);
        assert_int_equal(alx_rows_count(rows).user, by_hand[i].known);
        assert_int_equal(alx_rows_find(rows, row.problem, row.batch) != NULL, by_hand[i].known);
        alx_rows_close(rows);
        test_folder_remove(&folder);
    }
}

static size_t rows_after(const char *from, const char *to)
{
    test_folder folder = test_folder_create();
    alx_rows *rows = load(&folder, "rows", &machine);
    char *text = NULL, *found = NULL;
    char changed[2048];
    size_t bytes = 0;

    add(rows, 128, "vec", 1.5);
    alx_rows_close(rows);
    assert_ok(base_file_read(&text, &bytes, test_folder_path(&folder, "rows")));
    found = strstr(text, from);
    assert_non_null(found);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(found - text), text, to,
             found + strlen(from));
    test_folder_write(&folder, "rows", changed);
    rows = load(&folder, "rows", &machine);
    bytes = alx_rows_count(rows).user;
    free(text);
    alx_rows_close(rows);
    test_folder_remove(&folder);
    return bytes;
}

static void values_of_another_kind_are_refused(void **state)
{
    (void)state;
    assert_int_equal(rows_after("1.5", "2.5"), 1);
    assert_int_equal(rows_after("1.5", "\"1.5\""), 0);
    assert_int_equal(rows_after("1.5", "-1.5"), 0);
    assert_int_equal(rows_after("1.5", "[1.5]"), 0);
    assert_int_equal(rows_after("128", "128.5"), 0);
    assert_int_equal(rows_after("128", "\"128\""), 0);
    assert_int_equal(rows_after("128", "-128"), 0);
    assert_int_equal(rows_after("\"vec\"", "[\"vec\"]"), 0);
    assert_int_equal(rows_after("\"vec\"", "7"), 0);
    assert_int_equal(rows_after("1e-06", "1.12"), 0); /* wrong numbers, yet a time */
}

static void second_row_of_a_choice_is_refused(void **state)
{
    test_folder folder = test_folder_create();
    alx_rows *rows = load(&folder, "rows", &machine);

    (void)state;
    add(rows, 128, "vec", 2.0);
    add(rows, 64, "vec", 2.0);
    add(rows, 128, "vec", 1.0);
    alx_rows_close(rows);
    rows = load(&folder, "rows", &machine);
    assert_int_equal(alx_rows_count(rows).user, 2);
    assert_true(alx_rows_find(rows, problem, 128)->ms >= 2.0);
    alx_rows_close(rows);
    test_folder_remove(&folder);
}

static void shipped_rows_can_be_read(void **state)
{
    const alx_device_info host = { .type = ALX_DEVICE_CPU, .max_group = 4096 }; /* all are CPUs' */
    rows_line line;
    size_t lines = 0;

    (void)state;
    for (size_t i = 0; i < base_embedded_count; ++i) {
        const char *text = base_embedded_files[i].text;

        if (strstr(base_embedded_files[i].name, ".jsonl") == NULL)
            continue;
        for (; *text != '\0'; text += strcspn(text, "\n") + 1, ++lines) {
            assert_true(rows_line_parse(&line, text, strcspn(text, "\n")));
            assert_true(line.row.ms > 0.0);
            assert_true(line.row.error <= 1e-4);
            assert_true(alx_row_is_known(&line.row, &host));
        }
    }
    assert_true(lines > 0);
}

/* A user's row wins, and be it slower: it was measured on that very machine. */
static void own_rows_beat_shipped_ones(void **state)
{
    test_folder folder = test_folder_create();
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < base_embedded_count; ++i) {
        const char *text = base_embedded_files[i].text;
        alx_device_info info = { .core = -1 };
        rows_line line;

        if (strstr(base_embedded_files[i].name, ".jsonl") == NULL)
            continue;
        assert_true(rows_line_parse(&line, text, strcspn(text, "\n")));
        snprintf(info.name, sizeof info.name, "%s", line.device);
        snprintf(info.driver, sizeof info.driver, "%s", line.driver);
        alx_rows *rows = load(&folder, "rows", &info);
        const alx_row *row = alx_rows_find(rows, line.row.problem, line.row.batch);

        if (row != NULL && row->shipped) {
            alx_row own = *row;

            own.ms = 10.0 * row->ms;
            own.shipped = false;
            snprintf(own.choice, sizeof own.choice, "direct");
            assert_ok(alx_rows_add(rows, &own));
            row = alx_rows_find(rows, line.row.problem, line.row.batch);
            assert_false(row->shipped);
            assert_string_equal(row->choice, "direct");
            ++tried;
        }
        alx_rows_close(rows);
    }
    assert_true(tried > 0);
    test_folder_remove(&folder);
}

static void off_means_no_rows_and_no_file(void **state)
{
    alx_rows *rows = NULL;
    const alx_row row = row_of(1, "vec", 1.0);

    (void)state;
    setenv("ALEXNET_TUNING", "off", 1);
    for (int named = 0; named < 2; ++named) {
        assert_ok(alx_rows_of_device(&rows, &machine, named ? "off" : NULL));
        assert_string_equal(alx_rows_path(rows), "");
        assert_int_equal(alx_rows_count(rows).shipped, 0);
        assert_int_equal(alx_rows_add(rows, &row), ALX_E_USAGE);
        alx_rows_close(rows);
        setenv("ALEXNET_TUNING", "/no/such/folder/rows", 1);
    }
}

/* Their hashes are of rows. */
static void off_reads_no_kernels(void **state)
{
    alx_rows *rows = NULL;

    (void)state;
    setenv("ALEXNET_CL_DIR", "/no/such/folder", 1);
    assert_true(alx_rows_of_device(&rows, &machine, NULL) != 0);
    assert_ok(alx_rows_of_device(&rows, &machine, "off"));
    alx_rows_close(rows);
    unsetenv("ALEXNET_CL_DIR");
}

static void file_that_cannot_be_written_is_named(void **state)
{
    alx_rows *rows = NULL;
    const alx_row row = row_of(1, "vec", 1.0);

    (void)state;
    setenv("ALEXNET_TUNING", "/no/such/folder/rows", 1);
    assert_ok(alx_rows_of_device(&rows, &machine, NULL));
    assert_int_equal(alx_rows_add(rows, &row), ALX_E_IO);
    assert_non_null(strstr(alx_status_text(ALX_E_IO), "/no/such/folder/rows"));
    alx_rows_close(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fastest_right_row_of_the_nearest_batch_wins),
        cmocka_unit_test(rows_come_back_from_the_file),
        cmocka_unit_test(other_device_driver_or_kernels_do_not_count),
        cmocka_unit_test(rows_outlive_a_change_of_other_kernels),
        cmocka_unit_test(cores_share_the_rows_of_their_device),
        cmocka_unit_test(broken_lines_are_ignored),
        cmocka_unit_test(rows_that_tune_cannot_write_are_refused),
        cmocka_unit_test(values_of_another_kind_are_refused),
        cmocka_unit_test(second_row_of_a_choice_is_refused),
        cmocka_unit_test(shipped_rows_can_be_read),
        cmocka_unit_test(own_rows_beat_shipped_ones),
        cmocka_unit_test(off_means_no_rows_and_no_file),
        cmocka_unit_test(off_reads_no_kernels),
        cmocka_unit_test(file_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
