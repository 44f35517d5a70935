/* conv2d_tile_winograd.cl - convolution of stride 1 on GPUs by Winograd's tiles
 * (winograd_tiles.clh): the transforms; the products at each point are gemm_tile.cl's
 * Layout   x (images, X_H, X_W, GROUPS*C); y (images, Y_H, Y_W, GROUPS*K); w (TAPS*TAPS, C,
 *          GROUPS*K), or FLIPPED: (TAPS*TAPS, K, GROUPS*C) with the taps in reverse; scratch, for
 *          each part of the tiles, group and point: u as w, v (tiles, C), m and d (tiles, K). Only
 *          the gradient of the weights has several parts, and one u for each
 * Work     an item transforms a tile, or a filter, of one channel in registers
 * Launch   groups of WG: ceil(channels / WG) for each tile or row of w. The kernels with two
 *          operands have those of the first, then those of the second
 * -D       FLIPPED   RELU   WG   SUB_GROUP: sub_group.clh   TAPS OUTPUTS SIDE: winograd_tiles.clh
 *          X_H X_W C Y_H Y_W K GROUPS PAD: conv2d_sizes.clh
 * Traffic  v, m, d: POINTS/OUTPUTS^2 floats per pixel and channel, once written and once read
 * Checked  against src/ref/conv2d.c, 3e-5, 5e-5 (grad-input), 1e-4 (grad-weight) of the maximum */
#define LANES float
#include "conv2d_sizes.clh"
#include "sub_group.clh"
#include "winograd_tiles.clh"

#ifndef FLIPPED
#define FLIPPED 0 /* 1: w is of the convolution whose grad-input this is */
#endif
#ifndef RELU
#define RELU 0 /* 1: negative outputs become 0 */
#endif
#ifndef WG
#define WG 64 /* items of a group */
#endif

#define GROUP GROUP_OF(WG)
/* Tiles cover y in TILE_ROWS rows of TILE_COLUMNS. */
#define TILE_ROWS ((Y_H + OUTPUTS - 1) / OUTPUTS)
#define TILE_COLUMNS ((Y_W + OUTPUTS - 1) / OUTPUTS)
/* A row of weights: their channels in memory. */
#define W_ROWS (FLIPPED ? K : C)
#define W_COLUMNS (FLIPPED ? C : K)

/* What an item of group `group` transforms: channel x, of tile or row of weights y. */
static inline int2 place_of(const uint group, const int channels)
{
    const int blocks = (channels + WG - 1) / WG;

    return (int2)(group % blocks * WG + get_local_id(0), group / blocks);
}

/* Where point 0 of row `row`, channel `at` of GROUPS*channels, lies in scratch, if a part has
 * `rows` of them; rows * channels floats from point to point. */
static inline __global float *point_of(__global float *scratch, const uint vectors4, const int at,
                                       const int channels, const int row, const int rows)
{
    const size_t matrices = (size_t)(row / rows * GROUPS + at / channels) * POINTS;

    return scratch + (size_t)vectors4 * 4 + (matrices * rows + row % rows) * channels +
           at % channels;
}

/* The image of a tile, counted over all. */
static inline int image_of(const int image0, const int tile)
{
    return image0 + tile / (TILE_ROWS * TILE_COLUMNS);
}

/* u = (G w G^T), scaled, at u_vectors4. Each matrix begins so many vectors of 4 into
 * scratch. */
static inline void transform_filter(__global float *scratch, __global const float *w,
                                    const uint u_vectors4, const int2 place)
{
    const int at = place.x, row = place.y;
    const size_t step = (size_t)W_ROWS * W_COLUMNS;
    float columns[SIDE][TAPS], line[SIDE];

    if (at >= GROUPS * W_COLUMNS)
        return;
    w += (size_t)row * (GROUPS * W_COLUMNS) + at;
    scratch = point_of(scratch, u_vectors4, at, W_COLUMNS, row, W_ROWS);
    EACH(s, TAPS) {
        float taps[TAPS];

        EACH(r, TAPS) {
            const int tap = FLIPPED ? TAPS * TAPS - 1 - (r * TAPS + s) : r * TAPS + s;

            taps[r] = w[tap * step * GROUPS];
        }
        BY_COUNT(winograd_points, SIDE, TAPS)(line, taps);
        EACH(p, SIDE)
            columns[p][s] = line[p] * BY_SIDE(winograd_scale, SIDE)[p];
    }
    EACH(p, SIDE) {
        BY_COUNT(winograd_points, SIDE, TAPS)(line, columns[p]);
        EACH(q, SIDE)
            scratch[(p * SIDE + q) * step] = line[q] * BY_SIDE(winograd_scale, SIDE)[q];
    }
}

