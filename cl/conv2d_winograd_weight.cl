/* conv2d_winograd_weight.cl - gradient of the weights of a convolution on CPU devices,
 * in Winograd's tiles (winograd.clh): the tiles of grad_y are the filters, the weights the outputs
 * Layout   x (images, X_H, X_W, GROUPS*C); grad_y (images, Y_H, Y_W, GROUPS*K); grad_w (TAPS*TAPS,
 *          C, GROUPS*K), unfolded where x is folded; scratch: m [GROUPS*PANELS][POINTS]
 *          [16*C_VECTORS][NR], v of each group, d [GROUPS*PANELS][POINTS][TILES][NR], then each
 *          worker's lines
 * Work     chunks of ROWS rows of tiles: workers transform x and grad_y, rows in turn; an item adds
 *          a point's product of the chunk to a panel of m; at the end m is transformed back
 * Launch   input: global {workers}; multiply: {POINTS, GROUPS*PANELS}; output: {C_VECTORS,
 *          GROUPS*PANELS}; local 1
 * -D       as in winograd.clh and tile.clh; MR divides 16
 * Flops    2*POINTS/OUTPUTS^2 per weight and output pixel, and the transforms; v, d and m live in
 *          L3; sums run over the tiles at each point
 * Checked  against src/ref/conv2d.c, 1e-4 of the maximum */
#define A_ROW 1
#define A_COL 16
#include "tile.clh"
#include "winograd.clh"

#define D_POINT (TILES * NV + 1)
#define D_VECTORS (POINTS * D_POINT)
#define M_POINT (16 * C_VECTORS * NR)
#define M_FLOATS ((size_t)POINTS * M_POINT)
/* Lines of grad_y, as those of x. */
#define Y_LINE (TILE_COLUMNS * OUTPUTS * NV * PANELS + 1)
#define Y_ZEROS ((Y_W * GROUPS * K + 15) / 16)
#define WORKER_VECTORS ((size_t)LINES_VECTORS + SIDE * Y_LINE + Y_ZEROS)

static inline void transform_grad_columns(__global float16 *lines,
                                          __global const float *const rows[OUTPUTS])
{
    for (int i = 0; i < Y_W; ++i, lines += NV * PANELS)
        for (int k = 0; 16 * k < K; ++k) {
            float16 line[OUTPUTS], points[SIDE];

            EACH(r, OUTPUTS)
                line[r] = load_channels(rows[r] + i * (GROUPS * K), 16 * k, K);
            BY_COUNT(winograd_points, SIDE, OUTPUTS)(points, line);
            EACH(p, SIDE)
                lines[p * Y_LINE + k] = points[p];
        }
}

static inline void transform_grad_rows(__global float16 *d, __global const float16 *lines)
{
    for (int p = 0; p < SIDE; ++p, lines += Y_LINE, d += SIDE * D_POINT)
        for (int t = 0; t < TILE_COLUMNS; ++t)
            for (int k = 0; k < NV * PANELS; ++k) {
                __global float16 *to = d + k / NV * D_VECTORS + t * NV + k % NV;
                float16 line[OUTPUTS], points[SIDE];

                EACH(s, OUTPUTS)
                    line[s] = lines[(t * OUTPUTS + s) * (NV * PANELS) + k];
                BY_COUNT(winograd_points, SIDE, OUTPUTS)(points, line);
                EACH(q, SIDE)
                    to[q * D_POINT] = points[q];
            }
}

/* As transform_input, of grad_y. */
static inline void transform_grad(__global float16 *d, __global float16 *lines,
                                  __global const float *grad_y, const int tile_row)
{
    __global const float *zeros = (__global const float *)(lines + SIDE * Y_LINE), *rows[OUTPUTS];
    const int top = tile_row % TILE_ROWS * OUTPUTS;

    grad_y += (size_t)(tile_row / TILE_ROWS) * (Y_H * Y_W * GROUPS * K);
    for (int r = 0; r < OUTPUTS; ++r)
        rows[r] = top + r < Y_H ? grad_y + (top + r) * (Y_W * GROUPS * K) : zeros;
    transform_grad_columns(lines, rows);
    transform_grad_rows(d, lines);
}

