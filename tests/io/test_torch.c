/* test_torch.c - pickles that claim, refer and call what they must not: each is refused in a line
 * that says so. The form before PyTorch 1.6 is easy to write by hand; both share the machine. */
#include "alexnet/dev/weights_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/torch/pickle.h"
#include "support/folder.h"
#include "support/test.h"
#include "support/weights.h"

typedef struct text {
    char bytes[4096];
    size_t count;
} text;

static void add(text *to, const char *bytes, size_t count)
{
    memcpy(to->bytes + to->count, bytes, count);
    to->count += count;
}

#define ADD(to, literal) add(to, literal, sizeof(literal) - 1)

static const char *path(void)
{
    return test_folder_path(&test_own_folder, "x.pth");
}

static bool has_storage(const char *pickle, size_t count)
{
    for (size_t i = 0; i + 7 <= count; ++i)
        if (memcmp(pickle + i, "storage", 7) == 0)
            return true;
    return false;
}

/* A file whose object is `pickle`; if that has a storage, it is "s", of the numbers 0, 1, 2, 3. */
static void write_old(const char *pickle, size_t count)
{
    static const float numbers[] = { 0.0f, 1.0f, 2.0f, 3.0f };
    text file = { .count = 0 };

    ADD(&file, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
    ADD(&file, "\x80\x02M\xe9\x03.\x80\x02}.\x80\x02");
    add(&file, pickle, count);
    if (has_storage(pickle, count)) {
        ADD(&file, ".\x80\x02]U\001sa.\4\0\0\0\0\0\0\0");
        add(&file, (const char *)numbers, sizeof numbers);
    } else {
        ADD(&file, ".\x80\x02].");
    }
    test_folder_write_bytes(&test_own_folder, "x.pth", file.bytes, file.count);
}

#define STORAGE "(U\007storagectorch\nFloatStorage\nU\001sU\003cpuK\4tQ"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
#define DICT_W "}U\001w" /* a dict, its first key; "s" sets the item */

/* ---- what is read -------------------------------------------------------------------------- */

#define WRITE(literal) write_old(literal, sizeof(literal) - 1)

static void read_w(float *out, size_t count)
{
    alx_weights_file *file = NULL;

    assert_ok(alx_weights_file_open(&file, path()));
    assert_int_equal(alx_weights_file_count(file), 1);
    assert_int_equal(alx_weights_file_at(file, 0)->count, count);
    assert_ok(alx_weights_file_read(file, 0, out));
    alx_weights_file_close(file);
}

static void a_tensor_is_read(void **state)
{
    float got[4];

    (void)state;
    WRITE(DICT_W REBUILD "(" STORAGE "K\1K\2\x85K\2\x85\x89NtRs");
    read_w(got, 2);
    assert_true(got[0] == 1.0f && got[1] == 3.0f);
}

/* A dict that holds itself, where a state dict may be nested. */
static void a_dict_in_itself_ends(void **state)
{
    float got[4];

    (void)state;
    WRITE("}q\0U\005modelh\0sU\001w" REBUILD "(" STORAGE "K\0K\4\x85K\1\x85\x89NtRs");
    read_w(got, 4);
    assert_true(got[3] == 3.0f);
}

/* ---- what is refused ----------------------------------------------------------------------- */

#define CASE(literal, says)                                                                        \
    {                                                                                              \
        literal, sizeof(literal) - 1, says                                                         \
    }
#define TENSOR(arguments) DICT_W REBUILD "(" arguments "tRs"

static const struct {
    const char *pickle;
    size_t count;
    const char *says;
} faults[] = {
    /* places */
    CASE(TENSOR(STORAGE "K\3K\2\x85K\1\x85\x89N"), "tensor w lies outside its storage of 4"),
    CASE(TENSOR(STORAGE "K\0K\4\x85K\2\x85\x89N"), "tensor w lies outside its storage of 4"),
    CASE(TENSOR(STORAGE "K\0K\5\x85K\1\x85\x89N"), "tensor w lies outside its storage of 4"),
    CASE(TENSOR(STORAGE "K\5K\0\x85K\1\x85\x89N"), "tensor w lies outside its storage of 4"),
    /* 2^31 - 1 times the same element: 8 GB in a few bytes */
    CASE(TENSOR(STORAGE "K\0J\xff\xff\xff\x7f\x85K\0\x85\x89N"), "lies outside its storage"),
    /* strides, and an offset, that wrap */
    CASE(TENSOR(STORAGE "K\0K\3\x85\x8a\x08\0\0\0\0\0\0\0\x40\x85\x89N"), "lies outside"),
    CASE(TENSOR(STORAGE "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\1\x85K\1\x85\x89N"), "outside"),
    CASE(TENSOR(STORAGE "J\xff\xff\xff\xffK\1\x85K\1\x85\x89N"), "not stored as PyTorch stores"),
    CASE(TENSOR(STORAGE "K\0J\xff\xff\xff\xff\x85K\1\x85\x89N"), "impossible sizes or strides"),
    CASE(TENSOR(STORAGE "K\0K\2\x85\x8a\x01\xff\x85\x89N"), "impossible sizes or strides"),
    CASE(TENSOR(STORAGE "K\0K\2\x85K\1K\1\x86\x89N"), "impossible sizes or strides"),
    CASE(TENSOR(STORAGE "K\0(K\1K\1K\1K\1K\1K\1K\1K\1K\1t(K\1K\1K\1K\1K\1K\1K\1K\1K\1t\x89N"),
         "impossible sizes or strides, or more than 8"),
    /* things of another kind */
    CASE(TENSOR("K\7K\0K\2\x85K\1\x85\x89N"), "not stored as PyTorch stores tensors"),
    CASE(TENSOR(STORAGE), "not stored as PyTorch stores tensors"),
    CASE(TENSOR("(U\007storagectorch\nFloatStorage\nU\001tU\003cpuK\4tQK\0K\2\x85K\1\x85\x89N"),
         "storage s has no type"),
    CASE(TENSOR("(U\007storagectorch\nFloatStorage\nU\003s\0sU\003cpuK\4tQK\0K\2\x85K\1\x85\x89N"),
         "storage s has no type"),
    CASE(TENSOR("(U\006moduleK\1tQK\0K\2\x85K\1\x85\x89N"), "what is no storage of PyTorch's"),
    CASE("K\1", "holds no state dict"),
    CASE(DICT_W "K\1s", "holds no state dict, only w"),
    /* calls */
    CASE("cposix\nsystem\nU\002ls\x85R", "Python's posix.system, which is not looked up"),
    CASE("c__builtin__\neval\n", "Python's __builtin__.eval"),
    CASE("U\006os.sysU\004exit\x93", "Python's os.sys.exit"),
    CASE("cos\nsy\x1bstem\n", "Python's os.sy"),
    CASE("ctorch\nFloatStorage\nK\4\x85R", "calls torch.FloatStorage with what it does not take"),
    CASE("ccollections\nOrderedDict\nK\4\x85R", "calls collections.OrderedDict with"),
    CASE("ccollections\nOrderedDict\n]K\1a\x85R", "calls collections.OrderedDict with"),
    CASE("K\1)R", "calls what is no name"),
    CASE("K\1K\2b", "attributes to what has none"),
    CASE("i__builtin__\neval\n", "opcode 0x69, which torch.save does not write"),
    CASE("(K\1o", "opcode 0x6f"),
    CASE("\x82\1", "opcode 0x82"), /* EXT1 */
    CASE(")\x81", "opcode 0x81"),  /* NEWOBJ */
    /* stack and memo */
    CASE("t", "damaged pickle"),
    CASE("\x87", "damaged pickle"),
    CASE("}K\1s", "damaged pickle"),
    CASE("}(K\1u", "damaged pickle"),
    CASE("(s", "damaged pickle"),
    CASE("K\1(K\1e", "damaged pickle"),
    CASE("h\0", "damaged pickle"),
    CASE("K\1q\5", "damaged pickle"),
    CASE("K\1r\xff\xff\xff\xff", "damaged pickle"),
    CASE("X\xff\xff\xff\xffw", "damaged pickle"),
    CASE("(", "damaged pickle"),
};

static void faults_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(faults); ++i) {
        write_old(faults[i].pickle, faults[i].count);
        test_weights_refused(path(), faults[i].says);
    }
}

