/* statistics.c - mean image, channel means and covariance of the training images. All sums are of
 * integers, so their order, and with it the number of threads, changes nothing. */
#include "data/statistics/cache.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "data/set.h"

#define STATISTICS_BATCH 32

/** Exact sums over images. */
typedef struct statistics_sums {
    uint64_t *pixel;        /**< (size, size, 3) */
    uint64_t product[3][3]; /**< over all pixels, of channels i <= j */
    size_t images;
} statistics_sums;

static void statistics_add(statistics_sums *sums, const uint8_t *image, size_t pixels)
{
    uint64_t rr = 0, rg = 0, rb = 0, gg = 0, gb = 0, bb = 0;

    for (size_t i = 0; i < pixels * 3; ++i)
        sums->pixel[i] += image[i];
    for (size_t i = 0; i < pixels; ++i, image += 3) {
        const uint32_t r = image[0], g = image[1], b = image[2];

        rr += r * r;
        rg += r * g;
        rb += r * b;
        gg += g * g;
        gb += g * b;
        bb += b * b;
    }
    sums->product[0][0] += rr;
    sums->product[0][1] += rg;
    sums->product[0][2] += rb;
    sums->product[1][1] += gg;
    sums->product[1][2] += gb;
    sums->product[2][2] += bb;
    ++sums->images;
}

/* One pass of the loader over the subset. */
static int statistics_gather(statistics_sums *sums, const alx_dataset *set,
                             const alx_subset *subset, const alx_statistics_options *options)
{
    const alx_loader_options whole_images = {
        .batch = STATISTICS_BATCH,
        .size = options->size,
        .crop_height = options->size,
        .crop_width = options->size,
        .threads = options->threads,
        .prefetch = 2,
        .skip_bad = options->skip_bad,
    };
    const size_t pixels = (size_t)options->size * (size_t)options->size;
    alx_loader *loader = NULL;
    alx_batch batch;
    int rc = 0;

    TRY_DONE(alx_loader_create(&loader, set, subset, &whole_images, 0, 0));
    for (size_t n = alx_loader_batches(loader); n > 0; --n) {
        if (options->interrupt != NULL && *options->interrupt != 0) {
            rc = alx_fail(ALX_E_INTERRUPTED, "interrupted while the mean was computed");
            goto done;
        }
        TRY_DONE(alx_loader_next(loader, &batch));
        for (int i = 0; i < batch.count; ++i)
            statistics_add(sums, batch.images + (size_t)i * pixels * 3, pixels);
        alx_loader_release(loader, &batch);
    }
    if (sums->images == 0)
        rc = alx_fail(ALX_E_DATA, "none of %zu images can be decoded", subset->count);
done:
    alx_loader_free(loader);
    return rc;
}

static void statistics_conclude(alx_statistics *out, const statistics_sums *sums)
{
    const size_t pixels = (size_t)out->size * (size_t)out->size;
    const double all = (double)sums->images * (double)pixels;
    uint64_t channel[3] = { 0, 0, 0 };

    for (size_t i = 0; i < pixels * 3; ++i) {
        out->mean_image[i] = (float)((double)sums->pixel[i] / (double)sums->images);
        channel[i % 3] += sums->pixel[i];
    }
    for (int i = 0; i < 3; ++i)
        out->mean[i] = (double)channel[i] / all;
    for (int i = 0; i < 3; ++i)
        for (int j = i; j < 3; ++j)
            out->covariance[i][j] = out->covariance[j][i] = (double)sums->product[i][j] / all -
                                                            out->mean[i] * out->mean[j];
    for (int i = 0; i < 3; ++i)
        out->deviation[i] = sqrt(fmax(0.0, out->covariance[i][i]));
    out->images = sums->images;
}

static int statistics_from_images(alx_statistics *out, const alx_dataset *set,
                                  const alx_subset *subset, const alx_statistics_options *options)
{
    const size_t count = (size_t)options->size * (size_t)options->size * 3;
    statistics_sums sums = { .pixel = calloc(count, sizeof *sums.pixel) };
    int rc = 0;

    out->size = options->size;
    out->mean_image = malloc(count * sizeof *out->mean_image);
    if (sums.pixel == NULL || out->mean_image == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a mean image of %d x %d", out->size,
                      out->size);
        goto done;
    }
    TRY_DONE(statistics_gather(&sums, set, subset, options));
    statistics_conclude(out, &sums);
done:
    free(sums.pixel);
    return rc;
}

int alx_statistics_compute(alx_statistics *out, const alx_dataset *set, const alx_subset *subset,
                           const alx_statistics_options *options)
{
    const int size = options->size;
    alx_statistics statistics = { 0 };
    char path[PATH_MAX];
    int rc = 0;

    *out = (alx_statistics){ 0 };
    const bool cache = data_statistics_path(path, sizeof path, set, subset, size);
    const bool stored = set->statistics != NULL && subset->count == alx_dataset_count(set);
    const size_t min_images = options->skip_bad ? 1 : subset->count;

    if ((!stored || !data_statistics_read(&statistics, set->statistics, size, min_images)) &&
        (!cache || !data_statistics_read(&statistics, path, size, min_images))) {
        alx_info("mean and covariance of %zu images are computed", subset->count);
        TRY_DONE(statistics_from_images(&statistics, set, subset, options));
        if (cache && data_statistics_write(&statistics, path) != 0)
            alx_debug("statistics are not kept: %s", path);
    }
    alx_eigen3(statistics.eigenvalues, statistics.eigenvectors,
               (const double(*)[3])statistics.covariance);
    *out = statistics;
    statistics.mean_image = NULL;
done:
    alx_statistics_free(&statistics);
    return rc;
}

void alx_statistics_of_pixels(alx_statistics *out, const uint8_t *rgb, size_t count)
{
    uint64_t pixel[3] = { 0, 0, 0 };
    float mean[3];
    statistics_sums sums = { .pixel = pixel };

    *out = (alx_statistics){ .size = 1, .mean_image = mean }; /* as many images of one pixel */
    for (size_t i = 0; i < count; ++i)
        statistics_add(&sums, rgb + 3 * i, 1);
    statistics_conclude(out, &sums);
    out->mean_image = NULL;
    alx_eigen3(out->eigenvalues, out->eigenvectors, (const double(*)[3])out->covariance);
}

void alx_statistics_free(alx_statistics *statistics)
{
    if (statistics == NULL)
        return;
    free(statistics->mean_image);
    *statistics = (alx_statistics){ 0 };
}
