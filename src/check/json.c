/* json.c - the lines of a check for machines. */
#include "base/json.h"
#include "alexnet/dev/check.h"

static cJSON *line_json(const alx_check_line *line)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_text(object, "check", line->name);
    base_json_add_bool(object, "pass", !line->fails);
    base_json_add_number(object, "error", line->error);
    base_json_add_number(object, "limit", line->limit);
    base_json_add_text(object, "worst", line->worst);
    base_json_add_number(object, "comparisons", (double)line->count);
    return object;
}

int alx_check_json(char **text, const alx_check_total *total)
{
    cJSON *tree = cJSON_CreateArray();

    *text = NULL;
    if (total->lines > 0 && total->list == NULL) {
        cJSON_Delete(tree);
        return alx_fail(ALX_E_MEMORY, "out of host memory for the lines of a check");
    }
    for (size_t i = 0; i < total->lines; ++i)
        base_json_append(tree, line_json(&total->list[i]));
    return base_json_take(text, tree);
}
