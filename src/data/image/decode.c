/* decode.c - an image file by its content: JPEG or PNG, whatever its name says. */
#include "data/image/image.h"

#include <stdlib.h>
#include <string.h>

int data_image_check(uint64_t width, uint64_t height, const char *name)
{
    if (width == 0 || height == 0)
        return alx_fail(ALX_E_DATA, "%s: an image without pixels", name);
    if (width > ALX_MAX_PIXELS || height > ALX_MAX_PIXELS || width * height > ALX_MAX_PIXELS)
        return alx_fail(ALX_E_DATA, "%s: %llu x %llu pixels, more than the limit of %d megapixels",
                        name, (unsigned long long)width, (unsigned long long)height,
                        ALX_MAX_PIXELS / 1000000);
    return 0;
}

int data_image_alloc(alx_image *image, uint64_t width, uint64_t height, const char *name)
{
    const int rc = data_image_check(width, height, name);

    if (rc != 0)
        return rc;
    image->rgb = malloc((size_t)(width * height) * 3);
    if (image->rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for %llu x %llu pixels", name,
                        (unsigned long long)width, (unsigned long long)height);
    image->width = (int)width;
    image->height = (int)height;
    return 0;
}

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

void alx_image_free(alx_image *image)
{
    if (image == NULL)
        return;
    free(image->rgb);
    *image = (alx_image){ 0 };
}
