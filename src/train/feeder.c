/* feeder.c - loader batches to the devices of a net: upload bytes, preprocess there. */
#include "train/feeder.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/ops.h"
#include "alexnet/dev/rt.h"
#include "base/try.h"

/* What one device holds. */
typedef struct feeder_device {
    alx_tensor images;  /* uint8 (batch,size,size,3) in words of four */
    alx_tensor crops;   /* (batch,1,1,8) */
    alx_tensor mean;    /* (size,size,3) or (3), on the scale of the network's input */
    alx_tensor inv_std; /* (3) */
    alx_upload *upload; /* of images and crops */
} feeder_device;

struct alx_feeder {
    alx_net *net; /* borrowed */
    alx_preprocess_params params;
    size_t image_bytes;
    int32_t *labels; /* of a short batch */
    int batch, dev_count;
    feeder_device devices[ALX_MAX_TOWERS];
};

/* ---- mean and deviation -------------------------------------------------------------------- */

/* Given values are on the scale of the network's input, statistics on 0..255. */
static void channel_mean(float out[3], const alx_data_config *config,
                         const alx_statistics *statistics, double scale)
{
    memset(out, 0, 3 * sizeof *out);
    if (config->mean == ALX_MEAN_NONE)
        return;
    const double *mean = config->mean_given ? config->mean_value : statistics->mean;
    const double unit = config->mean_given ? 1.0 : scale;
    const double scalar = (mean[0] + mean[1] + mean[2]) / 3.0;

    for (int c = 0; c < 3; ++c)
        out[c] = (float)(unit * (config->mean == ALX_MEAN_SCALAR ? scalar : mean[c]));
}

static void channel_inv_std(float out[3], const alx_data_config *config,
                            const alx_statistics *statistics, double scale)
{
    for (int c = 0; c < 3; ++c) {
        double std = 1.0;

        if (config->use_std)
            std = config->mean_given ? config->std_value[c] : statistics->deviation[c] * scale;
        out[c] = std > 1e-9 ? (float)(1.0 / std) : 1.0f; /* a channel that never varies stays */
    }
}

