/* text.h - texts that people wrote, line by line. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

#define BASE_TEXT_MAX_BYTES ((size_t)1 << 30) /**< no text written by people is larger */

/**
 * Reads a text that somebody wrote, from a file or a pipe. Lines end in LF, CR LF, CR CR LF or CR,
 * the last one maybe in nothing; a byte order mark before a line is skipped. UTF-16 and UTF-32 are
 * refused by name; a control character other than the tab, which makes it no text, with the number
 * of its line. Encodings other than UTF-8 that extend ASCII pass as they are.
 *
 * @param text  its lines, each ended by one LF; NUL-terminated, owned by the caller (free)
 * @return 0; ALX_E_DATA; ALX_E_MEMORY
 */
int base_text_read(char **text, const char *path, size_t max_bytes) ALX_MUST_USE;
/** Whether bytes from a file's start may be such a text's: they hold no control character but tabs
 *  and line ends, or begin with the mark of an encoding that base_text_read refuses by name. */
bool base_text_begins(const char *head, size_t bytes);
/** Cuts the next line out of what base_text_read read: NULL at the end. `*rest` starts at the text;
 *  lines count from 1, empty ones too. */
char *base_text_line(char **rest);
/** Cuts blanks and tabs off the end; returns what follows those at the start. */
char *base_text_trim(char *line);
size_t base_text_line_count(const char *text);

#endif
