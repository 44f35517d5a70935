/* wrap.h - text broken into lines. */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stdio.h>

/** Prints the words of a text, and ends the line. The first line starts at column `at`, behind a
 *  blank if that is beyond `indent`, the others at `indent`; none is longer than `columns`, unless
 *  a word is. Errors stay in the stream. */
void base_wrap(FILE *out, const char *text, int at, int indent, int columns);

/** The same of a message into `out`: lines after the first begin at `indent`, and no line is cut
 *  before it; other blanks stay as they are. Cut where `bytes` do not suffice. */
void base_fold(char *out, size_t bytes, const char *text, size_t indent, size_t columns);

/** A command line of `length` characters, which a user copies: in lines that end in a \, cut before
 *  options where that is possible. Lines begin at `indent`, later ones 4 further. */
void base_wrap_command(FILE *out, const char *line, int length, int indent, int columns);

#endif
