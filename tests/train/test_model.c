/* test_model.c - a trained network among others: an evaluation beside the mean of what each network
 * predicts, a layer that is read in batches beside all of it at once, checkpoints by name. */
#include "support/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/train.h"

enum { CLASSES = 10, IMAGES = 23 };

static char runs[3][512];

/* Networks of two seeds, and one of more classes. */
static int make_runs(void **state)
{
    static const char *const overrides[][4] = {
        { "data.mean=channel", "train.lr=1e-4", "train.epochs=1", "train.seed=1" },
        { "data.mean=channel", "train.lr=1e-4", "train.epochs=1", "train.seed=2" },
        { "data.mean=channel", "train.lr=1e-4", "net.classes=12", "fc2.units=12" },
    };

    test_own_folder_make(state);
    training_write_data(&test_own_folder, 40, IMAGES);
    for (size_t i = 0; i < ALX_COUNT(runs); ++i) {
        char name[16];
        alx_train_result result;

        snprintf(name, sizeof name, "run-%zu", i);
        snprintf(runs[i], sizeof runs[i], "%s", test_folder_path(&test_own_folder, name));
        alx_train_options options = training_plain_options(test_own_folder.path, runs[i],
                                                           overrides[i], 4);

        assert_ok(training_run(&result, &options));
    }
    return 0;
}

static int remove_runs(void **state)
{
    test_device_close(state);
    return test_own_folder_remove(state);
}

static alx_model *open_model(int run)
{
    const alx_model_options how = { .batch = 7, .keep_outputs = true, .workers = 2 };
    alx_device *dev = test_device();
    char path[PATH_MAX];
    alx_model *model = NULL;

    assert_ok(alx_checkpoint_find(path, runs[run], ALX_CHECKPOINT_LAST));
    assert_ok(alx_model_open(&model, path));
    assert_string_equal(alx_model_path(model), path);
    assert_ok(alx_model_build(model, &dev, 1, &how));
    return model;
}

/* ---- an evaluation --------------------------------------------------------------------------- */

static int count_batch(const alx_batch *batch, size_t done, size_t total, void *user)
{
    size_t *images = user;

    *images += (size_t)batch->count;
    assert_true(done <= total);
    return 0;
}

static void evaluate(alx_evaluation *e, const int *order, int count)
{
    for (int i = 0; i < count; ++i) {
        alx_model *model = open_model(order[i]);

        if (i == 0)
            assert_ok(alx_evaluation_open(e, model, test_own_folder.path, NULL));
        assert_ok(alx_evaluation_add(e, model, 1.0 / count));
        alx_model_close(model);
    }
}

/* By the formulas: a test set of IMAGES whose labels are 0, 1, ... 9, 0, ... */
static alx_score score_of(const float *prob)
{
    alx_score score = { .images = IMAGES };

    for (int i = 0; i < IMAGES; ++i) {
        const float *row = prob + i * CLASSES, label = row[i % CLASSES];
        int before = 0;

        for (int c = 0; c < CLASSES; ++c)
            before += row[c] > label;
        score.top1 += before < 1;
        score.top5 += before < 5;
        score.loss -= log((double)label) / IMAGES;
    }
    return score;
}

static void networks_are_averaged(void **state)
{
    size_t seen = 0;
    alx_evaluation e = { .on_batch = count_batch, .user = &seen };
    float *prob = test_host(2 * IMAGES * CLASSES);

    (void)state;
    evaluate(&e, (const int[]){ 0, 1 }, 2);
    for (int i = 0; i < 2; ++i) {
        alx_model *model = open_model(i);

        assert_ok(alx_model_predict(prob + i * IMAGES * CLASSES, model, e.set));
        alx_model_close(model);
    }
    assert_true(memcmp(prob, prob + IMAGES * CLASSES, IMAGES * CLASSES * sizeof *prob) != 0);
    for (int i = 0; i < IMAGES * CLASSES; ++i)
        prob[i] = (prob[i] + prob[IMAGES * CLASSES + i]) / 2;
    test_assert_close("mean", e.votes.prob, prob, IMAGES * CLASSES, 0.0, 1e-6);

    const alx_score want = score_of(prob);

    assert_int_equal(e.score.images, want.images);
    assert_int_equal(e.score.top1, want.top1);
    assert_int_equal(e.score.top5, want.top5);
    assert_true(fabs(e.score.loss - want.loss) < 1e-5);
    assert_int_equal(seen, 2 * IMAGES);
    assert_int_equal(e.left_out, 0);
    assert_int_equal(e.names.count, CLASSES);
    assert_string_equal(e.names.name[3], "d");
    alx_evaluation_close(&e);
}

static void a_test_set_may_be_one_image(void **state)
{
    const test_folder one = test_folder_create();
    alx_model *model = open_model(0);
    alx_evaluation e = { .ten_crop = false };

    (void)state;
    training_write_data(&one, 40, 1);
    assert_ok(alx_evaluation_open(&e, model, one.path, NULL));
    assert_ok(alx_evaluation_add(&e, model, 1.0));
    assert_int_equal(e.score.images, 1);
    assert_true(fabs(e.score.loss + log((double)e.votes.prob[e.votes.labels[0]])) < 1e-6);
    alx_evaluation_close(&e);
    alx_model_close(model);
    test_folder_remove(&one);
}

