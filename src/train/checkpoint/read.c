/* read.c - a checkpoint back into memory and into a net; nothing is used before the
 * checksum has been found right. */
#include "train/checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"
#include "base/try.h"

static int open_verified(alx_safetensors **out, const char *path)
{
    alx_safetensors *file = NULL;
    int rc = 0;

    *out = NULL;
    TRY_DONE(alx_safetensors_open(&file, path));
    TRY_DONE(train_checkpoint_verify(file, path));
    *out = file;
    file = NULL;
done:
    alx_safetensors_close(file);
    return rc;
}

static int read_mean_image(alx_statistics *out, const alx_safetensors *file,
                           const alx_st_tensor *mean)
{
    if (mean->dtype != ALX_F32 || mean->dim_count != 3 || mean->dims[0] != mean->dims[1] ||
        mean->dims[2] != 3 || mean->count == 0)
        return alx_fail(ALX_E_DATA, "mean_image is not (size,size,3) float32");
    out->size = mean->dims[0];
    out->mean_image = malloc(mean->count * sizeof(float));
    if (out->mean_image == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the mean image");
    return alx_safetensors_copy(out->mean_image, file, mean, 0, mean->count);
}

static int read_statistics(alx_statistics *out, const alx_safetensors *file)
{
    const alx_st_tensor *mean = alx_safetensors_find(file, "mean_image");

    if (mean == NULL)
        return 0;
    for (size_t i = 0; i < CHECKPOINT_STATISTICS; ++i) {
        const checkpoint_statistic *what = &train_checkpoint_statistics[i];
        const alx_st_tensor *t = alx_safetensors_find(file, what->name);
        const size_t count = what->dim_count == 1 ? 3 : 9;

        if (t == NULL || t->dtype != ALX_F64 || t->count != count)
            return alx_fail(ALX_E_DATA, "%s is missing or not %zu numbers", what->name, count);
        TRY(alx_safetensors_copy((char *)out + what->offset, file, t, 0, count));
    }
    return read_mean_image(out, file, mean);
}

/* A copy, the caller's. */
static int read_value(char **out, const alx_safetensors *file, int key, bool escaped)
{
    const char *value = alx_safetensors_metadata(file, train_checkpoint_keys[key]);

    if (value == NULL)
        return alx_fail(ALX_E_DATA, "no config inside");
    *out = strdup(value);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a checkpoint's %s",
                        train_checkpoint_keys[key]);
    if (escaped)
        base_name_read(*out);
    return 0;
}

int train_stored_config(alx_config *out, const char *text, const char *name)
{
    const int rc = alx_config_parse(out, text, name, NULL, 0);
    char why[1024];

    if (rc != ALX_E_USAGE)
        return rc;
    snprintf(why, sizeof why, "%s", alx_status_text(rc)); /* alx_fail writes where that lies */
    return alx_fail(ALX_E_DATA, "%s", why);
}

static int read_config(alx_config *out, const alx_safetensors *file, bool escaped)
{
    char *name = NULL, *text = NULL;
    int rc = 0;

    TRY_DONE(read_value(&name, file, KEY_NAME, escaped));
    TRY_DONE(read_value(&text, file, KEY_CONFIG, escaped));
    TRY_DONE(train_stored_config(out, text, "config inside"));
    snprintf(out->name, sizeof out->name, "%s", name);
done:
    free(text);
    free(name);
    return rc;
}

int alx_checkpoint_read(alx_checkpoint *out, const char *path)
{
    alx_safetensors *file = NULL;
    const char *state = NULL;
    bool escaped = false;
    int rc = 0;

    memset(out, 0, sizeof *out);
    TRY_DONE(open_verified(&file, path));
    state = alx_safetensors_metadata(file, train_checkpoint_keys[KEY_STATE]);
    rc = train_checkpoint_state_read(out, state != NULL ? state : "", &escaped);
    if (rc == 0)
        rc = read_config(&out->config, file, escaped);
    if (rc == 0)
        rc = read_statistics(&out->statistics, file);
    TRY_DONE(alx_fail_context(rc, "%s", path));
done:
    alx_safetensors_close(file);
    if (rc != 0)
        alx_checkpoint_free(out);
    return rc;
}

static int load_params(alx_net *net, const alx_safetensors *file, alx_param_what what,
                       const char *prefix)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    for (size_t i = 0; i < count; ++i) {
        char name[128];

        snprintf(name, sizeof name, "%s/%s", prefix, params[i].name);
        TRY(train_checkpoint_put(net, i, what, file, name));
    }
    return 0;
}

int alx_checkpoint_load_net(alx_net *net, const char *path)
{
    alx_safetensors *file = NULL;
    int rc = 0;

    TRY_DONE(open_verified(&file, path));
    rc = load_params(net, file, ALX_PARAM_VALUE, "param");
    if (rc == 0 && alx_net_get_options(net)->training)
        rc = load_params(net, file, ALX_PARAM_MOMENTUM, "momentum");
    TRY_DONE(alx_fail_context(rc, "%s", path));
done:
    alx_safetensors_close(file);
    return rc;
}

void alx_checkpoint_free(alx_checkpoint *checkpoint)
{
    free(checkpoint->class_names);
    alx_statistics_free(&checkpoint->statistics);
    memset(checkpoint, 0, sizeof *checkpoint);
}
