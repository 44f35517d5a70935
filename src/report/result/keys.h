/* keys.h - structs of texts and numbers as JSON objects and back, both by the same tables. */
#ifndef REPORT_KEYS_H
#define REPORT_KEYS_H

#include <stddef.h>

#include "alexnet/dev/report.h"
#include "base/json.h"

typedef struct report_text_key {
    const char *name;
    size_t offset, bytes;
    bool required;
} report_text_key;

/** Of a double. */
typedef struct report_number_key {
    const char *name;
    size_t offset;
    bool required;
} report_number_key;

#define REPORT_TEXT(type, field, required)                                                         \
    {                                                                                              \
#field, offsetof(type, field), sizeof(((type *)0)->field), required                        \
    }
#define REPORT_NUMBER(type, field, required)                                                       \
    {                                                                                              \
#field, offsetof(type, field), required                                                    \
    }

/* What is empty or 0 and not required is left out. */
void report_put_texts(cJSON *json, const void *from, const report_text_key *keys, size_t count);
void report_put_numbers(cJSON *json, const void *from, const report_number_key *keys, size_t count);

/* What is not there and not required stays as it is.
   @return 0; ALX_E_DATA with the key: it is missing, no text, too long, no number from 0 to 1e15,
   or above 0 but below 1e-15 */
int report_get_texts(void *to, const cJSON *json, const report_text_key *keys,
                     size_t count) ALX_MUST_USE;
int report_get_numbers(void *to, const cJSON *json, const report_number_key *keys,
                       size_t count) ALX_MUST_USE;

#endif
