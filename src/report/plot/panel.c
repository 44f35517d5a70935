/* panel.c - drawing of one diagram with cairo. */
#include "report/plot/panel.h"

#include <math.h>
#include <stdio.h>

#include "base/numbers.h"
#include "report/plot/canvas.h"

#define LABEL_SIZE 14.0
#define TITLE_SIZE 18.0
#define TICKS 6 /* about this many on an axis */
#define MOST_DOTS 30

typedef struct panel_axis {
    double low, high, step;
} panel_axis;

static const panel_colour ink = { 0.15, 0.15, 0.15 }, grid = { 0.88, 0.88, 0.88 },
                          grey = { 0.45, 0.45, 0.45 }, paper = { 1.0, 1.0, 1.0 };

/* ---- scales --------------------------------------------------------------------------------- */

/* The step of 1, 2 or 5 times a power of ten that gives about TICKS ticks. */
static double nice_step(double range)
{
    const double raw = range / TICKS, power = pow(10.0, floor(log10(raw)));
    const double lead = raw / power;

    return power * (lead <= 1.0 ? 1.0 : lead <= 2.0 ? 2.0 : lead <= 5.0 ? 5.0 : 10.0);
}

static panel_axis x_axis(const panel *p)
{
    panel_axis axis = { p->x[0], p->x[p->count - 1], 1.0 };

    if (!(axis.high > axis.low)) {
        axis.low -= 1.0;
        axis.high = axis.low + 2.0;
    }
    axis.step = fmax(nice_step(axis.high - axis.low), 1.0);
    return axis;
}

/* A value's height on the axis; not finite where it is left out. */
static double y_level(const panel *p, double y)
{
    return p->log ? log10(y) : y;
}

/* Whole powers of ten, one at least. */
static panel_axis log_axis(const panel *p)
{
    panel_axis axis = { INFINITY, -INFINITY, 1.0 };

    for (int s = 0; s < p->series_count; ++s)
        for (size_t i = 0; i < p->count; ++i) {
            const double level = y_level(p, p->series[s].y[i]);

            if (isfinite(level)) {
                axis.low = fmin(axis.low, floor(level));
                axis.high = fmax(axis.high, ceil(level));
            }
        }
    if (!(axis.high > axis.low)) {
        axis.low = isfinite(axis.low) ? axis.low : 0.0;
        axis.high = axis.low + 1.0;
    }
    axis.step = fmax(1.0, ceil((axis.high - axis.low) / TICKS));
    return axis;
}

static panel_axis y_axis(const panel *p)
{
    panel_axis axis = { 0.0, 0.0, 1.0 };

    if (p->log)
        return log_axis(p);

    for (int s = 0; s < p->series_count; ++s)
        for (size_t i = 0; i < p->count; ++i)
            if (isfinite(p->series[s].y[i]))
                axis.high = fmax(axis.high, p->series[s].y[i]);
    if (axis.high < 1e-9)
        axis.high = 1.0;
    axis.step = nice_step(axis.high);
    axis.high = axis.step * ceil(axis.high / axis.step - 1e-9);
    return axis;
}

static double to_pixel_x(const panel *p, const panel_axis *axis, double x)
{
    return p->left + p->width * (x - axis->low) / (axis->high - axis->low);
}

static double to_pixel_y(const panel *p, const panel_axis *axis, double level)
{
    return p->top + p->height * (1.0 - (level - axis->low) / (axis->high - axis->low));
}

/* ---- text and axes -------------------------------------------------------------------------- */

static void set_colour(cairo_t *cr, panel_colour colour)
{
    cairo_set_source_rgb(cr, colour.red, colour.green, colour.blue);
}

static void put_line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    /* half pixels make lines of width 1 sharp */
    cairo_move_to(cr, floor(x0) + 0.5, floor(y0) + 0.5);
    cairo_line_to(cr, floor(x1) + 0.5, floor(y1) + 0.5);
    cairo_stroke(cr);
}

static void tick_label(char *text, size_t bytes, double value, double step, bool percent)
{
    const double factor = percent ? 100.0 : 1.0;
    const int decimals = (int)fmax(0.0, -floor(log10(step * factor) + 1e-9));

    base_print(text, bytes, "%.*f%s", decimals, value * factor, percent ? " %" : "");
}

static void draw_x_ticks(cairo_t *cr, const panel *p, const panel_axis *axis)
{
    const double bottom = p->top + p->height;
    char text[32];

    for (double x = axis->step * ceil(axis->low / axis->step); x <= axis->high; x += axis->step) {
        const double at = to_pixel_x(p, axis, x);

        set_colour(cr, ink);
        put_line(cr, at, bottom, at, bottom + 5.0);
        tick_label(text, sizeof text, x, axis->step, false);
        report_canvas_text(cr, at, bottom + 22.0, 0.5, text);
    }
    report_canvas_text(cr, p->left + p->width / 2.0, bottom + 44.0, 0.5, "epoch");
}

