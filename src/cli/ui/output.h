/* output.h - standard output and terminals. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/** What was printed goes out. @return 0; ALX_E_IO with the reason, also if it failed before */
int cli_flush_stdout(void);
/** Columns of the terminal that a file descriptor is; `otherwise` where it is none. */
int cli_columns(int fd, int otherwise);

#endif
