/* test_presets.c - every preset against the specification's numbers: layers, parameters, training;
 * variants of paper.ini against paper.ini with overrides; what is written reads back the same. */
#include "support/test.h"

#include "alexnet/config.h"
#include "base/embedded.h"
#include "support/folder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_preset(alx_config *config, const char *name)
{
    assert_ok(alx_config_read(config, name, NULL, 0));
    assert_string_equal(config->name, name);
}

/* ---- parameters ---------------------------------------------------------------------------- */

static int side_after(int in, int kernel, int stride, int pad, bool ceil)
{
    return (in + 2 * pad - kernel + (ceil ? stride - 1 : 0)) / stride + 1;
}

/* The specification's formula: outputs * (k * k * inputs / groups + 1). */
static long long count_parameters(const alx_net_config *net)
{
    long long total = 0, inputs = net->channels;
    int side = net->height;

    for (int i = 0; i < net->layer_count; ++i) {
        const alx_layer_config *layer = &net->layers[i];
        const bool own = i > 0 && layer->sees == ALX_SEES_OWN;
        long long reads = own ? inputs / net->towers : inputs;

        if (layer->kind == ALX_LAYER_CONV) {
            reads = reads / layer->groups * layer->kernel * layer->kernel;
            side = side_after(side, layer->kernel, layer->stride, layer->pad, layer->ceil);
            if (layer->pool.on)
                side = side_after(side, layer->pool.kernel, layer->pool.stride, 0,
                                  layer->pool.ceil);
            if (layer->adaptive_pool > 0)
                side = layer->adaptive_pool;
        } else {
            reads *= (long long)side * side;
            side = 1;
        }
        total += layer->outputs * (reads + 1);
        inputs = layer->outputs;
    }
    return total;
}

