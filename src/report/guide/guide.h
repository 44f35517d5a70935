/* guide.h - what the files of this folder share. */
#ifndef REPORT_GUIDE_H
#define REPORT_GUIDE_H

#include <stddef.h>

/** A path as an argument of a command that is to be copied into a shell. One that a terminal must
 *  not get is written as $'...' of bash, ksh and zsh. */
void report_shell_word(char *out, size_t bytes, const char *path);

#endif
