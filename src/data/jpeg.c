/* jpeg.c - JPEG to RGB through libjpeg, which reports by longjmp: everything that must survive the
 * jump lives in `jpeg_job`, outside the function that calls setjmp. Colours as Pillow computes
 * them, CMYK included. */
#include "data/image.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h names FILE */
#include <stdlib.h>
#include <string.h>
#include <stdnoreturn.h>

#include <jpeglib.h>

#include <jerror.h>

#define JPEG_MAX_SCANS 500 /* a small progressive file can ask for hours of scans */

typedef struct jpeg_job {
    struct jpeg_decompress_struct reader;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const char *name;
    alx_image image;
    int orientation;
    int rc;
} jpeg_job;

static noreturn void jpeg_give_up(jpeg_job *job, int rc)
{
    job->rc = rc;
    longjmp(job->escape, 1);
}

static noreturn void jpeg_on_error(j_common_ptr common)
{
    jpeg_job *job = common->client_data;
    char text[JMSG_LENGTH_MAX];

    if (common->err->msg_code == JERR_OUT_OF_MEMORY)
        jpeg_give_up(job, alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->name));
    common->err->format_message(common, text);
    jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: bad JPEG: %s", job->name, text));
}

/* libjpeg invents pixels after a warning; only those that leave all pixels whole are let pass. */
static void jpeg_on_message(j_common_ptr common, int level)
{
    jpeg_job *job = common->client_data;

    if (level >= 0)
        return;
    switch (common->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
        return;
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: truncated JPEG", job->name));
    default:
        jpeg_on_error(common);
    }
}

static void jpeg_on_progress(j_common_ptr common)
{
    jpeg_job *job = common->client_data;

    if (job->reader.input_scan_number > JPEG_MAX_SCANS)
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: bad JPEG: more than %d scans", job->name,
                                   JPEG_MAX_SCANS));
}

/* a * b / 255, rounded as Pillow rounds it */
static uint32_t jpeg_scale_255(uint32_t a, uint32_t b)
{
    const uint32_t product = a * b + 128;

    return ((product >> 8) + product) >> 8;
}

/* Adobe's programs store CMYK inverted: 255 is no ink. */
static void jpeg_row_from_cmyk(uint8_t *rgb, const uint8_t *cmyk, size_t pixels, bool inverted)
{
    const uint32_t flip = inverted ? 255 : 0;

    for (size_t i = 0; i < pixels; ++i) {
        const uint32_t light = 255 - (cmyk[i * 4 + 3] ^ flip);

        for (size_t c = 0; c < 3; ++c)
            rgb[i * 3 + c] = (uint8_t)(light - jpeg_scale_255(cmyk[i * 4 + c] ^ flip, light));
    }
}

static void jpeg_read_rows(jpeg_job *job)
{
    struct jpeg_decompress_struct *reader = &job->reader;
    const size_t width = reader->output_width;
    const bool cmyk = reader->out_color_space == JCS_CMYK;
    JSAMPARRAY inks = NULL; /* one row, freed with the reader */

    if (cmyk)
        inks = reader->mem->alloc_sarray((j_common_ptr)reader, JPOOL_IMAGE, (JDIMENSION)width * 4,
                                         1);
    while (reader->output_scanline < reader->output_height) {
        JSAMPROW rgb = job->image.rgb + reader->output_scanline * width * 3;

        jpeg_read_scanlines(reader, cmyk ? inks : &rgb, 1);
        if (cmyk)
            jpeg_row_from_cmyk(rgb, inks[0], width, reader->saw_Adobe_marker);
    }
}

static int jpeg_orientation(const struct jpeg_decompress_struct *reader)
{
    static const uint8_t start[] = { 'E', 'x', 'i', 'f', 0, 0 };

    for (jpeg_saved_marker_ptr m = reader->marker_list; m != NULL; m = m->next)
        if (m->data_length >= sizeof start && memcmp(m->data, start, sizeof start) == 0)
            return data_exif_orientation(m->data + sizeof start, m->data_length - sizeof start);
    return 1;
}

/* Powers of two: libjpeg-turbo has vector code for these only. */
static unsigned jpeg_denominator(unsigned width, unsigned height, int size)
{
    const unsigned shorter = width < height ? width : height;
    const unsigned wanted = (unsigned)size + (unsigned)size / 4;
    unsigned denominator = 1;

    while (size > 0 && denominator < 8 && shorter / (2 * denominator) >= wanted)
        denominator *= 2;
    return denominator;
}

static int jpeg_alloc(jpeg_job *job, int size)
{
    struct jpeg_decompress_struct *reader = &job->reader;
    const unsigned width = reader->image_width, height = reader->image_height;
    int rc = 0;

    TRY(data_image_check(width, height, job->name));
    reader->scale_num = 1;
    reader->scale_denom = jpeg_denominator(width, height, size);
    jpeg_calc_output_dimensions(reader);
    TRY(data_image_alloc(&job->image, reader->output_width, reader->output_height, job->name));
    if (reader->scale_denom > 1) {
        job->image.full_width = (int)width;
        job->image.full_height = (int)height;
        job->image.fraction = (int)reader->scale_denom;
    }
done:
    return rc;
}

static int jpeg_run(jpeg_job *job, const uint8_t *bytes, size_t count, int size)
{
    struct jpeg_decompress_struct *reader = &job->reader;

    if (setjmp(job->escape) != 0)
        return job->rc;
    jpeg_create_decompress(reader);
    reader->progress = &job->progress;
    jpeg_mem_src(reader, bytes, (unsigned long)count);
    jpeg_save_markers(reader, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(reader, TRUE);
    job->orientation = jpeg_orientation(reader);
    job->rc = jpeg_alloc(job, size);
    if (job->rc != 0)
        return job->rc;
    if (reader->jpeg_color_space == JCS_CMYK || reader->jpeg_color_space == JCS_YCCK)
        reader->out_color_space = JCS_CMYK;
    else
        reader->out_color_space = JCS_RGB;
    jpeg_start_decompress(reader);
    jpeg_read_rows(job);
    jpeg_finish_decompress(reader);
    return 0;
}

int data_jpeg_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                     int size, const char *name)
{
    jpeg_job job = { .name = name };
    int rc = 0;

    job.reader.err = jpeg_std_error(&job.errors);
    job.reader.client_data = &job;
    job.errors.error_exit = jpeg_on_error;
    job.errors.emit_message = jpeg_on_message;
    job.progress.progress_monitor = jpeg_on_progress;
    TRY(jpeg_run(&job, bytes, count, size));
    *orientation = job.orientation;
    *out = job.image;
    job.image.rgb = NULL;
done:
    jpeg_destroy_decompress(&job.reader);
    alx_image_free(&job.image);
    return rc;
}
