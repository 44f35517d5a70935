/* pack.c - the folder of a packed data set: made beside as OUT.partial, renamed at the end. */
#include "data/pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpus.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/folder_lock.h"
#include "base/try.h"
#include "data/source/lmdb.h"
#include "data/source/source.h"

#define PACK_FINAL_BYTES (DATA_PATH_BYTES - 64)
#define PACK_SOURCE "source "

static int pack_io_error(const char *path, const char *what)
{
    return alx_fail(ALX_E_IO, "%s: %s: %s", path, what, strerror(errno));
}

/* ---- folders --------------------------------------------------------------------------------- */

/* The files that packing writes. Any others in the folder are not ours to remove. */
static const char *const pack_files[] = {
    DATA_LMDB_FILE, DATA_LMDB_CLASSES, DATA_LMDB_STATISTICS, "statistics.json", "mean.npy",
    "bad.txt",      PACK_NOTE,
};

static void pack_remove_files(const char *path)
{
    char file[DATA_PATH_BYTES + 32];

    for (size_t i = 0; i < ALX_COUNT(pack_files); ++i) {
        snprintf(file, sizeof file, "%s/%s", path, pack_files[i]);
        unlink(file);
    }
}

static int pack_flush_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int code = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0)
        close(fd);
    return code != 0 ? pack_io_error(path, "cannot be flushed") : 0;
}

/* ---- one database -------------------------------------------------------------------------- */

/* Numbers are no names: as in the list that they come from, they are a network's in its order. */
static int pack_classes(const pack_job *job)
{
    char path[DATA_PATH_BYTES + 32];
    base_file_writer *writer = NULL;
    int rc = 0;

    if (job->set->numbered)
        return 0;
    snprintf(path, sizeof path, "%s/" DATA_LMDB_CLASSES, job->path);
    TRY_DONE(base_file_writer_open(&writer, path));
    for (int i = 0; i < alx_dataset_classes(job->set); ++i) {
        const char *name = alx_dataset_class_name(job->set, i);

        if (name[0] == ' ' || name[strlen(name) - 1] == ' ') {
            rc = alx_fail(ALX_E_DATA,
                          "%s: class '%s' begins or ends with a blank, which a list of "
                          "classes cannot keep: rename it",
                          job->set->path, name);
            goto done;
        }
        TRY_DONE(base_file_writer_write(writer, name, strlen(name)));
        TRY_DONE(base_file_writer_write(writer, "\n", 1));
    }
    TRY_DONE(base_file_writer_commit(&writer));
done:
    base_file_writer_abort(&writer);
    return rc;
}

/* The line about the source names its place, but the same place may be spelt in many ways. */
static bool pack_same_source(const char *before, const char *path)
{
    char source[DATA_PATH_BYTES];

    snprintf(source, sizeof source, "%.*s", (int)strcspn(before, "\n"), before);
    return strncmp(source, PACK_SOURCE, strlen(PACK_SOURCE)) == 0 &&
           base_path_same(source + strlen(PACK_SOURCE), path);
}

/* Hours of work may lie there: only its owner removes them. */
static int pack_refuse(const char *folder, const char *before, const char *note)
{
    size_t line = 0;

    if (before == NULL)
        return alx_fail(ALX_E_USAGE, "%s holds a database of something else: remove it", folder);
    for (size_t i = 0; before[i] != '\0' && before[i] == note[i]; ++i)
        if (before[i] == '\n')
            line = i + 1;
    return alx_fail(ALX_E_USAGE,
                    "%s keeps an unfinished pack of '%.*s', not '%.*s': go on with "
                    "that, or remove the folder",
                    folder, (int)strcspn(before + line, "\n"), before + line,
                    (int)strcspn(note + line, "\n"), note + line);
}

/* What decides comes first; a complete database has the sum of its records after it. */
static bool pack_note_is(const char *before, const char *note)
{
    const size_t length = strlen(note);

    return strncmp(before, note, length) == 0 &&
           (before[length] == '\0' ||
            strncmp(before + length, PACK_NOTE_SUM, strlen(PACK_NOTE_SUM)) == 0);
}

