/* test_pack.c - alexnet pack: what it writes, read by itself and by PyPI's lmdb; bad images,
 * interrupts, kill -9 and a full disk, and going on after them. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alexnet/data.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/folder.h"
#include "support/images.h"
#include "support/program.h"

#define IMAGES 400 /* raw 75 MiB at 256 x 256: several commits */
#define RAW_BYTES (256 * 256 * 3)

/* The first in PATH that has it: a user's own python3 may hide the system's. */
#define PYTHON_WITH_LMDB                                                                           \
    "IFS=:; for dir in $PATH; do \"$dir/python3\" -c 'import lmdb' 2>/dev/null && "                \
    "exec \"$dir/python3\" "

static test_folder root;

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    root = test_folder_create();
    setenv("ALEXNET_CACHE_DIR", test_folder_path(&root, "cache"), 1);
    for (int i = 0; i < IMAGES; ++i) {
        const test_file image = test_png_plain(2, 2, (uint8_t)i, (uint8_t)(i / 256),
                                               (uint8_t)(255 - i % 256));
        char name[64];

        snprintf(name, sizeof name, "many/%s/%03d.png", i % 2 == 0 ? "cat" : "dog", i);
        test_folder_write_bytes(&root, name, image.bytes, image.count);
        free(image.bytes);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_folder_remove(&root);
    return 0;
}

static const char *in_root(const char *name)
{
    return test_folder_path(&root, name);
}

static void run_ok(const char *const *args)
{
    test_run run = test_program(args);

    test_assert_run(&run, 0, "");
    test_run_free(&run);
}

static alx_dataset *open_set(const char *name, alx_split split)
{
    alx_dataset *set = NULL;

    assert_ok(alx_dataset_open(&set, in_root(name), split));
    return set;
}

/* Same classes, labels and pixels. */
static void assert_same_images(const alx_dataset *a, const alx_dataset *b, int size)
{
    const size_t bytes = (size_t)size * (size_t)size * 3;
    uint8_t *x = test_alloc(bytes), *y = test_alloc(bytes);

    assert_int_equal(alx_dataset_count(a), alx_dataset_count(b));
    assert_int_equal(alx_dataset_classes(a), alx_dataset_classes(b));
    for (int c = 0; c < alx_dataset_classes(a); ++c)
        assert_string_equal(alx_dataset_class_name(a, c), alx_dataset_class_name(b, c));
    for (size_t i = 0; i < alx_dataset_count(a); ++i) {
        assert_ok(alx_dataset_load(a, i, size, x));
        assert_ok(alx_dataset_load(b, i, size, y));
        assert_memory_equal(x, y, bytes);
        assert_int_equal(alx_dataset_label(a, i), alx_dataset_label(b, i));
    }
    free(x);
    free(y);
}

static void raw_pixels_are_the_sources(void **state)
{
    struct stat info;

    (void)state;
    run_ok((const char *const[]){ "pack", in_root("many"), "-o", in_root("raw/"), "--raw", "--size",
                                  "9", "-j", "3", NULL });
    alx_dataset *source = open_set("many", ALX_SPLIT_TRAIN),
                *packed = open_set("raw", ALX_SPLIT_TRAIN);

    assert_same_images(source, packed, 9);
    assert_false(base_file_exists(in_root("raw.partial")));
    assert_false(base_file_exists(in_root("raw/bad.txt")));
    assert_false(base_file_exists(in_root("raw/alexnet-index")));
    assert_int_equal(stat(in_root("raw/mean.npy"), &info), 0);
    assert_int_equal(info.st_size, 128 + 9 * 9 * 3 * 4);
    alx_dataset_close(source);
    alx_dataset_close(packed);
    test_run again = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root("raw"));

    test_assert_run(&again, 2, "raw is there already");
    test_run_free(&again);
}

