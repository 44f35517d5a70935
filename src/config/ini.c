/* ini.c - INI text to sections and entries with their lines. inih splits a line into key and value
 * and drops comments; what it would let pass in silence (cut lines, unseen sections, indented lines
 * that become part of the value before) is caught by the reader that feeds it. */
#include "config/schema.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/numbers.h"

typedef struct line_reader {
    config_text *text;
    const char *next; /* the rest of the INI text */
    int line;         /* number of the line that inih has */
    bool continues;   /* that line's value goes on in the next one */
    bool joins;       /* that line goes on with the value before it */
    int rc;
} line_reader;

static int line_error(line_reader *reader, const char *format, ...) ALX_PRINTF(2, 3);

static int line_error(line_reader *reader, const char *format, ...)
{
    char what[512];
    va_list args;

    va_start(args, format);
    base_vprint(what, sizeof what, format, args);
    va_end(args);
    reader->rc = alx_fail(ALX_E_USAGE, "%s:%d: %s", reader->text->name, reader->line, what);
    return reader->rc;
}

/* What inih calls for every key; 0 stops nothing, the reader does by giving no more lines. */
static int take_entry(void *user, const char *section, const char *key, const char *value)
{
    line_reader *reader = user;
    config_text *text = reader->text;
    const config_entry *before = NULL;

    if (reader->joins) {
        reader->rc = config_extend_entry(text, value);
    } else if (section[0] == '\0') {
        line_error(reader, "%s: a key must stand below a [section]", key);
    } else if (strlen(key) >= ALX_NAME_BYTES || key[0] == '\0') {
        line_error(reader, "[%s] unknown key '%.40s'", section, key);
    } else if ((before = config_find(text, section, key)) != NULL) {
        line_error(reader, "[%s] %s: given before, in line %d; remove one", section, key,
                   before->line);
    } else {
        reader->rc = config_add_entry(text, section, key, value, reader->line);
    }
    if (reader->rc != 0)
        return 0;
    char *whole = text->entries[text->entry_count - 1].value;
    const size_t length = strlen(whole);

    reader->continues = length > 0 && whole[length - 1] == '\\';
    if (reader->continues)
        whole[length - 1] = '\0';
    return 1;
}

/* ---- lines --------------------------------------------------------------------------------- */

static void open_section(line_reader *reader, const char *line, size_t length)
{
    config_text *text = reader->text;
    const char *name = line + 1, *close = memchr(line, ']', length);
    const size_t bytes = close != NULL ? (size_t)(close - name) : 0;
    bool plain = bytes > 0 && isalpha((unsigned char)name[0]);

    for (size_t i = 0; i < bytes; ++i)
        plain = plain && (isalnum((unsigned char)name[i]) || name[i] == '_' || name[i] == '-');
    if (!plain || bytes >= ALX_NAME_BYTES) {
        line_error(reader,
                   "a section is [name]: a letter, then letters, digits, - or _, %d at "
                   "most",
                   ALX_NAME_BYTES - 1);
        return;
    }
    const char *rest = close + 1 + strspn(close + 1, " \t\r");

    if (rest < line + length && *rest != ';' && *rest != '#') {
        line_error(reader, "nothing but a comment may follow [%.*s]", (int)bytes, name);
        return;
    }
    if (text->section_count == CONFIG_MAX_SECTIONS) {
        line_error(reader, "more than %d layers", ALX_MAX_LAYERS);
        return;
    }
    config_section *section = &text->sections[text->section_count];

    snprintf(section->name, sizeof section->name, "%.*s", (int)bytes, name);
    section->line = reader->line;
    const config_section *before = config_find_section(text, section->name);

    if (before != NULL)
        line_error(reader, "[%s] stands in line %d already; join the two", section->name,
                   before->line);
    else
        ++text->section_count;
}

/* Control characters are no text: most likely another kind of file. */
static bool is_text(line_reader *reader, const char *line, size_t length)
{
    for (size_t i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)line[i];

        if ((c < ' ' && c != '\t' && !(c == '\r' && i + 1 == length)) || c == 0x7f) {
            line_error(reader, "not a text file: byte 0x%02x", (unsigned)c);
            return false;
        }
    }
    return true;
}

/* What inih calls for every line, with room for `bytes`: one line of the file, without its
 * indentation (inih takes an indented line for more of the value before; here only a \ says so). */
static char *give_line(char *out, int bytes, void *user)
{
    line_reader *reader = user;

    if (reader->rc != 0 || *reader->next == '\0')
        return NULL;
    const char *line = reader->next;
    size_t length = strcspn(line, "\n");

    reader->next += length + (line[length] == '\n');
    ++reader->line;
    reader->joins = reader->continues;
    reader->continues = false;
    if (!is_text(reader, line, length))
        return NULL;
    const size_t indent = strspn(line, " \t\r") < length ? strspn(line, " \t\r") : length;

    line += indent;
    length -= indent;
    const bool comment = length == 0 || *line == ';' || *line == '#';

    if (reader->joins && comment)
        line_error(reader, "the line before ends in \\: its value must go on here");
    else if (!reader->joins && !comment && *line == '[')
        open_section(reader, line, length);
    if (!comment && length + 3 > (size_t)bytes)
        line_error(reader,
                   "line of %zu characters, %d at most; a value may go on in the next line "
                   "after a \\ at the end",
                   length, bytes - 3);
    if (reader->rc != 0)
        return NULL;
    snprintf(out, (size_t)bytes, "%s%.*s\n", reader->joins ? " " : "", comment ? 0 : (int)length,
             line);
    return out;
}

int config_text_read(config_text *out, const char *ini)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    line_reader reader = { .text = out, .next = ini };

    if (strncmp(ini, byte_order_mark, strlen(byte_order_mark)) == 0)
        reader.next += strlen(byte_order_mark);
    const int bad_line = ini_parse_stream(give_line, &reader, take_entry, &reader);

    if (bad_line > 0 && (reader.rc == 0 || bad_line < reader.line))
        return alx_fail(ALX_E_USAGE, "%s:%d: neither [section] nor key = value", out->name,
                        bad_line);
    if (bad_line < 0)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", out->name);
    if (reader.rc == 0 && reader.continues)
        return line_error(&reader, "the file ends after a \\: the value must go on");
    return reader.rc;
}
