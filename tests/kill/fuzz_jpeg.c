/* fuzz_jpeg.c - JPEG files, with their EXIF blocks. */
#include "fuzz_image.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h> /* jpeglib.h names FILE */

#include <jpeglib.h>

static jmp_buf escape;

static void leave(j_common_ptr info)
{
    (void)info;
    longjmp(escape, 1);
}

static void say_nothing(j_common_ptr info)
{
    (void)info;
}

/* False too where libjpeg finds no header; most such files are refused. */
static bool is_large(const uint8_t *data, size_t bytes)
{
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct info = { .err = jpeg_std_error(&errors) };
    volatile bool large = false;

    errors.error_exit = leave;
    errors.output_message = say_nothing;
    if (setjmp(escape) == 0) {
        jpeg_create_decompress(&info);
        jpeg_mem_src(&info, data, bytes);
        jpeg_read_header(&info, TRUE);
        large = (uint64_t)info.image_width * info.image_height > FUZZ_MAX_PIXELS;
    }
    jpeg_destroy_decompress(&info);
    return large;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes > 0 && !is_large(data, bytes))
        fuzz_image(data, bytes);
    return 0;
}