static void parameters_are_those_of_the_specification(void **state)
{
    static const struct {
        const char *preset;
        long long parameters;
    } rows[] = {
        { "paper", 60965224 },           { "paper-32k", 60965224 }, { "net145", 60965224 },
        { "modern", 62378344 },          { "cifar10", 24735626 },   { "owt", 61100840 },
        { "one-tower", 62378344 },       { "half", 59798312 },      { "conv6", 61555304 },
        { "separate-towers", 81591720 }, { "lrn5", 60965224 },      { "no-lrn", 60965224 },
        { "non-overlapping", 60965224 }, { "caffenet", 60965224 },  { "tanh", 60965224 },
        { "no-dropout", 60965224 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        alx_config config;

        read_preset(&config, rows[i].preset);
        if (count_parameters(&config.net) != rows[i].parameters)
            fail_msg("%s: %lld parameters, want %lld", rows[i].preset,
                     count_parameters(&config.net), rows[i].parameters);
    }
}

/* "60,965,224 parameters." in the comment on top of each file. */
static void comments_say_the_parameters(void **state)
{
    const char *const *presets = alx_config_presets();

    (void)state;
    assert_non_null(presets[0]);
    for (size_t i = 0; presets[i] != NULL; ++i) {
        alx_config config;
        char file[64], digits[32] = "";
        size_t count = 0;

        read_preset(&config, presets[i]);
        snprintf(file, sizeof file, "%s.ini", presets[i]);
        const char *text = base_embedded_find(file), *end = strstr(text, " parameters.\n");
        const char *start = end;

        assert_non_null(end);
        while (start > text && strchr("0123456789,", start[-1]) != NULL)
            --start;
        for (; start < end && count + 1 < sizeof digits; ++start)
            if (*start != ',')
                digits[count++] = *start;
        if (atoll(digits) != count_parameters(&config.net))
            fail_msg("%s says %s parameters, has %lld", file, digits,
                     count_parameters(&config.net));
    }
}

/* ---- layers -------------------------------------------------------------------------------- */

/* One line a layer, for comparison by eye and by strcmp. */
static void summarise(char *out, size_t bytes, const alx_layer_config *layer)
{
    static const char *const stages[] = { "act", "lrn", "spatial", "pool", "adaptive" };
    static const char *const inits[] = { "gauss", "he", "torch" };
    size_t at = (size_t)snprintf(out, bytes, "%s %d", layer->name, layer->outputs);

    if (layer->kind == ALX_LAYER_CONV)
        at += (size_t)snprintf(out + at, bytes - at, " %d/%d+%d%s g%d", layer->kernel,
                               layer->stride, layer->pad, layer->ceil ? "c" : "", layer->groups);
    at += (size_t)snprintf(out + at, bytes - at, " %s%s",
                           layer->sees == ALX_SEES_OWN ? "own" : "both",
                           layer->towers != ALX_DIVIDE_OUTPUTS ? " whole" : "");
    for (int i = 0; i < layer->order_count; ++i)
        at += (size_t)snprintf(out + at, bytes - at, " %s", stages[layer->order[i]]);
    at += (size_t)snprintf(out + at, bytes - at, " drop%g %s%g bias%g lr%g,%g wd%g,%g",
                           layer->dropout, inits[layer->init], layer->init_std, layer->bias,
                           layer->weight_lr, layer->bias_lr, layer->weight_decay,
                           layer->bias_decay);
}

typedef struct golden_net {
    const char *preset;
    const char *layers[ALX_MAX_LAYERS];
} golden_net;

static const golden_net golden[] = {
    { "paper",
      { "conv1 96 11/4+0 g1 both act lrn pool drop0 gauss0.01 bias0 lr1,1 wd1,0",
        "conv2 256 5/1+2 g1 own act lrn pool drop0 gauss0.01 bias1 lr1,1 wd1,0",
        "conv3 384 3/1+1 g1 both act drop0 gauss0.01 bias0 lr1,1 wd1,0",
        "conv4 384 3/1+1 g1 own act drop0 gauss0.01 bias1 lr1,1 wd1,0",
        "conv5 256 3/1+1 g1 own act pool drop0 gauss0.01 bias1 lr1,1 wd1,0",
        "fc6 4096 both act drop0.5 gauss0.01 bias1 lr1,1 wd1,0",
        "fc7 4096 both act drop0.5 gauss0.01 bias1 lr1,1 wd1,0",
        "fc8 1000 both whole drop0 gauss0.01 bias0 lr1,1 wd1,0" } },
    { "net145",
      { "conv1 96 11/4+0c g1 both lrn pool act drop0 gauss0.01 bias0 lr1,2 wd1,0",
        "conv2 256 5/1+2 g1 own act lrn spatial pool drop0 gauss0.01 bias1 lr1,2 wd1,0",
        "conv3 384 3/1+1 g1 both act drop0 gauss0.03 bias0 lr1,2 wd1,0",
        "conv4 384 3/1+1 g1 own act drop0 gauss0.03 bias1 lr1,2 wd1,0",
        "conv5 256 3/1+1 g1 own pool act drop0 gauss0.03 bias1 lr1,2 wd1,0",
        "fc6 4096 both act drop0.5 gauss0.01 bias1 lr1,2 wd1,0",
        "fc7 4096 both act drop0.5 gauss0.01 bias1 lr1,2 wd1,0",
        "fc8 1000 both whole drop0 gauss0.01 bias0 lr1,2 wd1,0" } },
    { "modern",
      { "conv1 96 11/4+0 g1 both act pool drop0 gauss0.01 bias0 lr1,1 wd1,1",
        "conv2 256 5/1+2 g1 own act pool drop0 gauss0.01 bias0 lr1,1 wd1,1",
        "conv3 384 3/1+1 g1 own act drop0 gauss0.01 bias0 lr1,1 wd1,1",
        "conv4 384 3/1+1 g1 own act drop0 gauss0.01 bias0 lr1,1 wd1,1",
        "conv5 256 3/1+1 g1 own act pool adaptive drop0 gauss0.01 bias0 lr1,1 wd1,1",
        "fc6 4096 both act drop0.5 gauss0.01 bias1 lr1,1 wd1,1",
        "fc7 4096 both act drop0.5 gauss0.01 bias1 lr1,1 wd1,1",
        "fc8 1000 both whole drop0 gauss0.01 bias1 lr1,1 wd1,1" } },
    { "cifar10",
      { "conv1 96 3/2+1 g1 both act pool drop0 torch0 bias0 lr1,1 wd1,1",
        "conv2 256 5/1+2 g1 own act pool drop0 torch0 bias0 lr1,1 wd1,1",
        "conv3 384 3/1+1 g1 own act drop0 torch0 bias0 lr1,1 wd1,1",
        "conv4 384 3/1+1 g1 own act drop0 torch0 bias0 lr1,1 wd1,1",
        "conv5 256 3/1+1 g1 own act pool drop0 torch0 bias0 lr1,1 wd1,1",
        "fc6 4096 both act drop0.5 torch0 bias0 lr1,1 wd1,1",
        "fc7 4096 both act drop0.5 torch0 bias0 lr1,1 wd1,1",
        "fc8 10 both whole drop0.5 torch0 bias0 lr1,1 wd1,1" } },
    { "owt",
      { "conv1 64 11/4+2 g1 both act pool drop0 torch0 bias0 lr1,1 wd1,1",
        "conv2 192 5/1+2 g1 own act pool drop0 torch0 bias0 lr1,1 wd1,1",
        "conv3 384 3/1+1 g1 own act drop0 torch0 bias0 lr1,1 wd1,1",
        "conv4 256 3/1+1 g1 own act drop0 torch0 bias0 lr1,1 wd1,1",
        "conv5 256 3/1+1 g1 own act pool adaptive drop0 torch0 bias0 lr1,1 wd1,1",
        "fc6 4096 both act drop0.5 torch0 bias0 lr1,1 wd1,1",
        "fc7 4096 both act drop0.5 torch0 bias0 lr1,1 wd1,1",
        "fc8 1000 both whole drop0 torch0 bias0 lr1,1 wd1,1" } },
    { "caffenet",
      { "conv1 96 11/4+0 g1 both act pool lrn drop0 gauss0.01 bias0 lr1,2 wd1,0",
        "conv2 256 5/1+2 g2 own act pool lrn drop0 gauss0.01 bias0.1 lr1,2 wd1,0",
        "conv3 384 3/1+1 g1 own act drop0 gauss0.01 bias0 lr1,2 wd1,0",
        "conv4 384 3/1+1 g2 own act drop0 gauss0.01 bias0.1 lr1,2 wd1,0",
        "conv5 256 3/1+1 g2 own act pool drop0 gauss0.01 bias0.1 lr1,2 wd1,0",
        "fc6 4096 both act drop0.5 gauss0.005 bias0.1 lr1,2 wd1,0",
        "fc7 4096 both act drop0.5 gauss0.005 bias0.1 lr1,2 wd1,0",
        "fc8 1000 both whole drop0 gauss0.01 bias0 lr1,2 wd1,0" } },
};

static void layers_are_those_of_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(golden); ++i) {
        alx_config config;

        read_preset(&config, golden[i].preset);
        for (int l = 0; l < config.net.layer_count; ++l) {
            char line[256];

            summarise(line, sizeof line, &config.net.layers[l]);
            if (strcmp(line, golden[i].layers[l]) != 0)
                fail_msg("%s:\n  got  %s\n  want %s", golden[i].preset, line, golden[i].layers[l]);
        }
        assert_int_equal(config.net.layer_count, 8);
    }
}

