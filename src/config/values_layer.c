/* values_layer.c - values of [net] and its layers that are more than one number or word. */
#include "config/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"

static void allowed_describe(const config_key *key, char *out, size_t bytes)
{
    snprintf(out, bytes, "%s", key->allowed);
}

/* ---- input: HxWxC -------------------------------------------------------------------------- */

#define INPUT_MAX_SIDE 4096

static int input_set(const config_key *key, void *field, const char *value)
{
    alx_net_config *net = field;
    int height = 224, width = 224, channels = 3, end = 0;

    if (strcmp(value, "224-ceil") != 0 && strcmp(value, "224-pad2") != 0) {
        if (strlen(value) > 15 || strspn(value, "0123456789x") != strlen(value) ||
            sscanf(value, "%4dx%4dx%4d%n", &height, &width, &channels, &end) != 3 ||
            value[end] != '\0')
            return config_refuse(key, value);
        if (height < 1 || width < 1 || channels < 1 || height > INPUT_MAX_SIDE ||
            width > INPUT_MAX_SIDE || channels > INPUT_MAX_SIDE)
            return alx_fail(ALX_E_USAGE, "%s: sizes must be from 1 to %d", value, INPUT_MAX_SIDE);
    }
    net->height = height;
    net->width = width;
    net->channels = channels;
    return 0;
}

static void input_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_net_config *net = field;

    (void)key;
    snprintf(out, CONFIG_VALUE_BYTES, "%dx%dx%d", net->height, net->width, net->channels);
}

const config_type config_input = { allowed_describe, input_set, input_print };

/* ---- filters, units: the kind of the layer, and its outputs ------------------------------- */

static void outputs_describe(const config_key *key, char *out, size_t bytes)
{
    base_print(out, bytes, "a whole number from %.0f to %.0f, or the word classes", key->low,
               key->high);
}

/* "classes" leaves 0, for resolve.c. */
static int outputs_set(const config_key *key, void *field, const char *value)
{
    alx_layer_config *layer = field;
    long long number = 0;

    if (strcmp(value, "classes") != 0 && (!config_parse_int(&number, value) ||
                                          (double)number < key->low || (double)number > key->high))
        return config_refuse(key, value);
    layer->kind = key->type == &config_filters ? ALX_LAYER_CONV : ALX_LAYER_FC;
    layer->outputs = (int)number;
    return 0;
}

static void outputs_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_layer_config *layer = field;
    const bool conv = key->type == &config_filters;

    out[0] = '\0';
    if (conv == (layer->kind == ALX_LAYER_CONV))
        snprintf(out, CONFIG_VALUE_BYTES, "%d", layer->outputs);
}

const config_type config_filters = { outputs_describe, outputs_set, outputs_print };
const config_type config_units = { outputs_describe, outputs_set, outputs_print };

/* ---- activation ---------------------------------------------------------------------------- */

#define LEAKY_SLOPE 0.01

static int activation_set(const config_key *key, void *field, const char *value)
{
    alx_layer_config *layer = field;
    config_words words;
    double slope = LEAKY_SLOPE;

    if (!config_split(&words, value) || words.count == 0)
        return config_refuse(key, value);
    const int index = config_word_index(key->allowed, words.word[0]);
    const bool leaky = index == ALX_ACT_LEAKY;

    if (index < 0 || words.count > 1 + leaky ||
        (words.count == 2 &&
         (!config_parse_real(&slope, words.word[1]) || slope < 0.0 || slope >= 1.0)))
        return config_refuse(key, value);
    layer->activation = (alx_activation)index;
    layer->slope = leaky ? slope : 0.0;
    return 0;
}

static void activation_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_layer_config *layer = field;

    config_word_at(key->allowed, (int)layer->activation, out, CONFIG_VALUE_BYTES);
    if (layer->activation == ALX_ACT_LEAKY) {
        strcat(out, " ");
        config_print_real(out + strlen(out), 32, layer->slope);
    }
}

const config_type config_activation = { allowed_describe, activation_set, activation_print };

/* ---- pool ---------------------------------------------------------------------------------- */

#define POOL_MAX_KERNEL 64

