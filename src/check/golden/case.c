/* case.c - stored tensors of a case, to the device and back. */
#include "check/golden/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/try.h"

#define MAX_KEY 256

static const alx_st_tensor *find_tensor(const golden_case *c, const char *name)
{
    char key[MAX_KEY];

    snprintf(key, sizeof key, "%s/%s/%s", c->op, c->name, name);
    return alx_safetensors_find(c->file, key);
}

bool golden_has(const golden_case *c, const char *name)
{
    return find_tensor(c, name) != NULL;
}

int golden_find(const golden_case *c, const alx_st_tensor **out, const char *name, alx_dtype dtype)
{
    *out = find_tensor(c, name);
    if (*out == NULL)
        return alx_fail(ALX_E_DATA, "no tensor %s/%s/%s", c->op, c->name, name);
    if ((*out)->dtype != dtype || (*out)->count == 0)
        return alx_fail(ALX_E_DATA, "tensor %s/%s/%s is empty or of another type than expected",
                        c->op, c->name, name);
    return 0;
}

/* Fills up to four axes; the shape on the device follows from the layout. */
static int describe_value(golden_value *value, alx_shape *shape)
{
    const alx_st_tensor *stored = value->stored;

    if (stored->dim_count > 4 && value->layout != GOLDEN_FLAT)
        return alx_fail(ALX_E_DATA, "tensor %s has more than four axes", stored->name);
    if (stored->count > INT32_MAX)
        return alx_fail(ALX_E_DATA, "tensor %s is too large", stored->name);
    for (int i = 0; i < 4; ++i)
        value->dims[i] = i < stored->dim_count ? stored->dims[i] : 1;
    const int *d = value->dims;
    *shape = value->layout == GOLDEN_FLAT    ? (alx_shape){ 1, 1, 1, (int)stored->count }
             : value->layout == GOLDEN_IMAGE ? (alx_shape){ d[0], d[2], d[3], d[1] }
                                             : (alx_shape){ d[2], d[3], d[1], d[0] };
    return 0;
}

int golden_load(golden_case *c, golden_value *out, const char *name, golden_layout layout)
{
    alx_shape shape;
    float *ordered = NULL;

    *out = (golden_value){ .name = name, .layout = layout };
    TRY(golden_find(c, &out->stored, name, ALX_F32));
    TRY(describe_value(out, &shape));
    if (layout == GOLDEN_FLAT)
        return check_upload(&c->pool, &out->tensor, shape, out->stored->data);
    TRY(check_host(&c->pool, &ordered, out->stored->count));
    golden_permute(ordered, out->stored->data, out->dims,
                   layout == GOLDEN_IMAGE ? golden_nchw_to_nhwc : golden_oihw_to_rsio);
    return check_upload(&c->pool, &out->tensor, shape, ordered);
}

int golden_make(golden_case *c, golden_value *out, const char *name, golden_layout layout)
{
    alx_shape shape;

    *out = (golden_value){ .name = name, .stored = find_tensor(c, name), .layout = layout };
    if (out->stored == NULL || out->stored->count == 0)
        return alx_fail(ALX_E_DATA, "no tensor %s/%s/%s", c->op, c->name, name);
    TRY(describe_value(out, &shape));
    return check_tensor(&c->pool, &out->tensor, shape);
}

/* ---- comparison ----------------------------------------------------------------------------- */

/* Whole numbers must be equal: the error is the share of those that are not. */
static double share_different(const float *got, const alx_st_tensor *stored)
{
    size_t different = 0;

    for (size_t i = 0; i < stored->count; ++i) {
        if (stored->dtype == ALX_I64)
            different += (int64_t)got[i] != ((const int64_t *)stored->data)[i];
        else
            different += got[i] != (float)((const uint8_t *)stored->data)[i];
    }
    return (double)different / (double)stored->count;
}

int golden_check_host(golden_case *c, const char *name, const float *got, size_t count)
{
    const alx_st_tensor *stored = find_tensor(c, name);
    char quantity[MAX_KEY];

    if (stored == NULL || stored->count != count)
        return alx_fail(ALX_E_DATA, "no tensor %s/%s/%s of %zu elements", c->op, c->name, name,
                        count);
    if (stored->dtype != ALX_F32 && stored->dtype != ALX_I64 && stored->dtype != ALX_U8)
        return alx_fail(ALX_E_DATA, "tensor %s is of another type than expected", stored->name);
    snprintf(quantity, sizeof quantity, "%s.%s", c->op, name);
    check_add(c->report,
              stored->dtype == ALX_F32 ? check_difference(got, stored->data, count)
                                       : share_different(got, stored),
              golden_tolerance(quantity), "%s of %s", name, c->name);
    return 0;
}

/* int32 in place to float, which holds the indices of a plane exactly. */
static void widen_integers(float *values, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        int32_t integer;

        memcpy(&integer, &values[i], sizeof integer);
        values[i] = (float)integer;
    }
}

int golden_check(golden_case *c, const golden_value *value)
{
    const int *d = value->dims, image[4] = { d[0], d[2], d[3], d[1] },
              filter[4] = { d[2], d[3], d[1], d[0] };
    const size_t count = value->stored->count;
    float *got = NULL, *ordered = NULL;

    TRY(check_download(&c->pool, &got, value->tensor));
    TRY(check_host(&c->pool, &ordered, count));
    if (value->stored->dtype == ALX_I64)
        widen_integers(got, count);
    if (value->layout == GOLDEN_IMAGE)
        golden_permute(ordered, got, image, golden_nhwc_to_nchw);
    else if (value->layout == GOLDEN_FILTER)
        golden_permute(ordered, got, filter, golden_rsio_to_oihw);
    return golden_check_host(c, value->name, value->layout == GOLDEN_FLAT ? got : ordered, count);
}
