/* fuzz_exif.c - EXIF blocks and XMP texts alone: inside an image few changes reach them. */
#include "fuzz.h"

#include "data/image/image.h"

static void check(const data_metadata *metadata)
{
    const int orientation = data_orientation(metadata);

    fuzz_expect(orientation >= 1 && orientation <= 8, "an orientation is one of eight");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    check(&(data_metadata){ .exif = data, .exif_bytes = bytes });
    check(&(data_metadata){ .xmp = (const char *)data, .xmp_bytes = bytes });
    return 0;
}
