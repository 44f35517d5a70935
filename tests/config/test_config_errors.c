/* test_config_errors.c - every wrong config is refused with its place and what is allowed. */
#include "support/test.h"

#include "alexnet/config.h"
#include "base/file_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A good config, one line each; a case replaces one of them. */
static const char *const good[] = {
    "",
    /* 1 */ "[net]",
    /* 2 */ "input = 32x32x3",
    /* 3 */ "classes = 10",
    /* 4 */ "towers = 2",
    /* 5 */ "[conv1]",
    /* 6 */ "filters = 8",
    /* 7 */ "kernel = 5",
    /* 8 */ "pad = 1",
    /* 9 */ "pool = max 3/2",
    /* 10 */ "[conv2]",
    /* 11 */ "filters = 16",
    /* 12 */ "kernel = 3",
    /* 13 */ "pad = 1",
    /* 14 */ "[fc3]",
    /* 15 */ "units = 20",
    /* 16 */ "dropout = 0.5",
    /* 17 */ "[fc4]",
    /* 18 */ "units = classes",
    /* 19 */ "[data]",
    /* 20 */ "resize = 32",
    /* 21 */ "[train]",
    /* 22 */ "epochs = 2",
};

static void write_good(char *text, size_t bytes, int replaced, const char *by)
{
    size_t at = 0;

    for (int line = 1; line < (int)ALX_COUNT(good); ++line)
        at += (size_t)snprintf(text + at, bytes - at, "%s\n", line == replaced ? by : good[line]);
}

#define LONG_LINE                                                                                  \
    "mean = 0.1234567890123456789012345678901234567890123456789012345678901234567890123456789 "    \
    "0.1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678 "  \
    "0.12345678901234567890"

