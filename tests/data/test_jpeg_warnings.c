/* test_jpeg_warnings.c - every warning of libjpeg, provoked by a few wrong bytes: those that leave
 * all pixels whole change none of them, those that lose some refuse the file. (JWRN_BOGUS_ICC and
 * JWRN_TOO_MUCH_DATA are about calls that the decoder never makes.) */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/data.h"
#include "support/images.h"

#define SIDE 24
#define PIXEL_BYTES (SIDE * SIDE * 3)
#define TRUNCATED "x.jpg: truncated JPEG"

/* ---- files ----------------------------------------------------------------------------------- */

/* Noise: no byte of the file is without use. */
static test_file noise(const test_jpeg_options *options)
{
    uint8_t samples[PIXEL_BYTES];

    for (uint32_t i = 0; i < sizeof samples; ++i)
        samples[i] = (uint8_t)((i * 2654435761u) >> 24);
    return test_jpeg(samples, SIDE, SIDE, 3, JCS_RGB, options);
}

static test_file gray_noise(const jpeg_scan_info *scans, int count)
{
    const test_jpeg_options options = { .scans = scans, .scan_count = count };
    uint8_t samples[SIDE * SIDE];

    for (uint32_t i = 0; i < sizeof samples; ++i)
        samples[i] = (uint8_t)((i * 2654435761u) >> 24);
    return test_jpeg(samples, SIDE, SIDE, 1, JCS_GRAYSCALE, &options);
}

/* Where marker FF `code` begins for the n-th time, from 0. */
static size_t marker(const test_file *file, uint8_t code, int n)
{
    for (size_t i = 2; i + 1 < file->count; ++i)
        if (file->bytes[i] == 0xFF && file->bytes[i + 1] == code && n-- == 0)
            return i;
    fail_msg("no marker FF%02X", code);
    return 0;
}

/* The first byte of the n-th scan's data, and what its header ends with: Ss, Se, AhAl. */
static size_t scan_data(const test_file *file, int n)
{
    const size_t at = marker(file, 0xDA, n);

    return at + 2 + file->bytes[at + 3];
}

static void set_scan(test_file *file, int n, uint8_t first, uint8_t last, uint8_t bits)
{
    memcpy(file->bytes + scan_data(file, n) - 3, (uint8_t[]){ first, last, bits }, 3);
}

/* ---- what becomes of them -------------------------------------------------------------------- */

static alx_image decode(const test_file *file)
{
    alx_image image;

    assert_ok(alx_image_decode(&image, file->bytes, file->count, 0, "x.jpg"));
    assert_int_equal(image.width, SIDE);
    assert_int_equal(image.height, SIDE);
    return image;
}

/* Frees the file. */
static void reads_as(const alx_image *want, test_file file, const char *why)
{
    alx_image image = decode(&file);

    if (memcmp(image.rgb, want->rgb, PIXEL_BYTES) != 0)
        fail_msg("%s: other pixels", why);
    alx_image_free(&image);
    free(file.bytes);
}

static void refuses(test_file file, const char *message)
{
    alx_image image;
    const int rc = alx_image_decode(&image, file.bytes, file.count, 0, "x.jpg");

    if (rc != ALX_E_DATA || strstr(alx_status_text(rc), message) == NULL)
        fail_msg("%d, %s; want %s", rc, rc == 0 ? "read" : alx_status_text(rc), message);
    assert_null(image.rgb);
    free(file.bytes);
}

/* ---- all pixels whole ------------------------------------------------------------------------ */

static void headers_of_other_kinds(void **state)
{
    const test_jpeg_options plain = { 0 };
    static const uint8_t scans[][3] = {
        { 0, 0, 0 }, { 0, 63, 1 }, { 1, 63, 0 }, { 0, 0, 0x21 }, { 255, 255, 255 }
    };
    static const uint8_t adobe[] = { 0xFF, 0xEE, 0,   14, 'A', 'd', 'o', 'b',
                                     'e',  0,    100, 0,  0,   0,   0,   9 };
    test_file file = noise(&plain);
    alx_image want = decode(&file);

    (void)state;
    free(file.bytes);
    for (size_t i = 0; i < ALX_COUNT(scans); ++i) {
        file = noise(&plain);
        set_scan(&file, 0, scans[i][0], scans[i][1], scans[i][2]);
        reads_as(&want, file, "JWRN_NOT_SEQUENTIAL");
    }
    file = noise(&plain);
    file.bytes[11] = 9;
    reads_as(&want, file, "JWRN_JFIF_MAJOR");
    file = noise(&plain);
    file.bytes[6] = 'X'; /* no JFIF, so that Adobe's word counts */
    test_file_insert(&file, 2, adobe, sizeof adobe);
    reads_as(&want, file, "JWRN_ADOBE_XFORM");
    alx_image_free(&want);
}

