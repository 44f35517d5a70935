/* batch.c - the input of a dump: a batch of preprocessed images, and the rates of updates. */
#include "check/dump/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/numbers.h"
#include "base/try.h"

static int find_tensor(const alx_st_tensor **out, const alx_safetensors *file, const char *name,
                       alx_dtype dtype, int dim_count, const char *path)
{
    const alx_st_tensor *tensor = alx_safetensors_find(file, name);

    if (tensor == NULL)
        return alx_fail(ALX_E_DATA, "%s: no tensor '%s'", path, name);
    if (tensor->dtype != dtype || tensor->dim_count != dim_count)
        return alx_fail(ALX_E_DATA, "%s: '%s' has %d dimensions of %s, want %d of %s", path, name,
                        tensor->dim_count, alx_dtype_text(tensor->dtype), dim_count,
                        alx_dtype_text(dtype));
    *out = tensor;
    return 0;
}

static int check_shapes(const alx_st_tensor *x, const alx_st_tensor *y, const alx_net_config *net,
                        const char *path)
{
    if (x->dims[0] < 1)
        return alx_fail(ALX_E_DATA, "%s: 'x' has no image", path);
    if (x->dims[1] != net->channels && x->dims[3] == net->channels)
        return alx_fail(ALX_E_DATA,
                        "%s: 'x' is %dx%dx%dx%d, which looks like (N,H,W,C); want "
                        "(N,C,H,W) = Nx%dx%dx%d: np.ascontiguousarray(x.transpose(0, 3, 1, 2))",
                        path, x->dims[0], x->dims[1], x->dims[2], x->dims[3], net->channels,
                        net->height, net->width);
    if (x->dims[1] != net->channels || x->dims[2] != net->height || x->dims[3] != net->width)
        return alx_fail(ALX_E_DATA, "%s: 'x' holds images of %dx%dx%d, the network takes %dx%dx%d",
                        path, x->dims[1], x->dims[2], x->dims[3], net->channels, net->height,
                        net->width);
    if (y->dims[0] != x->dims[0])
        return alx_fail(ALX_E_DATA, "%s: %d images in 'x', %d labels in 'y'", path, x->dims[0],
                        y->dims[0]);
    return 0;
}

static int take_labels(int32_t *labels, const alx_st_tensor *y, int classes, const char *path)
{
    for (size_t i = 0; i < y->count; ++i) {
        int64_t label;

        memcpy(&label, (const char *)y->data + i * sizeof label, sizeof label);
        if (label < 0 || label >= classes)
            return alx_fail(ALX_E_DATA, "%s: label %lld of image %zu; the network has %d classes",
                            path, (long long)label, i, classes);
        labels[i] = (int32_t)label;
    }
    return 0;
}

/* (N,C,H,W) to (N,H,W,C). */
static void take_images(float *nhwc, const alx_st_tensor *x)
{
    const size_t channels = (size_t)x->dims[1];
    const size_t pixels = (size_t)x->dims[2] * (size_t)x->dims[3];

    for (size_t n = 0; n < (size_t)x->dims[0]; ++n)
        for (size_t c = 0; c < channels; ++c) {
            const char *plane = (const char *)x->data + (n * channels + c) * pixels * sizeof *nhwc;

            for (size_t p = 0; p < pixels; ++p)
                memcpy(&nhwc[(n * pixels + p) * channels + c], plane + p * sizeof *nhwc,
                       sizeof *nhwc);
        }
}

int check_dump_batch_read(check_dump_batch *out, const char *path, const alx_net_config *net)
{
    const alx_st_tensor *x = NULL, *y = NULL;
    alx_safetensors *file = NULL;
    int rc = 0;

    *out = (check_dump_batch){ 0 };
    TRY_DONE(alx_safetensors_open(&file, path));
    TRY_DONE(find_tensor(&x, file, "x", ALX_F32, 4, path));
    TRY_DONE(find_tensor(&y, file, "y", ALX_I64, 1, path));
    TRY_DONE(check_shapes(x, y, net, path));
    out->images = malloc(x->count * sizeof *out->images);
    out->labels = malloc(y->count * sizeof *out->labels);
    if (out->images == NULL || out->labels == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %d images", path, x->dims[0]);
        goto done;
    }
    TRY_DONE(take_labels(out->labels, y, net->classes, path));
    take_images(out->images, x);
    out->count = x->dims[0];
done:
    alx_safetensors_close(file);
    return rc;
}

void check_dump_batch_free(check_dump_batch *batch)
{
    free(batch->images);
    free(batch->labels);
    *batch = (check_dump_batch){ 0 };
}

int check_dump_rates(double *rates, int count, const char *list)
{
    const char *at = list != NULL ? list : "0.01";
    int filled = 0;

    while (*at != '\0') {
        char *end = NULL;
        const double rate = base_number_read(at, &end);
        long times = 1;

        if (end == at || !isfinite(rate) || rate < 0.0)
            return alx_fail(ALX_E_USAGE, "--lr-steps %s: no rate at '%s'", list, at);
        if (*end == 'x') {
            at = end + 1;
            times = strtol(at, &end, 10);
            if (end == at || times < 1)
                return alx_fail(ALX_E_USAGE, "--lr-steps %s: no count at '%s'", list, at);
        }
        if (*end != '\0' && (*end != ',' || end[1] == '\0'))
            return alx_fail(ALX_E_USAGE, "--lr-steps %s: stray text at '%s'", list, end);
        for (; times > 0 && filled < count; --times)
            rates[filled++] = rate;
        at = *end == ',' ? end + 1 : end;
    }
    if (filled == 0 && count > 0)
        return alx_fail(ALX_E_USAGE, "--lr-steps: no rate");
    for (; filled < count; ++filled)
        rates[filled] = rates[filled - 1];
    return 0;
}
