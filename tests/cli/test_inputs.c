/* test_inputs.c - pictures that are turned, CMYK, of 16 bits or tiny, through pack, train and
 * predict; wrong data of every kind: exit code, one line that names it, nothing half written. */
#include "support/program.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/exif.h"
#include "support/folder.h"
#include "support/tar.h"

#define DATA TEST_DIR "/data/cifar10-mini.tar.gz"
#define CELL 16

static test_folder root;

static const char *in_root(const char *name)
{
    return test_folder_path(&root, name);
}

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", DATA, "--max-steps", "2", "-o",
                                    in_root("run"));

    test_assert_run(&run, 0, "");
    test_run_free(&run);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

/* ---- pictures that are turned ---------------------------------------------------------------- */

/* Six gray cells, shaded by their letters; JPEG keeps them exactly. */
static test_file cells(const char *letters, int width, bool jpeg)
{
    const int columns = width * CELL, rows = 6 / width * CELL;
    uint8_t gray[6 * CELL * CELL];

    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            gray[y * columns + x] = (uint8_t)(letters[y / CELL * width + x / CELL] * 32);
    return jpeg ? test_jpeg(gray, columns, rows, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 })
                : test_png(gray, (size_t)columns, columns, rows, 8, 0, 0, NULL);
}

static void write_file(const char *name, test_file file)
{
    test_folder_write_bytes(&root, name, file.bytes, file.count);
    free(file.bytes);
}

static void write_turned(size_t turn, bool jpeg)
{
    const test_turned *t = &test_turns[turn];
    test_file file = cells("abcdef", 3, jpeg);
    char name[64];

    (jpeg ? test_jpeg_orient : test_png_orient)(&file, turn % 2 == 0, t->orientation);
    snprintf(name, sizeof name, "turned/x/%zu.%s", turn, jpeg ? "jpg" : "png");
    write_file(name, file);
    snprintf(name, sizeof name, "upright/x/%zu.%s", turn, jpeg ? "jpg" : "png");
    write_file(name, cells(t->seen, t->width, jpeg));
}

static void turned_pictures_are_packed_upright(void **state)
{
    static const char *const names[] = { "turned", "upright" };
    alx_dataset *sets[2] = { NULL, NULL };

    (void)state;
    for (size_t turn = 0; turn < 8; ++turn)
        for (int jpeg = 0; jpeg < 2; ++jpeg)
            write_turned(turn, jpeg);
    for (int n = 0; n < 2; ++n) {
        char packed[32];

        snprintf(packed, sizeof packed, "%s-db", names[n]);
        test_run run = TEST_PROGRAM_RUN("pack", in_root(names[n]), "-o", in_root(packed), "--raw",
                                        "--size", "32");

        test_assert_run(&run, 0, "");
        test_run_free(&run);
        assert_ok(alx_dataset_open(&sets[n], in_root(packed), ALX_SPLIT_TRAIN));
    }
    assert_int_equal(alx_dataset_count(sets[0]), 16);
    for (size_t i = 0; i < 16; ++i) {
        uint8_t turned[32 * 32 * 3], upright[32 * 32 * 3];

        assert_ok(alx_dataset_load(sets[0], i, 32, turned));
        assert_ok(alx_dataset_load(sets[1], i, 32, upright));
        assert_memory_equal(turned, upright, sizeof turned);
    }
    alx_dataset_close(sets[0]);
    alx_dataset_close(sets[1]);
}

static void turned_pictures_are_predicted_upright(void **state)
{
    static const char *const names[] = { "upright/x/5.jpg", "turned/x/5.jpg", "upright/x/0.jpg" };
    char *classes[3] = { NULL };

    (void)state;
    for (size_t turn = 0; turn < 8; turn += 5)
        write_turned(turn, true);
    for (int n = 0; n < 3; ++n) {
        test_run run = TEST_PROGRAM_RUN("predict", in_root("run"), in_root(names[n]), "--json");
        const char *from = strstr(run.out, "\"classes\"");

        test_assert_run(&run, 0, "");
        assert_non_null(from);
        classes[n] = strdup(from);
        test_run_free(&run);
    }
    assert_string_equal(classes[0], classes[1]);
    assert_string_not_equal(classes[0], classes[2]);
    for (int n = 0; n < 3; ++n)
        free(classes[n]);
}

