/* test_safetensors_floats.c - every floating-point type of the format as float32, to the bit; types
 * that are read without being computed with. The numbers are NumPy 2.4.6's and ml_dtypes 0.6.0's
 * astype(float32). */
#include "alexnet/dev/io.h"
#include "support/folder.h"
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_floats(alx_dtype dtype, const void *data, const uint32_t *want, size_t count)
{
    const alx_st_tensor tensor = { .name = "x", .dtype = dtype, .count = count, .data = data };
    float got[16];

    assert_ok(alx_safetensors_floats(got, NULL, &tensor, 0, count));
    for (size_t i = 0; i < count; ++i) {
        uint32_t bits;

        memcpy(&bits, &got[i], sizeof bits);
        if (bits != want[i])
            fail_msg("%s %zu: %08x, want %08x", alx_dtype_text(dtype), i, bits, want[i]);
    }
}

static void halves_widen(void **state)
{
    static const uint16_t half[] = { 0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3555,
                                     0xC248, 0x7BFF, 0x7C00, 0xFC00, 0x7E01 };
    static const uint32_t want[] = { 0x00000000, 0x80000000, 0x33800000, 0xB87FC000,
                                     0x38800000, 0x3EAAA000, 0xC0490000, 0x477FE000,
                                     0x7F800000, 0xFF800000, 0x7FC02000 };
    static const uint16_t brain[] = { 0x0000, 0x8000, 0x0001, 0x807F, 0x3F80,
                                      0xC049, 0x7F7F, 0x7F80, 0xFF80, 0x7FC1 };
    static const uint32_t want_brain[] = { 0x00000000, 0x80000000, 0x00010000, 0x807F0000,
                                           0x3F800000, 0xC0490000, 0x7F7F0000, 0x7F800000,
                                           0xFF800000, 0x7FC10000 };

    (void)state;
    assert_floats(ALX_F16, half, want, ALX_COUNT(half));
    assert_floats(ALX_BF16, brain, want_brain, ALX_COUNT(brain));
}

/* Ties to even, subnormal numbers and the last double that does not become infinite. */
static void doubles_narrow(void **state)
{
    const double data[] = { 0.1,
                            -0.0,
                            0x1.000001p0,
                            0x1.000003p0,
                            1e-45,
                            0x1p-150,
                            0x1.0000000000001p-150,
                            5e-324,
                            1.1754943e-38,
                            0x1.fffffefffffffp127,
                            INFINITY,
                            -INFINITY };
    static const uint32_t want[] = { 0x3DCCCCCD, 0x80000000, 0x3F800000, 0x3F800002,
                                     0x00000001, 0x00000000, 0x00000001, 0x00000000,
                                     0x00800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000 };
    const double nan = NAN;
    float got;

    (void)state;
    assert_floats(ALX_F64, data, want, ALX_COUNT(data));
    assert_ok(alx_safetensors_floats(
        &got, NULL, &(alx_st_tensor){ .dtype = ALX_F64, .count = 1, .data = &nan }, 0, 1));
    assert_true(isnan(got));
}

static void what_no_float_can_hold_is_named(void **state)
{
    const double data[] = { 1.0, 0x1.ffffffp127 };
    const alx_st_tensor wide = { .name = "w", .dtype = ALX_F64, .count = 2, .data = data };
    const alx_st_tensor whole = { .name = "w", .dtype = ALX_I64, .count = 2, .data = data };
    float got[2];

    (void)state;
    assert_int_equal(alx_safetensors_floats(got, NULL, &wide, 0, 2), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "tensor w: element 1 is 3.40282e+38"));
    assert_int_equal(alx_safetensors_floats(got, NULL, &whole, 0, 2), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "tensor w is int64, want float32"));
}

/* The 9,001st of 10,000, which the map is read through a buffer to: what is out of range is counted
 * from the tensor's first, wherever a piece begins. */
static void an_element_of_a_piece_has_the_tensors_place(void **state)
{
    enum { COUNT = 10000, WIDE = 9000 };
    const char *const path = test_folder_path(&test_own_folder, "wide.safetensors");
    alx_safetensors_writer *writer = NULL;
    alx_safetensors *file = NULL;
    double *numbers = calloc(COUNT, sizeof *numbers);
    float got[COUNT];

    (void)state;
    assert_non_null(numbers);
    numbers[8500] = 0.1;
    numbers[WIDE] = 1e39;
    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "w", ALX_F64, (int[]){ COUNT }, 1, numbers));
    assert_ok(alx_safetensors_writer_write(writer, path));
    assert_ok(alx_safetensors_open(&file, path));
    const alx_st_tensor *w = alx_safetensors_find(file, "w");

    assert_ok(alx_safetensors_floats(got, file, w, 100, 8900));
    assert_true(got[8400] == 0.1f);
    assert_int_equal(alx_safetensors_floats(got, file, w, 500, 9000), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "tensor w: element 9000 is 1e+39"));
    alx_safetensors_close(file);
    alx_safetensors_writer_free(writer);
    free(numbers);
}

/* Bits of an element of each type, by the format's description. */
static const struct {
    const char *name;
    unsigned bits;
} types[] = {
    { "BOOL", 8 },    { "F4", 4 },          { "F6_E2M3", 6 },     { "F6_E3M2", 6 },
    { "U8", 8 },      { "I8", 8 },          { "F8_E5M2", 8 },     { "F8_E4M3", 8 },
    { "F8_E8M0", 8 }, { "F8_E4M3FNUZ", 8 }, { "F8_E5M2FNUZ", 8 }, { "I16", 16 },
    { "U16", 16 },    { "F16", 16 },        { "BF16", 16 },       { "I32", 32 },
    { "U32", 32 },    { "F32", 32 },        { "C64", 64 },        { "F64", 64 },
    { "I64", 64 },    { "U64", 64 },
};

static int parse_type(const char *name, unsigned elements, unsigned bytes)
{
    char file[512] = "";
    alx_safetensors *st = NULL;
    const int length = snprintf(file + 8, sizeof file - 8,
                                "{\"x\":{\"dtype\":\"%s\",\"shape\":[%u],\"data_offsets\":[0,%u]}}",
                                name, elements, bytes);

    memcpy(file, &(uint64_t){ (uint64_t)length }, 8);
    const int rc = alx_safetensors_parse(&st, file, 8 + (size_t)length + bytes, "file");

    if (rc == 0)
        assert_int_equal(alx_safetensors_find(st, "x")->count, elements);
    alx_safetensors_close(st);
    return rc;
}

static void every_type_of_the_format_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(types); ++i) {
        assert_ok(parse_type(types[i].name, 4, types[i].bits / 2));
        assert_int_equal(parse_type(types[i].name, 4, types[i].bits / 2 + 1), ALX_E_DATA);
    }
    assert_int_equal(parse_type("F4", 3, 1), ALX_E_DATA); /* half a byte is left */
    assert_int_equal(parse_type("F128", 1, 16), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "tensor x: dtype F128 is not supported"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_widen),
        cmocka_unit_test(doubles_narrow),
        cmocka_unit_test(what_no_float_can_hold_is_named),
        cmocka_unit_test_setup_teardown(an_element_of_a_piece_has_the_tensors_place,
                                        test_own_folder_make, test_own_folder_remove),
        cmocka_unit_test(every_type_of_the_format_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
