/* conv2d_winograd_weight.cl - gradient of the weights of a convolution on CPU devices,
 * in Winograd's tiles (winograd.clh): the tiles of grad_y are the filters, the weights the outputs
 * Layout   x (images, x_h, x_w, groups*c); grad_y (images, y_h, y_w, groups*k); grad_w (TAPS*TAPS,
 *          c, groups*k), unfolded where x is folded; scratch: m [groups*panels][POINTS]
 *          [16*c_vectors][NR], v of each group, d [groups*panels][POINTS][tiles][NR], then each
 *          worker's lines
 * Work     chunks of some rows of tiles: workers transform x and grad_y, rows in turn; an item adds
 *          a point's product of the chunk to a panel of m; at the end m is transformed back
 * Launch   input: global {workers}; multiply: {POINTS, groups*panels}; output: {c_vectors,
 *          groups*panels}; local 1
 * -D       as in winograd.clh and tile.clh; MR divides 16
 * Flops    2*POINTS/OUTPUTS^2 per weight and output pixel, and the transforms; v, d and m live in
 *          L3; sums run over the tiles at each point
 * Checked  against src/ref/conv2d.c, 1e-4 of the maximum */
#define A_ROW 1
#define A_COL 16
#include "tile.clh"
#include "winograd.clh"

static inline int d_point_of(const winograd_sizes s)
{
    return tiles_of(s) * NV + 1;
}

static inline size_t d_vectors_of(const winograd_sizes s)
{
    return (size_t)POINTS * d_point_of(s);
}

static inline int m_point_of(const winograd_sizes s)
{
    return 16 * c_vectors_of(s) * NR;
}

static inline size_t m_floats_of(const winograd_sizes s)
{
    return (size_t)POINTS * m_point_of(s);
}

/* Lines of grad_y, as those of x. */
static inline int y_line_of(const winograd_sizes s)
{
    return s.tile_columns * OUTPUTS * NV * panels_of(s) + 1;
}

static inline size_t worker_vectors_of(const winograd_sizes s)
{
    return lines_vectors_of(s) + SIDE * y_line_of(s) + (s.y_w * s.groups * s.k + 15) / 16;
}

CALLED void transform_grad_columns(__global float16 *lines,
                                   __global const float *const rows[OUTPUTS],
                                   const winograd_sizes s)
{
    const int pixel = s.groups * s.k, step = y_line_of(s);

    for (int i = 0; i < s.y_w; ++i, lines += NV * panels_of(s))
        for (int k = 0; 16 * k < s.k; ++k) {
            float16 line[OUTPUTS], points[SIDE];

            EACH(r, OUTPUTS)
                line[r] = load_channels(rows[r] + i * pixel, 16 * k, s.k);
            BY_COUNT(winograd_points, SIDE, OUTPUTS)(points, line);
            EACH(p, SIDE)
                lines[p * step + k] = points[p];
        }
}

CALLED void transform_grad_rows(__global float16 *d, __global const float16 *lines,
                                const winograd_sizes s)
{
    const int vectors = NV * panels_of(s), d_point = d_point_of(s);

    for (int p = 0; p < SIDE; ++p, lines += y_line_of(s), d += SIDE * d_point)
        for (int t = 0; t < s.tile_columns; ++t)
            for (int k = 0; k < vectors; ++k) {
                __global float16 *to = d + k / NV * d_vectors_of(s) + t * NV + k % NV;
                float16 line[OUTPUTS], points[SIDE];

                EACH(i, OUTPUTS)
                    line[i] = lines[(t * OUTPUTS + i) * vectors + k];
                BY_COUNT(winograd_points, SIDE, OUTPUTS)(points, line);
                EACH(q, SIDE)
                    to[q * d_point] = points[q];
            }
}

/* As transform_input, of grad_y. */
static inline void transform_grad(__global float16 *d, __global float16 *lines,
                                  __global const float *grad_y, const int tile_row,
                                  const winograd_sizes s)
{
    __global const float *zeros = (__global const float *)(lines + SIDE * y_line_of(s));
    __global const float *rows[OUTPUTS];
    const int top = tile_row % s.tile_rows * OUTPUTS, row_floats = s.y_w * s.groups * s.k;

    grad_y += (size_t)(tile_row / s.tile_rows) * (s.y_h * row_floats);
    for (int r = 0; r < OUTPUTS; ++r)
        rows[r] = top + r < s.y_h ? grad_y + (top + r) * row_floats : zeros;
    transform_grad_columns(lines, rows, s);
    transform_grad_rows(d, lines, s);
}

