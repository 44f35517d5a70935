/* test_model_weights.c - models of weights alone: what PyTorch and onnxruntime make of the same
 * picture with the same file (tools/data/make_weight_answers.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/weights_file.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "support/device.h"
#include "support/folder.h"
#include "support/messages.h"

#define WEIGHTS TEST_DIR "/data/weights/"
#define ANSWERS WEIGHTS "answers/"

enum { CLASSES = 3 };

/* The network of make_weight_files.py's Small; %s is the form of dropout. */
static const char small_text[] = "[net]\n"
                                 "input = 4x4x3\n"
                                 "classes = 3\n"
                                 "dropout-form = %s\n"
                                 "dropout-place = input\n"
                                 "[conv1]\n"
                                 "filters = 4\n"
                                 "kernel = 3\n"
                                 "pad = 1\n"
                                 "pool = max 2/2\n"
                                 "[conv2]\n"
                                 "filters = 2\n"
                                 "kernel = 3\n"
                                 "pad = 1\n"
                                 "groups = 2\n"
                                 "[fc3]\n"
                                 "units = 5\n"
                                 "dropout = 0.5\n"
                                 "[fc4]\n"
                                 "units = 3\n"
                                 "[data]\n"
                                 "resize = 4\n";

static int listen(void **state)
{
    (void)state;
    test_messages_begin();
    return 0;
}

static int stop_listening(void **state)
{
    test_messages_end();
    return test_teardown(state);
}

static void read_answer(float want[CLASSES], const char *name)
{
    FILE *file = fopen(ANSWERS "answers.txt", "r");
    char found[64];
    double x[CLASSES];

    assert_non_null(file);
    while (fscanf(file, "%63s %lf %lf %lf", found, &x[0], &x[1], &x[2]) == 4)
        if (strcmp(found, name) == 0) {
            for (int i = 0; i < CLASSES; ++i)
                want[i] = (float)x[i];
            fclose(file);
            return;
        }
    fail_msg("answers.txt has no %s", name);
}

static void read_small(alx_config *config, const char *form)
{
    char text[1024];

    snprintf(text, sizeof text, small_text, form);
    assert_ok(alx_config_parse(config, text, "small", NULL, 0));
}

static void logits_of(float got[CLASSES], const alx_model_weights *weights, const char *picture)
{
    const alx_model_options how = { .batch = 1, .keep_outputs = true, .workers = 1 };
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_dataset *set = NULL;

    assert_ok(alx_model_open_weights(&model, weights));
    assert_int_equal(alx_model_classes(model), CLASSES);
    assert_ok(alx_model_build(model, &dev, 1, &how));
    assert_ok(alx_dataset_of_images(&set, &picture, 1));
    const alx_net_config *net = &alx_model_checkpoint(model)->config.net;

    assert_ok(alx_model_features(got, model, set, net->layers[net->layer_count - 1].name));
    alx_dataset_close(set);
    alx_model_close(model);
}

static void assert_answer(const char *name, const alx_model_weights *weights, const char *picture)
{
    float want[CLASSES], got[CLASSES];

    read_answer(want, name);
    logits_of(got, weights, picture);
    test_assert_close(name, got, want, CLASSES, 1e-5, 1e-6);
}

/* Numbers that follow from their place, as make_weight_answers.py gives them to onnxruntime. */
static void write_pattern(const alx_tensor *input)
{
    const alx_shape s = input->shape;
    float *pixels = test_host(alx_shape_count(s)), *at = pixels;

    for (int y = 0; y < s.h; ++y)
        for (int x = 0; x < s.w; ++x)
            for (int c = 0; c < s.c; ++c)
                *at++ = (float)((31 * y + 17 * x + 7 * c) % 256 - 100);
    assert_ok(alx_tensor_write(input, pixels));
}

/* Caffe's AlexNet of the onnx package: all weights are alike, and so are the answers. The file
 * beside it in the package says that each class is as probable as the others. */
static void the_light_alexnet_answers_as_onnxruntime(void **state)
{
    enum { LIGHT = 1000 };
    const alx_model_options how = { .batch = 1 };
    const alx_step step = { .images = 1 };
    alx_device *dev = test_device();
    alx_model *model = NULL;
    float want[CLASSES], logits[LIGHT], prob[LIGHT];

    (void)state;
    read_answer(want, "light");
    assert_ok(alx_model_open_weights(
        &model, &(alx_model_weights){ .path = WEIGHTS "light_bvlc_alexnet.onnx" }));
    assert_int_equal(alx_model_classes(model), LIGHT);
    assert_ok(alx_model_build(model, &dev, 1, &how));
    alx_net *net = alx_model_net(model);

    write_pattern(alx_net_input(net, 0));
    assert_ok(alx_net_set_labels(net, &(int32_t){ 0 }));
    assert_ok(alx_net_forward(net, &step));
    assert_ok(alx_net_read_logits(net, logits));
    assert_ok(alx_net_read_prob(net, prob));
    for (int i = 0; i < LIGHT; ++i) {
        test_assert_close("logit", &logits[i], &want[i % CLASSES], 1, 1e-5, 0.0);
        test_assert_close("probability", &prob[i], &(float){ 0.001f }, 1, 1e-5, 0.0);
    }
    alx_model_close(model);
}