static const struct {
    int replaced;     /* line of `good` */
    const char *by;   /* may be several lines */
    int line;         /* that the message names */
    const char *want; /* rest of the message, from its start */
} bad[] = {
    /* sections and lines */
    { 1, "; nothing", 2, "input: a key must stand below a [section]" },
    { 5, "[conv 1]", 5, "a section is [name]" },
    { 5, "[conv1", 5, "a section is [name]" },
    { 5, "[]", 5, "a section is [name]" },
    { 5, "[a123456789012345678901234567890123456789]", 5, "a section is [name]" },
    { 5, "[conv1] kernel = 3", 5, "nothing but a comment may follow [conv1]" },
    { 10, "[conv1]", 10, "[conv1] stands in line 5 already" },
    { 6, "filters 8", 6, "neither [section] nor key = value" },
    { 22, "epochs 2", 22, "neither [section] nor key = value" }, /* the last line */
    { 6, "filters = 8\nfilters = 16", 7, "[conv1] filters: given before, in line 6" },
    { 20, LONG_LINE, 20, "line of 202 characters, 197 at most" },
    { 20, "path = /a\\\n; b", 21, "the line before ends in \\" },
    { 22, "epochs = 2\\", 22, "the file ends after a \\" },
    { 3, "classes = 1\x01", 3, "not a text file: byte 0x01" },
    { 3, "classes =\x1b[31m", 3, "not a text file: byte 0x1b" },
    { 3, "classes = 10\rtowers = 2", 3, "not a text file: byte 0x0d" },
    /* unknown keys */
    { 7, "kernal = 5", 7, "[conv1] kernal: unknown key (did you mean kernel?)" },
    { 7, "weight_decay = 1", 7, "[conv1] weight_decay: unknown key (did you mean weight-decay?)" },
    { 7, "= 5", 7, "[conv1] unknown key ''" },
    { 22, "epoch = 2", 22, "[train] epoch: unknown key (did you mean epochs?)" },
    { 22, "momentums_of_inertia_in_kg_per_square_metre = 2", 22, "[train] unknown key 'moment" },
    { 22, "zzz = 2", 22, "[train] zzz: unknown key; there are epochs, batch-size, grad-accum" },
    { 4, "lr = 0.1", 4, "[net] lr: belongs into [train]" },
    { 22, "input = 8x8x3", 22, "[train] input: belongs into [net]" }, /* the first of all keys */
    { 4, "pad = 1", 4, "[net] pad: belongs into a layer's section or [data]" },
    { 21, "[trian]", 22, "[trian] epochs: no key of a layer; is [trian] meant for [train]?" },
    { 21, "[Train]", 22, "[Train] epochs: no key of a layer; is [Train] meant for [train]?" },
    /* values */
    { 7, "kernel = five", 7, "[conv1] kernel: must be a whole number from 1 to 64, not 'five'" },
    { 7, "kernel = 5.5", 7, "[conv1] kernel: must be a whole number" },
    { 7, "kernel = 0", 7, "[conv1] kernel: must be a whole number from 1 to 64, not '0'" },
    { 7, "kernel = 99999999999999999999", 7, "[conv1] kernel: must be a whole number" },
    { 7, "kernel =", 7, "[conv1] kernel: must be a whole number from 1 to 64, not ''" },
    { 16, "dropout = 1", 16, "[fc3] dropout: must be a number from 0 to below 1, not '1'" },
    { 16, "dropout = nan", 16, "[fc3] dropout: must be a number" },
    { 16, "dropout = 0x1p-1", 16, "[fc3] dropout: must be a number" },
    { 22, "lr = 0", 22, "[train] lr: must be a number above 0 to 1000, not '0'" },
    { 22, "lr = 1e999", 22, "[train] lr: must be a number above 0" },
    { 22, "seed = -1", 22, "[train] seed: must be a whole number from 0 to 4294967295" },
    { 22, "schedule = polynomial", 22, "[train] schedule: must be constant | plateau | step" },
    { 22, "milestones = 9 9", 22, "[train] milestones: must be up to 16 rising whole numbers" },
    { 20, "mirror = maybe", 20, "[data] mirror: must be no | yes, not 'maybe'" },
    { 20, "mean = 1 2", 20, "[data] mean: must be none | image | channel | scalar | R G B" },
    { 20, "std = 1 2 0", 20, "[data] std: must be none | channel | R G B, not '1 2 0'" },
    { 20, "std = 1 2 -3", 20, "[data] std: must be none | channel | R G B, not '1 2 -3'" },
    { 2, "input = 227", 2, "[net] input: must be HxWxC | 224-ceil | 224-pad2, not '227'" },
    { 2, "input = 0x32x3", 2, "[net] input: 0x32x3: sizes must be from 1 to 4096" },
    { 4, "towers = 3", 4, "[net] towers: must be a whole number from 1 to 2, not '3'" },
    { 4, "init = xavier", 4, "[net] init: must be paper | 2012 | caffe | modern | he | torch" },
    { 8, "activation = swish", 8, "[conv1] activation: must be none | relu | tanh" },
    { 8, "activation = relu 0.1", 8, "[conv1] activation: must be none | relu" },
    { 8, "activation = leaky -0.5", 8, "[conv1] activation: must be none | relu" },
    { 8, "activation = leaky x", 8, "[conv1] activation: must be none | relu" },
    { 8, "pad = 64", 8, "[conv1] pad: must be a whole number from 0 to 63, not '64'" },
    { 8, "activation = leaky 1", 8, "[conv1] activation: must be none | relu" },
    { 8, "lrn = n=4", 8, "[conv1] lrn: n=4: must be an odd number from 1 to 99" },
    { 8, "lrn = n=5 k=0", 8, "[conv1] lrn: k=0: must be above 0" },
    { 8, "lrn = n=5 gamma=1", 8, "[conv1] lrn: unknown word 'gamma=1'" },
    { 8, "lrn = k=1 n=3 k=2", 8, "[conv1] lrn: 'k=2' after 'k=1'" },
    { 9, "pool = max", 9, "[conv1] pool: must be off | max KERNEL/STRIDE [ceil] [all-ties]" },
    { 9, "pool = max 3", 9, "[conv1] pool: must be off | max KERNEL/STRIDE" },
    { 9, "pool = avg 3/2", 9, "[conv1] pool: must be off | max KERNEL/STRIDE" },
    { 9, "pool = max 2/3", 9, "[conv1] pool: max 2/3: kernel must be from 1 to 64, stride from 1" },
    { 8, "init = gauss", 8, "[conv1] init: must be gauss STD | he | torch, not 'gauss'" },
    { 8, "init = gauss -1", 8, "[conv1] init: STD must be a number from 0" },
    { 8, "order = pool pool", 8, "[conv1] order: must be a list of activation" },
    /* keys that miss */
    { 2, "", 1, "[net] input: missing" },
    { 3, "", 1, "[net] classes: missing" },
    { 7, "", 5, "[conv1] kernel: missing" },
    { 6, "", 5, "[conv1]: a layer needs filters (convolution) or units (fully connected)" },
    { 22, "[trains]", 22, "[trains]: a layer needs filters or units; did you mean [train]?" },
    /* what cannot be together */
    { 6, "filters = 8\nunits = 8", 7, "[conv1] units: a layer has filters or units, not both" },
    { 16, "kernel = 3", 16, "[fc3] kernel: only a convolution has it" },
    { 6, "filters = 9", 6, "[conv1] filters: 9 cannot be divided among 2 towers" },
    { 15, "units = 21", 15, "[fc3] units: 21 cannot be divided among 2 towers" },
    { 8, "sees = own", 8, "[conv1] sees: the first layer sees the input" },
    { 8, "towers = whole\n[x]\nfilters = 8\nkernel = 1\nsees = own", 12,
      "[x] sees: own is not possible: conv1 is whole" },
    { 13, "towers = whole\nsees = own", 14, "[conv2] sees: own is not possible for a whole layer" },
    { 18, "units = classes\ntowers = split", 19, "[fc4] towers: the last layer must be whole" },
    { 13, "towers = input", 13, "[conv2] towers: input is for a fully connected layer after one" },
    { 16, "towers = whole\n[fc]\nunits = 8\ntowers = input", 19,
      "[fc] towers: input is for a fully connected layer after one that is split" },
    { 13, "groups = 3", 13, "[conv2] groups: 3 must divide the channels in (4) and out (8) of a" },
    { 8, "groups = 2", 8, "[conv1] groups: 2 must divide the channels in (3) and out (4)" },
    { 8, "pad = 5", 8, "[conv1] pad: must be below the kernel, 5" },
    { 18, "units = 11", 18, "[fc4] units: the last layer has 11, [net] classes is 10" },
    { 18, "units = 10\ndropout = 0.5", 19, "[fc4] dropout: would drop scores" },
    { 4, "dropout-place = input\n[c]\nfilters = 2\nkernel = 1\ndropout = 0.1", 8,
      "[c] dropout: with dropout-place = input this would drop the image" },
    { 8, "order = activation lrn pool", 8, "[conv1] order: names lrn, which the layer has not" },
    { 8, "order = activation", 8, "[conv1] order: leaves out pool, which the layer has" },
    { 8, "init = torch\nbias = -1", 9, "[conv1] bias: init = torch draws the biases" },
    { 8, "init = torch\nbias = 1", 9, "[conv1] bias: init = torch draws the biases" },
    { 2, "input = 224-pad2", 8, "[conv1] pad: [net] input = 224-pad2 makes it 2; remove this" },
    { 2, "input = 32x32x1", 2, "[net] input: images have 3 channels, not 1" },
    { 20, "resize = 4096", 21,
      "[train] batch-size: 128 images of 4096x4096, of one pass, are more than 2 GiB" },
    { 20, "resize = 31", 20, "[data] resize: images of 31 with pad 0 are smaller" },
    { 20, "resize = 28\npad = 2\nmean = image", 22, "[data] mean: a mean image of 28 is smaller" },
    { 20, "pad = 4\nmean = image", 21,
      "[data] mean: there is no mean image under a crop in the padding; take mean = channel, or "
      "mean-centre = yes" },
    { 20, "mean = 1 2 3\nstd = channel", 21, "[data] std: mean and std must both be numbers" },
    { 20, "std = 1 2 3", 20, "[data] std: mean and std must both be numbers" },
    { 22, "shards = 5", 22, "[train] shards: 5 do not divide batch-size, 128, equally" },
    { 22, "batch-size = 256\nshards = 256\ngrad-accum = 257", 23,
      "[train] shards: 256 times grad-accum, 257, are more than 65536 passes" },
    { 22, "sgd = torch\nlars = 0.001", 23,
      "[train] lars: the layer's rate is part of the velocity" },
    { 22, "schedule = multistep", 21, "[train] milestones: schedule = multistep needs them" },
    { 22, "schedule = cosine\nmin-lr = 1", 23, "[train] min-lr: 1 is above lr, 0.01" },
};

