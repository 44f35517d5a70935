/* test_checkpoint.c - what is written comes back bit for bit, and no damage goes unnoticed. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "alexnet/dev/io.h"
#include "alexnet/log.h"
#include "alexnet/train.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/rng.h"
#include "support/device.h"
#include "support/folder.h"
#include "train/checkpoint/checkpoint.h"

static const char net_text[] = "[net]\n"
                               "input = 9x9x3\n"
                               "classes = 3\n"
                               "init = he\n"
                               "[conv1]\n"
                               "filters = 5\n"
                               "kernel = 3\n"
                               "[fc2]\n"
                               "units = 3\n"
                               "[train]\n"
                               "lr = 0.1\n";

static test_folder folder;

static int make_folder(void **state)
{
    (void)state;
    folder = test_folder_create();
    alx_log_set_level(ALX_LOG_QUIET);
    return 0;
}

static int remove_folder(void **state)
{
    test_folder_remove(&folder);
    return test_device_close(state);
}

static const char *path_of(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", folder.path, name);
    return path;
}

static alx_net *make_net(const alx_config *config, uint32_t seed)
{
    const alx_net_options options = { .batch = 2, .training = true };
    alx_device *dev = test_device();
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, &dev, 1, &options));
    assert_ok(alx_net_init(net, seed));
    return net;
}

/* Momentum that is not zero, so that losing it would show. */
static void fill_momentum(alx_net *net)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    for (size_t i = 0; i < count; ++i)
        assert_ok(alx_net_set_param(net, i, ALX_PARAM_MOMENTUM,
                                    test_host_random(params[i].count, (uint32_t)i, -1, 1)));
}

static void assert_same_params(alx_net *a, alx_net *b)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(a), &count);

    for (size_t i = 0; i < count; ++i)
        for (int what = 0; what < 2; ++what) {
            const alx_param_what which = what == 0 ? ALX_PARAM_VALUE : ALX_PARAM_MOMENTUM;
            float *x = test_host(params[i].count), *y = test_host(params[i].count);

            assert_ok(alx_net_get_param(a, i, which, x));
            assert_ok(alx_net_get_param(b, i, which, y));
            assert_memory_equal(x, y, params[i].count * sizeof *x);
        }
}

static alx_checkpoint make_checkpoint(void)
{
    alx_checkpoint c = {
        .epoch = 3,
        .position = 64,
        .step = 123456789012,
        .lr = 0.1 / 3.0,
        .best_error = 1.0 / 7.0,
        .best_signal = INFINITY,
        .best_epoch = 2,
        .bad_epochs = 4,
        .drops = 1,
        .class_count = 3,
        .data_fingerprint = "0123456789abcdef0123456789abcdef",
        .tuning = "fedcba9876543210fedcba9876543210",
        .algorithms = { .conv = ALX_CONV_IM2COL, .gemm = ALX_GEMM_CLBLAST },
        .sums = { .images = 64, .top1 = 20, .top5 = 50, .loss = 1e-17 + 1.0 / 3.0 },
        .seconds = 12.25,
        .wait_seconds = 0.1,
        .step_lr = 0.7,
        .grad_norm = 1.7976931348623157e308,
        .statistics = { .size = 3,
                        .images = 1000,
                        .mean = { 0.1, 0.2, 0.3 },
                        .deviation = { 1.1, 1.2, 1.3 },
                        .eigenvalues = { 3.0, 2.0, 1.0 } },
    };

    assert_ok(alx_config_parse(&c.config, net_text, "net", NULL, 0));
    snprintf(c.config.name, sizeof c.config.name, "a name");
    c.class_names = test_alloc(3 * sizeof *c.class_names);
    strcpy(c.class_names[0], "cat");
    strcpy(c.class_names[1], "\"quoted\" dog");
    strcpy(c.class_names[2], "K\xc3\xa4tzchen");
    c.statistics.mean_image = test_alloc(27 * sizeof(float));
    test_fill(c.statistics.mean_image, 27, 7, 0, 255);
    test_fill((float *)&c.statistics.covariance, 18, 8, 1, 2); /* any bits will do */
    c.statistics.eigenvectors[1][2] = -0.57735026918962576;
    return c;
}

/* Writes the checkpoint that the tests of damage start from. */
static void write_example(const char *path)
{
    alx_checkpoint c = make_checkpoint();
    alx_net *net = make_net(&c.config, 1);

    fill_momentum(net);
    assert_ok(alx_checkpoint_write(path, &c, net));
    alx_net_free(net);
    alx_checkpoint_free(&c);
}

