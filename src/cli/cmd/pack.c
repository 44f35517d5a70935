/* pack.c - images of any source into an LMDB of the size that training reads. */
#include <stdio.h>

#include "base/try.h"
#include "cli/format.h"
#include "cli/source.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"

#define PACK_SIZE 256
#define PACK_QUALITY 95

static int check_options(const cli_options *options)
{
    if (options->output == NULL)
        return alx_fail(ALX_E_USAGE, "pack wants -o DB; try alexnet help pack");
    if (options->raw && options->quality > 0)
        return alx_fail(ALX_E_USAGE, "--raw stores pixels: leave out --quality");
    return 0;
}

/* The test images too where the source has them. */
static int open_sets(alx_dataset *sets[2], const cli_options *options)
{
    const alx_dataset_options how = {
        .whole = options->whole,
        .labels = options->labels,
        .classes = options->classes,
        .ids = options->synset_ids,
        .root = options->root,
    };
    const char *source = options->args[0];

    TRY(alx_dataset_open_with(&sets[ALX_SPLIT_TRAIN], source, ALX_SPLIT_TRAIN, &how));
    if (alx_dataset_has_split(sets[ALX_SPLIT_TRAIN], ALX_SPLIT_TEST))
        TRY(alx_dataset_open_with(&sets[ALX_SPLIT_TEST], source, ALX_SPLIT_TEST, &how));
    return alx_dataset_log_found(sets[ALX_SPLIT_TRAIN], sets[ALX_SPLIT_TEST]);
}

static void show_progress(const alx_pack_progress *p, void *user)
{
    char label[80];

    (void)user;
    snprintf(label, sizeof label, "packing, %s images/s, %zu bad", cli_rate(p->images_s).text,
             p->bad);
    cli_progress_task(label, p->done, p->total, p->eta_seconds, NULL);
}

int cmd_pack(const cli_options *options)
{
    alx_dataset *sets[2] = { NULL, NULL };
    alx_pack_result result;
    alx_pack_options pack = {
        .size = options->size > 0 ? options->size : PACK_SIZE,
        .quality = options->raw           ? 0
                   : options->quality > 0 ? options->quality
                                          : PACK_QUALITY,
        .threads = cli_workers(options),
        .skip_bad = options->skip_bad,
        .on_progress = show_progress,
    };
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(alx_pack_check(options->output));
    TRY_DONE(cli_progress_start(options));
    TRY_DONE(open_sets(sets, options));
    pack.interrupt = cli_catch_signals("\nstopping; what is packed will be kept; again to kill\n");
    TRY_DONE(alx_pack(&result, options->output, (const alx_dataset *const *)sets, &pack));
    cli_progress_stop();
    printf("images  %s\n", cli_count(result.images).text);
    if (result.bad > 0)
        printf("bad     %s, listed in bad.txt\n", cli_count(result.bad).text);
    if (result.resumed > 0)
        printf("resumed after %s\n", cli_count(result.resumed).text);
    printf("time    %s\n", cli_clock(result.seconds).text);
done:
    alx_dataset_close(sets[ALX_SPLIT_TRAIN]);
    alx_dataset_close(sets[ALX_SPLIT_TEST]);
    return rc;
}
