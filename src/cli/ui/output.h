/* output.h - standard output. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/** What was printed goes out. @return 0; ALX_E_IO with the reason, also if it failed before */
int cli_flush_stdout(void);

#endif
