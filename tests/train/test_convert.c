/* test_convert.c - weights through every format that is written, to the bit; what is written beside
 * what PyTorch wrote, and what it answers. That PyTorch and onnxruntime read it is shown by
 * tools/data/check_conversions.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "alexnet/dev/weights_file.h"
#include "alexnet/log.h"
#include "support/device.h"
#include "support/folder.h"

#define WEIGHTS TEST_DIR "/data/weights/"

/* That of make_weight_files.py's Small. */
static const char small_text[] = "[net]\ninput = 4x4x3\nclasses = 3\ndropout-place = input\n"
                                 "dropout-form = %s\n"
                                 "[conv1]\nfilters = 4\nkernel = 3\npad = 1\npool = max 2/2\n"
                                 "[conv2]\nfilters = 2\nkernel = 3\npad = 1\ngroups = 2\n"
                                 "[fc3]\nunits = 5\ndropout = 0.5\n"
                                 "[fc4]\nunits = 3\n";

static void read_small(alx_config *config, const char *form)
{
    char text[1024];

    snprintf(text, sizeof text, small_text, form);
    assert_ok(alx_config_parse(config, text, "small", NULL, 0));
}

static const char *in_folder(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

static void convert(const char *from, const char *to, const alx_config *config, bool torch_names)
{
    assert_ok(alx_convert(&(alx_conversion){
        .from = { .path = from, .config = config }, .to = to, .torch_names = torch_names }));
}

static float *numbers(const alx_weights_file *file, const char *name, size_t *count)
{
    const long at = alx_weights_file_find(file, name);

    if (at < 0)
        fail_msg("no tensor %s", name);
    *count = alx_weights_file_at(file, (size_t)at)->count;
    float *out = test_host(*count);

    assert_ok(alx_weights_file_read(file, (size_t)at, out));
    return out;
}

/* Every tensor of state.pth is in `path` under the same name, times a power of two. */
static void assert_same_as_pytorch(const char *path, float fc3_scale)
{
    alx_weights_file *want = NULL, *got = NULL;

    assert_ok(alx_weights_file_open(&want, WEIGHTS "state.pth"));
    assert_ok(alx_weights_file_open(&got, path));
    assert_int_equal(alx_weights_file_count(want), alx_weights_file_count(got));
    for (size_t i = 0; i < alx_weights_file_count(want); ++i) {
        const char *name = alx_weights_file_at(want, i)->name;
        const float scale = strcmp(name, "classifier.1.weight") == 0 ? fc3_scale : 1.0f;
        size_t count = 0, got_count = 0;
        float *a = numbers(want, name, &count), *b = numbers(got, name, &got_count);

        assert_int_equal(count, got_count);
        for (size_t k = 0; k < count; ++k)
            a[k] *= scale;
        assert_memory_equal(a, b, count * sizeof *a);
    }
    alx_weights_file_close(want);
    alx_weights_file_close(got);
}

static void a_round_trip_changes_no_bit(void **state)
{
    alx_config config;
    char path[5][512];
    static const char *const steps[] = { "a", "b.safetensors", "c.npz", "d.onnx", "e.safetensors" };

    (void)state;
    read_small(&config, "inverted");
    for (size_t i = 0; i < ALX_COUNT(steps); ++i) {
        snprintf(path[i], sizeof path[i], "%s", in_folder(steps[i]));
        convert(i == 0 ? WEIGHTS "state.pth" : path[i - 1], path[i],
                i == 1 || i == 2 ? NULL : &config, i == 4);
    }
    assert_same_as_pytorch(path[4], 1.0f);
}

/* A network of the classic form has fc3 twice as large; what PyTorch reads of it is as before. */
static void the_classic_form_is_undone_for_others(void **state)
{
    alx_config classic;
    char ours[512], theirs[512];

    (void)state;
    read_small(&classic, "classic");
    snprintf(ours, sizeof ours, "%s", in_folder("classic"));
    snprintf(theirs, sizeof theirs, "%s", in_folder("theirs.npz"));
    convert(WEIGHTS "state.pth", ours, &classic, false);
    convert(ours, theirs, NULL, true);
    assert_same_as_pytorch(theirs, 1.0f);
    snprintf(theirs, sizeof theirs, "%s", in_folder("kept.safetensors"));
    convert(ours, theirs, NULL, false);

    alx_weights_file *file = NULL;
    size_t count = 0;

    assert_ok(alx_weights_file_open(&file, theirs));
    const float kept = numbers(file, "fc3.weight", &count)[0];

    alx_weights_file_close(file);
    assert_ok(alx_weights_file_open(&file, WEIGHTS "state.pth"));
    assert_true(kept == 2.0f * numbers(file, "classifier.1.weight", &count)[0]);
    alx_weights_file_close(file);
}

/* The first layer is turned on the way out, and back. */
static void caffes_form_changes_no_bit(void **state)
{
    alx_config config;
    char model[512], back[512];

    (void)state;
    read_small(&config, "inverted");
    snprintf(model, sizeof model, "%s", in_folder("small.caffemodel"));
    snprintf(back, sizeof back, "%s", in_folder("back.safetensors"));
    convert(WEIGHTS "state.pth", model, &config, false);
    convert(model, back, &config, true);
    assert_same_as_pytorch(back, 1.0f);

    alx_weights_file *text = NULL;

    assert_ok(alx_weights_file_open(&text, in_folder("small.prototxt")));
    assert_int_equal(alx_weights_file_format(text), ALX_WEIGHTS_PROTOTXT);
    assert_int_equal(alx_weights_file_layer(text, 0)->groups, 1);
    assert_int_equal(alx_weights_file_input(text)->height, 4);
    alx_weights_file_close(text);
}

/* The checkpoint carries network and preprocessing: it needs no more than its path. */
static void a_checkpoint_answers_as_the_file_did(void **state)
{
    const alx_model_options how = { .batch = 1, .keep_outputs = true, .workers = 1 };
    static const char *const picture = WEIGHTS "answers/20.png";
    static const float want[] = { 0.732085705f, -0.0307743568f, 0.204405993f };
    static const char *const files[] = { "model", "again.onnx" };
    alx_device *dev = test_device();
    char path[512];
    float got[3];

    (void)state;
    snprintf(path, sizeof path, WEIGHTS "dynamo.onnx");
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        alx_model *model = NULL;
        alx_dataset *set = NULL;

        convert(path, in_folder(files[i]), NULL, false);
        snprintf(path, sizeof path, "%s", in_folder(files[i]));
        assert_ok(alx_model_open_weights(
            &model, &(alx_model_weights){ .path = path, .preprocess = "torchvision" }));
        assert_ok(alx_model_build(model, &dev, 1, &how));
        assert_ok(alx_dataset_of_images(&set, &picture, 1));
        assert_ok(alx_model_features(got, model, set, "fc4"));
        test_assert_close(files[i], got, want, 3, 1e-5, 1e-6);
        alx_dataset_close(set);
        alx_model_close(model);
    }
}

