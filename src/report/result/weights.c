/* weights.c - what a file of weights holds, for machines. */
#include "alexnet/dev/report.h"

#include "base/json.h"

static cJSON *tensor_json(const alx_weights_tensor *tensor, const alx_weights_use *use)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_text(object, "name", tensor->name);
    base_json_add_text(object, "type", alx_dtype_text(tensor->dtype));
    base_json_add(object, "shape", cJSON_CreateIntArray(tensor->dims, tensor->dim_count));
    if (use->parameter[0] != '\0')
        base_json_add_text(object, "parameter", use->parameter);
    else
        base_json_add_null(object, "parameter");
    base_json_add_bool(object, "fits", use->fits);
    if (use->why[0] != '\0')
        base_json_add_text(object, "why", use->why);
    return object;
}

int alx_weights_facts_json(char **text, const alx_weights_facts *facts)
{
    const alx_weights_format format = alx_weights_file_format(facts->file);
    cJSON *tree = cJSON_CreateObject();
    cJSON *tensors = base_json_add_array(tree, "tensors");

    base_json_add_text(tree, "format", alx_weights_format_text(format));
    if (facts->has_network)
        base_json_add_text(tree, "network", facts->config.name);
    else
        base_json_add_null(tree, "network");
    if (facts->preprocess != NULL)
        base_json_add_text(tree, "preprocess", facts->preprocess);
    if (facts->why[0] != '\0')
        base_json_add_text(tree, "why", facts->why);
    base_json_add_number(tree, "missing", (double)facts->missing);
    for (size_t i = 0; i < facts->count; ++i)
        base_json_append(tensors,
                         tensor_json(alx_weights_file_at(facts->file, i), &facts->uses[i]));
    return base_json_take(text, tree);
}