static void assert_message(const char *want, int rc, int want_rc)
{
    const char *got = alx_status_text(rc);

    assert_int_equal(rc, want_rc);
    if (strncmp(got, want, strlen(want)) != 0)
        fail_msg("message:\n  got  %s\n  want %s", got, want);
    assert_null(strchr(got, '\n'));
}

static void the_good_config_is_good(void **state)
{
    alx_config config;
    char text[4096];

    (void)state;
    write_good(text, sizeof text, 0, NULL);
    assert_ok(alx_config_parse(&config, text, "bad.ini", NULL, 0));
    assert_int_equal(config.net.layer_count, 4);
    assert_int_equal(config.net.layers[1].line, 10);
}

static void message_names_line_and_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALX_COUNT(bad); ++i) {
        alx_config config;
        char text[4096], want[512];

        write_good(text, sizeof text, bad[i].replaced, bad[i].by);
        snprintf(want, sizeof want, "bad.ini:%d: %s", bad[i].line, bad[i].want);
        assert_message(want, alx_config_parse(&config, text, "bad.ini", NULL, 0), ALX_E_USAGE);
    }
}

static void borders_are_allowed(void **state)
{
    static const char *const lines[] = { "activation = leaky 0", "init = torch\nbias = 0" };
    static const char *const widest[] = { "conv1.kernel=64", "conv1.pad=63" };
    alx_config config;
    char text[4096];

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(lines); ++i) {
        write_good(text, sizeof text, 8, lines[i]);
        assert_ok(alx_config_parse(&config, text, "good.ini", NULL, 0));
    }
    write_good(text, sizeof text, 0, NULL);
    assert_ok(alx_config_parse(&config, text, "good.ini", widest, ALX_COUNT(widest)));
    assert_int_equal(config.net.layers[0].pad, 63);
    write_good(text, sizeof text, 2, "input = 224-pad2");
    assert_ok(alx_config_parse(&config, text, "good.ini",
                               (const char *const[]){ "conv1.pad=2", "data.resize=256" }, 2));
}

