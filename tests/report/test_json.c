/* test_json.c - what commands print for machines, of structs that were made up: every number where
 * it belongs, names as they are. */
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alexnet/dev/report.h"
#include "alexnet/dev/rt.h"

/* As text on one line, so that the order counts too. */
static void assert_json(char *text, const char *want)
{
    cJSON *tree = cJSON_Parse(text);
    char *line = cJSON_PrintUnformatted(tree);

    assert_non_null(line);
    assert_string_equal(line, want);
    assert_non_null(strchr(text, '\n')); /* indented */
    cJSON_Delete(tree);
    free(line);
    free(text);
}

/* ---- an evaluation --------------------------------------------------------------------------- */

enum { CLASSES = 3, IMAGES = 4 };

static char *names[CLASSES] = { "cat", "dog", "caf\xE9" };
static int32_t labels[IMAGES] = { 1, 0, 1, 1 };
static size_t places[IMAGES] = { 0, 1, 2, 3 };
static float prob[IMAGES * CLASSES] = {
    0.25f, 0.5f,  0.25f, /* right */
    0.25f, 0.5f,  0.25f, /* a cat taken for a dog */
    0.5f,  0.25f, 0.25f, /* dogs taken for cats */
    0.5f,  0.25f, 0.25f,
};
static const char *const checkpoints[] = { "runs/a", "runs/b", NULL };

static alx_evaluation evaluation(void)
{
    alx_evaluation e = { .data = "pictures",
                         .names = { names, CLASSES },
                         .votes = { .images = IMAGES,
                                    .classes = CLASSES,
                                    .labels = labels,
                                    .index = places,
                                    .prob = prob },
                         .score = { IMAGES, 1, 3, 1.25 },
                         .left_out = 7 };
    return e;
}

#define REST "\"images\":4,\"bad_images\":7,\"loss\":1.25,\"top1\":0.25,\"top5\":0.75"

static void an_evaluation_names_the_part_that_was_seen(void **state)
{
    alx_evaluation e = evaluation();
    char *text = NULL;

    (void)state;
    assert_ok(alx_evaluation_json(&text, &e, checkpoints, NULL, 0));
    assert_json(text, "{\"checkpoints\":[\"runs/a\",\"runs/b\"],\"data\":\"pictures\",\"crops\":1,"
                      "\"classes\":3,\"evaluated_classes\":2,\"part\":[\"cat\",\"dog\"]," REST "}");
    labels[3] = 2;
    e.ten_crop = true;
    assert_ok(alx_evaluation_json(&text, &e, checkpoints + 1, NULL, 0));
    assert_json(text, "{\"checkpoints\":[\"runs/b\"],\"data\":\"pictures\",\"crops\":10,"
                      "\"classes\":3,\"evaluated_classes\":3,\"part\":null," REST "}");
    labels[3] = 1;
}

static void the_worst_are_told_as_far_as_asked(void **state)
{
    alx_evaluation e = evaluation();
    alx_eval_report report;
    char *text = NULL;
    static const char *const images[IMAGES] = { "d0.ppm", "c1.ppm", "d2.ppm", "d3.ppm" };
    const char *paths[IMAGES];

    (void)state;
    for (size_t i = 0; i < IMAGES; ++i) { /* none is opened: a loose image may be of any kind */
        test_folder_write(&test_own_folder, images[i], "");
        paths[i] = test_folder_path(&test_own_folder, images[i]);
    }
    assert_ok(alx_dataset_of_images(&e.set, paths, IMAGES));
    assert_ok(alx_eval_report_create(&report, &e.votes, e.set, (const char *const *)names));
    assert_ok(alx_evaluation_json(&text, &e, checkpoints, &report, 1));
    cJSON *tree = cJSON_Parse(text), *pairs = cJSON_GetObjectItem(tree, "confused");
    cJSON *worst = cJSON_GetObjectItem(tree, "worst"), *first = cJSON_GetArrayItem(worst, 0);
    char *pairs_text = cJSON_PrintUnformatted(pairs);

    assert_string_equal(pairs_text, "[{\"label\":\"dog\",\"predicted\":\"cat\",\"images\":2}]");
    assert_int_equal(cJSON_GetArraySize(worst), 1);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(first, "image")), paths[1]);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(first, "label")), "cat");
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(first, "probability")) == 0.25);
    cJSON_Delete(tree);
    free(pairs_text);
    free(text);
    assert_ok(alx_evaluation_json(&text, &e, checkpoints, &report, 99));
    tree = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "confused")), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "worst")), IMAGES);
    cJSON_Delete(tree);
    free(text);
    alx_eval_report_free(&report);
    alx_dataset_close(e.set);
}

/* ---- predictions ----------------------------------------------------------------------------- */

