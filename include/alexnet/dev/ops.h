/* ops.h - stateless operations on tensors: check shapes, choose an algorithm, launch.
 *
 * All are asynchronous: they return once their kernels are queued on the device of the output.
 * Outputs come first. Tensors are NHWC float32 and do not alias unless said. Gradients are
 * overwritten, never accumulated, unless a `beta` or `accumulate` says so. Sums have a fixed order
 * that follows from the shapes alone. Shapes that do not fit are ALX_E_USAGE.
 * Each operation: kernels in cl/<op>.cl, twin in src/ref/<op>.c, tests in tests/ops/test_<op>.c;
 * convolutions and matrix products in folders of their own, by algorithm. */
#ifndef ALEXNET_DEV_OPS_H
#define ALEXNET_DEV_OPS_H

#include "alexnet/algorithms.h"
#include "alexnet/config.h"
#include "alexnet/crop.h"
#include "alexnet/dev/rows.h"
#include "alexnet/dev/rt.h"

ALX_BEGIN_DECLS

/* ---- choices ------------------------------------------------------------------------------- */

typedef enum { ALX_PASS_FORWARD, ALX_PASS_GRAD_INPUT, ALX_PASS_GRAD_WEIGHT } alx_pass;
#define ALX_PASS_COUNT 3
extern const char *const alx_pass_names[]; /**< "forward", "grad-input", "grad-weight" */

typedef struct alx_conv2d_params {
    int kernel, stride, pad, groups;
    bool ceil; /**< sizes round up; pixels beyond the right and bottom edge count as zero */
} alx_conv2d_params;

/** What a way to compute leaves open; 0: the algorithm's own. */
typedef struct alx_way_params {
    int tiles;         /**< at a time, of Winograd's */
    int vectors;       /**< of the register tile */
    int rows, columns; /**< of a group's block, on GPUs */
    int sub_group;     /**< items of a sub-group there, where kernels may ask for it */
    int block, panels; /**< of vec's matrix products */
} alx_way_params;

/** How a pass of a convolution is computed. */
typedef struct alx_conv_choice {
    alx_conv_algo algo;
    alx_way_params params;
} alx_conv_choice;

/** How a pass of a fully connected layer is computed. */
typedef struct alx_gemm_choice {
    alx_gemm_algo algo;
    alx_way_params params;
} alx_gemm_choice;

/** From a tuning row's choice, "winograd tiles=12"; false if it names no algorithm. */
bool alx_conv_choice_parse(alx_conv_choice *out, const char *text);
bool alx_gemm_choice_parse(alx_gemm_choice *out, const char *text);

/** What choices on a device follow. */
typedef struct alx_chooser {
    alx_device *dev;            /**< NULL: none at hand, choices are `algorithms` */
    const alx_rows *rows;       /**< of the device; NULL: none */
    alx_algorithms algorithms;  /**< resolved */
    alx_clblast_params clblast; /**< of the rows */
} alx_chooser;

/** Replaces what is AUTO in `asked`. CLBlast's parameters are those of the rows (alx_chooser_use).
 *  @param dev  NULL: `asked` must be resolved */
alx_chooser alx_chooser_of(alx_device *dev, const alx_rows *rows, alx_algorithms asked);
/** Products on the device that follow run with CLBlast's parameters of these rows: for whoever
 *  comes back to a device on which others have computed, such as a network that begins a pass. */
void alx_chooser_use(const alx_chooser *by);

/** Once for each pass, when a network is built: by the fastest right row of its problem where the
 *  algorithm is TUNED, the device's default if there is none. Batch: that of `in`. */
alx_conv_choice alx_conv_choose(const alx_chooser *by, alx_pass pass, alx_shape in, alx_shape out,
                                const alx_conv2d_params *p);
alx_gemm_choice alx_gemm_choose(const alx_chooser *by, alx_pass pass, int batch, int in, int out);

/* ---- convolution --------------------------------------------------------------------------- */

