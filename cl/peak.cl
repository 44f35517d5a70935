/* peak.cl - how many fused multiply-adds a second this device can do from registers
 * Layout   out: one float per work-item, so that nothing is optimised away
 * Work     ROUNDS times 12 independent FMAs of WIDTH lanes per item
 * Launch   global {items}   local {WG}
 * -D       WG items per group   WIDTH lanes: those of a register, so that 12 sums, a and b fit into
 *          the 16 registers of AVX2   ROUNDS loop count
 * Traffic  none; flops 2 * 12 * WIDTH * ROUNDS * items; compute bound by design
 * Checked  by src/bench/peak.c's caller only for being finite: a = 1 - 2^-12 shrinks every value */
#ifndef WG
#define WG 1 /* items of a group */
#endif
#ifndef WIDTH
#define WIDTH 16 /* lanes of a vector: 1, 4, 8 or 16 */
#endif
#ifndef ROUNDS
#define ROUNDS 1024 /* passes of the loop */
#endif

#if WIDTH > 1
#define LANES2(width) float##width
#define LANES(width) LANES2(width)
typedef LANES(WIDTH) lanes;
#define FIRST_LANE(v) (v).s0
#else
typedef float lanes;
#define FIRST_LANE(v) (v)
#endif

__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void peak_fma(__global float *restrict out, const float a, const float b)
{
    const float start = (float)get_global_id(0);
    lanes x0 = start, x1 = start + 1, x2 = start + 2, x3 = start + 3, x4 = start + 4;
    lanes x5 = start + 5, x6 = start + 6, x7 = start + 7, x8 = start + 8, x9 = start + 9;
    lanes x10 = start + 10, x11 = start + 11;
    const lanes va = a, vb = b;

    for (int i = 0; i < ROUNDS; ++i) {
        x0 = fma(x0, va, vb);
        x1 = fma(x1, va, vb);
        x2 = fma(x2, va, vb);
        x3 = fma(x3, va, vb);
        x4 = fma(x4, va, vb);
        x5 = fma(x5, va, vb);
        x6 = fma(x6, va, vb);
        x7 = fma(x7, va, vb);
        x8 = fma(x8, va, vb);
        x9 = fma(x9, va, vb);
        x10 = fma(x10, va, vb);
        x11 = fma(x11, va, vb);
    }
    const lanes sum = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7)) + ((x8 + x9) + (x10 + x11));
    out[get_global_id(0)] = FIRST_LANE(sum);
}
