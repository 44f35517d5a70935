/* test_safetensors.c - round trip, the format's bytes, faults by name, and 2,000 mutations. */
#include "support/test.h"

#include "alexnet/dev/io.h"
#include "alexnet/dev/weights_file.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_TEMPLATE "/tmp/alexnet-safetensors-XXXXXX"

/* A file from header text and a count of data bytes 0, 1, 2, ...; caller frees. */
static char *make_file(size_t *bytes, const char *header, size_t data_bytes)
{
    const size_t length = strlen(header);
    char *file = test_alloc(8 + length + data_bytes);

    for (size_t i = 0; i < 8; ++i)
        file[i] = (char)(length >> 8 * i & 0xff);
    memcpy(file + 8, header, length);
    for (size_t i = 0; i < data_bytes; ++i)
        file[8 + length + i] = (char)i;
    *bytes = 8 + length + data_bytes;
    return file;
}

/* ---- what must be read ---------------------------------------------------------------------- */

static const float floats[6] = { 0.0f, -1.5f, 3.25f, 1e-38f, 4.0f, -5.0f };
static const int64_t longs[2] = { -7, 1LL << 40 };
static const uint8_t octets[3] = { 1, 128, 255 };

static void write_sample(const char *path)
{
    alx_safetensors_writer *writer = NULL;

    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "u", ALX_U8, (int[]){ 3 }, 1, octets));
    assert_ok(alx_safetensors_writer_add(writer, "b", ALX_F32, (int[]){ 2, 3 }, 2, floats));
    assert_ok(alx_safetensors_writer_add_copy(writer, "a \"q\"", ALX_F32, NULL, 0, &floats[2]));
    assert_ok(alx_safetensors_writer_add(writer, "none", ALX_I32, (int[]){ 4, 0 }, 2, NULL));
    assert_ok(alx_safetensors_writer_add(writer, "l", ALX_I64, (int[]){ 2 }, 1, longs));
    assert_ok(alx_safetensors_writer_metadata(writer, "config", "line 1\n\"line\" 2"));
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
}

static const void *find_data(const alx_safetensors *file, const char *name, size_t count)
{
    const alx_st_tensor *tensor = alx_safetensors_find(file, name);

    assert_non_null(tensor);
    assert_int_equal(tensor->count, count);
    return tensor->data;
}

static void round_trip(void **state)
{
    char path[] = PATH_TEMPLATE;
    alx_safetensors *file = NULL;

    (void)state;
    close(mkstemp(path));
    write_sample(path);
    assert_ok(alx_safetensors_open(&file, path));
    assert_int_equal(alx_safetensors_count(file), 5);
    assert_memory_equal(find_data(file, "b", 6), floats, sizeof floats);
    assert_memory_equal(find_data(file, "a \"q\"", 1), &floats[2], sizeof floats[2]);
    assert_memory_equal(find_data(file, "u", 3), octets, sizeof octets);
    assert_memory_equal(find_data(file, "l", 2), longs, sizeof longs);
    find_data(file, "none", 0);
    assert_int_equal(alx_safetensors_find(file, "b")->dims[1], 3);
    assert_null(alx_safetensors_find(file, "c"));
    assert_string_equal(alx_safetensors_metadata(file, "config"), "line 1\n\"line\" 2");
    assert_null(alx_safetensors_metadata(file, "seed"));
    alx_safetensors_close(file);
    assert_true(alx_safetensors_begins(path));
    unlink(path);
    assert_false(alx_safetensors_begins(path));
}

/* A header of 2^32 bytes is none; nor is a text whose ninth character is a brace. */
static void other_files_begin_otherwise(void **state)
{
    static const char *const heads[] = { "\10\0\0\0\1\0\0\0{", "\10\0\0\0\0\0\0\0[", "12345678{}",
                                         "\10\0\0\0\0\0\0\0" };
    static const size_t bytes[] = { 9, 9, 10, 8 };
    char path[] = PATH_TEMPLATE;

    (void)state;
    close(mkstemp(path));
    for (size_t i = 0; i < ALX_COUNT(heads); ++i) {
        assert_ok(base_file_write(path, heads[i], bytes[i]));
        assert_false(alx_safetensors_begins(path));
    }
    unlink(path);
}

