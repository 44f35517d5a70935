/* result.c - what a search has found: a problem's rows side by side, and all rows for machines. */
#include "tune/tune.h"

#include <string.h>

#include "base/json.h"

/* Where a row of this choice stands. */
static const alx_row **column_of(alx_tune_result *result, const char *choice)
{
    if (strcmp(choice, ALX_TUNED_IM2COL) == 0 || strcmp(choice, ALX_TUNED_CLBLAST) == 0)
        return &result->clblast_tuned;
    if (strcmp(choice, "im2col") == 0 || strcmp(choice, "clblast") == 0)
        return &result->clblast;
    return &result->own;
}

static void keep_faster(const alx_row **best, const alx_row *row)
{
    if (*best == NULL || row->ms < (*best)->ms)
        *best = row;
}

alx_tune_result alx_tune_result_of(const alx_tune *tune, const alx_tune_problem *p)
{
    alx_tune_result result = { 0 };

    for (size_t i = 0; i < p->way_count; ++i) {
        const alx_row *row = tune_row(tune, p, p->ways[i]);

        if (row == NULL || row->ms <= 0.0)
            continue;
        if (i == 0)
            result.usual = row;
        keep_faster(&result.fastest, row);
        keep_faster(column_of(&result, row->choice), row);
    }
    return result;
}

double alx_tune_gflops(const alx_tune_problem *p, const alx_row *row)
{
    return row->ms > 0.0 ? 1e-6 * p->info.flops / row->ms : 0.0;
}

size_t alx_tune_sum(double *usual_ms, double *fastest_ms, const alx_tune *tune)
{
    size_t count = 0;

    *usual_ms = *fastest_ms = 0.0;
    for (size_t i = 0; i < tune->problem_count; ++i) {
        const alx_tune_problem *p = &tune->problems[i];
        const alx_tune_result r = alx_tune_result_of(tune, p);

        if (r.fastest == NULL)
            continue;
        ++count;
        *fastest_ms += p->calls * r.fastest->ms;
        *usual_ms += p->calls * (r.usual != NULL ? r.usual->ms : r.fastest->ms);
    }
    return count;
}

static cJSON *row_json(const alx_tune_problem *p, const alx_row *row)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_text(object, "pass", p->info.label);
    base_json_add_text(object, "choice", row->choice);
    base_json_add_bool(object, "right", row->ms > 0.0);
    base_json_add_number(object, "ms", row->ms);
    base_json_add_number(object, "gflops", alx_tune_gflops(p, row));
    base_json_add_number(object, "error", row->error);
    return object;
}

int alx_tune_json(char **text, const alx_tune *tune, const char *config, int batch)
{
    const alx_device_info *info = alx_device_get_info(tune->dev);
    cJSON *tree = cJSON_CreateObject(), *rows = base_json_add_array(tree, "rows");

    base_json_add_text(tree, "device", info->name);
    base_json_add_text(tree, "driver", info->driver);
    base_json_add_text(tree, "config", config);
    base_json_add_number(tree, "batch_size", batch);
    base_json_add_bool(tree, "complete", !tune->stopped);
    for (size_t i = 0; i < tune->problem_count; ++i)
        for (size_t way = 0; way < tune->problems[i].way_count; ++way) {
            const alx_tune_problem *p = &tune->problems[i];
            const alx_row *row = tune_row(tune, p, p->ways[way]);

            if (row != NULL)
                base_json_append(rows, row_json(p, row));
        }
    return base_json_take(text, tree);
}
