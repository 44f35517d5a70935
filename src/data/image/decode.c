/* decode.c - an image file by its content: JPEG or PNG, whatever its name says. */
#include "data/image/image.h"

#include <string.h>

#include "base/try.h"

int alx_image_decode(alx_image *out, const uint8_t *bytes, size_t count, int size, const char *name)
{
    static const uint8_t jpeg_start[] = { 0xFF, 0xD8, 0xFF };
    static const uint8_t png_start[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };
    int orientation = 1, rc = 0;

    *out = (alx_image){ 0 };
    if (count >= sizeof jpeg_start && memcmp(bytes, jpeg_start, sizeof jpeg_start) == 0)
        rc = data_jpeg_decode(out, &orientation, bytes, count, size, name);
    else if (count >= sizeof png_start && memcmp(bytes, png_start, sizeof png_start) == 0)
        rc = data_png_decode(out, &orientation, bytes, count, name);
    else
        rc = data_image_refuse(bytes, count, name);
    return rc != 0 ? rc : data_image_orient(out, orientation, name);
}

int data_image_load(uint8_t *rgb, const uint8_t *bytes, size_t count, int size, bool whole,
                    const char *name)
{
    alx_image image = { 0 };
    int rc = 0;

    TRY_DONE(alx_image_decode(&image, bytes, count, whole ? 0 : size, name));
    TRY_DONE(alx_image_resize_crop(rgb, &image, size));
done:
    alx_image_free(&image);
    return rc;
}