/** Output shape: floor (or ceil) of (in + 2*pad - kernel) / stride, + 1. ALX_E_USAGE if the kernel
 *  does not fit or groups do not divide the channels. */
int alx_conv2d_output(alx_shape *out, alx_shape in, int outputs,
                      const alx_conv2d_params *p) ALX_MUST_USE;

/** Elements of scratch that a pass needs, >= 1: for AUTO and TUNED, what the greediest algorithm
 *  does. Some need more on a device of more cores.
 *  @param dev  NULL: as a device of 16 cores, for plans where none is at hand */
size_t alx_op_conv2d_scratch(const alx_device *dev, const alx_conv_choice *choice, alx_pass pass,
                             alx_shape in, alx_shape out, const alx_conv2d_params *p);

/** Whether a forward pass over `chunks` equal parts of the batch is computed as one over all of it:
 *  the WINOGRADs make tiles, and choose their size, by what the images pay of the weights'
 *  transform. True for other algorithms. */
bool alx_op_conv2d_cuts(const alx_conv_choice *choice, alx_shape in, alx_shape out,
                        const alx_conv2d_params *p, int chunks);

/**
 * y[n,i,j,o] = b[o] + sum_{r,s,c} w[r,s,c,o] * x[n, i*stride+r-pad, j*stride+s-pad, g*C/G + c]
 * (cross-correlation, zero padding, g = group of o).
 *
 * @param y  (N,OH,OW,K)   @param x  (N,H,W,C)   @param w  (R,S,C/groups,K)   @param b  (1,1,1,K)
 * @param choice   of alx_conv_choose for this pass, or one algorithm; not AUTO or TUNED
 * @param scratch  alx_op_conv2d_scratch elements for the same choice, contents lost
 */
int alx_op_conv2d_forward(const alx_conv_choice *choice, const alx_tensor *y, const alx_tensor *x,
                          const alx_tensor *w, const alx_tensor *b, const alx_conv2d_params *p,
                          const alx_tensor *scratch) ALX_MUST_USE;
/** The same, then ReLU. */
int alx_op_conv2d_forward_relu(const alx_conv_choice *choice, const alx_tensor *y,
                               const alx_tensor *x, const alx_tensor *w, const alx_tensor *b,
                               const alx_conv2d_params *p, const alx_tensor *scratch) ALX_MUST_USE;

/** Weights that many forward passes read, as where nothing is trained, can be brought once into the
 *  form in which VEC and WINOGRAD want them: filters.
 *  @param[out] scratch  elements that alx_op_conv2d_forward_prepared needs, may be 0
 *  @return elements of filters; 0 where the choice's algorithm reads weights as they are */
size_t alx_op_conv2d_filters(size_t *scratch, const alx_device *dev, const alx_conv_choice *choice,
                             alx_shape in, alx_shape out, const alx_conv2d_params *p);
/** Makes filters of w for forward passes of these shapes; fewer images will do as well if
 *  alx_op_conv2d_cuts says so.
 *  @param filters  alx_op_conv2d_filters elements
 *  @return 0; ALX_E_USAGE if they are fewer or the algorithm has none; ALX_E_BUILD, ALX_E_DEVICE */
int alx_op_conv2d_prepare(const alx_conv_choice *choice, const alx_tensor *filters,
                          const alx_tensor *w, alx_shape in, alx_shape out,
                          const alx_conv2d_params *p) ALX_MUST_USE;
/** alx_op_conv2d_forward, then ReLU with `relu`, of the weights that filters were made of. WINOGRAD
 *  may take other tiles, as their transform costs nothing here. */
int alx_op_conv2d_forward_prepared(const alx_conv_choice *choice, const alx_tensor *y,
                                   const alx_tensor *x, const alx_tensor *filters,
                                   const alx_tensor *b, bool relu, const alx_conv2d_params *p,
                                   const alx_tensor *scratch) ALX_MUST_USE;

/** grad_x[n,p,q,c] = sum over all (o,r,s,i,j) with i*stride+r-pad = p, j*stride+s-pad = q of
 *  w[r,s,c,o] * grad_y[n,i,j,o]; gathers; pixels that no window reaches get 0. */