static void assert_refused(const char *to, const char *preset, alx_dtype dtype, bool torch_names,
                           const char *text)
{
    alx_config config;

    assert_ok(alx_config_read(&config, preset, NULL, 0));
    const alx_conversion what = { .from = { .path = WEIGHTS "state.pth", .config = &config },
                                  .to = to,
                                  .dtype = dtype,
                                  .torch_names = torch_names };
    const int rc = alx_convert(&what);

    assert_int_equal(rc, ALX_E_USAGE);
    if (strstr(alx_status_text(rc), text) == NULL)
        fail_msg("'%s' lacks '%s'", alx_status_text(rc), text);
}

static void what_a_format_cannot_hold_is_refused(void **state)
{
    (void)state;
    assert_refused("out.pth", "tiny", ALX_F32, false, "'.pth' cannot be written");
    assert_refused("out.npz", "tiny", ALX_BF16, false, "float16 to .npz too");
    assert_refused("out", "tiny", ALX_F16, false, "numbers of this type");
    assert_refused("out.onnx", "tiny", ALX_F32, true, "--naming is of");
}

/* ---- two bytes ------------------------------------------------------------------------------- */

static float widened(uint16_t bits, alx_dtype dtype)
{
    const alx_st_tensor tensor = { .name = "x", .dtype = dtype, .count = 1, .data = &bits };
    float out = 0.0f;

    assert_ok(alx_st_floats(&out, &tensor));
    return out;
}

static uint16_t narrowed(float value, alx_dtype dtype)
{
    uint16_t out = 0;

    alx_narrow(&out, &value, 1, dtype);
    return out;
}

/* All numbers of the small type stay, and what lies half way between two goes to the even one. */
static void assert_nearest(alx_dtype dtype, uint16_t infinity)
{
    for (uint16_t bits = 0; bits < infinity - 1; ++bits) {
        const float x = widened(bits, dtype), next = widened((uint16_t)(bits + 1), dtype);
        const float middle = (float)(((double)x + (double)next) / 2);
        const uint16_t even = (uint16_t)(bits % 2 == 0 ? bits : bits + 1);

        assert_int_equal(narrowed(x, dtype), bits);
        assert_int_equal(narrowed(-x, dtype), bits | 0x8000);
        if ((double)middle == ((double)x + (double)next) / 2)
            assert_int_equal(narrowed(middle, dtype), even);
    }
    assert_int_equal(narrowed(3e38f * 2, dtype), infinity);
}

static void narrow_numbers_are_the_nearest(void **state)
{
    (void)state;
    assert_nearest(ALX_F16, 0x7C00);
    assert_nearest(ALX_BF16, 0x7F80);
    assert_int_equal(narrowed(65519.0f, ALX_F16), 0x7BFF);
    assert_int_equal(narrowed(65520.0f, ALX_F16), 0x7C00);
    assert_true((narrowed(0.0f / 0.0f, ALX_F16) & 0x7FFF) > 0x7C00);
    assert_true((narrowed(0.0f / 0.0f, ALX_BF16) & 0x7FFF) > 0x7F80);
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(a_round_trip_changes_no_bit),
        test_on_device(the_classic_form_is_undone_for_others),
        test_on_device(caffes_form_changes_no_bit),
        test_on_device(a_checkpoint_answers_as_the_file_did),
        test_on_device(what_a_format_cannot_hold_is_refused),
        test_on_device(narrow_numbers_are_the_nearest),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, close_all);
}
