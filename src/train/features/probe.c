/* probe.c - a linear classifier on features: softmax regression, trained as a network of one fully
 * connected layer. Features are centred and scaled by one number, which a linear classifier could
 * do itself, so that one learning rate suits every layer and network. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/try.h"
#include "train/features/probe.h"

#define PROBE_BATCH 128
#define PROBE_EPOCHS 60
#define PROBE_MAX_STEPS 20000
#define PROBE_RATE 0.5
#define PROBE_MOMENTUM 0.9

typedef struct probe {
    alx_net *net;
    size_t length;
    float *mean;  /* of the training features */
    float scale;  /* makes the mean square of a centred vector's length 1 */
    float *batch; /* (PROBE_BATCH, length), as the network sees it */
    int32_t labels[PROBE_BATCH];
} probe;

/* ---- input --------------------------------------------------------------------------------- */

static int measure(probe *p, const alx_features *train)
{
    double *sums = calloc(p->length, sizeof *sums), square = 0.0;

    if (sums == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a probe");
    for (size_t i = 0; i < train->count * p->length; ++i)
        sums[i % p->length] += (double)train->values[i];
    for (size_t k = 0; k < p->length; ++k)
        p->mean[k] = (float)(sums[k] / (double)train->count);
    for (size_t i = 0; i < train->count * p->length; ++i) {
        const double centred = (double)train->values[i] - (double)p->mean[i % p->length];

        square += centred * centred;
    }
    p->scale = square > 0.0 ? (float)sqrt((double)train->count / square) : 1.0f;
    free(sums);
    return 0;
}

static void put_row(probe *p, size_t place, const alx_features *from, size_t row)
{
    float *out = p->batch + place * p->length;
    const float *in = from->values + row * p->length;

    for (size_t k = 0; k < p->length; ++k)
        out[k] = (in[k] - p->mean[k]) * p->scale;
    p->labels[place] = from->labels[row];
}

static int forward(probe *p, const alx_step *step)
{
    TRY(alx_tensor_write(alx_net_input(p->net, 0), p->batch));
    TRY(alx_net_set_labels(p->net, p->labels));
    return alx_net_forward(p->net, step);
}

/* ---- training and scoring ------------------------------------------------------------------ */

/* Images are drawn with replacement: a function of the step alone, and no permutation to keep. */
static int train_step(probe *p, const alx_features *train, size_t index, size_t steps)
{
    const double angle = 3.141592653589793 * (double)index / (double)steps;
    const alx_update_rule rule = { .lr = PROBE_RATE * 0.5 * (1.0 + cos(angle)),
                                   .momentum = PROBE_MOMENTUM,
                                   .torch_form = true };
    const alx_step step = { .training = true, .images = PROBE_BATCH };

    for (size_t i = 0; i < PROBE_BATCH; ++i) {
        uint32_t words[4];

        base_rng_words(words, 0, BASE_RNG_SHUFFLE, index, i);
        put_row(p, i, train, base_rng_below(words[0], (uint32_t)train->count));
    }
    TRY(forward(p, &step));
    TRY(alx_net_backward(p->net, &step));
    return alx_net_update(p->net, &rule);
}

static int score(alx_score *out, probe *p, const alx_features *images)
{
    float loss[PROBE_BATCH];
    int32_t rank[PROBE_BATCH];

    *out = (alx_score){ .images = images->count };
    for (size_t first = 0; first < images->count; first += PROBE_BATCH) {
        const size_t left = images->count - first, count = left < PROBE_BATCH ? left : PROBE_BATCH;
        const alx_step step = { .training = false, .images = (int)count };

        for (size_t i = 0; i < PROBE_BATCH; ++i)
            p->labels[i] = -1;
        for (size_t i = 0; i < count; ++i)
            put_row(p, i, images, first + i);
        TRY(forward(p, &step));
        TRY(alx_net_read_loss(p->net, loss, rank));
        for (size_t i = 0; i < count; ++i) {
            out->loss += (double)loss[i] / (double)images->count;
            out->top1 += rank[i] < 1;
            out->top5 += rank[i] < 5;
        }
    }
    if (!isfinite(out->loss))
        return alx_fail(ALX_E_NUMERIC, "the loss of the linear classifier is not finite");
    return 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int create(probe *p, const train_probe *wanted)
{
    const alx_net_options options = { .batch = PROBE_BATCH,
                                      .training = true,
                                      .rows = wanted->rows };
    const size_t length = wanted->train->length;
    alx_config config;
    char text[256];

    p->length = length;
    snprintf(text, sizeof text,
             "[net]\ninput = 1x1x3\nclasses = %d\ntowers = 1\n"
             "[fc]\nunits = classes\ninit = gauss 0\n",
             wanted->classes);
    TRY(alx_config_parse(&config, text, "probe", NULL, 0));
    config.net.channels = (int)length; /* more than a picture has */
    p->mean = malloc(length * sizeof *p->mean);
    p->batch = calloc(PROBE_BATCH * length, sizeof *p->batch);
    if (p->mean == NULL || p->batch == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a probe");
    TRY(alx_net_create(&p->net, &config.net, &wanted->dev, 1, &options));
    return alx_net_init(p->net, 0);
}

static int train_all(probe *p, const train_probe *wanted)
{
    size_t steps = PROBE_EPOCHS * ((wanted->train->count + PROBE_BATCH - 1) / PROBE_BATCH);

    if (steps > PROBE_MAX_STEPS)
        steps = PROBE_MAX_STEPS;
    for (size_t i = 0; i < steps; ++i) {
        TRY(train_step(p, wanted->train, i, steps));
        if (wanted->progress != NULL)
            wanted->progress(i + 1, steps, wanted->user);
    }
    return 0;
}

int train_probe_run(alx_score *train_score, alx_score *test_score, const train_probe *wanted)
{
    probe p = { 0 };
    int rc = 0;

    TRY_DONE(create(&p, wanted));
    TRY_DONE(measure(&p, wanted->train));
    TRY_DONE(train_all(&p, wanted));
    TRY_DONE(score(train_score, &p, wanted->train));
    TRY_DONE(score(test_score, &p, wanted->test));
done:
    free(p.mean);
    free(p.batch);
    alx_net_free(p.net);
    return rc;
}

int alx_probe(alx_score *train_score, alx_score *test_score, alx_device *dev,
              const alx_features *train, const alx_features *test, int classes,
              void (*progress)(size_t done, size_t total, void *), void *user)
{
    const train_probe wanted = { .train = train,
                                 .test = test,
                                 .classes = classes,
                                 .dev = dev,
                                 .progress = progress,
                                 .user = user };

    return train_probe_run(train_score, test_score, &wanted);
}
