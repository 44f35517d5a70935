/* jobs.h - small training jobs of several ranks: tiny on images of their own, in batches of 48. */
#ifndef TEST_JOBS_H
#define TEST_JOBS_H

#include "support/folder.h"
#include "support/ranks.h"
#include "support/training.h"

/** Three updates an epoch, the last of 18 images, which are nine of 24 shards. */
#define JOBS_IMAGES 114
#define JOBS_WHOLE "--epochs 2 --set train.shards=24"

/** A group's: the images, and where its runs are. */
extern test_folder jobs_data, jobs_work;
int jobs_make(void **state);
int jobs_remove(void **state);

/** Trains with `options`, in the run `name`, and the shell commands `prepare` of test_ranks, which
 *  may be NULL and have one %s, the run. */
test_run jobs_train(int ranks, const char *name, const char *prepare, const char *options);
test_run jobs_resume(int ranks, const char *name, const char *options);

void jobs_assert_ended(test_run run, int exit_code, const char *text);
/** One line of ours says why; what was saved can be read; nobody is left. */
void jobs_assert_failed(test_run run, const char *name, int exit_code, const char *text);

#endif
