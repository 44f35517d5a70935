/* fuzz_image.c - what is done with an image file, of whatever format. */
#include "fuzz_image.h"

#include <string.h>

#include "alexnet/data.h"

static void decode(const uint8_t *data, size_t bytes, int size)
{
    static const char name[] = "fuzzed image";
    uint8_t square[16 * 16 * 3];
    alx_image image;
    const int rc = alx_image_decode(&image, data, bytes, size, name);

    fuzz_expect_named(rc, name);
    if (rc == 0)
        fuzz_expect_named(alx_image_resize_crop(square, &image, 16), NULL);
    else
        fuzz_expect(image.rgb == NULL, "an image that is refused has no pixels");
    alx_image_free(&image);
}

void fuzz_image(const uint8_t *data, size_t bytes)
{
    decode(data, bytes, 0);
    decode(data, bytes, 16);
}