/* A list of pairs that is stored once, and made a dict again and again. */
static void what_multiplies_is_bounded(void **state)
{
    enum { PAIRS = 6000, CALLS = 3000 };
    static const char call[] = "ccollections\nOrderedDict\nh\0\x85R";
    const size_t most = 16 + 6 * PAIRS + CALLS * sizeof call;
    char *pickle = test_alloc(most), *at = pickle;
    io_pickle out;
    size_t used = 0;

    (void)state;
    memcpy(at, "]q\0(", 4);
    at += 4;
    for (int i = 0; i < PAIRS; ++i, at += 5)
        memcpy(at, "K\1K\1\x86", 5);
    *at++ = 'e';
    for (int i = 0; i < CALLS; ++i, at += sizeof call - 1)
        memcpy(at, call, sizeof call - 1);
    *at++ = '.';
    assert_int_equal(io_pickle_read(&out, (const uint8_t *)pickle, (size_t)(at - pickle), &used),
                     ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "more than 16777216 items"));
    io_pickle_free(&out);
    free(pickle);
}

/* A storage that claims 4 GB. */
static void storages_end_with_the_file(void **state)
{
    text file = { .count = 0 };

    (void)state;
    ADD(&file, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
    ADD(&file, "\x80\x02M\xe9\x03.\x80\x02}.\x80\x02");
    ADD(&file, TENSOR(STORAGE "K\0K\2\x85K\1\x85\x89N"));
    ADD(&file, ".\x80\x02]U\001sa.\0\0\0\x40\0\0\0\0");
    test_folder_write_bytes(&test_own_folder, "x.pth", file.bytes, file.count);
    test_weights_refused(path(), "storage s claims 1073741824 elements, 0 bytes are left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tensor_is_read),           cmocka_unit_test(a_dict_in_itself_ends),
        cmocka_unit_test(faults_are_named),           cmocka_unit_test(what_multiplies_is_bounded),
        cmocka_unit_test(storages_end_with_the_file),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