static const test_jpeg_options kinds[] = {
    { 0 },
    { .progressive = 1 },
    { .restart = 1 },
    { .progressive = 1, .restart = 1 },
};

static void padding_before_markers(void **state)
{
    (void)state;
    for (size_t k = 0; k < ALX_COUNT(kinds); ++k) {
        test_file file = noise(&kinds[k]);
        alx_image want = decode(&file);

        test_file_insert(&file, file.count - 2, "\0\0\0", 3);
        reads_as(&want, file, "JWRN_EXTRANEOUS_DATA at the end");
        file = noise(&kinds[k]);
        test_file_insert(&file, marker(&file, 0xC4, 0), "\x11\x11", 2);
        reads_as(&want, file, "JWRN_EXTRANEOUS_DATA before the tables");
        if (kinds[k].restart > 0) {
            file = noise(&kinds[k]);
            test_file_insert(&file, marker(&file, 0xD0, 0), "\0", 1);
            reads_as(&want, file, "JWRN_EXTRANEOUS_DATA before a restart");
        }
        alx_image_free(&want);
    }
}

static void no_end_of_image(void **state)
{
    static const char *const after[] = { "", "\xFF", "trailer of a camera", "\xFF\xD8\xFF\xE0",
                                         "\xFF\xC0" };

    (void)state;
    for (size_t k = 0; k < ALX_COUNT(kinds); ++k) {
        test_file file = noise(&kinds[k]);
        alx_image want = decode(&file);

        free(file.bytes);
        for (size_t i = 0; i < ALX_COUNT(after); ++i) {
            file = noise(&kinds[k]);
            file.count -= 2;
            test_file_insert(&file, file.count, after[i], strlen(after[i]));
            reads_as(&want, file, "JWRN_JPEG_EOF");
        }
        file = noise(&kinds[k]);
        test_file_insert(&file, file.count, file.bytes, file.count); /* a preview behind it */
        reads_as(&want, file, "nothing");
        alx_image_free(&want);
    }
}

/* ---- pixels lost ----------------------------------------------------------------------------- */

static void missing_data(void **state)
{
    (void)state;
    for (size_t k = 0; k < ALX_COUNT(kinds); ++k) {
        test_file file = noise(&kinds[k]);
        const size_t count = file.count;

        memcpy(file.bytes + count - 12, "\xFF\xD9", 2);
        refuses(file, TRUNCATED); /* JWRN_HIT_MARKER */
        for (size_t left = 3; left < count - 2; left += 1 + left % 7) {
            file = noise(&kinds[k]);
            file.count = left;
            refuses(file, TRUNCATED);
        }
        file = noise(&kinds[k]);
        file.count -= 3; /* the end of image and a byte */
        refuses(file, TRUNCATED);
    }
}

static void wrong_data(void **state)
{
    const test_jpeg_options plain = { 0 }, restarts = { .restart = 1 };
    test_file file = noise(&plain);

    (void)state;
    memcpy(file.bytes + scan_data(&file, 0) + 20, "\xFF\0\xFF\0\xFF\0\xFF", 8);
    refuses(file, "x.jpg: bad JPEG: Corrupt JPEG data: bad Huffman code");
    file = noise(&restarts);
    file.bytes[marker(&file, 0xD0, 0) + 1] = 0xD4;
    refuses(file, "x.jpg: bad JPEG: Corrupt JPEG data: found marker 0xd4 instead of RST0");
}

