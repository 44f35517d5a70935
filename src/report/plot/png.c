/* png.c - 8-bit R,G,B pictures. */
#include "alexnet/dev/report.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_writer.h"
#include "base/try.h"

int alx_png_write(const char *path, const uint8_t *rgb, int width, int height)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB };
    png_alloc_size_t bytes = 0;
    uint8_t *png = NULL;
    int rc = 0;

    if (width < 1 || height < 1)
        return alx_fail(ALX_E_USAGE, "%s: a picture of %d x %d pixels", path, width, height);
    image.width = (png_uint_32)width;
    image.height = (png_uint_32)height;
    bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
    png = malloc(bytes);
    if (png == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for %d x %d pixels", path, width,
                      height);
        goto done;
    }
    if (!png_image_write_to_memory(&image, png, &bytes, 0, rgb, 0, NULL)) {
        rc = alx_fail(ALX_E_IO, "%s: %s", path, image.message);
        goto done;
    }
    TRY_DONE(base_file_write(path, png, bytes));
done:
    free(png);
    return rc;
}
