/* fuzz_image.h - what is done with an image file, of whatever format. */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "fuzz.h"

/** Larger images take seconds, and nothing else happens to them. */
#define FUZZ_MAX_PIXELS 250000

/** Decodes whole and at a fraction of its size, and makes a square of each. */
void fuzz_image(const uint8_t *data, size_t bytes);

#endif
