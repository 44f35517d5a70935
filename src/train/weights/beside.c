/* beside.c - what Caffe's users have beside a .caffemodel: the network as text, and a mean image,
 * under the names that Caffe's own examples give them. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/try.h"
#include "train/weights/source.h"

/* ---- which file ------------------------------------------------------------------------------ */

/* The first of some names that is there, in the folder of the weights; a name that begins with * is
 * that of the weights with another end. */
static bool find(char out[PATH_MAX], const weights_file *file, const char *const *names)
{
    const char *base = base_path_base(file->path), *dot = strrchr(base, '.');
    const int folder = (int)(base - file->path);
    const int stem = dot != NULL ? (int)(dot - file->path) : (int)strlen(file->path);

    for (; *names != NULL; ++names) {
        const bool same = (*names)[0] == '*';
        const int length = snprintf(out, PATH_MAX, "%.*s%s", same ? stem : folder, file->path,
                                    *names + same);

        if (length < PATH_MAX && base_file_is_regular(out))
            return true;
    }
    return false;
}

/* ---- the network ----------------------------------------------------------------------------- */

bool train_weights_find_prototxt(char path[PATH_MAX], const weights_file *file)
{
    static const char *const names[] = { "*.prototxt", "deploy.prototxt", "train_val.prototxt",
                                         NULL };

    return alx_weights_file_format(file->file) == ALX_WEIGHTS_CAFFE && find(path, file, names);
}

int train_weights_config_of(alx_config *out, const char *path)
{
    weights_file text = { 0 };
    int rc = 0;

    TRY_DONE(train_weights_open(&text, path));
    TRY_DONE(train_weights_config(out, &text));
done:
    train_weights_close(&text);
    return rc;
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

static int take_mean(alx_checkpoint *out, const alx_weights_file *file, const char *path)
{
    alx_data_config *data = &out->config.data;
    int height = 0, width = 0, rc = 0;

    TRY(check_mean(&height, &width, alx_weights_file_at(file, 0), path));
    const size_t pixels = (size_t)height * (size_t)width;
    const bool fits = height == width && height == data->resize;
    float *planes = malloc(3 * pixels * sizeof *planes);

    if (planes == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
    TRY_DONE(alx_weights_file_read(file, 0, planes));
    set_colour(data, planes, pixels);
    if (fits)
        TRY_DONE(set_image(out, planes, height));
    alx_info("mean        %s: %s", path,
             fits ? "subtracted pixel by pixel" : "its mean colour is subtracted");
done:
    free(planes);
    return rc;
}

int train_weights_take_mean(bool *taken, alx_checkpoint *out, const weights_file *file)
{
    const char *said = alx_weights_file_input(file->file)->mean_file;
    const char *const names[] = { said != NULL ? base_path_base(said) : "*_mean.binaryproto",
                                  "*_mean.binaryproto",
                                  "*_mean.npy",
                                  "mean.binaryproto",
                                  "mean.npy",
                                  "imagenet_mean.binaryproto",
                                  "ilsvrc_2012_mean.npy",
                                  NULL };
    alx_weights_file *mean = NULL;
    char path[PATH_MAX];
    int rc = 0;

    *taken = false;
    if (alx_weights_file_format(file->file) != ALX_WEIGHTS_CAFFE || !find(path, file, names))
        return 0;
    TRY_DONE(alx_weights_file_open(&mean, path));
    if (alx_weights_file_count(mean) != 1) {
        rc = alx_fail(ALX_E_DATA, "%s: no mean of three colours", path);
        goto done;
    }
    TRY_DONE(take_mean(out, mean, path));
    *taken = true;
done:
    alx_weights_file_close(mean);
    return rc;
}
