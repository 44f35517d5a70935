/* test_defaults.c - what every key is where the file does not say it. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/config.h"

/* What has no default, and nothing else. */
static const char shortest[] = "[net]\ninput = 40x48x3\nclasses = 7\n"
                               "[first]\nfilters = 4\nkernel = 3\n"
                               "[second]\nfilters = 6\nkernel = 5\n"
                               "[third]\nunits = 8\n"
                               "[last]\nunits = classes\n";

/* The paper's numbers where it has them (momentum 0.9, decay 0.0005 of weights alone, batches of
 * 128, 90 epochs, a rate of 0.01 that falls by 10 up to three times, gauss 0.01), PyTorch's for the
 * patience of a plateau and a slope's rate. */
static const char *const written[] = {
    "\n[net]\ninput = 40x48x3\nclasses = 7\ntowers = 1\nlrn-across-towers = no\n"
    "dropout-form = classic\ndropout-place = output\n",
    "\n[first]\nfilters = 4\nkernel = 3\nstride = 1\npad = 0\nrounding = floor\ngroups = 1\n"
    "sees = both\ntowers = split\nactivation = relu\nlrn = off\nspatial-norm = off\npool = off\n"
    "adaptive-pool = 0\norder = activation\ndropout = 0\ninit = gauss 0.01\nbias = 0\n"
    "weight-lr = 1\nbias-lr = 1\nweight-decay = 1\nbias-decay = 0\n",
    "\n[second]\nfilters = 6\nkernel = 5\nstride = 1\npad = 0\nrounding = floor\ngroups = 1\n"
    "sees = own\ntowers = split\nactivation = relu\nlrn = off\nspatial-norm = off\npool = off\n"
    "adaptive-pool = 0\norder = activation\ndropout = 0\ninit = gauss 0.01\nbias = 0\n"
    "weight-lr = 1\nbias-lr = 1\nweight-decay = 1\nbias-decay = 0\n",
    "\n[third]\nunits = 8\nsees = both\ntowers = split\nactivation = relu\norder = activation\n"
    "dropout = 0\ninit = gauss 0.01\nbias = 0\nweight-lr = 1\nbias-lr = 1\nweight-decay = 1\n"
    "bias-decay = 0\n",
    "\n[last]\nunits = classes\nsees = both\ntowers = whole\nactivation = none\ndropout = 0\n"
    "init = gauss 0.01\nbias = 0\nweight-lr = 1\nbias-lr = 1\nweight-decay = 1\nbias-decay = 0\n",
    "\n[data]\nresize = 48\npad = 0\nrandom-crop = yes\nmirror = yes\ncolour = off\n"
    "colour-sigma = 0.1\ncolour-clip = no\ndivide = 1\nunit-scale = no\nmean = channel\n"
    "mean-centre = no\nstd = none\nvalidation = 0\n",
    "\n[train]\nepochs = 90\nbatch-size = 128\ngrad-accum = 1\nshards = 0\nlr = 0.01\n"
    "momentum = 0.9\nweight-decay = 0.0005\nsgd = paper\nclip-norm = 0\nlars = 0\nschedule = "
    "constant\ngamma "
    "= 0.1\n"
    "step-epochs = 30\nplateau-signal = error\npatience = 5\nmax-drops = 3\nmin-lr = 0\n"
    "warmup-epochs = 0\nscale-batch = 0\nseed = 0\n",
};

static void of_every_key(void **state)
{
    alx_config config;
    char *text = NULL;

    (void)state;
    assert_ok(alx_config_parse(&config, shortest, "shortest", NULL, 0));
    assert_ok(alx_config_write(&text, &config));
    const char *at = strchr(text, '\n') + 1; /* after a comment */

    for (size_t i = 0; i < ALX_COUNT(written); ++i) {
        const size_t length = strlen(written[i]);

        if (strncmp(at, written[i], length) != 0)
            fail_msg("want:%s\ngot: %s", written[i], at);
        at += length;
    }
    assert_string_equal(at, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_key),
    };

    return cmocka_run_group_tests_name("defaults", tests, NULL, NULL);
}
