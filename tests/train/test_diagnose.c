/* test_diagnose.c - diagnose.csv: activity counted by hand, norms that the checkpoint and
 * metrics.csv know too, units whose values follow from biases; training's bits stay as they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "base/file.h"
#include "support/csv.h"
#include "support/training.h"
#include "train/diagnose/activity.h"
#include "train/run.h"

static test_folder data, plain, watched, stopped, constant, gradients;

static int setup(void **state)
{
    (void)state;
    alx_log_set_level(ALX_LOG_QUIET);
    data = test_folder_create();
    plain = test_folder_create();
    watched = test_folder_create();
    stopped = test_folder_create();
    constant = test_folder_create();
    gradients = test_folder_create();
    training_write_data(&data, TRAINING_IMAGES, TRAINING_TEST_IMAGES);
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(&data);
    test_folder_remove(&plain);
    test_folder_remove(&watched);
    test_folder_remove(&stopped);
    test_folder_remove(&constant);
    test_folder_remove(&gradients);
    return test_device_close(state);
}

/* ---- counting ------------------------------------------------------------------------------ */

/* Two images of two maps of two pixels. */
static void relu_units_are_counted(void **state)
{
    static const float images[] = { 0, 3, 0, 0, /**/ 0, 1, 0, 0 };
    layer_diagnosis got;
    layer_activity a;

    (void)state;
    assert_ok(train_activity_create(&a, ALX_ACT_RELU, (alx_shape){ 1, 1, 2, 2 }));
    train_activity_sum_up(&got, &a);
    assert_true(isnan(got.mean) && isnan(got.zeros) && isnan(got.dead_units));
    for (int turn = 0; turn < 2; ++turn) { /* the second one starts anew */
        train_activity_clear(&a);
        train_activity_add(&a, images, 1);
        train_activity_add(&a, images + 4, 1);
        train_activity_sum_up(&got, &a);
        assert_true(got.mean == 0.5 && got.min == 0.0 && got.max == 3.0);
        assert_true(fabs(got.std - 1.0) < 1e-12); /* squares 10 / 8 less 1/4 */
        assert_true(got.zeros == 0.75);
        assert_true(got.dead_units == 0.75 && got.dead_maps == 0.5);
        assert_true(isnan(got.saturated));
    }
    train_activity_free(&a);
}

