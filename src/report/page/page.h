/* page.h - what the sections of the pages share: of benchmarks (page.c), of a run (run_page.c). */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#include "alexnet/dev/report.h"

/** The page's style sheet, light and dark; colours of charts are its variables --c0 ... --c7. */
extern const char report_page_style[];

#define PAGE_COLOURS 8

/** Enough of a commit, with the + of changes beyond it. */
#define PAGE_COMMIT "%.13s"

/** Writes what `put` puts out, all of it or nothing. */
int report_page_write(const char *path, int (*put)(FILE *out, const void *user),
                      const void *user) ALX_MUST_USE;

/** A picture, as part of the page (embed.c). @param what  it shows, for who does not see it */
int report_page_picture(FILE *out, const char *png_path, const char *what) ALX_MUST_USE;

/** Text with the characters that HTML and SVG reserve written as entities. */
void report_page_text(FILE *out, const char *text);

/** "alexnet, Portable Computing Language": who measured, in words; of a suite, on which device. */
typedef struct page_name {
    char text[192];
} page_name;

page_name report_page_name(const alx_result *result);

/** Config and batch size, which results must share to stand in one chart. */
bool report_page_same_work(const alx_result *a, const alx_result *b);

/* ---- bars (bars.c) --------------------------------------------------------------------------- */

/** A horizontal bar of segments one after the other. */
typedef struct page_bar {
    char label[96]; /**< left of it; "" under the one before */
    char note[96];  /**< right of it */
    double segment[PAGE_COLOURS];
    int colour[PAGE_COLOURS]; /**< of each segment */
    int segments;
    double mark; /**< an upright line at this value; 0 = none */
    bool gap;    /**< some room before it */
} page_bar;

/** A chart on one scale from 0; `label_width` of its 960 units is for the labels. */
void report_page_bars(FILE *out, const page_bar *bars, size_t count, int label_width);

/** What the colours mean: `count` names for colours 0, 1, ... */
void report_page_key(FILE *out, const char *const *names, size_t count);

/* ---- sections -------------------------------------------------------------------------------- */

/** What suites say of devices, a column for each (suites.c). @return 0; ALX_E_MEMORY */
int report_page_suites(FILE *out, const alx_results *results) ALX_MUST_USE;
/** Images per second of whole steps (steps.c). */
void report_page_steps(FILE *out, const alx_results *results);
/** Time of the layers in a step (passes.c). */
void report_page_passes(FILE *out, const alx_results *results);
/** Passes alone, an algorithm a bar (algos.c). */
void report_page_algos(FILE *out, const alx_results *results);
/** Passes under the lines of peak and bandwidth (roofline.c). */
void report_page_rooflines(FILE *out, const alx_results *results);

#endif
