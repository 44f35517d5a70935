/* rng.cl - random words into memory
 * Layout   out: count groups of four words
 * Work     one item per group of four words: item first + i of the stream
 * Launch   global round_up(count, 64)   local 64
 * Traffic  writes 16 bytes per item
 * Checked  against base_rng_words, bit for bit (tests/rt/test_rng.c) */
#include "rng.clh"

__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void rng_words(__global uint4 *restrict out, const uint count, const uint seed, const uint purpose,
               const uint step_low, const uint step_high, const uint first_low,
               const uint first_high)
{
    const uint i = get_global_id(0);
    if (i >= count)
        return; /* padding item; allowed because no barrier follows */

    const ulong step = upsample(step_high, step_low);
    out[i] = alx_philox(seed, purpose, step, upsample(first_high, first_low) + i);
}
