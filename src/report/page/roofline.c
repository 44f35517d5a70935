/* roofline.c - passes of a step as points: work per byte across, rate up, under the lines of
 * bandwidth and FMA peak; both axes are logarithmic. */
#include "report/page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"

#define LEFT 62.0
#define RIGHT 940.0
#define TOP 14.0
#define BOTTOM 424.0
#define LABEL_WIDTH 42.0
#define LABEL_HEIGHT 13.0
#define POINT_RADIUS 5.0

typedef struct roofline_axes {
    double low_x, high_x, low_y, high_y;
} roofline_axes;

typedef struct roofline_label {
    double x, y; /* of its left end */
} roofline_label;

static bool has_point(const alx_result_row *row)
{
    return row->gflops > 0.0 && row->gbytes_per_s > 0.0;
}

static double intensity(const alx_result_row *row)
{
    return row->gflops / row->gbytes_per_s;
}

static double at_x(const roofline_axes *a, double value)
{
    return LEFT + (RIGHT - LEFT) * log(value / a->low_x) / log(a->high_x / a->low_x);
}

static double at_y(const roofline_axes *a, double value)
{
    return BOTTOM - (BOTTOM - TOP) * log(value / a->low_y) / log(a->high_y / a->low_y);
}

/* Around points and lines, with room for labels; false if there is nothing to show. */
static bool make_axes(roofline_axes *a, const alx_result *r)
{
    const double ridge = r->fma_gflops / r->memory_gbytes_per_s;
    double low_x = ridge, high_x = ridge, low_y = r->fma_gflops, high_y = r->fma_gflops;
    size_t points = 0;

    for (size_t i = 0; i < r->row_count; ++i) {
        if (!has_point(&r->rows[i]))
            continue;
        low_x = fmin(low_x, intensity(&r->rows[i]));
        high_x = fmax(high_x, intensity(&r->rows[i]));
        low_y = fmin(low_y, r->rows[i].gflops);
        high_y = fmax(high_y, r->rows[i].gflops);
        ++points;
    }
    *a = (roofline_axes){ low_x / 2.0, high_x * 1.6, low_y / 1.6, high_y * 1.4 };
    return points > 0 && r->fma_gflops > 0.0 && r->memory_gbytes_per_s > 0.0;
}

/* ---- axes ---------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten that is not below `value`, and the next one after it. */
static double tick_from(double value)
{
    const double power = pow(10.0, floor(log10(value)));
    const double steps[] = { 1.0, 2.0, 5.0, 10.0 };

    for (size_t i = 0; i < ALX_COUNT(steps); ++i)
        if (steps[i] * power >= value * 0.999)
            return steps[i] * power;
    return 10.0 * power;
}

static void put_axes(FILE *out, const roofline_axes *a)
{
    for (double v = tick_from(a->low_x); v <= a->high_x; v = tick_from(1.5 * v))
        base_print_file(out,
                        "<line class=g x1=%.1f x2=%.1f y1=%.0f y2=%.0f />"
                        "<text class=\"s m\" x=%.1f y=%.0f>%g</text>\n",
                        at_x(a, v), at_x(a, v), TOP, BOTTOM, at_x(a, v), BOTTOM + 18.0, v);
    for (double v = tick_from(a->low_y); v <= a->high_y; v = tick_from(1.5 * v))
        base_print_file(out,
                        "<line class=g x1=%.0f x2=%.0f y1=%.1f y2=%.1f />"
                        "<text class=\"s e\" x=%.0f y=%.1f>%g</text>\n",
                        LEFT, RIGHT, at_y(a, v), at_y(a, v), LEFT - 8.0, at_y(a, v) + 4.5, v);
    base_print_file(out,
                    "<text class=\"s m\" x=%.0f y=%.0f>FLOP per byte</text>"
                    "<text class=s x=%.0f y=%.0f>GFLOP/s</text>\n",
                    (LEFT + RIGHT) / 2.0, BOTTOM + 38.0, LEFT + 8.0, TOP + 14.0);
}

static void put_roof(FILE *out, const roofline_axes *a, const alx_result *r)
{
    const double ridge = r->fma_gflops / r->memory_gbytes_per_s;
    const double low = fmax(a->low_x, a->low_y / r->memory_gbytes_per_s);

    base_print_file(out,
                    "<polyline class=r stroke=\"var(--c3)\" "
                    "points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>\n",
                    at_x(a, low), at_y(a, low * r->memory_gbytes_per_s), at_x(a, ridge),
                    at_y(a, r->fma_gflops), RIGHT, at_y(a, r->fma_gflops));
    base_print_file(out, "<text class=e x=%.1f y=%.1f>%.0f GFLOP/s, %.1f GB/s</text>\n", RIGHT,
                    at_y(a, r->fma_gflops) - 8.0, r->fma_gflops, r->memory_gbytes_per_s);
}

