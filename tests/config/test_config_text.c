/* test_config_text.c - allowed spellings, defaults, overrides, what is written, garbage. */
#include "support/test.h"

#include "alexnet/config.h"
#include "base/embedded.h"
#include "base/file_writer.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char small[] = "[net]\ninput = 32x48x3\nclasses = 10\n"
                            "[conv1]\nfilters = 8\nkernel = 5\n[fc2]\nunits = classes\n";

/* Equal but for the lines of sections; see alx_config_write. */
static bool same(alx_config *a, alx_config *b)
{
    for (int i = 0; i < ALX_MAX_LAYERS; ++i)
        a->net.layers[i].line = b->net.layers[i].line = 0;
    return memcmp(a, b, sizeof *a) == 0;
}

static void assert_round_trip(alx_config *config)
{
    alx_config again;
    char *text = NULL;

    assert_ok(alx_config_write(&text, config));
    assert_ok(alx_config_parse(&again, text, config->name, NULL, 0));
    assert_true(same(config, &again));
    free(text);
}

/* ---- spellings ----------------------------------------------------------------------------- */

static void spellings_mean_the_same(void **state)
{
    static const char *const texts[] = {
        "\xef\xbb\xbf[net]\r\ninput = 32x48x3\r\nclasses = 10\r\n[conv1]\r\nfilters = 8\r\n"
        "kernel = 5\r\n[fc2]\r\nunits = classes\r\n",
        "  [net]  ; of a small net\n\tinput=32x48x3   ; H, W, C\n\tclasses:10\n\n# layers\n"
        "[conv1]\n    filters =    8\n    kernel = 5\n[fc2]\n    units = 10",
        "[net]\ninput = 32x\\\n   48\\\n  x3\nclasses = 1\\\n0\n[data]\n[conv1]\nfilters = 8\n"
        "kernel = 5\n[train]\n[fc2]\nunits = classes\n",
        "; a long comment is no line that could be cut: 3.14159265358979323846264338327950288419716"
        "939937510582097494459230781640628620899862803482534211706798214808651328230664709384460955"
        "058223172535940812848111745028410270193852110555\n[net]\ninput = 32x48x3\nclasses = 10\n"
        "[conv1]\nfilters = 8\nkernel = 5\n[fc2]\nunits = classes\n",
    };
    alx_config want;

    (void)state;
    assert_ok(alx_config_parse(&want, small, "small.ini", NULL, 0));
    for (size_t i = 0; i < ALX_COUNT(texts); ++i) {
        alx_config got;

        assert_ok(alx_config_parse(&got, texts[i], "a/b/small.ini", NULL, 0));
        assert_true(same(&got, &want));
    }
}

static void missing_sections_have_defaults(void **state)
{
    alx_config c;

    (void)state;
    assert_ok(alx_config_parse(&c, small, "small", NULL, 0));
    assert_string_equal(c.name, "small");
    assert_true(c.net.height == 32 && c.net.width == 48 && c.net.channels == 3);
    assert_true(c.net.towers == 1 && c.net.layers[0].activation == ALX_ACT_RELU);
    assert_true(c.net.layers[1].activation == ALX_ACT_NONE && c.net.layers[1].outputs == 10);
    assert_true(c.data.resize == 48 && c.data.random_crop && c.data.divide == 1.0);
    assert_true(c.data.mean == ALX_MEAN_CHANNEL && c.data.path[0] == '\0');
    assert_true(c.train.epochs == 90 && c.train.lr == 0.01 && c.train.grad_accum == 1);
}

static void a_norm_switched_on_has_defaults(void **state)
{
    const char *const overrides[] = { "conv1.lrn=on", "conv1.spatial-norm=on" };
    alx_config c;

    (void)state;
    assert_ok(alx_config_parse(&c, small, "small", overrides, ALX_COUNT(overrides)));
    const alx_lrn_config *lrn = &c.net.layers[0].lrn, *spatial = &c.net.layers[0].spatial;

    assert_true(lrn->on && lrn->size == 5 && lrn->k == 2.0); /* the paper's, section 3.3 */
    assert_true(lrn->alpha == 1e-4 && lrn->beta == 0.75 && !lrn->alpha_over_n);
    assert_true(spatial->on && spatial->size == 5 && spatial->k == 1.0);
    assert_true(spatial->alpha == 0.001 && spatial->beta == 0.75 && !spatial->alpha_over_n);
}

