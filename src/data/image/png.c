/* png.c - PNG of any kind to 8-bit RGB through libpng: palettes and small depths expanded, 16 bits
 * rounded to 8, alpha dropped. libpng reports by longjmp: see jpeg.c. */
#include "data/image/image.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#include <png.h>

#include "base/try.h"

#define PNG_CHUNK_IDAT 0x49444154u
/* what libpng may need beside the file's own bytes: unpacked texts (PNG_USER_CHUNK_MALLOC_MAX is 8
 * MB) and the rows of the widest image (PNG_USER_WIDTH_MAX pixels of 8 bytes) */
#define PNG_MALLOC_EXTRA ((size_t)1 << 24)

typedef struct png_job {
    png_structp reader;
    png_infop info;
    jmp_buf escape;
    const char *name;
    const uint8_t *next;
    size_t left;
    size_t most; /* bytes that libpng may ask for at once */
    bool ended;  /* the bytes did, where libpng wanted more */
    alx_image image;
    int rc;
} png_job;

static noreturn void png_give_up(png_job *job, int rc)
{
    job->rc = rc;
    longjmp(job->escape, 1);
}

/* libpng numbers the row, or of an interlaced file the pass, that it would read next. */
static bool png_rows_are_read(const png_job *job)
{
    if (job->image.rgb == NULL)
        return false;
    if (png_get_interlace_type(job->reader, job->info) != PNG_INTERLACE_NONE)
        return png_get_current_pass_number(job->reader) >= PNG_INTERLACE_ADAM7_PASSES;
    return png_get_current_row_number(job->reader) >= (png_uint_32)job->image.height;
}

/* After the last row only a wrong check sum of the pixels still matters, not a missing one. */
static bool png_pixels_are_whole(const png_job *job)
{
    return png_rows_are_read(job) &&
           (job->ended || png_get_io_chunk_type(job->reader) != PNG_CHUNK_IDAT);
}

static noreturn void png_on_error(png_structp reader, png_const_charp text)
{
    png_job *job = png_get_error_ptr(reader);

    if (png_pixels_are_whole(job))
        png_give_up(job, 0);
    png_give_up(job, alx_fail(ALX_E_DATA, "%s: bad PNG: %s", job->name, text));
}

static void png_on_warning(png_structp reader, png_const_charp text)
{
    (void)reader;
    (void)text; /* libpng warns of metadata; what spoils pixels is an error */
}

static void png_on_read(png_structp reader, png_bytep bytes, size_t count)
{
    png_job *job = png_get_io_ptr(reader);

    if (count > job->left) {
        job->ended = true;
        png_give_up(job, png_pixels_are_whole(job)
                             ? 0
                             : alx_fail(ALX_E_DATA, "%s: truncated PNG", job->name));
    }
    memcpy(bytes, job->next, count);
    job->next += count;
    job->left -= count;
}

/* A chunk may claim 2 GB in a file of 200 bytes, and libpng would ask for them before it reads. */
static png_voidp png_on_malloc(png_structp reader, png_alloc_size_t bytes)
{
    const png_job *job = png_get_mem_ptr(reader);

    return bytes <= job->most ? malloc(bytes) : NULL;
}

static void png_on_free(png_structp reader, png_voidp memory)
{
    (void)reader;
    free(memory);
}

static void png_convert_to_rgb(png_structp reader)
{
    png_set_expand(reader);
    png_set_scale_16(reader);
    png_set_gray_to_rgb(reader);
    png_set_strip_alpha(reader);
}

static int png_run(png_job *job, size_t step)
{
    if (setjmp(job->escape) != 0)
        return job->rc;
    if (step > 0)
        png_set_compression_buffer_size(job->reader, step);
    png_set_read_fn(job->reader, job, png_on_read);
    png_read_info(job->reader, job->info);
    job->rc = data_image_alloc(&job->image, png_get_image_width(job->reader, job->info),
                               png_get_image_height(job->reader, job->info), job->name);
    if (job->rc != 0)
        return job->rc;
    png_convert_to_rgb(job->reader);
    const int passes = png_set_interlace_handling(job->reader);

    png_read_update_info(job->reader, job->info);
    for (int pass = 0; pass < passes; ++pass)
        for (int y = 0; y < job->image.height; ++y)
            png_read_row(job->reader, job->image.rgb + (size_t)y * (size_t)job->image.width * 3,
                         NULL);
    png_read_end(job->reader, job->info);
    return 0;
}

