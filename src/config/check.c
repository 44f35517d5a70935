/* check.c - combinations of keys that cannot be. Sizes of images inside the net are the graph's. */
#include "config/schema.h"

#include "base/try.h"

static int check_towers(const alx_net_config *net, int index, const config_text *text)
{
    const alx_layer_config *layer = &net->layers[index];
    const bool conv = layer->kind == ALX_LAYER_CONV, own = layer->sees == ALX_SEES_OWN;
    const bool whole = layer->towers != ALX_DIVIDE_OUTPUTS;
    const bool after_whole = index > 0 && net->layers[index - 1].towers != ALX_DIVIDE_OUTPUTS;
    const char *outputs = conv ? "filters" : "units";

    if (net->towers == 1)
        return 0;
    if (!whole && layer->outputs % net->towers != 0)
        return config_error(text, layer->name, outputs, "%d cannot be divided among %d towers",
                            layer->outputs, net->towers);
    if (layer->towers == ALX_DIVIDE_INPUTS && (conv || index == 0 || after_whole))
        return config_error(text, layer->name, "towers",
                            "input is for a fully connected layer "
                            "after one that is split");
    if (own && index == 0)
        return config_error(text, layer->name, "sees", "the first layer sees the input; remove it");
    if (own && after_whole)
        return config_error(text, layer->name, "sees",
                            "own is not possible: %s is whole, it has "
                            "no halves",
                            net->layers[index - 1].name);
    if (own && whole)
        return config_error(text, layer->name, "sees", "own is not possible for a whole layer");
    if (own && !conv && net->lrn_across_towers)
        return config_error(text, layer->name, "sees",
                            "own is not possible for a fully connected "
                            "layer with lrn-across-towers");
    if (index + 1 == net->layer_count && !whole)
        return config_error(text, layer->name, "towers",
                            "the last layer must be whole: the loss "
                            "needs all classes in one place");
    return 0;
}

/* Both sides of a convolution, inside one tower, must divide by its groups. */
static int check_groups(const alx_net_config *net, int index, const config_text *text)
{
    const alx_layer_config *layer = &net->layers[index];
    const int before = index == 0 ? net->channels : net->layers[index - 1].outputs;
    const int inputs = layer->sees == ALX_SEES_OWN ? before / net->towers : before;
    const bool split = layer->towers == ALX_DIVIDE_OUTPUTS;
    const int outputs = split ? layer->outputs / net->towers : layer->outputs;

    if (layer->kind == ALX_LAYER_FC)
        return 0;
    if (inputs % layer->groups != 0 || outputs % layer->groups != 0)
        return config_error(text, layer->name, "groups",
                            "%d must divide the channels in (%d) and "
                            "out (%d)%s",
                            layer->groups, inputs, outputs, net->towers > 1 ? " of a tower" : "");
    return 0;
}

static int check_layer(const alx_net_config *net, int index, const config_text *text)
{
    const alx_layer_config *layer = &net->layers[index];
    const bool last = index + 1 == net->layer_count;
    const char *outputs = layer->kind == ALX_LAYER_CONV ? "filters" : "units";

    TRY(check_towers(net, index, text));
    TRY(check_groups(net, index, text));
    if (layer->kind == ALX_LAYER_CONV && layer->pad >= layer->kernel)
        return config_error(text, layer->name, "pad", "must be below the kernel, %d",
                            layer->kernel);
    if (layer->init == ALX_INIT_TORCH && layer->bias != 0.0)
        return config_error(text, layer->name, "bias", "init = torch draws the biases; remove one");
    if (layer->dropout > 0.0 && net->dropout_input && index == 0)
        return config_error(text, layer->name, "dropout",
                            "with dropout-place = input this would "
                            "drop the image");
    if (layer->dropout > 0.0 && !net->dropout_input && last)
        return config_error(text, layer->name, "dropout",
                            "would drop scores of classes; [net] "
                            "dropout-place = input drops what the layer reads");
    if (last && layer->outputs != net->classes)
        return config_error(text, layer->name, outputs,
                            "the last layer has %d, [net] classes is "
                            "%d; write %s = classes",
                            layer->outputs, net->classes, outputs);
    return 0;
}

static int check_data(const alx_config *config, const config_text *text)
{
    const alx_data_config *data = &config->data;
    const alx_net_config *net = &config->net;
    const int side = net->height > net->width ? net->height : net->width;
    const int images = alx_pass_images(&config->train);
    const bool std_given = data->std_value[0] > 0.0;

    if (net->channels != 3)
        return config_error(text, "net", "input", "images have 3 channels, not %d", net->channels);
    if ((int64_t)images * data->resize * data->resize * 3 > INT32_MAX)
        return config_error(text, "train", "batch-size",
                            "%d images of %dx%d, of one pass, are more than 2 GiB; shards cut them",
                            images, data->resize, data->resize);
    if (data->resize + 2 * data->pad < side)
        return config_error(text, "data", "resize",
                            "images of %d with pad %d are smaller than the "
                            "net's input, %dx%d",
                            data->resize, data->pad, net->height, net->width);
    if (data->mean == ALX_MEAN_IMAGE && data->resize < side)
        return config_error(text, "data", "mean",
                            "a mean image of %d is smaller than the net's "
                            "input, %dx%d; take mean = channel",
                            data->resize, net->height, net->width);
    if (data->mean == ALX_MEAN_IMAGE && data->pad > 0 && !data->mean_centre)
        return config_error(text, "data", "mean",
                            "there is no mean image under a crop in the "
                            "padding; take mean = channel, or mean-centre = yes");
    if (data->use_std && data->mean_given != std_given)
        return config_error(text, "data", "std",
                            "mean and std must both be numbers, or both come "
                            "from the training set");
    return 0;
}

static int check_train(const alx_train_config *train, const config_text *text)
{
    if (train->shards > 0 && train->batch_size % train->shards != 0)
        return config_error(text, "train", "shards", "%d do not divide batch-size, %d, equally",
                            train->shards, train->batch_size);
    if ((int64_t)train->shards * train->grad_accum > 65536)
        return config_error(text, "train", "shards",
                            "%d times grad-accum, %d, are more than 65536 passes of an update",
                            train->shards, train->grad_accum);
    if (train->lars > 0.0 && train->sgd_torch)
        return config_error(text, "train", "lars",
                            "the layer's rate is part of the velocity: take sgd = paper, or lars = "
                            "0");
    if (train->schedule == ALX_SCHEDULE_MULTISTEP && train->milestone_count == 0)
        return config_error(text, "train", "milestones",
                            "schedule = multistep needs them, for "
                            "example milestones = 31 41");
    if (train->schedule == ALX_SCHEDULE_COSINE && train->min_lr > train->lr)
        return config_error(text, "train", "min-lr", "%g is above lr, %g", train->min_lr,
                            train->lr);
    return 0;
}

static int check_learning(const alx_net_config *net, const config_text *text)
{
    for (int i = 0; i < net->layer_count; ++i)
        if (net->layers[i].weight_lr > 0.0 || net->layers[i].bias_lr > 0.0)
            return 0;
    return config_error(text, net->layers[net->layer_count - 1].name, "freeze",
                        "no layer learns: one at least needs freeze = no and a rate above 0");
}

int config_check(const alx_config *config, const config_text *text)
{
    for (int i = 0; i < config->net.layer_count; ++i)
        TRY(check_layer(&config->net, i, text));
    TRY(check_learning(&config->net, text));
    TRY(check_data(config, text));
    return check_train(&config->train, text);
}