static void ten_crops_want_larger_images(void **state)
{
    alx_evaluation e = { .ten_crop = true };
    alx_model *model = open_model(0);

    (void)state;
    evaluate(&e, (const int[]){ 0 }, 1); /* ten times the whole image, and mirrored */
    assert_int_equal(e.score.images, IMAGES);
    alx_evaluation_close(&e);
    alx_model_close(model);
}

static void other_classes_are_refused(void **state)
{
    alx_evaluation e = { .ten_crop = false };
    alx_model *other = open_model(2);

    (void)state;
    evaluate(&e, (const int[]){ 0 }, 1);
    assert_int_equal(alx_evaluation_add(&e, other, 0.5), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "a network of 12 classes, that of "));
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "run-0/checkpoint-last has 10"));
    alx_evaluation_close(&e);
    alx_model_close(other);
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct reading {
    float *next;
    size_t length, last;
    int stop_at; /* images; then the sink fails */
} reading;

static int keep_values(const alx_batch *batch, const float *values, size_t done, size_t total,
                       void *user)
{
    reading *r = user;

    assert_int_equal(done, r->last + 1);
    assert_true(done <= total);
    r->last = done;
    memcpy(r->next, values, (size_t)batch->count * r->length * sizeof *values);
    r->next += (size_t)batch->count * r->length;
    r->stop_at -= batch->count;
    return r->stop_at <= 0 ? ALX_E_INTERRUPTED : 0;
}

static void a_layer_is_read_in_batches(void **state)
{
    alx_model *model = open_model(0);
    alx_dataset *set = NULL;
    size_t length = 0, places[] = { 19, 4, 5, 22, 0, 1, 2, 3, 7 };
    const alx_subset some = { places, ALX_COUNT(places) };

    (void)state;
    assert_ok(alx_dataset_open(&set, test_own_folder.path, ALX_SPLIT_TEST));
    assert_ok(alx_model_feature_length(&length, model, "conv1"));
    assert_int_equal(length, 4 * 4 * 4);
    float *all = test_host(IMAGES * length), *part = test_host(ALX_COUNT(places) * length);
    reading r = { .next = part, .length = length, .stop_at = 100 };
    const alx_reading how = { set, &some, 0, "conv1 is", keep_values, &r };

    assert_ok(alx_model_features(all, model, set, "conv1"));
    assert_ok(alx_model_read(model, &how));
    assert_int_equal(r.last, 2); /* 7 and 2 images */
    for (size_t i = 0; i < ALX_COUNT(places); ++i)
        assert_memory_equal(part + i * length, all + places[i] * length, length * sizeof *all);

    r = (reading){ .next = part, .length = length, .stop_at = 7 };
    assert_int_equal(alx_model_read(model, &how), ALX_E_INTERRUPTED);
    assert_int_equal(r.last, 1);
    alx_dataset_close(set);
    alx_model_close(model);
}

/* What an activation gives follows from what it gets. */
static void a_layer_is_the_one_that_was_named(void **state)
{
    enum { LENGTH = 4 * 4 * 4 };
    float *before = test_host(IMAGES * LENGTH), *after = test_host(IMAGES * LENGTH);
    alx_model *model = open_model(0);
    alx_dataset *set = NULL;
    int negative = 0;

    (void)state;
    assert_ok(alx_dataset_open(&set, test_own_folder.path, ALX_SPLIT_TEST));
    assert_ok(alx_model_features(before, model, set, "conv1"));
    assert_ok(alx_model_features(after, model, set, "relu1"));
    for (int i = 0; i < IMAGES * LENGTH; ++i) {
        negative += before[i] < 0.0f;
        assert_true(after[i] == fmaxf(before[i], 0.0f));
    }
    assert_in_range(negative, 1, IMAGES * LENGTH - 1);
    alx_dataset_close(set);
    alx_model_close(model);
}

static void numbers_that_are_none_are_named(void **state)
{
    alx_model *model = open_model(0);
    alx_net *net = alx_model_net(model);
    alx_dataset *set = NULL;
    size_t count = 0;
    const alx_param_info *bias = &alx_graph_params(alx_net_graph(net), &count)[count - 1];
    float *values = test_host(bias->count), *prob = test_host(IMAGES * CLASSES);

    (void)state;
    assert_ok(alx_dataset_open(&set, test_own_folder.path, ALX_SPLIT_TEST));
    values[0] = NAN;
    assert_ok(alx_net_set_param(net, count - 1, ALX_PARAM_VALUE, values));
    assert_int_equal(alx_model_predict(prob, model, set), ALX_E_NUMERIC);
    assert_non_null(strstr(alx_status_text(ALX_E_NUMERIC), "test_batch.bin"));
    assert_non_null(
        strstr(alx_status_text(ALX_E_NUMERIC), ": what the network makes of it is not finite"));
    alx_dataset_close(set);
    alx_model_close(model);
}