/* The stored statistics are those that would be computed: with the file gone they are. */
static void statistics_are_those_of_the_records(void **state)
{
    const alx_statistics_options options = { .size = 16, .threads = 1 };
    alx_statistics stored, computed;
    alx_subset all;
    alx_dataset *set = NULL;

    (void)state;
    run_ok((const char *const[]){ "pack", in_root("many"), "-o", in_root("jpegs"), "--size", "16",
                                  NULL });
    setenv("ALEXNET_CACHE_DIR", "off", 1);
    for (int round = 0; round < 2; ++round) {
        set = open_set("jpegs", ALX_SPLIT_TRAIN);
        assert_ok(alx_subset_all(&all, set));
        assert_ok(alx_statistics_compute(round == 0 ? &stored : &computed, set, &all, &options));
        alx_subset_free(&all);
        alx_dataset_close(set);
        assert_int_equal(remove(in_root("jpegs/statistics")), round == 0 ? 0 : -1);
    }
    assert_int_equal(stored.images, IMAGES);
    assert_memory_equal(stored.mean_image, computed.mean_image, 16 * 16 * 3 * sizeof(float));
    assert_memory_equal(stored.covariance, computed.covariance, sizeof stored.covariance);
    assert_memory_equal(stored.eigenvalues, computed.eigenvalues, sizeof stored.eigenvalues);
    alx_statistics_free(&stored);
    alx_statistics_free(&computed);
    setenv("ALEXNET_CACHE_DIR", in_root("cache"), 1);
}

static void pypis_lmdb_reads_it(void **state)
{
    char command[2048], line[256], want[256];
    size_t count = 0;

    (void)state;
    if (system(PYTHON_WITH_LMDB "-c pass; done; exit 1") != 0)
        skip();
    run_ok((const char *const[]){ "pack", in_root("many"), "-o", in_root("py"), "--raw", "--size",
                                  "2", NULL });
    snprintf(command, sizeof command, PYTHON_WITH_LMDB "'%s' '%s'; done",
             TEST_DIR "/data/read_lmdb.py", in_root("py"));
    FILE *lines = popen(command, "r");

    assert_non_null(lines);
    for (; fgets(line, sizeof line, lines) != NULL; ++count) {
        const size_t i = count < IMAGES / 2 ? 2 * count : 2 * (count - IMAGES / 2) + 1;

        snprintf(want, sizeof want, "%08zu_%s/%03zu.png %zu 0 3x2x2 12 ", count,
                 i % 2 == 0 ? "cat" : "dog", i, i % 2);
        assert_int_equal(strncmp(line, want, strlen(want)), 0);
        if (i == 1) /* of bytes 254 x 4, 0 x 4, 1 x 4: blue, green, red */
            assert_int_equal(strtoul(line + strlen(want), NULL, 10), 0x8A0F1FA8u);
    }
    assert_int_equal(pclose(lines), 0);
    assert_int_equal(count, IMAGES);
}

static void both_splits_of_a_source(void **state)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);
    static const char *const names[] = { "two/train/cat/1.png", "two/train/dog/1.png",
                                         "two/val/dog/7.png" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i)
        test_folder_write_bytes(&root, names[i], image.bytes, image.count);
    free(image.bytes);
    run_ok((const char *const[]){ "pack", in_root("two"), "-o", in_root("two-db"), "--raw", NULL });
    for (int split = 0; split < 2; ++split) {
        alx_dataset *source = open_set("two", (alx_split)split);
        alx_dataset *packed = open_set("two-db", (alx_split)split);

        assert_same_images(source, packed, 256);
        alx_dataset_close(source);
        alx_dataset_close(packed);
    }
    assert_true(base_file_exists(in_root("two-db/train/statistics")));
    assert_false(base_file_exists(in_root("two-db/val/statistics")));
}

static void bad_images_stop_it_or_are_listed(void **state)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);
    char *list = NULL;
    size_t bytes = 0;

    (void)state;
    test_folder_write_bytes(&root, "bad/cat/1.png", image.bytes, image.count);
    test_folder_write_bytes(&root, "bad/cat/2.png", image.bytes, image.count / 2);
    test_folder_write_bytes(&root, "bad/cat/3.png", image.bytes, image.count);
    test_folder_write_bytes(&root, "bad/cat/4.png", "text", 4);
    assert_int_equal(symlink("nowhere.png", in_root("bad/cat/5.png")), 0);
    free(image.bytes);
    test_run run = TEST_PROGRAM_RUN("pack", in_root("bad"), "-o", in_root("bad-db"));

    test_assert_run(&run, 4, "2.png: truncated PNG (--skip-bad leaves it out); ");
    test_assert_run(&run, 4, "bad-db.partial keeps what is packed, the same command goes on");
    test_run_free(&run);
    assert_false(base_file_exists(in_root("bad-db")));
    run = TEST_PROGRAM_RUN("pack", in_root("bad"), "-o", in_root("bad-db"), "--skip-bad");
    test_assert_run(&run, 0, "left out: ");
    assert_non_null(strstr(run.out, "images  2\nbad     3, listed in bad.txt\nresumed after 1\n"));
    test_run_free(&run);
    assert_ok(base_file_read(&list, &bytes, in_root("bad-db/bad.txt")));
    assert_non_null(strstr(list, "2.png: truncated PNG\n"));
    assert_non_null(strstr(list, "4.png: neither JPEG nor PNG\n"));
    assert_non_null(strstr(list, "5.png: cannot be read: No such file or directory\n"));
    free(list);
}

