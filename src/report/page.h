/* page.h - what the sections of the benchmark page share. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#include "alexnet/report.h"

/** The page's style sheet, light and dark; colours of charts are its variables --c0 ... --c7. */
extern const char alx_page_style[];

#define PAGE_COLOURS 8

/** Text with the characters that HTML and SVG reserve written as entities. */
void alx_page_text(FILE *out, const char *text);

/** "alexnet on AMD EPYC (Portable Computing Language)": who measured, in words. */
typedef struct page_name {
    char text[448];
} page_name;

page_name alx_page_name(const alx_result *result);

#endif
