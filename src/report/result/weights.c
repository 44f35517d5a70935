/* weights.c - what a file of weights holds, for machines. */
#include "alexnet/dev/report.h"

#include <string.h>

#include "base/json.h"
#include "base/name_write.h"

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

/* What is fit is the network; what is merely nearest, with why it does not, is called so. */
static void add_network(cJSON *tree, const alx_weights_facts *facts)
{
    const bool fits = facts->has_network && facts->why[0] == '\0';

    if (fits)
        base_json_add_text(tree, "network", facts->config.name);
    else
        base_json_add_null(tree, "network");
    if (facts->has_network && !fits)
        base_json_add_text(tree, "nearest", facts->config.name);
    if (facts->has_network)
        base_json_add_number(tree, "classes", facts->config.net.classes);
}

/* A message has names as they are printed: what the file says is written anew. */
static void add_why(cJSON *tree, const alx_weights_facts *facts)
{
    char why[sizeof facts->why];

    strcpy(why, facts->why);
    base_name_read(why);
    base_json_add_text(tree, "why", why);
}

int alx_weights_facts_json(char **text, const alx_weights_facts *facts)
{
    const alx_weights_format format = alx_weights_file_format(facts->file);
    cJSON *tree = cJSON_CreateObject();
    cJSON *tensors = base_json_add_array(tree, "tensors");

    base_json_add_text(tree, "format", alx_weights_format_text(format));
    add_network(tree, facts);
    if (facts->preprocess != NULL)
        base_json_add_text(tree, "preprocess", facts->preprocess);
    if (facts->why[0] != '\0')
        add_why(tree, facts);
    base_json_add_number(tree, "missing", (double)facts->missing);
    for (size_t i = 0; i < facts->count; ++i)
        base_json_append(tensors,
                         tensor_json(alx_weights_file_at(facts->file, i), &facts->uses[i]));
    return base_json_take(text, tree);
}