static void arithmetic_code(void **state)
{
    const test_jpeg_options arithmetic = { .arithmetic = 1 };
    test_file file = noise(&arithmetic);
    alx_image want = decode(&file), image;
    const size_t start = scan_data(&file, 0);
    int found = 0;

    (void)state;
    file.count -= 2; /* its decoder reads on in zeros: nobody can tell what is missing */
    assert_int_equal(alx_image_decode(&image, file.bytes, file.count, 0, "x.jpg"), ALX_E_DATA);
    assert_string_equal(alx_status_text(ALX_E_DATA), TRUNCATED);
    for (size_t i = start; i < start + 200; ++i) { /* most wrong bytes still are some code */
        file.bytes[i] ^= 0x55;
        if (alx_image_decode(&image, file.bytes, file.count + 2, 0, "x.jpg") != 0 &&
            strstr(alx_status_text(ALX_E_DATA), "bad arithmetic code") != NULL)
            ++found;
        file.bytes[i] ^= 0x55;
        alx_image_free(&image);
    }
    assert_in_range(found, 1, 200);
    alx_image_free(&want);
    free(file.bytes);
}

/* ---- progressive scans ----------------------------------------------------------------------- */

/* Exchanges scans n and n+1 with the tables before them. */
static void exchange(test_file *file, int n)
{
    const size_t a = marker(file, 0xC4, n), b = marker(file, 0xC4, n + 1);
    const size_t end = n == 0 ? file->count - 2 : marker(file, 0xC4, n + 2);
    uint8_t *first = test_alloc(b - a);

    memcpy(first, file->bytes + a, b - a);
    memmove(file->bytes + a, file->bytes + b, end - b);
    memcpy(file->bytes + a + (end - b), first, b - a);
    free(first);
}

static const jpeg_scan_info two_scans[] = {
    { .comps_in_scan = 1 },
    { .comps_in_scan = 1, .Ss = 1, .Se = 63 },
};

static void scans_in_another_order(void **state)
{
    test_file file = gray_noise(two_scans, 2);
    alx_image want = decode(&file);

    (void)state;
    exchange(&file, 0);
    reads_as(&want, file, "JWRN_BOGUS_PROGRESSION: details before the average");
    file = gray_noise(two_scans, 2);
    set_scan(&file, 1, 1, 63, 0x10);
    refuses(file, "x.jpg: bad JPEG: Inconsistent progression sequence"); /* its bits never came */
    file = gray_noise(two_scans, 2);
    exchange(&file, 0);
    file.count = marker(&file, 0xC4, 1);
    test_file_insert(&file, file.count, "\xFF\xD9", 2);
    refuses(file, TRUNCATED); /* no average at all, though it ends as it should */
    alx_image_free(&want);
}

/* A cut between two scans: no bit is missing, but more were to come. */
static void scans_left_out(void **state)
{
    static const jpeg_scan_info each[] = {
        { .comps_in_scan = 1, .component_index = { 0 }, .Se = 63 },
        { .comps_in_scan = 1, .component_index = { 1 }, .Se = 63 },
        { .comps_in_scan = 1, .component_index = { 2 }, .Se = 63 },
    };
    const test_jpeg_options progressive = { .progressive = 1 };
    const test_jpeg_options sequential = { .scans = each, .scan_count = 3 };

    (void)state;
    for (int n = 1; n < 10; ++n)
        for (int end = 0; end < 2; ++end) {
            test_file file = noise(&progressive);

            file.count = marker(&file, 0xDA, n) + 9 * (size_t)end;
            refuses(file, TRUNCATED);
        }
    for (int n = 1; n < 3; ++n)
        for (int end = 0; end < 2; ++end) {
            test_file file = noise(&sequential);

            file.count = marker(&file, 0xDA, n);
            test_file_insert(&file, file.count, "\xFF\xD9", 2 * (size_t)end);
            refuses(file, TRUNCATED);
        }
    test_file file = noise(&sequential);
    alx_image want = decode(&file);

    file.count -= 2;
    reads_as(&want, file, "JWRN_JPEG_EOF after a scan for each colour");
    alx_image_free(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_other_kinds),
        cmocka_unit_test(padding_before_markers),
        cmocka_unit_test(no_end_of_image),
        cmocka_unit_test(missing_data),
        cmocka_unit_test(wrong_data),
        cmocka_unit_test(arithmetic_code),
        cmocka_unit_test(scans_in_another_order),
        cmocka_unit_test(scans_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
