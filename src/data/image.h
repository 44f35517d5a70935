/* image.h - the two decoders behind alx_image_decode, and what they share. */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "alexnet/data.h"

/** Refuses sizes of 0 and above ALX_MAX_PIXELS, else allocates `image->rgb`. */
int data_image_alloc(alx_image *image, uint64_t width, uint64_t height,
                     const char *name) ALX_MUST_USE;

int data_jpeg_decode(alx_image *out, const uint8_t *bytes, size_t count,
                     const char *name) ALX_MUST_USE;
int data_png_decode(alx_image *out, const uint8_t *bytes, size_t count,
                    const char *name) ALX_MUST_USE;

#endif