/* Tiles of the images from image0 on, `tiles` in a part: v = B^T x B at v_vectors4. Beyond
 * `images` there are zeros. */
static inline void transform_input(__global float *scratch, __global const float *x,
                                   const uint v_vectors4, const int2 place, const int tiles,
                                   const int image0, const int images)
{
    const int at = place.x, tile = place.y, image = image_of(image0, tile);
    const size_t step = (size_t)tiles * C;
    const int top = tile / TILE_COLUMNS % TILE_ROWS * OUTPUTS - PAD;
    const int left = tile % TILE_COLUMNS * OUTPUTS - PAD;
    float columns[SIDE][SIDE], line[SIDE];

    if (at >= GROUPS * C)
        return;
    x += (size_t)image * (X_H * X_W * GROUPS * C) + at;
    scratch = point_of(scratch, v_vectors4, at, C, tile, tiles);
    EACH(s, SIDE) {
        const int column = left + s;
        float values[SIDE];

        EACH(r, SIDE) {
            const int row = top + r;
            const bool inside =
                row >= 0 && row < X_H && column >= 0 && column < X_W && image < images;

            values[r] = inside ? x[(row * X_W + column) * (GROUPS * C)] : 0.0f;
        }
        BY_SIDE(winograd_input, SIDE)(line, values);
        EACH(p, SIDE)
            columns[p][s] = line[p];
    }
    EACH(p, SIDE) {
        BY_SIDE(winograd_input, SIDE)(line, columns[p]);
        EACH(q, SIDE)
            scratch[(p * SIDE + q) * step] = line[q];
    }
}

/* Of a correlation: u, of which filter_groups are, and v. */
__kernel GROUP
void conv2d_tile_winograd_in(__global float *restrict scratch, __global const float *restrict w,
                             __global const float *restrict x, const uint u_vectors4,
                             const uint v_vectors4, const uint filter_groups, const int tiles,
                             const int image0, const int images)
{
    const uint group = get_group_id(0);

    if (group < filter_groups)
        transform_filter(scratch, w, u_vectors4, place_of(group, GROUPS * W_COLUMNS));
    else
        transform_input(scratch, x, v_vectors4, place_of(group - filter_groups, GROUPS * C), tiles,
                        image0, images);
}

/* y = A^T m A (+ bias where there is one), with RELU its negative values 0; m at m_vectors4. */
__kernel GROUP
void conv2d_tile_winograd_out(__global float *restrict y, __global float *restrict scratch,
                              __global const float *restrict bias, const uint m_vectors4,
                              const int tiles, const int image0)
{
    const int2 place = place_of(get_group_id(0), GROUPS * K);
    const int at = place.x, tile = place.y;
    const size_t step = (size_t)tiles * K;
    const int top = tile / TILE_COLUMNS % TILE_ROWS * OUTPUTS;
    const int left = tile % TILE_COLUMNS * OUTPUTS;
    float lines[OUTPUTS][SIDE], line[OUTPUTS];

    if (at >= GROUPS * K)
        return;
    const float add = bias != 0 ? bias[at] : 0.0f;

    y += (size_t)image_of(image0, tile) * (Y_H * Y_W * GROUPS * K) + at;
    scratch = point_of(scratch, m_vectors4, at, K, tile, tiles);
    EACH(q, SIDE) {
        float points[SIDE];

        EACH(p, SIDE)
            points[p] = scratch[(p * SIDE + q) * step];
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, points);
        EACH(r, OUTPUTS)
            lines[r][q] = line[r];
    }
    EACH(r, OUTPUTS) {
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, lines[r]);
        EACH(s, OUTPUTS) {
            const float value = line[s] + add;

            if (top + r < Y_H && left + s < Y_W)
                y[((top + r) * Y_W + left + s) * (GROUPS * K)] =
                    RELU && value < 0.0f ? 0.0f : value;
        }
    }
}

