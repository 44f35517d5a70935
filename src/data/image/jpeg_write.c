/* jpeg_write.c - RGB to JPEG in memory. libjpeg reports by longjmp: see jpeg.c. */
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h names FILE */
#include <stdlib.h>
#include <stdnoreturn.h>

#include <jpeglib.h>

#include "data/image/image.h"

typedef struct jpeg_write_job {
    struct jpeg_compress_struct writer;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    uint8_t *bytes; /**< as jpeg_mem_dest allocates it */
    unsigned long count;
} jpeg_write_job;

static noreturn void jpeg_write_on_error(j_common_ptr common)
{
    jpeg_write_job *job = common->client_data;

    longjmp(job->escape, 1);
}

static bool jpeg_write_run(jpeg_write_job *job, const uint8_t *rgb, int size, int quality)
{
    struct jpeg_compress_struct *writer = &job->writer;

    if (setjmp(job->escape) != 0)
        return false;
    jpeg_create_compress(writer);
    jpeg_mem_dest(writer, &job->bytes, &job->count);
    writer->image_width = writer->image_height = (JDIMENSION)size;
    writer->input_components = 3;
    writer->in_color_space = JCS_RGB;
    jpeg_set_defaults(writer);
    jpeg_set_quality(writer, quality, TRUE);
    jpeg_start_compress(writer, TRUE);
    while (writer->next_scanline < writer->image_height) {
        const size_t at = (size_t)writer->next_scanline * (size_t)size * 3;
        JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + at); /* libjpeg does not write to it */

        jpeg_write_scanlines(writer, &row, 1);
    }
    jpeg_finish_compress(writer);
    return true;
}

int data_jpeg_encode(uint8_t **out, size_t *bytes, const uint8_t *rgb, int size, int quality)
{
    jpeg_write_job job = { .bytes = NULL };

    *out = NULL;
    job.writer.err = jpeg_std_error(&job.errors);
    job.writer.client_data = &job;
    job.errors.error_exit = jpeg_write_on_error;
    const bool done = jpeg_write_run(&job, rgb, size, quality);

    jpeg_destroy_compress(&job.writer);
    if (!done) {
        free(job.bytes);
        return alx_fail(ALX_E_MEMORY, "a JPEG of %d x %d cannot be made: out of host memory?", size,
                        size);
    }
    *out = job.bytes;
    *bytes = job.count;
    return 0;
}
