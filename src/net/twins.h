/* twins.h - what the comparisons of a step with the reference twins share. */
#ifndef NET_TWINS_H
#define NET_TWINS_H

#include "alexnet/dev/ref.h"
#include "net/layers/layers.h"

/* One pass of one part, with the host memory of its comparison. */
typedef struct twin_pass {
    const net_pass_context *at;
    alx_net *net;
    net_node *node;
    int part;
    alx_pass pass;
    int image;
    float *blocks[12]; /* a pass takes 7 at most */
    int block_count;
} twin_pass;

/** Free the host memory that the functions below took. */
void net_twin_free(twin_pass *t);
int net_twin_room(float **out, twin_pass *t, size_t count) ALX_MUST_USE;
/** A copy of all of a tensor, or of the image that is compared. */
int net_twin_fetch(float **out, twin_pass *t, const alx_tensor *tensor) ALX_MUST_USE;
int net_twin_fetch_image(float **out, twin_pass *t, const alx_tensor *tensor) ALX_MUST_USE;
/** Keep the difference if it is the largest of this pass. @param scale  0 = the maximum of want */
void net_twin_note(const twin_pass *t, const float *got, const float *want, size_t count,
                   double scale);

/** Of one filter or unit, and the biases, over the batch. */
int net_twin_compare_weights(twin_pass *t) ALX_MUST_USE;

#endif
