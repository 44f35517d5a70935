/* export.c - weights of any format in another one: what `alexnet convert` does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/set.h"

typedef enum { TO_CHECKPOINT, TO_SAFETENSORS, TO_NPZ, TO_ONNX, TO_CAFFE } export_format;

/* ---- names ----------------------------------------------------------------------------------- */

/* Modules of nn.Sequential before a layer's own: of convolutions in `features`, the others in
 * `classifier`. Adaptive pooling stands between the two. */
static int modules_before(const alx_net_config *net, int layer)
{
    int count = 0;

    for (int i = 0; i <= layer; ++i) {
        const alx_layer_config *l = &net->layers[i];
        const bool drops = l->dropout > 0.0;

        if (l->kind != net->layers[layer].kind)
            continue;
        count += drops && net->dropout_input;
        if (i == layer)
            break;
        for (int k = 0; k < l->order_count; ++k)
            count += l->order[k] != ALX_NODE_ADAPTIVE_POOL;
        count += 1 + (drops && !net->dropout_input);
    }
    return count;
}

void train_weights_torch_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param)
{
    const alx_net_config *net = &set->checkpoint.config.net;
    const int layer = set->params[param].layer;
    const bool conv = net->layers[layer].kind == ALX_LAYER_CONV;

    snprintf(out, WEIGHTS_NAME_BYTES, "%s.%d.%s", conv ? "features" : "classifier",
             modules_before(net, layer), set->params[param].bias ? "bias" : "weight");
}

static void param_name(char out[WEIGHTS_NAME_BYTES], const weights_set *set, size_t param,
                       bool torch_names)
{
    if (torch_names)
        train_weights_torch_name(out, set, param);
    else
        snprintf(out, WEIGHTS_NAME_BYTES, "%s", set->params[param].name);
}

/* ---- formats --------------------------------------------------------------------------------- */

static int give(float *out, size_t param, alx_param_what what, void *user)
{
    const weights_set *set = user;

    (void)what;
    memcpy(out, set->numbers[param], set->params[param].count * sizeof *out);
    return 0;
}

static int write_checkpoint(weights_set *set, const char *path)
{
    return train_checkpoint_write(
        path, &set->checkpoint,
        &(checkpoint_source){ .graph = set->graph, .read = give, .user = set });
}

static int add_config(alx_safetensors_writer *writer, const weights_set *set)
{
    char *text = NULL;
    int rc = 0;

    TRY_DONE(alx_config_write(&text, &set->checkpoint.config));
    TRY_DONE(alx_safetensors_writer_metadata(writer, TRAIN_WEIGHTS_CONFIG, text));
    TRY_DONE(alx_safetensors_writer_metadata(writer, "format", "pt"));
done:
    free(text);
    return rc;
}

static int write_safetensors(const weights_set *set, const alx_conversion *how)
{
    alx_safetensors_writer *writer = NULL;
    char name[WEIGHTS_NAME_BYTES];
    int rc = 0;

    TRY_DONE(alx_safetensors_writer_create(&writer));
    TRY_DONE(add_config(writer, set));
    for (size_t i = 0; i < set->count; ++i) {
        const alx_param_info *p = &set->params[i];

        param_name(name, set, i, how->torch_names);
        TRY_DONE(alx_safetensors_writer_add(writer, name, how->dtype, p->dims, p->dim_count,
                                            set->numbers[i]));
    }
    TRY_DONE(alx_safetensors_writer_write(writer, how->to));
done:
    alx_safetensors_writer_free(writer);
    return rc;
}

static int write_npz(const weights_set *set, const alx_conversion *how)
{
    alx_npz_array *arrays = calloc(set->count + 1, sizeof *arrays);
    int rc = 0;

    if (arrays == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", how->to);
    for (size_t i = 0; i < set->count; ++i) {
        const alx_param_info *p = &set->params[i];

        arrays[i] = (alx_npz_array){
            .dtype = how->dtype, .dims = p->dims, .dim_count = p->dim_count, .data = set->numbers[i]
        };
        param_name(arrays[i].name, set, i, how->torch_names);
    }
    rc = alx_npz_write(how->to, arrays, set->count);
    free(arrays);
    return rc;
}

/* ---- the conversion -------------------------------------------------------------------------- */

static bool ends_in(const char *path, const char *end)
{
    const size_t length = strlen(path), tail = strlen(end);

    return length > tail && strcmp(path + length - tail, end) == 0;
}

static int format_of(export_format *out, const alx_conversion *how)
{
    const char *dot = strrchr(base_path_base(how->to), '.');

    *out = ends_in(how->to, ".safetensors")  ? TO_SAFETENSORS
           : ends_in(how->to, ".npz")        ? TO_NPZ
           : ends_in(how->to, ".onnx")       ? TO_ONNX
           : ends_in(how->to, ".caffemodel") ? TO_CAFFE
                                             : TO_CHECKPOINT;
    if (*out == TO_CHECKPOINT && dot != NULL)
        return alx_fail(ALX_E_USAGE,
                        "%s: '%s' cannot be written, only .safetensors, .npz, .onnx, "
                        ".caffemodel and, without an ending, a checkpoint",
                        how->to, dot);
    if (how->torch_names && *out != TO_SAFETENSORS && *out != TO_NPZ)
        return alx_fail(ALX_E_USAGE, "%s: --naming is of .safetensors and .npz", how->to);
    if (how->dtype != ALX_F32 && *out != TO_SAFETENSORS &&
        !(*out == TO_NPZ && how->dtype == ALX_F16))
        return alx_fail(ALX_E_USAGE,
                        "%s: numbers of this type can be written to .safetensors, "
                        "float16 to .npz too",
                        how->to);
    return 0;
}

int alx_convert(const alx_conversion *how)
{
    export_format format;
    weights_set set = { 0 };
    int rc = 0;

    TRY(format_of(&format, how));
    TRY_DONE(train_weights_set_read(&set, &how->from));
    if (format != TO_CHECKPOINT)
        train_weights_set_name_mean(&set);
    if (format == TO_ONNX || format == TO_CAFFE || how->torch_names)
        train_weights_set_invert(&set);
    train_weights_set_narrow(&set, how->dtype);
    TRY_DONE(format == TO_CHECKPOINT    ? write_checkpoint(&set, how->to)
             : format == TO_SAFETENSORS ? write_safetensors(&set, how)
             : format == TO_NPZ         ? write_npz(&set, how)
             : format == TO_CAFFE       ? train_weights_write_caffe(&set, how->to)
                                        : train_weights_write_onnx(&set, how->to));
done:
    train_weights_set_free(&set);
    return rc;
}
