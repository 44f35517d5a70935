/* conv2d_winograd.cl - convolution on CPU devices by Winograd's tiles (winograd.clh)
 * Layout   x (images, X_H, X_W, GROUPS*C), or what folds to it; y (images, Y_H, Y_W,
 *          GROUPS*K); scratch: filters [GROUPS*PANELS][TAPS*TAPS][C][NR] from
 *          conv2d_vec_pack.cl, then transformed, u
 *          [GROUPS*PANELS][POINTS][16*C_VECTORS][NR], then what each worker needs: v, m
 *          [POINTS][TILES][NR], lines
 * Work     a worker takes ROWS rows of tiles at a time: it transforms their inputs, and panel by
 *          panel multiplies at all points and transforms back
 * Launch   filter: global {16*C_VECTORS, GROUPS*PANELS}; convolution: global {workers}; local 1
 * -D       RELU   as in winograd.clh and tile.clh; MR <= TILES
 * Flops    2*C*POINTS/OUTPUTS^2 per output, and the transforms; u streams from L2 or L3, the rest
 *          stays in L2; sums run over c at each point
 * Checked  against src/ref/conv2d.c, 3e-5 of the maximum */
#define A_ROW 16
#define A_COL 1
#include "tile.clh"
#include "winograd.clh"

#ifndef RELU
#define RELU 0 /* 1: negative outputs become 0 */
#endif
#define FILTER_FLOATS ((size_t)TAPS * TAPS * C * NR)
#define U_POINT (C_VECTORS * 16 * NR)
#define U_FLOATS ((size_t)POINTS * U_POINT)
#define M_POINT (TILES * NR + 16)
#define WORKER_FLOATS ((size_t)16 * (V_VECTORS + LINES_VECTORS) + POINTS * M_POINT)

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_filter(__global float *restrict scratch)
{
    const size_t c = get_global_id(0), panel = get_global_id(1), panels = get_global_size(1);
    __global const float *filter = scratch + panel * FILTER_FLOATS + c * NR;
    __global float *u = scratch + panels * FILTER_FLOATS + panel * U_FLOATS + c * NR;

    EACH_VECTOR {
        float16 columns[SIDE][TAPS], line[SIDE];

        for (int s = 0; s < TAPS; ++s) {
            float16 taps[TAPS];

            EACH(r, TAPS)
                taps[r] = c < C ? vload16(j, filter + (r * TAPS + s) * (C * NR)) : 0.0f;
            BY_COUNT(winograd_points, SIDE, TAPS)(line, taps);
            EACH(p, SIDE)
                columns[p][s] = line[p] * BY_SIDE(winograd_scale, SIDE)[p];
        }
        for (int p = 0; p < SIDE; ++p) {
            BY_COUNT(winograd_points, SIDE, TAPS)(line, columns[p]);
            EACH(q, SIDE)
                vstore16(line[q] * BY_SIDE(winograd_scale, SIDE)[q], j,
                         u + (p * SIDE + q) * U_POINT);
        }
    }
}

static inline float16 activate(const float16 y)
{
#if RELU
    return y < 0.0f ? (float16)(0.0f) : y;
#else
    return y;
#endif
}

/* m = v u at every point. A function of its own: inlined, LLVM spills the sums. */
static __attribute__((noinline)) void multiply(__global float *m, __global const float16 *v,
                                               __global const float *u)
{
    for (int p = 0; p < POINTS; ++p, v += V_POINT, u += U_POINT, m += M_POINT)
        for (int t = 0; t < TILES; t += MR) {
            const int first = min(t, TILES - MR);
            tile sum;

            tile_clear(sum);
            for (int c = 0; c < C_VECTORS; ++c)
                tile_add(sum, (__global const float *)(v + c * TILES + first), u + c * (16 * NR),
                         16);
            tile_store(sum, m + first * NR, NR, MR, NR);
        }
}

/* 16 channels of a tile; m at its first point; rows, columns, lanes that y has. */
static inline void transform_output(__global float *y, __global const float *m,
                                    const float16 bias, const int rows, const int columns,
                                    const int lanes)
{
    float16 lines[OUTPUTS][SIDE], line[OUTPUTS];

    for (int q = 0; q < SIDE; ++q) {
        float16 points[SIDE];

        EACH(p, SIDE)
            points[p] = vload16(0, m + (p * SIDE + q) * M_POINT);
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, points);
        EACH(r, OUTPUTS)
            lines[r][q] = line[r];
    }
    for (int r = 0; r < rows; ++r, y += Y_W * GROUPS * K) {
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, lines[r]);
        EACH(s, OUTPUTS)
            if (s < columns)
                store_lanes(activate(line[s] + bias), y + s * (GROUPS * K), lanes);
    }
}

/* A row of tiles of m, counted over all images; y and bias at the first of k_left filters. */
static __attribute__((noinline)) void output_row(__global float *y, __global const float *m,
                                                 __global const float *bias, const int k_left,
                                                 const int tile_row)
{
    const int top = tile_row % TILE_ROWS * OUTPUTS, rows = min(OUTPUTS, Y_H - top);

    y += ((size_t)(tile_row / TILE_ROWS) * Y_H + top) * (Y_W * GROUPS * K);
    for (int j = 0; j < NV && 16 * j < k_left; ++j) {
        const int lanes = K % 16 == 0 ? 16 : k_left - 16 * j;
        const float16 add = bias != 0 ? load_lanes(bias + 16 * j, lanes) : 0.0f;

        for (int t = 0; t < TILE_COLUMNS; ++t)
            transform_output(y + t * OUTPUTS * (GROUPS * K) + 16 * j, m + t * NR + 16 * j, add,
                             rows, Y_W - t * OUTPUTS, lanes);
    }
}

/* Of tile_rows rows of tiles in all images; x begins x_vectors16 vectors of 16 into its buffer, y
 * at image y_image of its own. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd(__global float *restrict y, __global const float *restrict x,
                     __global float *restrict scratch, __global const float *restrict bias,
                     const uint x_vectors16, const int y_image, const int tile_rows)
{
    const size_t worker = get_global_id(0), workers = get_global_size(0);
    __global const float *u = scratch + GROUPS * PANELS * FILTER_FLOATS;
    __global float *m = scratch + GROUPS * PANELS * (FILTER_FLOATS + U_FLOATS) +
                        worker * WORKER_FLOATS;
    __global float16 *v = (__global float16 *)(m + POINTS * M_POINT), *lines = v + V_VECTORS;

    x += (size_t)x_vectors16 * 16;
    y += (size_t)y_image * (Y_H * Y_W * GROUPS * K);
    clear_vectors(lines, LINES_VECTORS);
    for (int first = worker * ROWS; first < tile_rows; first += workers * ROWS)
        for (int group = 0; group < GROUPS; ++group) {
            const int rows = min(ROWS, tile_rows - first);

            for (int i = 0; i < rows; ++i)
                transform_input(v + i * TILE_COLUMNS, lines, x + group * C, first + i);
            for (int panel = 0; panel < PANELS; ++panel) {
                const int k = group * K + panel * NR;

                multiply(m, v, u + (group * PANELS + panel) * U_FLOATS);
                for (int i = 0; i < rows; ++i)
                    output_row(y + k, m + i * TILE_COLUMNS * NR, bias != 0 ? bias + k : 0,
                               K - panel * NR, first + i);
            }
        }
}
