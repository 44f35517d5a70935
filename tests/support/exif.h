/* exif.h - orientations put into image files made by tests. */
#ifndef TEST_EXIF_H
#define TEST_EXIF_H

#include "support/images.h"

#define TEST_EXIF_BYTES 38

/** A TIFF header, an entry that nobody looks for, and the orientation; returns TEST_EXIF_BYTES. */
size_t test_exif_block(uint8_t out[TEST_EXIF_BYTES], int big_endian, int orientation);

/** Both make the file anew. */
void test_png_orient(test_file *file, int big_endian, int orientation);
void test_jpeg_orient(test_file *file, int big_endian, int orientation);

/** What a picture of 3 x 2 cells "abcdef" (abc above def) with that orientation looks like, row by
 *  row (EXIF 2.32, 4.6.4.A). */
typedef struct test_turned {
    int orientation, width;
    const char *seen;
} test_turned;

extern const test_turned test_turns[8];

#endif