/* Its training images are packed when the other split stops: the next run writes nothing there. */
static void a_whole_split_is_left_alone(void **state)
{
    const test_file image = test_png_plain(3, 3, 1, 2, 3);
    static const char *const names[] = { "half/train/cat/1.png", "half/val/cat/1.png" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(names); ++i)
        test_folder_write_bytes(&root, names[i], image.bytes, image.count);
    free(image.bytes);
    test_folder_write_bytes(&root, "half/val/cat/2.png", "text", 4);
    test_run run = TEST_PROGRAM_RUN("pack", in_root("half"), "-o", in_root("half-db"));

    test_assert_run(&run, 4, "2.png: neither JPEG nor PNG");
    test_run_free(&run);
    run_ok((const char *const[]){ "pack", in_root("half"), "-o", in_root("half-db"), "--skip-bad",
                                  NULL });
    assert_false(base_file_exists(in_root("half-db/train/bad.txt")));
    assert_true(base_file_exists(in_root("half-db/val/bad.txt")));
}

/* CMYK, gray, 16 bits, smaller than the stored size: what train would see of them. */
static void images_of_every_kind(void **state)
{
    uint8_t samples[6 * 6 * 8];
    test_file files[3];

    (void)state;
    for (size_t i = 0; i < sizeof samples; ++i)
        samples[i] = (uint8_t)(i * 5);
    files[0] = test_jpeg(samples, 6, 5, 4, JCS_CMYK, &(test_jpeg_options){ 0 });
    files[1] = test_jpeg(samples, 5, 6, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
    files[2] = test_png(samples, 5 * 6, 5, 6, 16, 2, 0, NULL);
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        char name[32];

        snprintf(name, sizeof name, "kinds/cat/%zu.jpg", i);
        test_folder_write_bytes(&root, name, files[i].bytes, files[i].count);
        free(files[i].bytes);
    }
    run_ok((const char *const[]){ "pack", in_root("kinds"), "-o", in_root("kinds-db"), "--raw",
                                  "--size", "32", NULL });
    alx_dataset *source = open_set("kinds", ALX_SPLIT_TRAIN);
    alx_dataset *packed = open_set("kinds-db", ALX_SPLIT_TRAIN);

    assert_same_images(source, packed, 32);
    alx_dataset_close(source);
    alx_dataset_close(packed);
}

static void nothing_good_leaves_nothing(void **state)
{
    (void)state;
    test_folder_write_bytes(&root, "none/cat/1.png", "text", 4);
    test_run run = TEST_PROGRAM_RUN("pack", in_root("none"), "-o", in_root("none-db"),
                                    "--skip-bad");

    test_assert_run(&run, 4, "none of 1 images can be decoded");
    test_run_free(&run);
    assert_false(base_file_exists(in_root("none-db")));
    assert_false(base_file_exists(in_root("none-db.partial")));
}

/* ---- ended in its middle --------------------------------------------------------------------- */

static void assert_whole_after(const char *name, const char *text)
{
    test_run run = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root(name), "--raw");

    test_assert_run(&run, 0, "");
    if ((strstr(run.out, "resumed after") != NULL) != (text != NULL))
        fail_msg("%s", run.out);
    test_run_free(&run);
    alx_dataset *source = open_set("many", ALX_SPLIT_TRAIN),
                *packed = open_set(name, ALX_SPLIT_TRAIN);

    assert_same_images(source, packed, 256);
    alx_dataset_close(source);
    alx_dataset_close(packed);
}

/* Killed once the file has so many bytes, of at least IMAGES * RAW_BYTES. */
static void kill_at(const char *name, off_t bytes)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    char file[600], partial[560];
    struct stat info;
    const pid_t child = fork();

    snprintf(partial, sizeof partial, "%s.partial", in_root(name));
    snprintf(file, sizeof file, "%s/data.mdb", partial);
    assert_true(child >= 0);
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(127);
        execl(TEST_PROGRAM, TEST_PROGRAM, "pack", in_root("many"), "-o", in_root(name), "--raw",
              (char *)NULL);
        _exit(127);
    }
    while (stat(file, &info) != 0 || info.st_size < bytes) {
        assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(base_file_exists(in_root(name)));
    assert_true(base_file_exists(partial));
}

