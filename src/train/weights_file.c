/* weights_file.c - finds the tensors of a network's parameters in a file, and names the others. */
#include "train/weights_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/weights_file.h"
#include "alexnet/log.h"
#include "base/try.h"

/* ---- names --------------------------------------------------------------------------------- */

static int list_plain_names(weights_file *file)
{
    const size_t count = alx_safetensors_count(file->file);

    file->plain = calloc(count + 1, sizeof *file->plain);
    for (size_t i = 0; file->plain != NULL && i < count; ++i) {
        file->plain[i] = alx_weights_plain_name(alx_safetensors_at(file->file, i)->name);
        if (file->plain[i] == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory for names", file->path);
    }
    if (file->plain == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for names", file->path);
    return base_lookup_create(&file->lookup, file->plain, count);
}

static const alx_st_tensor *find(const weights_file *file, const char *name)
{
    const alx_st_tensor *tensor = alx_safetensors_find(file->file, name);

    if (tensor != NULL)
        return tensor;
    const long place = base_lookup_find(file->lookup, name, strlen(name));

    return place >= 0 ? alx_safetensors_at(file->file, (size_t)place) : NULL;
}

/* Another tensor that a name with wrappers may stand for as well; NULL if there is none. */
static const alx_st_tensor *find_twin(const weights_file *file, const alx_st_tensor *tensor)
{
    const size_t count = alx_safetensors_count(file->file);
    size_t place = 0;

    while (alx_safetensors_at(file->file, place) != tensor)
        ++place;
    if (strcmp(file->plain[place], tensor->name) == 0)
        return NULL;
    for (size_t i = 0; i < count; ++i)
        if (i != place && strcmp(file->plain[i], file->plain[place]) == 0)
            return alx_safetensors_at(file->file, i);
    return NULL;
}

/* ---- torchvision's names ------------------------------------------------------------------- */

#define TORCH_MAX_INDEX 64 /* torchvision's AlexNet ends at features.12 and classifier.6 */

/* The rank-th number N, ascending, for which the file has `<family>.N.weight`; -1 if none. Layers
 * without weights (ReLU, pooling, dropout) count in torchvision's numbering too. */
static int torch_index(const weights_file *file, const char *family, int rank)
{
    for (int i = 0; i < TORCH_MAX_INDEX; ++i) {
        char name[64];

        snprintf(name, sizeof name, "%s.%d.weight", family, i);
        if (find(file, name) != NULL && rank-- == 0)
            return i;
    }
    return -1;
}

static bool is_conv(const alx_param_info *params, size_t param)
{
    return params[param - params[param].bias].dim_count == 4;
}

/* Layers of the same kind before this parameter's. */
static int rank_of_layer(const alx_param_info *params, size_t param)
{
    int rank = 0;

    for (size_t i = 0; params[i].layer < params[param].layer; ++i)
        rank += !params[i].bias && (params[i].dim_count == 4) == is_conv(params, param);
    return rank;
}

static const alx_st_tensor *find_torch(const weights_file *file, size_t param)
{
    const char *family = is_conv(file->params, param) ? "features" : "classifier";
    char name[64];

    snprintf(name, sizeof name, "%s.%d.%s", family,
             torch_index(file, family, rank_of_layer(file->params, param)),
             file->params[param].bias ? "bias" : "weight");
    return find(file, name);
}

static const alx_st_tensor *find_param(const weights_file *file, size_t param)
{
    const alx_st_tensor *tensor = find(file, file->params[param].name);
    char name[128];

    if (tensor != NULL)
        return tensor;
    snprintf(name, sizeof name, "param/%s", file->params[param].name);
    tensor = alx_safetensors_find(file->file, name);
    return tensor != NULL ? tensor : find_torch(file, param);
}

/* ---- the file ------------------------------------------------------------------------------ */

int train_weights_file_open(weights_file *out, const char *path, const alx_net *net)
{
    *out = (weights_file){ .path = path };
    out->params = alx_graph_params(alx_net_graph(net), &out->param_count);
    TRY(alx_safetensors_open(&out->file, path));
    if (train_checkpoint_is(out->file))
        TRY(train_checkpoint_verify(out->file, path));
    TRY(list_plain_names(out));
    out->tensor = calloc(out->param_count, sizeof(const alx_st_tensor *));
    if (out->tensor == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    for (size_t i = 0; i < out->param_count; ++i)
        out->tensor[i] = find_param(out, i);
    return 0;
}

void train_weights_file_close(weights_file *file)
{
    base_lookup_free(file->lookup);
    for (size_t i = 0; file->plain != NULL && i < alx_safetensors_count(file->file); ++i)
        free(file->plain[i]);
    free(file->plain);
    free(file->tensor);
    alx_safetensors_close(file->file);
    *file = (weights_file){ 0 };
}

int train_weights_file_put(const weights_file *file, alx_net *net, size_t param)
{
    const alx_st_tensor *tensor = file->tensor[param];
    const alx_st_tensor *twin = tensor != NULL ? find_twin(file, tensor) : NULL;
    const char *name = file->params[param].name;

    if (twin != NULL)
        return alx_fail(ALX_E_DATA, "%s may be tensor %s or %s: leave one out", name, tensor->name,
                        twin->name);
    return train_weights_put(net, param, ALX_PARAM_VALUE, tensor, name);
}

/* ---- in print ------------------------------------------------------------------------------ */

/* Adds ", name" and counts it; what does not fit ends in "...". */
static void add_name(char *out, size_t out_bytes, size_t *count, const char *name)
{
    const size_t at = strlen(out);
    const char *gap = *count > 0 ? ", " : "";

    ++*count;
    if (at + strlen(gap) + strlen(name) + sizeof ", ..." <= out_bytes)
        snprintf(out + at, out_bytes - at, "%s%s", gap, name);
    else if (at < 3 || strcmp(out + at - 3, "...") != 0)
        snprintf(out + at, out_bytes - at, "%s...", gap);
}

void train_weights_file_names(const weights_file *file, char *out, size_t out_bytes)
{
    size_t count = 0;

    out[0] = '\0';
    for (size_t i = 0; i < alx_safetensors_count(file->file); ++i)
        add_name(out, out_bytes, &count, alx_safetensors_at(file->file, i)->name);
}

/* A checkpoint brings more than parameters. */
static bool is_checkpoint_extra(const char *name)
{
    return strncmp(name, "momentum/", 9) == 0 || strncmp(name, "statistics/", 11) == 0 ||
           strcmp(name, "mean_image") == 0;
}

static bool is_taken(const weights_file *file, const alx_st_tensor *tensor)
{
    size_t i = 0;

    while (i < file->param_count && file->tensor[i] != tensor)
        ++i;
    return i < file->param_count;
}

void train_weights_file_warn_of_rest(const weights_file *file)
{
    char names[512] = "";
    size_t rest = 0;

    for (size_t i = 0; i < alx_safetensors_count(file->file); ++i) {
        const alx_st_tensor *tensor = alx_safetensors_at(file->file, i);

        if (!is_checkpoint_extra(tensor->name) && !is_taken(file, tensor))
            add_name(names, sizeof names, &rest, tensor->name);
    }
    if (rest > 0)
        alx_warn("%s: %zu tensor%s that the network has no place for: %s", file->path, rest,
                 rest > 1 ? "s" : "", names);
}
