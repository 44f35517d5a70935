/* mllog.c - how a run goes, as lines of MLPerf's logging: when its parts begin and end, and what it
 * was. The lines: mlperf_logging/mllog/mllog.py of github.com/mlcommons/logging; their keys, which
 * of them there must be, and in which order: compliance_checker/training_6.1.0/common.yaml. */
#include "alexnet/dev/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "base/try.h"

#define TOKEN ":::MLLOG "
#define NOBODY "not named" /* an organisation that hands results in puts its own name */

struct alx_mllog {
    char path[PATH_MAX], config[PATH_MAX];
    long long created_ms;
    bool begun, over;
};

/** What a line tells of; `metadata` is of the line, and may be NULL. */
typedef struct line {
    const char *type, *key;
    long long time_ms;
    cJSON *value, *metadata;
} line;

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int alx_mllog_create(alx_mllog **out, const char *path, const char *run_dir)
{
    alx_mllog *log = NULL;
    int rc = 0;

    *out = NULL;
    TRY(base_file_check_place(path));
    if (base_file_is_regular(path))
        return alx_fail(ALX_E_IO,
                        "%s is there already, and a log tells of one go of one run: name "
                        "another file",
                        path);
    log = calloc(1, sizeof *log);
    if (log == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the log of a run");
    log->created_ms = now_ms();
    if (snprintf(log->path, sizeof log->path, "%s", path) >= (int)sizeof log->path) {
        rc = alx_fail(ALX_E_IO, "%.64s...: path too long", path);
        goto done;
    }
    TRY_DONE(base_path_in(log->config, run_dir, "config.ini"));
    *out = log;
    log = NULL;
done:
    free(log);
    return rc;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Takes the value and metadata. */
static int put_line(const alx_mllog *log, line l)
{
    cJSON *tree = cJSON_CreateObject();
    char *json = NULL, *text = NULL;
    int rc = 0;

    base_json_add_text(tree, "namespace", "");
    base_json_add_number(tree, "time_ms", (double)l.time_ms);
    base_json_add_text(tree, "event_type", l.type);
    base_json_add_text(tree, "key", l.key);
    base_json_add(tree, "value", l.value);
    base_json_add(tree, "metadata", l.metadata != NULL ? l.metadata : cJSON_CreateObject());
    json = base_json_text(tree, false);
    const size_t bytes = json != NULL ? sizeof TOKEN + strlen(json) + 1 : 0;

    text = bytes > 0 ? malloc(bytes) : NULL;
    if (text != NULL) {
        snprintf(text, bytes, TOKEN "%s\n", json);
        rc = base_file_append(log->path, text);
    } else {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a line of %s", log->path);
    }
    free(text);
    free(json);
    cJSON_Delete(tree);
    return rc;
}

static cJSON *of_epoch(size_t epoch)
{
    cJSON *metadata = cJSON_CreateObject();

    base_json_add_number(metadata, "epoch_num", (double)epoch);
    return metadata;
}

static int put_start(const alx_mllog *log, const char *key, long long time_ms, cJSON *metadata)
{
    return put_line(log, (line){ "INTERVAL_START", key, time_ms, cJSON_CreateNull(), metadata });
}

static int put_end(const alx_mllog *log, const char *key, cJSON *metadata)
{
    return put_line(log, (line){ "INTERVAL_END", key, now_ms(), cJSON_CreateNull(), metadata });
}

static int put_value(const alx_mllog *log, const char *key, cJSON *value, cJSON *metadata)
{
    return put_line(log, (line){ "POINT_IN_TIME", key, now_ms(), value, metadata });
}

/* ---- a run ----------------------------------------------------------------------------------- */

/* "a + b" of the devices; NULL if out of memory. */
static cJSON *platform(const alx_net *net)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    cJSON *value = NULL;

    if (out == NULL)
        return NULL;
    for (int i = 0; i < alx_net_dev_count(net); ++i)
        fprintf(out, "%s%s", i > 0 ? " + " : "", alx_device_describe(alx_net_device(net, i)));
    if (fclose(out) == 0)
        value = cJSON_CreateString(text);
    free(text);
    return value;
}

static int put_submission(const alx_mllog *log, const alx_train_moment *m)
{
    TRY(put_value(log, "submission_benchmark", cJSON_CreateString(m->config->name), NULL));
    TRY(put_value(log, "submission_division", cJSON_CreateString("open"), NULL));
    TRY(put_value(log, "submission_org", cJSON_CreateString(NOBODY), NULL));
    TRY(put_value(log, "submission_platform", platform(m->net), NULL));
    /* Neither the system's caches nor the drivers' are touched. */
    return put_value(log, "cache_clear", cJSON_CreateFalse(), NULL);
}

static int put_setup(const alx_mllog *log, const alx_train_moment *m)
{
    const alx_train_config *train = &m->config->train;
    const int passes = alx_pass_count(train); /* of an update, shared out to the ranks */
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        { "seed", train->seed },
        { "global_batch_size", (double)train->batch_size * train->grad_accum },
        { "micro_batch_size", alx_pass_images(train) },
        { "gradient_accumulation_steps", (passes + m->ranks - 1) / m->ranks },
        { "opt_base_learning_rate", train->lr * alx_lr_factor(train) },
        { "opt_learning_rate_warmup_epochs", train->warmup_epochs },
        { "opt_weight_decay", train->weight_decay },
        { "train_samples", (double)m->train_images },
        { "eval_samples", (double)m->held_images },
        { "tensor_parallelism", alx_net_dev_count(m->net) }, /* a tower on each */
        { "pipeline_parallelism", 1 },
        { "context_parallelism", 1 },
        { "expert_parallelism", 1 },
    };
    static const char *const precisions[] = {
        "lowest_numerical_precision_in_linear",
        "lowest_numerical_precision_in_attn", /* wanted of all; there is no attention */
        "lowest_numerical_precision_in_comm",
    };

    for (size_t i = 0; i < ALX_COUNT(numbers); ++i)
        TRY(put_value(log, numbers[i].key, cJSON_CreateNumber(numbers[i].value), NULL));
    for (size_t i = 0; i < ALX_COUNT(precisions); ++i)
        TRY(put_value(log, precisions[i], cJSON_CreateString("fp32"), NULL));
    TRY(put_value(log, "opt_name", cJSON_CreateString("sgd"), NULL));
    return put_value(log, "config_filename", cJSON_CreateString(log->config), NULL);
}

