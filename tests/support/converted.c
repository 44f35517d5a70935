/* converted.c - a small network's weights in another format, and what they answer. */
#include "support/converted.h"

#include <stdio.h>

#include "alexnet/dev/train.h"
#include "support/device.h"
#include "support/folder.h"

#define WEIGHTS TEST_DIR "/data/weights/"

/* That of make_weight_files.py's Small. */
static const char small_text[] = "[net]\ninput = 4x4x3\nclasses = 3\ndropout-place = input\n"
                                 "dropout-form = %s\n"
                                 "[conv1]\nfilters = 4\nkernel = 3\npad = 1\npool = max 2/2\n"
                                 "[conv2]\nfilters = 2\nkernel = 3\npad = 1\ngroups = 2\n"
                                 "[fc3]\nunits = 5\ndropout = 0.5\n"
                                 "[fc4]\nunits = 3\n";

void test_small_config(alx_config *config, const char *form)
{
    char text[1024];

    snprintf(text, sizeof text, small_text, form);
    assert_ok(alx_config_parse(config, text, "small", NULL, 0));
}

const char *test_own_path(const char *name)
{
    return test_folder_path(&test_own_folder, name);
}

void test_convert(const char *from, const char *to, const alx_config *config, const char *naming)
{
    assert_ok(alx_convert(&(alx_conversion){
        .from = { .path = from, .config = config }, .to = to, .naming = naming }));
}

void test_answer(float got[3], const alx_model_weights *weights)
{
    const alx_model_options how = { .batch = 1, .keep_outputs = true, .workers = 1 };
    static const char *const picture = WEIGHTS "answers/20.png";
    alx_device *dev = test_device();
    alx_model *model = NULL;
    alx_dataset *set = NULL;

    assert_ok(alx_model_open_weights(&model, weights));
    const alx_net_config *net = &alx_model_checkpoint(model)->config.net;

    assert_ok(alx_model_build(model, &dev, 1, &how));
    assert_ok(alx_dataset_of_images(&set, &picture, 1));
    assert_ok(alx_model_features(got, model, set, net->layers[net->layer_count - 1].name));
    alx_dataset_close(set);
    alx_model_close(model);
}
