/* canvas.h - a picture drawn with cairo. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include <cairo.h>

#include "alexnet/dev/report.h"

typedef struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr; /* errors stay in it until report_canvas_write */
    int width, height;
} canvas;

/* White. Free it whatever happens. */
canvas report_canvas_create(int width, int height);
void report_canvas_free(canvas *c);

/* Atomic. */
int report_canvas_write(canvas *c, const char *png_path) ALX_MUST_USE;

/* `anchor` is the share of the text's width left of x: 0 starts there, 1 ends there. */
void report_canvas_text(cairo_t *cr, double x, double y, double anchor, const char *text);

#endif