/* What is packed, and how, a line each; the caller's (free). */
static int pack_note(char **out, const pack_job *job)
{
    const alx_pack_options *options = job->options;
    const size_t bytes = DATA_PATH_BYTES + 256;
    char source[DATA_PATH_BYTES];

    *out = NULL;
    TRY(base_path_absolute(source, sizeof source, job->set->path));
    *out = malloc(bytes);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->path);
    snprintf(*out, bytes,
             PACK_SOURCE "%s\nfingerprint %s\nimages %zu\nsize %d\nquality %d\n"
                         "decoded %s\n",
             source, alx_dataset_fingerprint(job->set), alx_dataset_count(job->set), options->size,
             options->quality, job->set->options.whole ? "whole" : "at a fraction");
    return 0;
}

/* Goes on with what an earlier run left if it was of the same images and options. */
static int pack_prepare(const pack_job *job)
{
    char path[DATA_PATH_BYTES + 16], *note = NULL, *before = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY_DONE(pack_note(&note, job));
    snprintf(path, sizeof path, "%s/" PACK_NOTE, job->path);
    if (base_file_exists(path))
        TRY_DONE(base_file_read(&before, &bytes, path));
    const bool same = before != NULL && pack_same_source(before, job->set->path);
    const char *old = same ? strchr(before, '\n') : before;
    const char *new = same ? strchr(note, '\n') : note;

    if (old == NULL || !pack_note_is(old, new)) {
        if (data_lmdb_is(job->path))
            TRY_DONE(pack_refuse(job->path, old, new));
        TRY_DONE(base_mkdirs(job->path));
        TRY_DONE(base_file_write(path, note, strlen(note)));
    }
done:
    free(note);
    free(before);
    return rc;
}

/* The statistics are of what is read back. */
static int pack_statistics(pack_job *job)
{
    const int rc = data_pack_statistics(job);

    job->damaged = rc == ALX_E_DATA;
    return rc;
}