int alx_op_conv2d_grad_input(const alx_conv_choice *choice, const alx_tensor *grad_x,
                             const alx_tensor *grad_y, const alx_tensor *w,
                             const alx_conv2d_params *p, const alx_tensor *scratch) ALX_MUST_USE;

/** grad_w[r,s,c,o] = sum_{n,i,j} x[n, i*stride+r-pad, j*stride+s-pad, g*C/G+c] * grad_y[n,i,j,o].
 *  `accumulate` adds to what grad_w holds (gradient accumulation). */
int alx_op_conv2d_grad_weight(const alx_conv_choice *choice, const alx_tensor *grad_w,
                              const alx_tensor *x, const alx_tensor *grad_y,
                              const alx_conv2d_params *p, bool accumulate,
                              const alx_tensor *scratch) ALX_MUST_USE;

/** grad_b[k] = sum over rows of grad_y seen as (N*H*W, K); for convolution and fully connected
 *  layers. @param scratch  alx_op_grad_bias_scratch elements */
int alx_op_grad_bias(const alx_tensor *grad_b, const alx_tensor *grad_y, bool accumulate,
                     const alx_tensor *scratch) ALX_MUST_USE;
size_t alx_op_grad_bias_scratch(alx_shape grad_y);

/* ---- fully connected ----------------------------------------------------------------------- */

/** Elements of scratch, as alx_op_conv2d_scratch; `in` and `out` per image, batch = rows. */
size_t alx_op_fc_scratch(const alx_gemm_choice *choice, alx_pass pass, int batch, int in, int out);

/** y = x w^T + b.  x (N,H,W,C) seen as (N,in), w (out,1,1,in), b (1,1,1,out) or NULL for 0,
 *  y (N,1,1,out). */
int alx_op_fc_forward(const alx_gemm_choice *choice, const alx_tensor *y, const alx_tensor *x,
                      const alx_tensor *w, const alx_tensor *b,
                      const alx_tensor *scratch) ALX_MUST_USE;
/** y = max(0, x w^T + b), NaN stays. */
int alx_op_fc_forward_relu(const alx_gemm_choice *choice, const alx_tensor *y, const alx_tensor *x,
                           const alx_tensor *w, const alx_tensor *b,
                           const alx_tensor *scratch) ALX_MUST_USE;
/** grad_x = grad_y w. */
int alx_op_fc_grad_input(const alx_gemm_choice *choice, const alx_tensor *grad_x,
                         const alx_tensor *grad_y, const alx_tensor *w,
                         const alx_tensor *scratch) ALX_MUST_USE;
/** grad_w = grad_y^T x (+ grad_w if accumulate). */
int alx_op_fc_grad_weight(const alx_gemm_choice *choice, const alx_tensor *grad_w,
                          const alx_tensor *x, const alx_tensor *grad_y, bool accumulate,
                          const alx_tensor *scratch) ALX_MUST_USE;

/* ---- tuning --------------------------------------------------------------------------------- */

/** Ways through CLBlast with the best parameters; without "tuned", with those that come with it. */
#define ALX_TUNED_IM2COL "im2col tuned"
#define ALX_TUNED_CLBLAST "clblast tuned"

/** Whether `alexnet tune` could have written a row's problem, batch and choice on this device.
 *  Rows of "clblast <kernel>" hold the milliseconds of a GFLOP. */
bool alx_row_is_known(const alx_row *row, const alx_device_info *info);

/** What tuning rows call a pass on these shapes, whatever its batch: "conv2d forward 27x27x48 to
 *  27x27x128 5/1+2 g1". */
void alx_op_conv2d_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, alx_shape in,
                           alx_shape out, const alx_conv2d_params *p);
/** "fc forward 9216 to 4096" */
void alx_op_fc_problem(char problem[ALX_PROBLEM_BYTES], alx_pass pass, int in, int out);

#define ALX_MAX_WAYS 32

