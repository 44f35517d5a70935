/* html.c - what each section of the page writes: text, who measured, whether two results stand in
 * one chart. */
#include "report/page/page.h"

#include <string.h>

#include "base/name_write.h"

#define PAGE_TEXT_BYTES 4096 /* four times a result's longest text */

void report_page_text(FILE *out, const char *text)
{
    char line[PAGE_TEXT_BYTES];

    base_name_write(line, sizeof line, text, BASE_NAME_LINE);
    for (text = line; *text != '\0'; ++text) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else
            putc(*text, out);
    }
}

page_name report_page_name(const alx_result *r)
{
    const char *where = r->in_suite ? r->device : r->platform;
    page_name name;

    snprintf(name.text, sizeof name.text, "%.60s%s%.100s%s", r->program,
             where[0] != '\0' ? ", " : "", where,
             r->second_device[0] != '\0' ? ", two devices" : "");
    return name;
}

bool report_page_same_work(const alx_result *a, const alx_result *b)
{
    return strcmp(a->config, b->config) == 0 && a->batch_size == b->batch_size;
}
