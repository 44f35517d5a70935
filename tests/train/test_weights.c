/* test_weights.c - initial weights by each family of names, and what is said if they do not fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/train.h"
#include "support/device.h"
#include "support/folder.h"

static const char net_text[] = "[net]\n"
                               "input = 13x13x3\n"
                               "classes = 3\n"
                               "[conv1]\n"
                               "filters = 4\n"
                               "kernel = 3\n"
                               "[conv2]\n"
                               "filters = 6\n"
                               "kernel = 3\n"
                               "pool = max 3/2\n"
                               "[fc3]\n"
                               "units = 5\n"
                               "[fc4]\n"
                               "units = 3\n";

enum { PARAM_COUNT = 8 };

/* In the order of the network; torchvision numbers layers without weights too. */
static const char *const own_names[PARAM_COUNT] = {
    "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias",
    "fc3.weight",   "fc3.bias",   "fc4.weight",   "fc4.bias",
};
static const char *const torch_names[PARAM_COUNT] = {
    "features.0.weight",   "features.0.bias",   "features.11.weight",  "features.11.bias",
    "classifier.1.weight", "classifier.1.bias", "classifier.4.weight", "classifier.4.bias",
};
static const char *const checkpoint_names[PARAM_COUNT] = {
    "param/conv1.weight", "param/conv1.bias", "param/conv2.weight", "param/conv2.bias",
    "param/fc3.weight",   "param/fc3.bias",   "param/fc4.weight",   "param/fc4.bias",
};

static test_folder folder;
static char path[512];

static int make_folder(void **state)
{
    (void)state;
    folder = test_folder_create();
    snprintf(path, sizeof path, "%s/weights.safetensors", folder.path);
    return 0;
}

static int remove_folder(void **state)
{
    test_folder_remove(&folder);
    return test_device_close(state);
}

static alx_net *make_net(void)
{
    const alx_net_options options = { .batch = 1 };
    alx_device *dev = test_device();
    alx_config config;
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&config, net_text, "net", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    return net;
}

/* A file with test_fill(i) as parameter i; `without` is left out, `twice` gets one row more. */
static void write_weights(alx_net *net, const char *const names[PARAM_COUNT], int without,
                          int longer)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    alx_safetensors_writer *writer = NULL;

    assert_int_equal(count, PARAM_COUNT);
    assert_ok(alx_safetensors_writer_create(&writer));
    for (int i = 0; i < PARAM_COUNT; ++i) {
        const size_t row = params[i].count / (size_t)params[i].dims[0];
        int dims[4];

        memcpy(dims, params[i].dims, sizeof dims);
        dims[0] += i == longer;
        if (i != without)
            assert_ok(alx_safetensors_writer_add(
                writer, names[i], ALX_F32, dims, params[i].dim_count,
                test_host_random(params[i].count + row, (uint32_t)i, -1, 1)));
    }
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
}

static void assert_loads(const char *const names[PARAM_COUNT])
{
    alx_net *net = make_net();
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    write_weights(net, names, -1, -1);
    assert_ok(alx_weights_load(net, path));
    for (size_t i = 0; i < count; ++i) {
        float *got = test_host(params[i].count);

        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, got));
        assert_memory_equal(got, test_host_random(params[i].count, (uint32_t)i, -1, 1),
                            params[i].count * sizeof *got);
    }
    alx_net_free(net);
}

static void own_names_load(void **state)
{
    (void)state;
    assert_loads(own_names);
}

static void torchvision_names_load(void **state)
{
    (void)state;
    assert_loads(torch_names);
}

static void checkpoint_names_load(void **state)
{
    (void)state;
    assert_loads(checkpoint_names);
}

/* The own or torchvision's name with text put in at the start and after "features." */
static void assert_loads_wrapped(const char *const names[PARAM_COUNT], const char *front,
                                 const char *inside)
{
    static char wrapped[PARAM_COUNT][128];
    const char *list[PARAM_COUNT];

    for (int i = 0; i < PARAM_COUNT; ++i) {
        const bool features = strncmp(names[i], "features.", 9) == 0;

        snprintf(wrapped[i], sizeof wrapped[i], "%s%.*s%s%s", front, features ? 9 : 0, names[i],
                 features ? inside : "", names[i] + (features ? 9 : 0));
        list[i] = wrapped[i];
    }
    assert_loads(list);
}

