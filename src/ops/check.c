/* check.c - checks of shapes. */
#include "ops/shared.h"

int ops_require(const char *op, bool fits, const char *what)
{
    return fits ? 0 : alx_fail(ALX_E_USAGE, "%s: %s", op, what);
}

int ops_same_shape(const char *op, const alx_tensor *a, const alx_tensor *b)
{
    const alx_shape s = a->shape, t = b->shape;

    if (alx_shape_equal(s, t))
        return 0;
    return alx_fail(ALX_E_USAGE, "%s: %dx%dx%dx%d does not fit %dx%dx%dx%d (N,H,W,C)", op, s.n, s.h,
                    s.w, s.c, t.n, t.h, t.w, t.c);
}