/* ---- gradient of the weights: tiles of grad_y are the filters, the weights the outputs ------ */

/* d = G grad_y G^T, not scaled, at d_vectors4; as v. */
static inline void transform_grad(__global float *scratch, __global const float *grad_y,
                                  const uint d_vectors4, const int2 place, const int tiles,
                                  const int image0, const int images)
{
    const int at = place.x, tile = place.y, image = image_of(image0, tile);
    const size_t step = (size_t)tiles * K;
    const int top = tile / TILE_COLUMNS % TILE_ROWS * OUTPUTS;
    const int left = tile % TILE_COLUMNS * OUTPUTS;
    float columns[SIDE][OUTPUTS], line[SIDE];

    if (at >= GROUPS * K)
        return;
    grad_y += (size_t)image * (Y_H * Y_W * GROUPS * K) + at;
    scratch = point_of(scratch, d_vectors4, at, K, tile, tiles);
    EACH(s, OUTPUTS) {
        float values[OUTPUTS];

        EACH(r, OUTPUTS) {
            const bool inside = top + r < Y_H && left + s < Y_W && image < images;

            values[r] = inside ? grad_y[((top + r) * Y_W + left + s) * (GROUPS * K)] : 0.0f;
        }
        BY_COUNT(winograd_points, SIDE, OUTPUTS)(line, values);
        EACH(p, SIDE)
            columns[p][s] = line[p];
    }
    EACH(p, SIDE) {
        BY_COUNT(winograd_points, SIDE, OUTPUTS)(line, columns[p]);
        EACH(q, SIDE)
            scratch[(p * SIDE + q) * step] = line[q];
    }
}

/* v, of which input_groups are, and d. */
__kernel GROUP
void conv2d_tile_winograd_weight_in(__global float *restrict scratch,
                                    __global const float *restrict x,
                                    __global const float *restrict grad_y, const uint v_vectors4,
                                    const uint d_vectors4, const uint input_groups,
                                    const int tiles, const int image0, const int images)
{
    const uint group = get_group_id(0);

    if (group < input_groups)
        transform_input(scratch, x, v_vectors4, place_of(group, GROUPS * C), tiles, image0,
                        images);
    else
        transform_grad(scratch, grad_y, d_vectors4, place_of(group - input_groups, GROUPS * K),
                       tiles, image0, images);
}

/* grad_w = A^T m A, scaled (+ grad_w with `accumulate`); m is the sum of `parts`, each laid out as
 * u. */
__kernel GROUP
void conv2d_tile_winograd_weight_out(__global float *restrict grad_w,
                                     __global float *restrict scratch, const uint m_vectors4,
                                     const int parts, const int accumulate)
{
    const int2 place = place_of(get_group_id(0), GROUPS * K);
    const int at = place.x, row = place.y;
    const size_t step = (size_t)C * K;
    float lines[TAPS][SIDE], line[TAPS];

    if (at >= GROUPS * K)
        return;
    grad_w += (size_t)row * (GROUPS * K) + at;
    scratch = point_of(scratch, m_vectors4, at, K, row, C);
    EACH(q, SIDE) {
        float points[SIDE];
        __global const float *from = scratch + q * step;

        EACH(p, SIDE)
            points[p] = from[p * SIDE * step];
        _Pragma("unroll 1") for (int part = 1; part < parts; ++part) {
            from += (size_t)GROUPS * POINTS * step;
            EACH(p, SIDE)
                points[p] += from[p * SIDE * step];
        }
        EACH(p, SIDE)
            points[p] *= BY_SIDE(winograd_scale, SIDE)[p];
        BY_COUNT(winograd_output, SIDE, TAPS)(line, points);
        EACH(r, TAPS)
            lines[r][q] = line[r] * BY_SIDE(winograd_scale, SIDE)[q];
    }
    EACH(r, TAPS) {
        BY_COUNT(winograd_output, SIDE, TAPS)(line, lines[r]);
        EACH(s, TAPS) {
            __global float *to = grad_w + (r * TAPS + s) * (step * GROUPS);

            *to = accumulate ? *to + line[s] : line[s];
        }
    }
}
