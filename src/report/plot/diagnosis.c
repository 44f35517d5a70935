/* diagnosis.c - diagnose.csv of a run as a picture: five diagrams with a line for each layer. */
#include "alexnet/dev/report.h"
#include "base/try.h"
#include "report/csv.h"
#include "report/plot/canvas.h"
#include "report/plot/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIAGNOSIS_WIDTH = 1280,
    DIAGNOSIS_HEIGHT = 1370,
    LEGEND_LEFT = 720,
    LEGEND_TOP = 990,
    LEGEND_ROW = 24
};

enum { GRADIENT, OUTPUT_GRADIENT, UPDATE, DEAD, QUIET, DIAGRAMS };

static const struct {
    const char *title, *column;
    bool log;
} diagrams[DIAGRAMS] = {
    [GRADIENT] = { "Gradient of weights, L2 norm", "grad_norm", true },
    [OUTPUT_GRADIENT] = { "Gradient of outputs, L2 norm", "output_grad_norm", true },
    [UPDATE] = { "Update / weight", "update_ratio", true },
    [DEAD] = { "Dead units", "dead_units", false },
    [QUIET] = { "Activations that are 0 or saturated", "zeros", false },
};

typedef struct diagnosis {
    csv_table table;
    size_t epochs, layers;
    double *values; /* epochs; then layers x epochs of each diagram in turn */
} diagnosis;

/* ---- numbers --------------------------------------------------------------------------------- */

/* Rows are epoch by epoch, in each the layers in one order. */
static int check_order(const diagnosis *d, const double *epoch, const double *layer)
{
    for (size_t i = 0; i < d->table.rows; ++i)
        if (layer[i] != (double)(i % d->layers) || epoch[i] != epoch[i - i % d->layers] ||
            (i >= d->layers && i % d->layers == 0 && !(epoch[i] > epoch[i - 1])))
            return alx_fail(ALX_E_DATA, "line %zu: not a row for every layer in each epoch", i + 2);
    return 0;
}

static double *diagram_values(const diagnosis *d, int diagram)
{
    return d->values + d->epochs * (1 + d->layers * (size_t)diagram);
}

static int take_columns(diagnosis *d)
{
    const double *saturated = report_csv_column(&d->table, "saturated");
    const double *epoch = report_csv_column(&d->table, "epoch");

    for (size_t i = 0; i < d->epochs; ++i)
        d->values[i] = epoch[i * d->layers];
    for (int diagram = 0; diagram < DIAGRAMS; ++diagram) {
        const double *column = report_csv_column(&d->table, diagrams[diagram].column);
        double *values = diagram_values(d, diagram);

        if ((column == NULL && diagram != OUTPUT_GRADIENT) || saturated == NULL)
            return alx_fail(ALX_E_DATA, "no column %s",
                            column == NULL ? diagrams[diagram].column : "saturated");
        for (size_t i = 0; i < d->table.rows; ++i) {
            const size_t at = i % d->layers * d->epochs + i / d->layers;

            values[at] = column != NULL ? column[i] : NAN; /* runs of before have not measured it */
            if (diagram == QUIET && isfinite(saturated[i]))
                values[at] += saturated[i];
        }
    }
    return 0;
}

static int shape_table(diagnosis *d)
{
    const double *epoch = report_csv_column(&d->table, "epoch");
    const double *layer = report_csv_column(&d->table, "layer");

    if (epoch == NULL || layer == NULL)
        return alx_fail(ALX_E_DATA, "no column %s", epoch == NULL ? "epoch" : "layer");
    d->layers = d->table.word_count;
    if (d->layers == 0)
        return alx_fail(ALX_E_DATA, "no epoch is finished yet");
    if (d->layers > PANEL_MAX_SERIES || d->table.rows % d->layers != 0)
        return alx_fail(ALX_E_DATA, "%zu rows of %zu layers", d->table.rows, d->layers);
    d->epochs = d->table.rows / d->layers;
    TRY(check_order(d, epoch, layer));
    d->values = malloc(d->epochs * (1 + d->layers * DIAGRAMS) * sizeof *d->values);
    if (d->values == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu rows", d->table.rows);
    return take_columns(d);
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* From blue, the first layer, by green to orange. */
static panel_colour layer_colour(size_t layer, size_t layers)
{
    static const panel_colour stops[] = {
        { 0.0, 0.447, 0.698 },
        { 0.0, 0.62, 0.45 },
        { 0.9, 0.62, 0.0 },
        { 0.835, 0.369, 0.0 },
    };
    const double at = layers > 1 ? 3.0 * (double)layer / (double)(layers - 1) : 0.0;
    const int i = at < 2.0 ? (int)at : 2;
    const panel_colour a = stops[i], b = stops[i + 1];
    const double share = at - i;

    return (panel_colour){ a.red + share * (b.red - a.red), a.green + share * (b.green - a.green),
                           a.blue + share * (b.blue - a.blue) };
}

static void draw_diagram(cairo_t *cr, const diagnosis *d, int diagram)
{
    panel p = {
        .title = diagrams[diagram].title,
        .note = "",
        .x = d->values,
        .count = d->epochs,
        .series_count = (int)d->layers,
        .log = diagrams[diagram].log,
        .percent = !diagrams[diagram].log,
        .legend = PANEL_LEGEND_NONE,
        .left = 80.0 + 620.0 * (diagram % 2),
        .top = 60.0 + 450.0 * (diagram / 2),
        .width = 540,
        .height = 340,
    };

    for (size_t i = 0; i < d->layers; ++i)
        p.series[i] = (panel_series){ d->table.words[i], diagram_values(d, diagram) + i * d->epochs,
                                      layer_colour(i, d->layers), false };
    report_panel_draw(cr, &p);
}

static void draw_legend(cairo_t *cr, const diagnosis *d)
{
    for (size_t i = 0; i < d->layers; ++i) {
        const panel_colour colour = layer_colour(i, d->layers);
        const double y = LEGEND_TOP + LEGEND_ROW * (double)i;

        cairo_set_source_rgb(cr, colour.red, colour.green, colour.blue);
        cairo_rectangle(cr, LEGEND_LEFT, y, 24.0, 4.0);
        cairo_fill(cr);
        cairo_set_source_rgb(cr, 0.15, 0.15, 0.15);
        report_canvas_text(cr, LEGEND_LEFT + 32.0, y + 7.0, 0.0, d->table.words[i]);
    }
}

int alx_plot_diagnosis(const char *png_path, const char *diagnose_csv)
{
    canvas c = report_canvas_create(DIAGNOSIS_WIDTH, DIAGNOSIS_HEIGHT);
    diagnosis d = { .epochs = 0 };
    int rc = 0;

    TRY_DONE(report_csv_read(&d.table, diagnose_csv, "layer"));
    TRY_DONE(alx_fail_context(shape_table(&d), "%s", diagnose_csv));
    for (int diagram = 0; diagram < DIAGRAMS; ++diagram)
        draw_diagram(c.cr, &d, diagram);
    draw_legend(c.cr, &d);
    TRY_DONE(report_canvas_write(&c, png_path));
done:
    free(d.values);
    report_csv_free(&d.table);
    report_canvas_free(&c);
    return rc;
}
