/* test_dump.c - dump on tiny.ini: loss, gradients and updates against formulas evaluated here
 * from the file's own tensors, in PyTorch's order; and all that may be wrong with its input. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "alexnet/net.h"
#include "base/file.h"
#include "support/folder.h"

#define IMAGES 3
#define CLASSES 10
#define SIDE 32
#define RATE 0.05

static test_folder folder;
static float x[IMAGES * 3 * SIDE * SIDE];
static int64_t y[IMAGES] = { 7, 0, 9 };

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

/* ---- input --------------------------------------------------------------------------------- */

static void write_batch(const char *path, const int x_dims[4], const int64_t *labels,
                        int label_count)
{
    alx_safetensors_writer *writer = NULL;

    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "x", ALX_F32, x_dims, 4, x));
    if (label_count > 0)
        assert_ok(alx_safetensors_writer_add(writer, "y", ALX_I64, &label_count, 1, labels));
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
}

static void write_weights(const char *path)
{
    alx_safetensors_writer *writer = NULL;
    alx_config config;
    alx_graph *graph = NULL;
    float values[8192];
    size_t count = 0;

    assert_ok(alx_config_read(&config, "tiny", NULL, 0));
    assert_ok(alx_graph_create(&graph, &config.net));
    const alx_param_info *params = alx_graph_params(graph, &count);

    assert_ok(alx_safetensors_writer_create(&writer));
    for (size_t i = 0; i < count; ++i) {
        assert_true(params[i].count <= ALX_COUNT(values));
        test_fill(values, params[i].count, (uint32_t)i + 10, -0.2f, 0.2f);
        assert_ok(alx_safetensors_writer_add_copy(writer, params[i].name, ALX_F32, params[i].dims,
                                                  params[i].dim_count, values));
    }
    assert_ok(alx_safetensors_writer_write(writer, path));
    alx_safetensors_writer_free(writer);
    alx_graph_free(graph);
}

static int make_input(void **state)
{
    const int dims[] = { IMAGES, 3, SIDE, SIDE };

    (void)state;
    folder = test_folder_create();
    test_fill(x, ALX_COUNT(x), 1, -2.0f, 2.0f);
    write_batch(in_folder("batch"), dims, y, IMAGES);
    write_weights(in_folder("weights"));
    return 0;
}

static int remove_input(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

/* ---- output -------------------------------------------------------------------------------- */

static const alx_st_tensor *tensor(const alx_safetensors *file, const char *name, int dim_count,
                                   int first_dim)
{
    const alx_st_tensor *t = alx_safetensors_find(file, name);

    if (t == NULL)
        fail_msg("no tensor %s", name);
    assert_int_equal(t->dtype, ALX_F32);
    assert_int_equal(t->dim_count, dim_count);
    assert_int_equal(t->dims[0], first_dim);
    return t;
}

static double mean_cross_entropy(const float *logits)
{
    double sum = 0.0;

    for (int n = 0; n < IMAGES; ++n) {
        const float *z = logits + n * CLASSES;
        double exps = 0.0;

        for (int c = 0; c < CLASSES; ++c)
            exps += exp((double)z[c]);
        sum += log(exps) - (double)z[y[n]];
    }
    return sum / IMAGES;
}

/* d loss / d fc8.bias = sum over images of (softmax - onehot) / images. */
static void last_bias_gradient(float *out, const float *logits)
{
    for (int c = 0; c < CLASSES; ++c) {
        double sum = 0.0;

        for (int n = 0; n < IMAGES; ++n) {
            const float *z = logits + n * CLASSES;
            double exps = 0.0;

            for (int k = 0; k < CLASSES; ++k)
                exps += exp((double)z[k]);
            sum += exp((double)z[c]) / exps - (y[n] == c);
        }
        out[c] = (float)(sum / IMAGES);
    }
}

/* conv1 of tiny.ini: 8 filters 5x5, stride 2, pad 2, 32x32 to 16x16. */
static void first_convolution(float *out, const float *weight, const float *bias)
{
    for (int n = 0; n < IMAGES; ++n)
        for (int o = 0; o < 8; ++o)
            for (int i = 0; i < 16; ++i)
                for (int j = 0; j < 16; ++j) {
                    double sum = (double)bias[o];

                    for (int c = 0; c < 3; ++c)
                        for (int u = 0; u < 5; ++u)
                            for (int v = 0; v < 5; ++v) {
                                const int p = 2 * i + u - 2, q = 2 * j + v - 2;

                                if (p >= 0 && p < SIDE && q >= 0 && q < SIDE)
                                    sum += (double)weight[((o * 3 + c) * 5 + u) * 5 + v] *
                                           (double)x[((n * 3 + c) * SIDE + p) * SIDE + q];
                            }
                    out[((n * 8 + o) * 16 + i) * 16 + j] = (float)sum;
                }
}

static void tensors_obey_the_formulas(void **state)
{
    static float conv1[IMAGES * 8 * 16 * 16];
    test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--weights", in_folder("weights"), "--batch",
                                    in_folder("batch"), "--out", in_folder("out"), "--stages");
    alx_safetensors *file = NULL, *weights = NULL;
    float want[CLASSES];

    (void)state;
    test_assert_run(&run, 0, "loss");
    assert_ok(alx_safetensors_open(&file, in_folder("out")));
    assert_ok(alx_safetensors_open(&weights, in_folder("weights")));
    const float *logits = tensor(file, "logits", 2, IMAGES)->data;
    const float *loss = tensor(file, "loss", 1, 1)->data;
    const alx_st_tensor *act = tensor(file, "act/conv1", 4, IMAGES);

    assert_true(fabs((double)loss[0] - mean_cross_entropy(logits)) < 1e-5);
    test_assert_rel_max("act/fc8", tensor(file, "act/fc8", 2, IMAGES)->data, logits,
                        IMAGES * CLASSES, 0.0);
    last_bias_gradient(want, logits);
    test_assert_rel_max("grad/fc8.bias", tensor(file, "grad/fc8.bias", 1, CLASSES)->data, want,
                        CLASSES, 1e-5);
    first_convolution(conv1, alx_safetensors_find(weights, "conv1.weight")->data,
                      alx_safetensors_find(weights, "conv1.bias")->data);
    assert_int_equal(act->count, ALX_COUNT(conv1));
    test_assert_rel_max("act/conv1", act->data, conv1, ALX_COUNT(conv1), 1e-5);
    tensor(file, "act/pool5", 4, IMAGES);
    tensor(file, "act/relu7", 2, IMAGES);
    tensor(file, "grad/conv2.weight", 4, 16);
    assert_null(alx_safetensors_find(file, "param/conv1.weight"));
    alx_safetensors_close(file);
    alx_safetensors_close(weights);
    test_run_free(&run);
}