static void largest_elements_first_then_order_of_adding(void **state)
{
    static const char *const want[] = { "l", "b", "a \"q\"", "none", "u" };
    char path[] = PATH_TEMPLATE, *bytes = NULL;
    size_t count = 0;
    alx_safetensors *file = NULL;

    (void)state;
    close(mkstemp(path));
    write_sample(path);
    assert_ok(base_file_read(&bytes, &count, path));
    assert_int_equal(bytes[0] % 8, 0);
    assert_memory_equal(bytes + 8, "{\"__metadata__\":{\"config\":", 26);
    assert_ok(alx_safetensors_parse(&file, bytes, count, path));
    for (size_t i = 0; i < ALX_COUNT(want); ++i)
        assert_string_equal(alx_safetensors_at(file, i)->name, want[i]);
    alx_safetensors_close(file);
    free(bytes);
    unlink(path);
}

/* Readers that map a file need its data aligned. */
static void the_header_is_padded_to_8_bytes(void **state)
{
    char name[] = "12345678", path[] = PATH_TEMPLATE, *bytes = NULL;
    size_t count = 0;

    (void)state;
    close(mkstemp(path));
    for (size_t letters = 8; letters > 0; --letters) {
        alx_safetensors_writer *w = NULL;

        name[letters] = '\0';
        assert_ok(alx_safetensors_writer_create(&w));
        assert_ok(alx_safetensors_writer_add(w, name, ALX_U8, (int[]){ 3 }, 1, octets));
        assert_ok(alx_safetensors_writer_write(w, path));
        alx_safetensors_writer_free(w);
        assert_ok(base_file_read(&bytes, &count, path));
        assert_int_equal((unsigned char)bytes[0] % 8, 0);
        assert_int_equal(count, 8 + (size_t)(unsigned char)bytes[0] + 3);
        free(bytes);
    }
    unlink(path);
}

static void unaligned_data_is_aligned_for_the_caller(void **state)
{
    size_t count = 0;
    char *bytes = make_file(&count,
                            "{\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                            "\"f\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]},"
                            "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[9,17]}}",
                            17);
    alx_safetensors *file = NULL;

    (void)state;
    assert_ok(alx_safetensors_parse(&file, bytes, count, "unaligned"));
    const alx_st_tensor *f = alx_safetensors_find(file, "f");
    const alx_st_tensor *d = alx_safetensors_find(file, "d");
    assert_int_equal((uintptr_t)f->data % 4, 0);
    assert_int_equal((uintptr_t)d->data % 8, 0);
    assert_memory_equal(f->data, "\1\2\3\4\5\6\7\10", 8);
    assert_memory_equal(d->data, bytes + count - 8, 8);
    alx_safetensors_close(file);
    free(bytes);
}

static void writer_refuses(void **state)
{
    char name[200];
    alx_safetensors_writer *w = NULL;

    (void)state;
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_ok(alx_safetensors_writer_create(&w));
    assert_ok(alx_safetensors_writer_add(w, "x", ALX_U8, (int[]){ 3 }, 1, octets));
    assert_int_equal(alx_safetensors_writer_add(w, "x", ALX_U8, (int[]){ 3 }, 1, octets),
                     ALX_E_USAGE);
    assert_int_equal(alx_safetensors_writer_add(w, name, ALX_U8, (int[]){ 3 }, 1, octets),
                     ALX_E_USAGE);
    assert_int_equal(alx_safetensors_writer_add(w, "y", ALX_U8, (int[]){ -3 }, 1, octets),
                     ALX_E_USAGE);
    assert_int_equal(alx_safetensors_writer_add(w, "\xE9", ALX_U8, (int[]){ 3 }, 1, octets),
                     ALX_E_USAGE); /* no UTF-8 */
    assert_int_equal(alx_safetensors_writer_add(w, "packed", ALX_F4, (int[]){ 4 }, 1, octets),
                     ALX_E_USAGE);
    assert_int_equal(alx_safetensors_writer_metadata(w, "k", "\xE9"), ALX_E_USAGE);
    assert_int_equal(alx_safetensors_writer_write(w, "/proc/nowhere/x"), ALX_E_IO);
    alx_safetensors_writer_free(w);
}

/* ---- what must be refused ------------------------------------------------------------------- */

#define ENTRY(dtype, shape, begin, end)                                                            \
    "{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" begin "," end "]}"