/* CMYK, 16 bits a channel, smaller than the network's input. */
static void odd_pictures_are_trained_on(void **state)
{
    uint8_t samples[6 * 6 * 8];

    (void)state;
    for (size_t i = 0; i < sizeof samples; ++i)
        samples[i] = (uint8_t)(i * 5);
    write_file("odd/a/cmyk.jpg", test_jpeg(samples, 6, 5, 4, JCS_CMYK, &(test_jpeg_options){ 0 }));
    write_file("odd/b/deep.png", test_png(samples, 5 * 6, 5, 6, 16, 2, 0, NULL));
    write_file("odd/c/dot.png", test_png_plain(1, 1, 9, 8, 7));
    test_run run = TEST_PROGRAM_RUN("train", "tiny", "--data", in_root("odd"), "--max-steps", "2",
                                    "-o", in_root("odd-run"), "--set", "data.validation=0");

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

/* What libjpeg says of a file whose pixels are all there is for who asks. */
static void odd_files_are_told_with_verbose(void **state)
{
    test_file file = cells("abcdef", 3, true);

    (void)state;
    file.count -= 2; /* the end of image */
    write_file("no-end.jpg", file);
    test_run quiet = TEST_PROGRAM_RUN("predict", in_root("run"), in_root("no-end.jpg"));
    test_run verbose = TEST_PROGRAM_RUN("predict", in_root("run"), in_root("no-end.jpg"), "-v");

    test_assert_run(&quiet, 0, "");
    assert_null(strstr(quiet.err, "Premature end"));
    test_assert_run(&verbose, 0,
                    "no-end.jpg: all pixels are there despite 1 warning of "
                    "libjpeg: Premature end of JPEG file");
    test_run_free(&quiet);
    test_run_free(&verbose);
}

/* ---- pictures in no class folder ------------------------------------------------------------- */

static void loose_pictures_are_spoken_of(void **state)
{
    static const char *const folders[] = { "loose/", "split/train/" };
    static const char *const names[] = { "a.jpg", "b.JPG", "ship/c.jpg", "ship/d.txt", "e.txt" };
    char name[64];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(folders) * ALX_COUNT(names); ++i) {
        snprintf(name, sizeof name, "%s%s", folders[i / ALX_COUNT(names)],
                 names[i % ALX_COUNT(names)]);
        write_file(name, cells("abcdef", 3, true));
    }
    test_run pack = TEST_PROGRAM_RUN("pack", in_root("loose"), "-o", in_root("loose-db"));
    test_run train = TEST_PROGRAM_RUN("train", "tiny", "--data", in_root("split"), "--max-steps",
                                      "1", "-o", in_root("loose-run"));

    test_assert_run(&pack, 0, "loose: 2 images in no class folder are left out");
    test_assert_run(&train, 0, "split: 2 images in no class folder are left out");
    test_run_free(&pack);
    test_run_free(&train);
}

/* ---- data that changes meanwhile ------------------------------------------------------------- */

typedef struct cut_job {
    char after[512], file[512];
} cut_job;

/* Cuts off the file once another is there. */
static void *cut_file(void *argument)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    const cut_job *job = argument;

    while (!base_file_exists(job->after))
        nanosleep(&pause, NULL);
    assert_int_equal(truncate(job->file, 20000), 0);
    return NULL;
}

static void a_database_that_shrinks_ends_the_run(void **state)
{
    cut_job job;
    pthread_t other;

    (void)state;
    snprintf(job.after, sizeof job.after, "%s", in_root("shrink-run/checkpoint-last"));
    snprintf(job.file, sizeof job.file, "%s", in_root("shrink-db/train/data.mdb"));
    test_run pack = TEST_PROGRAM_RUN("pack", DATA, "-o", in_root("shrink-db"), "--size", "32");

    test_assert_run(&pack, 0, "");
    test_run_free(&pack);
    assert_int_equal(pthread_create(&other, NULL, cut_file, &job), 0);
    test_run train = TEST_PROGRAM_RUN("train", "tiny", "--data", in_root("shrink-db"), "--epochs",
                                      "100000", "--save-every", "5", "--progress", "none", "-o",
                                      in_root("shrink-run"));

    assert_int_equal(pthread_join(other, NULL), 0);
    test_assert_run(&train, 4, "shrink-db/train/data.mdb: has become shorter while it is read");
    test_run_free(&train);
    test_run resume = TEST_PROGRAM_RUN("train", "--resume", in_root("shrink-run"), "--data", DATA,
                                       "--max-steps", "1"); /* the checkpoint is whole */

    test_assert_run(&resume, 0, "");
    test_run_free(&resume);
}

/* ---- wrong data ------------------------------------------------------------------------------ */

static void add_image(test_tar *tar, const char *name)
{
    const test_file image = test_png_plain(9, 9, 1, 2, 3);

    test_tar_add(tar, name, image.bytes, image.count);
    free(image.bytes);
}

static void write_tar(const char *name, const char *const *members)
{
    test_tar *tar = test_tar_open(in_root(name));

    for (; *members != NULL; ++members)
        add_image(tar, *members);
    test_tar_close(tar);
}

