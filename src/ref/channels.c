/* channels.c - twin of what joins the towers: concatenation and sums of channel slices. */
#include "alexnet/ref.h"

void alx_ref_gather_channels(float *y, const float *const *parts, const int *channels,
                             int part_count, size_t pixels)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel)
        for (int part = 0; part < part_count; ++part)
            for (int c = 0; c < channels[part]; ++c)
                *y++ = parts[part][pixel * (size_t)channels[part] + (size_t)c];
}

void alx_ref_sum_channels(float *y, const float *const *wholes, int whole_count,
                          int whole_channels, int first, int channels, size_t pixels)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel)
        for (int c = 0; c < channels; ++c) {
            const size_t at = pixel * (size_t)whole_channels + (size_t)(first + c);
            double sum = 0.0;

            for (int i = 0; i < whole_count; ++i)
                sum += (double)wholes[i][at];
            *y++ = (float)sum;
        }
}
