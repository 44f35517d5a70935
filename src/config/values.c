/* values.c - the plain types of values: numbers, words, paths. */
#include "config/schema.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"

/* ---- helpers ------------------------------------------------------------------------------- */

int config_refuse(const config_key *key, const char *value)
{
    char allowed[256];

    key->type->describe(key, allowed, sizeof allowed);
    return alx_fail(ALX_E_USAGE, "must be %s, not '%.100s'", allowed, value);
}

/* Whole text is a number in plain notation (strtod would take hexadecimal, inf and nan too). */
static bool is_plain_number(const char *text, const char *characters, const char *end)
{
    return text[0] != '\0' && strspn(text, characters) == strlen(text) && *end == '\0' &&
           errno == 0;
}

bool config_parse_int(long long *out, const char *text)
{
    char *end = NULL;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return is_plain_number(text, "+-0123456789", end);
}

bool config_parse_real(double *out, const char *text)
{
    char *end = NULL;

    errno = 0;
    *out = base_number_read(text, &end);
    if (errno == ERANGE && fabs(*out) < 1.0)
        errno = 0; /* rounds to 0 */
    return is_plain_number(text, "+-.eE0123456789", end);
}

void config_print_real(char *out, size_t bytes, double value)
{
    for (int digits = 6; digits <= 17; ++digits) {
        base_print(out, bytes, "%.*g", digits, value);
        if (base_number_read(out, NULL) == value)
            return;
    }
}

int config_word_index(const char *words, const char *text)
{
    const size_t length = strlen(text);
    const char *word = words;

    for (int index = 0; word != NULL; ++index) {
        const size_t word_length = strcspn(word, " ");

        if (word_length == length && strncmp(word, text, length) == 0)
            return index;
        word = strstr(word, " | ");
        word = word != NULL ? word + strlen(" | ") : NULL;
    }
    return -1;
}

void config_word_at(const char *words, int index, char *out, size_t bytes)
{
    const char *word = words;

    for (; index > 0; --index)
        word = strstr(word, " | ") + strlen(" | ");
    snprintf(out, bytes, "%.*s", (int)strcspn(word, " "), word);
}

bool config_split(config_words *out, const char *value)
{
    char *rest = NULL;

    out->count = 0;
    if (strlen(value) >= sizeof out->text)
        return false;
    memcpy(out->text, value, strlen(value) + 1);
    for (char *word = strtok_r(out->text, " \t,", &rest); word != NULL;
         word = strtok_r(NULL, " \t,", &rest)) {
        if (out->count == CONFIG_MAX_WORDS)
            return false;
        out->word[out->count++] = word;
    }
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------- */

static void int_describe(const config_key *key, char *out, size_t bytes)
{
    base_print(out, bytes, "a whole number from %.0f to %.0f", key->low, key->high);
}

static int int_set(const config_key *key, void *field, const char *value)
{
    long long number = 0;

    if (!config_parse_int(&number, value) || (double)number < key->low ||
        (double)number > key->high)
        return config_refuse(key, value);
    *(int *)field = (int)number;
    return 0;
}

static void int_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    (void)key;
    snprintf(out, CONFIG_VALUE_BYTES, "%d", *(const int *)field);
}

const config_type config_int = { int_describe, int_set, int_print };

static int seed_set(const config_key *key, void *field, const char *value)
{
    long long number = 0;

    if (!config_parse_int(&number, value) || number < 0 || number > UINT32_MAX)
        return config_refuse(key, value);
    *(uint32_t *)field = (uint32_t)number;
    return 0;
}

static void seed_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    (void)key;
    snprintf(out, CONFIG_VALUE_BYTES, "%lu", (unsigned long)*(const uint32_t *)field);
}

const config_type config_seed = { int_describe, seed_set, seed_print };

static void real_describe(const config_key *key, char *out, size_t bytes)
{
    base_print(out, bytes, "a number %s %g %s %g", key->flags & CONFIG_ABOVE ? "above" : "from",
               key->low, key->flags & CONFIG_BELOW ? "to below" : "to", key->high);
}

