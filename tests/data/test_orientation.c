/* test_orientation.c - EXIF blocks and XMP, sound and not; what the eight orientations do to
 * pixels. What metadata of odd kinds mean is what ImageOps.exif_transpose of Pillow 13.0.0 made of
 * the same bytes. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "data/image/image.h"
#include "support/exif.h"

static int exif_says(const uint8_t *block, size_t bytes)
{
    return data_orientation(&(data_metadata){ .exif = block, .exif_bytes = bytes });
}

static void exif_blocks_are_read(void **state)
{
    uint8_t block[64];

    (void)state;
    for (int big = 0; big < 2; ++big) {
        for (uint8_t value = 0; value < 10; ++value) {
            const size_t bytes = test_exif_block(block, big, value);

            assert_int_equal(exif_says(block, bytes), value >= 1 && value <= 8 ? value : 1);
        }
        for (size_t bytes = test_exif_block(block, big, 6) - 4; bytes-- > 0;) {
            uint8_t *exact = test_alloc(bytes + 1); /* a byte too far would show under ASan */

            memcpy(exact, block, bytes);
            assert_int_equal(exif_says(exact, bytes), 1 + 5 * (bytes >= 34));
            free(exact);
        }
        memset(block + 4, 0xFF, 4); /* the directory far away */
        assert_int_equal(exif_says(block, 38), 1);
    }
}

/* Where the last entry of test_exif_block has its parts. */
enum { TYPE_AT = 24, COUNT_AT = 26, VALUE_AT = 30 };

static void set_number(uint8_t *at, int bytes, int big, uint8_t value)
{
    memset(at, 0, (size_t)bytes);
    at[big ? bytes - 1 : 0] = value;
}

static void every_type_of_number_counts(void **state)
{
    static const struct {
        uint8_t type, bytes;
        bool number;
    } types[] = {
        { 3, 2, true },  { 4, 4, true },  { 6, 1, true },  { 8, 2, true },   { 9, 4, true },
        { 1, 1, false }, { 2, 1, false }, { 7, 1, false }, { 99, 2, false },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(types); ++i)
        for (int big = 0; big < 2; ++big)
            for (uint8_t value = 0; value < 10; ++value) {
                uint8_t block[TEST_EXIF_BYTES];
                const size_t bytes = test_exif_block(block, big, 0);

                set_number(block + TYPE_AT, 2, big, types[i].type);
                set_number(block + VALUE_AT, types[i].bytes, big, value);
                const bool sound = types[i].number && value >= 1 && value <= 8;

                assert_int_equal(exif_says(block, bytes), sound ? value : 1);
            }
}

