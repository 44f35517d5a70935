/* weights.c - initial weights from safetensors: our names, a checkpoint's, or torchvision's. */
#include "train/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one tensor ---------------------------------------------------------------------------- */

/* "96x3x11x11" */
static const char *shape_text(char text[64], const int *dims, int dim_count)
{
    size_t at = 0;

    text[0] = '\0';
    for (int i = 0; i < dim_count && at < 48; ++i)
        at += (size_t)snprintf(text + at, 64 - at, "%s%d", i > 0 ? "x" : "", dims[i]);
    return text;
}

int alx_weights_put(alx_net *net, size_t param, alx_param_what what, const alx_st_tensor *tensor,
                    const char *name)
{
    size_t count = 0;
    const alx_param_info *p = &alx_graph_params(alx_net_graph(net), &count)[param];
    char has[64], wants[64];

    shape_text(wants, p->dims, p->dim_count);
    if (tensor == NULL)
        return alx_fail(ALX_E_DATA, "no tensor %s (%s)", name, wants);
    if (tensor->dim_count != p->dim_count ||
        memcmp(tensor->dims, p->dims, (size_t)p->dim_count * sizeof *p->dims) != 0)
        return alx_fail(ALX_E_DATA, "tensor %s is %s, the network's %s is %s", tensor->name,
                        shape_text(has, tensor->dims, tensor->dim_count), p->name, wants);
    if (tensor->dtype != ALX_F32)
        return alx_fail(ALX_E_DATA, "tensor %s is not float32", tensor->name);
    return alx_net_set_param(net, param, what, tensor->data);
}

/* ---- torchvision's names ------------------------------------------------------------------- */

#define TORCH_MAX_INDEX 64 /* torchvision's AlexNet ends at features.12 and classifier.6 */

/* The rank-th number N, ascending, for which the file has `<family>.N.weight`; -1 if none. Layers
 * without weights (ReLU, pooling, dropout) count in torchvision's numbering too. */
static int torch_index(const alx_safetensors *file, const char *family, int rank)
{
    for (int i = 0; i < TORCH_MAX_INDEX; ++i) {
        char name[64];

        snprintf(name, sizeof name, "%s.%d.weight", family, i);
        if (alx_safetensors_find(file, name) != NULL && rank-- == 0)
            return i;
    }
    return -1;
}

/* Layers of the same kind before this parameter's. */
static int rank_of_layer(const alx_param_info *params, size_t param)
{
    int rank = 0;

    for (size_t i = 0; params[i].layer < params[param].layer; ++i)
        rank += !params[i].bias &&
                (params[i].dim_count == 4) == (params[param - params[param].bias].dim_count == 4);
    return rank;
}

static const alx_st_tensor *find_torch(const alx_safetensors *file, const alx_param_info *params,
                                       size_t param)
{
    const bool conv = params[param - params[param].bias].dim_count == 4;
    const char *family = conv ? "features" : "classifier";
    char name[64];

    snprintf(name, sizeof name, "%s.%d.%s", family,
             torch_index(file, family, rank_of_layer(params, param)),
             params[param].bias ? "bias" : "weight");
    return alx_safetensors_find(file, name);
}

/* ---- the file ------------------------------------------------------------------------------ */

static const alx_st_tensor *find_param(const alx_safetensors *file, const alx_param_info *params,
                                       size_t param)
{
    const alx_st_tensor *tensor = alx_safetensors_find(file, params[param].name);
    char name[128];

    if (tensor != NULL)
        return tensor;
    snprintf(name, sizeof name, "param/%s", params[param].name);
    tensor = alx_safetensors_find(file, name);
    return tensor != NULL ? tensor : find_torch(file, params, param);
}

/* A checkpoint brings more than parameters. */
static bool is_checkpoint_extra(const char *name)
{
    return strncmp(name, "momentum/", 9) == 0 || strncmp(name, "statistics/", 11) == 0 ||
           strcmp(name, "mean_image") == 0;
}

static bool is_taken(const alx_safetensors *file, const alx_param_info *params, size_t count,
                     const alx_st_tensor *tensor)
{
    size_t i = 0;

    while (i < count && find_param(file, params, i) != tensor)
        ++i;
    return i < count;
}