static void overrides_win_in_order(void **state)
{
    static const char *const overrides[] = {
        "train.lr=0.5",
        "train.lr=0.25",
        "conv1.filters = 12",
        " net.classes =7",
        "conv1.activation=leaky 0.2",
        "conv1.freeze=yes",
        "net.bias-lr=2",
        "fc2.weight-lr=3",
        "train.milestones=3,5 9",
        "\ttrain . momentum\t= \t0.75 \t",
        "train.seed=5 ",
        "data.path= my set ",
        "train.seed= 6\t",
    };
    alx_config c;

    (void)state;
    assert_ok(alx_config_parse(&c, small, "small", overrides, ALX_COUNT(overrides)));
    assert_true(c.train.lr == 0.25 && c.net.layers[0].outputs == 12);
    assert_true(c.train.momentum == 0.75 && c.train.seed == 6);
    assert_string_equal(c.data.path, "my set");
    assert_true(c.net.classes == 7 && c.net.layers[1].outputs == 7);
    assert_true(c.net.layers[0].activation == ALX_ACT_LEAKY && c.net.layers[0].slope == 0.2);
    assert_true(c.net.layers[0].weight_lr == 0.0 && c.net.layers[0].bias_lr == 0.0);
    assert_true(c.net.layers[1].weight_lr == 3.0 && c.net.layers[1].bias_lr == 2.0);
    assert_true(c.train.milestone_count == 3 && c.train.milestones[2] == 9);
    assert_round_trip(&c);
}

static void recipes_yield_to_the_layers_own_keys(void **state)
{
    static const struct {
        const char *overrides[3];
        alx_init_kind init;
        double std, bias;
    } rows[] = {
        { { "net.init=2012" }, ALX_INIT_GAUSS, 0.03, 1.0 },
        { { "net.init=caffe" }, ALX_INIT_GAUSS, 0.01, 0.1 },
        { { "net.init=he" }, ALX_INIT_HE, 0.0, 0.0 },
        { { "net.init=torch" }, ALX_INIT_TORCH, 0.0, 0.0 },
        { { "net.init=he", "conv4.bias=0.5" }, ALX_INIT_HE, 0.0, 0.5 },
        { { "conv4.init=gauss 0.2" }, ALX_INIT_GAUSS, 0.2, 1.0 },
        { { "conv4.init=torch" }, ALX_INIT_TORCH, 0.0, 0.0 },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        alx_config c;
        size_t count = 0;

        while (rows[i].overrides[count] != NULL)
            ++count;
        assert_ok(alx_config_read(&c, "paper", rows[i].overrides, count));
        assert_string_equal(c.net.layers[3].name, "conv4");
        assert_int_equal(c.net.layers[3].init, rows[i].init);
        assert_true(c.net.layers[3].init_std == rows[i].std);
        assert_true(c.net.layers[3].bias == rows[i].bias);
    }
}

static void input_of_224_sets_the_first_layer(void **state)
{
    const char *ceil = "net.input=224-ceil", *pad2 = "net.input=224-pad2";
    alx_config c;

    (void)state;
    assert_ok(alx_config_read(&c, "paper", &ceil, 1));
    assert_true(c.net.height == 224 && c.net.channels == 3);
    assert_true(c.net.layers[0].ceil && c.net.layers[0].pad == 0 && !c.net.layers[1].ceil);
    assert_ok(alx_config_read(&c, "paper", &pad2, 1));
    assert_true(!c.net.layers[0].ceil && c.net.layers[0].pad == 2);
}

static void a_stage_switched_off_leaves_the_order(void **state)
{
    const char *off[] = { "conv1.lrn=off", "net.activation=none" };
    alx_config c;

    (void)state;
    assert_ok(alx_config_read(&c, "net145", off, 2));
    assert_int_equal(c.net.layers[0].order_count, 1);
    assert_int_equal(c.net.layers[0].order[0], ALX_NODE_POOL);
    assert_round_trip(&c);
}

/* ---- files and presets --------------------------------------------------------------------- */

static void a_file_comes_before_a_preset_and_a_folder_does_not(void **state)
{
    char folder[] = "/tmp/alexnet-config-XXXXXX", before[4096];
    alx_config c;

    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("tiny", 0777), 0);
    assert_ok(base_file_write("paper.ini", small, strlen(small)));
    assert_ok(alx_config_read(&c, "paper.ini", NULL, 0));
    assert_int_equal(c.net.layer_count, 2);
    assert_ok(alx_config_read(&c, "paper", NULL, 0));
    assert_int_equal(c.net.layer_count, 8);
    assert_ok(alx_config_read(&c, "tiny", NULL, 0));
    assert_string_equal(c.name, "tiny");
    unlink("paper.ini");
    rmdir("tiny");
    assert_int_equal(chdir(before), 0);
    rmdir(folder);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void awkward_values_read_back(void **state)
{
    alx_config c;
    size_t at = 0;

    (void)state;
    assert_ok(alx_config_read(&c, "paper", NULL, 0));
    c.train.lr = 0.1 + 0.2;
    c.train.weight_decay = 1.0 / 3.0;
    c.train.seed = UINT32_MAX;
    c.net.layers[1].init_std = 1e-300;
    c.net.layers[1].lrn.alpha = 5e-324;
    c.data.mean_given = true;
    c.data.mean = ALX_MEAN_CHANNEL;
    c.data.mean_value[1] = -123.456789012345678;
    assert_round_trip(&c);
    while (at + 30 < sizeof c.data.path)
        at += (size_t)snprintf(c.data.path + at, 30, "/a folder/of #%zu;[x]=\\n", at);
    assert_round_trip(&c);
    snprintf(c.data.path, sizeof c.data.path, "%0*d", 4095, 7);
    memset(c.data.path + 4000, ' ', 90);
    assert_round_trip(&c);
}

