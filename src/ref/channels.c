/* channels.c - twin of what joins the towers: slices of channels, put and taken. */
#include "alexnet/dev/ref.h"

void alx_ref_put_channels(float *y, int y_channels, int first, const float *x, int channels,
                          size_t pixels)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel)
        for (int c = 0; c < channels; ++c)
            y[pixel * (size_t)y_channels + (size_t)(first + c)] = *x++;
}

void alx_ref_take_channels(float *y, int channels, const float *x, int x_channels, int first,
                           bool add, size_t pixels)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel)
        for (int c = 0; c < channels; ++c, ++y) {
            const float value = x[pixel * (size_t)x_channels + (size_t)(first + c)];

            *y = add ? *y + value : value;
        }
}
