/* test_net_tuned.c - a network computes as the tuning rows of its device say, the same bits on one
 * device and on two of a kind. */
#include "alexnet/dev/net.h"
#include "alexnet/dev/ops.h"
#include "support/device.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/net.h"

#define BATCH 8 /* conv3 takes it in 4 chunks: rows are of the whole */
#define LOGITS ((size_t)BATCH * 5)

static const char config_text[] = "[net]\n"
                                  "input = 19x19x3\n"
                                  "classes = 5\n"
                                  "towers = 2\n"
                                  "init = he\n"
                                  "[conv1]\n"
                                  "filters = 32\n"
                                  "kernel = 5\n"
                                  "stride = 2\n"
                                  "[conv2]\n"
                                  "filters = 64\n"
                                  "kernel = 3\n"
                                  "pad = 1\n"
                                  "[conv3]\n"
                                  "filters = 64\n"
                                  "kernel = 3\n"
                                  "pad = 1\n"
                                  "sees = both\n"
                                  "[fc4]\n"
                                  "units = 5\n";

static void read_config(alx_config *config)
{
    assert_ok(alx_config_parse(config, config_text, "test", NULL, 0));
}

/* A row for each pass: in turn the last and the first of the ways that there are; `turn` 1 begins
 * with the first. */
static void write_rows(alx_rows *rows, const alx_config *config, int batch, size_t turn)
{
    static char ways[ALX_MAX_WAYS][ALX_CHOICE_BYTES];
    alx_device *dev = test_device();
    alx_pass_info *passes = NULL;
    alx_graph *graph = NULL;
    size_t count = 0;

    assert_ok(alx_graph_create(&graph, &config->net));
    assert_ok(alx_graph_passes(&passes, &count, graph, batch, true));
    for (size_t i = 0; i < count; ++i) {
        const alx_pass_info *p = &passes[i];
        alx_row row = { .batch = batch, .ms = 1.0 };
        size_t way_count = 0;

        if (p->work == ALX_WORK_CONV) {
            alx_op_conv2d_problem(row.problem, p->pass, p->in, p->out, &p->conv);
            way_count = alx_op_conv2d_ways(ways, dev, p->pass, p->in, p->out, &p->conv);
        } else if (p->work == ALX_WORK_FC) {
            alx_op_fc_problem(row.problem, p->pass, p->in.h * p->in.w * p->in.c, p->out.c);
            way_count = alx_op_fc_ways(ways, dev, p->pass);
        }
        if (way_count == 0)
            continue;
        memcpy(row.choice, ways[(i + turn) % 2 == 0 ? way_count - 1 : 0], sizeof row.choice);
        assert_ok(alx_rows_add(rows, &row));
    }
    free(passes);
    alx_graph_free(graph);
}

/* Two handles on the device that the other tests use, and its rows, for each. */
typedef struct tuned_devices {
    alx_device *dev[2];
    alx_rows *rows[2];
} tuned_devices;

/* Logits after one update; what a checkpoint would remember of the rows. */
static void train_once(float logits[LOGITS], char tuning[33], const alx_config *config,
                       const tuned_devices *on, int dev_count)
{
    alx_device *const *devs = on->dev;
    const alx_net_options options = { .batch = BATCH, .training = true, .rows = on->rows };
    const alx_step step = { .training = true, .images = BATCH };
    const int32_t labels[BATCH] = { 0, 3, 1, 4, 2, 0, 1, 2 };
    const float *images = test_host_random((size_t)BATCH * 19 * 19 * 3, 7, -1, 1);
    alx_net *net = NULL;

    assert_ok(alx_net_create(&net, &config->net, devs, dev_count, &options));
    assert_int_equal(alx_net_algorithms(net).conv, ALX_CONV_TUNED);
    assert_int_equal(alx_net_algorithms(net).gemm, ALX_GEMM_TUNED);
    assert_ok(alx_net_tuning(tuning, net));
    assert_ok(alx_net_init(net, 1));
    for (int dev = 0; dev < dev_count; ++dev)
        assert_ok(alx_tensor_write(alx_net_input(net, dev), images));
    assert_ok(alx_net_set_labels(net, labels));
    assert_ok(alx_net_forward(net, &step));
    assert_ok(alx_net_backward(net, &step));
    assert_ok(alx_net_update(net, &(alx_update_rule){ 0.05, 0.9, 5e-4, false, 0.0, 0.0 }));
    assert_ok(alx_net_forward(net, &step));
    assert_ok(alx_net_read_logits(net, logits));
    alx_net_free(net);
}

