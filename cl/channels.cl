/* channels.cl - copies, or adds, a slice of channels of one tensor to a slice of another; puts two
 * tensors side by side
 * Layout   pixels of in_channels and of out_channels floats; the slice is blocks * VEC wide
 * Work     one vector of one pixel
 * Launch   ceil(total / (WG * run)) groups of WG; total = pixels * blocks
 * -D       ADD 1: adds to what is there   VEC (divides the slice's width), WG: vector.clh
 * Traffic  reads 1 (2 to add) and writes 1 float per element of the slice
 * Checked  against src/ref/channels.c: copies exact, sums to rounding */
#include "vector.clh"

#ifndef ADD
#define ADD 0 /* 1: adds to what is there */
#endif

/* + the same slice of `more` where there is one. */
__kernel GROUP void channels_slice(__global float *restrict out, __global const float *restrict in,
                                   __global const float *restrict more, const int out_channels,
                                   const int out_first, const int in_channels, const int in_first,
                                   const uint blocks, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const size_t pixel = (uint)unit / blocks;
        const int channel = (uint)unit % blocks * VEC;
        const size_t from = pixel * in_channels + in_first + channel;
        __global float *to = out + pixel * out_channels + out_first + channel;
        floatv value = LOAD(in + from);

        if (more != 0)
            value += LOAD(more + from);
#if ADD
        value += LOAD(to);
#endif
        STORE(value, to);
    }
}

/* out = a beside b; a has a_blocks * VEC channels, out blocks * VEC. */
__kernel GROUP void channels_join(__global float *restrict out, __global const float *restrict a,
                                  __global const float *restrict b, const uint a_blocks,
                                  const uint blocks, const uint total, const uint run)
{
    for (size_t unit = unit_first(run); unit < unit_end(run, total); unit += WG) {
        const size_t pixel = (uint)unit / blocks;
        const uint block = (uint)unit % blocks;
        const floatv value = block < a_blocks
                                 ? LOAD(a + (pixel * a_blocks + block) * VEC)
                                 : LOAD(b + (pixel * (blocks - a_blocks) + block - a_blocks) * VEC);

        STORE(value, out + unit * VEC);
    }
}