static int real_set(const config_key *key, void *field, const char *value)
{
    double number = 0.0;
    const bool is_number = config_parse_real(&number, value);
    const bool too_low = key->flags & CONFIG_ABOVE ? number <= key->low : number < key->low;
    const bool too_high = key->flags & CONFIG_BELOW ? number >= key->high : number > key->high;

    if (!is_number || too_low || too_high)
        return config_refuse(key, value);
    *(double *)field = number + 0.0; /* -0 becomes 0 */
    return 0;
}

static void real_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    (void)key;
    config_print_real(out, CONFIG_VALUE_BYTES, *(const double *)field);
}

const config_type config_real = { real_describe, real_set, real_print };

/* ---- words --------------------------------------------------------------------------------- */

static void words_describe(const config_key *key, char *out, size_t bytes)
{
    snprintf(out, bytes, "%s", key->allowed);
}

static int flag_set(const config_key *key, void *field, const char *value)
{
    const int index = config_word_index(key->allowed, value);

    if (index < 0)
        return config_refuse(key, value);
    *(bool *)field = index == 1;
    return 0;
}

static void flag_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    config_word_at(key->allowed, *(const bool *)field ? 1 : 0, out, CONFIG_VALUE_BYTES);
}

const config_type config_flag = { words_describe, flag_set, flag_print };

_Static_assert(sizeof(alx_sees) == sizeof(int) && sizeof(alx_colour_kind) == sizeof(int) &&
                   sizeof(alx_schedule_kind) == sizeof(int),
               "config_choice stores enums as int");

static int choice_set(const config_key *key, void *field, const char *value)
{
    const int index = config_word_index(key->allowed, value);

    if (index < 0)
        return config_refuse(key, value);
    memcpy(field, &index, sizeof index);
    return 0;
}

static void choice_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    int index = 0;

    memcpy(&index, field, sizeof index);
    config_word_at(key->allowed, index, out, CONFIG_VALUE_BYTES);
}

const config_type config_choice = { words_describe, choice_set, choice_print };

static int word_set(const config_key *key, void *field, const char *value)
{
    (void)field;
    return config_word_index(key->allowed, value) < 0 ? config_refuse(key, value) : 0;
}

const config_type config_word = { words_describe, word_set, NULL };

/* ---- paths --------------------------------------------------------------------------------- */

static void path_describe(const config_key *key, char *out, size_t bytes)
{
    (void)key;
    snprintf(out, bytes, "a path");
}

#define PATH_MAX_RUN 100 /* write.c needs a place to go on in the next line */

/* Not what inih would cut or this room's reader take for something else. */
static bool path_fits_in_ini(const char *path)
{
    const size_t length = strlen(path);

    for (size_t i = 0; i < length; ++i)
        if (iscntrl((unsigned char)path[i]) || (path[i] == ' ' && path[i + 1] == ';') ||
            strspn(path + i, " ;#") > PATH_MAX_RUN)
            return false;
    const char first = path[0], last = length > 0 ? path[length - 1] : '\0';

    return first != ';' && first != ' ' && last != ' ' && last != '\\';
}

static int path_set(const config_key *key, void *field, const char *value)
{
    const size_t length = strlen(value);

    (void)key;
    if (!path_fits_in_ini(value))
        return alx_fail(ALX_E_USAGE,
                        "an INI file cannot hold this path: no control character, no "
                        "; in front or after a blank, no blank in front or at the end, no \\ at "
                        "the end, not over %d blanks or # in a row",
                        PATH_MAX_RUN);
    if (length >= CONFIG_VALUE_BYTES)
        return alx_fail(ALX_E_USAGE, "path of %zu bytes, %d at most", length,
                        CONFIG_VALUE_BYTES - 1);
    memmove(field, value, length + 1);
    return 0;
}

static void path_print(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES])
{
    (void)key;
    snprintf(out, CONFIG_VALUE_BYTES, "%s", (const char *)field);
}

const config_type config_path = { path_describe, path_set, path_print };
