/* conv2d_winograd_tiles.c - tiles of the Winograd convolution, and when they pay. */
#include "ops/conv2d_winograd.h"

#include <stdio.h>

/* What a pass costs besides its products, in multiply-adds per point: the transforms of a tile's
 * channel, and those of a weight, once. Measured on the layers of paper.ini and owt.ini. */
#define CHANNEL_COST 20.0
#define WEIGHT_COST 60.0

winograd_tiles alx_winograd_tiles(const conv2d_sizes *s)
{
    winograd_tiles t = {
        .images = s->images, .x_h = s->in_h, .x_w = s->in_w, .c = s->c, .y_h = s->out_h,
        .y_w = s->out_w, .k = s->k, .groups = s->groups, .pad = s->pad, .taps = s->kernel,
        .side = s->kernel == 3 ? 7 : 8,
    };

    t.outputs = t.side + 1 - t.taps;
    t.image_rows = alx_ops_parts(t.y_h, t.outputs);
    t.columns = alx_ops_parts(t.y_w, t.outputs);
    return t;
}

/* Of cl/winograd_7.clh and winograd_8.clh; padding that grad-input turns into cropping is left to
 * the direct algorithm. */
static bool tiles_exist(const conv2d_sizes *s)
{
    return s->stride == 1 && s->kernel >= 3 && s->kernel <= 5 && s->pad < s->kernel;
}

bool alx_winograd_pays(alx_pass pass, const conv2d_sizes *s)
{
    if (!tiles_exist(s))
        return false;

    const winograd_tiles t = alx_winograd_tiles(s);
    const double c = 16.0 * alx_ops_parts(s->c, 16), k = 16.0 * alx_ops_parts(s->k, 16);
    const double tiles = (double)s->images * t.image_rows * t.columns;
    const double points = (double)t.side * t.side;
    const double direct = (double)s->images * s->out_h * s->out_w * s->c * s->k * s->kernel *
                          s->kernel;
    (void)pass;
    return points * (tiles * (c * k + CHANNEL_COST * (c + k)) + WEIGHT_COST * c * k) < direct;
}

size_t alx_winograd_input_vectors(const winograd_tiles *t, int rows)
{
    const size_t tiles = (size_t)rows * (size_t)t->columns;

    return (size_t)(t->side * t->side) * ((size_t)alx_ops_parts(t->c, 16) * tiles + 1);
}

size_t alx_winograd_lines_vectors(const winograd_tiles *t)
{
    const int columns = t->columns * t->outputs + t->taps - 1;

    return (size_t)t->side * ((size_t)(columns * alx_ops_parts(t->c, 16)) + 1) +
           (size_t)alx_ops_parts(t->x_w * t->groups * t->c, 16);
}

void alx_winograd_options(char options[256], const winograd_tiles *t, int rows,
                          const alx_ops_tile *tile)
{
    snprintf(options, 256,
             "-DTAPS=%d -DOUTPUTS=%d -DSIDE=%d -DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DK=%d "
             "-DGROUPS=%d -DPAD=%d -DROWS=%d -DMR=%d -DNV=%d",
             t->taps, t->outputs, t->side, t->x_h, t->x_w, t->c, t->y_h, t->y_w, t->k, t->groups,
             t->pad, rows, tile->rows, tile->vectors);
}