/* A bit is wrong in the largest tensor, which is taken where it lies. */
static void a_damaged_state_dict_is_not_loaded(void **state)
{
    const alx_model_options how = { .batch = 1, .workers = 1 };
    const test_folder folder = test_folder_create();
    const char *const path = test_folder_path(&folder, "damaged.pth");
    alx_device *dev = test_device();
    alx_weights_file *file = NULL;
    alx_config config;
    alx_model *model = NULL;
    char *bytes = NULL, *at = NULL;
    size_t count = 0;
    float numbers[4 * 3 * 3 * 3];

    (void)state;
    read_small(&config, "inverted");
    assert_ok(alx_weights_file_open(&file, WEIGHTS "state.pth"));
    assert_int_equal(alx_weights_file_at(file, 0)->count, ALX_COUNT(numbers));
    assert_ok(alx_weights_file_read(file, 0, numbers));
    alx_weights_file_close(file);
    assert_ok(base_file_read(&bytes, &count, WEIGHTS "state.pth"));
    for (size_t i = 0; at == NULL && i + sizeof numbers <= count; ++i)
        if (memcmp(bytes + i, numbers, sizeof numbers) == 0)
            at = bytes + i;
    assert_non_null(at);
    at[7] ^= 0x40;
    test_folder_write_bytes(&folder, "damaged.pth", bytes, count);
    free(bytes);
    const alx_model_weights weights = { .path = path, .config = &config };
    int rc = alx_model_open_weights(&model, &weights);

    if (rc == 0)
        rc = alx_model_build(model, &dev, 1, &how);
    assert_int_equal(rc, ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(rc), "is damaged"));
    alx_model_close(model);
    test_folder_remove(&folder);
}

/* Equal biases are one tensor, zero ones none; names are numbers. */
static void graphs_of_pytorch_answer_as_onnxruntime(void **state)
{
    (void)state;
    assert_answer("legacy", &(alx_model_weights){ .path = WEIGHTS "legacy.onnx" },
                  ANSWERS "20.png");
    test_assert_said("legacy.onnx describes it: 4 layers, input 20x20x3");
    test_assert_said("preprocess  torchvision");
    assert_answer("dynamo", &(alx_model_weights){ .path = WEIGHTS "dynamo.onnx" },
                  ANSWERS "20.png");
    assert_answer("legacy-lrn", &(alx_model_weights){ .path = WEIGHTS "legacy-lrn.onnx" },
                  ANSWERS "10.png");
    assert_null(strstr(test_messages(), "no place for"));
}

/* Rows in the order H, W, C; products (in, out); a pool whose last window hangs over the edge. */
static void a_graph_of_pixels_first_answers_as_onnxruntime(void **state)
{
    (void)state;
    assert_answer("hwc",
                  &(alx_model_weights){ .path = ANSWERS "hwc.onnx", .preprocess = "torchvision" },
                  ANSWERS "10.png");
}

/* Blue, green, red; LRN, pools that round up, groups; by what the file says of its layers. */
static void caffes_model_answers_as_pytorch(void **state)
{
    (void)state;
    assert_answer("caffe", &(alx_model_weights){ .path = ANSWERS "small.caffemodel" },
                  ANSWERS "20.png");
    test_assert_said("preprocess  caffe: blue, green, red");
}

static void a_state_dict_answers_as_pytorch(void **state)
{
    static const char *const files[] = { WEIGHTS "state.pth", WEIGHTS "old.pth",
                                         WEIGHTS "nosum.pth" };
    alx_config config;

    (void)state;
    read_small(&config, "inverted");
    for (size_t i = 0; i < ALX_COUNT(files); ++i)
        assert_answer("small", &(alx_model_weights){ .path = files[i], .config = &config },
                      ANSWERS "4.png");
    test_assert_said("preprocess  torchvision");
}

static void dropout_of_another_form_changes_no_answer(void **state)
{
    alx_config config;

    (void)state;
    read_small(&config, "classic");
    assert_answer("small", &(alx_model_weights){ .path = WEIGHTS "state.pth", .config = &config },
                  ANSWERS "4.png");
    test_assert_said("inverted dropout, the network has classic: weights of fc3 times 2");
}

