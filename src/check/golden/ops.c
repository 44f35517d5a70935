/* ops.c - every operation case of a golden folder, whatever its name and shape. */
#include "check/golden/golden.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

static const struct {
    const char *name;
    golden_op *run;
} operations[] = {
    { "conv2d", golden_op_conv2d },
    { "lrn", golden_op_lrn },
    { "maxpool", golden_op_maxpool },
    { "relu", golden_op_relu },
    { "tanh", golden_op_tanh },
    { "sigmoid", golden_op_sigmoid },
    { "fc", golden_op_fc },
    { "softmax_xent", golden_op_softmax_xent },
    { "sgd", golden_op_sgd },
    { "clip", golden_op_clip },
    { "preprocess", golden_op_preprocess },
    { "pca", golden_op_pca },
    { "tencrop", golden_op_tencrop },
};

static golden_op *find_operation(const char *name)
{
    for (size_t i = 0; i < ALX_COUNT(operations); ++i)
        if (strcmp(operations[i].name, name) == 0)
            return operations[i].run;
    return NULL;
}

/* Multiplications of the forward pass where there are weights, else 0. */
static size_t case_macs(const golden_case *c)
{
    const alx_st_tensor *w = NULL, *y = NULL;

    if (!golden_has(c, "w") || !golden_has(c, "y") || golden_find(c, &w, "w", ALX_F32) != 0 ||
        golden_find(c, &y, "y", ALX_F32) != 0 || w->dim_count == 0)
        return 0;
    return y->count * (w->count / (size_t)w->dims[0]);
}

static int run_case(golden_case *c, golden_op *run)
{
    const size_t most = c->options->max_macs;
    int rc = 0;

    if (!golden_wanted(c->options, "ops", c->op, c->name) || (most > 0 && case_macs(c) > most))
        return 0;
    if (!cJSON_IsObject(c->attributes))
        return alx_fail(ALX_E_DATA, "no attributes");
    c->pool = (check_pool){ .dev = c->options->devs[0] };
    rc = run(c);
    check_pool_free(&c->pool);
    return rc;
}

/* One line: all cases of an operation. */
static int run_operation(golden_case *c, const cJSON *cases)
{
    golden_op *run = find_operation(c->op);
    const cJSON *item = NULL;

    if (run == NULL)
        return alx_fail(ALX_E_DATA, "unknown operation \"%s\"", c->op);
    check_begin(c->report, c->op);
    cJSON_ArrayForEach(item, cases)
    {
        c->name = item->string;
        c->attributes = cJSON_GetObjectItemCaseSensitive(item, "attributes");
        const int rc = run_case(c, run);
        if (rc != 0)
            return alx_fail_context(rc, "%s/%s", c->op, c->name);
    }
    if (c->report->line.count > 0)
        check_end(c->report);
    return 0;
}

int golden_ops(check_report *report, const alx_check_options *options, const char *folder)
{
    char path[PATH_MAX];
    cJSON *json = NULL;
    alx_safetensors *file = NULL;
    const cJSON *ops = NULL, *item = NULL;
    int rc = 0;

    snprintf(path, sizeof path, "%s/ops.json", folder);
    TRY_DONE(golden_json(&json, path));
    TRY_DONE(alx_fail_context(golden_member(&ops, json, "ops"), "%s", path));
    snprintf(path, sizeof path, "%s/ops.safetensors", folder);
    TRY_DONE(alx_safetensors_open(&file, path));
    cJSON_ArrayForEach(item, ops)
    {
        golden_case c = { .options = options, .report = report, .file = file, .op = item->string };

        TRY_DONE(alx_fail_context(run_operation(&c, item), "%s", path));
    }
done:
    alx_safetensors_close(file);
    cJSON_Delete(json);
    return rc;
}