static void assert_same_statistics(const alx_statistics *a, const alx_statistics *b)
{
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->images, b->images);
    assert_memory_equal(a->mean_image, b->mean_image, 27 * sizeof(float));
    assert_memory_equal(a->mean, b->mean, sizeof a->mean);
    assert_memory_equal(a->deviation, b->deviation, sizeof a->deviation);
    assert_memory_equal(a->covariance, b->covariance, sizeof a->covariance);
    assert_memory_equal(a->eigenvalues, b->eigenvalues, sizeof a->eigenvalues);
    assert_memory_equal(a->eigenvectors, b->eigenvectors, sizeof a->eigenvectors);
}

/* As text: a layer's line in its file is not part of it. */
static void assert_same_config(const alx_config *a, const alx_config *b)
{
    char *a_text = NULL, *b_text = NULL;

    assert_ok(alx_config_write(&a_text, a));
    assert_ok(alx_config_write(&b_text, b));
    assert_string_equal(a_text, b_text);
    assert_string_equal(a->name, b->name);
    free(a_text);
    free(b_text);
}

static void everything_comes_back(void **state)
{
    alx_checkpoint a = make_checkpoint(), b;
    alx_net *from = make_net(&a.config, 1), *to = make_net(&a.config, 2);

    (void)state;
    fill_momentum(from);
    assert_ok(alx_checkpoint_write(path_of("whole"), &a, from));
    assert_ok(alx_checkpoint_read(&b, path_of("whole")));
    assert_ok(alx_checkpoint_load_net(to, path_of("whole")));
    assert_same_params(from, to);
    assert_same_config(&a.config, &b.config);
    assert_int_equal(a.epoch, b.epoch);
    assert_int_equal(a.position, b.position);
    assert_true(a.step == b.step);
    assert_true(a.lr == b.lr && a.best_error == b.best_error && a.best_signal == b.best_signal);
    assert_int_equal(a.best_epoch, b.best_epoch);
    assert_int_equal(a.bad_epochs, b.bad_epochs);
    assert_int_equal(a.drops, b.drops);
    assert_memory_equal(&a.algorithms, &b.algorithms, sizeof a.algorithms);
    assert_string_equal(a.tuning, b.tuning);
    assert_memory_equal(&a.sums, &b.sums, sizeof a.sums);
    assert_true(a.seconds == b.seconds && a.wait_seconds == b.wait_seconds &&
                a.step_lr == b.step_lr && a.grad_norm == b.grad_norm);
    assert_int_equal(a.class_count, b.class_count);
    for (int i = 0; i < a.class_count; ++i)
        assert_string_equal(a.class_names[i], b.class_names[i]);
    assert_string_equal(a.data_fingerprint, b.data_fingerprint);
    assert_same_statistics(&a.statistics, &b.statistics);
    alx_net_free(from);
    alx_net_free(to);
    alx_checkpoint_free(&a);
    alx_checkpoint_free(&b);
}

/* ---- damage -------------------------------------------------------------------------------- */

static void expect_damage(const char *what, size_t at, const char *bytes, size_t count)
{
    alx_checkpoint c;

    assert_ok(base_file_write(path_of("damaged"), bytes, count));
    const int rc = alx_checkpoint_read(&c, path_of("damaged"));
    if (rc != ALX_E_DATA || strstr(alx_status_text(rc), "damaged") == NULL)
        fail_msg("%s at byte %zu: %s", what, at, alx_status_text(rc));
    if (strchr(alx_status_text(rc), '\n') != NULL)
        fail_msg("%s at byte %zu: more than a line: %s", what, at, alx_status_text(rc));
}

static void any_flipped_bit_is_found(void **state)
{
    char *bytes = NULL;
    size_t count = 0;
    uint32_t words[4];

    (void)state;
    write_example(path_of("good"));
    assert_ok(base_file_read(&bytes, &count, path_of("good")));
    for (uint32_t i = 0; i < 200; ++i) {
        base_rng_words(words, 1, BASE_RNG_TEST, 0, i);
        const size_t at = base_rng_below(words[0], (uint32_t)count);
        const char bit = (char)(1 << (words[1] % 8));

        bytes[at] ^= bit;
        expect_damage("flipped bit", at, bytes, count);
        bytes[at] ^= bit;
    }
    free(bytes);
}

static void any_truncation_is_found(void **state)
{
    char *bytes = NULL;
    size_t count = 0;

    (void)state;
    write_example(path_of("good"));
    assert_ok(base_file_read(&bytes, &count, path_of("good")));
    for (size_t kept = 0; kept < count; kept += 512)
        expect_damage("truncated", kept, bytes, kept);
    expect_damage("truncated", count - 1, bytes, count - 1);
    free(bytes);
}

