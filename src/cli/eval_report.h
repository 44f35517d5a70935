/* eval_report.h - what an evaluation tells beyond its three numbers. */
#ifndef CLI_EVAL_REPORT_H
#define CLI_EVAL_REPORT_H

#include "cli/ui/json.h"
#include "cli/ui/names.h"

/** What the network took for what, and how often. */
typedef struct eval_pair {
    int label, predicted;
    uint32_t images;
} eval_pair;

typedef struct eval_class {
    size_t images, top1, top5;
    double loss; /**< sum over its images */
} eval_class;

/** One image's answer. */
typedef struct eval_image {
    size_t row;
    int label, predicted, rank;
    double probability, loss; /**< of the label */
} eval_image;

typedef struct eval_report {
    const alx_dataset *set; /**< names its images; borrowed, as names */
    const cli_names *names;
    int classes;
    size_t image_count, pair_count;
    const size_t *index;    /**< of each row in the data set; borrowed from the votes */
    uint32_t *counts;       /**< (classes, classes): label, prediction; NULL: too many */
    eval_class *class_sums; /**< classes */
    eval_image *images;     /**< worst first: by loss, then in the order of the set */
    eval_pair *pairs;       /**< wrong ones, most frequent first, then by label and prediction */
} eval_report;

/** `votes`, `set` and `names` must outlive it. Free it whatever happens. */
int eval_report_create(eval_report *out, const alx_votes *votes, const alx_dataset *set,
                       const cli_names *names) ALX_MUST_USE;
void eval_report_free(eval_report *report);

/** classes.csv, confused.csv, images.csv and, unless there are too many classes, confusion.csv and
 *  confusion.png into a folder. */
int eval_report_write(const eval_report *report, const char *folder) ALX_MUST_USE;
/** At most `count` pairs and as many images on stdout. */
void eval_report_print(const eval_report *report, int count);
/** The same as members "confused" and "worst" of a tree. */
void eval_report_json(const eval_report *report, int count, cJSON *tree);

#endif
