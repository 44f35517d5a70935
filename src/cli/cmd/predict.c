/* predict.c - the most probable classes of images. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alexnet/dev/train.h"
#include "base/name_write.h"
#include "base/try.h"
#include "cli/model.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

typedef struct predict_options {
    cli_line line;
    const char *names;
    int top;
    bool json;
    cli_loading loading;
    cli_device_options device;
} predict_options;

#define PREDICT_BATCH 32
#define PREDICT_TOP 5

typedef struct prediction {
    const predict_options *options;
    cli_devices devices;
    cli_model model;
    alx_class_names names;
    alx_dataset *set;
    alx_subset all;
    alx_loader *loader;
    float *prob;  /* (batch, classes) */
    size_t shown; /* images */
    cJSON *tree;  /* --json, else NULL */
} prediction;

/* ---- one image ----------------------------------------------------------------------------- */

/* The class that comes after `last` (-1: the first); of equal ones the lower index is first. */
static int next_class(const float *prob, int classes, int last)
{
    int best = -1;

    for (int c = 0; c < classes; ++c) {
        const bool later = last < 0 || prob[c] < prob[last] || (prob[c] == prob[last] && c > last);

        if (later && (best < 0 || prob[c] > prob[best]))
            best = c;
    }
    return best;
}

static int top_count(const prediction *p)
{
    return p->options->top > 0 ? p->options->top : PREDICT_TOP;
}

static void print_image(const prediction *p, const char *path, const float *prob)
{
    base_name_print(stdout, path, BASE_NAME_LINE);
    putchar('\n');
    for (int rank = 0, c = -1; rank < top_count(p); ++rank) {
        c = next_class(prob, p->names.count, c);
        if (c < 0)
            break;
        printf("  %6.2f %%  ", 100.0 * (double)prob[c]);
        base_name_print(stdout, p->names.name[c], BASE_NAME_LINE);
        putchar('\n');
    }
}

static cJSON *image_json(const prediction *p, const char *path, const float *prob)
{
    cJSON *object = cJSON_CreateObject(), *list;

    base_json_add_text(object, "image", path);
    list = base_json_add_array(object, "classes");
    for (int rank = 0, c = -1; rank < top_count(p); ++rank) {
        c = next_class(prob, p->names.count, c);
        if (c < 0)
            break;
        cJSON *entry = cJSON_CreateObject();

        base_json_add_text(entry, "class", p->names.name[c]);
        base_json_add_number(entry, "index", c);
        base_json_add_number(entry, "probability", (double)prob[c]);
        base_json_append(list, entry);
    }
    return object;
}

/* ---- all of them --------------------------------------------------------------------------- */

static int fail_not_finite(const prediction *p, const char *path)
{
    char shown[PATH_MAX];

    base_name_write(shown, sizeof shown, path, BASE_NAME_LINE);
    return alx_fail(ALX_E_NUMERIC, "%s: the probabilities of %s are not finite", shown,
                    p->model.path);
}

static int show_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    prediction *p = user;
    const int classes = p->names.count;

    (void)done;
    (void)total;
    TRY(alx_net_read_prob(net, p->prob));
    for (int i = 0; i < batch->count; ++i) {
        const float *prob = p->prob + (size_t)i * (size_t)classes;
        char path[PATH_MAX];

        alx_dataset_image_name(p->set, batch->index[i], path, sizeof path);
        for (int c = 0; c < classes; ++c)
            if (!isfinite(prob[c]))
                return fail_not_finite(p, path);
        if (p->tree != NULL)
            base_json_append(p->tree, image_json(p, path, prob));
        else
            print_image(p, path, prob);
    }
    p->shown += (size_t)batch->count;
    return 0;
}

static int open_prediction(prediction *p)
{
    const char *const *args = p->options->line.args;
    int batch = PREDICT_BATCH, rc = 0;

    TRY(alx_dataset_of_images(&p->set, args + 1, (size_t)p->options->line.arg_count - 1));
    TRY(alx_subset_all(&p->all, p->set));
    if (p->all.count < PREDICT_BATCH)
        batch = (int)p->all.count;
    TRY(cli_model_open(&p->model, &p->devices, args[0], batch, &p->options->device,
                       &p->options->loading));
    TRY(alx_class_names_create(&p->names, p->model.checkpoint, p->options->names));
    TRY(alx_model_loader(&p->loader, p->model.model, p->set, &p->all));
    p->prob = malloc((size_t)batch * (size_t)p->names.count * sizeof *p->prob);
    if (p->prob == NULL)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %d images", batch);
    return rc;
}

static void close_prediction(prediction *p)
{
    cJSON_Delete(p->tree);
    free(p->prob);
    alx_loader_free(p->loader);
    alx_subset_free(&p->all);
    alx_dataset_close(p->set);
    alx_class_names_free(&p->names);
    cli_model_close(&p->model);
}

static int predict_run(const void *given)
{
    const predict_options *options = given;
    prediction p = { .options = options };
    int rc = 0;

    p.tree = options->json ? cJSON_CreateArray() : NULL;
    TRY_DONE(cli_progress_start(NULL));
    TRY_DONE(open_prediction(&p));
    cli_progress_stop();
    TRY_DONE(alx_forward_epoch(p.model.net, p.model.feeder, p.loader, show_batch, &p));
    if (p.shown == 0) {
        rc = alx_fail(ALX_E_DATA, "no image of %zu could be read", p.all.count);
        goto done;
    }
    if (options->json)
        rc = cli_print_json(&p.tree);
done:
    close_prediction(&p);
    return cli_close_devices(&p.devices, rc);
}

#define FIELD(name) .offset = offsetof(predict_options, name)

static const cli_option predict_rows[] = {
    { CLI_ROWS(cli_loading_rows, predict_options, loading) },
    { CLI_ROWS(cli_names_row, predict_options, names) },
    { "top", "K", "classes to print for an image; default 5", CLI_INT, FIELD(top), .most = 65536,
      .alias = "topk", .letter = 'k' },
    { CLI_ROWS(cli_json_row, predict_options, json) },
    { CLI_ROWS(cli_compute_rows, predict_options, device) },
    CLI_END,
};

const cli_command cli_cmd_predict = {
    .name = "predict",
    .summary = "most probable classes of images",
    .arguments = "CHECKPOINT IMAGE...",
    .min_args = 2,
    .max_args = INT_MAX,
    .examples = "alexnet predict runs/paper cat.jpg dog.png\n"
                "alexnet predict runs/paper/checkpoint-best pictures --top 3 --json\n"
                "alexnet predict runs/paper - --names synset_words.txt <cat.jpg\n",
    .details = "CHECKPOINT is a file, or a run's folder for its best one. IMAGE is a JPEG or "
               "PNG, a folder of them, or - for one on standard input. They are turned as EXIF "
               "or XMP says.",
    .options = predict_rows,
    .options_bytes = sizeof(predict_options),
    .only_prints = true,
    .run = predict_run,
};
