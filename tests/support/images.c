/* images.c - see images.h. */
#include "support/images.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "support/test.h"

test_file test_jpeg(const uint8_t *samples, int width, int height, int components,
                    J_COLOR_SPACE space, const test_jpeg_options *options)
{
    struct jpeg_compress_struct writer;
    struct jpeg_error_mgr errors;
    test_file file = { NULL, 0 };
    unsigned long count = 0;

    writer.err = jpeg_std_error(&errors); /* a failure ends the test program with a message */
    jpeg_create_compress(&writer);
    jpeg_mem_dest(&writer, &file.bytes, &count);
    writer.image_width = (JDIMENSION)width;
    writer.image_height = (JDIMENSION)height;
    writer.input_components = components;
    writer.in_color_space = space;
    jpeg_set_defaults(&writer);
    jpeg_set_quality(&writer, 95, TRUE);
    if (options->stored != JCS_UNKNOWN)
        jpeg_set_colorspace(&writer, options->stored);
    if (options->progressive)
        jpeg_simple_progression(&writer);
    if (options->scans != NULL) {
        writer.scan_info = options->scans;
        writer.num_scans = options->scan_count;
    }
    writer.arith_code = options->arithmetic ? TRUE : FALSE;
    writer.restart_interval = (unsigned)options->restart;
    if (options->no_adobe_marker)
        writer.write_Adobe_marker = FALSE;
    jpeg_start_compress(&writer, TRUE);
    while (writer.next_scanline < writer.image_height) {
        const size_t at = (size_t)writer.next_scanline * (size_t)width * (size_t)components;
        JSAMPROW row = (JSAMPROW)(uintptr_t)(samples + at); /* libjpeg does not write to it */

        jpeg_write_scanlines(&writer, &row, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_destroy_compress(&writer);
    file.count = count;
    return file;
}

static void png_append(png_structp writer, png_bytep bytes, size_t count)
{
    test_file *file = png_get_io_ptr(writer);
    uint8_t *longer = realloc(file->bytes, file->count + count);

    if (longer == NULL)
        png_error(writer, "out of memory");
    memcpy(longer + file->count, bytes, count);
    file->bytes = longer;
    file->count += count;
}

static test_file png_encode(const uint8_t *rows, size_t row_bytes, int width, int height, int depth,
                            int colour_type, int interlaced, const uint8_t *palette,
                            const png_text *text)
{
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(writer);
    test_file file = { NULL, 0 };
    png_color colours[256];
    int passes = 1;

    png_set_write_fn(writer, &file, png_append, NULL);
    png_set_IHDR(writer, info, (png_uint_32)width, (png_uint_32)height, depth, colour_type,
                 interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette != NULL) {
        for (size_t i = 0; i < 256; ++i)
            colours[i] = (png_color){ palette[i * 3], palette[i * 3 + 1], palette[i * 3 + 2] };
        png_set_PLTE(writer, info, colours, 1 << depth);
    }
    if (text != NULL)
        png_set_text(writer, info, text, 1);
    png_write_info(writer, info);
    passes = png_set_interlace_handling(writer);
    for (int pass = 0; pass < passes; ++pass)
        for (int y = 0; y < height; ++y)
            png_write_row(writer, rows + (size_t)y * row_bytes);
    png_write_end(writer, info);
    png_destroy_write_struct(&writer, &info);
    return file;
}

test_file test_png(const uint8_t *rows, size_t row_bytes, int width, int height, int depth,
                   int colour_type, int interlaced, const uint8_t *palette)
{
    return png_encode(rows, row_bytes, width, height, depth, colour_type, interlaced, palette,
                      NULL);
}

test_file test_png_with_text(const uint8_t *rows, int width, int height, const char *key,
                             const char *text, int compression)
{
    const png_text given = {
        .compression = compression,
        .key = (char *)(uintptr_t)key,
        .text = (char *)(uintptr_t)text,
        .text_length = strlen(text),
        .itxt_length = strlen(text),
        .lang = (char *)(uintptr_t) "",
        .lang_key = (char *)(uintptr_t) "",
    };

    return png_encode(rows, (size_t)width * 3, width, height, 8, PNG_COLOR_TYPE_RGB, 0, NULL,
                      &given);
}

test_file test_png_plain(int width, int height, uint8_t red, uint8_t green, uint8_t blue)
{
    const size_t row_bytes = (size_t)width * 3;
    uint8_t *rows = test_alloc(row_bytes * (size_t)height);

    for (size_t i = 0; i < (size_t)width * (size_t)height; ++i) {
        rows[i * 3] = red;
        rows[i * 3 + 1] = green;
        rows[i * 3 + 2] = blue;
    }
    const test_file file = test_png(rows, row_bytes, width, height, 8, PNG_COLOR_TYPE_RGB, 0, NULL);

    free(rows);
    return file;
}

void test_file_insert(test_file *file, size_t at, const void *more, size_t count)
{
    uint8_t *bytes = test_alloc(file->count + count);

    memcpy(bytes, file->bytes, at);
    memcpy(bytes + at, more, count);
    memcpy(bytes + at + count, file->bytes + at, file->count - at);
    free(file->bytes);
    *file = (test_file){ bytes, file->count + count };
}
