/* report.c - confusions, classes and images of an evaluation, counted and sorted. */
#include "alexnet/dev/report.h"

#include <stdlib.h>

static int compare_pairs(const void *left, const void *right)
{
    const alx_eval_pair *a = left, *b = right;

    if (a->images != b->images)
        return a->images > b->images ? -1 : 1;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    return a->predicted < b->predicted ? -1 : a->predicted > b->predicted;
}

static int compare_images(const void *left, const void *right)
{
    const alx_eval_image *a = left, *b = right;

    if (a->loss < b->loss || a->loss > b->loss)
        return a->loss > b->loss ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static int most_probable(const float *prob, int classes)
{
    int best = 0;

    for (int c = 1; c < classes; ++c)
        if (prob[c] > prob[best])
            best = c;
    return best;
}

static void count_image(alx_eval_report *report, const alx_votes *votes, size_t row)
{
    const size_t classes = (size_t)votes->classes;
    const float *prob = votes->prob + row * classes;
    const int label = votes->labels[row];
    alx_eval_image *image = &report->images[row];
    alx_eval_class *sums = &report->class_sums[label];

    *image = (alx_eval_image){ .row = row,
                               .label = label,
                               .predicted = most_probable(prob, votes->classes),
                               .rank = alx_rank(prob, votes->classes, label),
                               .probability = (double)prob[label],
                               .loss = alx_surprise(prob[label]) };
    if (report->counts != NULL)
        ++report->counts[(size_t)label * classes + (size_t)image->predicted];
    ++sums->images;
    sums->top1 += image->rank < 1;
    sums->top5 += image->rank < 5;
    sums->loss += image->loss;
}

static int list_pairs(alx_eval_report *report)
{
    alx_eval_pair *pairs = malloc((report->image_count + 1) * sizeof *pairs);
    size_t wrong = 0, count = 0;

    report->pairs = pairs;
    if (pairs == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a report of %zu images",
                        report->image_count);
    for (size_t i = 0; i < report->image_count; ++i) {
        const alx_eval_image *image = &report->images[i];

        if (image->label != image->predicted)
            pairs[wrong++] = (alx_eval_pair){ image->label, image->predicted, 1 };
    }
    qsort(pairs, wrong, sizeof *pairs, compare_pairs); /* the same ones meet */
    for (size_t i = 0; i < wrong; ++i)
        if (count > 0 && pairs[count - 1].label == pairs[i].label &&
            pairs[count - 1].predicted == pairs[i].predicted)
            ++pairs[count - 1].images;
        else
            pairs[count++] = pairs[i];
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    report->pair_count = count;
    return 0;
}

int alx_eval_report_create(alx_eval_report *out, const alx_votes *votes, const alx_dataset *set,
                           const char *const *names)
{
    const size_t classes = (size_t)votes->classes;
    const bool matrix = votes->classes <= ALX_CONFUSION_CLASSES;

    *out = (alx_eval_report){ .set = set,
                              .names = names,
                              .classes = votes->classes,
                              .image_count = votes->images,
                              .index = votes->index };
    if (matrix)
        out->counts = calloc(classes * classes, sizeof *out->counts);
    out->class_sums = calloc(classes, sizeof *out->class_sums);
    out->images = calloc(votes->images > 0 ? votes->images : 1, sizeof *out->images);
    if ((matrix && out->counts == NULL) || out->class_sums == NULL || out->images == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a report of %zu images",
                        votes->images);
    for (size_t row = 0; row < votes->images; ++row)
        count_image(out, votes, row);
    qsort(out->images, votes->images, sizeof *out->images, compare_images);
    return list_pairs(out);
}

void alx_eval_report_free(alx_eval_report *report)
{
    free(report->counts);
    free(report->class_sums);
    free(report->images);
    free(report->pairs);
    *report = (alx_eval_report){ 0 };
}
