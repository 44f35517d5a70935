/* ops_input.c - golden cases of the input: preprocessing, colour statistics, ten crops. */
#include "check/golden/golden.h"

#include <math.h>
#include <string.h>

#include "alexnet/data.h"
#include "base/try.h"

#define MOST_SIDE 4096 /* of an image: keeps sizes in bytes within an int */

/* ---- images --------------------------------------------------------------------------------- */

static int find_image(const golden_case *c, const alx_st_tensor **out)
{
    TRY(golden_find(c, out, "image", ALX_U8));
    if ((*out)->dim_count != 3 || (*out)->dims[2] != 3)
        return alx_fail(ALX_E_DATA, "tensor %s is not (H,W,3)", (*out)->name);
    return 0;
}

/* The operation wants square images: H x W x 3 elements of `bytes` each, filled up with zeros. */
static int make_square(golden_case *c, void **out, const alx_st_tensor *stored, int side)
{
    const size_t element = alx_dtype_bytes(stored->dtype);
    const size_t from = (size_t)stored->dims[1] * 3 * element, to = (size_t)side * 3 * element;
    float *room = NULL;

    TRY(check_host(&c->pool, &room, (size_t)side * to / sizeof *room + 1));
    for (size_t row = 0; row < (size_t)stored->dims[0]; ++row)
        memcpy((char *)room + row * to, (const char *)stored->data + row * from, from);
    *out = room;
    return 0;
}

static int upload_image(golden_case *c, alx_tensor **out, const alx_st_tensor *image, int side)
{
    void *square = NULL;

    TRY(make_square(c, &square, image, side));
    const int words = side * side * 3 / 4 + 1; /* of four pixels' bytes */
    return check_upload(&c->pool, out, (alx_shape){ 1, 1, 1, words }, square);
}

/* One crop of one image, with the operation's own words for places and parameters. */
static int run_preprocess(golden_case *c, const alx_tensor *y, const alx_tensor *image,
                          const alx_crop *crop, const alx_tensor *mean, const float inv_std[3],
                          const alx_preprocess_params *p)
{
    alx_tensor *crops = NULL, *scale = NULL;

    TRY(check_upload(&c->pool, &crops, (alx_shape){ 1, 1, 1, 8 }, crop));
    TRY(check_upload(&c->pool, &scale, (alx_shape){ 1, 1, 1, 3 }, inv_std));
    return alx_op_preprocess(y, image, crops, mean, scale, p);
}

/* An output stored as (3,H,W), without the axis of images. */
static int make_single(golden_case *c, golden_value *y, const char *name)
{
    TRY(golden_make(c, y, name, GOLDEN_IMAGE));
    memcpy(y->dims, (int[4]){ 1, y->dims[0], y->dims[1], y->dims[2] }, sizeof y->dims);
    y->tensor->shape = (alx_shape){ 1, y->dims[2], y->dims[3], y->dims[1] };
    return 0;
}

static int image_side(int *side, const alx_st_tensor *image)
{
    if (image->dims[0] > MOST_SIDE || image->dims[1] > MOST_SIDE)
        return alx_fail(ALX_E_DATA, "tensor %s is larger than %d x %d", image->name, MOST_SIDE,
                        MOST_SIDE);
    *side = image->dims[0] > image->dims[1] ? image->dims[0] : image->dims[1];
    return 0;
}

/* ---- preprocess ----------------------------------------------------------------------------- */

static int load_mean(golden_case *c, alx_tensor **out, bool *is_image, int side)
{
    const alx_st_tensor *mean = NULL;
    void *square = NULL;

    TRY(golden_find(c, &mean, "mean", ALX_F32));
    *is_image = mean->count != 3;
    if (!*is_image)
        return check_upload(&c->pool, out, (alx_shape){ 1, 1, 1, 3 }, mean->data);
    if (mean->dim_count != 3 || mean->dims[2] != 3 || mean->dims[0] > side || mean->dims[1] > side)
        return alx_fail(ALX_E_DATA, "tensor %s does not fit the image", mean->name);
    TRY(make_square(c, &square, mean, side));
    return check_upload(&c->pool, out, (alx_shape){ 1, side, side, 3 }, square);
}

