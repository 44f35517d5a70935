/* orientation.c - how a camera was held (EXIF tag 0x0112): 1 upright, 2 mirrored, 3 upside down,
 * 4 both, 5 to 8 the same with rows and columns exchanged. */
#include "data/image.h"

#include <stdlib.h>
#include <string.h>

#define TIFF_HEADER_BYTES 8
#define TIFF_ENTRY_BYTES 12
#define TIFF_SHORT 3
#define TIFF_ORIENTATION 0x0112

static uint32_t tiff_number(const uint8_t *at, int bytes, bool big_endian)
{
    uint32_t value = 0;

    for (int i = 0; i < bytes; ++i)
        value |= (uint32_t)at[i] << 8 * (big_endian ? bytes - 1 - i : i);
    return value;
}

int data_exif_orientation(const uint8_t *tiff, size_t bytes)
{
    if (bytes < TIFF_HEADER_BYTES || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
        return 1;
    const bool big = tiff[0] == 'M';
    const size_t start = tiff_number(tiff + 4, 4, big);

    if (start > bytes - 2)
        return 1;
    const size_t entries = tiff_number(tiff + start, 2, big);

    for (size_t i = 0; i < entries; ++i) {
        const size_t at = start + 2 + i * TIFF_ENTRY_BYTES;

        if (at + TIFF_ENTRY_BYTES > bytes)
            return 1;
        if (tiff_number(tiff + at, 2, big) != TIFF_ORIENTATION ||
            tiff_number(tiff + at + 2, 2, big) != TIFF_SHORT)
            continue;
        const uint32_t value = tiff_number(tiff + at + 8, 2, big);

        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int data_image_orient(alx_image *image, int orientation, const char *name)
{
    const bool turn = orientation >= 5;
    const bool flip_x = orientation == 2 || orientation == 3 || orientation >= 7;
    const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 ||
                        orientation == 7;
    const ptrdiff_t in_width = image->width, in_height = image->height;
    const ptrdiff_t width = turn ? in_height : in_width, height = turn ? in_width : in_height;

    if (orientation == 1)
        return 0;
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3), *out = rgb;

    if (rgb == NULL) {
        alx_image_free(image);
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory to turn it", name);
    }
    for (ptrdiff_t y = 0; y < height; ++y)
        for (ptrdiff_t x = 0; x < width; ++x, out += 3) {
            const ptrdiff_t column = turn ? y : x, row = turn ? x : y;
            const ptrdiff_t from = (flip_y ? in_height - 1 - row : row) * in_width +
                                   (flip_x ? in_width - 1 - column : column);

            memcpy(out, image->rgb + 3 * from, 3);
        }
    free(image->rgb);
    *image = (alx_image){
        .width = (int)width, .height = (int)height, .rgb = rgb,
        .full_width = turn ? image->full_height : image->full_width,
        .full_height = turn ? image->full_width : image->full_height,
        .fraction = image->fraction,
    };
    return 0;
}
