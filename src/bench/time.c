/* time.c - the clock around work on a device. */
#include "alexnet/dev/bench.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/try.h"

#define LEAST_MS 4.0 /* of a measurement: a wait costs up to 0.1 ms on CPU runtimes */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

alx_bench_times alx_bench_summary(double *ms, int count)
{
    qsort(ms, (size_t)count, sizeof *ms, compare_doubles);
    return (alx_bench_times){
        .median_ms = 0.5 * (ms[(count - 1) / 2] + ms[count / 2]),
        .min_ms = ms[0],
        .max_ms = ms[count - 1],
        .count = count,
    };
}

/* Milliseconds of one run out of `repeats`. */
static int measure(double *ms, alx_device *dev, alx_bench_work *work, void *user, int repeats)
{
    const double start = base_seconds();

    for (int i = 0; i < repeats; ++i)
        TRY(work(user));
    TRY(alx_device_finish(dev));
    *ms = 1e3 * (base_seconds() - start) / repeats;
    return 0;
}

int alx_bench_time(alx_bench_times *out, alx_device *dev, alx_bench_work *work, void *user,
                   int runs)
{
    double *ms = malloc((size_t)runs * sizeof *ms), once_ms = 0.0;
    int repeats = 1, rc = 0;

    *out = (alx_bench_times){ 0 };
    if (ms == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %d times", runs);
    TRY_DONE(alx_device_finish(dev));
    TRY_DONE(measure(&once_ms, dev, work, user, 1)); /* builds */
    if (once_ms < LEAST_MS || runs > 1)
        TRY_DONE(measure(&once_ms, dev, work, user, 1));
    if (once_ms < LEAST_MS)
        repeats = (int)ceil(LEAST_MS / fmax(once_ms, 1e-3));
    for (int i = 0; i < runs; ++i)
        TRY_DONE(measure(&ms[i], dev, work, user, repeats));
    *out = alx_bench_summary(ms, runs);
done:
    free(ms);
    return rc;
}
