/* guesses.c - images with what a network takes them for, as bars: the paper's figure 4. */
#include "report/plot/canvas.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name_write.h"
#include "base/numbers.h"
#include "base/try.h"

#define COLUMNS 4
#define SIDE 200 /* pixels of an image */
#define GAP 20   /* around an image and its bars */
#define TITLE 22
#define BAR 20
#define MOST_BARS 10
#define FONT 12.0
#define NAME_BYTES 256

struct alx_guesses {
    const alx_class_names *names;
    canvas canvas;
    int bars, cell_height;
    size_t count; /* that are drawn */
};

int alx_guesses_check(size_t images)
{
    if (images <= ALX_GUESSES_IMAGES)
        return 0;
    return alx_fail(ALX_E_USAGE, "--show draws at most %d images, these are %zu",
                    ALX_GUESSES_IMAGES, images);
}

int alx_guesses_create(alx_guesses **out, const alx_class_names *names, size_t images, int top)
{
    const int bars = top < MOST_BARS ? top : MOST_BARS;
    const int columns = images < COLUMNS ? (int)images : COLUMNS;
    const int rows = ((int)images + COLUMNS - 1) / COLUMNS;
    const int cell_height = SIDE + TITLE + bars * BAR + GAP;

    *out = NULL;
    TRY(alx_guesses_check(images));
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for a picture");
    **out = (alx_guesses){
        .names = names,
        .bars = bars,
        .cell_height = cell_height,
        .canvas = report_canvas_create(GAP + columns * (SIDE + GAP), GAP + rows * cell_height),
    };
    cairo_select_font_face((*out)->canvas.cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size((*out)->canvas.cr, FONT);
    return 0;
}

void alx_guesses_free(alx_guesses *guesses)
{
    if (guesses == NULL)
        return;
    report_canvas_free(&guesses->canvas);
    free(guesses);
}

/* ---- one image ------------------------------------------------------------------------------- */

/* As many characters as fit into `width` pixels. */
static void draw_name(cairo_t *cr, double x, double y, double width, const char *name)
{
    char text[NAME_BYTES + 4];
    cairo_text_extents_t size;
    size_t length = base_name_write(text, NAME_BYTES, name, BASE_NAME_LINE);

    length = strlen(text);
    cairo_text_extents(cr, text, &size);
    while (size.x_advance > width && length > 0) {
        while (--length > 0 && ((unsigned char)text[length] & 0xC0u) == 0x80u)
            continue; /* a character is more than one byte */
        memcpy(text + length, "...", 4);
        cairo_text_extents(cr, text, &size);
    }
    report_canvas_text(cr, x, y, 0.0, text);
}

static int draw_image(cairo_t *cr, int left, int top, const uint8_t *rgb)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
    unsigned char *pixels = cairo_image_surface_get_data(surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(surface);

    if (pixels == NULL) {
        cairo_surface_destroy(surface);
        return alx_fail(ALX_E_MEMORY, "out of host memory for a picture");
    }
    for (size_t i = 0; i < (size_t)SIDE * SIDE; ++i) {
        const uint32_t word = (uint32_t)rgb[3 * i] << 16 | (uint32_t)rgb[3 * i + 1] << 8 |
                              rgb[3 * i + 2];

        memcpy(pixels + i / SIDE * stride + i % SIDE * 4, &word, sizeof word);
    }
    cairo_surface_mark_dirty(surface);
    cairo_set_source_surface(cr, surface, left, top);
    cairo_paint(cr);
    cairo_surface_destroy(surface);
    return 0;
}

static void draw_bar(cairo_t *cr, double left, double top, const char *name, double share)
{
    char percent[32];

    cairo_set_source_rgb(cr, 0.78, 0.86, 0.94);
    cairo_rectangle(cr, left, top, SIDE * share, BAR - 4);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.0, 0.0, 0.0);
    base_print(percent, sizeof percent, "%.1f %%", 100.0 * share);
    report_canvas_text(cr, left + SIDE, top + BAR - 8, 1.0, percent);
    draw_name(cr, left + 4, top + BAR - 8, SIDE - 60, name);
}

int alx_guesses_add(alx_guesses *guesses, const alx_dataset *set, size_t index, const char *name,
                    const float *prob)
{
    cairo_t *cr = guesses->canvas.cr;
    const int left = GAP + (int)(guesses->count % COLUMNS) * (SIDE + GAP);
    const int top = GAP + (int)(guesses->count / COLUMNS) * guesses->cell_height;
    uint8_t *rgb = malloc((size_t)SIDE * SIDE * 3);
    int rc = 0;

    if (rgb == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for an image");
    TRY_DONE(alx_dataset_load(set, index, SIDE, rgb));
    TRY_DONE(draw_image(cr, left, top, rgb));
    cairo_set_source_rgb(cr, 0.35, 0.35, 0.35);
    draw_name(cr, left, top + SIDE + TITLE - 8, SIDE, name);
    for (int rank = 0, c = -1; rank < guesses->bars; ++rank) {
        c = alx_next_class(prob, guesses->names->count, c);
        if (c < 0)
            break;
        draw_bar(cr, left, top + SIDE + TITLE + rank * BAR, guesses->names->name[c],
                 (double)prob[c]);
    }
    ++guesses->count;
done:
    free(rgb);
    return rc;
}

int alx_guesses_write(alx_guesses *guesses, const char *png_path)
{
    return report_canvas_write(&guesses->canvas, png_path);
}
