/* exif.c - see exif.h. */
#include "support/exif.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

const test_turned test_turns[8] = {
    { 1, 3, "abcdef" }, { 2, 3, "cbafed" }, { 3, 3, "fedcba" }, { 4, 3, "defabc" },
    { 5, 2, "adbecf" }, { 6, 2, "daebfc" }, { 7, 2, "fcebda" }, { 8, 2, "cfbead" },
};

size_t test_exif_block(uint8_t out[TEST_EXIF_BYTES], int big_endian, int orientation)
{
    static const uint8_t little[TEST_EXIF_BYTES] = { 'I',  'I',  42,   0,    8, 0, 0, 0, 2,   0,
                                                     0x0F, 0x01, 2,    0,    1, 0, 0, 0, 'a', 0,
                                                     0,    0,    0x12, 0x01, 3, 0, 1, 0, 0,   0,
                                                     0,    0,    0,    0,    0, 0, 0, 0 };
    static const uint8_t big[TEST_EXIF_BYTES] = { 'M',  'M',  0,    42,   0, 0, 0, 8, 0,   2,
                                                  0x01, 0x0F, 0,    2,    0, 0, 0, 1, 'a', 0,
                                                  0,    0,    0x01, 0x12, 0, 3, 0, 0, 0,   1,
                                                  0,    0,    0,    0,    0, 0, 0, 0 };

    memcpy(out, big_endian ? big : little, TEST_EXIF_BYTES);
    out[big_endian ? 31 : 30] = (uint8_t)orientation;
    return TEST_EXIF_BYTES;
}

static uint32_t png_crc(const uint8_t *bytes, size_t count)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < count; ++i) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void put_big(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; ++i)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void test_png_orient(test_file *file, int big_endian, int orientation)
{
    uint8_t chunk[TEST_EXIF_BYTES + 12];
    const size_t bytes = test_exif_block(chunk + 8, big_endian, orientation);

    put_big(chunk, (uint32_t)bytes);
    memcpy(chunk + 4, "eXIf", 4);
    put_big(chunk + 8 + bytes, png_crc(chunk + 4, bytes + 4));
    test_file_insert(file, 33, chunk, sizeof chunk); /* after the signature and IHDR */
}

void test_jpeg_orient(test_file *file, int big_endian, int orientation)
{
    uint8_t marker[TEST_EXIF_BYTES + 10] = { 0xFF, 0xE1, 0, TEST_EXIF_BYTES + 8, 'E', 'x', 'i',
                                             'f',  0,    0 };

    test_exif_block(marker + 10, big_endian, orientation);
    test_file_insert(file, 2, marker, sizeof marker);
}