/* The first of many values, which lie elsewhere where they do not fit. */
static void the_first_of_many_counts(void **state)
{
    static const struct {
        uint8_t type, bytes, count, want;
    } cases[] = {
        { 3, 2, 0, 1 }, { 3, 2, 2, 6 },   { 6, 1, 4, 6 },   { 3, 2, 3, 8 },
        { 4, 4, 2, 8 }, { 3, 2, 200, 1 }, { 4, 4, 255, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        for (int big = 0; big < 2; ++big) {
            uint8_t block[TEST_EXIF_BYTES + 8];
            const bool elsewhere = cases[i].count * cases[i].bytes > 4;

            test_exif_block(block, big, 0);
            memset(block + TEST_EXIF_BYTES, 3, 8);
            set_number(block + TYPE_AT, 2, big, cases[i].type);
            set_number(block + COUNT_AT, 4, big, cases[i].count);
            set_number(block + VALUE_AT, elsewhere ? 4 : cases[i].bytes, big,
                       elsewhere ? TEST_EXIF_BYTES : 6);
            set_number(block + TEST_EXIF_BYTES, cases[i].bytes, big, 8);
            assert_int_equal(exif_says(block, sizeof block), cases[i].want);
        }
}

/* The second directory is of the thumbnail. */
static void only_the_first_directory_counts(void **state)
{
    uint8_t block[] = { 'I', 'I', 42, 0, 8, 0, 0, 0,  1, 0, 0x12, 0x01, 3, 0,    1,
                        0,   0,   0,  3, 0, 0, 0, 26, 0, 0, 0,    1,    0, 0x12, 0x01,
                        3,   0,   1,  0, 0, 0, 6, 0,  0, 0, 0,    0,    0, 0 };

    (void)state;
    assert_int_equal(exif_says(block, sizeof block), 3);
    block[10] = 0x0F; /* another tag */
    assert_int_equal(exif_says(block, sizeof block), 1);
    memcpy(block + 2, "\0*", 2); /* 42 the other way round */
    block[10] = 0x12;
    assert_int_equal(exif_says(block, sizeof block), 3);
    block[2] = 43;
    assert_int_equal(exif_says(block, sizeof block), 1);
}

static const struct {
    const char *xmp;
    int want;
} xmp_cases[] = {
    { "<x tiff:Orientation=\"6\" />", 6 },
    { "<tiff:Orientation>3</tiff:Orientation>", 3 },
    { "<x tiff:Orientation='6'/>", 1 },
    { "tiff:Orientation=\"0\"", 1 },
    { "tiff:Orientation=\"9\"", 1 },
    { "tiff:Orientation=\"8\" tiff:Orientation=\"3\"", 8 },
    { "tiff:Orientation='6' tiff:Orientation=\"3\"", 3 },
    { "tiff:Orientation = \"8\"", 1 },
    { "<tiff:Orientation> 8</tiff:Orientation>", 1 },
    { "tiff:Orientation>8", 8 },
    { "tiff:Orientation>", 1 },
    { "tiff:Orientation=\"", 1 },
    { "tiff:Orientation", 1 },
    { "", 1 },
};

static void xmp_is_read_where_exif_says_nothing(void **state)
{
    uint8_t block[TEST_EXIF_BYTES];
    const size_t bytes = test_exif_block(block, 0, 8);

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(xmp_cases); ++i) {
        const size_t length = strlen(xmp_cases[i].xmp);
        char *exact = test_alloc(length + 1);
        data_metadata both = { block, bytes, exact, length };

        memcpy(exact, xmp_cases[i].xmp, length);
        assert_int_equal(data_orientation(&(data_metadata){ .xmp = exact, .xmp_bytes = length }),
                         xmp_cases[i].want);
        block[TYPE_AT - 2] = 0x12;
        assert_int_equal(data_orientation(&both), 8);
        block[TYPE_AT - 2] = 0x13; /* EXIF without the tag */
        assert_int_equal(data_orientation(&both), xmp_cases[i].want);
        free(exact);
    }
    test_exif_block(block, 0, 6);
    block[TYPE_AT] = 1; /* a BYTE stands in the way, though it is no number */
    assert_int_equal(data_orientation(&(data_metadata){ block, bytes, xmp_cases[0].xmp, 27 }), 1);
}

/* Three cells above three, in colours that tell them apart. */
static void fill_cells(uint8_t rows[18])
{
    for (int p = 0; p < 6; ++p)
        memcpy(rows + 3 * p, (uint8_t[]){ (uint8_t)("abcdef"[p]), 0, 7 }, 3);
}

static void assert_seen(const alx_image *image, size_t i)
{
    assert_int_equal(image->width, test_turns[i].width);
    assert_int_equal(image->height, 6 / test_turns[i].width);
    for (int p = 0; p < 6; ++p) {
        assert_int_equal(image->rgb[3 * p], test_turns[i].seen[p]);
        assert_int_equal(image->rgb[3 * p + 2], 7);
    }
}

static void pixels_are_turned(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(test_turns); ++i) {
        alx_image image = {
            .width = 3, .height = 2, .rgb = test_alloc(18), .full_width = 30, .full_height = 20
        };

        fill_cells(image.rgb);
        assert_ok(data_image_orient(&image, test_turns[i].orientation, "x"));
        assert_seen(&image, i);
        assert_int_equal(image.full_width, image.width * 10);
        assert_int_equal(image.full_height, image.height * 10);
        alx_image_free(&image);
    }
}

/* Frees the file; `turn` is a place in test_turns. */
static void assert_png_seen(test_file file, size_t turn)
{
    alx_image image;

    assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "x.png"));
    assert_seen(&image, turn);
    alx_image_free(&image);
    free(file.bytes);
}

static void png_files_are_turned(void **state)
{
    uint8_t rows[18];

    (void)state;
    fill_cells(rows);
    for (size_t i = 0; i < ALX_COUNT(test_turns); ++i) {
        test_file file = test_png(rows, 9, 3, 2, 8, 2, 0, NULL);

        test_png_orient(&file, i % 2 == 0, test_turns[i].orientation);
        assert_png_seen(file, i);
    }
}

/* Orientation 8, little-endian, as ImageMagick's "Raw profile type exif" has it. */
static const char raw_profile[] =
    "\nexif\n      26\n49492a0008000000010012010300010000000800\n000000000000\n";

