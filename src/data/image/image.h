/* image.h - the two decoders behind alx_image_decode, and what comes before and after them. */
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "alexnet/data.h"

/** An image file held in memory as size*size*3 bytes: decoded (alx_image_decode), then resized
 *  (alx_image_resize_crop). @param whole  decoded whole, never at a fraction of its size */
int data_image_load(uint8_t *rgb, const uint8_t *bytes, size_t count, int size, bool whole,
                    const char *name) ALX_MUST_USE;

/** Refuses sizes of 0 and above ALX_MAX_PIXELS. */
int data_image_check(uint64_t width, uint64_t height, const char *name) ALX_MUST_USE;
/** The same, then allocates `image->rgb`. */
int data_image_alloc(alx_image *image, uint64_t width, uint64_t height,
                     const char *name) ALX_MUST_USE;

/** Metadata that may say how the image is to be turned; borrowed, NULL if the file has none. */
typedef struct data_metadata {
    const uint8_t *exif; /**< "II" or "MM" and so on, maybe after "Exif\0\0" */
    size_t exif_bytes;
    const char *xmp;
    size_t xmp_bytes;
} data_metadata;

/** Orientation, 1 to 8; 1 if they say nothing. */
int data_orientation(const data_metadata *metadata);

/** Pixels as the file stores them; `orientation` is what its metadata say of them. */
int data_jpeg_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count, int size,
                     const char *name) ALX_MUST_USE;
int data_png_decode(alx_image *out, int *orientation, const uint8_t *bytes, size_t count,
                    const char *name) ALX_MUST_USE;

/** For a file that is neither JPEG nor PNG: fails, and says what it is and what to do about it. */
int data_image_refuse(const uint8_t *bytes, size_t count, const char *name) ALX_MUST_USE;

/** Turns and mirrors the pixels so that row 0 is the top and column 0 the left. */
int data_image_orient(alx_image *image, int orientation, const char *name) ALX_MUST_USE;

/** A size x size JPEG of libjpeg's usual settings (colours at half the resolution). Owned by the
 *  caller (free). */
int data_jpeg_encode(uint8_t **out, size_t *bytes, const uint8_t *rgb, int size,
                     int quality) ALX_MUST_USE;

#endif
