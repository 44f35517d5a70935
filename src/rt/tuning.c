/* tuning.c - the tuning rows of a device: which count, and which is best for a problem. */
#include "rt/device.h"

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/embedded.h"
#include "base/env.h"
#include "base/file.h"
#include "base/try.h"
#include "rt/program/program.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WARNINGS 5 /* of one file */

/* Problems by the first word, and the kernel sources that their rows depend on. */
static const struct {
    const char *name, *sources[3];
} families[] = {
    { "conv2d", { "conv2d", "im2col" } },
    { "fc", { "gemm" } },
    { "clblast", { NULL } }, /* its version */
};

struct alx_tuning {
    char device[256], driver[128], path[PATH_MAX];
    char kernels[ALX_COUNT(families)][17];
    alx_tuning_row *rows;
    size_t count, room;
    alx_tuning_counts counts;
    alx_tuning_row trial;
    bool trying, foreign; /* the user's file has lines, but none is a row */
};

/* ---- loading ------------------------------------------------------------------------------- */

/* Index of a problem's family, or -1. */
static int family_of(const char *problem)
{
    const size_t length = strcspn(problem, " ");

    for (size_t i = 0; i < ALX_COUNT(families); ++i)
        if (strlen(families[i].name) == length && strncmp(families[i].name, problem, length) == 0)
            return (int)i;
    return -1;
}

static int rows_push(alx_tuning *tuning, const alx_tuning_row *row)
{
    if (tuning->count == tuning->room) {
        const size_t room = tuning->room > 0 ? 2 * tuning->room : 64;
        alx_tuning_row *rows = realloc(tuning->rows, room * sizeof *rows);

        if (rows == NULL)
            return alx_fail(ALX_E_MEMORY, "out of host memory for %zu tuning rows", room);
        tuning->rows = rows;
        tuning->room = room;
    }
    tuning->rows[tuning->count++] = *row;
    *(row->shipped ? &tuning->counts.shipped : &tuning->counts.user) += 1;
    return 0;
}

/* A second row of one choice would count or not by which is faster. */
static bool rows_have(const alx_tuning *tuning, const alx_tuning_row *row)
{
    for (size_t i = 0; i < tuning->count; ++i) {
        const alx_tuning_row *other = &tuning->rows[i];

        if (other->shipped == row->shipped && other->batch == row->batch &&
            strcmp(other->choice, row->choice) == 0 && strcmp(other->problem, row->problem) == 0)
            return true;
    }
    return false;
}

/* `*refused`: why it is not taken, where that is the line's fault. */
static int take_line(const char **refused, alx_tuning *tuning, const alx_device_info *info,
                     rt_tuning_line *line)
{
    const int family = family_of(line->row.problem);

    if (strcmp(line->device, tuning->device) != 0)
        return 0;
    if (family < 0) {
        *refused = "no operation that is tuned";
        return 0;
    }
    if (strcmp(line->driver, tuning->driver) != 0 ||
        strcmp(line->kernels, tuning->kernels[family]) != 0) {
        ++tuning->counts.stale;
        return 0;
    }
    if (!alx_tuning_row_is_known(&line->row, info))
        *refused = "`alexnet tune` writes no such row";
    else if (rows_have(tuning, &line->row))
        *refused = "a second row of this problem, batch and choice";
    return *refused == NULL ? rows_push(tuning, &line->row) : 0;
}

static void warn_of_line(const char *name, size_t number, const char *why,
                         const alx_tuning_row *row)
{
    if (row != NULL)
        alx_warn("%s:%zu: refused: %s: %s, '%s'", name, number, why, row->problem, row->choice);
    else
        alx_warn("%s:%zu: refused: not a tuning row", name, number);
}