/* Rows first_row ... first_row+rows-1 of tiles, counted over all images of grad_y; x begins
 * x_vectors16 vectors of 16 into its buffer, with the image of row x_row. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_input(__global float *restrict scratch,
                                  __global const float *restrict x,
                                  __global const float *restrict grad_y, const uint x_vectors16,
                                  const int x_row, const int first_row, const int rows,
                                  const winograd_sizes s)
{
    const int worker = get_global_id(0), workers = get_global_size(0), panels = panels_of(s);
    __global float16 *v = (__global float16 *)(scratch + s.groups * panels * m_floats_of(s));
    __global float16 *d = v + s.groups * v_vectors_of(s);
    __global float16 *lines = d + s.groups * panels * d_vectors_of(s) +
                              worker * worker_vectors_of(s);
    __global float16 *y_lines = lines + lines_vectors_of(s);

    clear_vectors(lines, worker_vectors_of(s));
    for (int group = 0; group < s.groups; ++group)
        for (int i = worker; i < rows; i += workers) {
            transform_input(v + group * v_vectors_of(s) + i * s.tile_columns, lines,
                            x + (size_t)x_vectors16 * 16 + group * s.c, first_row - x_row + i, s);
            transform_grad(d + group * panels * d_vectors_of(s) + i * s.tile_columns * NV, y_lines,
                           grad_y + group * s.k, first_row + i, s);
        }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_multiply(__global float *restrict scratch, const int tiles,
                                     const int fresh, const winograd_sizes s)
{
    const size_t point = get_global_id(0), panel = get_global_id(1);
    const int panels = panels_of(s);
    __global float *m = scratch + panel * m_floats_of(s) + point * m_point_of(s);
    __global const float16 *v = (__global const float16 *)(scratch +
                                                           s.groups * panels * m_floats_of(s)) +
                                panel / panels * v_vectors_of(s);
    __global const float16 *d = v - panel / panels * v_vectors_of(s) + s.groups * v_vectors_of(s) +
                                panel * d_vectors_of(s) + point * d_point_of(s);

    v += point * v_point_of(s);
    for (int c = 0; c < 16 * c_vectors_of(s); c += MR, m += MR * NR)
        tile_multiply(m, NR, (__global const float *)(v + c / 16 * tiles_of(s)) + c % 16,
                      (__global const float *)d, tiles, MR, NR, !fresh);
}

/* 16 filters of channel c; m at its first point. */
CALLED void transform_weights(float16 weights[TAPS][TAPS], __global const float *m,
                              const int m_point)
{
    float16 lines[TAPS][SIDE], points[SIDE];

    for (int q = 0; q < SIDE; ++q) {
        float16 line[TAPS];

        EACH(p, SIDE)
            points[p] = vload16(0, m + (p * SIDE + q) * m_point) * BY_SIDE(winograd_scale, SIDE)[p];
        BY_COUNT(winograd_output, SIDE, TAPS)(line, points);
        EACH(r, TAPS)
            lines[r][q] = line[r] * BY_SIDE(winograd_scale, SIDE)[q];
    }
    for (int r = 0; r < TAPS; ++r)
        BY_COUNT(winograd_output, SIDE, TAPS)(weights[r], lines[r]);
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_winograd_weight_output(__global float *restrict grad_w,
                                   __global const float *restrict scratch, const int accumulate,
                                   const winograd_sizes s)
{
    const int first = get_global_id(0) * 16, end = min(first + 16, s.c);
    const size_t panel = get_global_id(1);
    const int panels = panels_of(s), k = panel % panels * NR;

    grad_w += panel / panels * s.k + k;
    for (int c = first; c < end; ++c)
        for (int j = 0; j < NV && k + 16 * j < s.k; ++j) {
            float16 weights[TAPS][TAPS];

            transform_weights(weights, scratch + panel * m_floats_of(s) + c * NR + 16 * j,
                              m_point_of(s));
            for (int tap = 0; tap < TAPS * TAPS; ++tap) {
                const int row = filter_row(tap, c, s);
                __global float *to = grad_w + (size_t)row * (s.groups * s.k) + 16 * j;
                float16 sum = weights[tap / TAPS][tap % TAPS];

                if (row < 0)
                    continue;
                if (accumulate)
                    sum += load_lanes(to, s.k - k - 16 * j);
                store_lanes(sum, to, s.k - k - 16 * j);
            }
        }
}