/** The ways to compute a pass that are worth measuring on a device, as choices of tuning rows; the
 *  first is the default. Returns how many. */
size_t alx_op_conv2d_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                          alx_pass pass, alx_shape in, alx_shape out, const alx_conv2d_params *p);
size_t alx_op_fc_ways(char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES], const alx_device *dev,
                      alx_pass pass);

/* ---- activations --------------------------------------------------------------------------- */

/** y = f(x): relu max(0,x); tanh; sigmoid 1/(1+e^-x); leaky x > 0 ? x : slope*x. y may be x. */
int alx_op_activation_forward(const alx_tensor *y, const alx_tensor *x, alx_activation f,
                              float slope) ALX_MUST_USE;
/** grad_x = grad_y * f'(x), computed from y = f(x) alone; 0 at 0 for relu. grad_x may be grad_y. */
int alx_op_activation_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                               const alx_tensor *y, alx_activation f, float slope) ALX_MUST_USE;

/* ---- normalisation ------------------------------------------------------------------------- */

typedef struct alx_lrn_params {
    int size;   /**< odd */
    int ranges; /**< channels are this many equal ranges; the window ends at a range's edge */
    float k, alpha, beta; /**< alpha multiplies the SUM; the caller has divided by n where asked */
} alx_lrn_params;

/** s[c] = k + alpha * sum_{|j-c| <= size/2} x[j]^2,  y[c] = x[c] * s[c]^-beta  (paper, 3.3). */
int alx_op_lrn_forward(const alx_tensor *y, const alx_tensor *x,
                       const alx_lrn_params *p) ALX_MUST_USE;
/** grad_x[c] = grad_y[c] s[c]^-beta - 2 alpha beta x[c] sum_j grad_y[j] x[j] s[j]^(-beta-1);
 *  s is computed again from x. */
int alx_op_lrn_backward(const alx_tensor *grad_x, const alx_tensor *grad_y, const alx_tensor *x,
                        const alx_lrn_params *p) ALX_MUST_USE;

/** The same with a size x size window of pixels of one map (2012's second norm; no `ranges`). */
int alx_op_spatial_norm_forward(const alx_tensor *y, const alx_tensor *x,
                                const alx_lrn_params *p) ALX_MUST_USE;
int alx_op_spatial_norm_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                                 const alx_tensor *x, const alx_lrn_params *p) ALX_MUST_USE;

/* ---- pooling ------------------------------------------------------------------------------- */

typedef struct alx_pool_params {
    int kernel, stride;
    bool ceil;     /**< size rounds up; windows are clipped at the edge */
    bool all_ties; /**< backward gives every tied maximum the whole gradient */
} alx_pool_params;

int alx_pool_output(alx_shape *out, alx_shape in, const alx_pool_params *p) ALX_MUST_USE;

/** y = maximum of the window; index = row * W + column of the first maximum in row-major order, as
 *  int32 in a tensor of y's shape (NULL = not wanted). A NaN in the window is the maximum. */
int alx_op_maxpool_forward(const alx_tensor *y, const alx_tensor *index, const alx_tensor *x,
                           const alx_pool_params *p) ALX_MUST_USE;
/** grad_x gathers from the (up to ceil(kernel/stride)^2) windows that a pixel won. With all_ties,
 *  from x and y; else from index. */
int alx_op_maxpool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                            const alx_tensor *index, const alx_tensor *x, const alx_tensor *y,
                            const alx_pool_params *p) ALX_MUST_USE;

/** Normalisation and max-pooling in one pass on CPU devices: y as alx_op_maxpool_forward of
 *  alx_op_lrn_forward of x, which stays in the caches. `norm` NULL: of x itself.
 *  @param winner  a byte for each output, its maximum's place in its window, in a tensor with a
 *                 quarter of y's elements; NULL = not wanted */
int alx_op_norm_pool_forward(const alx_tensor *y, const alx_tensor *winner, const alx_tensor *x,
                             const alx_lrn_params *norm, const alx_pool_params *pool) ALX_MUST_USE;
