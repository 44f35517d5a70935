/* state.c - the numbers of a checkpoint as JSON: one table serves both directions. */
#include "base/json.h"
#include "base/name_write.h"
#include "base/numbers.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* True where the form BASE_NAME_DATA makes another text of a name, here or in the config. Without
 * it all names are as they were: old checkpoints have names that are no UTF-8. */
#define KEY_ESCAPED "escaped"

typedef enum { STATE_SIZE, STATE_INT, STATE_DOUBLE } state_kind;

static const struct {
    const char *key;
    state_kind kind;
    size_t offset;
} state_fields[] = {
    { "epoch", STATE_SIZE, offsetof(alx_checkpoint, epoch) },
    { "position", STATE_SIZE, offsetof(alx_checkpoint, position) },
    { "step", STATE_SIZE, offsetof(alx_checkpoint, step) },
    { "lr", STATE_DOUBLE, offsetof(alx_checkpoint, lr) },
    { "best_error", STATE_DOUBLE, offsetof(alx_checkpoint, best_error) },
    { "best_signal", STATE_DOUBLE, offsetof(alx_checkpoint, best_signal) },
    { "best_epoch", STATE_SIZE, offsetof(alx_checkpoint, best_epoch) },
    { "bad_epochs", STATE_INT, offsetof(alx_checkpoint, bad_epochs) },
    { "drops", STATE_INT, offsetof(alx_checkpoint, drops) },
    { "sum_loss", STATE_DOUBLE, offsetof(alx_checkpoint, sums.loss) },
    { "sum_images", STATE_SIZE, offsetof(alx_checkpoint, sums.images) },
    { "sum_top1", STATE_SIZE, offsetof(alx_checkpoint, sums.top1) },
    { "sum_top5", STATE_SIZE, offsetof(alx_checkpoint, sums.top5) },
    { "seconds", STATE_DOUBLE, offsetof(alx_checkpoint, seconds) },
    { "wait_seconds", STATE_DOUBLE, offsetof(alx_checkpoint, wait_seconds) },
    { "step_lr", STATE_DOUBLE, offsetof(alx_checkpoint, step_lr) },
    { "grad_norm", STATE_DOUBLE, offsetof(alx_checkpoint, grad_norm) },
    { "statistics_images", STATE_SIZE, offsetof(alx_checkpoint, statistics.images) },
};

/* ---- write --------------------------------------------------------------------------------- */

/* cJSON prints doubles to a relative error of 2^-52, a resumed run needs every bit. */
static void add_double(cJSON *object, const char *key, double value)
{
    char text[32];

    base_print(text, sizeof text, "%.17g", value);
    base_json_add(object, key, isfinite(value) ? cJSON_CreateRaw(text) : cJSON_CreateNull());
}

static void add_fields(cJSON *object, const alx_checkpoint *checkpoint)
{
    for (size_t i = 0; i < ALX_COUNT(state_fields); ++i) {
        const void *at = (const char *)checkpoint + state_fields[i].offset;
        double value = 0.0;

        switch (state_fields[i].kind) {
        case STATE_SIZE:
            value = (double)*(const size_t *)at;
            break;
        case STATE_INT:
            value = *(const int *)at;
            break;
        case STATE_DOUBLE:
            value = *(const double *)at;
            break;
        }
        add_double(object, state_fields[i].key, value);
    }
}

static void add_classes(cJSON *object, const alx_checkpoint *checkpoint)
{
    cJSON *classes = base_json_add_array(object, "classes");

    for (int i = 0; i < checkpoint->class_count; ++i)
        base_json_append(classes, cJSON_CreateString(checkpoint->class_names[i]));
}

static bool changes(const char *name)
{
    return base_name_write(NULL, 0, name, BASE_NAME_DATA) != strlen(name);
}

static bool some_name_changes(const alx_checkpoint *checkpoint)
{
    bool found = changes(checkpoint->config.name) || changes(checkpoint->config.data.path);

    for (int i = 0; !found && i < checkpoint->class_count; ++i)
        found = changes(checkpoint->class_names[i]);
    return found;
}