static int pack_database(pack_job *job, alx_split split)
{
    int rc = 0;

    TRY_DONE(pack_prepare(job));
    TRY_DONE(base_file_writer_sweep(job->path, pack_files, ALX_COUNT(pack_files), false));
    TRY_DONE(data_pack_records(job));
    TRY_DONE(pack_classes(job));
    if (split == ALX_SPLIT_TRAIN)
        TRY_DONE(pack_statistics(job));
    TRY_DONE(pack_flush_folder(job->path));
done:
    if (job->damaged)
        rc = alx_fail_hint(rc, "; remove %s, and the same command packs it anew", job->path);
    return rc;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Where both splits are packed, and where one is alone. */
static const char *const pack_within[] = { "/train", "/val", "" };
enum { PACK_ALONE = 2 };

/* A pack begun as one database cannot go on as two, or the reverse: the old one would stay
 * there. */
static int pack_check_places(const char *partial, bool both)
{
    char path[DATA_PATH_BYTES + 32];

    for (int i = 0; i < (int)ALX_COUNT(pack_within); ++i) {
        if (both == (i != PACK_ALONE))
            continue;
        snprintf(path, sizeof path, "%s%s/" DATA_LMDB_FILE, partial, pack_within[i]);
        if (base_file_exists(path))
            return alx_fail(ALX_E_USAGE,
                            "%s keeps an unfinished pack of another source: go on "
                            "with that, or remove the folder",
                            partial);
    }
    return 0;
}

static int pack_all_sets(alx_pack_result *result, bool *damaged, const char *partial,
                         const alx_dataset *const sets[2], const alx_pack_options *options)
{
    const bool both = sets[0] != NULL && sets[1] != NULL;
    int rc = pack_check_places(partial, both);

    for (int split = 0; rc == 0 && split < 2; ++split) {
        pack_job job = { .set = sets[split], .options = options, .result = result };

        if (sets[split] == NULL)
            continue;
        snprintf(job.path, sizeof job.path, "%s%s", partial,
                 pack_within[both ? split : PACK_ALONE]);
        rc = pack_database(&job, (alx_split)split);
        *damaged = job.damaged;
    }
    return rc;
}

/* Says what a failed run leaves: something to go on with, or nothing of a folder that it `made`. */
static int pack_leave(const char *partial, const alx_pack_result *result, bool made, int rc)
{
    char text[2048], path[DATA_PATH_BYTES];

    if (result->images > 0)
        return alx_fail_hint(rc, "; %s keeps what is packed, the same command goes on", partial);
    snprintf(text, sizeof text, "%s", alx_status_text(rc));
    for (size_t i = 0; made && i < ALX_COUNT(pack_within); ++i) {
        snprintf(path, sizeof path, "%s%s", partial, pack_within[i]);
        pack_remove_files(path);
        rmdir(path);
    }
    return alx_fail(rc, "%s", text);
}

static int pack_check_new(const char *final)
{
    if (base_file_exists(final))
        return alx_fail(ALX_E_USAGE, "%s is there already: remove it, or choose another name",
                        final);
    return 0;
}

/* In `partial`, which this process alone works in. */
static int pack_under_lock(alx_pack_result *result, bool *damaged, const char *partial,
                           const char *final, const alx_dataset *const sets[2],
                           const alx_pack_options *options)
{
    TRY(pack_check_new(final)); /* whoever held it before may have finished */
    TRY(pack_all_sets(result, damaged, partial, sets, options));
    if (rename(partial, final) != 0)
        return pack_io_error(final, "cannot be renamed");
    return 0;
}

/* The name of the finished database, and of the folder it is made in. */
static int pack_names(char final[PACK_FINAL_BYTES], char partial[DATA_PATH_BYTES], const char *out)
{
    size_t length = strlen(out);

    while (length > 1 && out[length - 1] == '/')
        --length;
    if (length + 64 > PACK_FINAL_BYTES)
        return alx_fail(ALX_E_USAGE, "%.64s...: path too long", out);
    snprintf(final, PACK_FINAL_BYTES, "%.*s", (int)length, out);
    snprintf(partial, DATA_PATH_BYTES, "%s" PACK_SUFFIX, final);
    return 0;
}

int alx_pack_check(const char *out)
{
    char final[PACK_FINAL_BYTES], partial[DATA_PATH_BYTES];

    TRY(pack_names(final, partial, out));
    TRY(pack_check_new(final));
    return base_mkdirs_check(partial);
}

static int pack_settle(alx_pack_options *settled, const alx_dataset *const sets[2],
                       const alx_pack_options *options)
{
    *settled = *options;
    if (sets[0] == NULL && sets[1] == NULL)
        return alx_fail(ALX_E_USAGE, "there are no images to pack: both sets are missing");
    if (options->size < 1 || options->quality < 0 || options->quality > 100 || options->threads < 0)
        return alx_fail(ALX_E_USAGE,
                        "size %d, quality %d and %d threads: want a size from 1, a quality from 0 "
                        "to 100, no fewer threads than 0",
                        options->size, options->quality, options->threads);
    if (settled->threads == 0)
        settled->threads = base_cpu_count();
    return 0;
}

int alx_pack(alx_pack_result *result, const char *out, const alx_dataset *const sets[2],
             const alx_pack_options *options)
{
    const double start = base_seconds();
    alx_pack_options settled;
    char final[PACK_FINAL_BYTES], partial[DATA_PATH_BYTES];
    base_folder_lock *lock = NULL;
    bool made = false, damaged = false;
    int rc = 0;

    *result = (alx_pack_result){ 0 };
    TRY_DONE(pack_settle(&settled, sets, options));
    TRY_DONE(pack_names(final, partial, out));
    TRY_DONE(pack_check_new(final));
    made = !base_file_exists(partial);
    TRY_DONE(base_mkdirs(partial));
    TRY_DONE(base_folder_lock_take(&lock, partial, "packs"));
    rc = pack_under_lock(result, &damaged, partial, final, sets, &settled);
    if (rc != 0 && !damaged)
        rc = pack_leave(partial, result, made, rc);
    result->seconds = base_seconds() - start;
done:
    base_folder_lock_free(lock);
    if (made && rc != 0)
        rmdir(partial); /* where nothing was packed, and nobody else holds it */
    return rc;
}
