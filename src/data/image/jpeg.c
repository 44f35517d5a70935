/* jpeg.c - JPEG to RGB through libjpeg, which reports by longjmp: everything that must survive the
 * jump lives in `jpeg_job`, outside the function that calls setjmp. Colours as Pillow computes
 * them, CMYK included. A file is refused where pixels are lost, and read where all of them are
 * there, whatever else is wrong with it. */
#include "data/image/image.h"

#include <setjmp.h>
#include <stdio.h> /* jpeglib.h names FILE */
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "alexnet/log.h"
#include "base/try.h"

#define JPEG_MAX_SCANS 500 /* a small progressive file can ask for hours of scans */

typedef struct jpeg_job {
    struct jpeg_decompress_struct reader;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const char *name;
    alx_image image;
    int orientation;
    bool sent[MAX_COMPONENTS]; /* in a scan, of a file that has more than one */
    bool ended;                /* the bytes did, before an end of image */
    bool whole;                /* all pixels are there */
    const uint8_t *bytes;
    size_t scanned; /* bytes read so far if all scans have begun, else 0 */
    size_t use;     /* bytes before what stopped libjpeg, if they may do, else 0 */
    long warnings;  /* that cost none of them */
    char first_warning[JMSG_LENGTH_MAX];
    int rc;
} jpeg_job;

/* ---- what libjpeg says --------------------------------------------------------------------- */

/* libjpeg invents pixels after some warnings; others leave all of them whole. One that is not here
 * counts as the first kind. */
static const struct {
    int code;
    bool lost;
} jpeg_warnings[] = {
    { JWRN_ADOBE_XFORM, false }, /* the colour space is guessed, as everybody does */
    { JWRN_ARITH_BAD_CODE, true },    { JWRN_BOGUS_ICC, false },
    { JWRN_BOGUS_PROGRESSION, true }, /* but see jpeg_loses_pixels */
    { JWRN_EXTRANEOUS_DATA, false },  /* padding before a marker */
    { JWRN_HIT_MARKER, true },        /* the decoder wanted a bit that is not there */
    { JWRN_HUFF_BAD_CODE, true },     { JWRN_JFIF_MAJOR, false },
    { JWRN_JPEG_EOF, false },       /* read ahead: a bit that is missing says so itself, and what
                                         only an end of image would show, jpeg_scans_are_whole */
    { JWRN_MUST_RESYNC, true },     /* a restart interval is missing */
    { JWRN_NOT_SEQUENTIAL, false }, /* progressive JPEG's fields, which mean nothing in others */
    { JWRN_TOO_MUCH_DATA, false },
};

static bool jpeg_loses_pixels(const jpeg_job *job)
{
    const struct jpeg_error_mgr *errors = &job->errors;
    const bool early_detail = errors->msg_code == JWRN_BOGUS_PROGRESSION && job->reader.Ss > 0 &&
                              errors->msg_parm.i[1] == 0; /* before the average it is added to */

    for (size_t i = 0; i < ALX_COUNT(jpeg_warnings); ++i)
        if (jpeg_warnings[i].code == errors->msg_code)
            return jpeg_warnings[i].lost && !early_detail;
    return true;
}

static noreturn void jpeg_give_up(jpeg_job *job, int rc)
{
    job->rc = rc;
    longjmp(job->escape, 1);
}

/* Kinds of JPEG by the marker that libjpeg stumbles over; NULL: none of JPEG's. */
static const char *jpeg_kind(int marker)
{
    switch (marker) {
    case 0xC3:
        return "a lossless JPEG (SOF3), which needs libjpeg-turbo 3";
    case 0xC9:
    case 0xCA:
    case 0xCB:
        return "a JPEG with arithmetic coding, which this libjpeg lacks";
    case 0xC5:
    case 0xC6:
    case 0xC7:
    case 0xCD:
    case 0xCE:
    case 0xCF:
    case 0xDE:
        return "a hierarchical JPEG";
    case 0xF7:
        return "a JPEG-LS image";
    default:
        return NULL;
    }
}

/* 0 unless the file is sound, but of a kind that libjpeg does not read. */
static int jpeg_refuse_kind(const jpeg_job *job)
{
    static const char advice[] = "convert it to an ordinary JPEG or to PNG";
    const int code = job->errors.msg_code, detail = job->errors.msg_parm.i[0];
    const char *kind = NULL;

    if (code == JERR_BAD_PRECISION)
        return alx_fail(ALX_E_DATA, "%s: a JPEG of %d bits a sample; only 8 can be read: %s",
                        job->name, detail, advice);
    if (code == JERR_ARITH_NOTIMPL)
        kind = jpeg_kind(0xC9);
    else if (code == JERR_SOF_UNSUPPORTED || code == JERR_UNKNOWN_MARKER)
        kind = jpeg_kind(detail);
    return kind != NULL ? alx_fail(ALX_E_DATA, "%s: %s: %s", job->name, kind, advice) : 0;
}

