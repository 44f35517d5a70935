/* preprocess.c - what pixels become before a network sees them: that belongs to its weights. */
#include "alexnet/log.h"
#include "base/numbers.h"
#include "base/try.h"
#include "train/checkpoint/checkpoint.h"
#include "train/weights/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ImageNet's means in red, green, blue; Caffe's own, which its ilsvrc_2012_mean.npy averages to. */
#define IMAGENET_MEAN                                                                              \
    {                                                                                              \
        122.67891434, 116.66876762, 104.00698793                                                   \
    }

static const weights_preprocess presets[] = {
    { .name = "torchvision",
      .says = "pixels / 255, minus 0.485 0.456 0.406, over 0.229 0.224 0.225",
      .unit_scale = true,
      .mean = { 0.485, 0.456, 0.406 },
      .std = { 0.229, 0.224, 0.225 },
      .use_std = true },
    { .name = "caffe",
      .says = "blue, green, red of 0 to 255, minus 104.007 116.669 122.679",
      .mean = IMAGENET_MEAN,
      .bgr = true },
    { .name = "paper",
      .says = "red, green, blue of 0 to 255, minus 122.679 116.669 104.007",
      .mean = IMAGENET_MEAN },
};

int train_preprocess_find(const weights_preprocess **out, const char *name)
{
    for (size_t i = 0; i < ALX_COUNT(presets); ++i)
        if (strcmp(presets[i].name, name) == 0) {
            *out = &presets[i];
            return 0;
        }
    return alx_fail(ALX_E_USAGE, "no preprocessing '%s': there are torchvision, caffe and paper",
                    name);
}

static const weights_preprocess *named(const char *name)
{
    const weights_preprocess *found = NULL;

    return train_preprocess_find(&found, name) == 0 ? found : NULL;
}

const weights_preprocess *train_preprocess_of(const weights_file *file)
{
    const bool torch = alx_weights_file_format(file->file) == ALX_WEIGHTS_TORCH ||
                       base_lookup_find(file->lookup, "features.0.weight", 17) >= 0;

    return file->bgr ? named("caffe") : torch ? named("torchvision") : NULL;
}

/* Numbers that a file of weights does not have. */
static bool wants_statistics(const alx_data_config *data)
{
    return !data->mean_given && (data->mean != ALX_MEAN_NONE || data->use_std);
}

static void apply(alx_data_config *data, const weights_preprocess *preprocess)
{
    data->unit_scale = preprocess->unit_scale;
    data->mean = ALX_MEAN_CHANNEL;
    data->mean_given = true;
    data->mean_centre = false;
    data->use_std = preprocess->use_std;
    memcpy(data->mean_value, preprocess->mean, sizeof data->mean_value);
    memcpy(data->std_value, preprocess->std, sizeof data->std_value);
}

static int check_input(const weights_file *file, const alx_weights_input *input)
{
    if (isfinite(input->scale) && input->scale >= 0.0 && isfinite(input->mean[0]) &&
        isfinite(input->mean[1]) && isfinite(input->mean[2]))
        return 0;
    return alx_fail(ALX_E_DATA, "%s: pixels are multiplied by %g, less %g %g %g", file->path,
                    input->scale, input->mean[0], input->mean[1], input->mean[2]);
}

static bool says_pixels(const alx_weights_input *input)
{
    return input->mean_count > 0 || input->mean_file != NULL ||
           (input->scale != 0.0 && input->scale != 1.0);
}

/* What the model says, or else the text beside it that its network is from. */
static const alx_weights_input *pixels_of(const weights_file *file)
{
    const alx_weights_input *own = alx_weights_file_input(file->file);

    return says_pixels(own) || file->text == NULL ? own : alx_weights_file_input(file->text);
}

/* What a file of Caffe's subtracts and multiplies by itself, in blue, green, red; or what lies
 * beside it. */
static int apply_own(alx_checkpoint *out, const weights_file *file)
{
    const alx_weights_input *input = pixels_of(file);
    alx_data_config *data = &out->config.data;
    bool taken = false;

    TRY(check_input(file, input));
    for (int c = 0; c < 3 && (input->mean_count == 1 || input->mean_count == 3); ++c)
        data->mean_value[c] = input->mean[input->mean_count == 3 ? 2 - c : 0];
    data->use_std = input->scale != 0.0 && input->scale != 1.0;
    for (int c = 0; c < 3 && data->use_std; ++c)
        data->std_value[c] = 1.0 / input->scale;
    if (input->mean_count == 0)
        TRY(train_weights_take_mean(&taken, out, file, input->mean_file));
    if (input->mean_file != NULL && input->mean_count == 0 && !taken)
        alx_warn("%s subtracts the image %s, which is not beside it: ImageNet's means are "
                 "subtracted",
                 file->path, input->mean_file);
    return 0;
}

