/* test.c - comparisons and data for tests. */
#include "support/test.h"

#include <math.h>
#include <stdlib.h>

#include "alexnet/log.h"
#include "base/rng.h"

/* What the library has to say belongs in a test's log. */
static void __attribute__((constructor)) show_messages(void)
{
    alx_log_set_sink(alx_log_to_stderr, NULL);
}

void test_assert_close(const char *what, const float *got, const float *want, size_t count,
                       double rtol, double atol)
{
    double worst = 0.0;
    size_t at = 0;

    for (size_t i = 0; i < count; ++i) {
        const double allowed = atol + rtol * fabs((double)want[i]);
        const double excess = fabs((double)got[i] - (double)want[i]) / allowed;

        if (!(excess <= worst)) { /* NaN counts as worst */
            worst = isnan(excess) ? INFINITY : excess;
            at = i;
        }
    }
    if (worst > 1.0)
        fail_msg("%s: element %zu of %zu is %.9g, want %.9g (%.3g times the tolerance)", what, at,
                 count, (double)got[at], (double)want[at], worst);
}

void test_assert_rel_max(const char *what, const float *got, const float *want, size_t count,
                         double limit)
{
    double scale = 0.0;

    for (size_t i = 0; i < count; ++i)
        scale = fmax(scale, fabs((double)want[i]));
    test_assert_close(what, got, want, count, 0.0, limit * scale + 1e-30);
}

void test_fill(float *out, size_t count, uint32_t stream, float low, float high)
{
    base_random_fill(out, count, stream, 0, low, high);
}

void *test_alloc(size_t bytes)
{
    void *memory = calloc(bytes > 0 ? bytes : 1, 1);

    if (memory == NULL)
        fail_msg("out of memory for %zu bytes", bytes);
    return memory;
}
