/* name_write.c - how names leave the program: always as UTF-8, and with the way back. */
#include "base/name_write.h"

#include <ctype.h>
#include <string.h>

#define PIECE_BYTES 17 /* a character of four bytes, each as \xHH, and the end */

/* Bytes of the UTF-8 character at `s`, or 0 (RFC 3629: no overlong form, no surrogate, nothing
 * beyond U+10FFFF). The terminating zero follows no lead byte, so nothing is read beyond it. */
static size_t utf8_length(const unsigned char *s)
{
    unsigned char least = 0x80, most = 0xBF;
    size_t length = 2;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    if (s[0] >= 0xE0)
        length = s[0] < 0xF0 ? 3 : 4;
    if (s[0] == 0xE0)
        least = 0xA0;
    if (s[0] == 0xED)
        most = 0x9F;
    if (s[0] == 0xF0)
        least = 0x90;
    if (s[0] == 0xF4)
        most = 0x8F;
    for (size_t i = 1; i < length; ++i, least = 0x80, most = 0xBF)
        if (s[i] < least || s[i] > most)
            return 0;
    return length;
}

/* Controls of one byte and, as a terminal takes them too, U+0080 to U+009F; separators of lines and
 * paragraphs, U+2028 and U+2029; overrides of the direction, U+202A to U+202E, U+2066 to U+2069. */
static bool is_control(const unsigned char *s, size_t length)
{
    if (length == 1)
        return s[0] < ' ' || s[0] == 0x7F;
    if (length == 2)
        return s[0] == 0xC2 && s[1] < 0xA0;
    return length == 3 && s[0] == 0xE2 &&
           ((s[1] == 0x80 && s[2] >= 0xA8 && s[2] <= 0xAE) ||
            (s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9));
}

/* Whether `s` would be read as an escape. */
static bool is_escape(const char *s)
{
    return s[0] == '\\' && s[1] == 'x' && isxdigit((unsigned char)s[2]) &&
           isxdigit((unsigned char)s[3]);
}

static bool stands_for_itself(const char *s, size_t length, base_name_form form)
{
    if (length == 0)
        return false;
    if (form == BASE_NAME_MESSAGE && (s[0] == '\n' || s[0] == '\t'))
        return true;
    if (form != BASE_NAME_DATA && is_control((const unsigned char *)s, length))
        return false;
    return form == BASE_NAME_MESSAGE || !is_escape(s);
}

/* The next character of `*text`, in the form in which it leaves. */
static size_t next_piece(char piece[PIECE_BYTES], const char **text, base_name_form form)
{
    const unsigned char *s = (const unsigned char *)*text;
    const size_t length = utf8_length(s), taken = length > 0 ? length : 1;
    size_t bytes = 0;

    if (stands_for_itself(*text, length, form)) {
        memcpy(piece, s, length);
        bytes = length;
    } else {
        for (size_t i = 0; i < taken; ++i)
            bytes += (size_t)snprintf(piece + bytes, PIECE_BYTES - bytes, "\\x%02x", s[i]);
    }
    *text += taken;
    return bytes;
}

size_t base_name_write(char *out, size_t out_bytes, const char *text, base_name_form form)
{
    char piece[PIECE_BYTES];
    size_t length = 0, written = 0;

    while (*text != '\0') {
        const size_t bytes = next_piece(piece, &text, form);

        if (written == length && length + bytes < out_bytes) {
            memcpy(out + written, piece, bytes);
            written += bytes;
        }
        length += bytes;
    }
    if (out_bytes > 0)
        out[written] = '\0';
    return length;
}

void base_name_print(FILE *out, const char *text, base_name_form form)
{
    char piece[PIECE_BYTES];

    while (*text != '\0')
        fwrite(piece, 1, next_piece(piece, &text, form), out);
}

static unsigned digit_value(char digit)
{
    return isdigit((unsigned char)digit) ? (unsigned)(digit - '0')
                                         : (unsigned)(tolower((unsigned char)digit) - 'a') + 10;
}

void base_name_read(char *text)
{
    char *to = text;

    while (*text != '\0') {
        const bool escape = is_escape(text);
        const unsigned value = escape ? digit_value(text[2]) << 4 | digit_value(text[3]) : 0;

        *to++ = value != 0 ? (char)value : *text; /* a zero would end the text */
        text += value != 0 ? 4 : 1;
    }
    *to = '\0';
}

bool base_name_is_utf8(const char *text)
{
    size_t length = 1;

    for (; *text != '\0' && length > 0; text += length)
        length = utf8_length((const unsigned char *)text);
    return length > 0;
}

void base_name_csv(FILE *out, const char *text, bool quoted)
{
    char piece[PIECE_BYTES];

    quoted = quoted || strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        putc('"', out);
    while (*text != '\0') {
        if (*text == '"')
            putc('"', out);
        fwrite(piece, 1, next_piece(piece, &text, BASE_NAME_DATA), out);
    }
    if (quoted)
        putc('"', out);
}
