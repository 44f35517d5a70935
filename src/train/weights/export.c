/* export.c - weights of any format in another one: what `alexnet convert` does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/set.h"

typedef enum { TO_CHECKPOINT, TO_SAFETENSORS, TO_NPZ, TO_ONNX, TO_CAFFE } export_format;

typedef struct export_plan {
    const char *to;
    export_format format;
    weights_naming naming;
    alx_dtype dtype;
    bool preprocessing;
} export_plan;

#define NAME_BYTES 512 /* of a config, as it is written */

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
    char *text = NULL, name[NAME_BYTES];
    int rc = 0;

    base_name_write(name, sizeof name, set->checkpoint.config.name, BASE_NAME_DATA);
    TRY_DONE(alx_safetensors_writer_metadata(writer, TRAIN_WEIGHTS_NAME, name));
    TRY_DONE(alx_config_write(&text, &set->checkpoint.config));
    TRY_DONE(alx_safetensors_writer_metadata(writer, TRAIN_WEIGHTS_CONFIG, text));
    TRY_DONE(alx_safetensors_writer_metadata(writer, "format", "pt"));
done:
    free(text);
    return rc;
}

static int write_safetensors(const weights_set *set, const export_plan *how)
{
    alx_safetensors_writer *writer = NULL;
    char name[WEIGHTS_NAME_BYTES];
    int rc = 0;

    TRY_DONE(alx_safetensors_writer_create(&writer));
    TRY_DONE(add_config(writer, set));
    for (size_t i = 0; i < set->count; ++i) {
        const alx_param_info *p = &set->params[i];

        train_weights_name(name, set, i, how->naming);
        TRY_DONE(alx_safetensors_writer_add(writer, name, how->dtype, p->dims, p->dim_count,
                                            set->numbers[i]));
    }
    TRY_DONE(alx_safetensors_writer_write(writer, how->to));
done:
    alx_safetensors_writer_free(writer);
    return rc;
}

static int write_npz(const weights_set *set, const export_plan *how)
{
    alx_npz_array *arrays = calloc(set->count + 1, sizeof *arrays);
    char *text = NULL, name[NAME_BYTES];
    int rc = 0;

    if (arrays == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", how->to);
    for (size_t i = 0; i < set->count; ++i) {
        const alx_param_info *p = &set->params[i];

        arrays[i] = (alx_npz_array){
            .dtype = how->dtype, .dims = p->dims, .dim_count = p->dim_count, .data = set->numbers[i]
        };
        train_weights_name(arrays[i].name, set, i, how->naming);
    }
    base_name_write(name, sizeof name, set->checkpoint.config.name, BASE_NAME_DATA);
    TRY_DONE(alx_config_write(&text, &set->checkpoint.config));
    const alx_npz_note notes[] = { { TRAIN_WEIGHTS_NAME, name }, { TRAIN_WEIGHTS_CONFIG, text } };

    TRY_DONE(alx_npz_write(how->to, arrays, set->count, notes, ALX_COUNT(notes)));
done:
    free(text);
    free(arrays);
    return rc;
}

/* ---- what is wanted -------------------------------------------------------------------------- */

static int find_format(export_plan *out)
{
    const char *dot = strrchr(base_path_base(out->to), '.');

    out->format = base_path_ends_in(out->to, ".safetensors")  ? TO_SAFETENSORS
                  : base_path_ends_in(out->to, ".npz")        ? TO_NPZ
                  : base_path_ends_in(out->to, ".onnx")       ? TO_ONNX
                  : base_path_ends_in(out->to, ".caffemodel") ? TO_CAFFE
                                                              : TO_CHECKPOINT;
    if (out->format != TO_CHECKPOINT || dot == NULL)
        return 0;
    return alx_fail(ALX_E_USAGE,
                    "%s: '%s' cannot be written, only .safetensors, .npz, .onnx, .caffemodel and, "
                    "without an ending, a checkpoint",
                    out->to, dot);
}

/* The place of `given` in a list of words; NULL is the first. */
static int choose(int *out, const char *option, const char *given, const char *const *words)
{
    int i = 0;

    while (given != NULL && words[i] != NULL && strcmp(words[i], given) != 0)
        ++i;
    if (given != NULL && words[i] == NULL)
        return alx_fail(ALX_E_USAGE, "no --%s '%s'; try alexnet help convert", option, given);
    *out = i;
    return 0;
}

static int check_plan(const export_plan *plan)
{
    const bool arrays = plan->format == TO_SAFETENSORS || plan->format == TO_NPZ;

    if (plan->naming != WEIGHTS_OURS && !arrays)
        return alx_fail(ALX_E_USAGE, "%s: --naming is of .safetensors and .npz", plan->to);
    if (plan->preprocessing && plan->format != TO_ONNX)
        return alx_fail(ALX_E_USAGE, "%s: --with-preprocessing is of .onnx", plan->to);
    if (plan->dtype == ALX_F32 || plan->format == TO_SAFETENSORS || plan->format == TO_ONNX ||
        (plan->format == TO_NPZ && plan->dtype == ALX_F16))
        return 0;
    return alx_fail(ALX_E_USAGE,
                    "%s: numbers of this type can be written to .safetensors and .onnx, float16 to "
                    ".npz too",
                    plan->to);
}

static int make_plan(export_plan *out, const alx_conversion *how)
{
    static const char *const namings[] = { "ours", "torchvision", "caffe", NULL };
    static const char *const types[] = { "f32", "f16", "bf16", NULL };
    static const alx_dtype dtypes[] = { ALX_F32, ALX_F16, ALX_BF16 };
    int naming = 0, dtype = 0;

    TRY(choose(&naming, "naming", how->naming, namings));
    TRY(choose(&dtype, "dtype", how->dtype, types));
    *out = (export_plan){ .to = how->to,
                          .naming = (weights_naming)naming,
                          .dtype = dtypes[dtype],
                          .preprocessing = how->preprocessing };
    TRY(find_format(out));
    return check_plan(out);
}

/* ---- the conversion -------------------------------------------------------------------------- */

/* Weights as whoever reads them takes them to be. */
static void suit(weights_set *set, const export_plan *plan)
{
    if (plan->format != TO_CHECKPOINT) {
        train_weights_set_name_mean(set);
        set->checkpoint.config.data.path[0] = '\0'; /* files go to others */
    }
    if (plan->format == TO_ONNX || plan->format == TO_CAFFE || plan->naming != WEIGHTS_OURS)
        train_weights_set_invert(set);
    if (plan->format == TO_CAFFE || plan->naming == WEIGHTS_CAFFE)
        train_weights_set_turn(set);
    train_weights_set_narrow(set, plan->dtype);
}

int alx_convert(const alx_conversion *how)
{
    export_plan plan;
    weights_set set = { 0 };
    int rc = 0;

    TRY(make_plan(&plan, how));
    TRY_DONE(train_weights_set_read(&set, &how->from));
    suit(&set, &plan);
    TRY_DONE(plan.format == TO_CHECKPOINT    ? write_checkpoint(&set, plan.to)
             : plan.format == TO_SAFETENSORS ? write_safetensors(&set, &plan)
             : plan.format == TO_NPZ         ? write_npz(&set, &plan)
             : plan.format == TO_CAFFE
                 ? train_weights_write_caffe(&set, plan.to)
                 : train_weights_write_onnx(&set, plan.to, plan.dtype, plan.preprocessing));
done:
    train_weights_set_free(&set);
    return rc;
}
