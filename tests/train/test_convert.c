/* test_convert.c - weights through every format that is written, to the bit; what is written beside
 * what PyTorch wrote, and what it answers. That PyTorch and onnxruntime read it is shown by
 * tools/data/check_conversions.py. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "alexnet/dev/weights_file.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "support/converted.h"
#include "support/device.h"
#include "support/folder.h"
#include "support/messages.h"

#define WEIGHTS TEST_DIR "/data/weights/"

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

/* Caffe's first layer is turned on the way out, and back. */
static void a_round_trip_changes_no_bit(void **state)
{
    static const struct {
        const char *to, *naming;
        bool needs_config; /* its source says nothing of the network */
    } steps[] = { { "a", NULL, true },
                  { "b.safetensors", NULL, false },
                  { "c.npz", NULL, false },
                  { "d.onnx", NULL, true },
                  { "e.caffemodel", NULL, false },
                  { "f.npz", "caffe", false },
                  { "g.safetensors", "caffe", true },
                  { "h.safetensors", "torchvision", false } };
    alx_config config;
    char from[512] = WEIGHTS "state.pth", to[512];

    (void)state;
    test_small_config(&config, "inverted");
    for (size_t i = 0; i < ALX_COUNT(steps); ++i) {
        snprintf(to, sizeof to, "%s", test_own_path(steps[i].to));
        test_convert(from, to, steps[i].needs_config ? &config : NULL, steps[i].naming);
        memcpy(from, to, sizeof from);
    }
    assert_same_as_pytorch(to, 1.0f);
}

/* A network of the classic form has fc3 twice as large; what PyTorch reads of it is as before. */
static void the_classic_form_is_undone_for_others(void **state)
{
    alx_config classic;
    char ours[512], theirs[512];

    (void)state;
    test_small_config(&classic, "classic");
    snprintf(ours, sizeof ours, "%s", test_own_path("classic"));
    snprintf(theirs, sizeof theirs, "%s", test_own_path("theirs.npz"));
    test_convert(WEIGHTS "state.pth", ours, &classic, NULL);
    test_convert(ours, theirs, NULL, "torchvision");
    assert_same_as_pytorch(theirs, 1.0f);
    snprintf(theirs, sizeof theirs, "%s", test_own_path("kept.safetensors"));
    test_convert(ours, theirs, NULL, NULL);

    alx_weights_file *file = NULL;
    size_t count = 0;

    assert_ok(alx_weights_file_open(&file, theirs));
    const float kept = numbers(file, "fc3.weight", &count)[0];

    alx_weights_file_close(file);
    assert_ok(alx_weights_file_open(&file, WEIGHTS "state.pth"));
    assert_true(kept == 2.0f * numbers(file, "classifier.1.weight", &count)[0]);
    alx_weights_file_close(file);
}

static void caffes_network_is_text_too(void **state)
{
    alx_config config;
    alx_weights_file *text = NULL;

    (void)state;
    test_small_config(&config, "inverted");
    test_convert(WEIGHTS "state.pth", test_own_path("small.caffemodel"), &config, NULL);
    assert_ok(alx_weights_file_open(&text, test_own_path("small.prototxt")));
    assert_int_equal(alx_weights_file_format(text), ALX_WEIGHTS_PROTOTXT);
    assert_int_equal(alx_weights_file_layer(text, 0)->groups, 1);
    assert_int_equal(alx_weights_file_input(text)->height, 4);
    alx_weights_file_close(text);
}

static void numbers_are_called_as_caffe_does(void **state)
{
    alx_config config;
    alx_weights_file *file = NULL;
    size_t count = 0;

    (void)state;
    test_small_config(&config, "inverted");
    test_convert(WEIGHTS "state.pth", test_own_path("named.npz"), &config, "caffe");
    assert_ok(alx_weights_file_open(&file, WEIGHTS "state.pth"));
    const float *rgb = numbers(file, "features.0.weight", &count);
    const float *bias = numbers(file, "features.3.bias", &count);

    alx_weights_file_close(file);
    assert_ok(alx_weights_file_open(&file, test_own_path("named.npz")));
    assert_memory_equal(numbers(file, "conv2/1", &count), bias, 2 * sizeof(float));
    const float *bgr = numbers(file, "conv1/0", &count);

    assert_memory_equal(bgr, rgb + 18, 9 * sizeof(float));
    assert_memory_equal(bgr + 9, rgb + 9, 9 * sizeof(float));
    assert_memory_equal(bgr + 18, rgb, 9 * sizeof(float));
    alx_weights_file_close(file);
}