static void goes_on_after_a_kill(void **state)
{
    (void)state;
    kill_at("killed", 1);
    kill_at("killed", 40 << 20);
    kill_at("killed", 50 << 20);
    assert_whole_after("killed", "resumed");
}

static void goes_on_after_an_interrupt(void **state)
{
    const char *const args[] = { "pack", in_root("many"), "-o", in_root("stopped"), "--raw", NULL };
    test_run run = test_program_on_terminal(args, "packing, ", SIGINT);

    (void)state;
    test_assert_run(&run, 130, "\nstopping; what is packed will be kept; again to kill");
    test_assert_run(&run, 130, " of 400 images; ");
    test_assert_run(&run, 130, "stopped.partial keeps what is packed, the same command goes on");
    test_run_free(&run);
    assert_false(base_file_exists(in_root("stopped")));
    assert_whole_after("stopped", "resumed");
}

static void other_options_are_refused(void **state)
{
    (void)state;
    kill_at("other", 40 << 20);
    test_run other = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root("other"), "--size",
                                      "8");

    test_assert_run(&other, 2,
                    "other.partial keeps an unfinished pack of 'size 256', not 'size 8'"
                    ": go on with that, or remove the folder");
    test_run_free(&other);
    test_run same = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root("other"), "--raw");

    test_assert_run(&same, 0, "");
    assert_non_null(strstr(same.out, "resumed"));
    test_run_free(&same);
}

/* Packs `many` where no file may grow beyond `bytes`: what a full disk looks like. */
static void pack_within(rlim_t bytes, const char *name, const char *message)
{
    const struct rlimit small = { bytes, RLIM_INFINITY }, all = { RLIM_INFINITY, RLIM_INFINITY };

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    test_run run = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root(name), "--raw");

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    test_assert_run(&run, 1, message);
    test_run_free(&run);
    assert_false(base_file_exists(in_root(name)));
}

/* Whether the same command comes when there is room, or before. */
static void goes_on_after_a_full_disk(void **state)
{
    struct stat first, second;

    (void)state;
    pack_within(50 << 20, "full", "full.partial: write failed: cut short: is the disk full?; ");
    assert_int_equal(stat(in_root("full.partial/data.mdb"), &first), 0);
    pack_within(0, "full", "");
    assert_int_equal(stat(in_root("full.partial/data.mdb"), &second), 0);
    assert_int_equal(second.st_size, first.st_size);
    assert_whole_after("full", "resumed");
}

/* Whoever made it: a database there that is not of this command stays, and is told. */
static void a_database_of_others_stays(void **state)
{
    (void)state;
    test_folder_write_bytes(&root, "theirs.partial/data.mdb", "precious", 8);
    test_run run = TEST_PROGRAM_RUN("pack", in_root("many"), "-o", in_root("theirs"));

    test_assert_run(&run, 2, "holds a database of something else: remove it");
    test_run_free(&run);
    assert_true(base_file_exists(in_root("theirs.partial/data.mdb")));
}

static void a_disk_full_at_once_leaves_nothing(void **state)
{
    (void)state;
    pack_within(1 << 16, "tight", "is the disk full?");
    assert_false(base_file_exists(in_root("tight.partial")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_pixels_are_the_sources),
        cmocka_unit_test(statistics_are_those_of_the_records),
        cmocka_unit_test(pypis_lmdb_reads_it),
        cmocka_unit_test(both_splits_of_a_source),
        cmocka_unit_test(bad_images_stop_it_or_are_listed),
        cmocka_unit_test(images_of_every_kind),
        cmocka_unit_test(nothing_good_leaves_nothing),
        cmocka_unit_test(goes_on_after_a_kill),
        cmocka_unit_test(goes_on_after_an_interrupt),
        cmocka_unit_test(other_options_are_refused),
        cmocka_unit_test(goes_on_after_a_full_disk),
        cmocka_unit_test(a_database_of_others_stays),
        cmocka_unit_test(a_whole_split_is_left_alone),
        cmocka_unit_test(a_disk_full_at_once_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