/* Every number's range, and that what lies just outside is refused. */
static void ranges_are_those_of_the_manual(void **state)
{
    static const struct {
        const char *key, *below, *above, *range;
    } rows[] = {
        { "net.classes", "0", "100001", "a whole number from 1 to 100000" },
        { "net.towers", "0", "3", "a whole number from 1 to 2" },
        { "conv1.filters", "0", "100001", "a whole number from 1 to 100000, or the word classes" },
        { "fc3.units", "0", "100001", "a whole number from 1 to 100000, or the word classes" },
        { "conv1.kernel", "0", "65", "a whole number from 1 to 64" },
        { "conv1.stride", "0", "65", "a whole number from 1 to 64" },
        { "conv1.pad", "-1", "64", "a whole number from 0 to 63" },
        { "conv1.groups", "0", "1025", "a whole number from 1 to 1024" },
        { "conv1.adaptive-pool", "-1", "257", "a whole number from 0 to 256" },
        { "fc3.dropout", "-0.1", "1", "a number from 0 to below 1" },
        { "conv1.bias", "-1001", "1001", "a number from -1000 to 1000" },
        { "conv1.weight-lr", "-0.1", "1001", "a number from 0 to 1000" },
        { "conv1.bias-lr", "-0.1", "1001", "a number from 0 to 1000" },
        { "conv1.weight-decay", "-0.1", "1001", "a number from 0 to 1000" },
        { "conv1.bias-decay", "-0.1", "1001", "a number from 0 to 1000" },
        { "data.resize", "0", "4097", "a whole number from 1 to 4096" },
        { "data.pad", "-1", "1025", "a whole number from 0 to 1024" },
        { "data.colour-sigma", "-0.1", "101", "a number from 0 to 100" },
        { "data.divide", "0", "1001", "a number above 0 to 1000" },
        { "data.validation", "-0.1", "1", "a number from 0 to below 1" },
        { "train.epochs", "0", "100001", "a whole number from 1 to 100000" },
        { "train.batch-size", "0", "65537", "a whole number from 1 to 65536" },
        { "train.grad-accum", "0", "65537", "a whole number from 1 to 65536" },
        { "train.shards", "-1", "65537", "a whole number from 0 to 65536" },
        { "train.lr", "0", "1001", "a number above 0 to 1000" },
        { "train.momentum", "-0.1", "1", "a number from 0 to below 1" },
        { "train.weight-decay", "-0.1", "1.1", "a number from 0 to 1" },
        { "train.clip-norm", "-0.1", "1.1e9", "a number from 0 to 1e+09" },
        { "train.lars", "-0.1", "1001", "a number from 0 to 1000" },
        { "train.scale-batch", "-1", "1000001", "a whole number from 0 to 1000000" },
        { "train.gamma", "0", "1.1", "a number above 0 to 1" },
        { "train.step-epochs", "0", "100001", "a whole number from 1 to 100000" },
        { "train.patience", "-1", "100001", "a whole number from 0 to 100000" },
        { "train.max-drops", "0", "1001", "a whole number from 1 to 1000" },
        { "train.min-lr", "-0.1", "1001", "a number from 0 to 1000" },
        { "train.warmup-epochs", "-1", "100001", "a whole number from 0 to 100000" },
        { "train.seed", "-1", "4294967296", "a whole number from 0 to 4294967295" },
    };
    char text[4096], override[64], want[192];

    (void)state;
    write_good(text, sizeof text, 0, NULL);
    for (size_t i = 0; i < 2 * ALX_COUNT(rows); ++i) {
        const char *value = i % 2 == 0 ? rows[i / 2].below : rows[i / 2].above;
        const char *given = override;
        alx_config config;

        snprintf(override, sizeof override, "%s=%s", rows[i / 2].key, value);
        snprintf(want, sizeof want, "%s: must be %s, not '%s'", override, rows[i / 2].range, value);
        assert_message(want, alx_config_parse(&config, text, "bad.ini", &given, 1), ALX_E_USAGE);
    }
}