static void wrappers_are_taken_off(void **state)
{
    (void)state;
    assert_loads_wrapped(torch_names, "module.", "");
    assert_loads_wrapped(torch_names, "", "module.");
    assert_loads_wrapped(torch_names, "_orig_mod.", "");
    assert_loads_wrapped(torch_names, "model.", "");
    assert_loads_wrapped(torch_names, "model._orig_mod.module.", "module.");
    assert_loads_wrapped(own_names, "module._orig_mod.", "");
}

/* Only what is asked for; a momentum of a moving average is something else. */
static void what_differs_in_wrappers_alone_is_refused(void **state)
{
    const char *list[PARAM_COUNT] = { "module.conv1.weight", "conv1.bias", "conv2.weight",
                                      "conv2.bias",          "fc3.weight", "fc3.bias",
                                      "fc4.weight",          "fc4.bias" };
    const int dims[] = { 4, 3, 3, 3 };
    alx_net *net = make_net();
    alx_safetensors *file = NULL;
    alx_safetensors_writer *writer = NULL;

    (void)state;
    write_weights(net, list, -1, -1);
    assert_ok(alx_safetensors_open(&file, path));
    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < PARAM_COUNT; ++i) {
        const alx_st_tensor *t = alx_safetensors_at(file, i);

        assert_ok(
            alx_safetensors_writer_add(writer, t->name, t->dtype, t->dims, t->dim_count, t->data));
    }
    assert_ok(alx_safetensors_writer_add(writer, "model.conv1.weight", ALX_F32, dims, 4,
                                         test_host_random(108, 99, -1, 1)));
    assert_ok(alx_safetensors_writer_write(writer, path));
    assert_int_equal(alx_weights_load(net, path), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "conv1.weight may be tensor "));
    assert_ok(alx_safetensors_writer_add(writer, "conv1.weight", ALX_F32, dims, 4,
                                         test_host_random(108, 0, -1, 1)));
    assert_ok(alx_safetensors_writer_write(writer, path));
    assert_ok(alx_weights_load(net, path)); /* the very name goes first */
    float *got = test_host(108);

    assert_ok(alx_net_get_param(net, 0, ALX_PARAM_VALUE, got));
    assert_memory_equal(got, test_host_random(108, 0, -1, 1), 108 * sizeof *got);
    alx_safetensors_writer_free(writer);
    alx_safetensors_close(file);
    alx_net_free(net);
}

/* Halves, doubles, and a counter of batches as BatchNorm has it, which no layer takes. */
static void other_types_load(void **state)
{
    alx_net *net = make_net();
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);
    alx_safetensors_writer *writer = NULL;
    const int64_t batches = 7;

    (void)state;
    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < count; ++i) {
        const alx_dtype dtype = i % 3 == 0 ? ALX_F16 : i % 3 == 1 ? ALX_BF16 : ALX_F64;
        const uint16_t half = dtype == ALX_F16 ? 0x3E00 : 0x3FC0; /* 1.5 */
        char *data = (char *)test_host(2 * params[i].count);

        for (size_t k = 0; k < params[i].count; ++k)
            if (dtype == ALX_F64)
                memcpy(data + 8 * k, &(double){ 1.5 }, 8);
            else
                memcpy(data + 2 * k, &half, 2);
        assert_ok(alx_safetensors_writer_add(writer, params[i].name, dtype, params[i].dims,
                                             params[i].dim_count, data));
    }
    assert_ok(
        alx_safetensors_writer_add(writer, "bn.num_batches_tracked", ALX_I64, NULL, 0, &batches));
    assert_ok(alx_safetensors_writer_add(writer, "mask", ALX_BOOL, (int[]){ 3 }, 1, "\1\0\1"));
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
    assert_ok(alx_weights_load(net, path));
    for (size_t i = 0; i < count; ++i) {
        float *got = test_host(params[i].count);

        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, got));
        for (size_t k = 0; k < params[i].count; ++k)
            assert_true(got[k] == 1.5f);
    }
    alx_net_free(net);
}