/* One update of the paper's rule from rest: w - rate * (grad + 5e-4 * w), no decay of biases. */
static void an_update_is_the_papers_rule(void **state)
{
    static const char *const names[] = { "conv1.weight", "conv4.bias", "fc6.weight", "fc8.bias" };
    test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--weights", in_folder("weights"), "--batch",
                                    in_folder("batch"), "--out", in_folder("steps"), "--steps", "1",
                                    "--lr-steps", "0.05", "--set", "train.momentum=0.5", "--set",
                                    "net.bias-decay=1");
    alx_safetensors *file = NULL, *weights = NULL;
    char name[64];

    (void)state;
    test_assert_run(&run, 0, "");
    assert_ok(alx_safetensors_open(&file, in_folder("steps")));
    assert_ok(alx_safetensors_open(&weights, in_folder("weights")));
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        const alx_st_tensor *w = alx_safetensors_find(weights, names[i]);
        const double decay = strstr(names[i], "bias") != NULL ? 0.0 : 5e-4;
        float *want = test_alloc(w->count * sizeof *want);

        snprintf(name, sizeof name, "grad/%s", names[i]);
        const float *grad = tensor(file, name, w->dim_count, w->dims[0])->data;

        for (size_t k = 0; k < w->count; ++k) {
            const double value = (double)((const float *)w->data)[k];

            want[k] = (float)(value - RATE * ((double)grad[k] + decay * value));
        }
        snprintf(name, sizeof name, "param/%s", names[i]);
        test_assert_rel_max(name, tensor(file, name, w->dim_count, w->dims[0])->data, want,
                            w->count, 1e-6);
        free(want);
    }
    assert_int_equal(alx_safetensors_find(file, "loss")->count, 2);
    alx_safetensors_close(file);
    alx_safetensors_close(weights);
    test_run_free(&run);
}

/* Ten steps on one batch must bring its loss down; without --weights the seed decides. */
static void losses_fall_and_follow_the_seed(void **state)
{
    float first[2];

    (void)state;
    for (int seed = 0; seed < 2; ++seed) {
        alx_safetensors *file = NULL;
        test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--batch", in_folder("batch"), "-o",
                                        in_folder("ten"), "--steps", "10", "--lr-steps",
                                        "0.01x5,0.001x5", "--seed", seed == 0 ? "1" : "2");

        test_assert_run(&run, 0, "after 10 updates");
        assert_ok(alx_safetensors_open(&file, in_folder("ten")));
        const float *loss = tensor(file, "loss", 1, 11)->data;

        assert_true(loss[10] < loss[0]);
        first[seed] = loss[0];
        alx_safetensors_close(file);
        test_run_free(&run);
    }
    assert_true(first[0] != first[1]);
}

