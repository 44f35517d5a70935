/* full.c - full-size networks: input and parameters come from the hash, and statistics and
 * sampled values are compared (section 5). */
#include "check/golden/golden.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

#define MOST_SAMPLES 64
#define TOP 5

/* ---- generated tensors ---------------------------------------------------------------------- */

static int find_generated(const golden_net *run, const cJSON **out, const char *name)
{
    const cJSON *list = NULL, *item = NULL;

    TRY(golden_member(&list, run->json, "generated"));
    cJSON_ArrayForEach(item, list)
    {
        const char *called = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "name"));

        if (called != NULL && strcmp(called, name) == 0) {
            *out = item;
            return 0;
        }
    }
    return alx_fail(ALX_E_DATA, "\"generated\" has no %s", name);
}

static int read_seed(uint64_t *seed, const cJSON *item)
{
    double value = 0.0;

    TRY(golden_number(&value, item, "seed", (double)NAN));
    if (!(value >= 0.0 && value <= 0x1p53))
        return alx_fail(ALX_E_DATA, "\"seed\" is not in 0..2^53");
    *seed = (uint64_t)value;
    return 0;
}

static int full_input(golden_net *run, const char *name, float *values, size_t count)
{
    const cJSON *item = NULL;
    uint64_t seed = 0;
    double a = 0.0;

    TRY(find_generated(run, &item, name));
    TRY(read_seed(&seed, item));
    TRY(golden_number(&a, item, "a", (double)NAN));
    for (size_t i = 0; i < count; ++i)
        values[i] = golden_uniform(seed, i, (float)a);
    return 0;
}

static int full_labels(golden_net *run, int32_t *labels)
{
    const cJSON *item = NULL;
    uint64_t seed = 0;

    TRY(find_generated(run, &item, "y"));
    TRY(read_seed(&seed, item));
    for (int i = 0; i < run->batch; ++i)
        labels[i] = (int32_t)golden_integer(seed, (uint64_t)i, (uint32_t)run->config.classes);
    return 0;
}

/* ---- sampled values ------------------------------------------------------------------------- */

typedef struct samples {
    size_t count;
    double index[MOST_SAMPLES], value[MOST_SAMPLES];
} samples;

static int read_samples(samples *out, const cJSON *json, size_t elements)
{
    const cJSON *list = NULL;

    TRY(golden_member(&list, json, "indices"));
    out->count = (size_t)cJSON_GetArraySize(list);
    if (out->count < 1 || out->count > MOST_SAMPLES)
        return alx_fail(ALX_E_DATA, "not 1 to %d sampled values", MOST_SAMPLES);
    TRY(golden_numbers(out->index, out->count, json, "indices"));
    TRY(golden_numbers(out->value, out->count, json, "values"));
    for (size_t i = 0; i < out->count; ++i)
        if (!(out->index[i] >= 0.0 && out->index[i] < (double)elements))
            return alx_fail(ALX_E_DATA, "a sampled index is outside the tensor");
    return 0;
}

/* Relative to `scale` or the largest sample. @param jumps  a flip at a kink moves these values */
static int compare_samples(golden_net *run, const cJSON *json, const char *quantity,
                           const char *name, const float *values, size_t count, double scale,
                           bool jumps)
{
    samples s;
    char where[96];
    double error = 0.0, squares = 0.0, all = 0.0;

    TRY(read_samples(&s, json, count));
    for (size_t i = 0; i < s.count; ++i) {
        const double d = fabs((double)values[(size_t)s.index[i]] - s.value[i]);

        error = d <= error ? error : isnan(d) ? INFINITY : d;
        scale = fmax(scale, fabs(s.value[i]));
        squares += d * d;
        all += s.value[i] * s.value[i];
    }
    error /= scale > 0.0 ? scale : 1.0;
    snprintf(where, sizeof where, "%s, values", name);
    golden_kink_add(run, quantity, where, error,
                    jumps && all > 0.0 ? sqrt(squares / all) : (double)NAN);
    return 0;
}