int golden_op_preprocess(golden_case *c)
{
    const alx_st_tensor *image = NULL, *std = NULL;
    alx_tensor *pixels = NULL, *mean = NULL;
    alx_preprocess_params p = { .divide = 1.0f };
    alx_crop crop = { .mirror = golden_flag(c->attributes, "mirror") };
    golden_value y;

    TRY(find_image(c, &image));
    TRY(image_side(&p.size, image));
    TRY(golden_int(&crop.top, c->attributes, "top", -1));
    TRY(golden_int(&crop.left, c->attributes, "left", -1));
    TRY(golden_find(c, &std, "std", ALX_F32));
    if (std->count != 3)
        return alx_fail(ALX_E_DATA, "tensor %s does not hold 3 numbers", std->name);
    const float *s = std->data, inv_std[3] = { 1.0f / s[0], 1.0f / s[1], 1.0f / s[2] };
    p.inv_scale = golden_flag(c->attributes, "divide_by_255") ? 1.0f / 255.0f : 1.0f;
    TRY(upload_image(c, &pixels, image, p.size));
    TRY(load_mean(c, &mean, &p.mean_image, p.size));
    TRY(make_single(c, &y, "y"));
    TRY(run_preprocess(c, y.tensor, pixels, &crop, mean, inv_std, &p));
    return golden_check(c, &y);
}

/* ---- pca ------------------------------------------------------------------------------------ */

static int check_doubles(golden_case *c, const char *name, const double *values, size_t count)
{
    float rounded[27];

    for (size_t i = 0; i < count; ++i)
        rounded[i] = (float)values[i];
    return golden_check_host(c, name, rounded, count);
}

static int check_basis(golden_case *c, const alx_statistics *r)
{
    double projectors[3][3][3];

    for (int i = 0; i < 3; ++i)
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b < 3; ++b)
                projectors[i][a][b] = r->eigenvectors[i][a] * r->eigenvectors[i][b];
    TRY(check_doubles(c, "mean", r->mean, 3));
    TRY(check_doubles(c, "covariance", &r->covariance[0][0], 9));
    TRY(check_doubles(c, "eigenvalues", r->eigenvalues, 3));
    TRY(check_doubles(c, "eigenvectors", &r->eigenvectors[0][0], 9));
    return check_doubles(c, "projectors", &projectors[0][0][0], 27);
}

/* The image plus a shift, by the preprocessing kernel. */
static int check_shifted(golden_case *c, const char *name, const double shift[3])
{
    static const float zero[3] = { 0.0f, 0.0f, 0.0f }, one[3] = { 1.0f, 1.0f, 1.0f };
    const alx_st_tensor *image = NULL;
    alx_tensor *pixels = NULL, *mean = NULL;
    alx_preprocess_params p = { .inv_scale = 1.0f, .divide = 1.0f };
    alx_crop crop = { 0 };
    golden_value y;

    TRY(find_image(c, &image));
    TRY(image_side(&p.size, image));
    TRY(upload_image(c, &pixels, image, p.size));
    TRY(check_upload(&c->pool, &mean, (alx_shape){ 1, 1, 1, 3 }, zero));
    TRY(make_single(c, &y, name));
    for (int i = 0; i < 3; ++i)
        crop.shift[i] = (float)shift[i];
    TRY(run_preprocess(c, y.tensor, pixels, &crop, mean, one, &p));
    return golden_check(c, &y);
}

