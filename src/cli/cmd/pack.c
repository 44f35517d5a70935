/* pack.c - images of any source into an LMDB of the size that training reads. */
#include <stdio.h>

#include "base/format.h"
#include "base/try.h"
#include "cli/source.h"
#include "cli/ui/progress.h"
#include "cli/ui/signals.h"

typedef struct pack_options {
    cli_line line;
    const char *output, *labels, *classes, *synset_ids, *root;
    int size, quality;
    bool raw, whole;
    cli_loading loading;
    cli_progress_options progress;
} pack_options;

#define PACK_SIZE 256
#define PACK_QUALITY 95

static int check_options(const pack_options *options)
{
    if (options->output == NULL)
        return alx_fail(ALX_E_USAGE, "pack wants -o DB; try alexnet help pack");
    if (options->raw && options->quality > 0)
        return alx_fail(ALX_E_USAGE, "--raw stores pixels: leave out --quality");
    return 0;
}

/* The test images too where the source has them. */
static int open_sets(alx_dataset *sets[2], const pack_options *options)
{
    const alx_dataset_options how = {
        .whole = options->whole,
        .labels = options->labels,
        .classes = options->classes,
        .ids = options->synset_ids,
        .root = options->root,
    };
    const char *source = options->line.args[0];

    TRY(alx_dataset_open_with(&sets[ALX_SPLIT_TRAIN], source, ALX_SPLIT_TRAIN, &how));
    if (alx_dataset_has_split(sets[ALX_SPLIT_TRAIN], ALX_SPLIT_TEST))
        TRY(alx_dataset_open_with(&sets[ALX_SPLIT_TEST], source, ALX_SPLIT_TEST, &how));
    return alx_dataset_log_found(sets[ALX_SPLIT_TRAIN], sets[ALX_SPLIT_TEST]);
}

static void show_progress(const alx_pack_progress *p, void *user)
{
    char label[128];

    (void)user;
    snprintf(label, sizeof label, "packing, %s images/s, %zu bad",
             base_format_rate(p->images_s).text, p->bad);
    cli_progress_task(label, p->done, p->total, p->eta_seconds, NULL);
}

static int pack_run(const void *given)
{
    const pack_options *options = given;
    alx_dataset *sets[2] = { NULL, NULL };
    alx_pack_result result;
    alx_pack_options pack = {
        .size = options->size > 0 ? options->size : PACK_SIZE,
        .quality = options->raw           ? 0
                   : options->quality > 0 ? options->quality
                                          : PACK_QUALITY,
        .threads = options->loading.workers,
        .skip_bad = options->loading.skip_bad,
        .on_progress = show_progress,
    };
    int rc = 0;

    TRY_DONE(check_options(options));
    TRY_DONE(alx_pack_check(options->output));
    TRY_DONE(cli_progress_start(&options->progress));
    TRY_DONE(open_sets(sets, options));
    pack.interrupt = cli_catch_signals("\nstopping; what is packed will be kept; again to kill\n");
    TRY_DONE(alx_pack(&result, options->output, (const alx_dataset *const *)sets, &pack));
    cli_progress_stop();
    printf("images  %s\n", base_format_count(result.images).text);
    if (result.bad > 0)
        printf("bad     %s, listed in bad.txt\n", base_format_count(result.bad).text);
    if (result.resumed > 0)
        printf("resumed after %s\n", base_format_count(result.resumed).text);
    printf("time    %s\n", base_format_clock(result.seconds).text);
done:
    alx_dataset_close(sets[ALX_SPLIT_TRAIN]);
    alx_dataset_close(sets[ALX_SPLIT_TEST]);
    return rc;
}

#define FIELD(name) .offset = offsetof(pack_options, name)

static const cli_option pack_rows[] = {
    { "output-dir", "DB", "the database, a folder that is made", CLI_TEXT, FIELD(output),
      .letter = 'o' },
    { "size", "N", "side of the stored images: short side to N, then the centre; default 256",
      CLI_INT, FIELD(size), .most = 4096 },
    { "quality", "Q", "of the stored JPEGs, up to 100; default 95", CLI_INT, FIELD(quality),
      .most = 100 },
    { "raw", NULL, "store pixels, not JPEGs: 192 KiB an image of 256", CLI_FLAG, FIELD(raw) },
    { "whole", NULL,
      "decode large JPEGs whole, not at 1/2, 1/4 or 1/8: at most 2 levels from Pillow, slower",
      CLI_FLAG, FIELD(whole) },
    { "labels", "FILE",
      "of images in no class folder: lines of a name and a label, a table of them (commas, "
      "tabs, with a header or not), or labels alone in the order of the sorted names; a label "
      "is a class's number from 0 or its name",
      CLI_TEXT, FIELD(labels) },
    { "classes", "FILE",
      "names of the classes in the order of their numbers, one a line, for --labels and lists",
      CLI_TEXT, FIELD(classes) },
    { "synset-ids", "FILE", "labels are ILSVRC's ids: the class of id 1 is named on line 1",
      CLI_TEXT, FIELD(synset_ids) },
    { "root", "DIR", "folder that a list's paths are in; default the list's own", CLI_TEXT,
      FIELD(root) },
    { CLI_ROWS(cli_loading_rows, pack_options, loading) },
    { CLI_ROWS(cli_progress_row, pack_options, progress) },
    CLI_END,
};

const cli_command cli_cmd_pack = {
    .name = "pack",
    .summary = "images of any source into an LMDB, at the size of training",
    .arguments = "SOURCE -o DB",
    .min_args = 1,
    .max_args = 1,
    .examples = "alexnet pack imagenet -o imagenet-256\n"
                "alexnet pack pictures.tar -o pictures --quality 90 --skip-bad\n"
                "alexnet pack ILSVRC2012_img_train.tar -o imagenet/train\n"
                "alexnet pack ILSVRC2012_img_val.tar --labels val.txt --classes train/classes.txt "
                "-o imagenet/val\n"
                "alexnet pack train.txt --root pictures -o pictures-db\n",
    .details = "SOURCE is any data set that train takes, or with --labels a folder or tar of "
               "images. DB is one LMDB of Caffe's Datum records, or, if the source has test "
               "images too, two in DB/train and DB/val. Beside the records: classes.txt, "
               "bad.txt, and of the training images mean.npy, statistics.json and what train "
               "reads instead of computing it. Works in DB.partial, renamed at the end; after "
               "an interrupt or a kill the same command goes on.",
    .options = pack_rows,
    .options_bytes = sizeof(pack_options),
    .run = pack_run,
};