static void assert_norm(const alx_lrn_config *norm, double k, double alpha, bool over_n)
{
    assert_true(norm->on);
    assert_int_equal(norm->size, 5);
    assert_true(norm->k == k && norm->alpha == alpha && norm->beta == 0.75);
    assert_int_equal(norm->alpha_over_n, over_n);
}

static void norms_and_pools_are_those_of_the_specification(void **state)
{
    alx_config paper, net145, caffenet;

    (void)state;
    read_preset(&paper, "paper");
    read_preset(&net145, "net145");
    read_preset(&caffenet, "caffenet");
    for (int i = 0; i < 2; ++i) {
        assert_norm(&paper.net.layers[i].lrn, 2.0, 1e-4, false);
        assert_norm(&net145.net.layers[i].lrn, 2.0, 1e-4, true);
        assert_norm(&caffenet.net.layers[i].lrn, 1.0, 1e-4, true);
    }
    assert_norm(&net145.net.layers[1].spatial, 1.0, 0.001, true);
    assert_int_equal(paper.net.layers[0].pool.kernel, 3);
    assert_int_equal(paper.net.layers[0].pool.stride, 2);
    assert_false(paper.net.layers[0].pool.all_ties || paper.net.layers[0].pool.ceil);
    assert_true(net145.net.layers[4].pool.all_ties);
    assert_int_equal(paper.net.towers, 2);
    assert_int_equal(caffenet.net.towers, 1);
    assert_int_equal(net145.net.height, 224);
}

/* ---- data and training --------------------------------------------------------------------- */

