/* augment.h - what happens to one image use. */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include "alexnet/data.h"

/** Crop, mirror and colour shift of image `index` in `epoch`: a function of its arguments alone.
 *  Without options->augment the centre crop, rounded down. */
alx_crop data_augment(const alx_loader_options *options, size_t epoch, size_t index);

#endif
