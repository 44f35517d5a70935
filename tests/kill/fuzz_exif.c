/* fuzz_exif.c - EXIF blocks alone: inside an image few changes reach them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "data/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const int orientation = data_exif_orientation(data, bytes);

    fuzz_expect(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
    return 0;
}
