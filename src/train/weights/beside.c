/* beside.c - what Caffe's users have beside a .caffemodel: the network as text, and a mean image,
 * under the names that Caffe's own examples give them. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "train/weights/source.h"

/* ---- which file ------------------------------------------------------------------------------ */

/* Whether a file of that name is in the folder of the weights; a name that begins with * is that of
 * the weights with another end. */
static bool lies_beside(char out[PATH_MAX], const weights_file *file, const char *name)
{
    const char *base = base_path_base(file->path), *dot = strrchr(base, '.');
    const int folder = (int)(base - file->path);
    const int stem = dot != NULL ? (int)(dot - file->path) : (int)strlen(file->path);
    const bool same = name[0] == '*';
    const int length = snprintf(out, PATH_MAX, "%.*s%s", same ? stem : folder, file->path,
                                name + same);

    return length < PATH_MAX && base_file_is_regular(out);
}

/* ---- the network ----------------------------------------------------------------------------- */

/* The description is kept, if it is of these weights. */
static int take_text(alx_config *out, weights_file *file, const char *path)
{
    weights_file text = { 0 };
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(train_weights_open(&text, path));
    TRY_DONE(train_weights_config(out, &text, alx_weights_file_input(file->file)->channels));
    TRY_DONE(alx_fail_context(alx_graph_create(&graph, &out->net), "%s", path));
    TRY_DONE(train_weights_fit(file, graph));
    if (train_weights_all_fit(file)) {
        file->text = text.file;
        text.file = NULL;
    } else {
        rc = alx_fail(ALX_E_DATA, "%s: a network of other shapes than %s", path, file->path);
    }
done:
    alx_graph_free(graph);
    train_weights_close(&text);
    return rc;
}

int train_weights_take_text(bool *taken, char path[PATH_MAX], alx_config *out, weights_file *file)
{
    static const char *const names[] = { "*.prototxt", "deploy.prototxt", "train_val.prototxt" };

    *taken = false;
    if (alx_weights_file_format(file->file) != ALX_WEIGHTS_CAFFE)
        return 0;
    for (size_t i = 0; i < ALX_COUNT(names) && !*taken; ++i) {
        if (!lies_beside(path, file, names[i]))
            continue;
        const int rc = take_text(out, file, path);

        if (rc == ALX_E_MEMORY)
            return rc;
        if (rc != 0)
            alx_warn("left out: %s", alx_status_text(rc));
        *taken = rc == 0;
    }
    return 0;
}

/* ---- the mean -------------------------------------------------------------------------------- */

enum { MOST_SIDE = 4096 };

/* Blue, green, red; of 3 x height x width, or of three numbers alone. */
static int check_mean(int *height, int *width, const alx_weights_tensor *mean, const char *path)
{
    const int *dims = mean->dims;
    int count = mean->dim_count;

    while (count > 1 && dims[0] == 1) {
        ++dims;
        --count;
    }
    *height = count == 3 ? dims[1] : 1;
    *width = count == 3 ? dims[2] : 1;
    if ((count == 1 || count == 3) && dims[0] == 3 && *height >= 1 && *height <= MOST_SIDE &&
        *width >= 1 && *width <= MOST_SIDE)
        return 0;
    return alx_fail(ALX_E_DATA, "%s: no mean of three colours", path);
}

static void set_colour(alx_data_config *data, const float *planes, size_t pixels)
{
    for (int c = 0; c < 3; ++c) {
        double sum = 0.0;

        for (size_t i = 0; i < pixels; ++i)
            sum += (double)planes[(size_t)c * pixels + i];
        data->mean_value[2 - c] = sum / (double)pixels;
    }
}

/* Where it is as large as images are stored, it is subtracted pixel by pixel. */
static int set_image(alx_checkpoint *out, const float *planes, int side)
{
    const size_t pixels = (size_t)side * (size_t)side;
    alx_data_config *data = &out->config.data;
    alx_statistics *statistics = &out->statistics;

    statistics->mean_image = malloc(3 * pixels * sizeof(float));
    if (statistics->mean_image == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the mean image");
    for (size_t i = 0; i < 3 * pixels; ++i)
        statistics->mean_image[i] = planes[(2 - i % 3) * pixels + i / 3];
    statistics->size = side;
    for (int c = 0; c < 3; ++c) {
        statistics->mean[c] = data->mean_value[c];
        statistics->deviation[c] = data->use_std ? data->std_value[c] : 1.0;
        data->std_value[c] = 0.0; /* the statistics have it */
    }
    data->mean = ALX_MEAN_IMAGE;
    data->mean_given = false;
    return 0;
}

static int check_numbers(const float *planes, size_t count, const char *path)
{
    size_t i = 0;

    while (i < count && isfinite(planes[i]))
        ++i;
    return i == count ? 0
                      : alx_fail(ALX_E_DATA, "%s: a mean with a number that is %g", path,
                                 (double)planes[i]);
}

static int subtract(alx_checkpoint *out, const alx_weights_file *mean, int height, int width,
                    const char *path)
{
    alx_data_config *data = &out->config.data;
    const size_t pixels = (size_t)height * (size_t)width;
    const bool fits = height == width && height == data->resize;
    float *planes = malloc(3 * pixels * sizeof *planes);
    int rc = 0;

    if (planes == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    TRY_DONE(alx_weights_file_read(mean, 0, planes));
    TRY_DONE(check_numbers(planes, 3 * pixels, path));
    set_colour(data, planes, pixels);
    if (fits)
        TRY_DONE(set_image(out, planes, height));
    alx_info("mean        %s: %s", path,
             fits ? "subtracted pixel by pixel" : "its mean colour is subtracted");
done:
    free(planes);
    return rc;
}

static int open_mean(alx_weights_file **out, int *height, int *width, const char *path)
{
    TRY(alx_weights_file_open(out, path));
    if (alx_weights_file_count(*out) != 1)
        return alx_fail(ALX_E_DATA, "%s: no mean of three colours", path);
    return check_mean(height, width, alx_weights_file_at(*out, 0), path);
}

static int take_mean(bool *taken, alx_checkpoint *out, const char *path, bool named)
{
    alx_weights_file *mean = NULL;
    int height = 0, width = 0;
    int rc = open_mean(&mean, &height, &width, path);

    if (rc == ALX_E_DATA && !named) {
        alx_warn("left out: %s", alx_status_text(rc));
        rc = 0;
    } else if (rc == 0) {
        rc = subtract(out, mean, height, width, path);
        *taken = rc == 0;
    }
    alx_weights_file_close(mean);
    return rc;
}

int train_weights_take_mean(bool *taken, alx_checkpoint *out, const weights_file *file,
                            const char *said)
{
    static const char *const usual[] = { "*_mean.binaryproto",        "*_mean.npy",
                                         "mean.binaryproto",          "mean.npy",
                                         "imagenet_mean.binaryproto", "ilsvrc_2012_mean.npy" };
    char path[PATH_MAX];

    *taken = false;
    if (alx_weights_file_format(file->file) != ALX_WEIGHTS_CAFFE)
        return 0;
    if (said != NULL)
        return lies_beside(path, file, base_path_base(said)) ? take_mean(taken, out, path, true)
                                                             : 0;
    for (size_t i = 0; i < ALX_COUNT(usual) && !*taken; ++i)
        if (lies_beside(path, file, usual[i]))
            TRY(take_mean(taken, out, path, false));
    return 0;
}
