/* name_write.h - names of files and classes that leave the program. */
#ifndef BASE_NAME_WRITE_H
#define BASE_NAME_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/**
 * A name of a file or a class is a row of bytes, of any encoding or none; JSON, safetensors headers
 * and terminals want UTF-8. All names leave through these functions, and can be found again:
 *
 *     \xHH   a byte that belongs to no UTF-8 character (HH: two hexadecimal digits)
 *     \x5c   a backslash that stands before x and two hexadecimal digits
 *
 * Everything else stands for itself. In Python, the bytes of a name `n` are
 * `re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), n.encode())`.
 */
typedef enum {
    BASE_NAME_DATA,    /**< for JSON, CSV, HTML, which treat control characters in their own way */
    BASE_NAME_LINE,    /**< in print: control characters, and marks that break a line or turn the
                           direction of reading, are \xHH too, one for each byte */
    BASE_NAME_MESSAGE, /**< a whole message, of several lines perhaps: as BASE_NAME_LINE, but \n, \t
                           and all backslashes stay, as names inside have been through it already */
} base_name_form;

/** As snprintf: returns the length that all of it has or would have, without its NUL. Neither a
 *  character nor a \xHH is cut in two. */
size_t base_name_write(char *out, size_t out_bytes, const char *text, base_name_form form);
/** The same to a stream; its errors stay in it. */
void base_name_print(FILE *out, const char *text, base_name_form form);
/** The way back from BASE_NAME_DATA and BASE_NAME_LINE, in place. */
void base_name_read(char *text);
bool base_name_is_utf8(const char *text);

/** A field of comma-separated values (RFC 4180), as BASE_NAME_DATA, in quotation marks where it
 *  must be, or if `quoted`; the separator is the caller's. */
void base_name_csv(FILE *out, const char *text, bool quoted);

#endif
