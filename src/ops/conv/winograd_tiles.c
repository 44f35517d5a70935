/* winograd_tiles.c - tiles of the Winograd convolution, and when they pay. */
#include "ops/conv/winograd.h"

#include <stdio.h>

/* What a pass costs besides its products, in multiply-adds per point: the transforms of a tile's
 * channel, and those of a weight, once. Measured on the layers of paper.ini and owt.ini. */
#define CHANNEL_COST 20.0
#define WEIGHT_COST 60.0
/* Of a weight whose transform was made before: to read it from memory. */
#define PREPARED_COST 13.0

/* Multiply-adds of a pass over tiles with so many points to a side, and what costs as much. */
static double cost_of(const winograd_tiles *t)
{
    const double c = 16.0 * ops_parts(t->c, 16), k = 16.0 * ops_parts(t->k, 16);
    const double tiles = (double)t->images * t->image_rows * t->columns;

    const double weight = t->prepared ? PREPARED_COST : WEIGHT_COST;

    return t->side * t->side * (tiles * (c * k + CHANNEL_COST * (c + k)) + weight * c * k);
}

static void set_side(winograd_tiles *t, int side)
{
    t->side = side;
    t->outputs = side + 1 - t->taps;
    t->image_rows = ops_parts(t->y_h, t->outputs);
    t->columns = ops_parts(t->y_w, t->outputs);
}

/* The sides of the tiles with so many taps whose transforms there are: cl/winograd_6.clh, ... */
static void choose_side(winograd_tiles *t)
{
    winograd_tiles smaller = *t;

    set_side(t, t->taps == 3 ? 7 : 8);
    set_side(&smaller, 6);
    if (t->taps == 3 && cost_of(&smaller) < cost_of(t))
        *t = smaller;
}

winograd_tiles ops_winograd_tiles(const conv2d_sizes *s)
{
    const int taps = ops_parts(s->kernel, s->stride);
    winograd_tiles t = {
        .images = s->images,
        .x_h = s->in_h,
        .x_w = s->in_w,
        .c = s->c,
        .y_h = s->out_h,
        .y_w = s->out_w,
        .k = s->k,
        .groups = s->groups,
        .pad = s->pad,
        .taps = taps,
        .stride = s->stride,
        .kernel = s->kernel,
        .in_h = s->in_h,
        .in_w = s->in_w,
        .lead = s->pad,
        .relu = s->relu,
        .prepared = s->prepared,
    };

    if (s->stride > 1) {
        t.x_h = s->out_h + taps - 1;
        t.x_w = s->out_w + taps - 1;
        t.c = s->c * s->stride * s->stride;
        t.pad = 0;
    }
    choose_side(&t);
    return t;
}

/* Padding that grad-input turns into cropping is left to the direct algorithm, as are folded
 * gradients of x. */
static bool tiles_exist(alx_pass pass, const conv2d_sizes *s)
{
    const int taps = ops_parts(s->kernel, s->stride);

    return taps >= 3 && taps <= 5 && s->pad < s->kernel &&
           (s->stride == 1 || (s->groups == 1 && pass != ALX_PASS_GRAD_INPUT));
}

bool ops_winograd_pays(alx_pass pass, const conv2d_sizes *s)
{
    if (!tiles_exist(pass, s))
        return false;

    const winograd_tiles t = ops_winograd_tiles(s);
    const double direct = (double)s->images * s->out_h * s->out_w * s->c * s->k * s->kernel *
                          s->kernel;

    return cost_of(&t) < direct;
}

bool ops_conv2d_winograd_alike(const conv2d_sizes *a, const conv2d_sizes *b)
{
    const bool pays = ops_winograd_pays(ALX_PASS_FORWARD, a);

    return pays == ops_winograd_pays(ALX_PASS_FORWARD, b) &&
           (!pays || ops_winograd_tiles(a).side == ops_winograd_tiles(b).side);
}

size_t ops_winograd_input_vectors(const winograd_tiles *t, int rows)
{
    const size_t tiles = (size_t)rows * (size_t)t->columns;

    return (size_t)(t->side * t->side) * ((size_t)ops_parts(t->c, 16) * tiles + 1);
}

size_t ops_winograd_lines_vectors(const winograd_tiles *t)
{
    const int columns = t->columns * t->outputs + t->taps - 1;

    return (size_t)t->side * ((size_t)(columns * ops_parts(t->c, 16)) + 1) +
           (size_t)ops_parts(t->x_w * t->groups * t->c, 16) *
               (size_t)(t->stride > 1 ? 1 + t->side : 1);
}

winograd_sizes ops_winograd_sizes(const winograd_tiles *t, int rows)
{
    return (winograd_sizes){
        .x_h = t->x_h,
        .x_w = t->x_w,
        .c = t->c,
        .y_h = t->y_h,
        .y_w = t->y_w,
        .k = t->k,
        .groups = t->groups,
        .pad = t->pad,
        .filter = t->kernel,
        .lead = t->lead,
        .in_h = t->in_h,
        .in_w = t->in_w,
        .tile_rows = t->image_rows,
        .tile_columns = t->columns,
        .rows = rows,
        .relu = t->relu,
    };
}

void ops_winograd_options(char options[OPS_WINOGRAD_OPTIONS], const winograd_tiles *t,
                          const ops_tile *tile)
{
    snprintf(options, OPS_WINOGRAD_OPTIONS,
             "-DTAPS=%d -DOUTPUTS=%d -DSIDE=%d -DMR=%d -DNV=%d -DSTRIDE=%d -DWHOLE=%d", t->taps,
             t->outputs, t->side, tile->rows, tile->vectors, t->stride,
             t->c % 16 == 0 && t->k % 16 == 0);
}
