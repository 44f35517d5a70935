/* vec_images.c - images with the zeros around and between their pixels that let the vec
 * kernels run without a test for edges (cl/conv2d_vec_pack.cl). */
#include "ops/conv/vec.h"

#include <stdio.h>

/* Padded images at a time: they stay in the last cache until they are read. */
#define CHUNK_BYTES ((size_t)8 << 20)
#define ROWS_PER_ITEM 16

/* The padded size is `h` x `w`. */
static conv2d_images images_make(int stored_h, int stored_w, int channels, int lead, int dilation,
                                 int h, int w)
{
    const bool spread = lead != 0 || dilation != 1 || h > stored_h || w > stored_w;

    return (conv2d_images){
        .stored_h = stored_h,
        .stored_w = stored_w,
        .channels = channels,
        .lead = lead,
        .dilation = dilation,
        .h = spread ? h : stored_h,
        .w = spread ? w : stored_w,
        .spread = spread,
        .floats = (size_t)channels * (size_t)h * (size_t)w,
    };
}

conv2d_images ops_conv2d_images_of_x(const conv2d_sizes *s)
{
    return images_make(s->in_h, s->in_w, s->groups * s->c, s->pad, 1,
                       (s->out_h - 1) * s->stride + s->kernel,
                       (s->out_w - 1) * s->stride + s->kernel);
}

conv2d_images ops_conv2d_images_of_grad_y(const conv2d_sizes *s)
{
    return images_make(s->out_h, s->out_w, s->groups * s->k, s->kernel - 1 - s->pad, s->stride,
                       s->in_h + s->kernel - 1, s->in_w + s->kernel - 1);
}

int ops_conv2d_images_chunk(const conv2d_images *images, int count, int step)
{
    const size_t fitting = CHUNK_BYTES / sizeof(float) / images->floats / (size_t)step;
    const int steps = ops_parts(count, step);
    const int most = fitting < 1 ? 1 : fitting > (size_t)steps ? steps : (int)fitting;
    const int chunk = step * ops_parts(steps, ops_parts(steps, most));

    return images->spread && chunk < count ? chunk : count;
}

int ops_conv2d_images_spread(const conv2d_images *images, const alx_tensor *scratch, size_t offset,
                             const alx_tensor *x, int first, int count)
{
    /* Without dilation a row is one run of memory. */
    const int run = images->channels * (images->dilation == 1 ? images->stored_w : 1);
    const int runs = images->dilation == 1 ? 1 : images->stored_w;
    char options[32];

    if (!images->spread)
        return 0;
    snprintf(options, sizeof options, "-DROWS=%d", ROWS_PER_ITEM);

    const alx_arg args[] = {
        ALX_BUF(scratch),
        ALX_BUF(x),
        ALX_UINT((uint32_t)(offset / 16)),
        ALX_INT(first),
        ALX_INT(images->stored_h),
        ALX_INT(images->h),
        ALX_INT(images->w * images->channels),
        ALX_INT(images->lead),
        ALX_INT(images->dilation),
        ALX_INT(images->lead * images->channels),
        ALX_INT(images->dilation * images->channels),
        ALX_INT(run),
        ALX_INT(runs),
    };
    const alx_grid grid = {
        .global = { (size_t)ops_parts(images->h, ROWS_PER_ITEM), (size_t)count, 1 },
        .local = { 1, 1, 1 },
    };

    return alx_launch(x->dev, "conv2d_vec_pack", "conv2d_vec_spread", options, args,
                      ALX_COUNT(args), &grid);
}
