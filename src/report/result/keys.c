/* keys.c - structs of texts and numbers as JSON objects and back. */
#include "report/result/keys.h"

#include <stdbool.h>
#include <string.h>

#include "base/name_write.h"

void report_put_texts(cJSON *json, const void *from, const report_text_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const char *text = (const char *)from + keys[i].offset;

        if (text[0] != '\0' || keys[i].required)
            base_json_add_text(json, keys[i].name, text);
    }
}

void report_put_numbers(cJSON *json, const void *from, const report_number_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const double *number = (const void *)((const char *)from + keys[i].offset);

        if (*number != 0.0 || keys[i].required)
            base_json_add_number(json, keys[i].name, *number);
    }
}

int report_get_texts(void *to, const cJSON *json, const report_text_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, keys[i].name);
        char *text = (char *)to + keys[i].offset;

        if (item == NULL && !keys[i].required)
            continue;
        if (!cJSON_IsString(item))
            return alx_fail(ALX_E_DATA, "\"%s\" %s", keys[i].name,
                            item == NULL ? "is missing" : "is not a text");
        if (strlen(item->valuestring) >= keys[i].bytes)
            return alx_fail(ALX_E_DATA, "\"%s\" is longer than %zu bytes", keys[i].name,
                            keys[i].bytes - 1);
        strcpy(text, item->valuestring);
        base_name_read(text);
    }
    return 0;
}

/* Of bytes, times and rates; with others the page's ratios would be no numbers. */
static bool is_measure(double number)
{
    return number == 0.0 || (number >= 1e-15 && number <= 1e15);
}

int report_get_numbers(void *to, const cJSON *json, const report_number_key *keys, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, keys[i].name);
        double *number = (void *)((char *)to + keys[i].offset);

        if (item == NULL && !keys[i].required)
            continue;
        if (!cJSON_IsNumber(item) || !is_measure(item->valuedouble))
            return alx_fail(ALX_E_DATA, "\"%s\" %s", keys[i].name,
                            item == NULL ? "is missing"
                                         : "is not a number from 0 to 1e15, or is below 1e-15");
        *number = item->valuedouble;
    }
    return 0;
}
