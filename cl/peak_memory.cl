/* peak_memory.cl - how fast this device moves floats: large buffers, and local memory
 * Layout   peak_memory: x and y hold items * RUN vectors of WIDTH lanes; peak_local: floats
 * Work     peak_memory: y += a * x over RUN vectors; peak_local: ROUNDS reads of 4 lanes each
 * Launch   global {items}   local {WG}
 * -D       WG items per group   WIDTH lanes: 4 or 16   RUN vectors per item   ROUNDS loop count
 *          STRIDE vectors between an item's: 0 = a run of its own (CPU), items = neighbours (GPU)
 * Traffic  peak_memory: 3 floats an element (read x and y, write y: nothing is fetched to be
 *          overwritten); peak_local: 16 bytes a round and item
 * Checked  peak_memory by tests/bench/test_peak.c */
#ifndef WG
#define WG 1 /* items of a group */
#endif
#ifndef WIDTH
#define WIDTH 16 /* lanes of a vector: 4 or 16 */
#endif
#ifndef RUN
#define RUN 16 /* vectors of an item */
#endif
#ifndef STRIDE
#define STRIDE 0 /* vectors from one of an item's to the next; 0: they are neighbours */
#endif
#ifndef ROUNDS
#define ROUNDS 1024 /* passes of the loop */
#endif

#if WIDTH == 16
typedef float16 lanes;
#else
typedef float4 lanes;
#endif

__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void peak_memory(__global lanes *restrict y, __global const lanes *restrict x, const float a)
{
    const size_t item = get_global_id(0);
    const size_t step = STRIDE > 0 ? (size_t)STRIDE : 1;
    size_t at = STRIDE > 0 ? item : item * RUN;
    const lanes va = a;

    for (int i = 0; i < RUN; ++i, at += step)
        y[at] = fma(x[at], va, y[at]);
}

__kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void peak_local(__global float *restrict out, const float start)
{
    __local float4 tile[WG];
    const int me = (int)get_local_id(0);
    float4 sum = 0.0f;

    tile[me] = start + (float)me;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = 0; i < ROUNDS; ++i)
        sum += tile[(me + i) % WG];
    out[get_global_id(0)] = (sum.x + sum.y) + (sum.z + sum.w);
}
