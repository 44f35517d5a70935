/* images.h - image files made in memory for tests. */
#ifndef TEST_IMAGES_H
#define TEST_IMAGES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* jpeglib.h names FILE */

#include <jpeglib.h>

/** A file in memory; free `bytes`. */
typedef struct test_file {
    uint8_t *bytes;
    size_t count;
} test_file;

/** How test_jpeg encodes; zero = baseline with the markers that libjpeg writes. */
typedef struct test_jpeg_options {
    J_COLOR_SPACE stored; /**< JCS_UNKNOWN: as the library chooses */
    int progressive;
    int no_adobe_marker;
    int arithmetic; /**< coding; Huffman's else */
    int restart;    /**< a restart marker after so many blocks of the grid; 0: none */
    const jpeg_scan_info *scans;
    int scan_count;
} test_jpeg_options;

/** Puts bytes into the file after its first `at`. */
void test_file_insert(test_file *file, size_t at, const void *more, size_t count);

/** Encodes (height, width, components) samples of colour space `space`, quality 95. */
test_file test_jpeg(const uint8_t *samples, int width, int height, int components,
                    J_COLOR_SPACE space, const test_jpeg_options *options);

/** Encodes packed rows of a PNG colour type and depth; a palette (256 RGB) only for that type. */
test_file test_png(const uint8_t *rows, size_t row_bytes, int width, int height, int depth,
                   int colour_type, int interlaced, const uint8_t *palette);

/** The same with a text, stored as `compression` (PNG_TEXT_COMPRESSION_NONE and so on) says. */
test_file test_png_with_text(const uint8_t *rows, int width, int height, const char *key,
                             const char *text, int compression);

/** A width x height PNG of one colour. */
test_file test_png_plain(int width, int height, uint8_t red, uint8_t green, uint8_t blue);

#endif
