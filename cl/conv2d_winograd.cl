/* conv2d_winograd.cl - convolution on CPU devices by Winograd's tiles (winograd.clh)
 * Layout   x (images, x_h, x_w, groups*c), or what folds to it; y (images, y_h, y_w,
 *          groups*k); w (filter, filter, c, groups*k), its transform u [groups*panels][POINTS]
 *          [16*c_vectors][NR]; scratch: what each item needs: m [POINTS][tiles][NR], v, lines
 * Work     filter: an item transforms 16 channels of a panel; convolution: an item takes some rows
 *          of tiles at a time and a share of the panels: it transforms the inputs, and panel by
 *          panel multiplies at all points and transforms back
 * Launch   filter: global {c_vectors, groups*panels}; convolution: global {workers, shares of the
 *          panels}; local 1
 * -D       as in winograd.clh and tile.clh; MR <= tiles
 * Flops    2*c*POINTS/OUTPUTS^2 per output, and the transforms; u streams from L2 or L3, the rest
 *          stays in L2; sums run over c at each point
 * Checked  against src/ref/conv2d.c, 3e-5 of the maximum */
#define A_ROW 16
#define A_COL 1
#include "tile.clh"
#include "transpose.clh"
#include "winograd.clh"

/* One vector more from point to point, as in v. */
static inline int u_point_of(const winograd_sizes s)
{
    return c_vectors_of(s) * 16 * NR + 16;
}

static inline size_t u_floats_of(const winograd_sizes s)
{
    return (size_t)POINTS * u_point_of(s);
}

static inline int m_point_of(const winograd_sizes s)
{
    return tiles_of(s) * NR + 16;
}

static inline size_t worker_floats_of(const winograd_sizes s)
{
    return 16 * (v_vectors_of(s) + lines_vectors_of(s)) + (size_t)POINTS * m_point_of(s);
}

/* Taps of 16 channels from `first` on, of 16 filters from `k` on. */
static inline void load_taps(float16 taps[16][TAPS * TAPS], __global const float *w,
                             const int first, const int k, const winograd_sizes s)
{
    for (int i = 0; i < 16; ++i)
        for (int tap = 0; tap < TAPS * TAPS; ++tap) {
            const int row = first + i < s.c ? filter_row(tap, first + i, s) : -1;

            taps[i][tap] = row < 0 ? 0.0f
                                   : load_lanes(w + (size_t)row * (s.groups * s.k) + k, s.k - k);
        }
}

/* Of the filters turned by 180 degrees, whose channels and filters are those of grad_y and x:
 * w (taps, k, groups*c). */
static inline void load_flipped_taps(float16 taps[16][TAPS * TAPS], __global const float *w,
                                     const int first, const int k, const winograd_sizes s)
{
    const int step = s.groups * s.c;
    float16 m[16];

    for (int tap = 0; tap < TAPS * TAPS; ++tap) {
        __global const float *row = w + ((TAPS * TAPS - 1 - tap) * s.k + k) * step + first;

        for (int i = 0; i < 16; ++i)
            m[i] = k + i < s.k ? load_lanes(row + i * step, s.c - first) : 0.0f;
        transpose(m);
        for (int i = 0; i < 16; ++i)
            taps[i][tap] = m[i];
    }
}

/* A channel of 16 filters; u at its first point. */
CALLED void transform_filter(__global float *u, const float16 taps[TAPS * TAPS], const int u_point)
{
    float16 columns[SIDE][TAPS], line[SIDE];

    for (int s = 0; s < TAPS; ++s) {
        float16 column[TAPS];

        EACH(r, TAPS)
            column[r] = taps[r * TAPS + s];
        BY_COUNT(winograd_points, SIDE, TAPS)(line, column);
        EACH(p, SIDE)
            columns[p][s] = line[p] * BY_SIDE(winograd_scale, SIDE)[p];
    }
    for (int p = 0; p < SIDE; ++p) {
        BY_COUNT(winograd_points, SIDE, TAPS)(line, columns[p]);
        EACH(q, SIDE)
            vstore16(line[q] * BY_SIDE(winograd_scale, SIDE)[q], 0, u + (p * SIDE + q) * u_point);
    }
}

