/* case.c - what a case of a kernel begins and ends with: random tensors, and comparisons. */
#include "check/kernels/kernels.h"

#include <string.h>

#include "base/rng.h"
#include "base/try.h"

int check_random(check_case *t, alx_tensor **tensor, float **host, alx_shape shape, float low,
                 float high)
{
    const size_t count = alx_shape_count(shape);

    TRY(check_host(&t->pool, host, count));
    base_random_fill(*host, count, t->stream++, 0, low, high);
    return check_upload(&t->pool, tensor, shape, *host);
}

int check_compare(check_case *t, const alx_tensor *got, const float *want, double limit,
                  const char *what)
{
    float *host = NULL;

    TRY(check_download(&t->pool, &host, got));
    check_add(t->report, check_difference(host, want, alx_shape_count(got->shape)), limit, "%s",
              what);
    return 0;
}

int check_compare_integers(check_case *t, const alx_tensor *got, const int32_t *want,
                           const char *what)
{
    const size_t count = alx_shape_count(got->shape);
    size_t different = 0;
    float *host = NULL;

    TRY(check_download(&t->pool, &host, got));
    for (size_t i = 0; i < count; ++i)
        different += memcmp(&host[i], &want[i], sizeof want[i]) != 0;
    check_add(t->report, (double)different / (double)count, 0.0, "%s", what);
    return 0;
}

int check_scratch(check_case *t, alx_tensor **out, size_t count)
{
    return check_tensor(&t->pool, out, (alx_shape){ 1, 1, 1, (int)count });
}
