/* fuzz_png.c - PNG files, as they come, and with the checksums that their chunks should have: else
 * almost all would be refused for these alone. */
#include "fuzz_image.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, LENGTH = 4, TYPE = 4, CRC = 4 };

static uint32_t get_word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_word(uint8_t *at, uint32_t word)
{
    for (int i = 0; i < 4; ++i)
        at[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void set_checksums_right(uint8_t *png, size_t bytes)
{
    for (size_t at = SIGNATURE; at + LENGTH + TYPE + CRC <= bytes;) {
        const size_t covered = TYPE + (size_t)get_word(png + at);

        if (covered > bytes - at - LENGTH - CRC)
            return;
        put_word(png + at + LENGTH + covered, (uint32_t)crc32(0, png + at + LENGTH, (uInt)covered));
        at += LENGTH + covered + CRC;
    }
}

/* Width and height stand in the first chunk. */
static bool is_large(const uint8_t *png, size_t bytes)
{
    const size_t at = SIGNATURE + LENGTH + TYPE;

    return bytes >= at + 8 &&
           (uint64_t)get_word(png + at) * get_word(png + at + 4) > FUZZ_MAX_PIXELS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = (uint8_t *)fuzz_text((fuzz_part){ data, bytes });

    if (!is_large(data, bytes)) {
        fuzz_image(data, bytes);
        set_checksums_right(copy, bytes);
        fuzz_image(copy, bytes);
    }
    free(copy);
    return 0;
}
