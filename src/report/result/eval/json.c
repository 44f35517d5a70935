/* json.c - an evaluation for machines. */
#include "alexnet/dev/report.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/try.h"

/* Of how many classes images were seen; "part", if not all, gets their names. */
static int add_classes(cJSON *tree, const alx_evaluation *e)
{
    bool *seen = calloc((size_t)e->votes.classes, sizeof *seen);
    int count = 0;

    if (seen == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the classes");
    for (size_t i = 0; i < e->votes.images; ++i) {
        count += !seen[e->votes.labels[i]];
        seen[e->votes.labels[i]] = true;
    }
    base_json_add_number(tree, "classes", e->votes.classes);
    base_json_add_number(tree, "evaluated_classes", count);
    if (count < e->votes.classes) {
        cJSON *part = base_json_add_array(tree, "part");

        for (int i = 0; i < e->votes.classes; ++i)
            if (seen[i])
                base_json_append(part, cJSON_CreateString(e->names.name[i]));
    } else {
        base_json_add_null(tree, "part");
    }
    free(seen);
    return 0;
}

static cJSON *pair_json(const alx_eval_report *report, const alx_eval_pair *pair)
{
    cJSON *object = cJSON_CreateObject();

    base_json_add_text(object, "label", report->names[pair->label]);
    base_json_add_text(object, "predicted", report->names[pair->predicted]);
    base_json_add_number(object, "images", pair->images);
    return object;
}

static cJSON *image_json(const alx_eval_report *report, const alx_eval_image *image)
{
    cJSON *object = cJSON_CreateObject();
    char path[PATH_MAX];

    alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
    base_json_add_text(object, "image", path);
    base_json_add_text(object, "label", report->names[image->label]);
    base_json_add_text(object, "predicted", report->names[image->predicted]);
    base_json_add_number(object, "probability", image->probability);
    base_json_add_number(object, "loss", image->loss);
    return object;
}

static void add_worst(cJSON *tree, const alx_eval_report *report, size_t count)
{
    cJSON *confused = base_json_add_array(tree, "confused");
    cJSON *worst = base_json_add_array(tree, "worst");

    for (size_t i = 0; i < count && i < report->pair_count; ++i)
        base_json_append(confused, pair_json(report, &report->pairs[i]));
    for (size_t i = 0; i < count && i < report->image_count; ++i)
        base_json_append(worst, image_json(report, &report->images[i]));
}

int alx_evaluation_json(char **text, const alx_evaluation *e, const char *const *checkpoints,
                        const alx_eval_report *report, size_t worst)
{
    const double images = (double)e->score.images;
    cJSON *tree = cJSON_CreateObject();
    cJSON *list = base_json_add_array(tree, "checkpoints");
    int rc = 0;

    *text = NULL;
    for (; *checkpoints != NULL; ++checkpoints)
        base_json_append(list, cJSON_CreateString(*checkpoints));
    base_json_add_text(tree, "data", e->data);
    base_json_add_number(tree, "crops", e->ten_crop ? 10 : 1);
    TRY_DONE(add_classes(tree, e));
    base_json_add_number(tree, "images", images);
    base_json_add_number(tree, "bad_images", (double)e->left_out);
    base_json_add_number(tree, "loss", e->score.loss);
    base_json_add_number(tree, "top1", (double)e->score.top1 / images);
    base_json_add_number(tree, "top5", (double)e->score.top5 / images);
    if (worst > 0)
        add_worst(tree, report, worst);
    return base_json_take(text, tree);
done:
    cJSON_Delete(tree);
    return rc;
}
