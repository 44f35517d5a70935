/* stored.c - small networks, whose every number is stored (section 4). */
#include "check/golden/golden.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

static int find_stored(const golden_net *run, const alx_st_tensor **out, const char *prefix,
                       const char *name, size_t count, alx_dtype dtype)
{
    char key[256];

    snprintf(key, sizeof key, "%s/%s%s", run->name, prefix, name);
    *out = alx_safetensors_find(run->source, key);
    if (*out == NULL || (*out)->count != count || (*out)->dtype != dtype)
        return alx_fail(ALX_E_DATA, "no tensor %s of %zu elements of the expected type", key,
                        count);
    return 0;
}

static int stored_input(golden_net *run, const char *name, float *values, size_t count)
{
    const alx_st_tensor *stored = NULL;

    TRY(find_stored(run, &stored, strcmp(name, "x") == 0 ? "" : "param/", name, count, ALX_F32));
    memcpy(values, stored->data, count * sizeof *values);
    return 0;
}

static int stored_labels(golden_net *run, int32_t *labels)
{
    const alx_st_tensor *stored = NULL;

    TRY(find_stored(run, &stored, "", "y", (size_t)run->batch, ALX_I64));
    for (int i = 0; i < run->batch; ++i) {
        const int64_t label = ((const int64_t *)stored->data)[i];

        if (label < 0 || label >= run->config.classes)
            return alx_fail(ALX_E_DATA, "label %lld is none of %d classes", (long long)label,
                            run->config.classes);
        labels[i] = (int32_t)label;
    }
    return 0;
}

static int compare(golden_net *run, const char *quantity, const char *prefix, const char *name,
                   const float *values, size_t count)
{
    const alx_st_tensor *stored = NULL;

    TRY(find_stored(run, &stored, prefix, name, count, ALX_F32));
    check_add(run->report, check_difference(values, stored->data, count),
              golden_tolerance(quantity), "%s", name);
    return 0;
}

static int stored_act(golden_net *run, const char *layer, const float *values, size_t count)
{
    return compare(run, "nets.act", "act/", layer, values, count);
}

static int stored_outputs(golden_net *run)
{
    char line[64];

    snprintf(line, sizeof line, "%s prob", run->name);
    check_begin(run->report, line);
    TRY(alx_net_read_prob(run->lab.net, run->lab.values));
    TRY(compare(run, "nets.prob", "", "prob", run->lab.values,
                (size_t)run->batch * (size_t)run->config.classes));
    check_end(run->report);
    return 0;
}

static int stored_grad(golden_net *run, const char *name, const float *values, size_t count)
{
    return compare(run, "nets.grad", "grad/", name, values, count);
}

/* Against the parameter's magnitude, and against how far training has moved it. */
static int stored_final(golden_net *run, const char *name, const float *values, size_t count)
{
    const alx_st_tensor *start = NULL, *end = NULL;
    double error = 0.0, change = 0.0;

    TRY(compare(run, "nets.final", "final/", name, values, count));
    TRY(find_stored(run, &start, "param/", name, count, ALX_F32));
    TRY(find_stored(run, &end, "final/", name, count, ALX_F32));
    const float *from = start->data, *to = end->data;
    for (size_t i = 0; i < count; ++i) {
        error = fmax(error, fabs((double)values[i] - (double)to[i]));
        change = fmax(change, fabs((double)to[i] - (double)from[i]));
    }
    if (change > 0.0)
        check_add(run->report, error / change, golden_tolerance("nets.final/change"),
                  "%s, relative to its change", name);
    return 0;
}

static const golden_oracle stored_oracle = {
    .input = stored_input,
    .labels = stored_labels,
    .act = stored_act,
    .outputs = stored_outputs,
    .grad = stored_grad,
    .final = stored_final,
    .group = "nets",
};

int golden_stored_nets(check_report *report, const alx_check_options *options, const char *folder)
{
    char path[PATH_MAX];
    cJSON *json = NULL;
    alx_safetensors *file = NULL;
    const cJSON *nets = NULL, *net = NULL;
    int rc = 0;

    snprintf(path, sizeof path, "%s/nets.json", folder);
    TRY_DONE(golden_json(&json, path));
    TRY_DONE(alx_fail_context(golden_member(&nets, json, "nets"), "%s", path));
    snprintf(path, sizeof path, "%s/nets.safetensors", folder);
    TRY_DONE(alx_safetensors_open(&file, path));
    cJSON_ArrayForEach(net, nets) TRY_DONE(
        alx_fail_context(golden_net_run(report, options, net, file, &stored_oracle), "%s", path));
done:
    alx_safetensors_close(file);
    cJSON_Delete(json);
    return rc;
}
