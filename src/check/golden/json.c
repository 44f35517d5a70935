/* json.c - attributes of golden cases; whatever the file says is checked before use. */
#include "check/golden/golden.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"

int golden_json(cJSON **out, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    int rc = 0;

    *out = NULL;
    TRY_DONE(base_file_read(&text, &bytes, path));
    *out = cJSON_ParseWithLength(text, bytes);
    if (!cJSON_IsObject(*out)) {
        cJSON_Delete(*out);
        *out = NULL;
        rc = alx_fail(ALX_E_DATA, "%s: not a JSON object", path);
    }
done:
    free(text);
    return rc;
}

int golden_member(const cJSON **out, const cJSON *parent, const char *name)
{
    *out = cJSON_GetObjectItemCaseSensitive(parent, name);
    if (!cJSON_IsObject(*out) && !cJSON_IsArray(*out))
        return alx_fail(ALX_E_DATA, "no object or array \"%s\"", name);
    return 0;
}

int golden_number(double *out, const cJSON *attributes, const char *name, double fallback)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(attributes, name);

    *out = cJSON_IsNumber(item) ? item->valuedouble : fallback;
    if (isnan(*out) || (item != NULL && !cJSON_IsNumber(item)))
        return alx_fail(ALX_E_DATA, "no number \"%s\"", name);
    return 0;
}

int golden_int(int *out, const cJSON *attributes, const char *name, int fallback)
{
    double value = 0.0;

    TRY(golden_number(&value, attributes, name, fallback < 0 ? (double)NAN : fallback));
    if (!(value >= 0.0 && value <= INT_MAX && value == floor(value)))
        return alx_fail(ALX_E_DATA, "\"%s\" is not an integer in 0..%d", name, INT_MAX);
    *out = (int)value;
    return 0;
}

bool golden_flag(const cJSON *attributes, const char *name)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(attributes, name));
}

int golden_numbers(double *out, size_t count, const cJSON *attributes, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(attributes, name), *item = NULL;
    size_t i = 0;

    if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != count)
        return alx_fail(ALX_E_DATA, "\"%s\" is not a list of %zu numbers", name, count);
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsNumber(item))
            return alx_fail(ALX_E_DATA, "\"%s\" is not a list of %zu numbers", name, count);
        out[i++] = item->valuedouble;
    }
    return 0;
}

bool golden_wanted(const alx_check_options *options, const char *group, const char *name,
                   const char *part)
{
    const char *only = options->only;
    const size_t length = strlen(name);

    if (only == NULL || strcmp(only, group) == 0 || strcmp(only, name) == 0)
        return true;
    return part != NULL && strncmp(only, name, length) == 0 && only[length] == '/' &&
           strcmp(only + length + 1, part) == 0;
}