static int write_mean(const alx_feeder *feeder, const feeder_device *device,
                      const alx_data_config *config, const alx_statistics *statistics)
{
    const double scale = config->unit_scale ? 1.0 / 255.0 : 1.0;
    const size_t count = alx_shape_count(device->mean.shape);
    float *mean = malloc(count * sizeof *mean), inv_std[3];
    int rc = 0;

    if (mean == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the mean");
    if (feeder->params.mean_image)
        for (size_t i = 0; i < count; ++i)
            mean[i] = (float)((double)statistics->mean_image[i] * scale);
    else
        channel_mean(mean, config, statistics, scale);
    channel_inv_std(inv_std, config, statistics, scale);
    TRY_DONE(alx_tensor_write(&device->mean, mean));
    TRY_DONE(alx_tensor_write(&device->inv_std, inv_std));
done:
    free(mean);
    return rc;
}

/* Its kernel is built along with the network's. */
static int note_kernels(const alx_feeder *feeder)
{
    int rc = 0;

    for (int i = 0; i < feeder->dev_count && rc == 0; ++i) {
        const feeder_device *device = &feeder->devices[i];

        alx_device_collect(alx_net_device(feeder->net, i), true);
        rc = alx_op_preprocess(alx_net_input(feeder->net, i), &device->images, &device->crops,
                               &device->mean, &device->inv_std, &feeder->params);
        alx_device_collect(alx_net_device(feeder->net, i), false);
    }
    return rc;
}

/* ---- create -------------------------------------------------------------------------------- */

/* Zero-filled: rows beyond a short batch are preprocessed too. */
static int create_device(feeder_device *device, alx_device *dev, const alx_feeder *feeder)
{
    const int size = feeder->params.size;
    const size_t words = ((size_t)feeder->batch * feeder->image_bytes + 3) / 4;
    const alx_shape mean = feeder->params.mean_image ? (alx_shape){ 1, size, size, 3 }
                                                     : (alx_shape){ 1, 1, 1, 3 };

    TRY(alx_tensor_create(&device->images, dev, (alx_shape){ 1, 1, 1, (int)words }));
    TRY(alx_tensor_create(&device->crops, dev, (alx_shape){ feeder->batch, 1, 1, 8 }));
    TRY(alx_tensor_create(&device->mean, dev, mean));
    TRY(alx_tensor_create(&device->inv_std, dev, (alx_shape){ 1, 1, 1, 3 }));
    TRY(alx_tensor_fill(&device->images, 0.0f));
    TRY(alx_tensor_fill(&device->crops, 0.0f));
    TRY(alx_upload_create(&device->upload, "input", dev));
    return alx_upload_release(device->upload);
}

static int check_statistics(const alx_data_config *config, const alx_statistics *statistics)
{
    const bool have = statistics != NULL && statistics->mean_image != NULL;
    const bool wanted = !config->mean_given && (config->mean != ALX_MEAN_NONE || config->use_std);

    if (wanted && !have)
        return alx_fail(ALX_E_DATA, "the config wants the training images' mean or deviation, "
                                    "which is not at hand: give [data] mean and std as numbers");
    if (wanted && statistics->size != config->resize)
        return alx_fail(ALX_E_DATA, "the mean image is %d pixels wide, [data] resize is %d",
                        statistics->size, config->resize);
    return 0;
}

int alx_feeder_create(alx_feeder **out, alx_net *net, const alx_data_config *config,
                      const alx_statistics *statistics)
{
    alx_feeder *feeder = NULL;
    int rc = 0;

    *out = NULL;
    TRY_DONE(check_statistics(config, statistics));
    feeder = calloc(1, sizeof *feeder);
    if (feeder == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a feeder");
    feeder->net = net;
    feeder->batch = alx_net_get_options(net)->batch;
    feeder->image_bytes = (size_t)config->resize * (size_t)config->resize * 3;
    if (feeder->image_bytes > INT32_MAX / (size_t)feeder->batch) {
        rc = alx_fail(ALX_E_USAGE, "%d images of %dx%d are more than 2 GiB: take a smaller batch",
                      feeder->batch, config->resize, config->resize);
        goto done;
    }
    feeder->labels = malloc((size_t)feeder->batch * sizeof *feeder->labels);
    if (feeder->labels == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a feeder");
        goto done;
    }
    feeder->params = (alx_preprocess_params){
        .size = config->resize,
        .inv_scale = config->unit_scale ? 1.0f / 255.0f : 1.0f,
        .divide = (float)config->divide,
        .clip = config->colour_clip,
        .mean_image = config->mean == ALX_MEAN_IMAGE && !config->mean_given,
        .mean_centre = config->mean_centre,
    };
    for (int i = 0; i < alx_net_dev_count(net); ++i, ++feeder->dev_count) {
        TRY_DONE(create_device(&feeder->devices[i], alx_net_device(net, i), feeder));
        TRY_DONE(write_mean(feeder, &feeder->devices[i], config, statistics));
    }
    TRY_DONE(note_kernels(feeder));
    *out = feeder;
    feeder = NULL;
done:
    alx_feeder_free(feeder);
    return rc;
}

void alx_feeder_free(alx_feeder *feeder)
{
    if (feeder == NULL)
        return;
    for (int i = 0; i < ALX_MAX_TOWERS; ++i) {
        alx_upload_free(feeder->devices[i].upload);
        alx_tensor_free(&feeder->devices[i].images);
        alx_tensor_free(&feeder->devices[i].crops);
        alx_tensor_free(&feeder->devices[i].mean);
        alx_tensor_free(&feeder->devices[i].inv_std);
    }
    free(feeder->labels);
    free(feeder);
}

/* ---- put ----------------------------------------------------------------------------------- */

static int put_device(const feeder_device *device, const alx_feeder *feeder,
                      const alx_tensor *input, const alx_batch *batch, bool training)
{
    const size_t count = (size_t)batch->count;
    alx_preprocess_params params = feeder->params;

    if (!training)
        params.divide = 1.0f;
    alx_device_set_label(input->dev, "input");
    TRY(alx_upload_write(device->upload, &device->images, batch->images,
                         count * feeder->image_bytes));
    TRY(alx_upload_write(device->upload, &device->crops, batch->crops,
                         count * sizeof *batch->crops));
    TRY(alx_upload_await(device->upload));
    TRY(alx_op_preprocess(input, &device->images, &device->crops, &device->mean, &device->inv_std,
                          &params));
    return alx_upload_release(device->upload);
}

/* A short batch, the last of an epoch or a stranger's, waits for a copy with -1 behind it. */
static int put_labels(const alx_feeder *feeder, const alx_batch *batch)
{
    const size_t count = (size_t)batch->count, all = (size_t)feeder->batch;

    if (count == all)
        return alx_tensor_write_async(alx_net_labels(feeder->net), batch->labels,
                                      count * sizeof *batch->labels);
    for (size_t i = 0; i < all; ++i)
        feeder->labels[i] = i < count ? batch->labels[i] : -1;
    return alx_net_set_labels(feeder->net, feeder->labels);
}

int alx_feeder_put(alx_feeder *feeder, const alx_batch *batch, bool training)
{
    if (batch->count < 0 || batch->count > feeder->batch)
        return alx_fail(ALX_E_USAGE, "a batch of %d images for a network of %d", batch->count,
                        feeder->batch);
    TRY(put_labels(feeder, batch));
    for (int i = 0; i < feeder->dev_count; ++i)
        TRY(put_device(&feeder->devices[i], feeder, alx_net_input(feeder->net, i), batch,
                       training));
    return 0;
}

int alx_feeder_check(alx_feeder *feeder)
{
    for (int i = 0; i < feeder->dev_count; ++i)
        TRY(alx_upload_check(feeder->devices[i].upload));
    return 0;
}

int train_feeder_finish(alx_feeder *feeder)
{
    int rc = 0;

    for (int i = 0; i < feeder->dev_count; ++i) {
        const int finished = alx_device_finish(alx_net_device(feeder->net, i));
        const int uploaded = alx_upload_wait(feeder->devices[i].upload);

        rc = uploaded != 0 ? uploaded : finished != 0 ? finished : rc;
    }
    return rc;
}

void alx_feeder_wait(alx_feeder *feeder)
{
    const int rc = train_feeder_finish(feeder);

    (void)rc; /* the caller already has an error to report */
}
