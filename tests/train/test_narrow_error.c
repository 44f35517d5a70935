/* test_narrow_error.c - what two bytes a number cost a network of one product, by hand. */
#include <math.h>

#include "alexnet/dev/train.h"
#include "base/rng.h"
#include "support/converted.h"
#include "support/device.h"
#include "support/folder.h"

enum { IMAGES = 4, CHANNELS = 3, PIXELS = 3 * 3, INPUTS = PIXELS * CHANNELS, CLASSES = 2 };

static const char text[] = "[net]\ninput = 3x3x3\nclasses = 2\n[fc1]\nunits = classes\n";

/* Noise of -2 to 2, the same for every network of this input. Images have their channels last,
 * weights first. */
static float noise(int image, int weight)
{
    const int channel = weight / PIXELS, pixel = weight % PIXELS;
    uint32_t words[4];

    base_rng_words(words, 0, BASE_RNG_TEST, 0,
                   (uint64_t)((image * PIXELS + pixel) * CHANNELS + channel));
    return 4.0f * base_rng_unit(words[0]) - 2.0f;
}

static void write_network(const char *path, const float *weights, const float *biases)
{
    alx_device *dev = test_device();
    alx_checkpoint checkpoint = { .class_count = 0 };
    alx_net *net = NULL;

    assert_ok(alx_config_parse(&checkpoint.config, text, "product", NULL, 0));
    assert_ok(
        alx_net_create(&net, &checkpoint.config.net, &dev, 1, &(alx_net_options){ .batch = 1 }));
    assert_ok(alx_net_set_param(net, 0, ALX_PARAM_VALUE, weights));
    assert_ok(alx_net_set_param(net, 1, ALX_PARAM_VALUE, biases));
    assert_ok(alx_checkpoint_write(path, &checkpoint, net));
    alx_net_free(net);
}

static float narrowed(float value)
{
    uint16_t bits = 0;
    float out = 0.0f;

    alx_narrow(&bits, &value, 1, ALX_BF16);
    const alx_st_tensor tensor = { .name = "x", .dtype = ALX_BF16, .count = 1, .data = &bits };

    assert_ok(alx_safetensors_floats(&out, NULL, &tensor, 0, 1));
    return out;
}

/* One image and one class at a time has by far the largest logit: its weights are its noise. */
static void the_error_is_that_of_the_largest_logit(void **state)
{
    alx_device *dev = test_device();

    (void)state;
    for (int largest = 0; largest < IMAGES * CLASSES; ++largest) {
        float weights[CLASSES * INPUTS], biases[CLASSES] = { 0.25f, -0.125f };
        double off = 0.0, most = 0.0, most_logit = 0.0;
        char from[512];

        for (int k = 0; k < CLASSES * INPUTS; ++k)
            weights[k] = noise(largest / CLASSES, k % INPUTS) *
                         (k / INPUTS == largest % CLASSES ? 1.0f : 0.01f);
        snprintf(from, sizeof from, "%s", test_own_path("wide"));
        write_network(from, weights, biases);
        const alx_conversion what = { .from = { .path = from },
                                      .to = test_own_path("narrow.safetensors"),
                                      .dtype = "bf16" };

        assert_ok(alx_convert(&what));
        assert_ok(alx_convert_error(&off, &dev, 1, &what));
        for (int i = 0; i < IMAGES * CLASSES; ++i) {
            const int image = i / CLASSES, class = i % CLASSES;
            double wide = biases[class], error = narrowed(biases[class]) - wide;

            for (int k = 0; k < INPUTS; ++k) {
                const float w = weights[class * INPUTS + k];

                wide += (double)w * noise(image, k);
                error += ((double)narrowed(w) - w) * noise(image, k);
            }
            most = fmax(most, fabs(error));
            most_logit = fmax(most_logit, fabs(wide));
        }
        print_message("logit %d: off by %.3e, by hand %.3e\n", largest, off, most / most_logit);
        assert_true(most > 0.0 && fabs(off - most / most_logit) < 1e-3 * most / most_logit);
    }
}

static int close_all(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(the_error_is_that_of_the_largest_logit),
    };

    return cmocka_run_group_tests_name("narrow_error", tests, test_own_folder_make, close_all);
}
