/* rows.c - the tuning rows of a device: which count, and which is best for a problem. */
#include "rows/rows.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/embedded.h"
#include "base/env.h"
#include "base/file.h"
#include "base/numbers.h"
#include "base/try.h"

#define MOST_WARNINGS 5 /* of one file */

struct alx_rows {
    alx_rows_key key;
    char path[PATH_MAX];
    alx_row *rows;
    size_t count, room;
    alx_rows_counts counts;
    bool foreign; /* the user's file has lines, but none is a row */
};

/* ---- loading ------------------------------------------------------------------------------- */

/* Of a problem, or NULL. */
static const alx_rows_family *family_of(const alx_rows *rows, const char *problem)
{
    const size_t length = strcspn(problem, " ");

    for (size_t i = 0; i < rows->key.family_count; ++i) {
        const alx_rows_family *family = &rows->key.families[i];

        if (strlen(family->name) == length && strncmp(family->name, problem, length) == 0)
            return family;
    }
    return NULL;
}

static int rows_push(alx_rows *rows, const alx_row *row)
{
    if (rows->count == rows->room) {
        const size_t room = rows->room > 0 ? 2 * rows->room : 64;
        alx_row *grown = realloc(rows->rows, room * sizeof *grown);

        if (grown == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for %zu tuning rows", room);
        rows->rows = grown;
        rows->room = room;
    }
    rows->rows[rows->count++] = *row;
    *(row->shipped ? &rows->counts.shipped : &rows->counts.user) += 1;
    return 0;
}

/* A second row of one choice would count or not by which is faster. */
static bool rows_have(const alx_rows *rows, const alx_row *row)
{
    for (size_t i = 0; i < rows->count; ++i) {
        const alx_row *other = &rows->rows[i];

        if (other->shipped == row->shipped && other->batch == row->batch &&
            strcmp(other->choice, row->choice) == 0 && strcmp(other->problem, row->problem) == 0)
            return true;
    }
    return false;
}

/* `*refused`: why it is not taken, where that is the line's fault. */
static int take_line(const char **refused, alx_rows *rows, rows_line *line)
{
    const alx_rows_family *family = family_of(rows, line->row.problem);

    if (strcmp(line->device, rows->key.device) != 0)
        return 0;
    if (family == NULL) {
        *refused = "no operation that is tuned";
        return 0;
    }
    if (strcmp(line->driver, rows->key.driver) != 0 ||
        strcmp(line->kernels, family->kernels) != 0) {
        ++rows->counts.stale;
        return 0;
    }
    if (!rows->key.is_known(&line->row, rows->key.user))
        *refused = "`alexnet tune` writes no such row";
    else if (rows_have(rows, &line->row))
        *refused = "a second row of this problem, batch and choice";
    return *refused == NULL ? rows_push(rows, &line->row) : 0;
}

static void warn_of_line(const char *name, size_t number, const char *why, const alx_row *row)
{
    if (row != NULL)
        alx_warn("%s:%zu: refused: %s: %s, '%s'", name, number, why, row->problem, row->choice);
    else
        alx_warn("%s:%zu: refused: not a tuning row", name, number);
}

/* `*good`: lines that are rows, of whatever device. */
static int take_text(alx_rows *rows, size_t *good, const char *text, const char *name, bool shipped)
{
    size_t number = 0, bad = 0;
    rows_line line;

    *good = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        const bool row = length > 0 && rows_line_parse(&line, text, length);
        const char *refused = length > 0 && !row ? "" : NULL;

        ++number;
        if (row) {
            line.row.shipped = shipped;
            TRY(take_line(&refused, rows, &line));
            ++*good;
        }
        if (refused != NULL && ++bad <= MOST_WARNINGS)
            warn_of_line(name, number, refused, row ? &line.row : NULL);
        text += length + (text[length] == '\n');
    }
    if (bad > MOST_WARNINGS)
        alx_warn("%s: %zu more lines are refused", name, bad - MOST_WARNINGS);
    return 0;
}

static int take_shipped(alx_rows *rows)
{
    size_t good = 0;

    for (size_t i = 0; i < base_embedded_count; ++i) {
        const base_embedded *file = &base_embedded_files[i];

        if (strstr(file->name, ".jsonl") != NULL)
            TRY(take_text(rows, &good, file->text, file->name, true));
    }
    return 0;
}

/* `wanted`: its path, NULL = the usual one. */
static int take_users(alx_rows *rows, const char *wanted)
{
    char *text = NULL;
    size_t bytes = 0, good = 0;
    int rc = 0;

    if (wanted != NULL)
        snprintf(rows->path, sizeof rows->path, "%s", wanted);
    else if (!base_cache_path(rows->path, sizeof rows->path, "tuning.jsonl"))
        rows->path[0] = '\0';
    if (rows->path[0] == '\0' || !base_file_exists(rows->path))
        return 0;
    if (base_file_read(&text, &bytes, rows->path) != 0) {
        alx_warn("no tuning rows: %s", alx_status_text(ALX_E_DATA));
        return 0;
    }
    rc = take_text(rows, &good, text, rows->path, false);
    rows->foreign = good == 0 && strspn(text, "\n") < bytes && memchr(text, '\n', bytes) != NULL;
    free(text);
    return rc;
}