/* Derivatives of 1 % of the largest: sigmoid at 0.99749, tanh at 0.99499. */
static void saturation_is_where_the_derivative_is_small(void **state)
{
    static const struct {
        alx_activation activation;
        float values[4];
    } cases[] = {
        { ALX_ACT_SIGMOID, { 0.9974f, 0.9976f, 0.0024f, 0.0026f } },
        { ALX_ACT_TANH, { 0.9949f, 0.9951f, -0.9951f, -0.9949f } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        layer_diagnosis got;
        layer_activity a;

        assert_ok(train_activity_create(&a, cases[i].activation, (alx_shape){ 1, 2, 2, 1 }));
        train_activity_add(&a, cases[i].values, 1);
        train_activity_sum_up(&got, &a);
        assert_true(got.saturated == 0.5);
        assert_true(got.dead_units == 0.0);
        train_activity_free(&a);
    }
}

/* The validation images of ImageNet: 50 of each class in turn, of which 10 are looked at. */
static void images_are_of_all_classes(void **state)
{
    enum { IMAGES = 50000, CLASSES = 1000, PICKS = 10000 };
    alx_subset all = { .index = test_alloc(IMAGES * sizeof(size_t)), .count = IMAGES };
    int of_class[CLASSES] = { 0 };

    (void)state;
    for (size_t i = 0; i < IMAGES; ++i)
        all.index[i] = i;
    train_run_spread(all.index, &all, PICKS); /* in place */
    for (size_t i = 0; i < PICKS; ++i)
        ++of_class[all.index[i] / (IMAGES / CLASSES)];
    for (int c = 0; c < CLASSES; ++c)
        assert_int_equal(of_class[c], PICKS / CLASSES);
    alx_subset_free(&all);
}

/* ---- a run --------------------------------------------------------------------------------- */

static test_csv read_table(const test_folder *run, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", run->path, name);
    return test_csv_read(path);
}

static void watching_changes_nothing(void **state)
{
    alx_train_options options = training_options(data.path, plain.path, "net.bias-lr=0");
    alx_train_result result;

    (void)state;
    assert_ok(training_run(&result, &options));
    assert_false(base_file_exists(test_folder_path(&plain, "diagnose.csv")));
    options.run_dir = watched.path;
    options.diagnose = true;
    assert_ok(training_run(&result, &options));
    training_assert_same(plain.path, watched.path, "checkpoint-last");
    training_assert_same(plain.path, watched.path, "checkpoint-best");
}

/* A tensor of the last checkpoint; the caller frees it. */
static float *read_tensor(size_t *count, const test_folder *run, const char *name)
{
    alx_safetensors *file = NULL;
    char path[512];

    snprintf(path, sizeof path, "%s/checkpoint-last", run->path);
    assert_ok(alx_safetensors_open(&file, path));
    const alx_st_tensor *tensor = alx_safetensors_find(file, name);
    assert_non_null(tensor);
    float *values = test_alloc(tensor->count * sizeof *values);

    memcpy(values, tensor->data, tensor->count * sizeof *values);
    *count = tensor->count;
    alx_safetensors_close(file);
    return values;
}

/* L2 norm of a tensor of the last checkpoint. */
static double checkpoint_norm(const char *prefix, const char *layer)
{
    char name[96];
    double squares = 0.0;
    size_t count;

    snprintf(name, sizeof name, "%s/%s.weight", prefix, layer);
    float *values = read_tensor(&count, &watched, name);

    for (size_t i = 0; i < count; ++i)
        squares += (double)values[i] * (double)values[i];
    free(values);
    return sqrt(squares);
}

static void assert_near(double got, double want, double share)
{
    if (!(fabs(got - want) <= share * fabs(want)))
        fail_msg("%.9g, not %.9g", got, want);
}

/* With biases that do not learn, the gradient of all weights is the gradient that was clipped. */
static void norms_are_those_of_checkpoint_and_metrics(void **state)
{
    test_csv rows = read_table(&watched, "diagnose.csv");
    test_csv metrics = read_table(&watched, "metrics.csv");
    const size_t layers = 8;
    char layer[64];

    (void)state;
    test_csv_word(layer, &rows, "layer", 0);
    assert_string_equal(layer, "conv1");
    assert_int_equal(rows.rows, 3 * layers);
    for (size_t epoch = 0; epoch < 3; ++epoch) {
        double squares = 0.0;

        for (size_t i = 0; i < layers; ++i) {
            const double norm = test_csv_number(&rows, "grad_norm", epoch * layers + i);

            assert_true(test_csv_number(&rows, "epoch", epoch * layers + i) == (double)(epoch + 1));
            squares += norm * norm;
        }
        assert_near(sqrt(squares), test_csv_number(&metrics, "grad_norm", epoch), 1e-5);
    }
    for (size_t i = 0; i < layers; ++i) { /* the paper's form: the velocity is the update */
        test_csv_word(layer, &rows, "layer", i);

        const double weight = checkpoint_norm("param", layer);
        const double update = checkpoint_norm("momentum", layer);

        assert_near(test_csv_number(&rows, "weight_norm", 2 * layers + i), weight,
                    1e-5); /* six digits */
        assert_near(test_csv_number(&rows, "update_ratio", 2 * layers + i), update / weight, 1e-5);
    }
    test_csv_free(&metrics);
    test_csv_free(&rows);
}

static void a_resumed_run_has_the_same_rows(void **state)
{
    alx_train_options options = training_options(data.path, stopped.path, "net.bias-lr=0");
    alx_train_result result;
    char last[512];

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", stopped.path);
    options.diagnose = true;
    options.max_steps = 17; /* in the third epoch */
    assert_ok(training_run(&result, &options));
    options.max_steps = 0;
    options.resume = last;
    assert_ok(training_run(&result, &options));
    training_assert_same(stopped.path, watched.path, "diagnose.csv");
}

/* ---- units that do what their bias says ---------------------------------------------------- */

static const char constant_net[] =
    "[net]\ninput = 32x32x3\nclasses = 10\n"
    "[fc1]\nunits = 4\ninit = gauss 0\nbias = -1\nfreeze = yes\n"
    "[fc2]\nunits = 3\nactivation = sigmoid\ninit = gauss 0\nbias = 6\nfreeze = yes\n"
    "[fc3]\nunits = 5\nactivation = tanh\ninit = gauss 0\nbias = 1\nfreeze = yes\n"
    "[fc4]\nunits = classes\ninit = gauss 0.1\nweight-lr = 3\n"
    "[train]\nepochs = 1\nbatch-size = 64\nlr = 0.01\nsgd = torch\nmomentum = 0\n"
    "weight-decay = 0\n";

static void constant_units_are_recognised(void **state)
{
    alx_train_options options = {
        .run_dir = constant.path, .data_path = data.path, .workers = 2, .diagnose = true
    };
    alx_train_result result;

    (void)state;
    assert_ok(alx_config_parse(&options.config, constant_net, "constant", NULL, 0));
    assert_ok(training_run(&result, &options));
    test_csv rows = read_table(&constant, "diagnose.csv");
    assert_int_equal(rows.rows, 4);

    assert_true(test_csv_number(&rows, "zeros", 0) == 1.0 &&
                test_csv_number(&rows, "dead_units", 0) == 1.0);
    assert_true(test_csv_number(&rows, "dead_maps", 0) == 1.0 &&
                test_csv_number(&rows, "max", 0) == 0.0);
    assert_true(test_csv_number(&rows, "weight_norm", 0) == 0.0);
    assert_true(isnan(test_csv_number(&rows, "grad_norm", 0)));
    assert_true(isnan(test_csv_number(&rows, "update_ratio", 0)));

    assert_near(test_csv_number(&rows, "mean", 1), 1.0 / (1.0 + exp(-6.0)), 1e-5);
    assert_true(test_csv_number(&rows, "std", 1) < 1e-4);
    assert_true(test_csv_number(&rows, "saturated", 1) == 1.0 &&
                test_csv_number(&rows, "zeros", 1) == 0.0);

    assert_near(test_csv_number(&rows, "min", 2), tanh(1.0), 1e-5);
    assert_true(test_csv_number(&rows, "saturated", 2) == 0.0);

    /* without momentum and decay the last update is rate * weight-lr * gradient */
    assert_near(test_csv_number(&rows, "update_ratio", 3),
                0.03 * test_csv_number(&rows, "grad_norm", 3) /
                    test_csv_number(&rows, "weight_norm", 3),
                1e-4);
    assert_true(isnan(test_csv_number(&rows, "saturated", 3)));
    test_csv_free(&rows);
}

/* ---- gradients of outputs ------------------------------------------------------------------- */

enum { GRADIENT_UNITS = 6, GRADIENT_CLASSES = 10 };

/* fc2 gives 1/2 whatever its input, so fc3 the same logits for every image. */
static const char gradient_net[] =
    "[net]\ninput = 32x32x3\nclasses = 10\n"
    "[fc1]\nunits = 4\ninit = gauss 0.1\n"
    "[fc2]\nunits = 6\nactivation = sigmoid\ninit = gauss 0\nbias = 0\n"
    "[fc3]\nunits = classes\ninit = gauss 0.5\nbias = 0\n"
    "[train]\nepochs = 1\nbatch-size = 105\ngrad-accum = 2\nlr = 1e-30\nweight-decay = 0\n";

/* Squares of the gradients by logits and by what fc2 gives to its sigmoid, of one image of class
 * `label`: p - e and W^T (p - e) / 4. */
static void gradient_squares(double *logits, double *below, const float *w, int label)
{
    double p[GRADIENT_CLASSES], sum = 0.0;

    *logits = *below = 0.0;
    for (int c = 0; c < GRADIENT_CLASSES; ++c) {
        double z = 0.0;

        for (int u = 0; u < GRADIENT_UNITS; ++u)
            z += 0.5 * (double)w[c * GRADIENT_UNITS + u];
        sum += p[c] = exp(z);
    }
    for (int c = 0; c < GRADIENT_CLASSES; ++c) {
        p[c] = p[c] / sum - (c == label);
        *logits += p[c] * p[c];
    }
    for (int u = 0; u < GRADIENT_UNITS; ++u) {
        double gradient = 0.0;

        for (int c = 0; c < GRADIENT_CLASSES; ++c)
            gradient += p[c] * (double)w[c * GRADIENT_UNITS + u] / 4.0;
        *below += gradient * gradient;
    }
}

/* An epoch of one update of two passes, with as many images of each class; nothing learns. */
static void gradients_of_outputs_follow_from_the_last_weights(void **state)
{
    alx_train_options options = {
        .run_dir = gradients.path, .data_path = data.path, .workers = 2, .diagnose = true
    };
    double logits_squares = 0.0, below_squares = 0.0;
    size_t count;
    alx_train_result result;

    (void)state;
    assert_ok(alx_config_parse(&options.config, gradient_net, "gradients", NULL, 0));
    assert_ok(training_run(&result, &options));
    float *w = read_tensor(&count, &gradients, "param/fc3.weight");

    assert_int_equal(count, GRADIENT_CLASSES * GRADIENT_UNITS);

    for (int label = 0; label < GRADIENT_CLASSES; ++label) {
        double logits, below;

        gradient_squares(&logits, &below, w, label);
        logits_squares += logits / GRADIENT_CLASSES / TRAINING_IMAGES;
        below_squares += below / GRADIENT_CLASSES / TRAINING_IMAGES;
    }
    test_csv rows = read_table(&gradients, "diagnose.csv");

    assert_true(test_csv_number(&rows, "output_grad_norm", 0) == 0.0); /* fc2's weights are 0 */
    assert_near(test_csv_number(&rows, "output_grad_norm", 1), sqrt(below_squares), 1e-5);
    assert_near(test_csv_number(&rows, "output_grad_norm", 2), sqrt(logits_squares), 1e-5);
    test_csv_free(&rows);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relu_units_are_counted),
        cmocka_unit_test(saturation_is_where_the_derivative_is_small),
        cmocka_unit_test(images_are_of_all_classes),
        test_on_device(watching_changes_nothing),
        test_on_device(norms_are_those_of_checkpoint_and_metrics),
        test_on_device(a_resumed_run_has_the_same_rows),
        test_on_device(constant_units_are_recognised),
        test_on_device(gradients_of_outputs_follow_from_the_last_weights),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
