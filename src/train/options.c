/* options.c - what a caller asks of a run, completed and checked before anything is touched. */
#include <stdlib.h>
#include <string.h>

#include "base/cpus.h"
#include "base/file.h"
#include "base/try.h"
#include "train/job/job.h"
#include "train/run.h"

/* The config keeps the path, so that a run can be resumed from its checkpoint alone; absolute, so
 * from other folders too. */
static int settle_data(alx_train_options *options)
{
    alx_data_config *config = &options->config.data;
    const char *given = options->data_path != NULL ? options->data_path : config->path;
    char path[sizeof config->path];

    if (given[0] == '\0')
        return alx_fail(ALX_E_USAGE, "no data to train on: set data_path, or config.data.path");
    TRY(base_path_absolute(path, sizeof path, given));
    memcpy(config->path, path, sizeof path);
    options->data_path = config->path;
    return 0;
}

/* What does not read back would make checkpoints that nobody can read. */
static int check_config(const alx_config *config)
{
    alx_config *again = calloc(1, sizeof *again);
    char *text = NULL;
    int rc = 0;

    if (again == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a config");
        goto done;
    }
    TRY_DONE(alx_config_write(&text, config));
    TRY_DONE(
        alx_fail_context(alx_config_parse(again, text, config->name, NULL, 0), "options.config"));
done:
    free(text);
    free(again);
    return rc;
}

static int settle_folder(alx_train_options *options)
{
    const char *held = options->folder != NULL ? alx_run_folder_path(options->folder) : NULL;

    if (alx_comm_rank(options->comm) > 0)
        return 0;
    if (held == NULL && options->run_dir == NULL)
        return alx_fail(ALX_E_USAGE, "a run wants a folder: set run_dir or folder");
    if (held != NULL && options->run_dir != NULL && !base_path_same(held, options->run_dir))
        return alx_fail(ALX_E_USAGE, "folder is %s and run_dir %s: leave run_dir out", held,
                        options->run_dir);
    if (held != NULL)
        options->run_dir = held;
    return 0;
}

static int settle_workers(alx_train_options *options)
{
    if (options->workers < 0)
        return alx_fail(ALX_E_USAGE, "%d workers cannot decode images", options->workers);
    if (options->workers == 0)
        options->workers = base_cpu_count();
    return 0;
}

static int check_combinations(const alx_train_options *options)
{
    const alx_train_check *check = &options->check;

    if (options->resume != NULL && options->weights != NULL)
        return alx_fail(ALX_E_USAGE, "resume brings its own weights: leave weights out");
    if (options->replace != NULL && options->weights == NULL)
        return alx_fail(ALX_E_USAGE, "replace names layers that weights has: set both");
    if (options->check_every > 0 &&
        (check->begin == NULL || check->look == NULL || check->judge == NULL))
        return alx_fail(ALX_E_USAGE, "check_every wants check.begin, check.look and check.judge");
    return 0;
}

int train_run_settle(train_run *run, int dev_count, const alx_train_options *options)
{
    run->settled = *options;
    run->options = &run->settled;
    if (dev_count < 1)
        return alx_fail(ALX_E_USAGE, "a run wants one device or two, not %d", dev_count);
    TRY(check_combinations(options));
    TRY(settle_workers(&run->settled));
    TRY(settle_folder(&run->settled));
    TRY(settle_data(&run->settled));
    TRY(train_job_settle(&run->settled.config.train, run->settled.comm));
    return check_config(&run->settled.config);
}
