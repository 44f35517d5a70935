/* terminal.h - how wide the terminal is. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

/** Columns of the terminal that a file descriptor is; `otherwise` where it is none. */
int cli_columns(int fd, int otherwise);

#endif