/* convert turned the first layer, whatever its pixels were: it is turned back. */
static void turned_colours_come_back_for_any_pixels(void **state)
{
    alx_config config;

    (void)state;
    test_small_config(&config, "inverted");
    test_convert(WEIGHTS "state.pth", test_own_path("turned.npz"), &config, "caffe");
    test_messages_begin();
    assert_ok(alx_convert(&(alx_conversion){ .from = { .path = test_own_path("turned.npz"),
                                                       .config = &config,
                                                       .preprocess = "torchvision" },
                                             .to = test_own_path("back.npz"),
                                             .naming = "torchvision" }));
    test_messages_end();
    assert_same_as_pytorch(test_own_path("back.npz"), 1.0f);
    assert_null(strstr(test_messages(), "has the looks of"));
}

/* ---- what a description says ----------------------------------------------------------------- */

static const char towers_text[] = "[net]\ninput = 20x20x3\nclasses = 3\ntowers = 2\ninit = he\n"
                                  "dropout-form = inverted\n"
                                  "[conv1]\nfilters = 8\nkernel = 5\npool = max 2/2\n"
                                  "lrn = n=3 k=1 alpha=0.5 beta=0.75\n"
                                  "[conv2]\nfilters = 12\nkernel = 3\nsees = own\n"
                                  "lrn = n=3 k=1 alpha=0.5 beta=0.75\n"
                                  "[conv3]\nfilters = 10\nkernel = 3\nsees = both\n"
                                  "[fc4]\nunits = 30\ndropout = 0.5\n[fc5]\nunits = classes\n"
                                  "[data]\nresize = 20\nmean = 120, 110, 100\n";

static void write_towers(const char *path)
{
    alx_device *dev = test_device();
    alx_checkpoint checkpoint = { .class_count = 0 };
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&checkpoint.config, towers_text, "towers", NULL, 0));
    assert_ok(
        alx_net_create(&net, &checkpoint.config.net, &dev, 1, &(alx_net_options){ .batch = 1 }));
    assert_ok(alx_net_init(net, 11));
    assert_ok(alx_checkpoint_write(path, &checkpoint, net));
    alx_net_free(net);
}

/* So that the graph alone says what the network is. */
static void forget_config(const char *path)
{
    char *bytes = NULL;
    size_t count = 0;

    assert_ok(base_file_read(&bytes, &count, path));
    char *key = memmem(bytes, count, "alexnet config", 14);

    assert_non_null(key);
    key[0] = 'A';
    assert_ok(base_file_write(path, bytes, count));
    free(bytes);
}

/* Norms that stay in their halves are told by Slice or Split and Concat. A graph says nothing of
 * pixels, Caffe's description and a config do. */
static void two_towers_are_found_in_a_description(void **state)
{
    static const struct {
        const char *file, *preprocess;
        bool alone;
    } cases[] = { { "towers.caffemodel", NULL, false },
                  { "towers.onnx", NULL, false },
                  { "graph.onnx", "paper", true } };
    char towers[512], path[512];
    float want[3], got[3];

    (void)state;
    snprintf(towers, sizeof towers, "%s", test_own_path("towers"));
    write_towers(towers);
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        snprintf(path, sizeof path, "%s", test_own_path(cases[i].file));
        test_convert(towers, path, NULL, NULL);
        if (cases[i].alone)
            forget_config(path);
        test_answer(want,
                    &(alx_model_weights){ .path = towers, .preprocess = cases[i].preprocess });
        test_answer(got, &(alx_model_weights){ .path = path, .preprocess = cases[i].preprocess });
        test_assert_close(cases[i].file, got, want, 3, 1e-5, 1e-6);
    }
}