static void data_is_that_of_the_specification(void **state)
{
    alx_config c;

    (void)state;
    read_preset(&c, "paper");
    assert_true(c.data.resize == 256 && c.data.pad == 0 && c.data.random_crop && c.data.mirror);
    assert_true(c.data.colour == ALX_COLOUR_SQRT && c.data.colour_sigma == 0.1);
    assert_true(c.data.mean == ALX_MEAN_IMAGE && !c.data.mean_centre && !c.data.use_std);
    assert_false(c.data.colour_clip || c.data.unit_scale || c.net.dropout_inverted);
    read_preset(&c, "net145");
    assert_true(c.data.divide == 1.1 && c.data.mean_centre);
    read_preset(&c, "modern");
    assert_true(c.data.unit_scale && c.data.mean_given && c.data.use_std);
    assert_true(c.data.mean == ALX_MEAN_CHANNEL && c.data.colour == ALX_COLOUR_OFF);
    assert_true(c.data.mean_value[0] == 0.485 && c.data.mean_value[2] == 0.406);
    assert_true(c.data.std_value[0] == 0.229 && c.data.std_value[1] == 0.224);
    assert_true(c.net.dropout_inverted && c.net.dropout_input);
    read_preset(&c, "cifar10");
    assert_true(c.data.resize == 32 && c.data.pad == 4 && c.data.validation == 0.2);
    assert_true(c.data.colour == ALX_COLOUR_SQRT && c.data.colour_clip && c.data.use_std);
    assert_false(c.data.mean_given);
}

static void training_is_that_of_the_specification(void **state)
{
    alx_config c;

    (void)state;
    read_preset(&c, "paper");
    assert_true(c.train.epochs == 90 && c.train.batch_size == 128 && c.train.lr == 0.01);
    assert_true(c.train.momentum == 0.9 && c.train.weight_decay == 0.0005 && !c.train.sgd_torch);
    assert_true(c.train.schedule == ALX_SCHEDULE_PLATEAU && !c.train.plateau_loss);
    assert_true(c.train.max_drops == 3 && c.train.gamma == 0.1 && c.train.clip_norm == 0.0);
    read_preset(&c, "net145");
    assert_true(c.train.schedule == ALX_SCHEDULE_MULTISTEP && c.train.milestone_count == 3);
    assert_true(c.train.milestones[0] == 25 && c.train.milestones[1] == 51);
    assert_true(c.train.milestones[2] == 79 && c.train.epochs == 91);
    read_preset(&c, "modern");
    assert_true(c.train.schedule == ALX_SCHEDULE_PLATEAU && c.train.plateau_loss);
    assert_true(c.train.patience == 5 && c.train.sgd_torch && c.train.weight_decay == 0.0005);
    read_preset(&c, "cifar10");
    assert_true(c.train.epochs == 49 && c.train.clip_norm == 2.0 && c.train.sgd_torch);
    assert_true(c.train.milestone_count == 1 && c.train.milestones[0] == 31);
    read_preset(&c, "owt");
    assert_true(c.train.schedule == ALX_SCHEDULE_STEP && c.train.step_epochs == 30);
    assert_true(c.train.batch_size == 256 && c.train.weight_decay == 0.0001);
}

/* ---- variants and round trip --------------------------------------------------------------- */

/* Configs are zeroed before they are filled, so equal ones are equal byte by byte. */
static void assert_same(const char *what, alx_config *a, alx_config *b)
{
    for (int i = 0; i < ALX_MAX_LAYERS; ++i)
        a->net.layers[i].line = b->net.layers[i].line = 0;
    memset(a->name, 0, sizeof a->name);
    memset(b->name, 0, sizeof b->name);
    if (memcmp(a, b, sizeof *a) != 0)
        fail_msg("%s: configs differ", what);
}

#define LRN "lrn=n=5 k=2 alpha=1e-4 beta=0.75"

