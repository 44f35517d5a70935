/* im2col.c - convolution as a product with the matrix of windows (cl/im2col.cl) by CLBlast;
 * groups are a strided batch. Works on every device. */
#include "base/try.h"
#include "ops/conv/conv2d.h"
#include "ops/gemm/gemm.h"

#include <stdio.h>

/* Bytes of the matrix of windows, made for as many images at a time as fit, at least one. */
#define CHUNK_BYTES ((size_t)64 << 20)

/* Rows (windows) and columns (of one group) of one image's matrix. */
static int window_rows(const conv2d_sizes *s)
{
    return s->out_h * s->out_w;
}

static int window_columns(const conv2d_sizes *s)
{
    return s->kernel * s->kernel * s->c;
}

static size_t image_floats(const conv2d_sizes *s)
{
    return (size_t)window_rows(s) * (size_t)s->groups * (size_t)window_columns(s);
}

static int chunk_images(const conv2d_sizes *s)
{
    const size_t fitting = CHUNK_BYTES / sizeof(float) / image_floats(s);

    return fitting < 1 ? 1 : fitting < (size_t)s->images ? (int)fitting : s->images;
}

static size_t im2col_scratch(alx_pass pass, const conv2d_sizes *s)
{
    (void)pass;
    return (size_t)chunk_images(s) * image_floats(s);
}

/* Kernel "im2col" fills `out` (columns) from `in` (x) for images first ... first+count-1, "col2im"
 * `out` (x) from `in` (columns); `units` floats are written. */
static int launch_columns(const char *kernel, const alx_tensor *out, const alx_tensor *in,
                          const conv2d_sizes *s, int first, size_t written)
{
    const int vector = ops_channel_vector(out->dev, s->c);
    ops_split split;
    char options[256];

    TRY(ops_split_units(&split, out->dev, written / (size_t)vector));
    snprintf(options, sizeof options,
             "-DX_H=%d -DX_W=%d -DC=%d -DY_H=%d -DY_W=%d -DGROUPS=%d -DR=%d -DSTRIDE=%d -DPAD=%d "
             "-DVEC=%d -DWG=%d",
             s->in_h, s->in_w, s->c, s->out_h, s->out_w, s->groups, s->kernel, s->stride, s->pad,
             vector, split.group);

    const alx_arg args[] = { ALX_BUF(out), ALX_BUF(in), ALX_INT(first), ALX_UINT(split.total),
                             ALX_UINT(split.run) };

    return alx_launch(out->dev, "im2col", kernel, options, args, ALX_COUNT(args), &split.grid);
}

/* One pass over a chunk: images first ... first+count-1. */
typedef struct chunk {
    int first, count;
    int windows;    /* rows of its matrix */
    size_t y_first; /* first element in y */
} chunk;

static chunk chunk_at(const conv2d_sizes *s, int first)
{
    const int most = chunk_images(s), left = s->images - first;
    const int count = left < most ? left : most;

    return (chunk){
        .first = first,
        .count = count,
        .windows = count * window_rows(s),
        .y_first = (size_t)first * (size_t)window_rows(s) * (size_t)(s->groups * s->k),
    };
}

static int im2col_forward(const alx_tensor *y, const alx_tensor *x, const alx_tensor *w,
                          const alx_tensor *b, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const int columns = window_columns(s), filters = s->groups * s->k;

    TRY(ops_bias_rows(y, b));
    for (int first = 0; first < s->images; first += chunk_images(s)) {
        const chunk c = chunk_at(s, first);
        const alx_gemm gemm = {
            .m = c.windows,
            .n = s->k,
            .k = columns,
            .alpha = 1.0f,
            .beta = 1.0f,
            .lda = s->groups * columns,
            .ldb = filters,
            .ldc = filters,
            .c_offset = c.y_first,
            .batch = s->groups,
            .a_stride = (size_t)columns,
            .b_stride = (size_t)s->k,
            .c_stride = (size_t)s->k,
        };

        TRY(launch_columns("im2col", scratch, x, s, first, (size_t)c.count * image_floats(s)));
        TRY(alx_clblast_sgemm(y->dev, y, scratch, w, &gemm));
    }
    return 0;
}

static int im2col_grad_input(const alx_tensor *grad_x, const alx_tensor *grad_y,
                             const alx_tensor *w, const conv2d_sizes *s, const alx_tensor *scratch)
{
    const int columns = window_columns(s), filters = s->groups * s->k;
    const size_t x_floats = (size_t)s->in_h * (size_t)s->in_w * (size_t)(s->groups * s->c);

    for (int first = 0; first < s->images; first += chunk_images(s)) {
        const chunk c = chunk_at(s, first);
        const alx_gemm gemm = {
            .transpose_b = true,
            .m = c.windows,
            .n = columns,
            .k = s->k,
            .alpha = 1.0f,
            .lda = filters,
            .ldb = filters,
            .ldc = s->groups * columns,
            .a_offset = c.y_first,
            .batch = s->groups,
            .a_stride = (size_t)s->k,
            .b_stride = (size_t)s->k,
            .c_stride = (size_t)columns,
        };

        TRY(alx_clblast_sgemm(grad_x->dev, scratch, grad_y, w, &gemm));
        TRY(launch_columns("col2im", grad_x, scratch, s, first, (size_t)c.count * x_floats));
    }
    return 0;
}

static int im2col_grad_weight(const alx_tensor *grad_w, const alx_tensor *x,
                              const alx_tensor *grad_y, const conv2d_sizes *s, bool accumulate,
                              const alx_tensor *scratch)
{
    const int columns = window_columns(s), filters = s->groups * s->k;

    for (int first = 0; first < s->images; first += chunk_images(s)) {
        const chunk c = chunk_at(s, first);
        const alx_gemm gemm = {
            .transpose_a = true,
            .m = columns,
            .n = s->k,
            .k = c.windows,
            .alpha = 1.0f,
            .beta = accumulate || first > 0 ? 1.0f : 0.0f,
            .lda = s->groups * columns,
            .ldb = filters,
            .ldc = filters,
            .b_offset = c.y_first,
            .batch = s->groups,
            .a_stride = (size_t)columns,
            .b_stride = (size_t)s->k,
            .c_stride = (size_t)s->k,
        };

        TRY(launch_columns("im2col", scratch, x, s, first, (size_t)c.count * image_floats(s)));
        TRY(alx_clblast_sgemm(grad_w->dev, grad_w, scratch, grad_y, &gemm));
    }
    return 0;
}

const conv2d_algorithm ops_conv2d_im2col = {
    .scratch = im2col_scratch,
    .forward = im2col_forward,
    .grad_input = im2col_grad_input,
    .grad_weight = im2col_grad_weight,
};