/* ---- wrong input --------------------------------------------------------------------------- */

static void wrong_input_is_bad_data(void **state)
{
    static const int good[] = { IMAGES, 3, SIDE, SIDE }, grey[] = { IMAGES, 1, SIDE, SIDE },
                     small[] = { IMAGES, 3, SIDE - 1, SIDE }, last[] = { IMAGES, SIDE, SIDE, 3 };
    static const int64_t beyond[] = { 0, CLASSES, 1 }, negative[] = { 0, -1, 1 };
    static const struct {
        const char *name;
        const int *dims;
        const int64_t *labels;
        int label_count;
        const char *message;
    } cases[] = {
        { "grey", grey, y, IMAGES, "images of 1x32x32, the network takes 3x32x32" },
        { "small", small, y, IMAGES, "images of 3x31x32" },
        { "last", last, y, IMAGES,
          "'x' is 3x32x32x3, which looks like (N,H,W,C); want (N,C,H,W) = "
          "Nx3x32x32: np.ascontiguousarray(x.transpose(0, 3, 1, 2))" },
        { "beyond", good, beyond, IMAGES, "label 10 of image 1" },
        { "negative", good, negative, IMAGES, "label -1 of image 1" },
        { "few", good, y, IMAGES - 1, "3 images in 'x', 2 labels" },
        { "none", good, NULL, 0, "no tensor 'y'" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        write_batch(in_folder(cases[i].name), cases[i].dims, cases[i].labels, cases[i].label_count);
        test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--batch", in_folder(cases[i].name),
                                        "--out", in_folder("never"));

        test_assert_run(&run, 4, cases[i].message);
        assert_false(base_file_exists(in_folder("never")));
        test_run_free(&run);
    }
}

static void wrong_files_and_lists_are_errors(void **state)
{
    const struct {
        const char *batch, *weights, *list;
        int exit_code;
        const char *message;
    } cases[] = {
        { "nothing", "weights", "0.1", 4, "nothing" },
        { "text", "weights", "0.1", 4, "text" },
        { "batch", "batch", "0.1", 4, "conv1.weight" },
        { "batch", "text", "0.1", 4, "text" },
        { "batch", "weights", "0.1x", 2, "--lr-steps 0.1x: no count" },
        { "batch", "weights", "fast", 2, "--lr-steps fast: no rate" },
        { "batch", "weights", "0.1;2", 2, "--lr-steps 0.1;2: stray text at ';2'" },
        { "batch", "weights", "0.1,", 2, "--lr-steps 0.1,: stray text at ','" },
    };

    (void)state;
    test_folder_write(&folder, "text", "this is no safetensors file\n");
    for (size_t i = 0; i < ALX_COUNT(cases); ++i) {
        test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--batch", in_folder(cases[i].batch),
                                        "--weights", in_folder(cases[i].weights), "--out",
                                        in_folder("never"), "--steps", "2", "--lr-steps",
                                        cases[i].list);

        test_assert_run(&run, cases[i].exit_code, cases[i].message);
        assert_false(base_file_exists(in_folder("never")));
        test_run_free(&run);
    }
}

static void inputs_are_not_overwritten(void **state)
{
    static const char *const outputs[] = { "batch", "weights" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(outputs); ++i) {
        char *before = NULL, *after = NULL;
        size_t bytes = 0, bytes_after = 0;

        assert_ok(base_file_read(&before, &bytes, in_folder(outputs[i])));
        test_run run = TEST_PROGRAM_RUN("dump", "tiny", "--batch", in_folder("batch"), "--weights",
                                        in_folder("weights"), "--out", in_folder(outputs[i]));

        test_assert_run(&run, 2, "is read and would be overwritten");
        assert_ok(base_file_read(&after, &bytes_after, in_folder(outputs[i])));
        assert_int_equal(bytes_after, bytes);
        assert_memory_equal(after, before, bytes);
        free(before);
        free(after);
        test_run_free(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_obey_the_formulas),
        cmocka_unit_test(an_update_is_the_papers_rule),
        cmocka_unit_test(losses_fall_and_follow_the_seed),
        cmocka_unit_test(wrong_input_is_bad_data),
        cmocka_unit_test(wrong_files_and_lists_are_errors),
        cmocka_unit_test(inputs_are_not_overwritten),
    };

    return cmocka_run_group_tests(tests, make_input, remove_input);
}