/* `*good`: lines that are rows, of whatever device. */
static int take_text(alx_tuning *tuning, size_t *good, const alx_device_info *info,
                     const char *text, const char *name, bool shipped)
{
    size_t number = 0, bad = 0;
    rt_tuning_line line;

    *good = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        const bool row = length > 0 && rt_tuning_line_parse(&line, text, length);
        const char *refused = length > 0 && !row ? "" : NULL;

        ++number;
        if (row) {
            line.row.shipped = shipped;
            TRY(take_line(&refused, tuning, info, &line));
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

static int take_shipped(alx_tuning *tuning, const alx_device_info *info)
{
    size_t good = 0;

    for (size_t i = 0; i < base_embedded_count; ++i) {
        const base_embedded *file = &base_embedded_files[i];

        if (strstr(file->name, ".jsonl") != NULL)
            TRY(take_text(tuning, &good, info, file->text, file->name, true));
    }
    return 0;
}

static int take_users(alx_tuning *tuning, const alx_device_info *info)
{
    const char *wanted = base_env(BASE_ENV_TUNING);
    char *text = NULL;
    size_t bytes = 0, good = 0;
    int rc = 0;

    if (wanted != NULL)
        snprintf(tuning->path, sizeof tuning->path, "%s", wanted);
    else if (!base_cache_path(tuning->path, sizeof tuning->path, "tuning.jsonl"))
        tuning->path[0] = '\0';
    if (tuning->path[0] == '\0' || !base_file_exists(tuning->path))
        return 0;
    if (base_file_read(&text, &bytes, tuning->path) != 0) {
        alx_warn("no tuning rows: %s", alx_status_text(ALX_E_DATA));
        return 0;
    }
    rc = take_text(tuning, &good, info, text, tuning->path, false);
    tuning->foreign = good == 0 && strspn(text, "\n") < bytes && memchr(text, '\n', bytes) != NULL;
    free(text);
    return rc;
}

static int hash_families(alx_tuning *tuning)
{
    for (size_t i = 0; i < ALX_COUNT(families); ++i) {
        if (families[i].sources[0] == NULL)
            snprintf(tuning->kernels[i], sizeof tuning->kernels[i], "%s", alx_rt_libraries());
        else
            TRY(rt_source_hash(tuning->kernels[i], families[i].sources));
    }
    return 0;
}

int alx_tuning_load(alx_tuning **out, const alx_device_info *info)
{
    const char *wanted = base_env(BASE_ENV_TUNING);
    const char *core = info->core >= 0 ? strstr(info->name, ", core ") : NULL;
    alx_tuning *tuning = calloc(1, sizeof *tuning);
    int rc = 0;

    *out = NULL;
    if (tuning == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for tuning rows");
    /* the cores of a device share its rows */
    snprintf(tuning->device, sizeof tuning->device, "%.*s",
             core != NULL ? (int)(core - info->name) : (int)strlen(info->name), info->name);
    snprintf(tuning->driver, sizeof tuning->driver, "%s", info->driver);
    if (wanted == NULL || strcmp(wanted, "off") != 0) {
        TRY_DONE(hash_families(tuning));
        TRY_DONE(take_shipped(tuning, info));
        TRY_DONE(take_users(tuning, info));
    }
    *out = tuning;
    tuning = NULL;
done:
    alx_tuning_free(tuning);
    return rc;
}

void alx_tuning_free(alx_tuning *tuning)
{
    if (tuning == NULL)
        return;
    free(tuning->rows);
    free(tuning);
}

/* ---- looking up ---------------------------------------------------------------------------- */

alx_tuning *alx_device_tuning(const alx_device *dev)
{
    return dev->tuning;
}

alx_tuning_counts alx_tuning_count(const alx_tuning *tuning)
{
    return tuning->counts;
}

const char *alx_tuning_path(const alx_tuning *tuning)
{
    return tuning->path;
}

const alx_tuning_row *alx_tuning_rows(const alx_tuning *tuning, size_t *count)
{
    *count = tuning->count;
    return tuning->rows;
}

bool alx_tuning_covers(const alx_tuning *tuning, const char *family)
{
    for (size_t i = 0; i < tuning->count; ++i) {
        const int of = family_of(tuning->rows[i].problem);

        if (tuning->rows[i].ms > 0.0 && strcmp(families[of].name, family) == 0)
            return true;
    }
    return tuning->trying;
}

/* How far a row's batch is from the one that is asked for: a factor. */
static double batch_distance(int a, int b)
{
    return fabs(log((double)(a > 0 ? a : 1) / (double)(b > 0 ? b : 1)));
}

/* Whether row `a` serves `batch` better than `b` (NULL = any does). */
static bool row_beats(const alx_tuning_row *a, const alx_tuning_row *b, int batch)
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

const alx_tuning_row *alx_tuning_find(const alx_tuning *tuning, const char *problem, int batch)
{
    const alx_tuning_row *best = NULL;

    if (tuning->trying)
        return strcmp(tuning->trial.problem, problem) == 0 ? &tuning->trial : NULL;
    for (size_t i = 0; i < tuning->count; ++i) {
        const alx_tuning_row *row = &tuning->rows[i];

        if (row->ms > 0.0 && strcmp(row->problem, problem) == 0 && row_beats(row, best, batch))
            best = row;
    }
    return best;
}

/* ---- measuring ----------------------------------------------------------------------------- */

void alx_tuning_try(alx_tuning *tuning, const alx_tuning_row *row)
{
    tuning->trying = row != NULL;
    if (row != NULL)
        tuning->trial = *row;
}

/* Four digits are more than a measurement has. */
static double rounded(double value)
{
    char text[32];

    snprintf(text, sizeof text, "%.4g", value);
    return strtod(text, NULL);
}

int alx_tuning_check_file(const alx_tuning *tuning)
{
    if (tuning->path[0] == '\0')
        return alx_fail(ALX_E_USAGE, "no file for tuning rows: the cache is off");
    if (tuning->foreign)
        return alx_fail(ALX_E_DATA,
                        "%s: holds something else than tuning rows: choose another "
                        "file, or remove this one",
                        tuning->path);
    return 0;
}

int alx_tuning_add(alx_tuning *tuning, const alx_tuning_row *row)
{
    const int family = family_of(row->problem);
    rt_tuning_line line = { .row = *row };
    char *text = NULL;
    int rc = 0;

    line.row.ms = rounded(row->ms);
    line.row.error = rounded(row->error);
    if (family < 0)
        return alx_fail(ALX_E_USAGE, "'%s' is no problem that has rows", row->problem);
    TRY_DONE(alx_tuning_check_file(tuning));
    TRY_DONE(rows_push(tuning, &line.row));
    snprintf(line.device, sizeof line.device, "%s", tuning->device);
    snprintf(line.driver, sizeof line.driver, "%s", tuning->driver);
    snprintf(line.kernels, sizeof line.kernels, "%s", tuning->kernels[family]);
    text = rt_tuning_line_text(&line);
    if (text == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a tuning row");
        goto done;
    }
    TRY_DONE(rt_tuning_append(tuning->path, text));
done:
    free(text);
    return rc;
}
