/* bench_peak.c - the FMA rate that `alexnet bench` compares with, beside that of the CPU's own
 * instructions, in turn, medians of ROUNDS. For a CPU device with AVX-512 or AVX2.
 *
 *     build/release/bench_peak [DEVICE] */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <immintrin.h>

#include "alexnet/dev/bench.h"
#include "base/clock.h"
#include "base/try.h"

#define ROUNDS 9
#define SUMS 12
#define TRIES 5 /* of which the best counts, as of the device's */
#define STEPS 2000000L
#define MAX_THREADS 256

/* As cl/peak.cl, so many steps of SUMS multiply-adds. */
__attribute__((target("avx512f"))) static void *run_16(void *out)
{
    __m512 sums[SUMS];
    const __m512 a = _mm512_set1_ps(1.0f - 0x1p-12f), b = _mm512_set1_ps(0x1p-12f);

#pragma GCC unroll 12
    for (int i = 0; i < SUMS; ++i)
        sums[i] = _mm512_set1_ps((float)i);
    for (long step = 0; step < STEPS; ++step)
#pragma GCC unroll 12
        for (int i = 0; i < SUMS; ++i)
            sums[i] = _mm512_fmadd_ps(sums[i], a, b);
#pragma GCC unroll 12
    for (int i = 1; i < SUMS; ++i)
        sums[0] = _mm512_add_ps(sums[0], sums[i]);
    *(float *)out = _mm512_cvtss_f32(sums[0]);
    return NULL;
}

__attribute__((target("avx2,fma"))) static void *run_8(void *out)
{
    __m256 sums[SUMS];
    const __m256 a = _mm256_set1_ps(1.0f - 0x1p-12f), b = _mm256_set1_ps(0x1p-12f);

#pragma GCC unroll 12
    for (int i = 0; i < SUMS; ++i)
        sums[i] = _mm256_set1_ps((float)i);
    for (long step = 0; step < STEPS; ++step)
#pragma GCC unroll 12
        for (int i = 0; i < SUMS; ++i)
            sums[i] = _mm256_fmadd_ps(sums[i], a, b);
#pragma GCC unroll 12
    for (int i = 1; i < SUMS; ++i)
        sums[0] = _mm256_add_ps(sums[0], sums[i]);
    *(float *)out = _mm256_cvtss_f32(sums[0]);
    return NULL;
}

/* GFLOP/s of so many threads with registers of so many lanes. */
static double own_rate(int lanes, int threads)
{
    pthread_t ids[MAX_THREADS];
    float out[MAX_THREADS];
    const double begin = base_seconds();

    for (int i = 0; i < threads; ++i)
        if (pthread_create(&ids[i], NULL, lanes == 16 ? run_16 : run_8, &out[i]) != 0)
            exit(3);
    for (int i = 0; i < threads; ++i)
        pthread_join(ids[i], NULL);
    return 2e-9 * SUMS * lanes * (double)STEPS * threads / (base_seconds() - begin);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int compare(alx_device *dev)
{
    const alx_device_info *info = alx_device_get_info(dev);
    const int lanes = info->vector_floats >= 16 ? 16 : 8;
    const int threads = (int)info->compute_units < MAX_THREADS ? (int)info->compute_units
                                                               : MAX_THREADS;
    double ours[ROUNDS], own[ROUNDS];

    for (int i = 0; i < ROUNDS; ++i) {
        own[i] = 0.0;
        for (int j = 0; j < TRIES; ++j) {
            const double rate = own_rate(lanes, threads);

            own[i] = rate > own[i] ? rate : own[i];
        }
        TRY(alx_bench_fma_peak(&ours[i], dev));
    }
    qsort(ours, ROUNDS, sizeof ours[0], by_size);
    qsort(own, ROUNDS, sizeof own[0], by_size);
    printf("%s\n%d threads, registers of %d floats: instructions %.1f GFLOP/s, the device %.1f "
           "(%.0f %%)\n",
           info->name, threads, lanes, own[ROUNDS / 2], ours[ROUNDS / 2],
           100.0 * ours[ROUNDS / 2] / own[ROUNDS / 2]);
    return 0;
}

int main(int argc, char **argv)
{
    alx_device *dev = NULL;
    int rc = alx_device_open(&dev, argc > 1 ? argv[1] : NULL, NULL);

    if (rc == 0)
        rc = compare(dev);
    if (rc != 0)
        fprintf(stderr, "bench_peak: %s\n", alx_status_text(rc));
    alx_device_close(dev);
    return alx_exit_code(rc);
}