static void write_wrong_data(void)
{
    char *bytes = NULL;
    size_t count = 0;

    write_tar("twice.tar", (const char *const[]){ "a/1.png", "b/1.png", "a/1.png", NULL });
    write_tar("flat.tar", (const char *const[]){ "1.png", "2.png", "3.png", NULL });
    write_tar("cut.tar", (const char *const[]){ "a/1.png", "a/2.png", NULL });
    assert_int_equal(truncate(in_root("cut.tar"), 1024 + 512 + 9), 0);
    test_folder_write(&root, "short.labels", "0\n1\n");
    test_folder_write(&root, "twice.txt", "run/a.png 0\nrun/b.png 1\nrun/a.png 1\n");
    assert_ok(base_file_read(&bytes, &count, TEST_DIR "/data/caffe-lmdb/data.mdb"));
    bytes[2 * 4096 + 12] = 1; /* the only leaf's list of records */
    test_folder_write_bytes(&root, "wrong.lmdb/data.mdb", bytes, count);
    test_folder_write_bytes(&root, "cut.lmdb/data.mdb", bytes, count - 1);
    test_folder_write_bytes(&root, "text.lmdb/data.mdb", "no database at all", 18);
    free(bytes);
    assert_int_equal(symlink("circle", in_root("circle")), 0);
}

/* Each is packed, and trained on unless it has labels of its own, which train does not take. */
static const struct {
    const char *source, *labels, *message;
} wrong[] = {
    { "cut.tar", NULL, "cut.tar:a/2.png: truncated tar" },
    { "twice.tar", NULL, "twice.tar:a/1.png: is there twice" },
    { "twice.txt", NULL, "run/a.png is there twice" },
    { "flat.tar", "short.labels", "short.labels: 2 labels, but " },
    { "wrong.lmdb", NULL, "wrong.lmdb/data.mdb: damaged: page 2 is wrong" },
    { "cut.lmdb", NULL, "cut.lmdb/data.mdb: truncated: 12287 bytes, want 3 pages of 4096" },
    { "text.lmdb", NULL, "text.lmdb/data.mdb: not an LMDB" },
    { "circle", NULL, "circle: " },
};

static void assert_refused(const test_run *run, size_t i, const char *output)
{
    char partial[600];
    const char *line = strstr(run->err, "alexnet: ");

    test_assert_run(run, 4, wrong[i].message);
    if (line == NULL || strchr(line, '\n')[1] != '\0')
        fail_msg("case %zu: more than one line:\n%s", i, run->err);
    snprintf(partial, sizeof partial, "%s.partial", output);
    assert_false(base_file_exists(output));
    assert_false(base_file_exists(partial));
}

static void wrong_data_leaves_one_line_and_nothing_else(void **state)
{
    (void)state;
    write_wrong_data();
    for (size_t i = 0; i < ALX_COUNT(wrong); ++i) {
        const char *source = in_root(wrong[i].source), *out = in_root("wrong-out");
        const char *labels = wrong[i].labels != NULL ? in_root(wrong[i].labels) : NULL;
        test_run run = TEST_PROGRAM_RUN("pack", source, "-o", out, labels ? "--labels" : NULL,
                                        labels);

        assert_refused(&run, i, out);
        test_run_free(&run);
        if (labels != NULL)
            continue;
        run = TEST_PROGRAM_RUN("train", "tiny", "--data", source, "-o", out);
        assert_refused(&run, i, out);
        test_run_free(&run);
    }
}

/* ---- a full disk ----------------------------------------------------------------------------- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void assert_no_leftovers(const char *name)
{
    char paths[64][512];
    test_folder run;

    snprintf(run.path, sizeof run.path, "%s", in_root(name));
    const size_t count = test_folder_list(&run, paths, ALX_COUNT(paths));

    assert_in_range(count, 1, ALX_COUNT(paths));
    for (size_t i = 0; i < count; ++i)
        if (strstr(paths[i], ".tmp-") != NULL)
            fail_msg("%s", paths[i]);
}

/* The old checkpoint stays what it was, and the run goes on from it. */
static void a_full_disk_keeps_the_last_checkpoint(void **state)
{
    char *before = NULL, *after = NULL;
    size_t bytes = 0, bytes_after = 0;

    (void)state;
    assert_ok(base_file_read(&before, &bytes, in_root("run/checkpoint-last")));
    limit_files(bytes - 1000);
    test_run run = TEST_PROGRAM_RUN("train", "--resume", in_root("run"), "--max-steps", "4");

    limit_files(RLIM_INFINITY);
    test_assert_run(&run, 1, "run/checkpoint-last: write failed: File too large");
    test_run_free(&run);
    assert_ok(base_file_read(&after, &bytes_after, in_root("run/checkpoint-last")));
    assert_int_equal(bytes_after, bytes);
    assert_memory_equal(after, before, bytes);
    assert_no_leftovers("run");
    run = TEST_PROGRAM_RUN("train", "--resume", in_root("run"), "--max-steps", "4");
    test_assert_run(&run, 0, "");
    test_run_free(&run);
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_pictures_are_packed_upright),
        cmocka_unit_test(turned_pictures_are_predicted_upright),
        cmocka_unit_test(odd_pictures_are_trained_on),
        cmocka_unit_test(odd_files_are_told_with_verbose),
        cmocka_unit_test(loose_pictures_are_spoken_of),
        cmocka_unit_test(a_database_that_shrinks_ends_the_run),
        cmocka_unit_test(wrong_data_leaves_one_line_and_nothing_else),
        cmocka_unit_test(a_full_disk_keeps_the_last_checkpoint),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