static void draw_y_ticks(cairo_t *cr, const panel *p, const panel_axis *axis)
{
    char text[32];

    for (int i = 0; i <= (int)floor((axis->high - axis->low) / axis->step + 1e-9); ++i) {
        const double level = axis->low + i * axis->step;
        const double at = to_pixel_y(p, axis, level);

        set_colour(cr, grid);
        put_line(cr, p->left, at, p->left + p->width, at);
        set_colour(cr, ink);
        if (p->log)
            base_print(text, sizeof text, "1e%.0f", level);
        else
            tick_label(text, sizeof text, level, axis->step, p->percent);
        report_canvas_text(cr, p->left - 8.0, at + 5.0, 1.0, text);
    }
}

static void draw_frame(cairo_t *cr, const panel *p)
{
    set_colour(cr, ink);
    put_line(cr, p->left, p->top, p->left, p->top + p->height);
    put_line(cr, p->left, p->top + p->height, p->left + p->width, p->top + p->height);
    cairo_set_font_size(cr, TITLE_SIZE);
    report_canvas_text(cr, p->left, p->top - 14.0, 0.0, p->title);
    cairo_set_font_size(cr, LABEL_SIZE);
    set_colour(cr, grey);
    report_canvas_text(cr, p->left + p->width, p->top - 14.0, 1.0, p->note);
}

/* ---- lines and legend ----------------------------------------------------------------------- */

static void set_pen(cairo_t *cr, const panel_series *series)
{
    static const double dashes[] = { 6.0, 4.0 };

    set_colour(cr, series->colour);
    cairo_set_line_width(cr, series->faint ? 1.2 : 2.2);
    cairo_set_dash(cr, dashes, series->faint ? 2 : 0, 0.0);
}

static void reset_pen(cairo_t *cr)
{
    cairo_set_line_width(cr, 1.0);
    cairo_set_dash(cr, NULL, 0, 0.0);
}

/* Few points are marked: a single one has no line to show it. */
static void draw_dots(cairo_t *cr, const panel *p, const panel_series *series,
                      const panel_axis *across, const panel_axis *up)
{
    size_t points = 0;

    for (size_t i = 0; i < p->count; ++i)
        points += isfinite(y_level(p, series->y[i])) != 0;
    if (points > MOST_DOTS)
        return;
    for (size_t i = 0; i < p->count; ++i) {
        const double level = y_level(p, series->y[i]);

        if (!isfinite(level))
            continue;
        cairo_arc(cr, to_pixel_x(p, across, p->x[i]), to_pixel_y(p, up, level),
                  series->faint ? 2.0 : 3.5, 0.0, 6.2832);
        cairo_fill(cr);
    }
}

static void draw_series(cairo_t *cr, const panel *p, const panel_series *series,
                        const panel_axis *across, const panel_axis *up)
{
    set_pen(cr, series);
    cairo_new_path(cr); /* the first line_to of a path moves */
    for (size_t i = 0; i < p->count; ++i) {
        const double level = y_level(p, series->y[i]);

        if (isfinite(level))
            cairo_line_to(cr, to_pixel_x(p, across, p->x[i]), to_pixel_y(p, up, level));
    }
    cairo_stroke(cr);
    reset_pen(cr);
    draw_dots(cr, p, series, across, up);
}

static void draw_legend(cairo_t *cr, const panel *p)
{
    const double row = 22.0, height = row * p->series_count + 10.0;
    double width = 0.0;

    for (int s = 0; s < p->series_count; ++s) {
        cairo_text_extents_t size;

        cairo_text_extents(cr, p->series[s].name, &size);
        width = fmax(width, size.x_advance + 60.0);
    }
    const double left = p->left + p->width - width - 8.0;
    const double top = p->legend == PANEL_LEGEND_LOW ? p->top + p->height - height - 12.0
                                                     : p->top + 8.0;
    cairo_rectangle(cr, floor(left) + 0.5, floor(top) + 0.5, ceil(width), ceil(height));
    set_colour(cr, paper);
    cairo_fill_preserve(cr);
    set_colour(cr, grid);
    cairo_stroke(cr);
    for (int s = 0; s < p->series_count; ++s) {
        const double middle = top + 5.0 + row * (s + 0.5);

        set_pen(cr, &p->series[s]);
        put_line(cr, left + 10.0, middle, left + 42.0, middle);
        reset_pen(cr);
        set_colour(cr, ink);
        report_canvas_text(cr, left + 50.0, middle + 5.0, 0.0, p->series[s].name);
    }
}

void report_panel_draw(cairo_t *cr, const panel *p)
{
    const panel_axis across = x_axis(p), up = y_axis(p);

    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, LABEL_SIZE);
    reset_pen(cr);
    draw_y_ticks(cr, p, &up);
    draw_x_ticks(cr, p, &across);
    draw_frame(cr, p);
    for (int s = p->series_count - 1; s >= 0; --s)
        draw_series(cr, p, &p->series[s], &across, &up);
    if (p->legend != PANEL_LEGEND_NONE)
        draw_legend(cr, p);
}
