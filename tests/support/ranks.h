/* ranks.h - jobs of several processes, started by MPI's launcher as users start them. */
#ifndef TEST_RANKS_H
#define TEST_RANKS_H

#include "support/program.h"

/** Skips the test where this build or this machine has no MPI. */
void test_need_mpi(void);

/**
 * Runs a job and waits for its end; stdout and stderr of all are in `err`.
 *
 * @param prepare  shell commands that each rank runs before it becomes the program, with its number
 *                 in $rank and its process in $$; NULL: none. "$@" are its arguments
 * @param program  its name and arguments as the shell reads them
 */
test_run test_ranks(int ranks, const char *prepare, const char *program);

/** Fails unless no process is left that has `word` among its arguments. */
void test_assert_none_left(const char *word);
/** How often a text occurs. */
int test_count(const char *text, const char *part);

#endif