/** The gradients of both and of the ReLU whose output x is, in one gather. */
int alx_op_norm_pool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y,
                              const alx_tensor *winner, const alx_tensor *x,
                              const alx_lrn_params *norm, const alx_pool_params *pool) ALX_MUST_USE;
/** Whether they compute this: channels by 16, one range, ties to the first. @param dev  NULL: a CPU
 *  device */
bool alx_op_norm_pool_fits(const alx_device *dev, alx_shape in, const alx_lrn_params *norm,
                           const alx_pool_params *pool);

/** Adaptive average: cell i of n over H rows is the mean of rows floor(i*H/n) .. ceil((i+1)*H/n)-1;
 *  n is y's height and width. */
int alx_op_adaptive_pool_forward(const alx_tensor *y, const alx_tensor *x) ALX_MUST_USE;
int alx_op_adaptive_pool_backward(const alx_tensor *grad_x, const alx_tensor *grad_y) ALX_MUST_USE;

/* ---- dropout ------------------------------------------------------------------------------- */

/**
 * A mask that is a function of seed, step and global place only, never of the device or tower:
 * element (image n, unit u of U) is dropped if word (i % 4) of Philox block i / 4 is below
 * rate * 2^32, i = (image0 + n) * units + first_unit + u, item = layer << 40 | i / 4.
 */
typedef struct alx_dropout_params {
    float rate;
    float scale; /**< of what is kept: 1 (classic) or 1 / (1 - rate) (inverted) */
    uint32_t seed, step;
    uint32_t layer; /**< index of the layer in the net */
    int units;      /**< of the whole layer, over all towers, per image */
    int first_unit; /**< of this tensor's first channel */
    int image0;     /**< index in the batch of this tensor's first image (accumulation) */
} alx_dropout_params;

/** y = mask * scale * x; x (N,H,W,C), unit u = flat index in an image when the tensor holds all
 *  units. A tower's share is contiguous in units only for H = W = 1; for H*W > 1 the unit of pixel
 *  q, channel c is q * (units / (H*W)) + first_unit + c. The backward pass is the same call on
 *  gradients. y may be x. */
int alx_op_dropout(const alx_tensor *y, const alx_tensor *x,
                   const alx_dropout_params *p) ALX_MUST_USE;
/** y = factor * x (test time of classic dropout, scaling of clipped gradients). y may be x. */
int alx_op_scale(const alx_tensor *y, const alx_tensor *x, float factor) ALX_MUST_USE;

/* ---- loss ---------------------------------------------------------------------------------- */

/**
 * p_i = exp(z_i - m) / sum_j exp(z_j - m),
 * loss[n] = -log p[label[n]] (from the logits, so finite),
 * rank[n] = number of classes that beat the label: a higher score, or an equal one with a lower
 * index; classes if any score of the row is NaN. top-k is right if rank < k.
 *
 * @param prob (N,1,1,C)  @param loss (N)  @param rank (N) int32  @param logits (N,1,1,C)
 * @param labels (N) int32, each in [0, C); -1, or any other, = no label (loss 0, rank = C)
 */
int alx_op_softmax_loss(const alx_tensor *prob, const alx_tensor *loss, const alx_tensor *rank,
                        const alx_tensor *logits, const alx_tensor *labels) ALX_MUST_USE;
/** grad_logits = (prob - onehot(label)) * scale, 0 in rows without a label; scale = 1 / images of
 *  the whole step. */
int alx_op_softmax_loss_backward(const alx_tensor *grad_logits, const alx_tensor *prob,
                                 const alx_tensor *labels, float scale) ALX_MUST_USE;

/* ---- towers -------------------------------------------------------------------------------- */

/** Channels [first, first + x's channels) of y = x: what crosses before conv3, fc6, fc7 and fc8.
 *  The other channels of y stay as they are. */
int alx_op_put_channels(const alx_tensor *y, int first, const alx_tensor *x) ALX_MUST_USE;
/** y = channels [first, first + y's channels) of x, or y + these: the gradient halves that return
 *  to a tower, added in tower order. */