static void a_config_without_layers_is_refused(void **state)
{
    alx_config config;

    (void)state;
    assert_message(
        "net.ini: no layer: every section but [net], [data] and [train] is one",
        alx_config_parse(&config, "[net]\ninput = 8x8x3\nclasses = 2\n", "net.ini", NULL, 0),
        ALX_E_USAGE);
}

static void message_names_the_override(void **state)
{
    static const struct {
        const char *override, *want;
    } rows[] = {
        { "conv1.kernel=x", "conv1.kernel=x: must be a whole number from 1 to 64, not 'x'" },
        { "conv1.kernal=3", "conv1.kernal=3: unknown key (did you mean kernel?)" },
        { "conv9.kernel=3", "conv9.kernel=3: bad.ini has no section [conv9] (did you mean" },
        { "conv1.filters=9", "conv1.filters=9: 9 cannot be divided among 2 towers" },
        { "net.classes=0", "net.classes=0: must be a whole number from 1" },
        { "train.lr", "--set train.lr: must be section.key=value" },
        { "lr=0.1", "--set lr=0.1: must be section.key=value" },
        { ".lr=0.1", "--set .lr=0.1: must be section.key=value" },
        { "train.=0.1", "--set train.=0.1: must be section.key=value" },
        { "", "--set : must be section.key=value" },
        { "data.path=a ;b", "data.path=a ;b: an INI file cannot hold this path" },
        { "data.path=a\nb", "--set data.path=a: control character after that" },
    };

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(rows); ++i) {
        alx_config config;
        char text[4096];

        write_good(text, sizeof text, 0, NULL);
        assert_message(rows[i].want,
                       alx_config_parse(&config, text, "bad.ini", &rows[i].override, 1),
                       ALX_E_USAGE);
    }
}

/* ---- files --------------------------------------------------------------------------------- */

