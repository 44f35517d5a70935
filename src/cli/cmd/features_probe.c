/* features_probe.c - how well a linear classifier does on a layer's features of another data set:
 * transfer learning. */
#include "cli/cmd/features.h"

#include <stdio.h>

#include "base/format.h"
#include "base/try.h"
#include "cli/ui/json.h"
#include "cli/ui/progress.h"

#define PROBE_HELD_OUT 0.2 /* of the images, where none are for testing */

typedef struct probe_run {
    features *f;
    alx_dataset *train_set, *test_set; /* test_set NULL: held out of the other */
    alx_subset train_images, test_images;
    alx_features train, test;
    alx_score train_score, test_score;
} probe_run;

static int open_sets(probe_run *p)
{
    const char *path = p->f->options->data;
    int rc = 0;

    TRY(alx_dataset_open(&p->train_set, path, ALX_SPLIT_TRAIN));
    const bool has_test = alx_dataset_has_split(p->train_set, ALX_SPLIT_TEST);

    TRY(alx_dataset_split(&p->train_images, &p->test_images, p->train_set,
                          has_test ? 0.0 : PROBE_HELD_OUT, 0));
    if (has_test) {
        TRY(alx_dataset_open(&p->test_set, path, ALX_SPLIT_TEST));
        TRY(alx_dataset_use_classes_of(p->test_set, p->train_set));
    } else if (p->test_images.count == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: too few images to hold out some for a test", path);
    }
    return rc;
}

static int gather(probe_run *p)
{
    const alx_dataset *test_set = p->test_set != NULL ? p->test_set : p->train_set;

    TRY(alx_features_gather(&p->train, &p->f->reader, p->train_set, &p->train_images,
                            "training features"));
    cli_progress_stop();
    return alx_features_gather(&p->test, &p->f->reader, test_set,
                               p->test_set != NULL ? NULL : &p->test_images, "test features");
}

static void show_step(size_t done, size_t total, void *user)
{
    (void)user;
    cli_progress_batch("training the classifier", done, total);
}

/* ---- output -------------------------------------------------------------------------------- */

static void print_score(const char *name, const alx_score *score)
{
    const double images = (double)score->images;

    printf("%-9s %8s %8.4f %7.2f %% %7.2f %%\n", name, base_format_count(score->images).text,
           score->loss, 100.0 * (double)score->top1 / images, 100.0 * (double)score->top5 / images);
}

static void add_score(cJSON *tree, const char *name, const alx_score *score)
{
    const double images = (double)score->images;
    cJSON *object = base_json_add_object(tree, name);

    base_json_add_number(object, "images", images);
    base_json_add_number(object, "loss", score->loss);
    base_json_add_number(object, "top1", (double)score->top1 / images);
    base_json_add_number(object, "top5", (double)score->top5 / images);
}

static int print_json(const probe_run *p)
{
    const features *f = p->f;
    cJSON *tree = cJSON_CreateObject();

    base_json_add_text(tree, "checkpoint", f->model.path);
    base_json_add_text(tree, "layer", f->reader.layer);
    base_json_add_number(tree, "features", (double)f->reader.length);
    base_json_add_text(tree, "data", f->options->data);
    base_json_add_number(tree, "classes", alx_dataset_classes(p->train_set));
    base_json_add_bool(tree, "held_out", p->test_set == NULL);
    add_score(tree, "train", &p->train_score);
    add_score(tree, "test", &p->test_score);
    return cli_print_json(&tree);
}

static void print_text(const probe_run *p)
{
    printf("%s, %s features, %d classes\n", p->f->reader.layer,
           base_format_count(p->f->reader.length).text, alx_dataset_classes(p->train_set));
    printf("%-9s %8s %8s %9s %9s\n", "", "images", "loss", "top-1", "top-5");
    print_score("train", &p->train_score);
    print_score(p->test_set != NULL ? "test" : "held out", &p->test_score);
}

int features_print_probe(features *f)
{
    probe_run p = { .f = f };
    int rc = 0;

    TRY_DONE(open_sets(&p));
    TRY_DONE(gather(&p));
    TRY_DONE(alx_probe(&p.train_score, &p.test_score, f->devices.dev[0], &p.train, &p.test,
                       alx_dataset_classes(p.train_set), show_step, NULL));
    cli_progress_stop();
    if (f->options->json)
        TRY_DONE(print_json(&p));
    else
        print_text(&p);
done:
    alx_features_free(&p.train);
    alx_features_free(&p.test);
    alx_subset_free(&p.train_images);
    alx_subset_free(&p.test_images);
    alx_dataset_close(p.train_set);
    alx_dataset_close(p.test_set);
    return rc;
}
