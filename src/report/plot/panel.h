/* panel.h - one diagram: axes, grid, lines, legend. */
#ifndef REPORT_PANEL_H
#define REPORT_PANEL_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#define PANEL_MAX_SERIES 16

typedef enum {
    PANEL_LEGEND_HIGH, /* at the top right */
    PANEL_LEGEND_LOW,  /* at the bottom right */
    PANEL_LEGEND_NONE,
} panel_legend;

typedef struct panel_colour {
    double red, green, blue;
} panel_colour;

typedef struct panel_series {
    const char *name;
    const double *y; /* `count` values of the panel; NAN: none, the line passes by */
    panel_colour colour;
    bool faint; /* dashed and thin */
} panel_series;

typedef struct panel {
    const char *title, *note; /* note: right of the title, may be "" */
    const double *x;          /* ascending whole numbers */
    size_t count;             /* of x, >= 1 */
    panel_series series[PANEL_MAX_SERIES];
    int series_count;
    bool percent; /* y is a share */
    bool log;     /* powers of ten; what is not above 0 is left out */
    panel_legend legend;
    double left, top, width, height; /* of the axes, in pixels; labels lie outside */
} panel;

/* Draws it; y starts at 0, but for powers of ten. Errors stay in the context (cairo_status). */
void report_panel_draw(cairo_t *cr, const panel *p);

#endif
