/* embed.c - pictures inside the page: it needs no file beside it. */
#include <stdlib.h>

#include "base/file.h"
#include "base/try.h"
#include "report/page/page.h"

static void put_base64(FILE *out, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < count; i += 3) {
        const size_t left = count - i;
        const unsigned word = (unsigned)bytes[i] << 16 |
                              (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0u) |
                              (left > 2 ? (unsigned)bytes[i + 2] : 0u);

        putc(digits[word >> 18], out);
        putc(digits[word >> 12 & 63u], out);
        putc(left > 1 ? digits[word >> 6 & 63u] : '=', out);
        putc(left > 2 ? digits[word & 63u] : '=', out);
    }
}

int report_page_picture(FILE *out, const char *png_path, const char *what)
{
    char *bytes = NULL;
    size_t count = 0;

    TRY(base_file_read(&bytes, &count, png_path));
    fputs("<div class=card><img alt=\"", out);
    report_page_text(out, what);
    fputs("\" src=\"data:image/png;base64,", out);
    put_base64(out, (const unsigned char *)bytes, count);
    fputs("\"></div>\n", out);
    free(bytes);
    return 0;
}
