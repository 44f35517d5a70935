/* text.c - files that people write: whatever their editor makes of marks and line ends. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"

#define TEXT_SAMPLE_BYTES 4096

static const char text_mark[] = "\xEF\xBB\xBF";

/* ---- encodings ----------------------------------------------------------------------------- */

/* By the zero bytes of ASCII in wider units; NULL if they have no such pattern. */
static const char *text_unmarked_encoding(const char *data, size_t bytes)
{
    const size_t sample = (bytes < TEXT_SAMPLE_BYTES ? bytes : TEXT_SAMPLE_BYTES) / 4 * 4;
    size_t zeros[4] = { 0 };

    for (size_t i = 0; i < sample; ++i)
        zeros[i % 4] += data[i] == '\0';
    const size_t units = sample / 4, even = zeros[0] + zeros[2], odd = zeros[1] + zeros[3];

    if (sample == 0 || bytes % 2 != 0)
        return NULL;
    if ((zeros[2] == units && zeros[3] == units && zeros[0] == 0) ||
        (zeros[0] == units && zeros[1] == units && zeros[3] == 0))
        return "UTF-32";
    if ((odd >= units && even == 0) || (even >= units && odd == 0))
        return "UTF-16";
    return NULL;
}

/* By a mark at the start; NULL if there is none. */
static const char *text_marked_encoding(const char *data, size_t bytes)
{
    static const struct {
        const char *mark;
        size_t bytes;
        const char *encoding;
    } marks[] = {
        { "\xFF\xFE\0\0", 4, "UTF-32" }, /* before the shorter one that begins like it */
        { "\0\0\xFE\xFF", 4, "UTF-32" },
        { "\xFF\xFE", 2, "UTF-16" },
        { "\xFE\xFF", 2, "UTF-16" },
    };

    for (size_t i = 0; i < ALX_COUNT(marks); ++i)
        if (bytes >= marks[i].bytes && memcmp(data, marks[i].mark, marks[i].bytes) == 0)
            return marks[i].encoding;
    return NULL;
}

static const char *text_wide_encoding(const char *data, size_t bytes)
{
    const char *marked = text_marked_encoding(data, bytes);

    return marked != NULL ? marked : text_unmarked_encoding(data, bytes);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Line ends are none here. */
static bool text_is_control(unsigned char c)
{
    return (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7F;
}

bool base_text_begins(const char *head, size_t bytes)
{
    if (text_marked_encoding(head, bytes) != NULL)
        return true;
    for (size_t i = 0; i < bytes; ++i)
        if (text_is_control((unsigned char)head[i]))
            return false;
    return bytes > 0;
}

/* In place: the text never grows, but for the end of its last line, for which there is room. */
static int text_normalise(char *text, size_t bytes, const char *path)
{
    const char *in = text, *const end = text + bytes;
    char *out = text;
    size_t number = 1;

    while (in < end) {
        while (out == text || out[-1] == '\n') { /* files joined by cat have marks inside */
            if ((size_t)(end - in) < strlen(text_mark) ||
                memcmp(in, text_mark, strlen(text_mark)) != 0)
                break;
            in += strlen(text_mark);
        }
        if (in == end)
            break;
        const unsigned char c = (unsigned char)*in++;

        if (c == '\r' || c == '\n') {
            if (c == '\r' && end - in >= 2 && in[0] == '\r' && in[1] == '\n')
                ++in; /* CR CR LF: CR LF written through a text mode that adds one */
            in += c == '\r' && in < end && *in == '\n';
            *out++ = '\n';
            ++number;
        } else if (text_is_control(c)) {
            return alx_fail(ALX_E_DATA, "%s: line %zu: not a text file: byte 0x%02x", path, number,
                            (unsigned)c);
        } else {
            *out++ = (char)c;
        }
    }
    if (out > text && out[-1] != '\n')
        *out++ = '\n';
    *out = '\0';
    return 0;
}

int base_text_read(char **text, const char *path, size_t max_bytes)
{
    char *data = NULL;
    size_t bytes = 0;
    int rc = 0;

    *text = NULL;
    TRY_DONE(base_file_read_once(&data, &bytes, path, max_bytes));
    const char *encoding = text_wide_encoding(data, bytes);

    if (encoding != NULL) {
        rc = alx_fail(ALX_E_DATA, "%s: is %s: save it as UTF-8", path, encoding);
        goto done;
    }
    char *grown = realloc(data, bytes + 2);

    if (grown == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory", path);
        goto done;
    }
    data = grown;
    TRY_DONE(text_normalise(data, bytes, path));
    *text = data;
    data = NULL;
done:
    free(data);
    return rc;
}

/* ---- lines --------------------------------------------------------------------------------- */

char *base_text_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');

    if (end == NULL)
        return NULL;
    *end = '\0';
    *rest = end + 1;
    return line;
}

char *base_text_trim(char *line)
{
    line += strspn(line, " \t");
    for (char *end = line + strlen(line); end > line && strchr(" \t", end[-1]) != NULL; --end)
        end[-1] = '\0';
    return line;
}

size_t base_text_line_count(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; ++text)
        count += *text == '\n';
    return count;
}
