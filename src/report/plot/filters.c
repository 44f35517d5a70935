/* filters.c - first-layer filters as a picture, like figure 3 of the paper. */
#include "alexnet/dev/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the tiles go, in pixels. */
typedef struct filter_grid {
    int columns, rows; /* rows of one tower */
    int pitch, gap;    /* from tile to tile; between tiles and around */
    int tower_pitch;   /* from a tower's first row to the next one's */
    int width, height;
} filter_grid;

/* Columns near sqrt(8/3 * count), 16 for the paper's 96 filters; without a ragged last row if a
 * number up to twice that divides a tower's filters. */
static int grid_columns(int count, int tower_count)
{
    const int ideal = (int)ceil(sqrt(count * 8.0 / 3.0) - 1e-9);

    for (int columns = ideal; columns <= 2 * ideal && columns <= tower_count; ++columns)
        if (tower_count % columns == 0)
            return columns;
    return ideal < tower_count ? ideal : tower_count;
}

static filter_grid make_grid(int count, int side, int towers, int scale)
{
    const int tower_count = (count + towers - 1) / towers;
    filter_grid grid = { .columns = grid_columns(count, tower_count), .gap = scale };

    grid.rows = (tower_count + grid.columns - 1) / grid.columns;
    grid.pitch = side * scale + grid.gap;
    grid.tower_pitch = grid.rows * grid.pitch + 4 * grid.gap;
    grid.width = grid.columns * grid.pitch + grid.gap;
    grid.height = towers * grid.tower_pitch - 3 * grid.gap;
    return grid;
}

/* 0 is grey, the largest magnitude of all filters black or white. */
static uint8_t weight_level(float weight, float largest)
{
    const float level = 127.5f + (largest > 0.0f ? 127.5f * weight / largest : 0.0f);

    return isfinite(level) ? (uint8_t)lroundf(fminf(fmaxf(level, 0.0f), 255.0f)) : 0;
}

static void draw_filter(uint8_t *rgb, const filter_grid *grid, int left, int top,
                        const float *filter, int side, int scale, float largest)
{
    for (int y = 0; y < side * scale; ++y)
        for (int x = 0; x < side * scale; ++x)
            for (int c = 0; c < 3; ++c) {
                const float weight = filter[(c * side + y / scale) * side + x / scale];
                const size_t pixel = (size_t)(top + y) * (size_t)grid->width + (size_t)(left + x);

                rgb[pixel * 3 + (size_t)c] = weight_level(weight, largest);
            }
}

int alx_plot_filters(const char *png_path, int size[2], const float *weights, int count, int side,
                     int towers, int scale)
{
    const size_t filter_size = 3 * (size_t)side * (size_t)side;
    float largest = 0.0f;

    if (count < 1 || side < 1 || towers < 1 || count % towers != 0 || scale < 1 ||
        (double)count * (side + 1.0) * (side + 1.0) * scale * scale > 1e8)
        return alx_fail(ALX_E_USAGE, "%s: %d filters of %d x %d in %d towers cannot be drawn",
                        png_path, count, side, side, towers);
    const filter_grid grid = make_grid(count, side, towers, scale);
    const size_t bytes = (size_t)grid.width * (size_t)grid.height * 3;
    uint8_t *rgb = malloc(bytes);
    if (rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for %zu bytes", png_path, bytes);
    memset(rgb, 255, bytes);
    for (size_t i = 0; i < (size_t)count * filter_size; ++i)
        largest = fmaxf(largest, isfinite(weights[i]) ? fabsf(weights[i]) : 0.0f);
    for (int i = 0; i < count; ++i) {
        const int tower = i / (count / towers), place = i % (count / towers);

        draw_filter(rgb, &grid, grid.gap + place % grid.columns * grid.pitch,
                    grid.gap + tower * grid.tower_pitch + place / grid.columns * grid.pitch,
                    weights + (size_t)i * filter_size, side, scale, largest);
    }
    const int rc = alx_png_write(png_path, rgb, grid.width, grid.height);
    if (size != NULL) {
        size[0] = grid.width;
        size[1] = grid.height;
    }
    free(rgb);
    return rc;
}