static void file_that_is_no_config_is_refused(void **state)
{
    static char large[(1 << 20) + 1];
    alx_config config;
    char path[] = "/tmp/alexnet-config-XXXXXX", want[256];

    (void)state;
    close(mkstemp(path));
    assert_ok(base_file_write(path, "[net]\0\n", 7));
    snprintf(want, sizeof want, "%s: line 1: not a text file: byte 0x00", path);
    assert_message(want, alx_config_read(&config, path, NULL, 0), ALX_E_USAGE);
    memset(large, ';', sizeof large);
    assert_ok(base_file_write(path, large, sizeof large));
    snprintf(want, sizeof want, "%s: more than 1048576 bytes, too many for what it should be",
             path);
    assert_message(want, alx_config_read(&config, path, NULL, 0), ALX_E_USAGE);
    assert_ok(base_file_write(path, "", 0));
    snprintf(want, sizeof want, "%s: no [net] section", path);
    assert_message(want, alx_config_read(&config, path, NULL, 0), ALX_E_USAGE);
    unlink(path);
    snprintf(want, sizeof want, "%s: no such file or preset; presets are", path);
    assert_message(want, alx_config_read(&config, path, NULL, 0), ALX_E_USAGE);
    assert_message("/tmp: is a folder, not a file", alx_config_read(&config, "/tmp", NULL, 0),
                   ALX_E_USAGE);
    assert_message("/dev/null: not a file", alx_config_read(&config, "/dev/null", NULL, 0),
                   ALX_E_USAGE);
    assert_message("papr: no such file or preset (did you mean paper?)",
                   alx_config_read(&config, "papr", NULL, 0), ALX_E_USAGE);
    assert_message("./paper.ini: no such file or preset",
                   alx_config_read(&config, "./paper.ini", NULL, 0), ALX_E_USAGE);
    assert_message(": no such file or preset", alx_config_read(&config, "", NULL, 0), ALX_E_USAGE);
}

/* `line` in each layer of a small network. */
static int parse_with(const char *line, const char *const *overrides, size_t count)
{
    alx_config config;
    char text[512];

    snprintf(text, sizeof text,
             "[net]\ninput = 8x8x3\nclasses = 2\n[conv1]\nfilters = 2\n"
             "kernel = 3\n%s[fc2]\nunits = classes\n%s[data]\nresize = 8\n",
             line, line);
    return alx_config_parse(&config, text, "net.ini", overrides, count);
}

static void no_layer_learns(void **state)
{
    static const char *const freeze[] = { "conv1.freeze=yes", "fc2.freeze=yes" };

    (void)state;
    assert_message("net.ini:10: [fc2] freeze: no layer learns: ",
                   parse_with("freeze = yes\n", NULL, 0), ALX_E_USAGE);
    assert_message("net.ini:9: [fc2] freeze: no layer learns: ",
                   parse_with("weight-lr = 0\nbias-lr = 0\n", NULL, 0), ALX_E_USAGE);
    assert_message("fc2.freeze=yes: no layer learns: ", parse_with("", freeze, 2), ALX_E_USAGE);
    assert_int_equal(parse_with("", freeze, 1), 0);
    assert_int_equal(parse_with("", freeze + 1, 1), 0);
    assert_int_equal(parse_with("weight-lr = 0\n", NULL, 0), 0);
}

static void unreadable_file_is_refused(void **state)
{
    alx_config config;
    char path[] = "/tmp/alexnet-config-XXXXXX", want[256];

    (void)state;
    close(mkstemp(path));
    assert_int_equal(chmod(path, 0), 0);
    const bool root = geteuid() == 0; /* reads everything: step down meanwhile */

    assert_int_equal(root ? seteuid(65534) : 0, 0);
    const int rc = alx_config_read(&config, path, NULL, 0);

    assert_int_equal(root ? seteuid(0) : 0, 0);
    unlink(path);
    snprintf(want, sizeof want, "%s: cannot be read: Permission denied", path);
    assert_message(want, rc, ALX_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_config_is_good),
        cmocka_unit_test(message_names_line_and_what_is_allowed),
        cmocka_unit_test(borders_are_allowed),
        cmocka_unit_test(ranges_are_those_of_the_manual),
        cmocka_unit_test(a_config_without_layers_is_refused),
        cmocka_unit_test(message_names_the_override),
        cmocka_unit_test(file_that_is_no_config_is_refused),
        cmocka_unit_test(no_layer_learns),
        cmocka_unit_test(unreadable_file_is_refused),
    };

    return cmocka_run_group_tests_name("config errors", tests, NULL, NULL);
}
