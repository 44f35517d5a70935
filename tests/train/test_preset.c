/* test_preset.c - files of weights without a network: which preset they are taken for, what is said
 * of those that fit none, and of a description that has no weights. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/dev/train.h"
#include "alexnet/model.h"
#include "support/device.h"
#include "support/folder.h"

#define WEIGHTS TEST_DIR "/data/weights/"

/* Numbers of the preset's shapes, but for its classes, and of another type if `type` says so. */
static const char *write_numbers(const char *preset, const char *set, alx_dtype type)
{
    const char *path = test_folder_path(&test_own_folder, "numbers.safetensors");
    alx_safetensors_writer *writer = NULL;
    alx_config config;
    alx_graph *graph = NULL;
    size_t count = 0;

    assert_ok(alx_config_read(&config, preset, &set, 1));
    assert_ok(alx_graph_create(&graph, &config.net));
    assert_ok(alx_safetensors_writer_create(&writer));
    const alx_param_info *params = alx_graph_params(graph, &count);

    for (size_t i = 0; i < count; ++i) {
        float *numbers = test_host(params[i].count);

        memset(numbers, 0, params[i].count * sizeof *numbers);
        assert_ok(alx_safetensors_writer_add(writer, params[i].name, i == 0 ? type : ALX_F32,
                                             params[i].dims, params[i].dim_count, numbers));
    }
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
    alx_graph_free(graph);
    return path;
}

static void classes_are_those_of_the_file(void **state)
{
    const char *path = write_numbers("tiny", "net.classes=7", ALX_F32);
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_weights_facts facts;

    (void)state;
    assert_ok(alx_model_open_weights(&model, &(alx_model_weights){ .path = path }));
    assert_int_equal(alx_model_classes(model), 7);
    assert_string_equal(alx_model_checkpoint(model)->config.name, "tiny");
    assert_ok(alx_model_build(model, &dev, 1, &(alx_model_options){ .batch = 1 }));
    alx_model_close(model);
    assert_ok(alx_weights_facts_gather(&facts, path, NULL));
    assert_string_equal(facts.why, "");
    assert_int_equal(facts.config.net.classes, 7);
    assert_int_equal(facts.missing, 0);
    alx_weights_facts_free(&facts);
}

static void a_config_of_other_classes_is_refused_with_the_way_out(void **state)
{
    const alx_model_options how = { .batch = 1 };
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_config config;

    (void)state;
    assert_ok(alx_config_read(&config, "tiny", NULL, 0));
    assert_ok(alx_model_open_weights(
        &model, &(alx_model_weights){ .path = write_numbers("tiny", "net.classes=7", ALX_F32),
                                      .config = &config }));
    assert_int_equal(alx_model_build(model, &dev, 1, &how), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "give a config with classes = 7 or"));
    alx_model_close(model);
}

/* Shapes fit, but numbers of the type are not read. */
static void what_is_no_float_does_not_fit(void **state)
{
    static const struct {
        alx_dtype type;
        bool fits;
    } cases[] = { { ALX_F32, true }, { ALX_I32, false } };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        alx_weights_facts facts;

        assert_ok(alx_weights_facts_gather(
            &facts, write_numbers("tiny", "net.classes=10", cases[i].type), NULL));
        assert_string_equal(facts.uses[0].parameter, "conv1.weight");
        assert_true(facts.uses[0].fits == cases[i].fits);
        assert_true((facts.uses[0].why[0] == '\0') == cases[i].fits);
        alx_weights_facts_free(&facts);
    }
}

static void a_description_alone_is_no_weights(void **state)
{
    const alx_model_weights weights = { .path = WEIGHTS "new.prototxt" };
    alx_model *model = NULL;
    alx_weights_facts facts = { 0 };

    (void)state;
    assert_true(alx_weights_alone(weights.path));
    assert_int_equal(alx_model_open_weights(&model, &weights), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA),
                           "new.prototxt: describes a network and holds no weights: give its "
                           ".caffemodel"));
    assert_int_equal(alx_weights_facts_gather(&facts, weights.path, NULL), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "holds no weights"));
    alx_weights_facts_free(&facts);
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(classes_are_those_of_the_file),
        test_on_device(a_config_of_other_classes_is_refused_with_the_way_out),
        test_on_device(what_is_no_float_does_not_fit),
        test_on_device(a_description_alone_is_no_weights),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, close_all);
}