/* ---- metadata ------------------------------------------------------------------------------ */

/* "\nexif\n      38\n45786966..." as ImageMagick writes it; to `exif`, which has room for half of
 * the text's length. */
static size_t png_raw_profile(uint8_t *exif, const char *text, size_t bytes)
{
    size_t lines = 0, digits = 0;

    for (size_t i = 0; i < bytes; ++i) {
        const char *hex = "0123456789abcdef";
        const char *digit = memchr(hex, tolower((unsigned char)text[i]), 16);

        if (lines < 3 || isspace((unsigned char)text[i])) {
            lines += text[i] == '\n';
            continue;
        }
        if (digit == NULL)
            break;
        exif[digits / 2] = (uint8_t)(digits % 2 == 0 ? (digit - hex) << 4
                                                     : exif[digits / 2] | (digit - hex));
        ++digits;
    }
    return digits / 2;
}

/* The last text of that name. */
static const png_text *png_find_text(const png_job *job, const char *key)
{
    const png_text *found = NULL;
    png_textp texts = NULL;
    int count = 0;

    png_get_text(job->reader, job->info, &texts, &count);
    for (int i = 0; i < count; ++i)
        if (strcmp(texts[i].key, key) == 0)
            found = &texts[i];
    return found;
}

static size_t png_text_bytes(const png_text *text)
{
    return text->compression >= PNG_ITXT_COMPRESSION_NONE ? text->itxt_length : text->text_length;
}

static int png_orientation(int *orientation, const png_job *job)
{
    const png_text *raw = png_find_text(job, "Raw profile type exif");
    const png_text *xmp = png_find_text(job, "XML:com.adobe.xmp");
    data_metadata metadata = { .exif = NULL };
    uint8_t *unpacked = NULL;
    png_bytep exif = NULL;
    png_uint_32 bytes = 0;

    if (png_get_eXIf_1(job->reader, job->info, &bytes, &exif) != 0) {
        metadata.exif = exif;
        metadata.exif_bytes = bytes;
    } else if (raw != NULL) {
        unpacked = malloc(png_text_bytes(raw) / 2 + 1);
        if (unpacked == NULL)
            return alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->name);
        metadata.exif = unpacked;
        metadata.exif_bytes = png_raw_profile(unpacked, raw->text, png_text_bytes(raw));
    }
    if (xmp != NULL) {
        metadata.xmp = xmp->text;
        metadata.xmp_bytes = png_text_bytes(xmp);
    }
    *orientation = data_orientation(&metadata);
    free(unpacked);
    return 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* `step`: so many bytes of compressed pixels at a time; 0: as libpng likes. */
static int png_try(png_job *job, int *orientation, size_t step)
{
    int rc = 0;

    job->most = job->left + PNG_MALLOC_EXTRA;
    job->reader = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, job, png_on_error, png_on_warning,
                                           job, png_on_malloc, png_on_free);
    if (job->reader != NULL)
        job->info = png_create_info_struct(job->reader);
    if (job->info == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->name);
        goto done;
    }
    TRY_DONE(png_run(job, step));
    TRY_DONE(png_orientation(orientation, job));
done:
    png_destroy_read_struct(&job->reader, &job->info, NULL);
    return rc;
}

int data_png_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                    const char *name)
{
    png_job job = { .name = name, .next = bytes, .left = count };
    int rc = png_try(&job, orientation, 0);

    if (rc == ALX_E_DATA && job.ended && job.image.rgb != NULL) {
        /* the last row may need fewer bytes than libpng wants at once */
        alx_image_free(&job.image);
        job = (png_job){ .name = name, .next = bytes, .left = count };
        rc = png_try(&job, orientation, 1);
    }
    if (rc == 0) {
        *out = job.image;
        job.image.rgb = NULL;
    }
    alx_image_free(&job.image);
    return rc;
}
