/* narrow_error.c - what a conversion to numbers of two bytes does to a network's answers. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/try.h"
#include "train/weights/set.h"

enum { IMAGES = 4 };

/* The same noise on every device, as large as pixels that are preprocessed. */
static int put_noise(alx_net *net, const alx_net_config *config)
{
    const size_t count = IMAGES * (size_t)config->height * (size_t)config->width *
                         (size_t)config->channels;
    float *images = malloc(count * sizeof *images);
    int rc = 0;

    if (images == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d images", IMAGES);
    for (size_t i = 0; i < count; ++i) {
        uint32_t words[4];

        base_rng_words(words, 0, BASE_RNG_TEST, 0, i);
        images[i] = 4.0f * base_rng_unit(words[0]) - 2.0f;
    }
    for (int dev = 0; dev < alx_net_dev_count(net); ++dev)
        TRY_DONE(alx_tensor_write(alx_net_input(net, dev), images));
done:
    free(images);
    return rc;
}

static int answer(float *logits, const weights_set *set, alx_device *const *devs, int dev_count)
{
    const alx_net_config *config = &set->checkpoint.config.net;
    const alx_step step = { .images = IMAGES };
    const int32_t labels[IMAGES] = { 0 };
    alx_net *net = NULL;
    int rc = 0;

    TRY_DONE(alx_net_create(&net, config, devs, dev_count, &(alx_net_options){ .batch = IMAGES }));
    for (size_t i = 0; i < set->count; ++i)
        TRY_DONE(alx_net_set_param(net, i, ALX_PARAM_VALUE, set->numbers[i]));
    TRY_DONE(put_noise(net, config));
    TRY_DONE(alx_net_set_labels(net, labels));
    TRY_DONE(alx_net_forward(net, &step));
    TRY_DONE(alx_net_read_logits(net, logits));
done:
    alx_net_free(net);
    return rc;
}

/* Reads weights and asks them; `config` is that of the first ones. */
static int ask(float **logits, alx_config *config, const alx_model_weights *weights,
               alx_device *const *devs, int dev_count)
{
    weights_set set = { 0 };
    int rc = 0;

    TRY_DONE(train_weights_set_read(&set, weights));
    *config = set.checkpoint.config;
    *logits = calloc((size_t)IMAGES * (size_t)config->net.classes, sizeof **logits);
    if (*logits == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %d classes", config->net.classes);
        goto done;
    }
    TRY_DONE(answer(*logits, &set, devs, dev_count));
done:
    train_weights_set_free(&set);
    return rc;
}

int alx_convert_error(double *off, alx_device *const *devs, int dev_count,
                      const alx_conversion *what)
{
    float *want = NULL, *got = NULL;
    double most = 0.0, largest = 0.0;
    alx_config config;
    int rc = 0;

    TRY_DONE(ask(&want, &config, &what->from, devs, dev_count));
    TRY_DONE(ask(&got, &config, &(alx_model_weights){ .path = what->to, .config = &config }, devs,
                 dev_count));
    for (int i = 0; i < IMAGES * config.net.classes; ++i) {
        most = fmax(most, fabs((double)got[i] - (double)want[i]));
        largest = fmax(largest, fabs((double)want[i]));
    }
    *off = largest > 0.0 ? most / largest : most;
done:
    free(want);
    free(got);
    return rc;
}