/* u begins its buffer; `flipped`: for grad-input. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_filter(__global float *restrict u, __global const float *restrict w,
                            const int flipped, const winograd_sizes s)
{
    const int first = get_global_id(0) * 16, panel = get_global_id(1), panels = panels_of(s);
    const int group = panel / panels, k = panel % panels * NR;
    float16 taps[16][TAPS * TAPS];

    w += group * (flipped ? s.c : s.k);
    u += panel * u_floats_of(s) + first * NR;
    for (int j = 0; j < NV; ++j) {
        if (flipped)
            load_flipped_taps(taps, w, first, k + 16 * j, s);
        else
            load_taps(taps, w, first, k + 16 * j, s);
        for (int i = 0; i < 16; ++i)
            transform_filter(u + i * NR + 16 * j, taps[i], u_point_of(s));
    }
}

/* m = v u at every point. */
CALLED void multiply(__global float *m, __global const float16 *v, __global const float *u,
                     const winograd_sizes s)
{
    const int c_vectors = c_vectors_of(s), tiles = tiles_of(s);

    for (int p = 0; p < POINTS; ++p, v += v_point_of(s), u += u_point_of(s), m += m_point_of(s))
        for (int t = 0; t < tiles; t += MR) {
            const int first = min(t, tiles - MR);
            tile sum;

            tile_clear(sum);
            for (int c = 0; c < c_vectors; ++c)
                tile_add(sum, (__global const float *)(v + c * tiles + first), u + c * (16 * NR),
                         16);
            tile_store(sum, m + first * NR, NR, MR, NR);
        }
}

/* 16 channels of a tile; m at its first point; rows, columns, lanes that y has. Outputs below
 * `least` become it. */
static inline void transform_output(__global float *y, __global const float *m, const float16 bias,
                                    const float least, const int rows, const int columns,
                                    const int lanes, const winograd_sizes s)
{
    const int m_point = m_point_of(s), pixel = s.groups * s.k;
    float16 lines[OUTPUTS][SIDE], line[OUTPUTS];

    for (int q = 0; q < SIDE; ++q) {
        float16 points[SIDE];

        EACH(p, SIDE)
            points[p] = vload16(0, m + (p * SIDE + q) * m_point);
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, points);
        EACH(r, OUTPUTS)
            lines[r][q] = line[r];
    }
    for (int r = 0; r < rows; ++r, y += s.y_w * pixel) {
        BY_COUNT(winograd_output, SIDE, OUTPUTS)(line, lines[r]);
        EACH(i, OUTPUTS)
            if (i < columns)
                store_lanes(at_least(line[i] + bias, least), y + i * pixel, lanes);
    }
}

/* A row of tiles of m, counted over all images; y and bias at the first of k_left filters. */
CALLED void output_row(__global float *y, __global const float *m, __global const float *bias,
                       const int k_left, const int tile_row, const winograd_sizes s)
{
    const int top = tile_row % s.tile_rows * OUTPUTS, rows = min(OUTPUTS, s.y_h - top);
    const int pixel = s.groups * s.k;

    y += ((size_t)(tile_row / s.tile_rows) * s.y_h + top) * (s.y_w * pixel);
    for (int j = 0; j < NV && 16 * j < k_left; ++j) {
        const int lanes = WHOLE ? 16 : k_left - 16 * j;
        const float16 add = bias != 0 ? load_lanes(bias + 16 * j, lanes) : 0.0f;

        for (int t = 0; t < s.tile_columns; ++t)
            transform_output(y + t * OUTPUTS * pixel + 16 * j, m + t * NR + 16 * j, add,
                             s.relu ? 0.0f : -INFINITY, rows, s.y_w - t * OUTPUTS, lanes, s);
    }
}

/* Of tile_rows rows of tiles in all images; what items need begins scratch_vectors16 vectors of 16
 * into its buffer. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd(__global float *restrict y, __global const float *restrict x,
                     __global const float *restrict u, __global float *restrict scratch,
                     __global const float *restrict bias, const uint scratch_vectors16,
                     const int tile_rows, const winograd_sizes s)
{
    const int worker = get_global_id(0), workers = get_global_size(0), panels = panels_of(s);
    const int share = get_global_id(1), shares = get_global_size(1), all = s.groups * panels;
    const int begin = all * share / shares, end = all * (share + 1) / shares;
    __global float *m = scratch + (size_t)scratch_vectors16 * 16 +
                        (share * workers + worker) * worker_floats_of(s);
    __global float16 *v = (__global float16 *)(m + POINTS * m_point_of(s));
    __global float16 *lines = v + v_vectors_of(s);

    clear_vectors(lines, lines_vectors_of(s));
    for (int first = worker * s.rows; first < tile_rows; first += workers * s.rows)
        for (int panel = begin; panel < end; ++panel) {
            const int rows = min(s.rows, tile_rows - first), group = panel / panels;
            const int in_group = panel % panels * NR, k = group * s.k + in_group;

            for (int i = 0; i < rows && (panel == begin || in_group == 0); ++i)
                transform_input(v + i * s.tile_columns, lines, x + group * s.c, first + i, s);
            multiply(m, v, u + panel * u_floats_of(s), s);
            for (int i = 0; i < rows; ++i)
                output_row(y + k, m + i * s.tile_columns * NR, bias != 0 ? bias + k : 0,
                           s.k - in_group, first + i, s);
        }
}