/* For files of several scans. A file that ended properly may lack some of a component's bits, but
 * not all of them; one that did not must have delivered every bit. */
static bool jpeg_scans_are_whole(const jpeg_job *job, bool ended)
{
    const struct jpeg_decompress_struct *reader = &job->reader;

    for (int c = 0; c < reader->num_components; ++c) {
        if (!job->sent[c] || (reader->progressive_mode && reader->coef_bits[c][0] < 0))
            return false;
        for (int i = 0; ended && reader->progressive_mode && i < DCTSIZE2; ++i)
            if (reader->coef_bits[c][i] != 0)
                return false;
    }
    return true;
}

static noreturn void jpeg_refuse(jpeg_job *job)
{
    const int rc = jpeg_refuse_kind(job);
    char text[JMSG_LENGTH_MAX];

    if (rc != 0)
        jpeg_give_up(job, rc);
    job->errors.format_message((j_common_ptr)&job->reader, text);
    jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: bad JPEG: %s", job->name, text));
}

static noreturn void jpeg_on_error(j_common_ptr common)
{
    jpeg_job *job = common->client_data;

    if (job->whole) /* what follows the last row does not matter */
        jpeg_give_up(job, 0);
    if (common->err->msg_code == JERR_OUT_OF_MEMORY)
        jpeg_give_up(job, alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->name));
    job->use = job->scanned; /* nor does what follows the last scan, but libjpeg stops at it */
    if (job->ended)
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: truncated JPEG", job->name));
    jpeg_refuse(job);
}

static void jpeg_on_message(j_common_ptr common, int level)
{
    jpeg_job *job = common->client_data;

    if (level >= 0)
        return;
    job->ended = job->ended || common->err->msg_code == JWRN_JPEG_EOF;
    if (job->whole || !jpeg_loses_pixels(job)) {
        if (job->warnings++ == 0)
            common->err->format_message(common, job->first_warning);
        return;
    }
    if (common->err->msg_code == JWRN_HIT_MARKER || job->ended)
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: truncated JPEG", job->name));
    jpeg_refuse(job);
}

/* Called before each piece of a file with several scans. */
static void jpeg_on_progress(j_common_ptr common)
{
    jpeg_job *job = common->client_data;
    const struct jpeg_decompress_struct *reader = &job->reader;

    for (int i = 0; i < reader->comps_in_scan; ++i)
        job->sent[reader->cur_comp_info[i]->component_index] = true;
    if (job->ended || !jpeg_scans_are_whole(job, true))
        job->scanned = 0;
    else
        job->scanned = (size_t)(reader->src->next_input_byte - job->bytes) -
                       (reader->unread_marker != 0 ? 2 : 0);
    if (reader->input_scan_number > JPEG_MAX_SCANS)
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: bad JPEG: more than %d scans", job->name,
                                   JPEG_MAX_SCANS));
}

/* ---- pixels -------------------------------------------------------------------------------- */

/* a * b / 255, rounded as Pillow rounds it */
static uint32_t jpeg_scale_255(uint32_t a, uint32_t b)
{
    const uint32_t product = a * b + 128;

    return ((product >> 8) + product) >> 8;
}

/* CMYK is stored inverted, 255 is no ink: Adobe's way, which files without its marker follow
 * too. */
static void jpeg_row_from_cmyk(uint8_t *rgb, const uint8_t *cmyk, size_t pixels)
{
    for (size_t i = 0; i < pixels; ++i) {
        const uint32_t light = cmyk[i * 4 + 3];

        for (size_t c = 0; c < 3; ++c)
            rgb[i * 3 + c] = (uint8_t)(light - jpeg_scale_255(255u - cmyk[i * 4 + c], light));
    }
}

static void jpeg_row_from_gray(uint8_t *rgb, const uint8_t *gray, size_t pixels)
{
    for (size_t i = 0; i < pixels; ++i)
        memset(rgb + i * 3, gray[i], 3);
}

static void jpeg_read_rows(jpeg_job *job)
{
    struct jpeg_decompress_struct *reader = &job->reader;
    const size_t width = reader->output_width;
    const J_COLOR_SPACE space = reader->out_color_space;
    JSAMPARRAY samples = NULL; /* one row that is no RGB yet, freed with the reader */

    if (space != JCS_RGB)
        samples = reader->mem->alloc_sarray((j_common_ptr)reader, JPOOL_IMAGE,
                                            (JDIMENSION)width * 4, 1);
    while (reader->output_scanline < reader->output_height) {
        JSAMPROW rgb = job->image.rgb + reader->output_scanline * width * 3;

        jpeg_read_scanlines(reader, samples != NULL ? samples : &rgb, 1);
        if (space == JCS_CMYK)
            jpeg_row_from_cmyk(rgb, samples[0], width);
        else if (space == JCS_GRAYSCALE)
            jpeg_row_from_gray(rgb, samples[0], width);
    }
}

