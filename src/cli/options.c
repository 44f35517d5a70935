/* options.c - every option of every command, in one table: the parser and all help read it.
 * Several rows may share a name if no command sees two of them. */
#include "cli/cli.h"

#include <limits.h>

#define FIELD(name) offsetof(cli_options, name)

const cli_option cli_option_table[] = {
    /* ---- data and files ---- */
    { "data", NULL, 0, CLI_OVERRIDE, 0, "data.path", 0, "DIR", CLI_TRAIN,
      "data set: folder, tar, list, LMDB or CIFAR-10 binaries; default data.path of the config" },
    { "data", NULL, 0, CLI_TEXT, FIELD(data), NULL, 0, "DIR", CLI_BENCH_STEPS,
      "of `step` and `ops`: its images through the loader; default made-up ones on the device" },
    { "data", NULL, 0, CLI_TEXT, FIELD(data), NULL, 0, "DIR", CLI_EVAL,
      "data set: folder, tar, list, LMDB or CIFAR-10 binaries; default that of the training" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DIR", CLI_TRAIN,
      "folder of the run; default runs/<config>-<date-time>, with --resume the run's own" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DIR", CLI_VIZ,
      "where the pictures go; default beside the checkpoint" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DIR", CLI_EVAL,
      "write classes.csv, confused.csv, images.csv, and confusion.csv and .png there" },
    { "output", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "F.npy", CLI_FEATURES,
      "write the features there, and the images' names beside it" },
    { "data", NULL, 0, CLI_TEXT, FIELD(data), NULL, 0, "SET", CLI_FEATURES,
      "data set; with --nearest its training images, or a file that -o wrote with the same layer" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DB", CLI_PACK,
      "the database, a folder that is made" },
    { "size", NULL, 0, CLI_INT, FIELD(size), NULL, 1, "N", CLI_PACK,
      "side of the stored images: short side to N, then the centre; default 256" },
    { "quality", NULL, 0, CLI_INT, FIELD(quality), NULL, 1, "Q", CLI_PACK,
      "of the stored JPEGs, up to 100; default 95" },
    { "raw", NULL, 0, CLI_FLAG, FIELD(raw), NULL, 0, NULL, CLI_PACK,
      "store pixels, not JPEGs: 192 KiB an image of 256" },
    { "whole", NULL, 0, CLI_FLAG, FIELD(whole), NULL, 0, NULL, CLI_PACK,
      "decode large JPEGs whole, not at 1/2, 1/4 or 1/8: at most 2 levels from Pillow, slower" },
    { "labels", NULL, 0, CLI_TEXT, FIELD(labels), NULL, 0, "FILE", CLI_PACK,
      "of images in no class folder: lines of a name and a label, a table of them (commas, tabs, "
      "with a header or not), or labels alone in the order of the sorted names; a label is a "
      "class's number from 0 or its name" },
    { "classes", NULL, 0, CLI_TEXT, FIELD(classes), NULL, 0, "FILE", CLI_PACK,
      "names of the classes in the order of their numbers, one a line, for --labels and lists" },
    { "synset-ids", NULL, 0, CLI_TEXT, FIELD(synset_ids), NULL, 0, "FILE", CLI_PACK,
      "labels are ILSVRC's ids: the class of id 1 is named on line 1" },
    { "root", NULL, 0, CLI_TEXT, FIELD(root), NULL, 0, "DIR", CLI_PACK,
      "folder that a list's paths are in; default the list's own" },
    { "resume", NULL, 0, CLI_TEXT, FIELD(resume), NULL, 0, "PATH", CLI_TRAIN,
      "go on from a checkpoint, or from the last one of a run's folder" },
    { "weights", NULL, 0, CLI_TEXT, FIELD(weights), NULL, 0, "PATH", CLI_TRAIN | CLI_DUMP,
      "initial weights: safetensors, or a run's folder for its best; default the config's init" },
    { "replace", NULL, 0, CLI_TEXT, FIELD(replace), NULL, 0, "LAYER,...", CLI_TRAIN,
      "of --weights: layers that start anew, such as fc8 for other classes" },
    { "freeze", NULL, 0, CLI_LAYERS, 0, "freeze=yes", 0, "LAYER,...", CLI_TRAIN,
      "layers that keep their weights" },
    { "batch", NULL, 0, CLI_TEXT, FIELD(batch_file), NULL, 0, "FILE", CLI_DUMP,
      "safetensors with x (N,C,H,W) float32, preprocessed, and y (N) int64; save a transposed x as "
      "np.ascontiguousarray(x)" },
    { "output", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "FILE", CLI_TUNE,
      "file of the rows; default that of ALEXNET_TUNING" },
    { "out", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "FILE", CLI_DUMP,
      "where the tensors go (safetensors)" },

    /* ---- training ---- */
    { "epochs", NULL, 0, CLI_OVERRIDE, 0, "train.epochs", 0, "N", CLI_TRAIN,
      "passes over the training images" },
    { "max-steps", NULL, 0, CLI_SIZE, FIELD(max_steps), NULL, 1, "N", CLI_TRAIN,
      "stop after N updates" },
    { "batch-size", NULL, 'b', CLI_OVERRIDE, 0, "train.batch-size", 0, "N",
      CLI_TRAIN | CLI_BENCH_TIMES | CLI_TUNE, "images of one forward and backward pass" },
    { "batch-size", NULL, 'b', CLI_INT, FIELD(batch_size), NULL, 1, "N", CLI_EVAL | CLI_INFO,
      "images of one forward pass; default the config's" },
    { "batch-size", NULL, 'b', CLI_INT, FIELD(batch_size), NULL, 1, "N", CLI_FEATURES,
      "images of one forward pass; default 32" },
    { "grad-accum", NULL, 0, CLI_OVERRIDE, 0, "train.grad-accum", 0, "N", CLI_TRAIN,
      "passes of one update" },
    { "lr", NULL, 0, CLI_OVERRIDE, 0, "train.lr", 0, "RATE", CLI_TRAIN, "learning rate" },
    { "momentum", NULL, 0, CLI_OVERRIDE, 0, "train.momentum", 0, "M", CLI_TRAIN, "momentum" },
    { "weight-decay", "wd", 0, CLI_OVERRIDE, 0, "train.weight-decay", 0, "D", CLI_TRAIN,
      "weight decay" },
    { "seed", NULL, 0, CLI_OVERRIDE, 0, "train.seed", 0, "N", CLI_TRAIN | CLI_DUMP,
      "of weights, shuffles, crops and dropout" },
    { "set", NULL, 0, CLI_SET, 0, NULL, 0, "SECTION.KEY=VALUE",
      CLI_TRAIN | CLI_INFO | CLI_DUMP | CLI_BENCH_TIMES | CLI_TUNE,
      "any key of the config; may be repeated, the last wins" },
    { "overfit-batch", NULL, 0, CLI_FLAG, FIELD(overfit_batch), NULL, 0, NULL, CLI_TRAIN,
      "one fixed batch, no augmentation, no dropout: the loss must go to zero" },
    { "save-every", NULL, 0, CLI_SIZE, FIELD(save_every), NULL, 1, "N", CLI_TRAIN,
      "save a checkpoint every N updates too, not only after each epoch" },
    { "check-every", NULL, 0, CLI_SIZE, FIELD(check_every), NULL, 1, "N", CLI_TRAIN,
      "compare every Nth step with the reference twins, one image and one filter of each layer in "
      "turn; exit code 6 where they differ. Takes seconds, changes no number" },
    { "diagnose", NULL, 0, CLI_FLAG, FIELD(diagnose), NULL, 0, NULL, CLI_TRAIN,
      "after every epoch, how each layer fares: norms of weights, gradient and update, dead units, "
      "activations on held-out images (without any, on training ones); into diagnose.csv and "
      "diagnose.png. To be given again with --resume" },
    { "workers", NULL, 'j', CLI_INT, FIELD(workers), NULL, 1, "N",
      CLI_TRAIN | CLI_EVAL | CLI_PREDICT | CLI_FEATURES | CLI_BENCH_STEPS | CLI_PACK,
      "threads that decode images; default all processors" },
    { "skip-bad", NULL, 0, CLI_FLAG, FIELD(skip_bad), NULL, 0, NULL,
      CLI_TRAIN | CLI_EVAL | CLI_PREDICT | CLI_FEATURES | CLI_BENCH_STEPS | CLI_PACK,
      "leave out images that do not decode, and count them" },

    /* ---- results ---- */
    { "ten-crop", NULL, 0, CLI_FLAG, FIELD(ten_crop), NULL, 0, NULL, CLI_EVAL,
      "average each image's probabilities over its corners and centre, and these mirrored; "
      "default the centre" },
    { "worst", NULL, 0, CLI_INT, FIELD(worst), NULL, 1, "N", CLI_EVAL,
      "list the N pairs of classes most often confused, and the N images of the highest loss" },
    { "names", NULL, 0, CLI_TEXT, FIELD(names), NULL, 0, "FILE", CLI_EVAL | CLI_PREDICT,
      "what to call the classes: lines like ImageNet's synset_words.txt, n01440764 tench, each of "
      "another class; or a line for each class, in their order" },
    { "layer", NULL, 0, CLI_TEXT, FIELD(layer), NULL, 0, "STAGE", CLI_FEATURES,
      "a line of `alexnet info`: fc7 is before its ReLU, relu7 after; default what the last layer "
      "sees, before dropout" },
    { "nearest", NULL, 0, CLI_INT, FIELD(nearest), NULL, 1, "K", CLI_FEATURES,
      "print the K nearest images of --data for each IMAGE" },
    { "probe", NULL, 0, CLI_FLAG, FIELD(probe), NULL, 0, NULL, CLI_FEATURES,
      "print the accuracy of a linear classifier on --data" },
    { "top", "topk", 'k', CLI_INT, FIELD(top), NULL, 1, "K", CLI_PREDICT,
      "classes to print for an image; default 5" },
    { "stages", NULL, 0, CLI_FLAG, FIELD(stages), NULL, 0, NULL, CLI_DUMP,
      "keep and write the output of every stage" },
    { "steps", NULL, 0, CLI_INT, FIELD(steps), NULL, 1, "N", CLI_DUMP,
      "updates to make; adds their losses and the parameters after the last" },
    { "golden", NULL, 0, CLI_TEXT, FIELD(golden), NULL, 0, "DIR", CLI_CHECK,
      "compare with the golden numbers of a folder instead of the twins" },
    { "only", NULL, 0, CLI_TEXT, FIELD(only), NULL, 0, "WHAT", CLI_CHECK,
      "the line of that name; of a golden folder: ops, nets, full, an operation, "
      "operation/case, or a network" },
    { "quick", NULL, 0, CLI_FLAG, FIELD(quick), NULL, 0, NULL, CLI_CHECK,
      "every kernel that this kind of device uses, on fewer shapes: seconds; a minute of two cores "
      "where no kernel is built yet" },
    { "max-macs", NULL, 0, CLI_SIZE, FIELD(max_macs), NULL, 1, "N", CLI_CHECK,
      "of a golden folder: leave out what takes more multiplications forward" },
    { "steps", NULL, 0, CLI_INT, FIELD(steps), NULL, 1, "N", CLI_CHECK,
      "of a golden network: updates to make; default all that are stored" },
    { "lr-steps", NULL, 0, CLI_TEXT, FIELD(lr_steps), NULL, 0, "LIST", CLI_DUMP,
      "rates of the updates, like 0.01x5,0.001x5; the last goes on; default 0.01" },
    { "iters", NULL, 0, CLI_INT, FIELD(iterations), NULL, 1, "N", CLI_BENCH_TIMES,
      "timed steps, or runs of a pass, after one to warm up; default 5" },
    { "only", NULL, 0, CLI_TEXT, FIELD(only), NULL, 0, "WHAT", CLI_BENCH_OPS | CLI_BENCH_ALGOS,
      "of `ops` and `algos`: a layer, or a layer and its pass: conv2, 'conv2 grad-weight'" },
    { "csv", NULL, 0, CLI_TEXT, FIELD(csv), NULL, 0, "FILE", CLI_BENCH_TIMES,
      "write the numbers as comma-separated values too" },
    { "html", NULL, 0, CLI_TEXT, FIELD(html), NULL, 0, "FILE", CLI_BENCH_REPORT,
      "of `report`: where the page goes" },
    { "compare", NULL, 0, CLI_TEXT, FIELD(compare), NULL, 0, "FILE", CLI_BENCH_TIMES,
      "set an earlier run's JSON beside this one; exit code 7 if something became slower" },
    { "threshold", NULL, 0, CLI_TEXT, FIELD(threshold), NULL, 0, "PERCENT", CLI_BENCH_TIMES,
      "of --compare: how much longer something may take; default 10%" },
    { "budget", NULL, 0, CLI_INT, FIELD(budget), NULL, 1, "SECONDS", CLI_TUNE,
      "stop after so long; the same command goes on later; default until all is measured" },
    { "only", NULL, 0, CLI_TEXT, FIELD(only), NULL, 0, "WHAT", CLI_TUNE,
      "one layer alone, or the parameters of clblast" },
    { "json", NULL, 0, CLI_FLAG, FIELD(json), NULL, 0, NULL,
      CLI_EVAL | CLI_PREDICT | CLI_FEATURES | CLI_INFO | CLI_DEVICES | CLI_CHECK | CLI_BENCH_TIMES |
          CLI_TUNE,
      "print JSON" },

    /* ---- device ---- */
    { "device", NULL, 0, CLI_TEXT, FIELD(device), NULL, 0, "D",
      CLI_TUNE | CLI_COMPUTES | CLI_BENCH_ALGOS | CLI_INFO,
      "index, cpu, gpu, or part of a name of `alexnet devices`; default the first GPU, else the "
      "first device" },
    { "devices", NULL, 0, CLI_TEXT, FIELD(devices), NULL, 0, "A,B", CLI_COMPUTES | CLI_INFO,
      "two devices for a network of two towers, one tower on each" },
    { "threads", NULL, 0, CLI_INT, FIELD(threads), NULL, 1, "N",
      CLI_TUNE | CLI_COMPUTES | CLI_BENCH_ALGOS, "cores that a CPU device may use; default all" },
    { "conv-algo", NULL, 0, CLI_TEXT, FIELD(conv_algo), NULL, 0, "A", CLI_COMPUTES | CLI_INFO,
      "convolution: auto, im2col, vec, winograd, tile, tile-winograd, tuned" },
    { "gemm", NULL, 0, CLI_TEXT, FIELD(gemm), NULL, 0, "A", CLI_COMPUTES | CLI_INFO,
      "matrix products: auto, clblast, vec, tile, tuned" },
    { "exact", NULL, 0, CLI_FLAG, FIELD(exact), NULL, 0, NULL, CLI_COMPUTES,
      "direct algorithms only, none that trade accuracy for speed" },

    { "timeout", NULL, 0, CLI_INT, FIELD(timeout), NULL, 1, "SECONDS",
      CLI_TUNE | CLI_COMPUTES | CLI_BENCH_ALGOS,
      "give up when a device has not answered for so long; default never. More than a step takes" },
    { "trace", NULL, 0, CLI_TEXT, FIELD(trace), NULL, 0, "FILE", CLI_COMPUTES | CLI_BENCH_ALGOS,
      "write when every kernel and transfer ran, for ui.perfetto.dev" },

    /* ---- messages ---- */
    { "progress", NULL, 0, CLI_TEXT, FIELD(progress), NULL, 0, "HOW",
      CLI_TRAIN | CLI_EVAL | CLI_FEATURES | CLI_TUNE | CLI_PACK | CLI_CHECK,
      "auto (a bar on a terminal, else plain), bar, plain (a line now and then), none" },
    { "log-every", NULL, 0, CLI_INT, FIELD(log_every), NULL, 1, "N",
      CLI_TRAIN | CLI_EVAL | CLI_FEATURES,
      "steps between two lines of plain progress; default 50" },
    { "verbose", NULL, 'v', CLI_FLAG, FIELD(verbose), NULL, 0, NULL, CLI_ALL, "say more" },
    { "quiet", NULL, 'q', CLI_FLAG, FIELD(quiet), NULL, 0, NULL, CLI_ALL,
      "warnings and errors only" },
    { "help", NULL, 'h', CLI_FLAG, FIELD(help), NULL, 0, NULL, CLI_ALL, "print this and stop" },
    { .name = NULL },
};

_Static_assert(ALX_COUNT(cli_option_table) <= CLI_MOST_OPTIONS, "as many bits in cli_options");

/* More than these is a slip of the hand, which would cost threads, memory or hours. */
static const struct {
    size_t offset;
    int most;
} limits[] = {
    { FIELD(workers), 1024 },       { FIELD(threads), 4096 },  { FIELD(size), 4096 },
    { FIELD(quality), 100 },        { FIELD(top), 65536 },     { FIELD(nearest), 65536 },
    { FIELD(batch_size), 65536 },   { FIELD(worst), 1000000 }, { FIELD(steps), 1000000 },
    { FIELD(iterations), 1000000 },
};

long long cli_option_most(const cli_option *option)
{
    for (size_t i = 0; i < ALX_COUNT(limits); ++i)
        if (option->kind == CLI_INT && limits[i].offset == option->offset)
            return limits[i].most;
    return option->kind == CLI_INT ? INT_MAX : LLONG_MAX;
}