/* ---- points -------------------------------------------------------------------------------- */

static int pass_colour(const char *pass)
{
    return strcmp(pass, "grad-weight") == 0 ? 2 : strcmp(pass, "grad-input") == 0 ? 1 : 0;
}

static void put_points(FILE *out, const roofline_axes *a, const alx_result *r)
{
    for (size_t i = 0; i < r->row_count; ++i) {
        const alx_result_row *row = &r->rows[i];

        if (!has_point(row))
            continue;
        base_print_file(out, "<circle cx=%.1f cy=%.1f r=%.0f fill=\"var(--c%d)\"><title>",
                        at_x(a, intensity(row)), at_y(a, row->gflops), POINT_RADIUS,
                        pass_colour(row->pass));
        report_page_text(out, row->layer);
        putc(' ', out);
        report_page_text(out, row->pass);
        base_print_file(out, ": %.3f ms, %.0f GFLOP/s, %.1f GB/s</title></circle>\n",
                        row->median_ms, row->gflops, row->gbytes_per_s);
    }
}

/* A label keeps clear of those already there and of all points. */
static bool has_room(const roofline_label *labels, size_t count, const roofline_axes *a,
                     const alx_result *r, roofline_label label)
{
    for (size_t i = 0; i < count; ++i)
        if (fabs(labels[i].x - label.x) < LABEL_WIDTH && fabs(labels[i].y - label.y) < LABEL_HEIGHT)
            return false;
    for (size_t i = 0; i < r->row_count; ++i) {
        if (!has_point(&r->rows[i]))
            continue;
        const double right = at_x(a, intensity(&r->rows[i])) - label.x;
        const double above = label.y - at_y(a, r->rows[i].gflops);

        if (right > -POINT_RADIUS && right < LABEL_WIDTH + POINT_RADIUS && above > -POINT_RADIUS &&
            above < LABEL_HEIGHT + POINT_RADIUS)
            return false;
    }
    return true;
}

/* Right of its point, left of it, above or below; one that has room nowhere is left to the point's
 * own title. */
static void put_labels(FILE *out, const roofline_axes *a, const alx_result *r)
{
    static const struct {
        double text, left, down; /* from the point: anchor and left end of the text, its line */
        const char *anchor;
    } places[] = {
        { 9.0, 9.0, 4.5, "" },
        { -9.0, -9.0 - LABEL_WIDTH, 4.5, " e" },
        { 0.0, -LABEL_WIDTH / 2.0, -9.0, " m" },
        { 0.0, -LABEL_WIDTH / 2.0, 19.0, " m" },
    };
    roofline_label *labels = calloc(r->row_count, sizeof *labels);
    size_t count = 0;

    for (size_t i = 0; i < r->row_count && labels != NULL; ++i) {
        const alx_result_row *row = &r->rows[i];

        if (!has_point(row))
            continue;
        const double x = at_x(a, intensity(row)), y = at_y(a, row->gflops);

        for (size_t p = 0; p < ALX_COUNT(places); ++p) {
            const roofline_label label = { x + places[p].left, y + places[p].down };

            if (!has_room(labels, count, a, r, label))
                continue;
            labels[count++] = label;
            base_print_file(out, "<text class=\"s%s\" x=%.1f y=%.1f>", places[p].anchor,
                            x + places[p].text, label.y);
            report_page_text(out, row->layer);
            fputs("</text>\n", out);
            break;
        }
    }
    free(labels);
}

static void put_chart(FILE *out, const alx_result *r, const roofline_axes *a)
{
    static const char *const names[] = { "forward", "grad-input", "grad-weight" };

    fputs("<div class=card><b>", out);
    report_page_text(out, r->config);
    base_print_file(out, ", batch %.0f: ", r->batch_size);
    report_page_text(out, report_page_name(r).text);
    fputs("</b>\n", out);
    report_page_key(out, names, ALX_COUNT(names));
    base_print_file(out, "<svg viewBox=\"0 0 960 %.0f\" role=img>\n", BOTTOM + 46.0);
    put_axes(out, a);
    put_roof(out, a, r);
    put_points(out, a, r);
    put_labels(out, a, r);
    fputs("</svg></div>\n", out);
}

void report_page_rooflines(FILE *out, const alx_results *results)
{
    bool headed = false;

    for (size_t i = 0; i < results->count; ++i) {
        const alx_result *r = &results->list[i];
        roofline_axes axes;

        if (strcmp(r->kind, "ops") != 0 || !make_axes(&axes, r))
            continue;
        if (!headed)
            fputs("<h2>Rooflines</h2><p>Convolutions and fully connected layers: direct FLOPs over "
                  "the time taken, against direct FLOPs over the bytes of every tensor once. "
                  "Points above the roof do fewer multiplications (Winograd), or find their "
                  "tensors in a cache.</p>\n",
                  out);
        headed = true;
        put_chart(out, r, &axes);
    }
}