static void compare_number(golden_net *run, double got, double want, double scale,
                           const char *quantity, const char *name, const char *what)
{
    check_add(run->report, fabs(got - want) / (scale > 0.0 ? scale : 1.0),
              golden_tolerance(quantity), "%s, %s", name, what);
}

/* ---- what is compared ----------------------------------------------------------------------- */

static int find_entry(const golden_net *run, const cJSON **out, const char *group, const char *name)
{
    const cJSON *parent = NULL;

    TRY(golden_member(&parent, run->json, group));
    return alx_fail_context(golden_member(out, parent, name), "%s", group);
}

static int full_act(golden_net *run, const char *layer, const float *values, size_t count)
{
    const cJSON *want = NULL;
    double sum = 0.0, squares = 0.0, largest = -INFINITY, mean = 0.0, rms = 0.0, maximum = 0.0;

    TRY(find_entry(run, &want, "activations", layer));
    TRY(golden_number(&mean, want, "mean", (double)NAN));
    TRY(golden_number(&rms, want, "rms", (double)NAN));
    TRY(golden_number(&maximum, want, "max", (double)NAN));
    for (size_t i = 0; i < count; ++i) {
        sum += (double)values[i];
        squares += (double)values[i] * (double)values[i];
        largest = fmax(largest, (double)values[i]);
    }
    compare_number(run, sum / (double)count, mean, rms, "full.moments", layer, "mean");
    compare_number(run, sqrt(squares / (double)count), rms, rms, "full.moments", layer, "rms");
    compare_number(run, largest, maximum, fabs(maximum), "full.act", layer, "maximum");
    return compare_samples(run, want, "full.act", layer, values, count, fabs(maximum), false);
}

/* @param l2  of the gradient, or NAN where no flip moves it */
static void compare_norm(golden_net *run, double difference, double want, const char *name,
                         const char *what, double l2)
{
    char where[96];

    snprintf(where, sizeof where, "%s, %s", name, what);
    golden_kink_add(run, "full.norm", where, fabs(difference) / (want > 0.0 ? want : 1.0),
                    fabs(difference) / l2);
}

/* The classifier's inputs and the gradient of its outputs do not jump. */
static bool is_below_classifier(const golden_net *run, const char *parameter)
{
    const char *last = run->config.layers[run->config.layer_count - 1].name;
    const size_t length = strlen(last);

    return strncmp(parameter, last, length) != 0 || parameter[length] != '.';
}

static int full_grad(golden_net *run, const char *name, const float *values, size_t count)
{
    const cJSON *want = NULL;
    const bool jumps = is_below_classifier(run, name);
    double squares = 0.0, largest = 0.0, l2 = 0.0, maximum = 0.0;

    TRY(find_entry(run, &want, "gradients", name));
    TRY(golden_number(&l2, want, "l2", (double)NAN));
    TRY(golden_number(&maximum, want, "max_abs", (double)NAN));
    for (size_t i = 0; i < count; ++i) {
        squares += (double)values[i] * (double)values[i];
        largest = fmax(largest, fabs((double)values[i]));
    }
    compare_norm(run, sqrt(squares) - l2, l2, name, "l2", jumps ? l2 : (double)NAN);
    compare_norm(run, largest - maximum, maximum, name, "maximum", jumps ? l2 : (double)NAN);
    return compare_samples(run, want, "full.grad", name, values, count, maximum, jumps);
}

/* ---- logits and the best classes ------------------------------------------------------------ */