int alx_op_take_channels(const alx_tensor *y, const alx_tensor *x, int first,
                         bool add) ALX_MUST_USE;

/** y = a's channels, then b's. */
int alx_op_join_channels(const alx_tensor *y, const alx_tensor *a,
                         const alx_tensor *b) ALX_MUST_USE;
/** y = channels [first, first + y's channels) of a, + those of b. */
int alx_op_add_channels(const alx_tensor *y, const alx_tensor *a, const alx_tensor *b,
                        int first) ALX_MUST_USE;

/* ---- input --------------------------------------------------------------------------------- */

/** How stored uint8 images become the network's input, the same for all images of a batch. */
typedef struct alx_preprocess_params {
    int size;         /**< side of the stored square image, channels 3 (R,G,B) */
    float inv_scale;  /**< 1, or 1/255 */
    float divide;     /**< 1, or 1.1: after the shift */
    bool clip;        /**< clip to 0..255 after the shift */
    bool mean_image;  /**< `mean` is (size,size,3), else (3) */
    bool mean_centre; /**< take the mean image's centre, never mirrored (2012), not the part under
                           the crop, which ends at the image's edge pixels */
} alx_preprocess_params;

/**
 * r = top + i, q = left + (mirror ? W-1-j : j);  p = image[r,q,c] + shift[c], clipped if asked,
 * / divide, or 0 outside the stored image;
 * y[n,i,j,c] = (p * inv_scale - mean[c or r,q,c]) * inv_std[c]
 *
 * @param y (N,H,W,3)  @param images uint8, N*size*size*3 bytes in a tensor of at least that size
 * @param crops (N,1,1,8), an alx_crop each  @param mean (size,size,3) or (3), on y's scale
 * @param inv_std (3)
 */
int alx_op_preprocess(const alx_tensor *y, const alx_tensor *images, const alx_tensor *crops,
                      const alx_tensor *mean, const alx_tensor *inv_std,
                      const alx_preprocess_params *p) ALX_MUST_USE;

/* ---- update -------------------------------------------------------------------------------- */

typedef struct alx_sgd_params {
    float lr, momentum, weight_decay; /**< factors of the parameter already applied */
    bool torch_form;                  /**< d = g + wd*w; v = m*v + d; w -= lr*v.  Else the paper's:
                          v = m*v - wd*lr*w - lr*g; w += v */
} alx_sgd_params;

/** A parameter with its velocity and gradient, and the slot of its sum of squares; those of a kind
 *  are updated alike. */
typedef struct alx_segment {
    const alx_tensor *w, *v, *g; /**< w and v NULL, of all in a list: only measured */
    int slot, kind;
} alx_segment;

/** Parameters of one device that share their launches: where they lie in their buffers. */
typedef struct alx_segments alx_segments;

/** The tensors must outlive it. None: `*out` is NULL, and nothing is done.
 *  @return 0; ALX_E_USAGE if w, v and g differ in shape, some have w and v and some not, one has no
 *          elements or too many, a slot is negative; ALX_E_MEMORY; ALX_E_DEVICE */
int alx_segments_create(alx_segments **out, const alx_segment *list, size_t count) ALX_MUST_USE;
void alx_segments_free(alx_segments *s);

/** alx_op_sgd of each parameter of a kind, in one launch, or one for each set of buffers.
 *  @param rates  factors of the rate, by slot (alx_op_lars); NULL: 1
 *  @return 0; ALX_E_BUILD, ALX_E_DEVICE */
int alx_op_sgd_all(const alx_segments *s, int kind, const alx_tensor *grad_scale,
                   const alx_tensor *rates, const alx_sgd_params *p) ALX_MUST_USE;
/** alx_op_sum_squares of each gradient to its slot.
 *  @param scratch  what each needs, in all
 *  @return 0; ALX_E_USAGE if `out` has no such slot or the scratch is too small; ALX_E_BUILD,
 *          ALX_E_DEVICE */
