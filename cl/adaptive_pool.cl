/* adaptive_pool.cl - adaptive average pooling; cell i of n over `size` rows is the mean of rows
 *                    floor(i * size / n) .. ceil((i + 1) * size / n) - 1
 * Layout   NHWC float32; blocks = C / VEC vectors per pixel
 * Work     forward VEC channels of an output pixel, backward VEC channels of an input pixel
 * Launch   ceil(total / (WG * run)) groups of WG; total = N * H * W * blocks of the written tensor
 * -D       VEC (divides C), WG: vector.clh
 * Traffic  about one read and one write per element
 * Checked  against src/ref/adaptive_pool.c, rtol 2e-6 */
#include "vector.clh"

static inline int cell_first(const int i, const int n, const int size)
{
    return i * size / n;
}

static inline int cell_end(const int i, const int n, const int size)
{
    return ((i + 1) * size + n - 1) / n;
}

__kernel GROUP void adaptive_pool_forward(__global float *restrict y,
                                          __global const float *restrict x, const int height,
                                          const int width, const int out_height,
                                          const int out_width, const uint blocks,
                                          const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint pixel = (uint)unit / blocks, line = pixel / out_width;
        const int row = line % out_height, column = pixel % out_width;
        const int top = cell_first(row, out_height, height);
        const int bottom = cell_end(row, out_height, height);
        const int left = cell_first(column, out_width, width);
        const int right = cell_end(column, out_width, width);
        const size_t image = (size_t)(line / out_height) * height * width;
        floatv sum = (floatv)(0.0f);

        for (int i = top; i < bottom; ++i)
            for (int j = left; j < right; ++j)
                sum += LOAD(x + ((image + i * width + j) * blocks + (uint)unit % blocks) * VEC);
        STORE(sum / (float)((bottom - top) * (right - left)), y + unit * VEC);
    }
}

/* Gathers from the cells that hold the pixel: i from floor(row * n / size) to
 * ceil((row + 1) * n / size) - 1, the same two functions with n and size exchanged. */
__kernel GROUP void adaptive_pool_backward(__global float *restrict grad_x,
                                           __global const float *restrict grad_y,
                                           const int height, const int width,
                                           const int out_height, const int out_width,
                                           const uint blocks, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const uint pixel = (uint)unit / blocks, line = pixel / width;
        const int row = line % height, column = pixel % width;
        const int row_end = cell_end(row, height, out_height);
        const int column_end = cell_end(column, width, out_width);
        const size_t image = (size_t)(line / height) * out_height * out_width;
        floatv sum = (floatv)(0.0f);

        for (int i = cell_first(row, height, out_height); i < row_end; ++i) {
            const int rows = cell_end(i, out_height, height) - cell_first(i, out_height, height);

            for (int j = cell_first(column, width, out_width); j < column_end; ++j) {
                const int columns = cell_end(j, out_width, width) - cell_first(j, out_width, width);
                const size_t from = (image + i * out_width + j) * blocks + (uint)unit % blocks;

                sum += LOAD(grad_y + from * VEC) / (float)(rows * columns);
            }
        }
        STORE(sum, grad_x + unit * VEC);
    }
}