static int compare_logits(golden_net *run, const cJSON *rows)
{
    const int classes = run->config.classes;
    const cJSON *row = NULL;
    int image = 0;

    cJSON_ArrayForEach(row, rows)
    {
        const float *got = run->lab.values + (size_t)image * (size_t)classes;
        const cJSON *item = NULL;
        double error = 0.0, largest = 0.0;
        int i = 0;

        if (image == run->batch || cJSON_GetArraySize(row) < 1 || cJSON_GetArraySize(row) > classes)
            return alx_fail(ALX_E_DATA, "\"logits\" are not of %d images", run->batch);
        cJSON_ArrayForEach(item, row)
        {
            const double d = fabs((double)got[i++] - item->valuedouble);

            error = d <= error ? error : isnan(d) ? INFINITY : d;
            largest = fmax(largest, fabs(item->valuedouble));
        }
        check_add(run->report, largest > 0.0 ? error / largest : error,
                  golden_tolerance("full.logits"), "image %d", image);
        ++image;
    }
    if (image != run->batch)
        return alx_fail(ALX_E_DATA, "\"logits\" are not of %d images", run->batch);
    return 0;
}

static int better_classes(const float *logits, int classes, int of)
{
    int better = 0;

    for (int i = 0; i < classes; ++i)
        better += logits[i] > logits[of] || (logits[i] == logits[of] && i < of);
    return better;
}

static int class_at(const float *logits, int classes, int place)
{
    int class = 0;

    while (class + 1 < classes && better_classes(logits, classes, class) != place)
        ++class;
    return class;
}

/* The error is how far a class's logit is from the logit that has its place, relative to the
 * largest: 0 where the order is right, and little where two scores are equal but for rounding. */
static int compare_top(golden_net *run, const cJSON *rows)
{
    const int classes = run->config.classes;

    for (int image = 0; image < run->batch; ++image) {
        const float *got = run->lab.values + (size_t)image * (size_t)classes;
        const cJSON *row = cJSON_GetArrayItem(rows, image);
        const double largest = fabs((double)got[class_at(got, classes, 0)]);

        for (int place = 0; place < TOP && place < classes; ++place) {
            const cJSON *item = cJSON_GetArrayItem(row, place);
            const int of = cJSON_IsNumber(item) ? item->valueint : -1;

            if (of < 0 || of >= classes)
                return alx_fail(ALX_E_DATA, "\"top5\" does not list classes");
            const double d = (double)got[of] - (double)got[class_at(got, classes, place)];
            check_add(run->report, fabs(d) / fmax(largest, 1e-30), golden_tolerance("full.logits"),
                      "place %d of image %d", place + 1, image);
        }
    }
    return 0;
}

static int full_outputs(golden_net *run)
{
    const cJSON *rows = NULL;
    char line[64];

    TRY(alx_net_read_logits(run->lab.net, run->lab.values));
    snprintf(line, sizeof line, "%s logits", run->name);
    check_begin(run->report, line);
    TRY(golden_member(&rows, run->json, "logits"));
    TRY(compare_logits(run, rows));
    check_end(run->report);
    snprintf(line, sizeof line, "%s top-5", run->name);
    check_begin(run->report, line);
    TRY(golden_member(&rows, run->json, "top5"));
    TRY(compare_top(run, rows));
    check_end(run->report);
    return 0;
}

static const golden_oracle full_oracle = {
    .input = full_input,
    .labels = full_labels,
    .act = full_act,
    .outputs = full_outputs,
    .grad = full_grad,
    .group = "full",
};

int golden_full_nets(check_report *report, const alx_check_options *options, const char *folder)
{
    char path[PATH_MAX];
    cJSON *json = NULL;
    const cJSON *nets = NULL, *net = NULL;
    int rc = 0;

    snprintf(path, sizeof path, "%s/full.json", folder);
    TRY_DONE(golden_json(&json, path));
    TRY_DONE(alx_fail_context(golden_member(&nets, json, "nets"), "%s", path));
    cJSON_ArrayForEach(net, nets) TRY_DONE(
        alx_fail_context(golden_net_run(report, options, net, NULL, &full_oracle), "%s", path));
done:
    cJSON_Delete(json);
    return rc;
}