int alx_op_sum_squares_all(const alx_tensor *out, const alx_segments *s,
                           const alx_tensor *scratch) ALX_MUST_USE;

/** Updates w and v in place; g is scaled by `grad_scale[0]` (1,1,1,1) where not NULL (clipping). */
int alx_op_sgd(const alx_tensor *w, const alx_tensor *v, const alx_tensor *g,
               const alx_tensor *grad_scale, const alx_sgd_params *p) ALX_MUST_USE;

/** A fully connected layer's alx_op_fc_grad_weight and alx_op_sgd in one, with their bits: the
 *  gradient is never in memory. sums[slot] = its alx_op_sum_squares; TILE adds that up in another
 *  order.
 *  @param scratch  that of alx_op_fc_grad_weight */
int alx_op_fc_update(const alx_gemm_choice *choice, const alx_tensor *w, const alx_tensor *v,
                     const alx_tensor *x, const alx_tensor *grad_y, const alx_sgd_params *p,
                     const alx_tensor *sums, int slot, const alx_tensor *scratch) ALX_MUST_USE;
/** Whether the choice's algorithm can, at this batch; false for AUTO and TUNED. */
bool alx_op_fc_updates(const alx_gemm_choice *choice, int batch, int in, int out);

/** out[slot] = sum of squares of g, in a fixed order; out is a vector of at least slot+1 elements.
 *  Not finite if any element is not. @param scratch  alx_op_sum_squares_scratch elements */
int alx_op_sum_squares(const alx_tensor *out, int slot, const alx_tensor *g,
                       const alx_tensor *scratch) ALX_MUST_USE;
size_t alx_op_sum_squares_scratch(alx_shape g);
/** What LARS does at a slot of the sums of squares. */
typedef struct alx_lars_slot {
    uint32_t other;  /**< the slot of the parameter's other part; its own where it is whole */
    uint32_t adapts; /**< 0: its rate stays, as that of biases */
    float decay;     /**< factor on weight_decay */
} alx_lars_slot;

/**
 * Layer-wise rates (LARS): rates[i] = eta |w| / (|g| + decay |w|) of the parameter whose part has
 * slot i; 1 where it does not adapt, and where |w| or |g| is 0.
 *
 * @param rates          a vector, as the next two
 * @param gradient_sums  squares of g (alx_op_sum_squares); |g| is scaled by `grad_scale[0]` if not
 *                       NULL
 * @param weight_sums    squares of w
 * @param slots          an alx_lars_slot each
 * @return 0; ALX_E_USAGE if sizes differ; ALX_E_BUILD, ALX_E_DEVICE
 *
 * Source: You, Gitman, Ginsburg 2017, arXiv:1708.03888.  Kernel cl/lars.cl, twin src/ref/lars.c.
 */
int alx_op_lars(const alx_tensor *rates, const alx_tensor *gradient_sums,
                const alx_tensor *weight_sums, const alx_tensor *slots,
                const alx_tensor *grad_scale, float eta, float weight_decay) ALX_MUST_USE;

/** norm = sqrt(sum of sums[0..count)), scale = min(1, max_norm / (norm + 1e-6));
 *  out (2): scale, norm. max_norm 0 = no clipping: scale is 1. */
int alx_op_clip_scale(const alx_tensor *out, const alx_tensor *sums, int count,
                      float max_norm) ALX_MUST_USE;

/* ---- what a layer computes ------------------------------------------------------------------ */

/** An operation on one part of a layer, as the net runs it and as its twin computes it. Of the
 *  parameters those of its kind are read. */
typedef struct alx_op_work {
    alx_node_kind kind;
    alx_shape in, out; /**< of x and y, as many images in both */
    alx_conv2d_params conv;
    alx_activation activation;
    float slope;         /**< of LEAKY */
    alx_lrn_params norm; /**< LRN, SPATIAL_NORM */
    alx_pool_params pool;
    alx_dropout_params dropout; /**< forward only while training */
} alx_op_work;

ALX_END_DECLS

#endif