static int pool_set(const config_key *key, void *field, const char *value)
{
    alx_pool_config *pool = field;
    config_words words;
    int kernel = 0, stride = 0, end = 0;

    memset(pool, 0, sizeof *pool);
    if (strcmp(value, "off") == 0)
        return 0;
    if (!config_split(&words, value) || words.count < 2 || strcmp(words.word[0], "max") != 0 ||
        sscanf(words.word[1], "%3d/%3d%n", &kernel, &stride, &end) != 2 ||
        words.word[1][end] != '\0')
        return config_refuse(key, value);
    for (int i = 2; i < words.count; ++i) {
        bool *option = strcmp(words.word[i], "ceil") == 0       ? &pool->ceil
                       : strcmp(words.word[i], "all-ties") == 0 ? &pool->all_ties
                                                                : NULL;
        if (option == NULL || *option)
            return config_refuse(key, value);
        *option = true;
    }
    if (kernel < 1 || kernel > POOL_MAX_KERNEL || stride < 1 || stride > kernel)
        return alx_fail(ALX_E_USAGE, "%s: kernel must be from 1 to %d, stride from 1 to the kernel",
                        value, POOL_MAX_KERNEL);
    pool->on = true;
    pool->kernel = kernel;
    pool->stride = stride;
    return 0;
}

static void pool_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_pool_config *pool = field;

    (void)key;
    if (pool->on)
        snprintf(out, CONFIG_VALUE_BYTES, "max %d/%d%s%s", pool->kernel, pool->stride,
                 pool->ceil ? " ceil" : "", pool->all_ties ? " all-ties" : "");
    else
        snprintf(out, CONFIG_VALUE_BYTES, "off");
}

const config_type config_pool = { allowed_describe, pool_set, pool_print };

/* ---- order --------------------------------------------------------------------------------- */

/* Its words are the keys of what may follow the weights, in the order of alx_node_kind. */
static void order_describe(const config_key *key, char *out, size_t bytes)
{
    size_t at = (size_t)snprintf(out, bytes, "a list of ");
    char word[32];

    for (int kind = 0; kind < (int)ALX_NODE_CONV; ++kind) {
        config_word_at(key->allowed, kind, word, sizeof word);
        at += (size_t)snprintf(out + at, bytes - at, "%s, ", word);
    }
    snprintf(out + at, bytes - at, "each at most once");
}

static int order_set(const config_key *key, void *field, const char *value)
{
    alx_layer_config *layer = field;
    config_words words;
    unsigned seen = 0;

    if (!config_split(&words, value) || words.count > ALX_MAX_STAGES)
        return config_refuse(key, value);
    for (int i = 0; i < words.count; ++i) {
        const int stage = config_word_index(key->allowed, words.word[i]);

        if (stage < 0 || (seen & 1u << stage) != 0)
            return config_refuse(key, value);
        seen |= 1u << stage;
        layer->order[i] = (alx_node_kind)stage;
    }
    layer->order_count = words.count;
    return 0;
}

static void order_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_layer_config *layer = field;

    out[0] = '\0';
    for (int i = 0; i < layer->order_count; ++i) {
        strcat(out, i > 0 ? " " : "");
        config_word_at(key->allowed, (int)layer->order[i], out + strlen(out), 32);
    }
}

const config_type config_order = { order_describe, order_set, order_print };

/* ---- initial weights, freezing ------------------------------------------------------------- */

static int init_set(const config_key *key, void *field, const char *value)
{
    alx_layer_config *layer = field;
    config_words words;
    double std = 0.0;

    if (!config_split(&words, value) || words.count == 0)
        return config_refuse(key, value);
    const int index = config_word_index(key->allowed, words.word[0]);
    const bool gauss = index == ALX_INIT_GAUSS;

    if (index < 0 || words.count != 1 + gauss)
        return config_refuse(key, value);
    if (gauss && (!config_parse_real(&std, words.word[1]) || std < 0.0 || std > 1000.0))
        return alx_fail(ALX_E_USAGE, "STD must be a number from 0 to 1000, not '%s'",
                        words.word[1]);
    layer->init = (alx_init_kind)index;
    layer->init_std = std;
    return 0;
}

static void init_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_layer_config *layer = field;

    config_word_at(key->allowed, (int)layer->init, out, CONFIG_VALUE_BYTES);
    if (layer->init == ALX_INIT_GAUSS) {
        strcat(out, " ");
        config_print_real(out + strlen(out), 32, layer->init_std);
    }
}

const config_type config_init = { allowed_describe, init_set, init_print };

static int freeze_set(const config_key *key, void *field, const char *value)
{
    alx_layer_config *layer = field;
    const int index = config_word_index(key->allowed, value);

    if (index < 0)
        return config_refuse(key, value);
    if (index == 1)
        layer->weight_lr = layer->bias_lr = 0.0;
    return 0;
}

const config_type config_freeze = { allowed_describe, freeze_set, NULL };
