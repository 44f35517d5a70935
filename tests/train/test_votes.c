/* test_votes.c - ten crops and ensembles against PyTorch (tools/golden/make_votes.py); ranks, ties
 * and losses on constructed scores. */
#include "support/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"

enum { IMAGES = 7, SIDE = 32, CROP = 27, CLASSES = 10, BATCH = 3, RECORD = 1 + 3 * SIDE * SIDE };

static const char net_text[] = "[net]\n"
                               "input = 27x27x3\n"
                               "classes = 10\n"
                               "towers = 2\n"
                               "[conv1]\n"
                               "filters = 8\n"
                               "kernel = 5\n"
                               "stride = 2\n"
                               "lrn = n=5 k=2 alpha=1e-4 beta=0.75\n"
                               "pool = max 3/2\n"
                               "[conv2]\n"
                               "filters = 16\n"
                               "kernel = 3\n"
                               "pad = 1\n"
                               "sees = both\n"
                               "pool = max 3/2\n"
                               "[fc3]\n"
                               "units = 32\n"
                               "dropout = 0.5\n"
                               "[fc4]\n"
                               "units = classes\n"
                               "[data]\n"
                               "resize = 32\n"
                               "mean = 0.5 0.45 0.4\n"
                               "std = 0.2 0.25 0.3\n"
                               "unit-scale = yes\n";

/* ---- the same numbers as in make_votes.py ---------------------------------------------------- */

/* tests/golden/README.md, section 2 */
static uint32_t hash24(uint64_t seed, uint64_t i)
{
    uint64_t z = (seed << 32) + i + 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) >> 40);
}

static void write_images(const test_folder *folder)
{
    uint8_t *records = test_alloc((size_t)IMAGES * RECORD);

    for (size_t i = 0; i < IMAGES; ++i) {
        records[i * RECORD] = (uint8_t)(i % CLASSES);
        for (size_t j = 0; j < RECORD - 1; ++j)
            records[i * RECORD + 1 + j] = (uint8_t)(hash24(7, i * (RECORD - 1) + j) >> 16);
    }
    test_folder_write(folder, "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    for (int i = 1; i <= 5; ++i) {
        char name[32];

        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        test_folder_write_bytes(folder, name, records, RECORD);
    }
    test_folder_write_bytes(folder, "test_batch.bin", records, (size_t)IMAGES * RECORD);
    free(records);
}

static void set_weights(alx_net *net, uint64_t network)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    assert_int_equal(count, 8);
    for (size_t p = 0; p < count; ++p) {
        const double fan_in = (double)(params[p].count / (size_t)params[p].dims[0]);
        const float bound = params[p].bias ? 0.1f : (float)sqrt(6.0 / fan_in);
        float *values = test_host(params[p].count);

        for (size_t i = 0; i < params[p].count; ++i)
            values[i] = (2.0f * ((float)hash24(1000 + 10 * network + p, i) * 0x1p-24f) - 1.0f) *
                        bound;
        assert_ok(alx_net_set_param(net, p, ALX_PARAM_VALUE, values));
    }
}

/* ---- the path of eval ---------------------------------------------------------------------- */

typedef struct fixture {
    test_folder folder;
    alx_config config;
    alx_dataset *set;
    alx_subset all;
    alx_votes votes;
} fixture;

static void fixture_open(fixture *f)
{
    *f = (fixture){ .folder = test_folder_create() };
    write_images(&f->folder);
    assert_ok(alx_config_parse(&f->config, net_text, "net", NULL, 0));
    assert_ok(alx_dataset_open(&f->set, f->folder.path, ALX_SPLIT_TEST));
    assert_ok(alx_subset_all(&f->all, f->set));
    assert_ok(alx_votes_create(&f->votes, f->all.count, CLASSES));
}

static void fixture_close(fixture *f)
{
    alx_votes_free(&f->votes);
    alx_subset_free(&f->all);
    alx_dataset_close(f->set);
    test_folder_remove(&f->folder);
}

static int cast(fixture *f, uint64_t network, bool ten, double weight, const alx_subset *subset)
{
    const alx_net_options net_options = { .batch = BATCH };
    const alx_loader_options options = { .batch = BATCH,
                                         .size = SIDE,
                                         .crop_height = CROP,
                                         .crop_width = CROP,
                                         .threads = 2,
                                         .prefetch = 1,
                                         .config = &f->config.data };
    alx_crop views[10];
    alx_device *dev = test_device();
    alx_net *net = NULL;
    alx_feeder *feeder = NULL;
    alx_loader *loader = NULL;

    alx_ten_crop_boxes(views, SIDE, CROP, CROP);
    assert_ok(alx_net_create(&net, &f->config.net, &dev, 1, &net_options));
    set_weights(net, network);
    assert_ok(alx_feeder_create(&feeder, net, &f->config.data, NULL));
    assert_ok(alx_loader_create(&loader, f->set, subset, &options, 0, 0));
    const int rc = alx_votes_cast(&f->votes, net, feeder, loader, ten ? views : NULL, 10, weight,
                                  NULL, NULL);

    alx_loader_free(loader);
    alx_feeder_free(feeder);
    alx_net_free(net);
    return rc;
}

