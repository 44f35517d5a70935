/* cmd_predict.c - the most probable classes of images. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/model.h"
#include "cli/progress.h"

#define PREDICT_BATCH 32
#define PREDICT_TOP 5

/** A batch in the making; `images` etc. belong to it. */
typedef struct predict_batch {
    int capacity, side; /* images; of a stored image */
    size_t image_bytes;
    uint8_t *images;
    alx_augmentation *crops;
    int32_t *labels;
    size_t *index;
    float *prob; /* (capacity, classes) */
} predict_batch;

static int batch_create(predict_batch *batch, const alx_config *config, int capacity)
{
    const size_t count = (size_t)capacity;

    batch->capacity = capacity;
    batch->side = config->data.resize;
    batch->image_bytes = (size_t)batch->side * (size_t)batch->side * 3;
    batch->images = calloc(count, batch->image_bytes);
    batch->crops = calloc(count, sizeof *batch->crops);
    batch->labels = calloc(count, sizeof *batch->labels);
    batch->index = calloc(count, sizeof *batch->index);
    batch->prob = calloc(count * (size_t)config->net.classes, sizeof *batch->prob);
    if (batch->images == NULL || batch->crops == NULL || batch->labels == NULL
        || batch->index == NULL || batch->prob == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d images", capacity);
    for (int i = 0; i < capacity; ++i) { /* the centre */
        batch->crops[i].top = (batch->side - config->net.height) / 2;
        batch->crops[i].left = (batch->side - config->net.width) / 2;
        batch->labels[i] = -1;
    }
    return 0;
}

static void batch_free(predict_batch *batch)
{
    free(batch->images);
    free(batch->crops);
    free(batch->labels);
    free(batch->index);
    free(batch->prob);
}

static int load_image(predict_batch *batch, int slot, const char *path)
{
    alx_image image = { 0 };
    int rc = 0;

    TRY(alx_image_read(&image, path, batch->side));
    TRY(alx_image_resize_crop(batch->images + (size_t)slot * batch->image_bytes, &image,
                              batch->side));
done:
    alx_image_free(&image);
    return rc;
}

static int predict_images(predict_batch *batch, cli_model *model, const char *const *paths,
                          int count)
{
    const alx_batch input = { .count = count,
                              .images = batch->images,
                              .augmentation = batch->crops,
                              .labels = batch->labels,
                              .index = batch->index };
    const alx_step step = { .images = count };
    int rc = 0;

    for (int i = 0; i < count; ++i)
        TRY(load_image(batch, i, paths[i]));
    TRY(alx_feeder_put(model->feeder, &input, false));
    TRY(alx_net_forward(model->net, &step));
    TRY(alx_net_read_prob(model->net, batch->prob));
    for (int i = 0; i < count * model->checkpoint.config.net.classes; ++i)
        if (!isfinite(batch->prob[i]))
            return alx_fail(ALX_E_NUMERIC, "%s: the probabilities of %s are not finite",
                            paths[i / model->checkpoint.config.net.classes], model->path);
done:
    return rc;
}

/* ---- output -------------------------------------------------------------------------------- */

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

static void print_image(const cli_model *model, const char *path, const float *prob, int top)
{
    const int classes = model->checkpoint.config.net.classes;

    printf("%s\n", path);
    for (int rank = 0, c = -1; rank < top && (c = next_class(prob, classes, c)) >= 0; ++rank)
        printf("  %6.2f %%  %s\n", 100.0 * (double)prob[c], cli_model_class(model, c));
}

static cJSON *image_json(const cli_model *model, const char *path, const float *prob, int top)
{
    const int classes = model->checkpoint.config.net.classes;
    cJSON *object = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(object, "image", path);
    list = cJSON_AddArrayToObject(object, "classes");
    for (int rank = 0, c = -1; rank < top && (c = next_class(prob, classes, c)) >= 0; ++rank) {
        cJSON *entry = cJSON_CreateObject();

        cJSON_AddStringToObject(entry, "class", cli_model_class(model, c));
        cJSON_AddNumberToObject(entry, "index", c);
        cJSON_AddNumberToObject(entry, "probability", (double)prob[c]);
        cJSON_AddItemToArray(list, entry);
    }
    return object;
}

int cmd_predict(const cli_options *options)
{
    const char *const *paths = options->args + 1;
    const int count = options->arg_count - 1, top = options->top > 0 ? options->top : PREDICT_TOP;
    const int capacity = count < PREDICT_BATCH ? count : PREDICT_BATCH;
    cJSON *tree = options->json ? cJSON_CreateArray() : NULL;
    predict_batch batch = { 0 };
    cli_devices devices = { .count = 0 };
    cli_model model = { 0 };
    int rc = 0;

    TRY(cli_progress_start(options));
    TRY(cli_model_open(&model, &devices, options->args[0], capacity, options));
    TRY(batch_create(&batch, &model.checkpoint.config, capacity));
    cli_progress_stop();
    const int classes = model.checkpoint.config.net.classes;

    for (int first = 0; first < count; first += capacity) {
        const int n = count - first < capacity ? count - first : capacity;

        TRY(predict_images(&batch, &model, paths + first, n));
        for (int i = 0; i < n; ++i) {
            const float *prob = batch.prob + (size_t)i * (size_t)classes;

            if (options->json)
                cJSON_AddItemToArray(tree, image_json(&model, paths[first + i], prob, top));
            else
                print_image(&model, paths[first + i], prob, top);
        }
    }
    if (options->json) {
        rc = cli_print_json(tree);
        tree = NULL;
    }
done:
    cJSON_Delete(tree);
    batch_free(&batch);
    cli_model_close(&model);
    cli_close_devices(&devices);
    return rc;
}
