/* curves.c - metrics.csv of a run as a picture: loss on the left, accuracy on the right. */
#include "base/file.h"
#include "base/name_write.h"
#include "base/numbers.h"
#include "base/try.h"
#include "report/csv.h"
#include "report/plot/canvas.h"
#include "report/plot/panel.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

enum { CURVES_WIDTH = 1280, CURVES_HEIGHT = 520 };

/* Two colours that the colour-blind tell apart (Okabe and Ito). */
static const panel_colour train_colour = { 0.0, 0.447, 0.698 },
                          validation_colour = { 0.835, 0.369, 0.0 };

/* What the picture shows, all borrowed from the table. */
typedef struct curves_data {
    const double *epoch, *train_loss, *val_loss, *train_top1, *val_top1, *train_top5, *val_top5;
    size_t rows;
} curves_data;

static int find_columns(curves_data *data, const csv_table *table)
{
    const struct {
        const double **column;
        const char *name;
    } wanted[] = {
        { &data->epoch, "epoch" },       { &data->train_loss, "train_loss" },
        { &data->val_loss, "val_loss" }, { &data->train_top1, "train_top1" },
        { &data->val_top1, "val_top1" }, { &data->train_top5, "train_top5" },
        { &data->val_top5, "val_top5" },
    };

    for (size_t i = 0; i < ALX_COUNT(wanted); ++i) {
        *wanted[i].column = report_csv_column(table, wanted[i].name);
        if (*wanted[i].column == NULL)
            return alx_fail(ALX_E_DATA, "no column %s", wanted[i].name);
    }
    data->rows = table->rows;
    if (data->rows == 0)
        return alx_fail(ALX_E_DATA, "no epoch is finished yet");
    for (size_t i = 0; i < data->rows; ++i)
        if (!(fabs(data->epoch[i]) < 1e9) || (i > 0 && data->epoch[i] < data->epoch[i - 1]))
            return alx_fail(ALX_E_DATA, "line %zu: epochs do not ascend", i + 2);
    return 0;
}

/* "best validation: 75.1 % in epoch 12", or "" without validation. */
static void best_note(char *note, size_t bytes, const curves_data *data, const double *values,
                      bool percent)
{
    size_t best = data->rows;

    for (size_t i = 0; i < data->rows; ++i)
        if (isfinite(values[i]) &&
            (best == data->rows || (percent ? values[i] > values[best] : values[i] < values[best])))
            best = i;
    note[0] = '\0';
    if (best < data->rows)
        base_print(note, bytes,
                   percent ? "best validation: %.1f %% in epoch %.0f"
                           : "best validation: %.3f in epoch %.0f",
                   percent ? 100.0 * values[best] : values[best], data->epoch[best]);
}

/* The run's name: the folder that holds the file, as the path spells it; "" if it does not. As
 * UTF-8, which cairo wants. */
static void run_name(char *name, size_t bytes, const char *metrics_csv)
{
    const char *end = base_path_base(metrics_csv), *begin = NULL;
    char folder[256];

    while (end > metrics_csv && end[-1] == '/')
        --end;
    for (begin = end; begin > metrics_csv && begin[-1] != '/';)
        --begin;
    snprintf(folder, sizeof folder, "%.*s", (int)(end - begin), begin);
    base_name_write(name, bytes, folder, BASE_NAME_LINE);
}

static void draw_curves(cairo_t *cr, const curves_data *data, const char *title)
{
    char loss_note[64], accuracy_note[64];
    const panel loss = {
        .title = "Loss",
        .note = loss_note,
        .x = data->epoch,
        .count = data->rows,
        .series = { { "train", data->train_loss, train_colour, false },
                    { "validation", data->val_loss, validation_colour, false } },
        .series_count = 2,
        .left = 70,
        .top = 96,
        .width = 530,
        .height = 350,
    };
    const panel accuracy = {
        .title = "Accuracy",
        .note = accuracy_note,
        .x = data->epoch,
        .count = data->rows,
        .series = { { "train top-1", data->train_top1, train_colour, false },
                    { "validation top-1", data->val_top1, validation_colour, false },
                    { "train top-5", data->train_top5, train_colour, true },
                    { "validation top-5", data->val_top5, validation_colour, true } },
        .series_count = 4,
        .percent = true,
        .legend = PANEL_LEGEND_LOW,
        .left = 710,
        .top = 96,
        .width = 530,
        .height = 350,
    };

    best_note(loss_note, sizeof loss_note, data, data->val_loss, false);
    best_note(accuracy_note, sizeof accuracy_note, data, data->val_top1, true);
    report_panel_draw(cr, &loss);
    report_panel_draw(cr, &accuracy);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    cairo_set_font_size(cr, 22.0);
    cairo_move_to(cr, loss.left, 40.0);
    cairo_show_text(cr, title);
}

int alx_plot_curves(const char *png_path, const char *metrics_csv)
{
    canvas c = report_canvas_create(CURVES_WIDTH, CURVES_HEIGHT);
    csv_table table = { 0 };
    curves_data data = { 0 };
    char title[NAME_MAX + 1];
    int rc = 0;

    TRY_DONE(report_csv_read(&table, metrics_csv, NULL));
    TRY_DONE(alx_fail_context(find_columns(&data, &table), "%s", metrics_csv));
    run_name(title, sizeof title, metrics_csv);
    draw_curves(c.cr, &data, title);
    TRY_DONE(report_canvas_write(&c, png_path));
done:
    report_csv_free(&table);
    report_canvas_free(&c);
    return rc;
}
