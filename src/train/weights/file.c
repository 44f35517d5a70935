/* file.c - finds the tensors of a network's parameters in a file, and names the others. */
#include "train/weights/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/name_write.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"

/* ---- names --------------------------------------------------------------------------------- */

static int list_plain_names(weights_file *file)
{
    const size_t count = alx_weights_file_count(file->file);

    file->count = count;
    file->plain = calloc(count + 1, sizeof *file->plain);
    for (size_t i = 0; file->plain != NULL && i < count; ++i) {
        file->plain[i] = alx_weights_plain_name(alx_weights_file_at(file->file, i)->name);
        if (file->plain[i] == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory for names", file->path);
    }
    if (file->plain == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for names", file->path);
    return base_lookup_create(&file->lookup, file->plain, count);
}

static long find(const weights_file *file, const char *name)
{
    const long place = alx_weights_file_find(file->file, name);

    return place >= 0 ? place : base_lookup_find(file->lookup, name, strlen(name));
}

long train_weights_twin(const weights_file *file, long tensor)
{
    const size_t count = alx_weights_file_count(file->file), place = (size_t)tensor;

    if (strcmp(file->plain[place], alx_weights_file_at(file->file, place)->name) == 0)
        return -1;
    for (size_t i = 0; i < count; ++i)
        if (i != place && strcmp(file->plain[i], file->plain[place]) == 0)
            return (long)i;
    return -1;
}

/* ---- Caffe's names --------------------------------------------------------------------------- */

/* What Caffe2 calls the first layer's weights when it writes Caffe's networks as ONNX. */
static bool has_caffe2s_names(const alx_weights_file *file)
{
    return alx_weights_file_find(file, "conv1_w_0") >= 0;
}

/* As in Caffe's HDF5, and as convert names a first layer that it has turned. */
static bool has_caffes_names(const alx_weights_file *file)
{
    return alx_weights_file_find(file, "conv1/0") >= 0;
}

static long find_caffe(const weights_file *file, size_t param)
{
    const char *own = file->params[param].name; /* LAYER.weight */
    char name[64];

    snprintf(name, sizeof name, "%.*s/%d", (int)(strrchr(own, '.') - own), own,
             file->params[param].bias ? 1 : 0);
    return find(file, name);
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
        if (find(file, name) >= 0 && rank-- == 0)
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

static long find_torch(const weights_file *file, size_t param)
{
    const char *family = is_conv(file->params, param) ? "features" : "classifier";
    char name[64];

    snprintf(name, sizeof name, "%s.%d.%s", family,
             torch_index(file, family, rank_of_layer(file->params, param)),
             file->params[param].bias ? "bias" : "weight");
    return find(file, name);
}

static long find_own(const weights_file *file, size_t param)
{
    const long tensor = find(file, file->params[param].name);
    char name[128];

    if (tensor >= 0)
        return tensor;
    snprintf(name, sizeof name, "param/%s", file->params[param].name);
    return alx_weights_file_find(file->file, name);
}

/* ---- the file ------------------------------------------------------------------------------ */

bool train_weights_is_checkpoint(const weights_file *file)
{
    const alx_safetensors *st = alx_weights_file_safetensors(file->file);

    return st != NULL && train_checkpoint_is(st);
}

int train_weights_open(weights_file *out, const char *path)
{
    *out = (weights_file){ .path = path };
    TRY(alx_weights_file_open(&out->file, path));
    TRY(alx_weights_file_metadata(&out->config, out->file, TRAIN_WEIGHTS_CONFIG));
    out->turned = has_caffes_names(out->file);
    out->bgr = out->turned || alx_weights_file_input(out->file)->bgr ||
               has_caffe2s_names(out->file);
    if (train_weights_is_checkpoint(out))
        TRY(train_checkpoint_verify(alx_weights_file_safetensors(out->file), path));
    return list_plain_names(out);
}

int train_weights_open_numbers(weights_file *out, const char *path)
{
    TRY(train_weights_open(out, path));
    if (alx_weights_file_format(out->file) != ALX_WEIGHTS_PROTOTXT)
        return 0;
    return alx_fail(ALX_E_DATA,
                    "%s: describes a network and holds no weights: give its .caffemodel", path);
}

void train_weights_close(weights_file *file)
{
    base_lookup_free(file->lookup);
    for (size_t i = 0; file->plain != NULL && i < file->count; ++i)
        free(file->plain[i]);
    free(file->plain);
    free(file->place);
    alx_weights_file_close(file->file);
    alx_weights_file_close(file->text);
    *file = (weights_file){ 0 };
}

bool train_weights_describe(const weights_file *file)
{
    for (size_t i = 0; i < alx_weights_file_layer_count(file->file); ++i)
        if (alx_weights_file_layer(file->file, i)->described)
            return true;
    return false;
}

/* False if no layer's weights are there under a name. */
static bool fit_by_name(weights_file *file)
{
    size_t own = 0, found = 0;

    for (size_t i = 0; i < file->param_count; ++i) {
        const long mine = find_own(file, i);
        const long theirs = mine >= 0 ? mine : find_torch(file, i);

        own += mine >= 0;
        file->place[i] = (weights_place){ .tensor = theirs >= 0 ? theirs : find_caffe(file, i) };
        found += file->place[i].tensor >= 0 && !file->params[i].bias;
    }
    file->own = own > 0;
    return found > 0;
}

int train_weights_fit(weights_file *file, const alx_graph *graph)
{
    file->graph = graph;
    file->params = alx_graph_params(graph, &file->param_count);
    free(file->place);
    file->place = calloc(file->param_count + 1, sizeof *file->place);
    if (file->place == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", file->path);
    if (!train_weights_describe(file) && fit_by_name(file))
        return 0;
    for (size_t i = 0; i < file->param_count; ++i)
        file->place[i] = (weights_place){ .tensor = -1 };
    file->own = false;
    train_weights_fit_by_order(file);
    return 0;
}

/* ---- in print ------------------------------------------------------------------------------ */

/* Adds ", name" and counts it; what does not fit ends in "...". */
static void add_name(char *out, size_t out_bytes, size_t *count, const char *name)
{
    const size_t at = strlen(out), length = base_name_write(NULL, 0, name, BASE_NAME_LINE);
    const char *gap = *count > 0 ? ", " : "";

    ++*count;
    if (at + strlen(gap) + length + sizeof ", ..." <= out_bytes) {
        strcpy(out + at, gap);
        base_name_write(out + at + strlen(gap), length + 1, name, BASE_NAME_LINE);
    } else if (at < 3 || strcmp(out + at - 3, "...") != 0)
        snprintf(out + at, out_bytes - at, "%s...", gap);
}

void train_weights_names(const weights_file *file, char *out, size_t out_bytes)
{
    size_t count = 0;

    out[0] = '\0';
    for (size_t i = 0; i < alx_weights_file_count(file->file); ++i)
        add_name(out, out_bytes, &count, alx_weights_file_at(file->file, i)->name);
}

/* A checkpoint brings more than parameters. */
static bool is_checkpoint_extra(const char *name)
{
    return strncmp(name, "momentum/", 9) == 0 || strncmp(name, "statistics/", 11) == 0 ||
           strcmp(name, "mean_image") == 0;
}

static bool is_taken(const weights_file *file, long tensor)
{
    size_t i = 0;

    while (i < file->param_count && file->place[i].tensor != tensor)
        ++i;
    return i < file->param_count;
}

/* Graphs have constants that are no weights. */
static bool is_of_a_layer(const weights_file *file, long tensor)
{
    const size_t count = alx_weights_file_layer_count(file->file);
    size_t i = 0;

    while (i < count && alx_weights_file_layer(file->file, i)->weight != tensor &&
           alx_weights_file_layer(file->file, i)->bias != tensor)
        ++i;
    return i < count;
}

static bool is_rest(const weights_file *file, size_t tensor)
{
    if (is_taken(file, (long)tensor) ||
        is_checkpoint_extra(alx_weights_file_at(file->file, tensor)->name))
        return false;
    return !train_weights_describe(file) || is_of_a_layer(file, (long)tensor);
}

void train_weights_warn_of_rest(const weights_file *file)
{
    char names[512] = "";
    size_t rest = 0;

    for (size_t i = 0; i < alx_weights_file_count(file->file); ++i) {
        if (is_rest(file, i))
            add_name(names, sizeof names, &rest, alx_weights_file_at(file->file, i)->name);
    }
    if (rest > 0)
        alx_warn("%s: %zu tensor%s that the network has no place for: %s", file->path, rest,
                 rest > 1 ? "s" : "", names);
}
