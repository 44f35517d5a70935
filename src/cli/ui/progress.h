/* progress.h - where a long run stands: a bar on a terminal, lines elsewhere. There is one stderr,
 * so there is one progress display, used from the main thread. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "alexnet/train.h"
#include "cli/cli.h"

typedef struct cli_progress_options {
    const char *progress;
    int log_every;
} cli_progress_options;

/** --progress; and --log-every, for what has many steps. */
extern const cli_option cli_progress_row[], cli_log_every_row[];

/** NULL: as without both. @return 0; ALX_E_USAGE for a value that --progress lacks */
int cli_progress_start(const cli_progress_options *options) ALX_MUST_USE;
/** Wipes the bar; harmless if there is none. */
void cli_progress_stop(void);
/** The same, until it is drawn next: before a line on standard output. */
void cli_progress_wipe(void);

/** Columns of the terminal that stderr is, 80 where it is none. */
int cli_progress_columns(void);

/** Callbacks of train.h and net.h. */
void cli_progress_step(const alx_progress *progress, void *user);
void cli_progress_build(int built, int total, void *user);
/** `done` of `total` batches of an evaluation. */
void cli_progress_batch(const char *label, size_t done, size_t total);
/** The same for `total` things that each take a while. @param eta_seconds  negative = unknown */
void cli_progress_task(const char *label, size_t done, size_t total, double eta_seconds,
                       void *user);

#endif
