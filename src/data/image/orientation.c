/* orientation.c - pixels turned by how the camera was held: 1 upright, 2 mirrored, 3 upside down,
 * 4 both, 5 to 8 the same with rows and columns exchanged. */
#include "data/image/image.h"

#include <stdlib.h>
#include <string.h>

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
        .width = (int)width,
        .height = (int)height,
        .rgb = rgb,
        .full_width = turn ? image->full_height : image->full_width,
        .full_height = turn ? image->full_width : image->full_height,
        .fraction = image->fraction,
    };
    return 0;
}