static void path_that_cannot_be_written_is_refused(void **state)
{
    static const char *const paths[] = { "a ;b", "a\nb", ";a", " a", "a ", "a\\", "a\tb" };
    alx_config c;
    char *text = NULL;

    (void)state;
    assert_ok(alx_config_read(&c, "paper", NULL, 0));
    for (size_t i = 0; i < ALX_COUNT(paths); ++i) {
        snprintf(c.data.path, sizeof c.data.path, "%s", paths[i]);
        assert_int_equal(alx_config_write(&text, &c), ALX_E_USAGE);
        assert_null(text);
    }
    memset(c.data.path, '#', 200); /* nowhere to go on in the next line */
    c.data.path[200] = '\0';
    assert_int_equal(alx_config_write(&text, &c), ALX_E_USAGE);
}

/* ---- garbage ------------------------------------------------------------------------------- */

/* Whatever the text: a config that can be written and read, or one line that says why not. */
static void survive(const char *text)
{
    alx_config c;
    const int rc = alx_config_parse(&c, text, "garbage.ini", NULL, 0);

    if (rc == 0) {
        assert_round_trip(&c);
        return;
    }
    assert_int_equal(rc, ALX_E_USAGE);
    assert_true(strlen(alx_status_text(rc)) > strlen("garbage.ini: "));
    assert_null(strchr(alx_status_text(rc), '\n'));
}

static uint32_t draw(uint64_t item, uint32_t below)
{
    uint32_t words[4];

    base_rng_words(words, 11, BASE_RNG_TEST, 0, item);
    return base_rng_below(words[0], below);
}

static void random_bytes_are_survived(void **state)
{
    static const char alphabet[] = "[]=;#\\\n\r\t .:-/x0159eabfgklnrtw\xff\x01";
    char text[600];

    (void)state;
    for (uint64_t round = 0; round < 2000; ++round) {
        const size_t length = draw(round << 16, sizeof text - 1);

        for (size_t i = 0; i < length; ++i)
            text[i] = round % 2 == 0 ? (char)draw(round << 16 | (i + 1), 256)
                                     : alphabet[draw(round << 16 | (i + 1), sizeof alphabet - 1)];
        text[length] = '\0';
        survive(text);
    }
}

static void damaged_presets_are_survived(void **state)
{
    const char *preset = base_embedded_find("net145.ini");
    const size_t length = strlen(preset);
    char *text = test_alloc(length + 1);

    (void)state;
    for (size_t cut = 0; cut < length; cut += 3) {
        memcpy(text, preset, cut);
        text[cut] = '\0';
        survive(text);
    }
    for (uint64_t round = 0; round < 2000; ++round) {
        memcpy(text, preset, length + 1);
        for (uint32_t i = 0; i < 3; ++i) /* bytes of the preset itself: most stay readable */
            text[draw(round << 8 | i, (uint32_t)length)] =
                preset[draw(round << 8 | (i + 100), (uint32_t)length)];
        survive(text);
    }
    free(text);
}

/* ---- overrides of a config that was read ----------------------------------------------------- */

static void keys_of_a_resolved_config_can_change(void **state)
{
    static const char *const changes[] = { "train.lr=0.5", "net.classes=12", "train.lr=0.25" };
    alx_config config, want;

    (void)state;
    assert_ok(alx_config_parse(&config, small, "small", NULL, 0));
    assert_ok(alx_config_override(&config, changes, 0));
    assert_int_equal(config.net.classes, 10);
    assert_ok(alx_config_parse(&want, small, "small", changes, 2));
    assert_ok(alx_config_override(&config, changes, 2));
    assert_true(same(&config, &want)); /* its name, too */
    assert_int_equal(alx_config_override(&config, &(const char *){ "train.nothing=1" }, 1),
                     ALX_E_USAGE);
    assert_ok(alx_config_override(&config, changes + 2, 1));
    assert_true(config.train.lr == 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_mean_the_same),
        cmocka_unit_test(missing_sections_have_defaults),
        cmocka_unit_test(a_norm_switched_on_has_defaults),
        cmocka_unit_test(overrides_win_in_order),
        cmocka_unit_test(keys_of_a_resolved_config_can_change),
        cmocka_unit_test(recipes_yield_to_the_layers_own_keys),
        cmocka_unit_test(input_of_224_sets_the_first_layer),
        cmocka_unit_test(a_stage_switched_off_leaves_the_order),
        cmocka_unit_test(a_file_comes_before_a_preset_and_a_folder_does_not),
        cmocka_unit_test(awkward_values_read_back),
        cmocka_unit_test(path_that_cannot_be_written_is_refused),
        cmocka_unit_test(random_bytes_are_survived),
        cmocka_unit_test(damaged_presets_are_survived),
    };

    return cmocka_run_group_tests_name("config text", tests, NULL, NULL);
}