static const struct {
    const char *header, *message;
} faults[] = {
    { "", "not a JSON object" },
    { "[]", "not a JSON object" },
    { "{\"x\":", "not a JSON object" },
    { " {}", "not a JSON object" },
    { "{} {}", "follows the JSON object" },
    { "{}", "8 bytes belong to no tensor" },
    { "{\"__metadata__\":[]}", "__metadata__ is not an object" },
    { "{\"__metadata__\":{\"k\":1}}", "value of k is not a string" },
    { "{\"x\":7}", "tensor x: not an object" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", "tensor x: not an object" },
    { "{\"x\":{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,8]}}", "tensor x: no dtype" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":8,\"data_offsets\":[0,8]}}", "tensor x: no shape" },
    { "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "not two ascending" },
    { "{\"x\":" ENTRY("F128", "4", "0", "8") "}", "tensor x: dtype F128 is not supported" },
    { "{\"x\":" ENTRY("f16", "4", "0", "8") "}", "tensor x: dtype f16 is not supported" },
    { "{\"x\":" ENTRY("F16", "3", "0", "8") "}", "shape and data_offsets (8 bytes) disagree" },
    { "{\"x\":" ENTRY("F32", "-2", "0", "8") "}", "dimension 0 is not an integer" },
    { "{\"x\":" ENTRY("F32", "2.5", "0", "8") "}", "dimension 0 is not an integer" },
    { "{\"x\":" ENTRY("F32", "1e300,0", "0", "8") "}", "dimension 0 is not an integer" },
    { "{\"x\":" ENTRY("F32", "1,2147483648", "0", "8") "}", "dimension 1 is not an integer" },
    { "{\"x\":" ENTRY("F32", "1,1,1,1,1,1,1,1,2", "0", "8") "}", "more than 8 dimensions" },
    { "{\"x\":" ENTRY("F32", "3", "0", "8") "}", "shape and data_offsets (8 bytes) disagree" },
    /* 2^64 elements, and 2^64 bytes, wrap to 0 */
    { "{\"x\":" ENTRY("F32", "1073741824,1073741824,16", "0", "0") "}", "disagree" },
    { "{\"x\":" ENTRY("F64", "1073741824,1073741824,2", "0", "0") "}", "disagree" },
    { "{\"x\":" ENTRY("U8", "8", "8", "0") "}", "not two ascending" },
    { "{\"x\":" ENTRY("U8", "8", "-8", "0") "}", "not two ascending" },
    { "{\"x\":" ENTRY("U8", "16", "0", "16") "}", "tensor x: ends at byte 16 of 8: truncated" },
    { "{\"x\":" ENTRY("U8", "8", "18446744073709551608", "0") "}", "not two ascending" },
    { "{\"x\":" ENTRY("U8", "5", "0", "5") ",\"y\":" ENTRY("U8", "5", "3", "8") "}",
      "tensor y: starts at byte 3, the one before ends at 5" },
    { "{\"x\":" ENTRY("U8", "3", "0", "3") ",\"y\":" ENTRY("U8", "3", "5", "8") "}",
      "tensor y: starts at byte 5, the one before ends at 3" },
    { "{\"x\":" ENTRY("U8", "4", "0", "4") "}", "4 bytes belong to no tensor" },
    { "{\"x\":" ENTRY("U8", "4", "0", "4") ",\"x\":" ENTRY("U8", "4", "4", "8") "}",
      "tensor x: stored twice" },
};

static void assert_refused(const char *bytes, size_t count, const char *message)
{
    alx_safetensors *file = NULL;
    const int rc = alx_safetensors_parse(&file, bytes, count, "bad.safetensors");

    assert_int_equal(rc, ALX_E_DATA);
    assert_null(file);
    if (strstr(alx_status_text(rc), message) == NULL ||
        strncmp(alx_status_text(rc), "bad.safetensors: ", 17) != 0)
        fail_msg("\"%s\" does not say \"%s\"", alx_status_text(rc), message);
}

static void faults_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(faults); ++i) {
        size_t count = 0;
        char *bytes = make_file(&count, faults[i].header, 8);

        assert_refused(bytes, count, faults[i].message);
        free(bytes);
    }
}

static void header_length_is_checked(void **state)
{
    size_t count = 0;
    char *bytes = make_file(&count, "{}", 0);

    (void)state;
    assert_refused(bytes, 0, "too few");
    assert_refused(bytes, 7, "too few");
    assert_refused(bytes, 9, "truncated: a header of 2 bytes in a file of 9");
    memset(bytes, 0xff, 8);
    assert_refused(bytes, count, "it does not begin with the length of a header");
    free(bytes);
}

static void deep_nesting_is_refused(void **state)
{
    const size_t depth = 200000;
    char *header = test_alloc(depth + 6);
    size_t count = 0;

    (void)state;
    memcpy(header, "{\"x\":", 5);
    memset(header + 5, '[', depth);
    char *bytes = make_file(&count, header, 0);
    assert_refused(bytes, count, "not a JSON object");
    free(bytes);
    free(header);
}

/* ---- mutations ------------------------------------------------------------------------------ */

/* Deterministic stream of words for the mutations. */
typedef struct mutation_source {
    uint32_t words[4];
    uint64_t next;
} mutation_source;