static const char *wanted_path(const char *path)
{
    return path != NULL ? path : base_env(BASE_ENV_TUNING);
}

bool alx_rows_are_off(const char *path)
{
    const char *wanted = wanted_path(path);

    return wanted != NULL && strcmp(wanted, "off") == 0;
}

int alx_rows_open(alx_rows **out, const alx_rows_key *key, const char *path)
{
    alx_rows *rows = calloc(1, sizeof *rows);
    int rc = 0;

    *out = NULL;
    if (rows == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for tuning rows");
    rows->key = *key;
    if (!alx_rows_are_off(path)) {
        TRY_DONE(take_shipped(rows));
        TRY_DONE(take_users(rows, wanted_path(path)));
    }
    rows->key.is_known = NULL;
    rows->key.user = NULL;
    *out = rows;
    rows = NULL;
done:
    alx_rows_close(rows);
    return rc;
}

void alx_rows_close(alx_rows *rows)
{
    if (rows == NULL)
        return;
    free(rows->rows);
    free(rows);
}

/* ---- looking up ---------------------------------------------------------------------------- */

alx_rows_counts alx_rows_count(const alx_rows *rows)
{
    return rows->counts;
}

const char *alx_rows_path(const alx_rows *rows)
{
    return rows->path;
}

const alx_row *alx_rows_all(const alx_rows *rows, size_t *count)
{
    *count = rows->count;
    return rows->rows;
}

bool alx_rows_cover(const alx_rows *rows, const char *family)
{
    for (size_t i = 0; rows != NULL && i < rows->count; ++i)
        if (rows->rows[i].ms > 0.0 &&
            strcmp(family_of(rows, rows->rows[i].problem)->name, family) == 0)
            return true;
    return false;
}

/* How far a row's batch is from the one that is asked for: a factor. */
static double batch_distance(int a, int b)
{
    return fabs(log((double)(a > 0 ? a : 1) / (double)(b > 0 ? b : 1)));
}

/* Whether row `a` serves `batch` better than `b` (NULL = any does). */
static bool row_beats(const alx_row *a, const alx_row *b, int batch)
{
    if (b == NULL)
        return true;
    if (a->shipped != b->shipped)
        return b->shipped;
    if (a->batch != b->batch) {
        const double da = batch_distance(a->batch, batch), db = batch_distance(b->batch, batch);

        return da < db || (da <= db && a->batch < b->batch);
    }
    return a->ms < b->ms;
}

const alx_row *alx_rows_find(const alx_rows *rows, const char *problem, int batch)
{
    const alx_row *best = NULL;

    for (size_t i = 0; rows != NULL && i < rows->count; ++i) {
        const alx_row *row = &rows->rows[i];

        if (row->ms > 0.0 && strcmp(row->problem, problem) == 0 && row_beats(row, best, batch))
            best = row;
    }
    return best;
}

/* ---- measuring ----------------------------------------------------------------------------- */

/* Four digits are more than a measurement has. */
static double rounded(double value)
{
    char text[32];

    base_print(text, sizeof text, "%.4g", value);
    return base_number_read(text, NULL);
}

int alx_rows_check_file(const alx_rows *rows)
{
    if (rows->path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "no file for tuning rows: the cache is off");
    if (rows->foreign)
        return alx_fail(ALX_E_DATA,
                        "%s: holds something else than tuning rows: choose another "
                        "file, or remove this one",
                        rows->path);
    return 0;
}

int alx_rows_add(alx_rows *rows, const alx_row *row)
{
    const alx_rows_family *family = family_of(rows, row->problem);
    rows_line line = { .row = *row };
    char *text = NULL;
    int rc = 0;

    line.row.ms = rounded(row->ms);
    line.row.error = rounded(row->error);
    if (family == NULL)
        return alx_fail(ALX_E_USAGE, "'%s' is no problem that has rows", row->problem);
    TRY_DONE(alx_rows_check_file(rows));
    TRY_DONE(rows_push(rows, &line.row));
    snprintf(line.device, sizeof line.device, "%s", rows->key.device);
    snprintf(line.driver, sizeof line.driver, "%s", rows->key.driver);
    snprintf(line.kernels, sizeof line.kernels, "%s", family->kernels);
    text = rows_line_text(&line);
    if (text == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a tuning row");
        goto done;
    }
    TRY_DONE(rows_append(rows->path, text));
done:
    free(text);
    return rc;
}
