/* pixels.c - the memory of an image's pixels. */
#include "data/image/image.h"

#include <stdlib.h>

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

void alx_image_free(alx_image *image)
{
    if (image == NULL)
        return;
    free(image->rgb);
    *image = (alx_image){ 0 };
}
