/* metrics.c - one row per epoch in metrics.csv and metrics.jsonl; a row is never half there after a
 * resume. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/numbers.h"
#include "base/try.h"
#include "train/run.h"

#define CSV_NAME "metrics.csv"
#define JSON_NAME "metrics.jsonl"
#define ROW_BYTES 1024

static const char csv_header[] =
    "epoch,step,lr,train_loss,train_top1,train_top5,val_loss,val_top1,val_top5,seconds,images_s,"
    "wait_share,grad_norm\n";

/* ---- rows ---------------------------------------------------------------------------------- */

typedef struct metrics_column {
    const char *name;
    double value;
    bool missing;
} metrics_column;

enum { COLUMN_COUNT = 13 };

static double share(size_t count, const alx_score *score)
{
    return score->images > 0 ? (double)count / (double)score->images : 0.0;
}

static void fill_columns(metrics_column columns[COLUMN_COUNT], const alx_epoch_metrics *m)
{
    const bool none = m->validation.images == 0;
    const metrics_column filled[COLUMN_COUNT] = {
        { "epoch", (double)m->epoch, false },
        { "step", (double)m->step, false },
        { "lr", m->lr, false },
        { "train_loss", m->train.loss, false },
        { "train_top1", share(m->train.top1, &m->train), false },
        { "train_top5", share(m->train.top5, &m->train), false },
        { "val_loss", m->validation.loss, none },
        { "val_top1", share(m->validation.top1, &m->validation), none },
        { "val_top5", share(m->validation.top5, &m->validation), none },
        { "seconds", m->seconds, false },
        { "images_s", m->images_s, false },
        { "wait_share", m->wait_share, false },
        { "grad_norm", m->grad_norm, false },
    };

    memcpy(columns, filled, sizeof filled);
}

static void csv_row(char *row, const metrics_column columns[COLUMN_COUNT])
{
    int at = 0;

    for (int i = 0; i < COLUMN_COUNT; ++i) {
        const char *end = i + 1 < COLUMN_COUNT ? "," : "\n";

        at += columns[i].missing
                  ? snprintf(row + at, ROW_BYTES - (size_t)at, "%s", end)
                  : base_print(row + at, ROW_BYTES - (size_t)at, "%.9g%s", columns[i].value, end);
    }
}

static void json_row(char *row, const metrics_column columns[COLUMN_COUNT])
{
    int at = 0;

    for (int i = 0; i < COLUMN_COUNT; ++i) {
        const char *begin = i == 0 ? "{" : ",", *end = i + 1 < COLUMN_COUNT ? "" : "}\n";
        char value[32];

        base_print(value, sizeof value, "%.9g", columns[i].value);
        at += snprintf(row + at, ROW_BYTES - (size_t)at, "%s\"%s\":%s%s", begin, columns[i].name,
                       columns[i].missing ? "null" : value, end);
    }
}

int train_rows_append(const char *run_dir, const char *name, const char *rows)
{
    char path[PATH_MAX];

    TRY(base_path_in(path, run_dir, name));
    return base_file_append(path, rows);
}

int train_metrics_append(const char *run_dir, const alx_epoch_metrics *metrics)
{
    metrics_column columns[COLUMN_COUNT];
    char row[ROW_BYTES];

    fill_columns(columns, metrics);
    csv_row(row, columns);
    TRY(train_rows_append(run_dir, CSV_NAME, row));
    json_row(row, columns);
    return train_rows_append(run_dir, JSON_NAME, row);
}

/* ---- cutting ------------------------------------------------------------------------------- */

/* Bytes of the leading whole lines that belong to the first `epochs` epochs. */
static size_t kept_bytes(const char *text, const char *format, size_t epochs)
{
    const char *line = text, *end = NULL;

    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        size_t epoch = 0;

        if (sscanf(line, format, &epoch) != 1 || epoch > epochs)
            break;
    }
    return (size_t)(line - text);
}

int train_rows_cut(const char *run_dir, const char *name, const char *header, const char *format,
                   size_t epochs)
{
    char path[PATH_MAX], *text = NULL, *whole = NULL;
    size_t bytes = 0, kept = 0;
    const size_t header_bytes = strlen(header);
    int rc = 0;

    TRY_DONE(base_path_in(path, run_dir, name));
    if (base_file_exists(path))
        TRY_DONE(base_file_read(&text, &bytes, path));
    const bool known = text != NULL && strncmp(text, header, header_bytes) == 0;
    const char *rows = known ? text + header_bytes : "";

    if (text != NULL && !known)
        TRY_DONE(train_run_file_put_aside(run_dir, name));
    kept = kept_bytes(rows, format, epochs);
    whole = malloc(header_bytes + kept + 1);
    if (whole == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %s", path);
        goto done;
    }
    memcpy(whole, header, header_bytes);
    memcpy(whole + header_bytes, rows, kept);
    TRY_DONE(base_file_write(path, whole, header_bytes + kept));
done:
    free(whole);
    free(text);
    return rc;
}

int train_metrics_cut(const char *run_dir, size_t epochs)
{
    TRY(train_rows_cut(run_dir, CSV_NAME, csv_header, "%zu,", epochs));
    return train_rows_cut(run_dir, JSON_NAME, "", "{\"epoch\":%zu", epochs);
}
