/* confusion.c - a confusion matrix as a picture: a row per label, a column per prediction. */
#include "alexnet/report.h"

#include <math.h>
#include <stdlib.h>

#define CONFUSION_SIDE 640  /* pixels, at least, of a small matrix */
#define CONFUSION_CELL_MAX 32

/* White for none, full colour for all of a row; the root shows rare confusions too. */
static void confusion_colour(uint8_t rgb[3], double share, bool right)
{
    static const double full[2][3] = { { 178, 24, 43 }, { 33, 102, 172 } };

    for (int c = 0; c < 3; ++c)
        rgb[c] = (uint8_t)lround(255.0 + sqrt(share) * (full[right][c] - 255.0));
}

static void draw_row(uint8_t *rgb, const uint32_t *counts, int classes, int label, int cell)
{
    const size_t side = (size_t)classes * (size_t)cell;
    double sum = 0.0;

    for (int c = 0; c < classes; ++c)
        sum += counts[c];
    for (size_t x = 0; x < side; ++x) {
        const int c = (int)(x / (size_t)cell);

        confusion_colour(rgb + 3 * x, sum > 0.0 ? counts[c] / sum : 0.0, c == label);
    }
}

int alx_plot_confusion(const char *png_path, const uint32_t *counts, int classes)
{
    const int fit = classes > 0 ? CONFUSION_SIDE / classes : 1;
    const int cell = fit < 1 ? 1 : fit > CONFUSION_CELL_MAX ? CONFUSION_CELL_MAX : fit;
    const size_t side = (size_t)classes * (size_t)cell;

    if (classes < 1 || side > 16384)
        return alx_fail(ALX_E_USAGE, "%s: a matrix of %d classes cannot be drawn", png_path,
                        classes);
    uint8_t *rgb = malloc(side * side * 3);

    if (rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", png_path);
    for (size_t y = 0; y < side; ++y) {
        const size_t label = y / (size_t)cell;

        draw_row(rgb + y * side * 3, counts + label * (size_t)classes, classes, (int)label, cell);
    }
    const int rc = alx_png_write(png_path, rgb, (int)side, (int)side);

    free(rgb);
    return rc;
}