static void assert_refused(int without, int longer, const char *text, const char *other)
{
    alx_net *net = make_net();

    write_weights(net, torch_names, without, longer);
    assert_int_equal(alx_weights_load(net, path), ALX_E_DATA);
    const char *message = alx_status_text(ALX_E_DATA);
    if (strstr(message, path) == NULL || strstr(message, text) == NULL ||
        strstr(message, other) == NULL)
        fail_msg("'%s' lacks '%s' or '%s'", message, text, other);
    alx_net_free(net);
}

static void a_missing_tensor_is_named(void **state)
{
    (void)state;
    assert_refused(3, -1, "conv2.bias", "(6)");
    assert_refused(6, -1, "fc4.weight", "(3x5)");
    assert_refused(3, -1, "the file has features.0.weight, features.0.bias, ", "");
}

static void both_shapes_are_named(void **state)
{
    (void)state;
    assert_refused(-1, 2, "features.11.weight is 7x4x3x3", "conv2.weight is 6x4x3x3");
    assert_refused(-1, 4, "classifier.1.weight is 6x96", "fc3.weight is 5x96");
}

/* ---- fine-tuning --------------------------------------------------------------------------- */

/* Parameters from `first` to `end` are zero still, the others are the file's. */
static void assert_starts(int without, int longer, const char *replace, size_t first, size_t end)
{
    alx_net *net = make_net();
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    write_weights(net, own_names, without, longer);
    assert_ok(alx_weights_start(net, path, replace));
    for (size_t i = 0; i < count; ++i) {
        float *got = test_host(params[i].count);
        float *zero = calloc(params[i].count, sizeof *zero);
        const float *want = i < first || i >= end
                                ? test_host_random(params[i].count, (uint32_t)i, -1, 1)
                                : zero;

        assert_ok(alx_net_get_param(net, i, ALX_PARAM_VALUE, got));
        assert_memory_equal(got, want, params[i].count * sizeof *got);
        free(zero);
    }
    alx_net_free(net);
}

static void replaced_layers_keep_their_values(void **state)
{
    (void)state;
    assert_starts(-1, -1, NULL, 0, 0);
    assert_starts(-1, -1, "fc4", 6, 8);
    assert_starts(-1, 6, "fc4", 6, 8); /* another shape does not matter then */
    assert_starts(-1, -1, "fc4,fc3", 4, 8);
}

static void a_start_refuses_what_it_cannot_mean(void **state)
{
    alx_net *net = make_net();

    (void)state;
    write_weights(net, own_names, -1, 6);
    assert_int_equal(alx_weights_start(net, path, NULL), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "--replace fc4 starts"));
    assert_int_equal(alx_weights_start(net, path, "fc4,fc"), ALX_E_USAGE);
    assert_non_null(strstr(alx_status_text(ALX_E_USAGE), "no layer 'fc'"));
    assert_int_equal(alx_weights_start(net, path, "conv1,conv2,fc3,fc4"), ALX_E_DATA);
    write_weights(net, own_names, 7, -1); /* half a layer is a mistake */
    assert_int_equal(alx_weights_start(net, path, NULL), ALX_E_DATA);
    alx_net_free(net);
}

static void a_layer_that_the_file_lacks_keeps_its_values(void **state)
{
    static const char *const other[PARAM_COUNT] = { "conv1.weight", "conv1.bias", "conv2.weight",
                                                    "conv2.bias",   "fc3.weight", "fc3.bias",
                                                    "head.weight",  "head.bias" };
    alx_net *net = make_net();
    float got[3];

    (void)state;
    write_weights(net, other, -1, -1);
    assert_ok(alx_weights_start(net, path, NULL));
    assert_ok(alx_net_get_param(net, 7, ALX_PARAM_VALUE, got));
    assert_true(got[0] == 0.0f && got[1] == 0.0f && got[2] == 0.0f);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(own_names_load),
        test_on_device(torchvision_names_load),
        test_on_device(checkpoint_names_load),
        test_on_device(wrappers_are_taken_off),
        test_on_device(what_differs_in_wrappers_alone_is_refused),
        test_on_device(other_types_load),
        test_on_device(a_missing_tensor_is_named),
        test_on_device(both_shapes_are_named),
        test_on_device(replaced_layers_keep_their_values),
        test_on_device(a_start_refuses_what_it_cannot_mean),
        test_on_device(a_layer_that_the_file_lacks_keeps_its_values),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
