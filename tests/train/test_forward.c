/* test_forward.c - batches on their way to the device: they are whole though nobody reads a result,
 * and one that does not arrive ends the run before it has taught the network anything. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "support/training.h"

enum { BATCH = 16, BATCHES = 13, SIDE = 32 }; /* of 210 images, less the short one */

/* Of which the device has more to do than the loader. */
static const char slow[] = "[net]\n"
                           "input = 32x32x3\n"
                           "classes = 10\n"
                           "[conv1]\n"
                           "filters = 64\n"
                           "kernel = 11\n"
                           "pad = 5\n"
                           "[fc2]\n"
                           "units = 10\n"
                           "[data]\n"
                           "mean = none\n";

static test_folder data;

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    training_write_data(&data, BATCH * BATCHES, 0);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    return test_device_close(state);
}

/* ---- an epoch -------------------------------------------------------------------------------- */

typedef struct copies {
    alx_tensor input[BATCHES], labels[BATCHES]; /* made by the device, in its queue */
    bool waits;
} copies;

static int copy_batch(alx_net *net, const alx_batch *batch, size_t done, size_t total, void *user)
{
    copies *c = user;
    int rc = alx_tensor_copy(&c->input[done - 1], alx_net_input(net, 0));

    assert_int_equal(batch->count, BATCH);
    assert_int_equal(total, BATCHES);
    if (rc == 0)
        rc = alx_tensor_copy(&c->labels[done - 1], alx_net_labels(net));
    return rc == 0 && c->waits ? alx_device_finish(alx_net_device(net, 0)) : rc;
}

/* What entered the network in an epoch. */
static float *run_epoch(size_t *count, alx_net *net, alx_feeder *feeder, alx_loader *loader,
                        bool waits)
{
    const alx_shape input = alx_net_input(net, 0)->shape, labels = alx_net_labels(net)->shape;
    const size_t each = alx_shape_count(input) + alx_shape_count(labels);
    float *all = test_host(BATCHES * each);
    copies c = { .waits = waits };

    for (int i = 0; i < BATCHES; ++i) {
        assert_ok(alx_tensor_create(&c.input[i], test_device(), input));
        assert_ok(alx_tensor_create(&c.labels[i], test_device(), labels));
    }
    assert_ok(alx_forward_epoch(net, feeder, loader, copy_batch, &c));
    for (int i = 0; i < BATCHES; ++i) {
        float *out = all + (size_t)i * each;

        assert_ok(alx_tensor_read(out, &c.input[i]));
        assert_ok(alx_tensor_read(out + alx_shape_count(input), &c.labels[i]));
        alx_tensor_free(&c.input[i]);
        alx_tensor_free(&c.labels[i]);
    }
    *count = BATCHES * each;
    return all;
}

static void batches_are_whole_whatever_is_read(void **state)
{
    const alx_net_options options = { .batch = BATCH };
    alx_device *dev = test_device();
    alx_statistics none = { .size = SIDE };
    alx_dataset *set = NULL;
    alx_subset all = { 0 };
    alx_net *net = NULL;
    alx_feeder *feeder = NULL;
    alx_config config;
    float *inputs[2];
    size_t count = 0;

    (void)state;
    assert_ok(alx_config_parse(&config, slow, "slow", NULL, 0));
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    assert_ok(alx_net_init(net, 1));
    assert_ok(alx_feeder_create(&feeder, net, &config.data, &none));
    assert_ok(alx_dataset_open(&set, data.path, ALX_SPLIT_TRAIN));
    assert_ok(alx_subset_all(&all, set));
    for (int i = 0; i < 2; ++i) {
        const alx_loader_options how = { .batch = BATCH,
                                         .size = SIDE,
                                         .crop_height = SIDE,
                                         .crop_width = SIDE,
                                         .threads = 2,
                                         .prefetch = 1,
                                         .config = &config.data };
        alx_loader *loader = NULL;

        assert_ok(alx_loader_create(&loader, set, &all, &how, 0, 0));
        inputs[i] = run_epoch(&count, net, feeder, loader, i == 0);
        alx_loader_free(loader);
    }
    assert_memory_equal(inputs[1], inputs[0], count * sizeof *inputs[0]);
    alx_subset_free(&all);
    alx_dataset_close(set);
    alx_feeder_free(feeder);
    alx_net_free(net);
}

/* ---- images that do not arrive --------------------------------------------------------------- */

static alx_device *open_faulty(const char *fault)
{
    alx_device *dev = NULL;

    setenv("ALEXNET_FAULT", fault, 1);
    assert_ok(alx_device_open(&dev, NULL, NULL));
    unsetenv("ALEXNET_FAULT");
    return dev;
}

/* A batch is two writes, images and crops. */
static void a_run_ends_before_it_learns_from_them(void **state)
{
    static const char *const faults[] = { "upload:5:input", "upload:6:input" };

    (void)state;
    test_device(); /* skips where there is none */
    for (size_t i = 0; i < ALX_COUNT(faults); ++i) {
        test_folder run = test_folder_create();
        alx_train_options options = training_plain_options(data.path, run.path, NULL, 0);
        alx_device *dev = open_faulty(faults[i]);
        alx_train_result result;

        options.save_every = 1;
        assert_int_equal(alx_train_run(&result, &dev, 1, &options), ALX_E_DEVICE);
        assert_non_null(strstr(alx_status_text(ALX_E_DEVICE), "clEnqueueWriteBuffer"));
        assert_int_equal(result.updates, 2);
        alx_device_close(dev);
        test_folder_remove(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(batches_are_whole_whatever_is_read),
        test_on_device(a_run_ends_before_it_learns_from_them),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