/* Pixels in the numbers of a config win over those that a file has inside, with a warning. */
static void given_pixels_win_over_those_inside(void **state)
{
    static const char *const says[] = {
        "preprocess  as the config inside ",
        "the one that is given decides: pixels of 0 to 255, minus 1 2 3\n",
    };
    alx_config config;
    char inside[512];

    (void)state;
    test_small_config(&config, "inverted");
    snprintf(inside, sizeof inside, "%s", test_own_path("inside.npz"));
    test_convert(WEIGHTS "state.pth", inside, &config, NULL);
    for (size_t i = 0; i < ALX_COUNT(says); ++i) {
        config.data.mean_given = i == 1;
        for (int c = 0; c < 3; ++c)
            config.data.mean_value[c] = 1.0 + c;
        test_messages_begin();
        test_convert(inside, test_own_path("pixels.npz"), &config, NULL);
        test_messages_end();
        print_message("%s", test_messages());
        for (size_t k = 0; k < ALX_COUNT(says); ++k)
            assert_int_equal(strstr(test_messages(), says[k]) != NULL, k == i);
    }
}

/* Other programs have no place for a mean image, but for its colour. */
static void a_mean_image_leaves_as_its_colour(void **state)
{
    alx_device *dev = test_device();
    alx_checkpoint checkpoint = { .class_count = 0,
                                  .statistics = { .size = 20, .mean = { 10, 20, 30 } } };
    alx_net *net = NULL;
    char path[512];

    (void)state;
    assert_ok(alx_config_parse(&checkpoint.config, towers_text, "towers",
                               &(const char *){ "data.mean=image" }, 1));
    checkpoint.statistics.mean_image = test_host(20 * 20 * 3);
    assert_ok(
        alx_net_create(&net, &checkpoint.config.net, &dev, 1, &(alx_net_options){ .batch = 1 }));
    assert_ok(alx_net_init(net, 11));
    snprintf(path, sizeof path, "%s", test_own_path("averaged"));
    assert_ok(alx_checkpoint_write(path, &checkpoint, net));
    alx_net_free(net);
    test_messages_begin();
    test_convert(path, test_own_path("colour.npz"), NULL, NULL);
    test_messages_end();
    assert_non_null(strstr(test_messages(), "the mean image stays behind: its mean colour"));

    alx_model *model = NULL;

    assert_ok(alx_model_open_weights(&model,
                                     &(alx_model_weights){ .path = test_own_path("colour.npz") }));
    const alx_data_config *data = &alx_model_checkpoint(model)->config.data;

    assert_true(data->mean_given && data->mean == ALX_MEAN_CHANNEL && !data->use_std);
    for (int c = 0; c < 3; ++c)
        assert_true(data->mean_value[c] == 10.0 + 10.0 * c);
    alx_model_close(model);
}

/* ---- ONNX with less, and with more ----------------------------------------------------------- */

static float widened(uint16_t bits, alx_dtype dtype)
{
    const alx_st_tensor tensor = { .name = "x", .dtype = dtype, .count = 1, .data = &bits };
    float out = 0.0f;

    assert_ok(alx_safetensors_floats(&out, NULL, &tensor, 0, 1));
    return out;
}

static uint16_t narrowed(float value, alx_dtype dtype)
{
    uint16_t out = 0;

    alx_narrow(&out, &value, 1, dtype);
    return out;
}

/* onnxruntime casts them back: tools/data/check_conversions.py. */
static void a_graph_takes_numbers_of_two_bytes(void **state)
{
    static const struct {
        const char *name;
        alx_dtype dtype;
    } types[] = { { "f16", ALX_F16 }, { "bf16", ALX_BF16 } };
    alx_config config;

    (void)state;
    test_small_config(&config, "inverted");
    for (size_t i = 0; i < ALX_COUNT(types); ++i) {
        alx_weights_file *want = NULL, *got = NULL;
        size_t count = 0;

        assert_ok(alx_convert(
            &(alx_conversion){ .from = { .path = WEIGHTS "state.pth", .config = &config },
                               .to = test_own_path("narrow.onnx"),
                               .dtype = types[i].name }));
        assert_ok(alx_weights_file_open(&want, WEIGHTS "state.pth"));
        assert_ok(alx_weights_file_open(&got, test_own_path("narrow.onnx")));
        const float *wide = numbers(want, "classifier.1.weight", &count);
        const float *narrow = numbers(got, "fc3.weight", &count);

        assert_int_equal(alx_weights_file_layer(got, 0)->weight,
                         alx_weights_file_find(got, "conv1.weight"));
        assert_int_equal(alx_weights_file_at(got, 0)->dtype, types[i].dtype);
        for (size_t k = 0; k < count; ++k)
            assert_true(narrow[k] == widened(narrowed(wide[k], types[i].dtype), types[i].dtype));
        alx_weights_file_close(want);
        alx_weights_file_close(got);
    }
}