static uint32_t draw(mutation_source *source, size_t bound)
{
    if (source->next % 4 == 0)
        base_rng_words(source->words, 1, BASE_RNG_TEST, 99, source->next / 4);
    return base_rng_below(source->words[source->next++ % 4], (uint32_t)bound);
}

/* Changes the file in place; returns its new length (never longer). */
static size_t mutate(char *bytes, size_t count, mutation_source *source)
{
    static const char tokens[] = "{}[]\",:0123456789-eE.\\\0\xff/AFIU";
    const size_t at = draw(source, count), other = draw(source, count);
    const size_t rest = count - (at > other ? at : other);

    switch (draw(source, 6)) {
    case 0: /* flip a bit */
        bytes[at] = (char)(bytes[at] ^ 1 << draw(source, 8));
        return count;
    case 1: /* a byte that means something in JSON */
        bytes[at] = tokens[draw(source, sizeof tokens)];
        return count;
    case 2: /* truncate */
        return at;
    case 3: /* repeat a part elsewhere */
        memmove(bytes + at, bytes + other, draw(source, rest) + 1);
        return count;
    case 4: /* cut a byte out */
        memmove(bytes + at, bytes + at + 1, count - at - 1);
        return count - 1;
    default: /* another header length */
        bytes[0] = (char)draw(source, 256);
        return count;
    }
}

/* Reads every byte that the reader vouches for; the sanitizer watches. */
static unsigned touch(const alx_safetensors *file)
{
    unsigned sum = 0;

    for (size_t i = 0; i < alx_safetensors_count(file); ++i) {
        const alx_st_tensor *tensor = alx_safetensors_at(file, i);
        const size_t size = alx_dtype_bytes(tensor->dtype);

        assert_int_equal((uintptr_t)tensor->data % size, 0);
        assert_ptr_equal(alx_safetensors_find(file, tensor->name), tensor);
        for (size_t k = 0; k < tensor->count * size; ++k)
            sum += ((const unsigned char *)tensor->data)[k];
    }
    return sum;
}

static void survives_mutations(void **state)
{
    char path[] = PATH_TEMPLATE, *original = NULL;
    size_t count = 0, accepted = 0, refused = 0;
    mutation_source source = { 0 };

    (void)state;
    close(mkstemp(path));
    write_sample(path);
    assert_ok(base_file_read(&original, &count, path));
    unlink(path);
    for (int i = 0; i < 2000; ++i) {
        char *bytes = test_alloc(count);
        size_t left = count;
        alx_safetensors *file = NULL;

        memcpy(bytes, original, count);
        for (uint32_t n = draw(&source, 3) + 1; n > 0 && left > 0; --n)
            left = mutate(bytes, left, &source);
        const int rc = alx_safetensors_parse(&file, bytes, left, "mutant");
        free(bytes); /* the reader must have copied what it keeps */
        assert_true((rc == 0 && file != NULL) || (rc == ALX_E_DATA && file == NULL));
        if (rc == 0)
            touch(file);
        accepted += rc == 0;
        refused += rc != 0;
        alx_safetensors_close(file);
    }
    assert_true(accepted > 20 && refused > 1000);
    free(original);
}

static void a_file_that_is_cut_while_it_is_open_is_missed(void **state)
{
    char path[] = PATH_TEMPLATE;
    alx_safetensors *file = NULL;
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_sample(path);
    assert_ok(alx_safetensors_open(&file, path));
    assert_ok(alx_safetensors_check(file));
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(alx_safetensors_check(file), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "was cut while it was open: 40 of"));
    assert_int_equal(strncmp(alx_status_text(ALX_E_DATA), path, strlen(path)), 0);
    alx_safetensors_close(file);
    unlink(path);
}

static void one_that_is_a_file_of_weights_is_missed_too(void **state)
{
    char path[] = PATH_TEMPLATE;
    alx_weights_file *file = NULL;
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_sample(path);
    assert_ok(alx_weights_file_open(&file, path));
    assert_ok(alx_safetensors_check(alx_weights_file_safetensors(file)));
    assert_int_equal(truncate(path, 40), 0);
    assert_int_equal(alx_safetensors_check(alx_weights_file_safetensors(file)), ALX_E_DATA);
    alx_weights_file_close(file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(other_files_begin_otherwise),
        cmocka_unit_test(largest_elements_first_then_order_of_adding),
        cmocka_unit_test(the_header_is_padded_to_8_bytes),
        cmocka_unit_test(unaligned_data_is_aligned_for_the_caller),
        cmocka_unit_test(writer_refuses),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(header_length_is_checked),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_file_that_is_cut_while_it_is_open_is_missed),
        cmocka_unit_test(one_that_is_a_file_of_weights_is_missed_too),
        cmocka_unit_test(survives_mutations),
    };

    return cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
}
