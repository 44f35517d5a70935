/* files.c - an evaluation as files: comma-separated values, and confusions as a picture. */
#include "alexnet/dev/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/file_writer.h"
#include "base/name_write.h"
#include "base/numbers.h"
#include "base/try.h"

static void put_classes(FILE *out, const alx_eval_report *report)
{
    fprintf(out, "index,class,images,top1,top5,loss\n");
    for (int i = 0; i < report->classes; ++i) {
        const alx_eval_class *c = &report->class_sums[i];
        const double images = (double)c->images;

        fprintf(out, "%d,", i);
        base_name_csv(out, report->names[i], false);
        if (c->images > 0)
            base_print_file(out, ",%zu,%.6f,%.6f,%.6f\n", c->images, (double)c->top1 / images,
                            (double)c->top5 / images, c->loss / images);
        else
            fprintf(out, ",0,,,\n");
    }
}

static void put_confusion(FILE *out, const alx_eval_report *report)
{
    const size_t classes = (size_t)report->classes;

    fprintf(out, "label");
    for (size_t c = 0; c < classes; ++c) {
        putc(',', out);
        base_name_csv(out, report->names[c], false);
    }
    putc('\n', out);
    for (size_t label = 0; label < classes; ++label) {
        base_name_csv(out, report->names[label], false);
        for (size_t c = 0; c < classes; ++c)
            fprintf(out, ",%u", report->counts[label * classes + c]);
        putc('\n', out);
    }
}

static void put_confused(FILE *out, const alx_eval_report *report)
{
    fprintf(out, "label,predicted,images\n");
    for (size_t i = 0; i < report->pair_count; ++i) {
        base_name_csv(out, report->names[report->pairs[i].label], false);
        putc(',', out);
        base_name_csv(out, report->names[report->pairs[i].predicted], false);
        fprintf(out, ",%u\n", report->pairs[i].images);
    }
}

static void put_images(FILE *out, const alx_eval_report *report)
{
    char path[PATH_MAX];

    fprintf(out, "image,label,predicted,rank,probability,loss\n");
    for (size_t i = 0; i < report->image_count; ++i) {
        const alx_eval_image *image = &report->images[i];

        alx_dataset_image_name(report->set, report->index[image->row], path, sizeof path);
        base_name_csv(out, path, false);
        putc(',', out);
        base_name_csv(out, report->names[image->label], false);
        putc(',', out);
        base_name_csv(out, report->names[image->predicted], false);
        base_print_file(out, ",%d,%.9g,%.6f\n", image->rank, image->probability, image->loss);
    }
}

static int write_table(const alx_eval_report *report, const char *folder, const char *name,
                       void (*put)(FILE *, const alx_eval_report *))
{
    char path[PATH_MAX], *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    int rc = 0;

    if (out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", name);
    put(out, report);
    if (fclose(out) != 0)
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %s", name);
    TRY_DONE(rc);
    TRY_DONE(base_path_in(path, folder, name));
    TRY_DONE(base_file_write(path, text, bytes));
done:
    free(text);
    return rc;
}

static int write_matrix(const alx_eval_report *report, const char *folder)
{
    char path[PATH_MAX];

    if (report->counts == NULL) {
        alx_warn("%d classes are too many for confusion.csv and .png: see confused.csv",
                 report->classes);
        return 0;
    }
    TRY(write_table(report, folder, "confusion.csv", put_confusion));
    TRY(base_path_in(path, folder, "confusion.png"));
    return alx_plot_confusion(path, report->counts, report->classes, report->names);
}

int alx_eval_report_write(const alx_eval_report *report, const char *folder)
{
    TRY(base_mkdirs(folder));
    TRY(write_table(report, folder, "classes.csv", put_classes));
    TRY(write_table(report, folder, "confused.csv", put_confused));
    TRY(write_table(report, folder, "images.csv", put_images));
    return write_matrix(report, folder);
}
