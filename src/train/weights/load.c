/* load.c - weights of a file into a network, all of them or those of layers. */
#include "train/weights/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

/* ---- layers that start anew ----------------------------------------------------------------- */

static int layer_name_length(const alx_param_info *param)
{
    return (int)(strrchr(param->name, '.') - param->name);
}

/* NULL: there is none. */
static const char *behind_comma(const char *list)
{
    const char *comma = strchr(list, ',');

    return comma != NULL ? comma + 1 : NULL;
}

/* `list` holds names between commas; NULL is empty. */
static bool list_has(const char *list, const char *name, int length)
{
    while (list != NULL) {
        if (strncmp(list, name, (size_t)length) == 0 &&
            (list[length] == ',' || list[length] == '\0'))
            return true;
        list = behind_comma(list);
    }
    return false;
}

static int check_list(const char *list, const alx_net *net)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    while (list != NULL) {
        const int length = (int)strcspn(list, ",");
        size_t i = 0;

        while (i < count && (layer_name_length(&params[i]) != length ||
                             strncmp(params[i].name, list, (size_t)length) != 0))
            ++i;
        if (i == count)
            return alx_fail(ALX_E_USAGE, "the network has no layer '%.*s' to replace", length,
                            list);
        list = behind_comma(list);
    }
    return 0;
}

static bool file_has_layer(const weights_file *file, int layer)
{
    for (size_t i = 0; i < file->param_count; ++i)
        if (file->params[i].layer == layer && file->place[i].tensor >= 0)
            return true;
    return false;
}

/* ---- loading ------------------------------------------------------------------------------- */

static int put_param(alx_net *net, const weights_file *file, size_t param,
                     const weights_scales *scales, bool replaceable)
{
    const int rc = train_weights_put(net, file, param, scales->of[file->params[param].layer]);
    char names[256];

    if (rc == 0)
        return 0;
    alx_fail_context(rc, "%s", file->path);
    if (replaceable)
        alx_fail_hint(rc, "; --replace %.*s starts that layer anew",
                      layer_name_length(&file->params[param]), file->params[param].name);
    if (file->place[param].tensor >= 0)
        return rc;
    train_weights_names(file, names, sizeof names);
    return alx_fail_hint(rc, "; the file has %s", names);
}

static int open_for(weights_file *file, weights_scales *scales, const char *path,
                    const alx_net *net)
{
    TRY(train_weights_open_numbers(file, path));
    TRY(train_weights_fit(file, alx_net_graph(net)));
    for (int i = 0; i < ALX_MAX_LAYERS; ++i)
        scales->of[i] = 1.0;
    if (alx_net_get_options(net)->no_dropout)
        return 0;
    return train_weights_scales(scales, file, alx_graph_config(alx_net_graph(net)));
}

static int load(alx_net *net, const char *path, const bool *bgr)
{
    weights_file file;
    weights_scales scales;
    int rc = 0;

    TRY_DONE(open_for(&file, &scales, path, net));
    if (bgr != NULL)
        file.bgr = *bgr;
    for (size_t i = 0; i < file.param_count; ++i)
        TRY_DONE(put_param(net, &file, i, &scales, false));
    train_weights_warn_of_rest(&file);
done:
    train_weights_close(&file);
    return rc;
}

int alx_weights_load(alx_net *net, const char *path)
{
    return load(net, path, NULL);
}

int train_weights_load(alx_net *net, const char *path, bool bgr)
{
    return load(net, path, &bgr);
}

int alx_weights_start(alx_net *net, const char *path, const char *replace)
{
    weights_file file = { 0 };
    weights_scales scales;
    char anew[ALX_MAX_LAYERS * (ALX_NAME_BYTES + 1)] = "", names[256];
    size_t taken = 0;
    int rc = 0;

    TRY_DONE(check_list(replace, net));
    TRY_DONE(open_for(&file, &scales, path, net));
    for (size_t i = 0; i < file.param_count; ++i) {
        const alx_param_info *param = &file.params[i];
        const int length = layer_name_length(param);

        if (!list_has(replace, param->name, length) && file_has_layer(&file, param->layer)) {
            TRY_DONE(put_param(net, &file, i, &scales, true));
            ++taken;
        } else if (!param->bias) {
            snprintf(anew + strlen(anew), sizeof anew - strlen(anew), " %.*s", length, param->name);
        }
    }
    if (taken == 0) {
        train_weights_names(&file, names, sizeof names);
        rc = alx_fail(ALX_E_DATA, "%s: no weights for any layer of the network; the file has %s",
                      path, names);
        goto done;
    }
    train_weights_warn_of_rest(&file);
    alx_info("weights     %s%s%s", path, anew[0] != '\0' ? "; initialised:" : "", anew);
done:
    train_weights_close(&file);
    return rc;
}
