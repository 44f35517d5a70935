/* open.c - a file of weights, seen as a checkpoint: the network that they are of, and what it wants
 * to see. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/source.h"

static int take_stored(alx_config *out, const weights_file *file)
{
    const char *name = NULL;

    TRY(alx_weights_file_metadata(&name, file->file, TRAIN_WEIGHTS_NAME));
    TRY(alx_fail_context(train_stored_config(out, file->config, "config inside"), "%s",
                         file->path));
    snprintf(out->name, sizeof out->name, "%s", name != NULL ? name : base_path_base(file->path));
    base_name_read(out->name);
    alx_info("network     %s, whose config %s has inside", out->name, file->path);
    return 0;
}

int train_weights_find_config(alx_config *out, weights_file *file)
{
    const alx_weights_input *input = alx_weights_file_input(file->file);
    char path[PATH_MAX];
    bool taken = true;

    snprintf(path, sizeof path, "%s", file->path);
    if (file->config != NULL)
        return take_stored(out, file);
    if (train_weights_describe(file) && input->height != 0 && input->channels != 0)
        TRY(train_weights_config(out, file, 0));
    else
        TRY(train_weights_take_text(&taken, path, out, file));
    if (!taken)
        return train_weights_preset(out, file);
    alx_info("network     as %s describes it: %d layers, input %dx%dx%d", path,
             out->net.layer_count, out->net.height, out->net.width, out->net.channels);
    return 0;
}

static int settle(alx_checkpoint *out, weights_file *file, const alx_model_weights *how)
{
    const bool decides = how->config != NULL || file->config != NULL ||
                         !train_weights_describe(file);

    if (how->config != NULL)
        out->config = *how->config;
    else
        TRY(train_weights_find_config(&out->config, file));
    if (how->config != NULL && how->preprocess == NULL)
        TRY(train_preprocess_meet(&out->config.data, file));
    return train_preprocess_settle(out, file, how->preprocess, decides);
}

/* Its classes, its statistics and what it wants to see; its network unless another is given. */
static int take_checkpoint(alx_checkpoint *out, weights_file *file, const alx_model_weights *how)
{
    TRY(alx_checkpoint_read(out, file->path));
    if (how->config != NULL) {
        out->config.net = how->config->net;
        out->class_count = out->config.net.classes == out->class_count ? out->class_count : 0;
    }
    return how->preprocess != NULL ? train_preprocess_settle(out, file, how->preprocess, true) : 0;
}

#define HEAD_BYTES 64

/* A config is text, and begins with it, as Caffe's description of a network does. One that comes by
 * a pipe is not looked at: that can be read only once. */
bool alx_weights_alone(const char *path)
{
    unsigned char head[HEAD_BYTES];
    const size_t count = train_checkpoint_begins(path) ? 0
                                                       : base_file_head(head, sizeof head, path);
    size_t i = 0;

    while (i < count && (head[i] >= ' ' || strchr("\t\r\n", head[i]) != NULL) && head[i] != '\0')
        ++i;
    return i < count || base_path_ends_in(path, ".prototxt") ||
           (count > 0 && alx_safetensors_begins(path));
}

int train_weights_checkpoint(alx_checkpoint *out, bool *bgr, const alx_model_weights *how)
{
    weights_file file = { 0 };
    int rc = 0;

    *out = (alx_checkpoint){ .best_error = INFINITY, .best_signal = INFINITY };
    TRY_DONE(train_weights_open_numbers(&file, how->path));
    TRY_DONE(train_weights_is_checkpoint(&file) ? take_checkpoint(out, &file, how)
                                                : settle(out, &file, how));
    *bgr = file.bgr;
done:
    train_weights_close(&file);
    if (rc != 0)
        alx_checkpoint_free(out);
    return rc;
}
