/* conv2d_vec_pack.cl - operands of the vec convolutions: spread images, packed weights
 * Layout   images (N,H,W,C) to (N, rows, row floats) with zeros around and between the pixels;
 *          weights (R,R,C,GROUPS*K) to [GROUPS][panels][R*R][C][columns], zeros beyond K, and
 *          flipped for grad-input: taps in reverse, C and K exchanged
 * Work     spread: an image's block of ROWS rows per item; pack: a tap and panel per item
 * Launch   spread: global {blocks, images}; pack: global {R*R, GROUPS*panels}; local
 *          {1, 1}
 * -D       ROWS
 * Traffic  reads and writes every element once, memory bound
 * Checked  exact; with conv2d_vec.cl against src/ref/conv2d.c */
#include "called.clh"

#ifndef ROWS
#define ROWS 8 /* that an item of spread writes */
#endif

CALLED void copy_floats(__global float *restrict to, __global const float *restrict from,
                        const int count)
{
    int i = 0;

    for (; i + 16 <= count; i += 16)
        vstore16(vload16(0, from + i), 0, to + i);
    for (; i < count; ++i)
        to[i] = from[i];
}

CALLED void clear_floats(__global float *to, const int count)
{
    int i = 0;

    for (; i + 16 <= count; i += 16)
        vstore16((float16)0.0f, 0, to + i);
    for (; i < count; ++i)
        to[i] = 0.0f;
}

/* Row v of an image goes to row lead + v*dilation of out_rows; it is `runs` runs of `run` floats,
 * which go to first + i*pitch of out_floats. The rest is zeros; what falls outside is dropped.
 * out_vectors16: where the images begin in out, in vectors of 16. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec_spread(__global float *restrict out, __global const float *restrict in,
                       const uint out_vectors16, const int in_image, const int in_rows,
                       const int out_rows, const int out_floats, const int lead,
                       const int dilation, const int first, const int pitch, const int run,
                       const int runs)
{
    const size_t image = get_global_id(1);
    const int begin = get_global_id(0) * ROWS, end = min(begin + ROWS, out_rows);

    in += (in_image + image) * in_rows * run * runs;
    out += (size_t)out_vectors16 * 16 + image * out_rows * out_floats;
    for (int u = begin; u < end; ++u) {
        const int v = u - lead;
        const bool stored = v >= 0 && v % dilation == 0 && v / dilation < in_rows;
        __global const float *from = in + (size_t)(stored ? v / dilation : 0) * run * runs;
        __global float *row = out + (size_t)u * out_floats;
        int filled = 0;

        for (int i = 0; i < runs && stored; ++i, from += run) {
            const int start = first + i * pitch;
            const int low = max(start, 0), high = min(start + run, out_floats);

            if (low >= high)
                continue;
            clear_floats(row + filled, low - filled);
            copy_floats(row + low, from + (low - start), high - low);
            filled = high;
        }
        clear_floats(row + filled, out_floats - filled);
    }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec_pack(__global float *restrict out, __global const float *restrict w, const int c,
                     const int k, const int groups, const int columns)
{
    const size_t tap = get_global_id(0), taps = get_global_size(0), panel = get_global_id(1);
    const int panels = (k + columns - 1) / columns;
    const int first = panel % panels * columns, count = min(columns, k - first);

    w += tap * c * k * groups + panel / panels * k + first;
    out += (panel * taps + tap) * c * columns;
    for (int i = 0; i < c; ++i, w += k * groups, out += columns) {
        copy_floats(out, w, count);
        clear_floats(out + count, columns - count);
    }
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void conv2d_vec_pack_flipped(__global float *restrict out, __global const float *restrict w,
                             const int c, const int k, const int groups, const int columns)
{
    const size_t tap = get_global_id(0), taps = get_global_size(0), panel = get_global_id(1);
    const int panels = (c + columns - 1) / columns;
    const int first = panel % panels * columns, count = min(columns, c - first);

    w += ((taps - 1 - tap) * c + first) * k * groups + panel / panels * k;
    out += (panel * taps + tap) * k * columns;
    for (int o = 0; o < k; ++o, ++w, out += columns) {
        for (int i = 0; i < count; ++i)
            out[i] = w[(size_t)i * k * groups];
        clear_floats(out + count, columns - count);
    }
}