static int begin(alx_mllog *log, const alx_train_moment *m)
{
    TRY(put_submission(log, m));
    TRY(put_start(log, "init_start", log->created_ms, NULL));
    TRY(put_setup(log, m));
    TRY(put_end(log, "init_stop", NULL));
    TRY(put_start(log, "run_start", now_ms(), NULL));
    log->begun = true;
    return 0;
}

static int end(alx_mllog *log, const char *status)
{
    cJSON *metadata = cJSON_CreateObject();

    log->over = true;
    base_json_add_text(metadata, "status", status);
    return put_end(log, "run_stop", metadata);
}

/* What was scored is told with the share of right answers. */
static int put_accuracy(const alx_mllog *log, const alx_train_moment *m)
{
    const alx_score *score = &m->metrics->validation;

    TRY(put_value(log, "eval_accuracy",
                  cJSON_CreateNumber((double)score->top1 / (double)score->images),
                  of_epoch(m->epoch)));
    return put_end(log, "eval_stop", of_epoch(m->epoch));
}

int alx_mllog_moment(alx_mllog *log, const alx_train_moment *m)
{
    if (!log->begun)
        TRY(begin(log, m));
    switch (m->phase) {
    case ALX_TRAIN_EPOCH:
        return put_start(log, "epoch_start", now_ms(), of_epoch(m->epoch));
    case ALX_TRAIN_UPDATED:
        TRY(put_end(log, "epoch_stop", of_epoch(m->epoch)));
        return m->held_images > 0 ? put_start(log, "eval_start", now_ms(), of_epoch(m->epoch)) : 0;
    case ALX_TRAIN_SCORED:
        return m->held_images > 0 ? put_accuracy(log, m) : 0;
    case ALX_TRAIN_SAVED:
        return 0;
    case ALX_TRAIN_OVER:
        return end(log, "success");
    }
    return 0;
}

void alx_mllog_close(alx_mllog *log, int rc)
{
    char why[512];

    if (log != NULL && log->begun && !log->over && rc != 0) {
        snprintf(why, sizeof why, "%s", alx_status_text(rc));
        if (end(log, "aborted") != 0)
            alx_warn("%s does not say that the run was aborted: %s", log->path,
                     alx_status_text(ALX_E_IO));
        (void)alx_fail(rc, "%s", why);
    }
    free(log);
}