/* (pixel - mean) * factor is (pixel / 255 - 0.485) / 0.229. */
static void a_graph_preprocesses(void **state)
{
    static const double mean[] = { 0.485, 0.456, 0.406 }, std[] = { 0.229, 0.224, 0.225 };
    alx_config config;
    alx_weights_file *file = NULL;
    size_t count = 0;

    (void)state;
    test_small_config(&config, "inverted");
    assert_ok(alx_convert(&(alx_conversion){
        .from = { .path = WEIGHTS "state.pth", .config = &config, .preprocess = "torchvision" },
        .to = test_own_path("pixels.onnx"),
        .preprocessing = true }));
    assert_ok(alx_weights_file_open(&file, test_own_path("pixels.onnx")));
    const float *less = numbers(file, "mean", &count), *times = numbers(file, "factor", &count);

    assert_int_equal(count, 3);
    for (int c = 0; c < 3; ++c) {
        assert_true(less[c] == (float)(mean[c] * 255.0));
        test_assert_close("factor", &times[c], &(float){ (float)(1.0 / 255.0 / std[c]) }, 1, 1e-7,
                          0.0);
    }
    assert_string_equal(alx_weights_file_layer(file, 0)->type, "Sub");
    assert_string_equal(alx_weights_file_layer(file, 1)->type, "Mul");
    alx_weights_file_close(file);
}

/* The checkpoint carries network and preprocessing: it needs no more than its path. */
static void a_checkpoint_answers_as_the_file_did(void **state)
{
    static const float want[] = { 0.732085705f, -0.0307743568f, 0.204405993f };
    static const char *const files[] = { "model", "again.onnx" };
    char path[512] = WEIGHTS "dynamo.onnx";
    float got[3];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(files); ++i) {
        test_convert(path, test_own_path(files[i]), NULL, NULL);
        snprintf(path, sizeof path, "%s", test_own_path(files[i]));
        test_answer(got, &(alx_model_weights){ .path = path, .preprocess = "torchvision" });
        test_assert_close(files[i], got, want, 3, 1e-5, 1e-6);
    }
}

static void assert_refused(const char *to, const char *preset, const char *dtype,
                           const char *naming, const char *text)
{
    alx_config config;

    assert_ok(alx_config_read(&config, preset, NULL, 0));
    const alx_conversion what = { .from = { .path = WEIGHTS "state.pth", .config = &config },
                                  .to = to,
                                  .dtype = dtype,
                                  .naming = naming };
    const int rc = alx_convert(&what);

    assert_int_equal(rc, ALX_E_USAGE);
    if (strstr(alx_status_text(rc), text) == NULL)
        fail_msg("'%s' lacks '%s'", alx_status_text(rc), text);
}

static void what_a_format_cannot_hold_is_refused(void **state)
{
    (void)state;
    assert_refused("out.pth", "tiny", NULL, NULL, "'.pth' cannot be written");
    assert_refused("out.npz", "tiny", "bf16", NULL, "float16 to .npz too");
    assert_refused("out", "tiny", "f16", NULL, "numbers of this type");
    assert_refused("out.onnx", "tiny", NULL, "torchvision", "--naming is of");
    assert_refused("out.npz", "tiny", NULL, "keras", "no --naming 'keras'");
    assert_refused("out.npz", "tiny", "f8", NULL, "no --dtype 'f8'");
}

/* ---- two bytes ------------------------------------------------------------------------------- */

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
        test_on_device(caffes_network_is_text_too),
        test_on_device(numbers_are_called_as_caffe_does),
        test_on_device(turned_colours_come_back_for_any_pixels),
        test_on_device(two_towers_are_found_in_a_description),
        test_on_device(given_pixels_win_over_those_inside),
        test_on_device(a_mean_image_leaves_as_its_colour),
        test_on_device(a_graph_takes_numbers_of_two_bytes),
        test_on_device(a_graph_preprocesses),
        test_on_device(a_checkpoint_answers_as_the_file_did),
        test_on_device(what_a_format_cannot_hold_is_refused),
        test_on_device(narrow_numbers_are_the_nearest),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, close_all);
}