/* ---- checkpoints ----------------------------------------------------------------------------- */

static void a_folder_stands_for_a_checkpoint(void **state)
{
    char path[PATH_MAX], best[600], folder[600];

    (void)state;
    snprintf(best, sizeof best, "%s/checkpoint-best", runs[1]);
    assert_ok(alx_checkpoint_find(path, runs[1], ALX_CHECKPOINT_BEST));
    assert_string_equal(path, best);
    assert_ok(alx_checkpoint_find(path, best, ALX_CHECKPOINT_LAST)); /* a file is itself */
    assert_string_equal(path, best);
    assert_ok(alx_checkpoint_find(path, "/nowhere", ALX_CHECKPOINT_BEST));
    assert_string_equal(path, "/nowhere"); /* who reads it says that it is not there */

    assert_int_equal(remove(best), 0);
    assert_ok(alx_checkpoint_find(path, runs[1], ALX_CHECKPOINT_BEST));
    snprintf(best, sizeof best, "%s/checkpoint-last", runs[1]);
    assert_string_equal(path, best);

    snprintf(folder, sizeof folder, "%s", test_own_folder.path);
    assert_int_equal(alx_checkpoint_find(path, folder, ALX_CHECKPOINT_BEST), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "no checkpoint-best in this folder"));
    memset(path, 'a', sizeof path);
    path[PATH_MAX - 1] = '\0';
    char longer[PATH_MAX + 2];

    snprintf(longer, sizeof longer, "%sa", path);
    assert_int_equal(alx_checkpoint_find(path, longer, ALX_CHECKPOINT_BEST), ALX_E_DATA);
}

static void a_run_that_cannot_go_on_says_what_can(void **state)
{
    alx_checkpoint checkpoint = { 0 };
    char last[600];

    (void)state;
    snprintf(last, sizeof last, "%s/checkpoint-last", runs[0]);
    assert_ok(alx_checkpoint_read_last(&checkpoint, last));
    alx_checkpoint_free(&checkpoint);
    test_folder_write(&test_own_folder, "run-0/checkpoint-last", "damaged");
    assert_int_equal(alx_checkpoint_read_last(&checkpoint, last), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "; to go on from the best epoch: "));
    assert_non_null(strstr(alx_status_text(ALX_E_DATA), "run-0/checkpoint-best"));
    test_folder_write(&test_own_folder, "run-1/checkpoint-last", "damaged"); /* without a best */
    snprintf(last, sizeof last, "%s/checkpoint-last", runs[1]);
    assert_int_equal(alx_checkpoint_read_last(&checkpoint, last), ALX_E_DATA);
    assert_null(strstr(alx_status_text(ALX_E_DATA), "to go on"));
}

static void data_are_where_they_were(void **state)
{
    static alx_checkpoint checkpoint;
    const char *path = NULL;

    (void)state;
    assert_ok(alx_checkpoint_data(&path, "elsewhere", &checkpoint, "run"));
    assert_string_equal(path, "elsewhere"); /* who opens them says what is wrong */
    assert_ok(alx_checkpoint_data(&path, NULL, &checkpoint, "run"));
    assert_string_equal(path, "");
    snprintf(checkpoint.config.data.path, sizeof checkpoint.config.data.path, "%s",
             test_own_folder.path);
    assert_ok(alx_checkpoint_data(&path, NULL, &checkpoint, "run"));
    assert_string_equal(path, test_own_folder.path);
    snprintf(checkpoint.config.data.path, sizeof checkpoint.config.data.path, "nowhere");
    assert_int_equal(alx_checkpoint_data(&path, NULL, &checkpoint, "run"), ALX_E_DATA);
    assert_non_null(strstr(alx_status_text(ALX_E_DATA),
                           "nowhere: not there in this folder, but run "
                           "was trained on it"));
}

static void classes_come_in_the_order_of_their_probability(void **state)
{
    static const float prob[] = { 0.1f, 0.3f, 0.1f, 0.3f, 0.2f };
    static const int order[] = { 1, 3, 4, 0, 2, -1 };
    int c = -1;

    (void)state;
    for (size_t i = 0; i < ALX_COUNT(order); ++i) {
        c = alx_next_class(prob, ALX_COUNT(prob), c);
        assert_int_equal(c, order[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(networks_are_averaged),
        test_on_device(a_test_set_may_be_one_image),
        test_on_device(ten_crops_want_larger_images),
        test_on_device(other_classes_are_refused),
        test_on_device(a_layer_is_read_in_batches),
        test_on_device(a_layer_is_the_one_that_was_named),
        test_on_device(numbers_that_are_none_are_named),
        test_on_device(a_folder_stands_for_a_checkpoint),      /* removes one */
        test_on_device(a_run_that_cannot_go_on_says_what_can), /* damages two: the last */
        cmocka_unit_test(data_are_where_they_were),
        cmocka_unit_test(classes_come_in_the_order_of_their_probability),
    };

    return cmocka_run_group_tests_name("model", tests, make_runs, remove_runs);
}