static int check_shift(golden_case *c, const alx_statistics *r, const float alphas[3], bool root)
{
    double terms[3][3], shift[3] = { 0 };

    for (int i = 0; i < 3; ++i)
        for (int a = 0; a < 3; ++a) {
            terms[i][a] = (double)alphas[i] * (root ? sqrt(r->eigenvalues[i]) : r->eigenvalues[i]) *
                          r->eigenvectors[i][a];
            shift[a] += terms[i][a];
        }
    TRY(check_doubles(c, root ? "terms_sqrt" : "terms_lambda", &terms[0][0], 9));
    TRY(check_doubles(c, root ? "shift_sqrt" : "shift_lambda", shift, 3));
    return check_shifted(c, root ? "y_sqrt" : "y_lambda", shift);
}

int golden_op_pca(golden_case *c)
{
    const alx_st_tensor *image = NULL, *alphas = NULL;
    alx_statistics r;

    TRY(find_image(c, &image));
    TRY(golden_find(c, &alphas, "alphas", ALX_F32));
    if (alphas->count != 3)
        return alx_fail(ALX_E_DATA, "tensor %s does not hold 3 numbers", alphas->name);
    alx_statistics_of_pixels(&r, image->data, image->count / 3);
    TRY(check_basis(c, &r));
    TRY(check_shift(c, &r, alphas->data, false));
    return check_shift(c, &r, alphas->data, true);
}

/* ---- tencrop -------------------------------------------------------------------------------- */

static int check_boxes(golden_case *c, const alx_crop boxes[10])
{
    float listed[10][3];

    for (int i = 0; i < 10; ++i) {
        listed[i][0] = (float)boxes[i].top;
        listed[i][1] = (float)boxes[i].left;
        listed[i][2] = (float)boxes[i].mirror;
    }
    return golden_check_host(c, "boxes", &listed[0][0], 30);
}

/* All ten crops of one image, by the preprocessing kernel. */
static int check_crops(golden_case *c, const alx_crop boxes[10], int side)
{
    static const float zero[3] = { 0.0f, 0.0f, 0.0f }, one[3] = { 1.0f, 1.0f, 1.0f };
    const alx_preprocess_params p = { .size = side, .inv_scale = 1.0f, .divide = 1.0f };
    const alx_st_tensor *image = NULL;
    float *room = NULL;
    alx_tensor *pixels = NULL, *crops = NULL, *mean = NULL, *inv_std = NULL;
    golden_value y;

    TRY(find_image(c, &image));
    if (side > MOST_SIDE || image->dims[0] != side || image->dims[1] != side)
        return alx_fail(ALX_E_DATA, "tensor %s is not of the size that is said", image->name);
    TRY(check_host(&c->pool, &room, 10 * image->count / sizeof *room + 1));
    for (size_t i = 0; i < 10; ++i)
        memcpy((char *)room + i * image->count, image->data, image->count);
    const int words = (int)(10 * image->count / sizeof *room) + 1;
    TRY(check_upload(&c->pool, &pixels, (alx_shape){ 1, 1, 1, words }, room));
    TRY(check_upload(&c->pool, &crops, (alx_shape){ 10, 1, 1, 8 }, boxes));
    TRY(check_upload(&c->pool, &mean, (alx_shape){ 1, 1, 1, 3 }, zero));
    TRY(check_upload(&c->pool, &inv_std, (alx_shape){ 1, 1, 1, 3 }, one));
    TRY(golden_make(c, &y, "crops", GOLDEN_IMAGE));
    TRY(alx_op_preprocess(y.tensor, pixels, crops, mean, inv_std, &p));
    return golden_check(c, &y);
}

int golden_op_tencrop(golden_case *c)
{
    alx_crop boxes[10];
    int size = 0, crop = 0;

    TRY(golden_int(&size, c->attributes, "size", -1));
    TRY(golden_int(&crop, c->attributes, "crop", -1));
    if (crop < 1 || crop > size)
        return alx_fail(ALX_E_DATA, "a crop of %d does not fit into %d", crop, size);
    alx_ten_crop_boxes(boxes, size, crop, crop);
    TRY(check_boxes(c, boxes));
    if (golden_has(c, "crops"))
        TRY(check_crops(c, boxes, size));
    return 0;
}
