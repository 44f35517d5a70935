/* bench_decode.c - images a second of libjpeg-turbo alone, as djpeg uses it, of our decoding, of
 * decoding with resize and crop, and of the loader. Reads every file once before it times.
 *
 *     build/release/bench_decode imagenet-sample-500.tar */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "alexnet/data.h"
#include "base/clock.h"
#include "base/try.h"

#define SIZE 256
#define CROP 227
#define ROUNDS 3

typedef struct sample {
    uint8_t *bytes;
    size_t count;
} sample;

static int fail(int rc)
{
    fprintf(stderr, "bench_decode: %s\n", alx_status_text(rc));
    return alx_exit_code(rc);
}

static size_t read_samples(sample **out, const char *path)
{
    struct archive *tar = archive_read_new();
    struct archive_entry *entry = NULL;
    size_t count = 0;

    archive_read_support_format_tar(tar);
    if (archive_read_open_filename(tar, path, 65536) != ARCHIVE_OK)
        return 0;
    while (archive_read_next_header(tar, &entry) == ARCHIVE_OK) {
        const size_t bytes = (size_t)archive_entry_size(entry);
        sample *grown = bytes > 0 ? realloc(*out, (count + 1) * sizeof *grown) : NULL;

        if (grown == NULL)
            continue;
        *out = grown;
        grown[count] = (sample){ malloc(bytes), bytes };
        if (grown[count].bytes == NULL ||
            archive_read_data(tar, grown[count].bytes, bytes) != (la_ssize_t)bytes)
            return 0;
        ++count;
    }
    archive_read_free(tar);
    return count;
}

/* What djpeg does: header, rows of RGB, end. */
static int decode_plain(const sample *s)
{
    struct jpeg_decompress_struct reader;
    struct jpeg_error_mgr errors;

    reader.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&reader);
    jpeg_mem_src(&reader, s->bytes, s->count);
    jpeg_read_header(&reader, TRUE);
    reader.out_color_space = JCS_RGB;
    jpeg_start_decompress(&reader);
    uint8_t *rgb = malloc((size_t)reader.output_width * reader.output_height * 3);

    while (rgb != NULL && reader.output_scanline < reader.output_height) {
        JSAMPROW row = rgb + (size_t)reader.output_scanline * reader.output_width * 3;

        jpeg_read_scanlines(&reader, &row, 1);
    }
    jpeg_finish_decompress(&reader);
    jpeg_destroy_decompress(&reader);
    free(rgb);
    return 0;
}

static int decode_ours(const sample *s)
{
    alx_image image;
    const int rc = alx_image_decode(&image, s->bytes, s->count, 0, "sample");

    alx_image_free(&image);
    return rc;
}

static int decode_square(const sample *s)
{
    static uint8_t square[SIZE * SIZE * 3];
    alx_image image;
    int rc = alx_image_decode(&image, s->bytes, s->count, SIZE, "sample");

    if (rc == 0)
        rc = alx_image_resize_crop(square, &image, SIZE);
    alx_image_free(&image);
    return rc;
}

/* The best of some rounds: other work on the machine only slows. */
static int time_decoder(double *rate, const sample *samples, size_t count,
                        int (*decode)(const sample *))
{
    *rate = 0.0;
    for (int round = 0; round < ROUNDS; ++round) {
        const double start = base_seconds();

        for (size_t i = 0; i < count; ++i) {
            const int rc = decode(&samples[i]);

            if (rc != 0)
                return rc;
        }
        const double now = (double)count / (base_seconds() - start);

        *rate = now > *rate ? now : *rate;
    }
    return 0;
}

static int time_loader(double *rate, const char *path, int threads)
{
    const alx_data_config config = { .random_crop = true, .mirror = true };
    const alx_loader_options options = {
        .batch = 50,
        .size = SIZE,
        .crop_height = CROP,
        .crop_width = CROP,
        .threads = threads,
        .prefetch = 2,
        .shuffle = true,
        .augment = true,
        .config = &config,
    };
    alx_dataset *set = NULL;
    alx_subset all = { 0 };
    alx_loader *loader = NULL;
    alx_batch batch;
    int rc = 0;

    TRY_DONE(alx_dataset_open(&set, path, ALX_SPLIT_TRAIN));
    TRY_DONE(alx_subset_all(&all, set));
    TRY_DONE(alx_loader_create(&loader, set, &all, &options, 0, 0));
    const double start = base_seconds();
    const size_t batches = ROUNDS * alx_loader_batches(loader);

    for (size_t n = 0; n < batches; ++n) {
        TRY_DONE(alx_loader_next(loader, &batch));
        alx_loader_release(loader, &batch);
    }
    *rate = (double)(ROUNDS * all.count) / (base_seconds() - start);
done:
    alx_loader_free(loader);
    alx_subset_free(&all);
    alx_dataset_close(set);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*decode)(const sample *);
    } decoders[] = { { "libjpeg-turbo alone", decode_plain },
                     { "decoding", decode_ours },
                     { "decoding, resize, crop", decode_square } };
    sample *samples = NULL;
    const size_t count = argc == 2 ? read_samples(&samples, argv[1]) : 0;
    double rate = 0.0;
    int rc = 0;

    if (count == 0) {
        fprintf(stderr, "usage: bench_decode TAR, a tar of JPEGs\n");
        return 2;
    }
    for (size_t i = 0; i < ALX_COUNT(decoders); ++i) {
        TRY_DONE(time_decoder(&rate, samples, count, decoders[i].decode));
        printf("%-24s %7.0f images/s\n", decoders[i].name, rate);
    }
    for (int threads = 1; threads <= 2; ++threads) {
        TRY_DONE(time_loader(&rate, argv[1], threads));
        printf("loader, %d worker%s %14.0f images/s\n", threads, threads > 1 ? "s" : " ", rate);
    }
done:
    for (size_t i = 0; i < count; ++i)
        free(samples[i].bytes);
    free(samples);
    return rc != 0 ? fail(rc) : 0;
}
