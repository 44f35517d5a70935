/* bars.c - horizontal bars as SVG. */
#include "base/numbers.h"
#include "report/page/page.h"

#define WIDTH 960.0
#define NOTE_WIDTH 140.0
#define ROW 22.0
#define BAR 15.0
#define GAP 9.0

static double bar_sum(const page_bar *bar)
{
    double sum = 0.0;

    for (int i = 0; i < bar->segments; ++i)
        sum += bar->segment[i];
    return sum;
}

/* Pixels of a unit, so that the longest bar fills the width. */
static double bar_scale(const page_bar *bars, size_t count, int label_width)
{
    double most = 0.0;

    for (size_t i = 0; i < count; ++i) {
        const double sum = bar_sum(&bars[i]);

        most = sum > most ? sum : most;
        most = bars[i].mark > most ? bars[i].mark : most;
    }
    return most > 0.0 ? (WIDTH - NOTE_WIDTH - label_width) / most : 0.0;
}

static void put_text(FILE *out, double x, double y, const char *class, const char *text)
{
    if (text[0] == '\0')
        return;
    base_print_file(out, "<text x=%.1f y=%.1f class=\"%s\">", x, y, class);
    report_page_text(out, text);
    fputs("</text>", out);
}

static void put_bar(FILE *out, const page_bar *bar, double top, int left, double scale)
{
    double x = left;

    put_text(out, left - 8.0, top + 12.0, "e", bar->label);
    for (int i = 0; i < bar->segments; ++i) {
        const double width = bar->segment[i] * scale;

        if (width > 0.0)
            base_print_file(out, "<rect x=%.1f y=%.1f width=%.1f height=%.0f fill=\"var(--c%d)\"/>",
                            x, top, width, BAR, bar->colour[i]);
        x += width;
    }
    if (bar->mark > 0.0)
        base_print_file(out, "<line class=w x1=%.1f x2=%.1f y1=%.1f y2=%.1f />",
                        left + bar->mark * scale, left + bar->mark * scale, top - 2.5,
                        top + BAR + 2.5);
    if (bar->mark * scale + left > x && bar->mark * scale + left < x + 90.0)
        x = bar->mark * scale + left; /* the note would run into the mark */
    put_text(out, x + 7.0, top + 12.0, "s", bar->note);
    fputs("\n", out);
}

void report_page_bars(FILE *out, const page_bar *bars, size_t count, int label_width)
{
    const double scale = bar_scale(bars, count, label_width);
    double height = 4.0, top = 4.0;

    for (size_t i = 0; i < count; ++i)
        height += ROW + (bars[i].gap ? GAP : 0.0);
    base_print_file(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=img>\n", WIDTH, height);
    for (size_t i = 0; i < count; ++i) {
        top += bars[i].gap ? GAP : 0.0;
        put_bar(out, &bars[i], top, label_width, scale);
        top += ROW;
    }
    fputs("</svg>\n", out);
}

void report_page_key(FILE *out, const char *const *names, size_t count)
{
    fputs("<div class=key>", out);
    for (size_t i = 0; i < count; ++i) {
        fprintf(out, "<span><i class=dot style=\"background:var(--c%zu)\"></i>", i % PAGE_COLOURS);
        report_page_text(out, names[i]);
        fputs("</span>", out);
    }
    fputs("</div>\n", out);
}