/* The rows begin with `turn`; if asked, some choose otherwise for the batch of a chunk. */
static tuned_devices open_with_rows(const alx_config *config, const char *path, size_t turn,
                                    bool of_chunks)
{
    char index[16];
    const char *which[] = { index, index };
    tuned_devices on = { .dev = { NULL } };

    snprintf(index, sizeof index, "%d", alx_device_get_info(test_device())->index);
    assert_ok(alx_rows_of_device(&on.rows[0], alx_device_get_info(test_device()), path));
    write_rows(on.rows[0], config, BATCH, turn);
    if (of_chunks)
        write_rows(on.rows[0], config, BATCH / 4, 1 - turn);
    on.rows[1] = on.rows[0];
    assert_ok(alx_devices_open(on.dev, which, 2, NULL));
    return on;
}

static void close_both(tuned_devices *on)
{
    alx_rows_close(on->rows[0]);
    alx_device_close(on->dev[0]);
    alx_device_close(on->dev[1]);
}

/* Whether im2col ran in a pass since the profile was started; ends it. */
static bool im2col_ran(alx_device *dev, const char *label)
{
    alx_profile_row *rows = NULL;
    size_t count = 0;
    bool ran = false;

    assert_ok(alx_profile_take(dev, &rows, &count));
    for (size_t i = 0; i < count; ++i)
        ran |= strcmp(rows[i].label, label) == 0 && strcmp(rows[i].kernel, "im2col") == 0;
    free(rows);
    return ran;
}

static void rows_are_used_and_devices_agree(void **state)
{
    test_folder folder = test_folder_create();
    float one[LOGITS], two[LOGITS];
    char one_tuning[33], two_tuning[33];
    alx_config config;

    (void)state;
    read_config(&config);
    tuned_devices on = open_with_rows(&config, test_folder_path(&folder, "rows"), 0, false);

    assert_ok(alx_profile_start(on.dev[0]));
    train_once(one, one_tuning, &config, &on, 1);
    assert_true(im2col_ran(on.dev[0], "conv1.0 forward"));
    train_once(two, two_tuning, &config, &on, 2);
    assert_memory_equal(one, two, sizeof one);
    assert_int_equal(strlen(one_tuning), 32);
    assert_string_equal(one_tuning, two_tuning);
    close_both(&on);
    test_folder_remove(&folder);
}

static void rows_of_a_chunks_batch_change_nothing(void **state)
{
    test_folder folder = test_folder_create();
    float logits[2][LOGITS];
    char tuning[2][33], name[16];
    alx_config config;

    (void)state;
    read_config(&config);
    for (size_t turn = 0; turn < 2; ++turn) {
        for (int of_chunks = 0; of_chunks < 2; ++of_chunks) {
            snprintf(name, sizeof name, "rows-%zu-%d", turn, of_chunks);
            tuned_devices on = open_with_rows(&config, test_folder_path(&folder, name), turn,
                                              of_chunks);

            assert_ok(alx_profile_start(on.dev[0]));
            train_once(logits[of_chunks], tuning[of_chunks], &config, &on, 1);
            assert_int_equal(im2col_ran(on.dev[0], "conv3.0 forward"), turn == 0);
            close_both(&on);
        }
        assert_memory_equal(logits[1], logits[0], sizeof logits[0]);
        assert_string_equal(tuning[1], tuning[0]);
    }
    test_folder_remove(&folder);
}

static void one_row_makes_a_network_tuned(void **state)
{
    test_folder folder = test_folder_create();
    const alx_algorithms any = { .exact = false };
    alx_device *dev = test_device();
    alx_rows *rows = NULL;
    alx_config config;
    bool untuned = false;

    (void)state;
    read_config(&config);
    assert_ok(
        alx_rows_of_device(&rows, alx_device_get_info(dev), test_folder_path(&folder, "rows")));
    alx_chooser by = alx_chooser_of(dev, rows, any);

    assert_ok(alx_net_is_untuned(&untuned, &config.net, BATCH, &by));
    assert_true(untuned);
    write_rows(rows, &config, BATCH, 0);
    by = alx_chooser_of(dev, rows, any);
    assert_ok(alx_net_is_untuned(&untuned, &config.net, BATCH, &by));
    assert_false(untuned);
    alx_rows_close(rows);
    test_folder_remove(&folder);
}

static void without_rows_there_is_nothing_to_remember(void **state)
{
    const alx_net_options options = { .batch = BATCH };
    alx_device *dev = test_device();
    alx_net *net = NULL;
    alx_config config;
    char tuning[33];

    (void)state;
    read_config(&config);
    assert_ok(alx_net_create(&net, &config.net, &dev, 1, &options));
    assert_int_not_equal(alx_net_algorithms(net).conv, ALX_CONV_TUNED);
    assert_ok(alx_net_tuning(tuning, net));
    assert_string_equal(tuning, "");
    alx_net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(rows_are_used_and_devices_agree),
        test_on_device(rows_of_a_chunks_batch_change_nothing),
        test_on_device(one_row_makes_a_network_tuned),
        test_on_device(without_rows_there_is_nothing_to_remember),
    };

    return cmocka_run_group_tests_name("tuned network", tests, NULL, test_device_close);
}
