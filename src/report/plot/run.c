/* run.c - the pictures of a run: curves from its metrics, how its layers fared, filters from a
 * checkpoint. */
#include "alexnet/dev/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"

#define METRICS "metrics.csv"
#define TILE_PIXELS 48 /* about the side of a filter in the picture */

/* True with a line below the header, which a run has from its first whole epoch on. */
static int has_rows(bool *out, const char *csv)
{
    char *text = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY_DONE(base_file_read(&text, &bytes, csv));
    const char *header_end = strchr(text, '\n');

    *out = header_end != NULL && header_end[1] != '\0';
done:
    free(text);
    return rc;
}

int alx_run_plot_curves(const char *out_dir, const char *run_dir)
{
    char png[PATH_MAX], csv[PATH_MAX];
    bool any = false;

    TRY(base_path_in(png, out_dir, "curves.png"));
    TRY(base_path_in(csv, run_dir, METRICS));
    TRY(has_rows(&any, csv));
    if (!any) {
        alx_info("curves      none: %s has no epoch yet", csv);
        return 0;
    }
    TRY(alx_plot_curves(png, csv));
    alx_info("curves      %s", png);
    return 0;
}

int alx_run_plot_diagnosis(const char *out_dir, const char *run_dir)
{
    char png[PATH_MAX], csv[PATH_MAX];
    bool any = false;

    TRY(base_path_in(csv, run_dir, ALX_DIAGNOSIS_CSV));
    if (base_file_exists(csv))
        TRY(has_rows(&any, csv));
    if (!any)
        return 0;
    TRY(base_path_in(png, out_dir, "diagnose.png"));
    TRY(alx_plot_diagnosis(png, csv));
    alx_info("diagnosis   %s", png);
    return 0;
}

int alx_run_plot_filters(const char *out_dir, const char *checkpoint_path)
{
    alx_checkpoint checkpoint = { 0 };
    alx_safetensors *file = NULL;
    char png[PATH_MAX], name[ALX_NAME_BYTES + 16];
    int rc = 0;

    TRY_DONE(alx_checkpoint_read(&checkpoint, checkpoint_path));
    const alx_net_config *net = &checkpoint.config.net;
    const alx_layer_config *layer = &net->layers[0];

    if (layer->kind != ALX_LAYER_CONV || net->channels != 3 || layer->groups != 1) {
        alx_info("filters     none: %s does not read R,G,B pixels", layer->name);
        goto done;
    }
    TRY_DONE(base_path_in(png, out_dir, "filters.png"));
    TRY_DONE(alx_safetensors_open(&file, checkpoint_path));
    snprintf(name, sizeof name, "param/%s.weight", layer->name);
    const alx_st_tensor *weights = alx_safetensors_find(file, name);

    if (weights == NULL || weights->dtype != ALX_F32 ||
        weights->count != (size_t)layer->outputs * 3 * (size_t)(layer->kernel * layer->kernel)) {
        rc = alx_fail(ALX_E_DATA, "%s: no usable tensor '%s'", checkpoint_path, name);
        goto done;
    }
    TRY_DONE(alx_safetensors_check(file));
    const int scale = layer->kernel < TILE_PIXELS ? TILE_PIXELS / layer->kernel : 1;

    TRY_DONE(alx_plot_filters(png, NULL, weights->data, layer->outputs, layer->kernel, net->towers,
                              scale));
    alx_info("filters     %s", png);
done:
    alx_safetensors_close(file);
    alx_checkpoint_free(&checkpoint);
    return rc;
}
