/* transfer.c - a linear classifier on a layer's features of a data set, scored on images that it
 * has not seen: transfer learning. */
#include "alexnet/dev/train.h"

#include "alexnet/log.h"
#include "base/try.h"
#include "train/features/probe.h"

#define HELD_OUT 0.2 /* of the images, where none are for testing */

typedef struct transfer {
    alx_dataset *train_set, *test_set; /* test_set NULL: held out of the other */
    alx_subset train_images, test_images;
    alx_features train, test;
} transfer;

static int open_sets(transfer *t, const char *path)
{
    int rc = 0;

    TRY(alx_dataset_open(&t->train_set, path, ALX_SPLIT_TRAIN));
    if (alx_dataset_classes(t->train_set) == 1)
        alx_warn("%s: one class only, '%s': every answer is right", path,
                 alx_dataset_class_name(t->train_set, 0));
    const bool has_test = alx_dataset_has_split(t->train_set, ALX_SPLIT_TEST);

    TRY(alx_dataset_split(&t->train_images, &t->test_images, t->train_set,
                          has_test ? 0.0 : HELD_OUT, 0));
    if (has_test) {
        TRY(alx_dataset_open(&t->test_set, path, ALX_SPLIT_TEST));
        TRY(alx_dataset_use_classes_of(t->test_set, t->train_set));
    } else if (t->test_images.count == 0) {
        rc = alx_fail(ALX_E_DATA, "%s: too few images to hold out some for a test", path);
    }
    return rc;
}

static int gather(transfer *t, alx_feature_reader *reader)
{
    const bool held_out = t->test_set == NULL;

    TRY(alx_features_gather(&t->train, reader, t->train_set, &t->train_images,
                            "training features"));
    return alx_features_gather(&t->test, reader, held_out ? t->train_set : t->test_set,
                               held_out ? &t->test_images : NULL, "test features");
}

static void show_step(size_t done, size_t total, void *user)
{
    const alx_feature_reader *reader = user;

    if (reader->on_batch != NULL)
        reader->on_batch("training the classifier", done, total, reader->user);
}

int alx_probe_dataset(alx_probe_result *out, alx_feature_reader *reader, const char *path)
{
    const alx_net *net = alx_model_net(reader->model);
    transfer t = { .train_set = NULL };
    int rc = 0;

    *out = (alx_probe_result){ .classes = 0 };
    TRY_DONE(open_sets(&t, path));
    TRY_DONE(gather(&t, reader));
    out->classes = alx_dataset_classes(t.train_set);
    out->held_out = t.test_set == NULL;
    const train_probe wanted = { .train = &t.train,
                                 .test = &t.test,
                                 .classes = out->classes,
                                 .dev = alx_net_device(net, 0),
                                 .rows = alx_net_get_options(net)->rows,
                                 .progress = show_step,
                                 .user = reader };

    TRY_DONE(train_probe_run(&out->train, &out->test, &wanted));
done:
    alx_features_free(&t.train);
    alx_features_free(&t.test);
    alx_subset_free(&t.train_images);
    alx_subset_free(&t.test_images);
    alx_dataset_close(t.train_set);
    alx_dataset_close(t.test_set);
    return rc;
}
