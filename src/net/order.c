/* order.c - between PyTorch's order of a parameter and the device's order of one tower's part.
 *     convolution      OIHW                  (R,S,I,K): K of this part, contiguous
 *     fully connected  (out, C*H*W)          (out of this part, H*W*C), or where the inputs are
 *                                            divided (out, H*W*C of this part)
 *     bias             (out)                 (out of this part) */
#include "net/net.h"

#include <string.h>

/* Calls come in pairs that differ in the direction of the copy only. */
static void copy_element(float *part_data, size_t part_at, float *whole, size_t whole_at,
                         bool to_part)
{
    if (to_part)
        part_data[part_at] = whole[whole_at];
    else
        whole[whole_at] = part_data[part_at];
}

static void convert_conv(float *part_data, float *whole, const alx_param_info *info, int part,
                         int parts, bool to_part)
{
    const size_t outputs = (size_t)(info->dims[0] / parts), inputs = (size_t)info->dims[1];
    const size_t taps = (size_t)info->dims[2] * (size_t)info->dims[3];

    for (size_t o = 0; o < outputs; ++o)
        for (size_t c = 0; c < inputs; ++c)
            for (size_t tap = 0; tap < taps; ++tap)
                copy_element(part_data, (tap * inputs + c) * outputs + o, whole,
                             (((size_t)part * outputs + o) * inputs + c) * taps + tap, to_part);
}

static void convert_fc(float *part_data, float *whole, const alx_param_info *info, alx_shape in,
                       int part, int parts, bool to_part)
{
    const size_t pixels = (size_t)in.h * (size_t)in.w, channels = (size_t)in.c;
    const size_t columns = pixels * channels, inputs = (size_t)info->dims[1];
    const bool by_input = columns < inputs;
    const size_t outputs = (size_t)info->dims[0] / (size_t)(by_input ? 1 : parts);
    const size_t first = (size_t)part * (by_input ? columns : outputs * inputs);

    for (size_t o = 0; o < outputs; ++o) {
        float *row = part_data + o * columns;
        float *whole_row = whole + first + o * inputs;

        for (size_t pixel = 0; pixel < pixels; ++pixel)
            for (size_t c = 0; c < channels; ++c)
                copy_element(row, pixel * channels + c, whole_row, c * pixels + pixel, to_part);
    }
}

static void convert(float *part_data, float *whole, const alx_param_info *info, alx_shape in,
                    int part, int parts, bool to_part)
{
    if (info->dim_count == 4) {
        convert_conv(part_data, whole, info, part, parts, to_part);
    } else if (info->dim_count == 2 &&
               (in.h * in.w > 1 || alx_shape_count(in) < (size_t)info->dims[1])) {
        convert_fc(part_data, whole, info, in, part, parts, to_part);
    } else {
        const size_t count = info->count / (size_t)parts;

        if (to_part)
            memcpy(part_data, whole + (size_t)part * count, count * sizeof *whole);
        else
            memcpy(whole + (size_t)part * count, part_data, count * sizeof *whole);
    }
}

void net_order_part(float *part_data, const float *whole, const alx_param_info *info, alx_shape in,
                    int part, int parts)
{
    convert(part_data, (float *)whole, info, in, part, parts, true); /* `whole` is only read */
}

void net_order_whole(float *whole, const float *part_data, const alx_param_info *info, alx_shape in,
                     int part, int parts)
{
    convert((float *)part_data, whole, info, in, part, parts, false); /* `part_data` is only read */
}
