/* png.c - PNG of any kind to 8-bit RGB through libpng: palettes and small depths expanded, 16 bits
 * rounded to 8, alpha dropped. libpng reports by longjmp: see jpeg.c. */
#include "data/image.h"

#include <setjmp.h>
#include <stdnoreturn.h>
#include <string.h>

#include <png.h>

typedef struct png_job {
    png_structp reader;
    png_infop info;
    jmp_buf escape;
    const char *name;
    const uint8_t *next;
    size_t left;
    alx_image image;
    int rc;
} png_job;

static noreturn void png_give_up(png_job *job, int rc)
{
    job->rc = rc;
    longjmp(job->escape, 1);
}

static noreturn void png_on_error(png_structp reader, png_const_charp text)
{
    png_job *job = png_get_error_ptr(reader);

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

    if (count > job->left)
        png_give_up(job, alx_fail(ALX_E_DATA, "%s: truncated PNG", job->name));
    memcpy(bytes, job->next, count);
    job->next += count;
    job->left -= count;
}

static void png_convert_to_rgb(png_structp reader)
{
    png_set_expand(reader);
    png_set_scale_16(reader);
    png_set_gray_to_rgb(reader);
    png_set_strip_alpha(reader);
}

static int png_run(png_job *job)
{
    if (setjmp(job->escape) != 0)
        return job->rc;
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
            png_read_row(job->reader,
                         job->image.rgb + (size_t)y * (size_t)job->image.width * 3, NULL);
    png_read_end(job->reader, job->info);
    return 0;
}

static int png_orientation(const png_job *job)
{
    png_bytep exif = NULL;
    png_uint_32 bytes = 0;

    if (png_get_eXIf_1(job->reader, job->info, &bytes, &exif) == 0)
        return 1;
    return data_exif_orientation(exif, bytes);
}

int data_png_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                    const char *name)
{
    png_job job = { .name = name, .next = bytes, .left = count };
    int rc = 0;

    job.reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, png_on_error, png_on_warning);
    if (job.reader != NULL)
        job.info = png_create_info_struct(job.reader);
    if (job.info == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", name);
        goto done;
    }
    TRY(png_run(&job));
    *orientation = png_orientation(&job);
    *out = job.image;
    job.image.rgb = NULL;
done:
    png_destroy_read_struct(&job.reader, &job.info, NULL);
    alx_image_free(&job.image);
    return rc;
}
