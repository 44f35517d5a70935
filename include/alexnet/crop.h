/* crop.h - the part of a stored image that a network sees. */
#ifndef ALEXNET_CROP_H
#define ALEXNET_CROP_H

#include <stdint.h>

/** The part of a stored image that enters the network, and how: 8 words of 32 bits, as the device
 *  reads them too. */
typedef struct alx_crop {
    int32_t top, left; /**< may be negative: zeros are around the image */
    int32_t mirror;    /**< 0 or 1 */
    int32_t unused;
    float shift[3]; /**< of R, G and B, whose pixels are 0..255 */
    float unused_shift;
} alx_crop;

#endif