/* One line with the names of what no parameter took. */
static void warn_of_rest(const alx_safetensors *file, const alx_param_info *params, size_t count,
                         const char *path)
{
    char names[512] = "";
    size_t rest = 0, at = 0;

    for (size_t i = 0; i < alx_safetensors_count(file); ++i) {
        const alx_st_tensor *tensor = alx_safetensors_at(file, i);
        const char *name = tensor->name;

        if (is_checkpoint_extra(name) || is_taken(file, params, count, tensor))
            continue;
        if (at < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", rest > 0 ? ", " : "",
                                   name);
        ++rest;
    }
    if (rest > 0)
        alx_warn("%s: %zu tensor%s that the network has no place for: %s%s", path, rest,
                 rest > 1 ? "s" : "", names, at < sizeof names ? "" : " ...");
}

/* ---- layers that start anew ----------------------------------------------------------------- */

static int layer_name_length(const alx_param_info *param)
{
    return (int)(strrchr(param->name, '.') - param->name);
}

/* `list` holds names between commas; NULL is empty. */
static bool list_has(const char *list, const char *name, int length)
{
    while (list != NULL) {
        if (strncmp(list, name, (size_t)length) == 0 &&
            (list[length] == ',' || list[length] == '\0'))
            return true;
        list = strchr(list, ',');
        list += list != NULL;
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
        list = strchr(list, ',');
        list += list != NULL;
    }
    return 0;
}

static bool file_has_layer(const alx_safetensors *file, const alx_param_info *params, size_t count,
                           int layer)
{
    for (size_t i = 0; i < count; ++i)
        if (params[i].layer == layer && find_param(file, params, i) != NULL)
            return true;
    return false;
}

static int put_param(alx_net *net, const alx_safetensors *file, size_t param, const char *path,
                     bool replaceable)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    const int rc = alx_weights_put(net, param, ALX_PARAM_VALUE, find_param(file, params, param),
                                   params[param].name);
    char message[512];

    if (rc == 0 || !replaceable)
        return alx_fail_context(rc, "%s", path);
    snprintf(message, sizeof message, "%s", alx_status_text(rc));
    return alx_fail(rc, "%s: %s; --replace %.*s starts that layer anew", path, message,
                    layer_name_length(&params[param]), params[param].name);
}

/* ---- loading ------------------------------------------------------------------------------- */

static int open_weights(alx_safetensors **file, const char *path)
{
    int rc = 0;

    TRY(alx_safetensors_open(file, path));
    if (alx_checkpoint_is(*file))
        TRY(alx_checkpoint_verify(*file, path));
done:
    return rc;
}

int alx_weights_load(alx_net *net, const char *path)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    alx_safetensors *file = NULL;
    int rc = 0;

    TRY(open_weights(&file, path));
    for (size_t i = 0; i < count; ++i)
        TRY(put_param(net, file, i, path, false));
    warn_of_rest(file, params, count, path);
done:
    alx_safetensors_close(file);
    return rc;
}

int alx_weights_start(alx_net *net, const char *path, const char *replace)
{
    size_t count = 0, taken = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    alx_safetensors *file = NULL;
    char anew[ALX_MAX_LAYERS * (ALX_NAME_BYTES + 1)] = "";
    int rc = 0;

    TRY(check_list(replace, net));
    TRY(open_weights(&file, path));
    for (size_t i = 0; i < count; ++i) {
        const int length = layer_name_length(&params[i]);

        if (!list_has(replace, params[i].name, length) &&
            file_has_layer(file, params, count, params[i].layer)) {
            TRY(put_param(net, file, i, path, true));
            ++taken;
        } else if (!params[i].bias) {
            snprintf(anew + strlen(anew), sizeof anew - strlen(anew), " %.*s", length,
                     params[i].name);
        }
    }
    if (taken == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: no weights for any layer of the network", path);
        goto done;
    }
    warn_of_rest(file, params, count, path);
    alx_info("weights     %s%s%s", path, anew[0] != '\0' ? "; initialised:" : "", anew);
done:
    alx_safetensors_close(file);
    return rc;
}
