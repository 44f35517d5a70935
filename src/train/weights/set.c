/* set.c - all parameters of a network in host memory. */
#include "train/weights/set.h"

#include <stdlib.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "train/weights/source.h"

/* After a look at its shape: memory for what a file merely claims is not asked for. */
static int read_param(weights_set *set, const weights_file *file, size_t param, double scale)
{
    const alx_param_info *info = &set->params[param];

    TRY(train_weights_check(file, param));
    set->numbers[param] = malloc(info->count * sizeof **set->numbers);
    if (set->numbers[param] == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", info->name);
    return train_weights_read(set->numbers[param], file, param, scale);
}

static int read_numbers(weights_set *set, const char *path, bool bgr)
{
    const alx_net_config *config = &set->checkpoint.config.net;
    weights_file file = { 0 };
    weights_scales scales;
    int rc = 0;

    TRY_DONE(train_weights_open(&file, path));
    TRY_DONE(train_weights_fit(&file, set->graph));
    TRY_DONE(train_weights_scales(&scales, &file, config));
    file.bgr = bgr;
    for (size_t i = 0; i < set->count; ++i)
        TRY_DONE(alx_fail_context(read_param(set, &file, i, scales.of[set->params[i].layer]), "%s",
                                  path));
    train_weights_warn_of_rest(&file);
done:
    train_weights_close(&file);
    return rc;
}

int train_weights_set_read(weights_set *out, const alx_model_weights *from)
{
    bool bgr = false;

    *out = (weights_set){ 0 };
    TRY(train_weights_checkpoint(&out->checkpoint, &bgr, from));
    TRY(alx_graph_create(&out->graph, &out->checkpoint.config.net));
    out->params = alx_graph_params(out->graph, &out->count);
    out->numbers = calloc(out->count + 1, sizeof *out->numbers);
    if (out->numbers == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", from->path);
    return read_numbers(out, from->path, bgr);
}

void train_weights_set_free(weights_set *set)
{
    for (size_t i = 0; set->numbers != NULL && i < set->count; ++i)
        free(set->numbers[i]);
    free(set->numbers);
    alx_graph_free(set->graph);
    alx_checkpoint_free(&set->checkpoint);
    *set = (weights_set){ 0 };
}

/* ---- for other programs ---------------------------------------------------------------------- */

void train_weights_set_invert(weights_set *set)
{
    alx_net_config *config = &set->checkpoint.config.net;
    bool said = false;

    for (size_t i = 0; i < set->count; ++i) {
        const double factor = train_weights_test_factor(config, set->params[i].layer);

        if (factor == 1.0 || set->params[i].bias)
            continue;
        for (size_t k = 0; k < set->params[i].count; ++k)
            set->numbers[i][k] = (float)(set->numbers[i][k] * factor);
        if (!said)
            alx_info("dropout     of classic form: weights behind it times 1 - rate, so that the "
                     "inverted form gives the same");
        said = true;
    }
    config->dropout_inverted = true;
}

void train_weights_set_name_mean(weights_set *set)
{
    alx_data_config *data = &set->checkpoint.config.data;
    const alx_statistics *statistics = &set->checkpoint.statistics;
    const double scale = data->unit_scale ? 1.0 / 255.0 : 1.0;
    const double *mean = statistics->mean;

    if (data->mean_given || (data->mean == ALX_MEAN_NONE && !data->use_std))
        return;
    if (data->mean == ALX_MEAN_IMAGE)
        alx_info("preprocess  the mean image stays behind: its mean colour is subtracted instead");
    for (int c = 0; c < 3; ++c) {
        const double all = (mean[0] + mean[1] + mean[2]) / 3.0;

        data->mean_value[c] = data->mean == ALX_MEAN_NONE
                                  ? 0.0
                                  : scale * (data->mean == ALX_MEAN_SCALAR ? all : mean[c]);
        data->std_value[c] = scale * statistics->deviation[c];
    }
    data->mean = ALX_MEAN_CHANNEL;
    data->mean_given = true;
    data->mean_centre = false;
}

void train_weights_set_turn(weights_set *set)
{
    if (set->params[0].dim_count == 4 && set->params[0].dims[1] == 3)
        train_weights_turn_colours(set->numbers[0], &set->params[0]);
}

void train_weights_set_narrow(weights_set *set, alx_dtype dtype)
{
    for (size_t i = 0; dtype != ALX_F32 && i < set->count; ++i)
        alx_narrow((uint16_t *)set->numbers[i], set->numbers[i], set->params[i].count, dtype);
}
