/* dropout.c - weights for a network whose dropout has another form than that of their training.
 *
 * The classic form multiplies what is dropped with 1 - rate when it does not train, the inverted
 * one with 1 (it divides while it trains). The layer that reads it gives the same if
 * its weights times that factor are the same. */
#include "alexnet/log.h"
#include "base/numbers.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double train_weights_test_factor(const alx_net_config *config, int layer)
{
    const int at = config->dropout_input ? layer : layer - 1;

    return config->dropout_inverted || at < 0 ? 1.0 : 1.0 - config->layers[at].dropout;
}

static double factor_by_name(const alx_net_config *config, const char *name)
{
    int i = 0;

    while (i < config->layer_count && strcmp(config->layers[i].name, name) != 0)
        ++i;
    return i < config->layer_count ? train_weights_test_factor(config, i) : 1.0;
}

static void factors_of(weights_scales *out, const alx_net_config *source,
                       const alx_net_config *config)
{
    for (int i = 0; i < config->layer_count; ++i)
        out->of[i] = factor_by_name(source, config->layers[i].name);
}

/* A file that says nothing: safetensors of our names are of a network like this one; PyTorch,
 * Caffe, NumPy and ONNX, whatever their names, know the inverted form only. */
static int source_factors(weights_scales *out, const weights_file *file,
                          const alx_net_config *config)
{
    const alx_safetensors *st = alx_weights_file_safetensors(file->file);
    const char *stored = file->config;
    alx_checkpoint checkpoint;
    alx_config source;

    if (train_weights_is_checkpoint(file)) {
        TRY(alx_checkpoint_read(&checkpoint, file->path));
        factors_of(out, &checkpoint.config.net, config);
        alx_checkpoint_free(&checkpoint);
    } else if (stored != NULL && alx_config_parse(&source, stored, file->path, NULL, 0) == 0) {
        factors_of(out, &source.net, config);
    } else {
        for (int i = 0; i < config->layer_count; ++i)
            out->of[i] = file->own && st != NULL ? train_weights_test_factor(config, i) : 1.0;
    }
    return 0;
}

static void say(const weights_file *file, const alx_net_config *config,
                const weights_scales *scales)
{
    char text[256] = "";

    for (int i = 0; i < config->layer_count; ++i)
        if (scales->of[i] != 1.0)
            base_print(text + strlen(text), sizeof text - strlen(text), "%s%s times %.4g",
                       text[0] != '\0' ? ", " : "", config->layers[i].name, scales->of[i]);
    if (text[0] != '\0')
        alx_info("dropout     %s was trained with %s dropout, the network has %s: weights of %s",
                 file->path, config->dropout_inverted ? "classic" : "inverted",
                 config->dropout_inverted ? "inverted" : "classic", text);
}

int train_weights_scales(weights_scales *out, const weights_file *file,
                         const alx_net_config *config)
{
    TRY(source_factors(out, file, config));
    for (int i = 0; i < config->layer_count; ++i)
        out->of[i] /= train_weights_test_factor(config, i);
    say(file, config, out);
    return 0;
}