/* Rows first_row ... first_row+rows-1 of tiles, counted over all images of grad_y; x begins
 * x_vectors16 vectors of 16 into its buffer, with the image of row x_row. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_input(__global float *restrict scratch,
                                  __global const float *restrict x,
                                  __global const float *restrict grad_y, const uint x_vectors16,
                                  const int x_row, const int first_row, const int rows)
{
    const int worker = get_global_id(0), workers = get_global_size(0);
    __global float16 *v = (__global float16 *)(scratch + GROUPS * PANELS * M_FLOATS);
    __global float16 *d = v + (size_t)GROUPS * V_VECTORS;
    __global float16 *lines = d + (size_t)GROUPS * PANELS * D_VECTORS + worker * WORKER_VECTORS;
    __global float16 *y_lines = lines + LINES_VECTORS;

    clear_vectors(lines, WORKER_VECTORS);
    for (int group = 0; group < GROUPS; ++group)
        for (int i = worker; i < rows; i += workers) {
            transform_input(v + group * V_VECTORS + i * TILE_COLUMNS, lines,
                            x + (size_t)x_vectors16 * 16 + group * C, first_row - x_row + i);
            transform_grad(d + group * PANELS * D_VECTORS + i * TILE_COLUMNS * NV, y_lines,
                           grad_y + group * K, first_row + i);
        }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_multiply(__global float *restrict scratch, const int tiles,
                                     const int fresh)
{
    const size_t point = get_global_id(0), panel = get_global_id(1);
    __global float *m = scratch + panel * M_FLOATS + point * M_POINT;
    __global const float16 *v =
        (__global const float16 *)(scratch + GROUPS * PANELS * M_FLOATS) + point * V_POINT +
        panel / PANELS * V_VECTORS;
    __global const float16 *d =
        (__global const float16 *)(scratch + GROUPS * PANELS * M_FLOATS) +
        (size_t)GROUPS * V_VECTORS + panel * D_VECTORS + point * D_POINT;

    for (int c = 0; c < 16 * C_VECTORS; c += MR, m += MR * NR) {
        tile sum;

        tile_clear(sum);
        tile_add(sum, (__global const float *)(v + c / 16 * TILES) + c % 16,
                 (__global const float *)d, tiles);
        if (!fresh)
            tile_add_stored(sum, m, NR, MR, NR);
        tile_store(sum, m, NR, MR, NR);
    }
}

/* The row of grad_w, seen as (taps and channels, filters), of channel c of a tap; -1 for what
 * folding has added. */
static inline int filter_row(const int tap, const int c)
{
#if STRIDE > 1
    const int run = C / STRIDE, channels = run / STRIDE;
    const int r = tap / TAPS * STRIDE + c / run, s = tap % TAPS * STRIDE + c % run / channels;

    return r < KERNEL && s < KERNEL ? (r * KERNEL + s) * channels + c % channels : -1;
#else
    return tap * C + c;
#endif
}

/* 16 filters of channel c; m at its first point. */
static inline void transform_weights(float16 weights[TAPS][TAPS], __global const float *m)
{
    float16 lines[TAPS][SIDE], points[SIDE];

    for (int q = 0; q < SIDE; ++q) {
        float16 line[TAPS];

        EACH(p, SIDE)
            points[p] = vload16(0, m + (p * SIDE + q) * M_POINT) * BY_SIDE(winograd_scale, SIDE)[p];
        BY_COUNT(winograd_output, SIDE, TAPS)(line, points);
        EACH(r, TAPS)
            lines[r][q] = line[r] * BY_SIDE(winograd_scale, SIDE)[q];
    }
    for (int r = 0; r < TAPS; ++r)
        BY_COUNT(winograd_output, SIDE, TAPS)(weights[r], lines[r]);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_output(__global float *restrict grad_w,
                                   __global const float *restrict scratch, const int accumulate)
{
    const int first = get_global_id(0) * 16, end = min(first + 16, C);
    const size_t panel = get_global_id(1);
    const int k = panel % PANELS * NR;

    grad_w += panel / PANELS * K + k;
    for (int c = first; c < end; ++c)
        for (int j = 0; j < NV && k + 16 * j < K; ++j) {
            float16 weights[TAPS][TAPS];

            transform_weights(weights, scratch + panel * M_FLOATS + c * NR + 16 * j);
            for (int tap = 0; tap < TAPS * TAPS; ++tap) {
                const int row = filter_row(tap, c);
                __global float *to = grad_w + (size_t)row * (GROUPS * K) + 16 * j;
                float16 sum = weights[tap / TAPS][tap % TAPS];

                if (row < 0)
                    continue;
                if (accumulate)
                    sum += load_lanes(to, K - k - 16 * j);
                store_lanes(sum, to, K - k - 16 * j);
            }
        }
}