static void jpeg_check_whole(jpeg_job *job)
{
    struct jpeg_decompress_struct *reader = &job->reader;
    /* zeros are part of arithmetic code: its decoder cannot tell that it wants more */
    const bool cut_arithmetic = reader->arith_code && job->ended;

    if (cut_arithmetic ||
        (jpeg_has_multiple_scans(reader) && !jpeg_scans_are_whole(job, job->ended)))
        jpeg_give_up(job, alx_fail(ALX_E_DATA, "%s: truncated JPEG", job->name));
    job->whole = true;
}

/* Returns what follows `prefix` in the first marker, or the last, that begins with it. */
static const uint8_t *jpeg_find_marker(size_t *bytes, const struct jpeg_decompress_struct *reader,
                                       const char *prefix, size_t length, bool last)
{
    const uint8_t *found = NULL;

    for (jpeg_saved_marker_ptr m = reader->marker_list; m != NULL; m = m->next)
        if (m->data_length >= length && memcmp(m->data, prefix, length) == 0) {
            found = m->data + length;
            *bytes = m->data_length - length;
            if (!last)
                break;
        }
    return found;
}

static int jpeg_orientation(const struct jpeg_decompress_struct *reader)
{
    static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/xap/1.0/";
    data_metadata metadata = { .exif = NULL };

    metadata.exif = jpeg_find_marker(&metadata.exif_bytes, reader, exif, sizeof exif, false);
    metadata.xmp = (const char *)jpeg_find_marker(&metadata.xmp_bytes, reader, xmp, sizeof xmp,
                                                  true);
    return data_orientation(&metadata);
}

/* ---- the whole ----------------------------------------------------------------------------- */

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

    TRY(data_image_check(width, height, job->name));
    reader->scale_num = 1;
    reader->scale_denom = jpeg_denominator(width, height, size);
    jpeg_calc_output_dimensions(reader);
    TRY(data_image_alloc(&job->image, reader->output_width, reader->output_height, job->name));
    if (reader->output_width < width) { /* lossless files come whole whatever is asked for */
        job->image.full_width = (int)width;
        job->image.full_height = (int)height;
        job->image.fraction = (int)reader->scale_denom;
    }
    return 0;
}

static int jpeg_run(jpeg_job *job, size_t count, int size)
{
    struct jpeg_decompress_struct *reader = &job->reader;

    if (setjmp(job->escape) != 0)
        return job->rc;
    jpeg_create_decompress(reader);
    reader->progress = &job->progress;
    jpeg_mem_src(reader, job->bytes, (unsigned long)count);
    jpeg_save_markers(reader, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(reader, TRUE);
    job->orientation = jpeg_orientation(reader);
    job->rc = jpeg_alloc(job, size);
    if (job->rc != 0)
        return job->rc;
    if (reader->jpeg_color_space == JCS_CMYK || reader->jpeg_color_space == JCS_YCCK)
        reader->out_color_space = JCS_CMYK;
    else if (reader->jpeg_color_space == JCS_GRAYSCALE)
        reader->out_color_space = JCS_GRAYSCALE; /* of lossless files libjpeg converts none */
    else
        reader->out_color_space = JCS_RGB;
    jpeg_start_decompress(reader);
    jpeg_read_rows(job);
    jpeg_check_whole(job);
    jpeg_finish_decompress(reader);
    return 0;
}

static int jpeg_try(jpeg_job *job, size_t count, int size)
{
    int rc = 0;

    job->reader.err = jpeg_std_error(&job->errors);
    job->reader.client_data = job;
    job->errors.error_exit = jpeg_on_error;
    job->errors.emit_message = jpeg_on_message;
    job->progress.progress_monitor = jpeg_on_progress;
    rc = jpeg_run(job, count, size);
    jpeg_destroy_decompress(&job->reader);
    return rc;
}

int data_jpeg_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count, int size,
                     const char *name)
{
    jpeg_job job = { .name = name, .bytes = bytes };
    int rc = jpeg_try(&job, count, size);

    if (rc == ALX_E_DATA && job.use > 0) {
        count = job.use;
        alx_image_free(&job.image);
        job = (jpeg_job){ .name = name, .bytes = bytes };
        rc = jpeg_try(&job, count, size);
    }
    if (rc != 0) {
        alx_image_free(&job.image);
        return rc;
    }
    if (job.warnings > 0)
        alx_debug("%s: all pixels are there despite %ld warning%s of libjpeg: %s", name,
                  job.warnings, job.warnings > 1 ? "s" : "", job.first_warning);
    *orientation = job.orientation;
    *out = job.image;
    return 0;
}
