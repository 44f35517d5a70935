/* values_list.c - values that are lists: normalisations, means and deviations, milestones. */
#include "config/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "base/try.h"

/* ---- norms: name=number words -------------------------------------------------- */

#define NORM_MAX_SIZE 99

static void norm_describe(const config_key *key, char *out, size_t bytes)
{
    (void)key;
    snprintf(out, bytes, "off | on | n=ODD k=NUMBER alpha=NUMBER beta=NUMBER [alpha-over-n]");
}

static int norm_number(alx_lrn_config *norm, const char *word)
{
    const size_t name = strcspn(word, "=");
    double *number = strncmp(word, "k=", 2) == 0       ? &norm->k
                     : strncmp(word, "alpha=", 6) == 0 ? &norm->alpha
                     : strncmp(word, "beta=", 5) == 0  ? &norm->beta
                                                       : NULL;
    long long size = 0;

    if (strncmp(word, "n=", 2) == 0) {
        if (!config_parse_int(&size, word + 2) || size < 1 || size > NORM_MAX_SIZE || size % 2 == 0)
            return alx_fail(ALX_E_USAGE, "%s: must be an odd number from 1 to %d", word,
                            NORM_MAX_SIZE);
        norm->size = (int)size;
        return 0;
    }
    if (number == NULL)
        return alx_fail(ALX_E_USAGE, "unknown word '%s'", word);
    if (!config_parse_real(number, word + name + 1) || *number < 0.0 || *number > 1e6)
        return alx_fail(ALX_E_USAGE, "%s: must be a number from 0 to 1e6", word);
    if (number == &norm->k && norm->k == 0.0) /* an all-zero window would divide by 0 */
        return alx_fail(ALX_E_USAGE, "%s: must be above 0", word);
    return 0;
}

static int norm_words(const config_key *key, alx_lrn_config *norm, const char *value)
{
    config_words words;

    if (!config_split(&words, value) || words.count == 0)
        return config_refuse(key, value);
    for (int i = 0; i < words.count; ++i) {
        for (int j = 0; j < i; ++j)
            if (strncmp(words.word[i], words.word[j], strcspn(words.word[i], "=") + 1) == 0)
                return alx_fail(ALX_E_USAGE, "'%s' after '%s'", words.word[i], words.word[j]);
        if (strcmp(words.word[i], "alpha-over-n") == 0)
            norm->alpha_over_n = true;
        else
            TRY(norm_number(norm, words.word[i]));
    }
    return 0;
}

/* What is not said is what the key's row says. */
static int norm_set(const config_key *key, void *field, const char *value)
{
    alx_lrn_config *norm = field;

    memset(norm, 0, sizeof *norm);
    if (strcmp(value, "off") == 0)
        return 0;
    norm->on = true;
    TRY(norm_words(key, norm, key->allowed));
    return strcmp(value, "on") == 0 ? 0 : norm_words(key, norm, value);
}

static void norm_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_lrn_config *norm = field;
    char k[32], alpha[32], beta[32];

    (void)key;
    config_print_real(k, sizeof k, norm->k);
    config_print_real(alpha, sizeof alpha, norm->alpha);
    config_print_real(beta, sizeof beta, norm->beta);
    if (norm->on)
        snprintf(out, CONFIG_VALUE_BYTES, "n=%d k=%s alpha=%s beta=%s%s", norm->size, k, alpha,
                 beta, norm->alpha_over_n ? " alpha-over-n" : "");
    else
        snprintf(out, CONFIG_VALUE_BYTES, "off");
}

const config_type config_norm = { norm_describe, norm_set, norm_print };

/* ---- mean, std: a word or three numbers ---------------------------------------------------- */

static void allowed_describe(const config_key *key, char *out, size_t bytes)
{
    snprintf(out, bytes, "%s", key->allowed);
}

/* Reads "R G B". @return false if it is anything else */
static bool parse_channels(double out[3], const char *value)
{
    config_words words;

    if (!config_split(&words, value) || words.count != 3)
        return false;
    for (int i = 0; i < 3; ++i)
        if (!config_parse_real(&out[i], words.word[i]))
            return false;
    return true;
}

static void print_channels(char out[CONFIG_VALUE_BYTES], const double values[3])
{
    char text[3][32];

    for (int i = 0; i < 3; ++i)
        config_print_real(text[i], sizeof text[i], values[i]);
    snprintf(out, CONFIG_VALUE_BYTES, "%s %s %s", text[0], text[1], text[2]);
}

static int mean_set(const config_key *key, void *field, const char *value)
{
    alx_data_config *data = field;
    const int index = config_word_index("none | image | channel | scalar", value);
    double values[3];

    if (index < 0 && !parse_channels(values, value))
        return config_refuse(key, value);
    data->mean = index >= 0 ? (alx_mean_kind)index : ALX_MEAN_CHANNEL;
    data->mean_given = index < 0;
    if (data->mean_given)
        memcpy(data->mean_value, values, sizeof values);
    return 0;
}

static void mean_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_data_config *data = field;

    if (data->mean_given)
        print_channels(out, data->mean_value);
    else
        config_word_at(key->allowed, (int)data->mean, out, CONFIG_VALUE_BYTES);
}

const config_type config_mean = { allowed_describe, mean_set, mean_print };

static int std_set(const config_key *key, void *field, const char *value)
{
    alx_data_config *data = field;
    const int index = config_word_index("none | channel", value);
    double values[3];

    if (index < 0 && (!parse_channels(values, value) || values[0] <= 0.0 || values[1] <= 0.0 ||
                      values[2] <= 0.0))
        return config_refuse(key, value);
    data->use_std = index != 0;
    if (index < 0)
        memcpy(data->std_value, values, sizeof values);
    return 0;
}

static void std_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_data_config *data = field;

    if (data->use_std && data->std_value[0] > 0.0)
        print_channels(out, data->std_value);
    else
        config_word_at(key->allowed, data->use_std ? 1 : 0, out, CONFIG_VALUE_BYTES);
}

const config_type config_std = { allowed_describe, std_set, std_print };

/* ---- milestones ---------------------------------------------------------------------------- */

static void milestones_describe(const config_key *key, char *out, size_t bytes)
{
    base_print(out, bytes, "up to %d rising whole numbers from %.0f to %.0f", ALX_MAX_MILESTONES,
               key->low, key->high);
}

static int milestones_set(const config_key *key, void *field, const char *value)
{
    alx_train_config *train = field;
    config_words words;
    long long number = 0, before = 0;

    if (!config_split(&words, value) || words.count > ALX_MAX_MILESTONES)
        return config_refuse(key, value);
    for (int i = 0; i < words.count; ++i) {
        if (!config_parse_int(&number, words.word[i]) || number <= before ||
            (double)number > key->high)
            return config_refuse(key, value);
        before = number;
        train->milestones[i] = (int)number;
    }
    train->milestone_count = words.count;
    return 0;
}

static void milestones_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    const alx_train_config *train = field;

    (void)key;
    out[0] = '\0';
    for (int i = 0; i < train->milestone_count; ++i)
        snprintf(out + strlen(out), 16, "%s%d", i > 0 ? " " : "", train->milestones[i]);
}

const config_type config_milestones = { milestones_describe, milestones_set, milestones_print };