static void variants_differ_from_paper_where_they_say(void **state)
{
    static const struct {
        const char *preset, *overrides[10];
    } rows[] = {
        { "one-tower", { "net.towers=1", "conv3.sees=own" } },
        { "half",
          { "net.towers=1", "conv3.sees=own", "conv1.filters=48", "conv2.filters=128",
            "conv3.filters=192", "conv4.filters=192" } },
        { "separate-towers",
          { "conv2.filters=320", "conv3.sees=own", "fc6.units=8192", "fc7.units=8192",
            "fc6.sees=own", "fc7.sees=own" } },
        { "lrn5", { "conv5." LRN } },
        { "no-lrn", { "conv1.lrn=off", "conv2.lrn=off" } },
        { "non-overlapping",
          { "conv1.pool=max 2/2 ceil", "conv2.pool=max 2/2 ceil", "conv5.pool=max 2/2 ceil",
            "conv2.pad=1", "conv5.pad=0" } },
        { "tanh", { "net.activation=tanh" } },
        { "no-dropout", { "fc6.dropout=0", "fc7.dropout=0" } },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        alx_config variant, paper;
        size_t count = 0;

        while (rows[i].overrides[count] != NULL)
            ++count;
        read_preset(&variant, rows[i].preset);
        assert_ok(alx_config_read(&paper, "paper.ini", rows[i].overrides, count));
        assert_same(rows[i].preset, &variant, &paper);
    }
}

static void written_preset_reads_back_the_same(void **state)
{
    const char *const *presets = alx_config_presets();

    (void)state;
    for (size_t i = 0; presets[i] != NULL; ++i) {
        alx_config config, again;
        char *text = NULL, *second = NULL;

        read_preset(&config, presets[i]);
        assert_ok(alx_config_write(&text, &config));
        assert_ok(alx_config_parse(&again, text, presets[i], NULL, 0));
        assert_ok(alx_config_write(&second, &again));
        assert_string_equal(text, second);
        assert_string_equal(again.name, presets[i]);
        assert_same(presets[i], &config, &again);
        free(text);
        free(second);
    }
}

/* Whoever asks first makes the list. */
static void *ask(void *unused)
{
    const char *const *presets = alx_config_presets();
    size_t count = 0;

    (void)unused;
    while (presets[count] != NULL && presets[count][0] != '\0')
        ++count;
    return (void *)count;
}

static void threads_ask_for_the_list(void **state)
{
    pthread_t threads[8];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(threads); ++i)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, NULL), 0);
    for (size_t i = 0; i < ALX_COUNT(threads); ++i) {
        void *count = NULL;

        pthread_join(threads[i], &count);
        assert_int_equal((size_t)count, (size_t)ask(NULL));
        assert_true((size_t)count > 5);
    }
}

static void names_of_configs_are_known(void **state)
{
    (void)state;
    assert_true(alx_config_is_name("paper"));
    assert_true(alx_config_is_name("runs/a/config.ini"));
    assert_false(alx_config_is_name("pape"));
    assert_false(alx_config_is_name("papers"));
    assert_false(alx_config_is_name(".ini"));
    assert_false(alx_config_is_name("cat.jpg"));
    assert_false(alx_config_is_name("ini"));
}

/* What `convert owt.pth owt` leaves does not stand in the preset's way. */
static void weights_that_are_called_like_a_preset_are_no_config(void **state)
{
    alx_config config;

    (void)state;
    test_own_folder_make(NULL);
    assert_int_equal(chdir(test_own_folder.path), 0);
    test_folder_write_bytes(&test_own_folder, "owt", "\x80\x02weights", 9);
    test_folder_write_bytes(&test_own_folder, "mine", "\x80\x02weights", 9);
    assert_ok(alx_config_read(&config, "owt", NULL, 0));
    assert_string_equal(config.name, "owt");
    assert_int_equal(alx_config_read(&config, "mine", NULL, 0), ALX_E_USAGE);
    assert_string_equal(alx_status_text(ALX_E_USAGE), "mine: line 1: not a text file: byte 0x02; "
                                                      "no config: weights are given by --weights");
    test_own_folder_remove(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_configs_are_known),
        cmocka_unit_test(threads_ask_for_the_list), /* before another test does */
        cmocka_unit_test(parameters_are_those_of_the_specification),
        cmocka_unit_test(comments_say_the_parameters),
        cmocka_unit_test(layers_are_those_of_the_specification),
        cmocka_unit_test(norms_and_pools_are_those_of_the_specification),
        cmocka_unit_test(data_is_that_of_the_specification),
        cmocka_unit_test(training_is_that_of_the_specification),
        cmocka_unit_test(variants_differ_from_paper_where_they_say),
        cmocka_unit_test(written_preset_reads_back_the_same),
        cmocka_unit_test(weights_that_are_called_like_a_preset_are_no_config),
    };

    return cmocka_run_group_tests_name("presets", tests, NULL, NULL);
}
