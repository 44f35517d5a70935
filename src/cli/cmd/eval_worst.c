/* eval_worst.c - what an evaluation got wrong, in print and as JSON. */
#include "cli/cmd/eval_worst.h"

#include <limits.h>
#include <stdio.h>

#include "base/name_write.h"

static size_t at_most(int count, size_t there)
{
    return (size_t)count < there ? (size_t)count : there;
}

static void print_confused(const alx_eval_report *report, int label, int predicted)
{
    base_name_print(stdout, report->names[label], BASE_NAME_LINE);
    fputs(", taken for ", stdout);
    base_name_print(stdout, report->names[predicted], BASE_NAME_LINE);
    putchar('\n');
}

void eval_print_worst(const alx_eval_report *report, int count)
{
    char path[PATH_MAX];

    printf("\nmost confused\n");
    for (size_t i = 0; i < at_most(count, report->pair_count); ++i) {
        printf("  %7u  ", report->pairs[i].images);
        print_confused(report, report->pairs[i].label, report->pairs[i].predicted);
    }
    printf("\nworst images\n");
    for (size_t i = 0; i < at_most(count, report->image_count); ++i) {
        const alx_eval_image *image = &report->images[i];

        alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
        printf("  loss %6.2f  ", image->loss);
        base_name_print(stdout, path, BASE_NAME_LINE);
        fputs(": ", stdout);
        print_confused(report, image->label, image->predicted);
    }
}

void eval_json_worst(const alx_eval_report *report, int count, cJSON *tree)
{
    const char *const *names = report->names;
    cJSON *confused = cJSON_AddArrayToObject(tree, "confused");
    cJSON *worst = cJSON_AddArrayToObject(tree, "worst");
    char path[PATH_MAX];

    for (size_t i = 0; i < at_most(count, report->pair_count); ++i) {
        cJSON *pair = cJSON_CreateObject();

        cJSON_AddStringToObject(pair, "label", names[report->pairs[i].label]);
        cJSON_AddStringToObject(pair, "predicted", names[report->pairs[i].predicted]);
        cJSON_AddNumberToObject(pair, "images", report->pairs[i].images);
        cJSON_AddItemToArray(confused, pair);
    }
    for (size_t i = 0; i < at_most(count, report->image_count); ++i) {
        const alx_eval_image *image = &report->images[i];
        cJSON *entry = cJSON_CreateObject();

        alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
        cJSON_AddStringToObject(entry, "image", path);
        cJSON_AddStringToObject(entry, "label", names[image->label]);
        cJSON_AddStringToObject(entry, "predicted", names[image->predicted]);
        cJSON_AddNumberToObject(entry, "probability", image->probability);
        cJSON_AddNumberToObject(entry, "loss", image->loss);
        cJSON_AddItemToArray(worst, entry);
    }
}
