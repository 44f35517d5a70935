/* run_files.c - what is in a run's folder: an earlier run, which is put aside; what a run that goes
 * on elsewhere takes along. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/try.h"
#include "train/run.h"

#define SUFFIX_BYTES 16
#define COPY_BYTES 65536

const char *const train_run_files[RUN_FILES] = {
    ALX_CHECKPOINT_LAST, ALX_CHECKPOINT_BEST, "metrics.csv", "metrics.jsonl",
    "config.ini",        ALX_DIAGNOSIS_CSV,   ALX_SESSIONS,
};
const char *const train_run_pictures[RUN_PICTURES] = { "curves.png", "filters.png",
                                                       "diagnose.png" };

static const char *run_file(size_t i)
{
    return i < RUN_FILES ? train_run_files[i] : train_run_pictures[i - RUN_FILES];
}

int train_run_path_beside(char path[PATH_MAX], const char *checkpoint, const char *name)
{
    const int folder = (int)(base_path_base(checkpoint) - checkpoint);

    if (snprintf(path, PATH_MAX, "%.*s%s", folder, checkpoint, name) >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s...: path too long", checkpoint);
    return 0;
}

/* Is `run_dir` the folder of the file `path`, however either is spelt? */
static bool lies_in(const char *path, const char *run_dir)
{
    char folder[PATH_MAX];

    return train_run_path_beside(folder, path, ".") == 0 && base_path_same(folder, run_dir);
}

/* ---- an earlier run -------------------------------------------------------------------------- */

static int old_path(char path[PATH_MAX], const char *run_dir, const char *name, const char *suffix)
{
    char old[64];

    snprintf(old, sizeof old, "%s%s", name, suffix);
    return base_path_in(path, run_dir, old);
}

/* ".old", ".old2" and so on: the first that no file of a run has, so that each run keeps one. */
static int choose_suffix(char suffix[SUFFIX_BYTES], const char *run_dir)
{
    char path[PATH_MAX];
    bool taken = true;

    snprintf(suffix, SUFFIX_BYTES, ".old");
    for (int next = 2; taken; ++next) {
        taken = false;
        for (size_t i = 0; i < RUN_FILES + RUN_PICTURES && !taken; ++i) {
            TRY(old_path(path, run_dir, run_file(i), suffix));
            taken = base_file_exists(path);
        }
        if (taken)
            snprintf(suffix, SUFFIX_BYTES, ".old%d", next);
    }
    return 0;
}

static int put_aside(const char *run_dir, const char *name, const char *suffix, bool *found)
{
    char path[PATH_MAX], old[PATH_MAX];

    TRY(base_path_in(path, run_dir, name));
    if (!base_file_exists(path))
        return 0;
    TRY(old_path(old, run_dir, name, suffix));
    if (rename(path, old) != 0)
        return alx_fail(ALX_E_IO, "%s: cannot be renamed: %s", path, strerror(errno));
    *found = true;
    return 0;
}

static int put_run_aside(const char *run_dir)
{
    char suffix[SUFFIX_BYTES];
    bool found = false;

    TRY(choose_suffix(suffix, run_dir));
    for (size_t i = 0; i < RUN_FILES + RUN_PICTURES; ++i)
        TRY(put_aside(run_dir, run_file(i), suffix, &found));
    if (found)
        alx_warn("%s holds an earlier run: its files are now named *%s", run_dir, suffix);
    return 0;
}

int train_run_file_put_aside(const char *run_dir, const char *name)
{
    char suffix[SUFFIX_BYTES];

    TRY(choose_suffix(suffix, run_dir));
    TRY(put_aside(run_dir, name, suffix, &(bool){ false }));
    alx_warn("%s/%s has the columns of another version: it is now named *%s", run_dir, name,
             suffix);
    return 0;
}

/* ---- going on elsewhere ---------------------------------------------------------------------- */

static int copy_file(const char *to, const char *from)
{
    FILE *file = fopen(from, "rb");
    base_file_writer *writer = NULL;
    char block[COPY_BYTES];
    size_t bytes = 0;
    int rc = 0;

    if (file == NULL)
        return alx_fail(ALX_E_DATA, "%s: cannot be read: %s", from, strerror(errno));
    TRY_DONE(base_file_writer_open(&writer, to));
    while ((bytes = fread(block, 1, sizeof block, file)) > 0)
        TRY_DONE(base_file_writer_write(writer, block, bytes));
    if (ferror(file)) {
        rc = alx_fail(ALX_E_DATA, "%s: cannot be read: %s", from, strerror(errno));
        goto done;
    }
    TRY_DONE(base_file_writer_commit(&writer));
done:
    base_file_writer_abort(&writer);
    fclose(file);
    return rc;
}

/* False too where there is none. A later best one is not of the run that goes on here. */
static bool is_best_of(const char *path, size_t best_epoch)
{
    alx_checkpoint checkpoint = { 0 };
    const bool is = base_file_exists(path) && alx_checkpoint_read(&checkpoint, path) == 0 &&
                    checkpoint.epoch == best_epoch;

    alx_checkpoint_free(&checkpoint);
    return is;
}

/* The files beside the checkpoint `resume`. */
static int take_history(const char *run_dir, const char *resume, size_t best_epoch)
{
    static const char best[] = ALX_CHECKPOINT_BEST;
    const char *const names[] = { best, "metrics.csv", "metrics.jsonl", ALX_DIAGNOSIS_CSV,
                                  ALX_SESSIONS };

    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        char from[PATH_MAX], to[PATH_MAX];

        TRY(train_run_path_beside(from, resume, names[i]));
        TRY(base_path_in(to, run_dir, names[i]));
        if (names[i] == best ? is_best_of(from, best_epoch) : base_file_exists(from))
            TRY(copy_file(to, from));
    }
    return 0;
}

int train_run_folder_prepare(const char *run_dir, const char *resume, size_t best_epoch)
{
    if (resume != NULL && lies_in(resume, run_dir))
        return 0;
    TRY(put_run_aside(run_dir));
    if (resume != NULL)
        TRY(take_history(run_dir, resume, best_epoch));
    return 0;
}
