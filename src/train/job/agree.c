/* agree.c - what the ranks of a run must have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "alexnet/version.h"
#include "base/hash.h"
#include "base/try.h"
#include "train/job/job.h"

#define USUAL_SHARDS 8

/* ---- shards -------------------------------------------------------------------------------- */

int train_job_settle(alx_train_config *config, const alx_comm *comm)
{
    const int ranks = alx_comm_size(comm);

    for (int n = USUAL_SHARDS; ranks > 1 && config->shards == 0 && n <= config->batch_size; ++n)
        if (n % ranks == 0 && config->batch_size % n == 0)
            config->shards = n;
    if (ranks == 1 || (config->shards > 0 && alx_pass_count(config) >= ranks))
        return 0;
    if (config->shards > 0)
        return alx_fail(ALX_E_USAGE, "%d shards are too few for %d ranks: raise [train] shards",
                        alx_pass_count(config), ranks);
    return alx_fail(ALX_E_USAGE,
                    "%d ranks cannot share a batch of %d equally: take a --batch-size that %d "
                    "divides, of at least %d, or set [train] shards",
                    ranks, config->batch_size, ranks, USUAL_SHARDS);
}

/* ---- comparing ------------------------------------------------------------------------------ */

#define HEX 33

typedef struct compared {
    const char *what, *hint; /* may be NULL */
    int code;
    char digits[HEX];
} compared;

/* All ranks come to the same answer. */
static int compare(const train_run *run, const compared *own, size_t count)
{
    const size_t bytes = count * sizeof *own, size = (size_t)alx_comm_size(run->options->comm);
    compared *all = calloc(size, bytes);
    int rc = 0;

    if (all == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to compare %zu ranks", size);
    TRY_DONE(alx_comm_gather(run->options->comm, all, own, bytes));
    for (size_t i = 0; i < count; ++i)
        for (size_t rank = 1; rank < size; ++rank)
            if (strcmp(all[rank * count + i].digits, all[i].digits) != 0) {
                rc = alx_fail(own[i].code, "%s has %s than rank 0%s",
                              alx_comm_who(run->options->comm, (int)rank), own[i].what,
                              own[i].hint != NULL ? own[i].hint : "");
                goto done;
            }
done:
    free(all);
    return rc;
}

static int hash_version(char hex[HEX])
{
    static const char *const all[] = { "", NULL };
    char text[128], kernels[17];

    TRY(alx_kernels_hash(kernels, all));
    snprintf(text, sizeof text, "%s %s", ALX_VERSION, kernels);
    return base_hash_bytes(hex, text, strlen(text));
}

/* A set may lie elsewhere on another host. */
static int hash_config(char hex[HEX], const train_run *run)
{
    const alx_train_options *o = run->options;
    alx_config *config = malloc(sizeof *config);
    base_hash *hash = NULL;
    char *text = NULL, more[160];
    int rc = 0;

    if (config == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a config");
    *config = run->state.config;
    config->data.path[0] = '\0';
    TRY_DONE(alx_config_write(&text, config));
    snprintf(more, sizeof more, "%zu %zu %d %d %d %d", o->max_steps, o->save_every,
             o->overfit_batch, o->skip_bad, o->resume != NULL, o->weights != NULL);
    TRY_DONE(base_hash_create(&hash));
    base_hash_update(hash, text, strlen(text));
    base_hash_update(hash, more, strlen(more));
    base_hash_hex(hash, hex);
done:
    base_hash_free(hash);
    free(text);
    free(config);
    return rc;
}

static int hash_state(char hex[HEX], const alx_checkpoint *s)
{
    const double reals[] = { s->lr, s->best_error, s->best_signal, s->sums.loss };
    const size_t counts[] = { s->epoch,      s->position,           s->step,
                              s->best_epoch, s->sums.images,        s->sums.top1,
                              s->sums.top5,  (size_t)s->bad_epochs, (size_t)s->drops };
    base_hash *hash = NULL;

    TRY(base_hash_create(&hash));
    base_hash_update(hash, reals, sizeof reals);
    base_hash_update(hash, counts, sizeof counts);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    return 0;
}

/* Names and sizes, and what the pixels come to. */
static int hash_data(char hex[HEX], const train_run *run)
{
    const alx_statistics *s = &run->state.statistics;
    const alx_dataset *const sets[] = { run->train_set, run->test_set };
    base_hash *hash = NULL;

    TRY(base_hash_create(&hash));
    for (size_t i = 0; i < ALX_COUNT(sets); ++i)
        if (sets[i] != NULL) {
            const char *digits = alx_dataset_fingerprint(sets[i]);

            base_hash_update(hash, digits, strlen(digits));
        }
    if (s->mean_image != NULL)
        base_hash_update(hash, s->mean_image,
                         (size_t)s->size * (size_t)s->size * 3 * sizeof *s->mean_image);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    return 0;
}

int train_job_compare_input(train_run *run)
{
    compared own[] = {
        { .what = "another version of alexnet", .code = ALX_E_USAGE },
        { .what = "another config or other options", .code = ALX_E_USAGE },
        { .what = "another checkpoint", .code = ALX_E_DATA },
        { .what = "other data", .code = ALX_E_DATA },
    };

    if (run->options->comm == NULL)
        return 0;
    TRY(hash_version(own[0].digits));
    TRY(hash_config(own[1].digits, run));
    TRY(hash_state(own[2].digits, &run->state));
    TRY(hash_data(own[3].digits, run));
    return compare(run, own, ALX_COUNT(own));
}

int train_job_compare_ways(train_run *run)
{
    compared own = { .what = "other algorithms or tuning rows", .code = ALX_E_USAGE };
    const alx_algorithms a = run->state.algorithms;
    char text[128];

    if (run->options->comm == NULL)
        return 0;
    snprintf(text, sizeof text, "%s %s %s", alx_conv_algo_name(a.conv), alx_gemm_algo_name(a.gemm),
             run->state.tuning);
    TRY(base_hash_bytes(own.digits, text, strlen(text)));
    return compare(run, &own, 1);
}

static int hash_weights(char hex[HEX], alx_net *net)
{
    size_t count = 0, most = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    base_hash *hash = NULL;
    float *data = NULL;
    int rc = 0;

    for (size_t i = 0; i < count; ++i)
        most = params[i].count > most ? params[i].count : most;
    data = malloc(most * sizeof *data);
    if (data == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for weights");
    TRY_DONE(base_hash_create(&hash));
    for (size_t i = 0; i < count; ++i) {
        TRY_DONE(alx_net_get_param(net, i, ALX_PARAM_VALUE, data));
        base_hash_update(hash, data, params[i].count * sizeof *data);
        TRY_DONE(alx_net_get_param(net, i, ALX_PARAM_MOMENTUM, data));
        base_hash_update(hash, data, params[i].count * sizeof *data);
    }
    base_hash_hex(hash, hex);
done:
    base_hash_free(hash);
    free(data);
    return rc;
}

int train_job_compare_weights(train_run *run)
{
    compared own = {
        .what = "come to other weights",
        .hint = ": one of them computes wrong; the checkpoints are those of before",
        .code = ALX_E_NUMERIC,
    };

    if (run->options->comm == NULL)
        return 0;
    TRY(hash_weights(own.digits, run->net));
    return compare(run, &own, 1);
}