static void assert_pytorch(const fixture *f, const char *name)
{
    char *text = NULL;
    size_t bytes = 0;
    float want[IMAGES * CLASSES];

    assert_ok(base_file_read(&text, &bytes, TEST_DIR "/train/votes_pytorch.json"));
    cJSON *tree = cJSON_Parse(text);
    const cJSON *rows = cJSON_GetObjectItem(tree, name);

    assert_int_equal(cJSON_GetArraySize(rows), IMAGES);
    for (int i = 0; i < IMAGES * CLASSES; ++i)
        want[i] = (float)cJSON_GetArrayItem(cJSON_GetArrayItem(rows, i / CLASSES), i % CLASSES)
                      ->valuedouble;
    assert_int_equal(f->votes.images, IMAGES);
    test_assert_close(name, f->votes.prob, want, IMAGES * CLASSES, 0.0, 1e-6);
    cJSON_Delete(tree);
    free(text);
}

static void the_centre_is_pytorchs(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f);
    assert_ok(cast(&f, 0, false, 1.0, &f.all));
    assert_pytorch(&f, "centre");
    fixture_close(&f);
}

static void ten_crops_are_pytorchs(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f);
    assert_ok(cast(&f, 0, true, 1.0, &f.all));
    assert_pytorch(&f, "ten_crop");
    fixture_close(&f);
}

static void an_ensemble_is_pytorchs(void **state)
{
    fixture f;

    (void)state;
    fixture_open(&f);
    assert_ok(cast(&f, 0, true, 0.5, &f.all));
    assert_ok(cast(&f, 1, true, 0.5, &f.all));
    assert_pytorch(&f, "ensemble");
    assert_int_equal(f.votes.networks, 2);
    for (int i = 0; i < IMAGES; ++i)
        assert_int_equal(f.votes.labels[i], i);
    fixture_close(&f);
}

static void other_images_are_refused(void **state)
{
    fixture f;
    size_t places[IMAGES] = { 0, 1, 3 };
    const alx_subset other = { places, 3 }, fewer = { places, 2 };

    (void)state;
    fixture_open(&f);
    assert_ok(cast(&f, 0, false, 0.5, &f.all));
    assert_int_equal(cast(&f, 1, false, 0.5, &other), ALX_E_DATA);
    assert_int_equal(cast(&f, 1, false, 0.5, &fewer), ALX_E_DATA);
    fixture_close(&f);
}

/* ---- constructed scores ---------------------------------------------------------------------- */

static void ties_go_to_the_lower_index(void **state)
{
    static const float tied[] = { 0.1f, 0.3f, 0.1f, 0.3f, 0.1f, 0.1f };
    static const int want[] = { 2, 0, 3, 1, 4, 5 };
    static const float flat[7] = { 0 };

    (void)state;
    for (int label = 0; label < 6; ++label)
        assert_int_equal(alx_rank(tied, 6, label), want[label]);
    for (int label = 0; label < 7; ++label)
        assert_int_equal(alx_rank(flat, 7, label), label);
    assert_int_equal(alx_rank(tied, 6, 6), 6);
    assert_int_equal(alx_rank(tied, 6, -1), 6);
}

static void nan_is_wrong(void **state)
{
    const float scores[] = { 0.9f, NAN, 0.1f };

    (void)state;
    for (int label = 0; label < 3; ++label)
        assert_int_equal(alx_rank(scores, 3, label), 3);
    assert_true(isnan(alx_surprise(NAN)));
}

static void scores_of_constructed_votes(void **state)
{
    float prob[] = {
        0.5f,  0.25f, 0.25f, 0, 0, 0, /* label 0: right */
        0.25f, 0.25f, 0.5f,  0, 0, 0, /* label 1: third, after the tied 0 */
        0.5f,  0.5f,  0,     0, 0, 0, /* label 5: sixth, of four zeros the last */
        0.5f,  0.5f,  0,     0, 0, 0, /* label 4: fifth */
    };
    int32_t labels[] = { 0, 1, 5, 4 };
    const alx_votes votes = { .images = 4, .classes = 6, .labels = labels, .prob = prob };
    const alx_score score = alx_votes_score(&votes);

    (void)state;
    assert_int_equal(score.images, 4);
    assert_int_equal(score.top1, 1);
    assert_int_equal(score.top5, 3);
    assert_true(fabs(score.loss - (1 + 2 + 126 + 126) * log(2.0) / 4) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_on_device(the_centre_is_pytorchs),        test_on_device(ten_crops_are_pytorchs),
        test_on_device(an_ensemble_is_pytorchs),       test_on_device(other_images_are_refused),
        cmocka_unit_test(ties_go_to_the_lower_index),  cmocka_unit_test(nan_is_wrong),
        cmocka_unit_test(scores_of_constructed_votes),
    };

    return cmocka_run_group_tests_name("votes", tests, NULL, test_device_close);
}