static void caffes_colours_are_turned(void **state)
{
    alx_config config;

    (void)state;
    read_small(&config, "inverted");
    assert_answer("small-caffe",
                  &(alx_model_weights){
                      .path = WEIGHTS "state.pth", .config = &config, .preprocess = "caffe" },
                  ANSWERS "4.png");
    test_assert_said("want --preprocess torchvision, not caffe");
}

static void assert_refused(int code, const alx_model_weights *weights, const char *text)
{
    alx_model *model = NULL;

    assert_int_equal(alx_model_open_weights(&model, weights), code);
    assert_null(model);
    if (strstr(alx_status_text(code), text) == NULL)
        fail_msg("'%s' lacks '%s'", alx_status_text(code), text);
}

static void what_fits_no_network_is_refused(void **state)
{
    (void)state;
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "state.pth" },
                   "fit no preset");
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "keras.onnx" },
                   "layer conv (Conv): other padding");
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "forms.onnx" },
                   "layer a (Split): channels not divided into equal halves");
    assert_refused(ALX_E_USAGE,
                   &(alx_model_weights){ .path = WEIGHTS "legacy.onnx", .preprocess = "keras" },
                   "torchvision, caffe and paper");
}

static void what_caffe_trained_is_a_network(void **state)
{
    const alx_model_weights weights = { .path = WEIGHTS "trained.caffemodel" };
    alx_model *model = NULL;

    (void)state;
    assert_ok(alx_model_open_weights(&model, &weights));
    test_assert_said("trained.caffemodel describes it: 2 layers, input 4x4x3");
    test_assert_said("mean.binaryproto: its mean colour is subtracted");
    assert_true(alx_model_checkpoint(model)->config.data.std_value[2] == 8.0);
    alx_model_close(model);
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "endless.caffemodel" },
                   "endless.caffemodel: pixels are multiplied by nan");
}

static void what_a_description_says_too_much_is_refused(void **state)
{
    (void)state;
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "pads.onnx" },
                   "layer conv (Conv): impossible windows");
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "pool-pads.onnx" },
                   "layer pool (MaxPool): a maximum of everything, or of padding");
    assert_refused(ALX_E_DATA, &(alx_model_weights){ .path = WEIGHTS "norm.onnx" }, "its layers");
    assert_string_equal(alx_status_text(ALX_E_DATA),
                        WEIGHTS "norm.onnx: its layers:11: [conv1] lrn: n=1001: must be an odd "
                                "number from 1 to 99");
}

/* Whatever it calls its layers, an archive of NumPy's is of inverted dropout. */
static void own_names_in_another_format_are_of_inverted_dropout(void **state)
{
    alx_model_weights weights = { .path = WEIGHTS "own.npz" };
    alx_config config;
    float inverted[CLASSES], classic[CLASSES];

    (void)state;
    read_small(&config, "inverted");
    weights.config = &config;
    logits_of(inverted, &weights, ANSWERS "10.png");
    read_small(&config, "classic");
    logits_of(classic, &weights, ANSWERS "10.png");
    test_assert_said("own.npz was trained with inverted dropout, the network has classic");
    test_assert_close("classic", classic, inverted, CLASSES, 1e-5, 1e-6);
}

static void tensors_of_other_shapes_are_named_with_both(void **state)
{
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_config config;

    (void)state;
    read_small(&config, "inverted");
    config.net.layers[2].outputs = 6;
    assert_ok(alx_model_open_weights(
        &model, &(alx_model_weights){ .path = WEIGHTS "state.pth", .config = &config }));
    assert_int_equal(alx_model_build(model, &dev, 1, NULL), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA),
                           "classifier.1.weight is 5x8, the network's fc3.weight is 6x8"));
    alx_model_close(model);
}

#define heard(f) cmocka_unit_test_setup_teardown(f, listen, stop_listening)

int main(void)
{
    const struct CMUnitTest tests[] = {
        heard(graphs_of_pytorch_answer_as_onnxruntime),
        heard(a_graph_of_pixels_first_answers_as_onnxruntime),
        heard(caffes_model_answers_as_pytorch),
        heard(the_light_alexnet_answers_as_onnxruntime),
        heard(a_state_dict_answers_as_pytorch),
        heard(what_caffe_trained_is_a_network),
        heard(what_a_description_says_too_much_is_refused),
        heard(own_names_in_another_format_are_of_inverted_dropout),
        heard(a_damaged_state_dict_is_not_loaded),
        heard(dropout_of_another_form_changes_no_answer),
        heard(caffes_colours_are_turned),
        heard(what_fits_no_network_is_refused),
        heard(tensors_of_other_shapes_are_named_with_both),
    };

    return cmocka_run_group_tests(tests, NULL, test_device_close);
}
