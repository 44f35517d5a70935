/* image.h - the two decoders behind alx_image_decode, and what comes after them. */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "alexnet/data.h"

/** Refuses sizes of 0 and above ALX_MAX_PIXELS. */
int data_image_check(uint64_t width, uint64_t height, const char *name) ALX_MUST_USE;
/** The same, then allocates `image->rgb`. */
int data_image_alloc(alx_image *image, uint64_t width, uint64_t height,
                     const char *name) ALX_MUST_USE;

/** Pixels as the file stores them; `orientation` is what its EXIF says of them, 1 if nothing. */
int data_jpeg_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                     int size, const char *name) ALX_MUST_USE;
int data_png_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                    const char *name) ALX_MUST_USE;

/** Orientation (1 to 8) of an EXIF block, which begins with "II" or "MM"; 1 if it says nothing. */
int data_exif_orientation(const uint8_t *tiff, size_t bytes);
/** Turns and mirrors the pixels so that row 0 is the top and column 0 the left. */
int data_image_orient(alx_image *image, int orientation, const char *name) ALX_MUST_USE;

/** A size x size JPEG of libjpeg's usual settings (colours at half the resolution). Owned by the
 *  caller (free). */
int data_jpeg_encode(uint8_t **out, size_t *bytes, const uint8_t *rgb, int size,
                     int quality) ALX_MUST_USE;

#endif