/* Caffe's file may have numbers of its own. */
static void say(const weights_preprocess *chosen, const alx_data_config *data)
{
    const double *mean = data->mean_value;

    if (chosen->bgr && memcmp(mean, chosen->mean, sizeof chosen->mean) != 0)
        alx_info("preprocess  %s: blue, green, red of 0 to 255, minus %.6g %.6g %.6g%s",
                 chosen->name, mean[2], mean[1], mean[0], data->use_std ? ", scaled" : "");
    else
        alx_info("preprocess  %s: %s", chosen->name, chosen->says);
}

/* What to warn of: names of Caffe's alone are what convert gives to weights of any pixels. */
static const weights_preprocess *expected_of(const weights_file *file)
{
    return file->turned ? NULL : train_preprocess_of(file);
}

#define PIXELS_BYTES 256

/* "pixels / 255, minus 0.485 0.456 0.406, over 0.229 0.224 0.225" */
static void print_pixels(char out[PIXELS_BYTES], const alx_data_config *data)
{
    const double *mean = data->mean_value, *std = data->std_value;
    size_t at = (size_t)snprintf(out, PIXELS_BYTES, "pixels %s",
                                 data->unit_scale ? "/ 255" : "of 0 to 255");

    if (data->mean_given)
        at += (size_t)base_print(out + at, PIXELS_BYTES - at, ", minus %.6g %.6g %.6g", mean[0],
                                 mean[1], mean[2]);
    if (data->mean_given && data->use_std)
        base_print(out + at, PIXELS_BYTES - at, ", over %.6g %.6g %.6g", std[0], std[1], std[2]);
}

static void take_pixels(alx_data_config *data, const alx_data_config *from)
{
    data->unit_scale = from->unit_scale;
    data->mean = from->mean;
    data->mean_centre = from->mean_centre;
    data->mean_given = from->mean_given;
    data->use_std = from->use_std;
    memcpy(data->mean_value, from->mean_value, sizeof data->mean_value);
    memcpy(data->std_value, from->std_value, sizeof data->std_value);
}

/* Beside a config that says pixels in numbers, its own count. */
static int meet_stored(alx_data_config *data, const weights_file *file)
{
    alx_config inside;
    char own[PIXELS_BYTES], theirs[PIXELS_BYTES];

    TRY(alx_fail_context(train_stored_config(&inside, file->config, "config inside"), "%s",
                         file->path));
    if (wants_statistics(&inside.data))
        return 0;
    print_pixels(theirs, &inside.data);
    print_pixels(own, data);
    if (wants_statistics(data)) {
        take_pixels(data, &inside.data);
        alx_info("preprocess  as the config inside %s says: %s", file->path, theirs);
    } else if (strcmp(own, theirs) != 0) {
        alx_warn("the config inside %s says %s; the one that is given decides: %s", file->path,
                 theirs, own);
    }
    return 0;
}

int train_preprocess_meet(alx_data_config *data, const weights_file *file)
{
    const weights_preprocess *usual = expected_of(file);

    if (file->config != NULL)
        return meet_stored(data, file);
    if (usual != NULL && !wants_statistics(data) && usual->unit_scale != data->unit_scale)
        alx_warn("%s has the looks of weights that want --preprocess %s, which is not what the "
                 "config does: %s",
                 file->path, usual->name, usual->says);
    return 0;
}

/* What the config says, where it says all; else what the file's maker does. */
int train_preprocess_settle(alx_checkpoint *out, weights_file *file, const char *asked,
                            bool config_decides)
{
    const weights_preprocess *usual = train_preprocess_of(file), *chosen = NULL;
    const weights_preprocess *expected = expected_of(file);
    alx_data_config *data = &out->config.data;

    if (asked != NULL) {
        TRY(train_preprocess_find(&chosen, asked));
        if (expected != NULL && chosen != expected)
            alx_warn("%s has the looks of weights that want --preprocess %s, not %s: %s",
                     file->path, expected->name, chosen->name, expected->says);
    } else if (!config_decides || wants_statistics(data)) {
        chosen = usual != NULL ? usual : named("paper");
    }
    if (chosen == NULL)
        return 0;
    apply(data, chosen);
    if (chosen->bgr)
        TRY(apply_own(out, file));
    file->bgr = chosen->bgr || file->turned;
    say(chosen, data);
    return 0;
}
