/* run_folder.c - the folder of a run, held by one process: opened, or made under a name that no
 * other run has; what a killed run left half written goes. */
#include "train/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/folder_lock.h"
#include "base/try.h"

struct alx_run_folder {
    char path[PATH_MAX];
    size_t made; /* length of the first folder on its way that was not there; 0 = all were */
    base_folder_lock *lock;
};

/* ---- folders that are made ------------------------------------------------------------------- */

static size_t first_missing(const char *path)
{
    char part[PATH_MAX];
    size_t length = 0;

    snprintf(part, sizeof part, "%s", path);
    while (path[length] != '\0') {
        length += 1 + strcspn(path + length + 1, "/");
        part[length] = '\0';
        if (!base_file_exists(part))
            return length;
        part[length] = path[length];
    }
    return 0;
}

/* As far as they are there, and empty, which they are no more once a run is in them. */
static void remove_made(const alx_run_folder *folder)
{
    char part[PATH_MAX];

    snprintf(part, sizeof part, "%s", folder->path);
    while (folder->made > 0 && strlen(part) >= folder->made &&
           (rmdir(part) == 0 || errno == ENOENT)) {
        char *slash = strrchr(part, '/');

        if (slash == NULL)
            break;
        *slash = '\0';
    }
}

/* `path` without slashes at its end; with -2, -3 and so on from the second number on. */
static int choose_path(char out[PATH_MAX], const char *path, int number)
{
    char suffix[16] = "";
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        --length;
    if (number > 1)
        snprintf(suffix, sizeof suffix, "-%d", number);
    if (length == 0 || snprintf(out, PATH_MAX, "%.*s%s", (int)length, path, suffix) >= PATH_MAX)
        return alx_fail(ALX_E_IO, "%.64s: not a usable folder name", path);
    return 0;
}

static int make_existing(alx_run_folder *folder, const char *path)
{
    TRY(choose_path(folder->path, path, 1));
    TRY(base_mkdirs_check(folder->path)); /* says better what is wrong */
    folder->made = first_missing(folder->path);
    return base_mkdirs(folder->path);
}

/* Of two processes that make the same folder, one is told that it is there. */
static int make_new(alx_run_folder *folder, const char *path)
{
    char parent[PATH_MAX];
    int number = 1;

    TRY(choose_path(folder->path, path, number));
    TRY(base_path_folder(parent, sizeof parent, folder->path));
    folder->made = first_missing(parent);
    TRY(base_mkdirs(parent));
    while (mkdir(folder->path, 0777) != 0) {
        if (errno != EEXIST)
            return alx_fail(ALX_E_IO, "%s: folder cannot be made: %s", folder->path,
                            strerror(errno));
        TRY(choose_path(folder->path, path, ++number));
    }
    if (folder->made == 0)
        folder->made = strlen(folder->path);
    return 0;
}

/* ---- open and close -------------------------------------------------------------------------- */

/* Nobody else trains here, but pictures of the run may be drawn at any time. */
static int sweep_folder(const char *path)
{
    TRY(base_file_writer_sweep(path, train_run_files, RUN_FILES, false));
    return base_file_writer_sweep(path, train_run_pictures, RUN_PICTURES, true);
}

static int open_with(alx_run_folder **out, const char *path,
                     int (*make)(alx_run_folder *, const char *))
{
    alx_run_folder *folder = calloc(1, sizeof *folder);
    int rc = 0;

    *out = NULL;
    if (folder == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    TRY_DONE(make(folder, path));
    TRY_DONE(base_folder_lock_take(&folder->lock, folder->path, "trains"));
    TRY_DONE(sweep_folder(folder->path));
    *out = folder;
    folder = NULL;
done:
    alx_run_folder_close(folder);
    return rc;
}

int alx_run_folder_open(alx_run_folder **out, const char *path)
{
    return open_with(out, path, make_existing);
}

int alx_run_folder_create(alx_run_folder **out, const char *path)
{
    return open_with(out, path, make_new);
}

int alx_run_folder_create_named(alx_run_folder **out, const char *name)
{
    const time_t now = time(NULL);
    char path[PATH_MAX], date[32];
    struct tm local;

    localtime_r(&now, &local);
    strftime(date, sizeof date, "%Y%m%d-%H%M%S", &local);
    snprintf(path, sizeof path, "runs/%s-%s", name, date);
    return alx_run_folder_create(out, path);
}

const char *alx_run_folder_path(const alx_run_folder *folder)
{
    return folder->path;
}

void alx_run_folder_close(alx_run_folder *folder)
{
    if (folder == NULL)
        return;
    base_folder_lock_free(folder->lock);
    remove_made(folder);
    free(folder);
}