int train_checkpoint_state_write(char **text, const alx_checkpoint *checkpoint)
{
    cJSON *object = cJSON_CreateObject();

    add_fields(object, checkpoint);
    add_classes(object, checkpoint);
    base_json_add_text(object, "data", checkpoint->data_fingerprint);
    base_json_add_text(object, "conv", alx_conv_algo_name(checkpoint->algorithms.conv));
    base_json_add_text(object, "gemm", alx_gemm_algo_name(checkpoint->algorithms.gemm));
    base_json_add_text(object, "tuning", checkpoint->tuning);
    if (some_name_changes(checkpoint))
        base_json_add_bool(object, KEY_ESCAPED, true);
    *text = base_json_text(object, false);
    cJSON_Delete(object);
    return *text != NULL ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for a checkpoint");
}

/* ---- read ---------------------------------------------------------------------------------- */

static int read_integer(double *out, const cJSON *item, const char *key, double most)
{
    *out = cJSON_IsNumber(item) ? item->valuedouble : -1.0;
    if (!(*out >= 0.0 && *out <= most && *out == floor(*out)))
        return alx_fail(ALX_E_DATA, "%s is not a whole number", key);
    return 0;
}

static int read_field(alx_checkpoint *out, const cJSON *object, size_t field)
{
    const char *key = state_fields[field].key;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    void *at = (char *)out + state_fields[field].offset;
    double value = 0.0;

    switch (state_fields[field].kind) {
    case STATE_SIZE:
        TRY(read_integer(&value, item, key, 0x1p53));
        *(size_t *)at = (size_t)value;
        break;
    case STATE_INT:
        TRY(read_integer(&value, item, key, INT_MAX));
        *(int *)at = (int)value;
        break;
    case STATE_DOUBLE:
        if (!cJSON_IsNumber(item) && !cJSON_IsNull(item))
            return alx_fail(ALX_E_DATA, "%s is not a number", key);
        *(double *)at = cJSON_IsNull(item) ? INFINITY : item->valuedouble;
        break;
    }
    return 0;
}

/* Takes the escapes out of the item's text if there are any. */
static int read_text(char *out, size_t out_bytes, cJSON *item, const char *what, bool escaped)
{
    char *text = cJSON_GetStringValue(item);

    if (text != NULL && escaped)
        base_name_read(text);
    if (text == NULL || strlen(text) >= out_bytes)
        return alx_fail(ALX_E_DATA, "%s is missing or longer than %zu bytes", what, out_bytes - 1);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_classes(alx_checkpoint *out, const cJSON *classes, bool escaped)
{
    const int count = cJSON_GetArraySize(classes);

    out->class_names = calloc((size_t)count + 1, sizeof *out->class_names);
    if (out->class_names == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d class names", count);
    for (cJSON *item = cJSON_IsArray(classes) ? classes->child : NULL; item != NULL;
         item = item->next)
        TRY(read_text(out->class_names[out->class_count++], sizeof *out->class_names, item,
                      "a class name", escaped));
    return 0;
}

int train_checkpoint_state_read(alx_checkpoint *out, const char *text, bool *escaped)
{
    cJSON *object = cJSON_Parse(text);
    char conv[32], gemm[32];
    int rc = 0;

    if (!cJSON_IsObject(object)) {
        rc = alx_fail(ALX_E_DATA, "state is not a JSON object");
        goto done;
    }
    for (size_t i = 0; i < ALX_COUNT(state_fields); ++i)
        TRY_DONE(read_field(out, object, i));
    *escaped = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, KEY_ESCAPED));
    TRY_DONE(read_classes(out, cJSON_GetObjectItemCaseSensitive(object, "classes"), *escaped));
    TRY_DONE(read_text(out->data_fingerprint, sizeof out->data_fingerprint,
                       cJSON_GetObjectItemCaseSensitive(object, "data"), "data", false));
    TRY_DONE(read_text(conv, sizeof conv, cJSON_GetObjectItemCaseSensitive(object, "conv"), "conv",
                       false));
    TRY_DONE(read_text(gemm, sizeof gemm, cJSON_GetObjectItemCaseSensitive(object, "gemm"), "gemm",
                       false));
    if (cJSON_HasObjectItem(object, "tuning")) /* 0.1 had no rows */
        TRY_DONE(read_text(out->tuning, sizeof out->tuning,
                           cJSON_GetObjectItemCaseSensitive(object, "tuning"), "tuning", false));
    TRY_DONE(alx_conv_algo_parse(&out->algorithms.conv, conv));
    TRY_DONE(alx_gemm_algo_parse(&out->algorithms.gemm, gemm));
done:
    cJSON_Delete(object);
    return rc;
}
