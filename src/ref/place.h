/* place.h - where an element lies in an NHWC tensor. */
#ifndef REF_PLACE_H
#define REF_PLACE_H

#include "alexnet/dev/ref.h"

static inline size_t ref_place(alx_shape shape, int n, int row, int column, int c)
{
    const size_t pixel = ((size_t)n * (size_t)shape.h + (size_t)row) * (size_t)shape.w +
                         (size_t)column;

    return pixel * (size_t)shape.c + (size_t)c;
}

#endif
