/* html.c - what each section of the page writes: text, who measured, whether two results stand in
 * one chart. */
#include "report/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_writer.h"
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

int report_page_write(const char *path, int (*put)(FILE *out, const void *user), const void *user)
{
    char *html = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&html, &bytes);
    bool failed = out == NULL;
    int rc = 0;

    if (!failed) {
        rc = put(out, user);
        failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
    }
    if (failed)
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for the page", path);
    if (rc == 0)
        rc = base_file_write(path, html, bytes);
    free(html);
    return rc;
}
