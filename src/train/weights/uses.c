/* uses.c - what each tensor of a file is to a network: for people who ask what they have there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/format.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/source.h"

/* ---- which network --------------------------------------------------------------------------- */

static size_t count_fits(const weights_file *file)
{
    size_t count = 0;

    for (size_t i = 0; i < file->param_count; ++i)
        count += !file->place[i].zero && train_weights_shape_fits(file, i);
    return count;
}

/* The preset of which most parameters fit; none if none does. */
static int find_nearest(alx_weights_facts *out, weights_file *file)
{
    size_t best = 0;

    for (const char *const *name = alx_config_presets(); *name != NULL; ++name) {
        alx_config config;
        alx_graph *graph = NULL;
        int rc = alx_config_read(&config, *name, NULL, 0);

        if (rc == 0)
            rc = alx_graph_create(&graph, &config.net);
        if (rc == 0)
            rc = train_weights_fit(file, graph);
        if (rc == 0 && count_fits(file) > best) {
            best = count_fits(file);
            out->config = config;
        }
        alx_graph_free(graph);
        TRY(rc);
    }
    out->has_network = best > 0;
    return 0;
}

static int find_network(alx_weights_facts *out, weights_file *file, const alx_config *config)
{
    const int rc = config != NULL ? 0 : train_weights_find_config(&out->config, file);

    if (config != NULL)
        out->config = *config;
    out->has_network = rc == 0;
    if (rc != ALX_E_DATA)
        return rc;
    snprintf(out->why, sizeof out->why, "%s", alx_status_text(rc));
    return find_nearest(out, file);
}

/* ---- which tensor is what -------------------------------------------------------------------- */

static void use_tensor(alx_weights_facts *out, const weights_file *file, size_t param)
{
    const alx_param_info *p = &file->params[param];
    const weights_place *place = &file->place[param];

    if (place->tensor < 0) {
        out->missing += !place->zero;
        return;
    }
    alx_weights_use *use = &out->uses[place->tensor];

    snprintf(use->parameter, sizeof use->parameter, "%s", p->name);
    const bool shape_fits = train_weights_shape_fits(file, param);
    const bool reads = alx_weights_file_reads(file->file, (size_t)place->tensor);

    use->fits = shape_fits && reads;
    if (shape_fits && !reads)
        snprintf(use->why, sizeof use->why, "is not read as numbers of this type");
    else if (!shape_fits)
        snprintf(use->why, sizeof use->why, "does not fit: that is %s",
                 base_format_dims(p->dims, p->dim_count).text);
    else if (place->in_out || place->hwc_order)
        snprintf(use->why, sizeof use->why, "%s%s%s", place->in_out ? "turned from (in, out)" : "",
                 place->in_out && place->hwc_order ? ", " : "",
                 place->hwc_order ? "inputs H, W, C" : "");
}

static int use_all(alx_weights_facts *out, weights_file *file)
{
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(alx_graph_create(&graph, &out->config.net));
    TRY_DONE(train_weights_fit(file, graph));
    for (size_t i = 0; i < file->param_count; ++i)
        use_tensor(out, file, i);
done:
    alx_graph_free(graph);
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

int alx_weights_facts_gather(alx_weights_facts *out, const char *path, const alx_config *config)
{
    weights_file file = { 0 };
    int rc = 0;

    *out = (alx_weights_facts){ 0 };
    TRY_DONE(train_weights_open_numbers(&file, path));
    out->count = alx_weights_file_count(file.file);
    out->uses = calloc(out->count + 1, sizeof *out->uses);
    if (out->uses == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    TRY_DONE(find_network(out, &file, config));
    if (out->has_network)
        TRY_DONE(use_all(out, &file));
    const weights_preprocess *usual = train_preprocess_of(&file);

    out->preprocess = usual != NULL ? usual->name : NULL;
    out->file = file.file;
    file.file = NULL;
done:
    train_weights_close(&file);
    return rc;
}

void alx_weights_facts_free(alx_weights_facts *facts)
{
    alx_weights_file_close(facts->file);
    free(facts->uses);
    *facts = (alx_weights_facts){ 0 };
}
