/* confusion.c - a confusion matrix as a picture: a row per label, a column per prediction. Few
 * classes get their names and counts, many the numbers of some of them. */
#include "report/plot/canvas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/name_write.h"

#define CONFUSION_NAMED 40  /* classes, at most, for names and counts */
#define CONFUSION_CELL 36   /* pixels of a named cell */
#define CONFUSION_SIDE 1000 /* pixels, about, of a matrix of many classes */
#define CONFUSION_LEFT 190
#define CONFUSION_TOP 60 /* at least: two lines of text; more where names are long */
#define NAME_LETTERS 22
#define NAME_FONT 12.0

typedef struct confusion {
    const uint32_t *counts;
    const char *const *names;
    int classes, cell, top;
    bool named;
} confusion;

/* ---- cells --------------------------------------------------------------------------------- */

/* White for none, full colour for all of a row; the root shows rare confusions too. */
static void draw_cell(cairo_t *cr, const confusion *m, int label, int column, double row_sum)
{
    static const double full[2][3] = { { 0.70, 0.09, 0.17 }, { 0.13, 0.40, 0.67 } };
    const uint32_t count = m->counts[(size_t)label * (size_t)m->classes + (size_t)column];
    const double x = CONFUSION_LEFT + (double)column * m->cell,
                 y = m->top + (double)label * m->cell, depth = sqrt(count / row_sum);
    const double *colour = full[label == column];
    char text[16];

    cairo_set_source_rgb(cr, 1.0 + depth * (colour[0] - 1.0), 1.0 + depth * (colour[1] - 1.0),
                         1.0 + depth * (colour[2] - 1.0));
    cairo_rectangle(cr, x, y, m->cell, m->cell);
    cairo_fill(cr);
    if (!m->named)
        return;
    const double ink = depth > 0.6 ? 1.0 : 0.15;

    snprintf(text, sizeof text, "%u", count);
    cairo_set_source_rgb(cr, ink, ink, ink);
    report_canvas_text(cr, x + m->cell / 2.0, y + m->cell / 2.0 + 4.0, 0.5, text);
}

static void draw_row(cairo_t *cr, const confusion *m, int label)
{
    const uint32_t *row = m->counts + (size_t)label * (size_t)m->classes;
    double sum = 0.0;

    for (int c = 0; c < m->classes; ++c)
        sum += row[c];
    for (int c = 0; c < m->classes; ++c)
        if (row[c] > 0)
            draw_cell(cr, m, label, c, sum);
}

/* ---- what surrounds them ------------------------------------------------------------------- */

/* As UTF-8, which cairo wants, and cut between two characters where it is long. */
static void short_name(char out[NAME_LETTERS + 8], const char *name)
{
    if (base_name_write(out, NAME_LETTERS + 1, name, BASE_NAME_LINE) > NAME_LETTERS) {
        base_name_write(out, NAME_LETTERS - 1, name, BASE_NAME_LINE);
        strcat(out, "...");
    }
}

/* On the left, where it ends at the matrix, and upwards on the top. */
static void draw_name(cairo_t *cr, const confusion *m, int index, const char *text)
{
    static const double quarter_turn = 1.5707963267948966;
    const double at = (index + 0.5) * m->cell + 4.0;

    report_canvas_text(cr, CONFUSION_LEFT - 8.0, m->top + at, 1.0, text);
    cairo_save(cr);
    cairo_translate(cr, CONFUSION_LEFT + at, m->top - 8.0);
    cairo_rotate(cr, -quarter_turn);
    report_canvas_text(cr, 0.0, 0.0, 0.0, text);
    cairo_restore(cr);
}

/* Room above the matrix for the longest name. */
static int top_margin(const confusion *m)
{
    canvas paper = report_canvas_create(1, 1);
    int top = CONFUSION_TOP;

    cairo_set_font_size(paper.cr, NAME_FONT);
    for (int i = 0; m->named && i < m->classes; ++i) {
        char text[NAME_LETTERS + 8];
        cairo_text_extents_t size;

        short_name(text, m->names[i]);
        cairo_text_extents(paper.cr, text, &size);
        if (size.x_advance + 16.0 > top)
            top = (int)size.x_advance + 16;
    }
    report_canvas_free(&paper);
    return top;
}

static int number_step(const confusion *m)
{
    static const int steps[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000 };
    size_t i = 0;

    while (i + 1 < ALX_COUNT(steps) && steps[i] * m->cell < 40)
        ++i;
    return steps[i];
}

static void draw_names(cairo_t *cr, const confusion *m)
{
    const int step = m->named ? 1 : number_step(m);
    char text[NAME_LETTERS + 8];

    cairo_set_source_rgb(cr, 0.15, 0.15, 0.15);
    for (int i = 0; i < m->classes; i += step) {
        if (m->named)
            short_name(text, m->names[i]);
        else
            snprintf(text, sizeof text, "%d", i);
        draw_name(cr, m, i, text);
    }
}

static void draw_frame(cairo_t *cr, const confusion *m)
{
    const double side = (double)m->classes * m->cell;

    cairo_set_source_rgb(cr, 0.6, 0.6, 0.6);
    cairo_set_line_width(cr, 1.0);
    cairo_rectangle(cr, CONFUSION_LEFT - 0.5, m->top - 0.5, side + 1.0, side + 1.0);
    cairo_stroke(cr);
    cairo_set_source_rgb(cr, 0.15, 0.15, 0.15);
    cairo_set_font_size(cr, 14.0);
    report_canvas_text(cr, CONFUSION_LEFT - 8.0, m->top - 42.0, 1.0, "row: label");
    report_canvas_text(cr, CONFUSION_LEFT - 8.0, m->top - 22.0, 1.0, "column: prediction");
}

int alx_plot_confusion(const char *png_path, const uint32_t *counts, int classes,
                       const char *const *names)
{
    confusion m = { .counts = counts,
                    .names = names,
                    .classes = classes,
                    .named = names != NULL && classes <= CONFUSION_NAMED };

    if (classes < 1 || classes > ALX_CONFUSION_CLASSES)
        return alx_fail(ALX_E_USAGE, "%s: a matrix of %d classes cannot be drawn", png_path,
                        classes);
    m.cell = m.named ? CONFUSION_CELL : classes < CONFUSION_SIDE ? CONFUSION_SIDE / classes : 1;
    m.top = top_margin(&m);
    const int side = classes * m.cell + 20;
    canvas c = report_canvas_create(CONFUSION_LEFT + side, m.top + side);

    cairo_set_font_size(c.cr, NAME_FONT);
    for (int label = 0; label < classes; ++label)
        draw_row(c.cr, &m, label);
    draw_names(c.cr, &m);
    draw_frame(c.cr, &m);
    const int rc = report_canvas_write(&c, png_path);

    report_canvas_free(&c);
    return rc;
}