static void png_texts_are_read(void **state)
{
    static const struct {
        const char *key, *text;
        size_t turn;
    } cases[] = {
        { "Raw profile type exif", raw_profile, 7 },
        { "Raw profile type exif", "\nexif\n 4\n4949", 0 },
        { "Raw profile type exif", "\nexif\n 4\nno hex", 0 },
        { "Raw profile type exif", "", 0 },
        { "XML:com.adobe.xmp", "<x tiff:Orientation=\"6\" />", 5 },
        { "XML:com.adobe.xmp", "<tiff:Orientation>3</tiff:Orientation>", 2 },
        { "Comment", "<x tiff:Orientation=\"6\" />", 0 },
    };
    static const int ways[] = { PNG_TEXT_COMPRESSION_NONE, PNG_TEXT_COMPRESSION_zTXt,
                                PNG_ITXT_COMPRESSION_NONE, PNG_ITXT_COMPRESSION_zTXt };
    uint8_t rows[18];

    (void)state;
    fill_cells(rows);
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        for (size_t way = 0; way < ALX_COUNT(ways); ++way)
            for (int exif = 0; exif < 2; ++exif) {
                test_file file = test_png_with_text(rows, 3, 2, cases[i].key, cases[i].text,
                                                    ways[way]);
                if (exif)
                    test_png_orient(&file, 0, 4); /* which comes first */
                assert_png_seen(file, exif ? 3 : cases[i].turn);
            }
}

/* APP1 with that name and text. */
static void jpeg_add(test_file *file, const char *name, size_t name_bytes, const char *text)
{
    uint8_t marker[300] = { 0xFF, 0xE1 };
    const size_t bytes = name_bytes + strlen(text);

    marker[3] = (uint8_t)(bytes + 2);
    memcpy(marker + 4, name, name_bytes);
    memcpy(marker + 4 + name_bytes, text, strlen(text));
    test_file_insert(file, 2, marker, bytes + 4);
}

static void jpeg_xmp_is_read(void **state)
{
    static const char name[] = "http://ns.adobe.com/xap/1.0/";
    static const struct {
        const char *first, *second;
        int width;
    } cases[] = {
        { "<x tiff:Orientation=\"6\" />", NULL, 8 },
        { "<tiff:Orientation>8</tiff:Orientation>", NULL, 8 },
        { "<tiff:Orientation>8</tiff:Orientation>", "<x/>", 16 }, /* the last one counts */
        { "<x/>", "<tiff:Orientation>8</tiff:Orientation>", 8 },
    };
    uint8_t gray[16 * 8] = { 0 };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i)
        for (int exif = 0; exif < 2; ++exif) {
            test_file file = test_jpeg(gray, 16, 8, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
            alx_image image;

            if (cases[i].second != NULL)
                jpeg_add(&file, name, sizeof name, cases[i].second);
            jpeg_add(&file, name, sizeof name, cases[i].first);
            if (exif)
                test_jpeg_orient(&file, 0, 3);
            assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "x.jpg"));
            assert_int_equal(image.width, exif ? 16 : cases[i].width);
            alx_image_free(&image);
            free(file.bytes);
        }
}

/* Markers of one number tell by their names what they are, in any order. */
static void jpeg_exif_may_follow_xmp(void **state)
{
    static const char name[] = "http://ns.adobe.com/xap/1.0/";
    uint8_t gray[16 * 8] = { 0 };
    test_file file = test_jpeg(gray, 16, 8, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
    alx_image image;

    (void)state;
    test_jpeg_orient(&file, 0, 6);
    jpeg_add(&file, name, sizeof name, "<tiff:Orientation>1</tiff:Orientation>");
    assert_ok(alx_image_decode(&image, file.bytes, file.count, 0, "x.jpg"));
    assert_int_equal(image.width, 8);
    alx_image_free(&image);
    free(file.bytes);
}

/* Bright at the top of the file; orientation 6 is seen with that edge to the right. */
static void jpeg_files_are_turned(void **state)
{
    uint8_t samples[64 * 32];

    (void)state;
    for (int i = 0; i < 64 * 32; ++i)
        samples[i] = i < 64 * 16 ? 255 : 0;
    for (int size = 0; size <= 12; size += 12) {
        test_file file = test_jpeg(samples, 64, 32, 1, JCS_GRAYSCALE, &(test_jpeg_options){ 0 });
        const int part = size > 0 ? 2 : 1;
        alx_image image;

        test_jpeg_orient(&file, true, 6);
        assert_ok(alx_image_decode(&image, file.bytes, file.count, size, "x.jpg"));
        assert_int_equal(image.width, 32 / part);
        assert_int_equal(image.height, 64 / part);
        assert_int_equal(image.full_width, part == 1 ? 0 : 32);
        assert_in_range(image.rgb[0], 0, 5);
        assert_in_range(image.rgb[3 * (image.width - 1)], 250, 255);
        alx_image_free(&image);
        free(file.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_blocks_are_read),
        cmocka_unit_test(every_type_of_number_counts),
        cmocka_unit_test(the_first_of_many_counts),
        cmocka_unit_test(only_the_first_directory_counts),
        cmocka_unit_test(xmp_is_read_where_exif_says_nothing),
        cmocka_unit_test(pixels_are_turned),
        cmocka_unit_test(png_files_are_turned),
        cmocka_unit_test(png_texts_are_read),
        cmocka_unit_test(jpeg_xmp_is_read),
        cmocka_unit_test(jpeg_exif_may_follow_xmp),
        cmocka_unit_test(jpeg_files_are_turned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
