/* predictions.c - the most probable classes of images, for machines. */
#include "alexnet/dev/report.h"

#include <stdlib.h>

#include "base/json.h"

struct alx_predictions {
    const alx_class_names *names;
    int top;
    cJSON *tree;
};

int alx_predictions_create(alx_predictions **out, const alx_class_names *names, int top)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for predictions");
    **out = (alx_predictions){ names, top, cJSON_CreateArray() };
    return 0;
}

void alx_predictions_free(alx_predictions *predictions)
{
    if (predictions == NULL)
        return;
    cJSON_Delete(predictions->tree);
    free(predictions);
}

void alx_predictions_add(alx_predictions *predictions, const char *image, const float *prob)
{
    const alx_class_names *names = predictions->names;
    cJSON *object = cJSON_CreateObject(), *list;

    base_json_add_text(object, "image", image);
    list = base_json_add_array(object, "classes");
    for (int rank = 0, c = -1; rank < predictions->top; ++rank) {
        c = alx_next_class(prob, names->count, c);
        if (c < 0)
            break;
        cJSON *entry = cJSON_CreateObject();

        base_json_add_text(entry, "class", names->name[c]);
        base_json_add_number(entry, "index", c);
        base_json_add_number(entry, "probability", (double)prob[c]);
        base_json_append(list, entry);
    }
    base_json_append(predictions->tree, object);
}

int alx_predictions_json(char **text, alx_predictions *predictions)
{
    cJSON *tree = predictions->tree;

    predictions->tree = NULL;
    return base_json_take(text, tree);
}