static void a_missing_file_is_bad_data(void **state)
{
    alx_checkpoint c;

    (void)state;
    assert_int_equal(alx_checkpoint_read(&c, path_of("nowhere")), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), path_of("nowhere")));
}

/* Another `format`: what an earlier or later version of the program would write. */
static void another_version_is_named(void **state)
{
    static const char *const versions[] = { "alexnet checkpoint 0", "alexnet checkpoint 99" };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(versions); ++i) {
        alx_safetensors_writer *writer = NULL;
        alx_checkpoint c;

        assert_ok(alx_safetensors_writer_create(&writer));
        assert_ok(alx_safetensors_writer_metadata(writer, "format", versions[i]));
        assert_ok(alx_safetensors_writer_write(writer, path_of("other")));
        assert_int_equal(alx_checkpoint_read(&c, path_of("other")), ALX_E_DATA);
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), versions[i]));
        assert_non_null(strstr(alx_status_text(ALX_E_DATA), "this program reads"));
        alx_safetensors_writer_free(writer);
    }
}

/* Fails where a field comes or goes: then CHECKPOINT_VERSION must be another, and this list too.
 * `tuning` came without: it may be absent. */
static void the_version_stands_for_these_fields(void **state)
{
    static const char version[] = "alexnet checkpoint 1";
    static const char *const fields[] = {
        "epoch",      "position",   "step",         "lr",       "best_error", "best_signal",
        "best_epoch", "bad_epochs", "drops",        "sum_loss", "sum_images", "sum_top1",
        "sum_top5",   "seconds",    "wait_seconds", "step_lr",  "grad_norm",  "statistics_images",
        "classes",    "data",       "conv",         "gemm",     "tuning",
    };
    const alx_checkpoint empty = { 0 };
    char *text = NULL;
    size_t count = 0;

    (void)state;
    assert_string_equal(CHECKPOINT_VERSION, version);
    assert_ok(train_checkpoint_state_write(&text, &empty));
    for (const char *at = text; (at = strstr(at, "\":")) != NULL; ++at)
        ++count;
    for (size_t i = 0; i < ALX_COUNT(fields); ++i) {
        char key[64];

        snprintf(key, sizeof key, "\"%s\":", fields[i]);
        if (strstr(text, key) == NULL)
            fail_msg("no field %s in %s", fields[i], text);
    }
    assert_int_equal(count, ALX_COUNT(fields));
    free(text);
}

static void weights_are_no_checkpoint(void **state)
{
    const float one = 1.0f;
    const int dims[] = { 1 };
    alx_safetensors_writer *writer = NULL;
    alx_checkpoint c;

    (void)state;
    assert_ok(alx_safetensors_writer_create(&writer));
    assert_ok(alx_safetensors_writer_add(writer, "conv1.bias", ALX_F32, dims, 1, &one));
    assert_ok(alx_safetensors_writer_write(writer, path_of("weights")));
    assert_int_equal(alx_checkpoint_read(&c, path_of("weights")), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "not a checkpoint"));
    alx_safetensors_writer_free(writer);
}

static void another_network_is_refused(void **state)
{
    const char *wider = "conv1.filters=6";
    alx_config config;

    (void)state;
    write_example(path_of("good"));
    assert_ok(alx_config_parse(&config, net_text, "net", &wider, 1));
    alx_net *net = make_net(&config, 1);
    assert_int_equal(alx_checkpoint_load_net(net, path_of("good")), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "5x3x3x3"));
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "6x3x3x3"));
    alx_net_free(net);
}

/* A limit on the size of files stands for a full disk. */
static void a_full_disk_leaves_the_old_checkpoint(void **state)
{
    alx_checkpoint c = make_checkpoint();
    alx_net *net = make_net(&c.config, 1);
    struct rlimit before, tight = { 1000, 1000 };

    (void)state;
    assert_ok(alx_checkpoint_write(path_of("kept"), &c, net));
    c.epoch = 99;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const int rc = alx_checkpoint_write(path_of("kept"), &c, net);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, ALX_E_IO);
    alx_checkpoint_free(&c);
    assert_ok(alx_checkpoint_read(&c, path_of("kept")));
    assert_int_equal(c.epoch, 3);
    alx_checkpoint_free(&c);
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(everything_comes_back),
        test_on_device(any_flipped_bit_is_found),
        test_on_device(any_truncation_is_found),
        test_on_device(a_missing_file_is_bad_data),
        test_on_device(another_version_is_named),
        test_on_device(the_version_stands_for_these_fields),
        test_on_device(weights_are_no_checkpoint),
        test_on_device(another_network_is_refused),
        test_on_device(a_full_disk_leaves_the_old_checkpoint),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
