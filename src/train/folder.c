/* folder.c - the run directory: made, or cleared of an earlier run without losing it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "train/run.h"

static const char *const run_files[] = {
    "checkpoint-last", "checkpoint-best", "metrics.csv", "metrics.jsonl", "config.ini",
    ALX_DIAGNOSIS_CSV,
};

int alx_run_path(char path[PATH_MAX], const char *run_dir, const char *name)
{
    const int length = snprintf(path, PATH_MAX, "%s/%s", run_dir, name);

    if (length < 0 || length >= PATH_MAX)
        return alx_fail(ALX_E_USAGE, "%.64s...: path too long", run_dir);
    return 0;
}

/* Is `run_dir` the folder of the file `path`, however either is spelt? */
static bool lies_in(const char *path, const char *run_dir)
{
    const char *slash = strrchr(path, '/');
    const size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    char folder[PATH_MAX];
    struct stat a, b;

    if (length >= sizeof folder)
        return false;
    snprintf(folder, sizeof folder, "%.*s/", (int)length, path);
    return stat(slash != NULL ? folder : ".", &a) == 0 && stat(run_dir, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int put_aside(const char *run_dir, const char *name, bool *found)
{
    char path[PATH_MAX], old[PATH_MAX];
    int rc = 0;

    TRY(alx_run_path(path, run_dir, name));
    if (!alx_file_exists(path))
        return 0;
    if (snprintf(old, sizeof old, "%s.old", path) >= (int)sizeof old)
        return alx_fail(ALX_E_USAGE, "%.64s...: path too long", path);
    if (rename(path, old) != 0)
        return alx_fail(ALX_E_IO, "%s: cannot be renamed: %s", path, strerror(errno));
    *found = true;
done:
    return rc;
}

int alx_run_folder_prepare(const char *run_dir, const char *resume)
{
    bool found = false;
    int rc = 0;

    TRY(alx_mkdirs(run_dir));
    if (resume != NULL && lies_in(resume, run_dir))
        return 0;
    for (size_t i = 0; i < ALX_COUNT(run_files); ++i)
        TRY(put_aside(run_dir, run_files[i], &found));
    if (found)
        alx_warn("%s holds an earlier run: its files are now named *.old", run_dir);
done:
    return rc;
}
