/* stage.c - a stage of a model's network by its name. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/train.h"
#include "base/nearest.h"
#include "train/model.h"

int train_model_check_built(const alx_model *model)
{
    if (alx_model_net(model) != NULL)
        return 0;
    return alx_fail(ALX_E_USAGE, "%s: alx_model_build comes before", alx_model_path(model));
}

/* What the last layer sees, but for dropout: relu7 of the paper's network. */
static size_t default_stage(const alx_layer_info *stages, size_t count)
{
    size_t i = count - 1;

    while (i > 0 && (stages[i].layer == stages[count - 1].layer ||
                     stages[i].kind == ALX_NODE_DROPOUT || stages[i].kind == ALX_NODE_GATHER))
        --i;
    return i;
}

/* With a name that is like it, and all that there are. */
static int no_such_stage(const alx_model *model, const char *wanted, const alx_layer_info *stages,
                         size_t count)
{
    const char *names[ALX_MAX_LAYERS * 8];
    char all[1024] = "";
    size_t at = 0;

    for (size_t i = 0; i < count; ++i) {
        names[i] = stages[i].name;
        if (at < sizeof all)
            at += (size_t)snprintf(all + at, sizeof all - at, " %s", names[i]);
    }
    const char *near = base_nearest(wanted, names, count);

    return alx_fail(ALX_E_USAGE, "%s: no stage '%s'%s%s%s; there are%s", alx_model_path(model),
                    wanted, near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                    near != NULL ? "?)" : "", all);
}

int train_model_stage(size_t *node, const alx_model *model, const char *wanted)
{
    const int rc = train_model_check_built(model);
    size_t count = 0, i = 0;

    if (rc != 0)
        return rc;
    const alx_layer_info *stages = alx_graph_layers(alx_net_graph(alx_model_net(model)), &count);

    if (wanted == NULL)
        i = default_stage(stages, count);
    while (wanted != NULL && i < count && strcmp(stages[i].name, wanted) != 0)
        ++i;
    if (i == count)
        return no_such_stage(model, wanted, stages, count);
    *node = i;
    return 0;
}
