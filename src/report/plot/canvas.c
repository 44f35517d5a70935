/* canvas.c - a picture drawn with cairo, from white paper to a PNG. */
#include "report/plot/canvas.h"

#include <stdlib.h>
#include <string.h>

canvas report_canvas_create(int width, int height)
{
    canvas c = { .width = width, .height = height };

    c.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    c.cr = cairo_create(c.surface);
    cairo_set_source_rgb(c.cr, 1.0, 1.0, 1.0);
    cairo_paint(c.cr);
    cairo_set_source_rgb(c.cr, 0.0, 0.0, 0.0);
    return c;
}

void report_canvas_free(canvas *c)
{
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
    *c = (canvas){ 0 };
}

/* cairo's pixels are 32-bit words 0x00RRGGBB; the caller frees. */
static uint8_t *canvas_rgb(const canvas *c)
{
    const size_t width = (size_t)c->width, count = width * (size_t)c->height;
    uint8_t *rgb = malloc(count * 3);

    cairo_surface_flush(c->surface);
    const unsigned char *pixels = cairo_image_surface_get_data(c->surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(c->surface);
    for (size_t i = 0; rgb != NULL && i < count; ++i) {
        uint32_t word = 0;

        memcpy(&word, pixels + i / width * stride + i % width * 4, sizeof word);
        for (int k = 0; k < 3; ++k)
            rgb[3 * i + (size_t)k] = (uint8_t)(word >> (16 - 8 * k));
    }
    return rgb;
}

int report_canvas_write(canvas *c, const char *png_path)
{
    uint8_t *rgb = cairo_status(c->cr) == CAIRO_STATUS_SUCCESS ? canvas_rgb(c) : NULL;

    if (rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: %s", png_path,
                        cairo_status_to_string(cairo_status(c->cr)));
    const int rc = alx_png_write(png_path, rgb, c->width, c->height);

    free(rgb);
    return rc;
}

void report_canvas_text(cairo_t *cr, double x, double y, double anchor, const char *text)
{
    cairo_text_extents_t size;

    cairo_text_extents(cr, text, &size);
    cairo_move_to(cr, x - anchor * size.x_advance, y);
    cairo_show_text(cr, text);
}