static void predictions_fall(void **state)
{
    const alx_class_names all = { names, CLASSES };
    alx_predictions *list = NULL;
    char *text = NULL;

    (void)state;
    assert_ok(alx_predictions_create(&list, &all, 2));
    alx_predictions_add(list, "a.jpg", prob);
    alx_predictions_add(list, "b\xE9.jpg", prob + CLASSES * 2);
    assert_ok(alx_predictions_json(&text, list));
    assert_json(text, "[{\"image\":\"a.jpg\",\"classes\":["
                      "{\"class\":\"dog\",\"index\":1,\"probability\":0.5},"
                      "{\"class\":\"cat\",\"index\":0,\"probability\":0.25}]},"
                      "{\"image\":\"b\\\\xe9.jpg\",\"classes\":["
                      "{\"class\":\"cat\",\"index\":0,\"probability\":0.5},"
                      "{\"class\":\"dog\",\"index\":1,\"probability\":0.25}]}]");
    alx_predictions_free(list);

    assert_ok(alx_predictions_create(&list, &all, 99)); /* as many as there are */
    alx_predictions_add(list, "a.jpg", prob);
    assert_ok(alx_predictions_json(&text, list));
    assert_json(text, "[{\"image\":\"a.jpg\",\"classes\":["
                      "{\"class\":\"dog\",\"index\":1,\"probability\":0.5},"
                      "{\"class\":\"cat\",\"index\":0,\"probability\":0.25},"
                      "{\"class\":\"caf\\\\xe9\",\"index\":2,\"probability\":0.25}]}]");
    alx_predictions_free(list);
    alx_predictions_free(NULL);
}

/* ---- features -------------------------------------------------------------------------------- */

static void the_nearest_have_names_and_classes(void **state)
{
    static float values[] = { 0, 10 };
    static size_t index[] = { 1, 0 };
    static char *lines[] = { "far.jpg\tdog", "near\\x09.jpg" }; /* a tab in a name is escaped */
    const alx_features queries = { .values = values, .index = index, .count = 2, .length = 1 };
    const char *paths[2];
    alx_dataset *set = NULL;
    alx_feature_search search;
    char *text = NULL, want[2048];

    (void)state;
    for (int i = 0; i < 2; ++i) {
        test_folder_write(&test_own_folder, i == 0 ? "x.ppm" : "y.ppm", "");
        paths[i] = test_folder_path(&test_own_folder, i == 0 ? "x.ppm" : "y.ppm");
    }
    assert_ok(alx_dataset_of_images(&set, paths, 2));
    assert_ok(alx_feature_search_create(&search, &queries, 3));
    alx_neighbours_add(&search.found, &(float){ 4 });
    alx_neighbours_add(&search.found, &(float){ 1 });
    search.lines = lines;
    assert_ok(alx_feature_search_json(&text, &search, &queries, set));
    snprintf(want, sizeof want,
             "[{\"image\":\"%s\",\"nearest\":["
             "{\"image\":\"near\\t.jpg\",\"distance\":1},"
             "{\"image\":\"far.jpg\",\"class\":\"dog\",\"distance\":4}]},"
             "{\"image\":\"%s\",\"nearest\":["
             "{\"image\":\"far.jpg\",\"class\":\"dog\",\"distance\":6},"
             "{\"image\":\"near\\t.jpg\",\"distance\":9}]}]",
             paths[1], paths[0]);
    assert_json(text, want);
    search.lines = NULL;
    alx_feature_search_free(&search);
    alx_dataset_close(set);
}

/* ---- devices --------------------------------------------------------------------------------- */

static void devices_are_as_they_say(void **state)
{
    const alx_device_info list[] = {
        { .index = 0,
          .type = ALX_DEVICE_GPU,
          .name = "A \"quick\" one",
          .compute_units = 8,
          .global_bytes = (size_t)3 << 33,
          .local_bytes = 4096,
          .max_group = 256 },
        { .index = 1, .type = ALX_DEVICE_OTHER },
    };
    char *text = NULL;

    (void)state;
    assert_ok(alx_devices_json(&text, list, 1));
    assert_json(text, "[{\"index\":0,\"type\":\"gpu\",\"name\":\"A \\\"quick\\\" one\","
                      "\"vendor\":\"\",\"version\":\"\",\"driver\":\"\",\"platform\":\"\","
                      "\"platform_version\":\"\",\"compute_units\":8,\"global_bytes\":25769803776,"
                      "\"max_alloc_bytes\":0,\"local_bytes\":4096,\"max_group\":256}]");
    assert_ok(alx_devices_json(&text, list, 2));
    assert_non_null(strstr(text, "\"other\""));
    free(text);
    assert_string_equal(alx_device_type_name(ALX_DEVICE_CPU), "cpu");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_evaluation_names_the_part_that_was_seen),
        cmocka_unit_test(the_worst_are_told_as_far_as_asked),
        cmocka_unit_test(predictions_fall),
        cmocka_unit_test(the_nearest_have_names_and_classes),
        cmocka_unit_test(devices_are_as_they_say),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
