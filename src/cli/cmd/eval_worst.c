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
    cJSON *confused = base_json_add_array(tree, "confused");
    cJSON *worst = base_json_add_array(tree, "worst");
    char path[PATH_MAX];

    for (size_t i = 0; i < at_most(count, report->pair_count); ++i) {
        cJSON *pair = cJSON_CreateObject();

        base_json_add_text(pair, "label", names[report->pairs[i].label]);
        base_json_add_text(pair, "predicted", names[report->pairs[i].predicted]);
        base_json_add_number(pair, "images", report->pairs[i].images);
        base_json_append(confused, pair);
    }
    for (size_t i = 0; i < at_most(count, report->image_count); ++i) {
        const alx_eval_image *image = &report->images[i];
        cJSON *entry = cJSON_CreateObject();

        alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
        base_json_add_text(entry, "image", path);
        base_json_add_text(entry, "label", names[image->label]);
        base_json_add_text(entry, "predicted", names[image->predicted]);
        base_json_add_number(entry, "probability", image->probability);
        base_json_add_number(entry, "loss", image->loss);
        base_json_append(worst, entry);
    }
}
