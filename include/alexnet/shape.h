/* shape.h - the shape of a tensor. */
#ifndef ALEXNET_SHAPE_H
#define ALEXNET_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/export.h"

ALX_BEGIN_DECLS

/** (N,H,W,C), C contiguous. Convolution weights are (R,S,Cin/groups,Cout), fully connected ones
 *  (out,1,1,in), a vector (1,1,1,count). */
typedef struct alx_shape {
    int n, h, w, c;
} alx_shape;

size_t alx_shape_count(alx_shape shape);
bool alx_shape_equal(alx_shape a, alx_shape b);

ALX_END_DECLS

#endif
