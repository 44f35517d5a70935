/* options.c - every option of every command, in one table: the parser and all help read it.
 * Several rows may share a name if no command sees two of them. */
#include "cli/cli.h"

#define FIELD(name) offsetof(cli_options, name)

const cli_option cli_option_table[] = {
    /* ---- data and files ---- */
    { "data", NULL, 0, CLI_OVERRIDE, 0, "data.path", 0, "DIR", CLI_TRAIN,
      "data set: folder, tar or CIFAR-10 binaries; default data.path of the config" },
    { "data", NULL, 0, CLI_TEXT, FIELD(data), NULL, 0, "DIR", CLI_EVAL,
      "data set: folder, tar or CIFAR-10 binaries; default that of the training" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DIR", CLI_TRAIN,
      "folder of the run; default runs/<config>-<date-time>, with --resume the run's own" },
    { "output-dir", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "DIR", CLI_VIZ,
      "where the pictures go; default beside the checkpoint" },
    { "resume", NULL, 0, CLI_TEXT, FIELD(resume), NULL, 0, "PATH", CLI_TRAIN,
      "go on from a checkpoint, or from the last one of a run's folder" },
    { "weights", NULL, 0, CLI_TEXT, FIELD(weights), NULL, 0, "FILE", CLI_TRAIN | CLI_DUMP,
      "initial weights (safetensors); default the config's init" },
    { "batch", NULL, 0, CLI_TEXT, FIELD(batch_file), NULL, 0, "FILE", CLI_DUMP,
      "safetensors with x (N,C,H,W) float32, preprocessed, and y (N) int64" },
    { "out", NULL, 'o', CLI_TEXT, FIELD(output), NULL, 0, "FILE", CLI_DUMP,
      "where the tensors go (safetensors)" },

    /* ---- training ---- */
    { "epochs", NULL, 0, CLI_OVERRIDE, 0, "train.epochs", 0, "N", CLI_TRAIN,
      "passes over the training images" },
    { "max-steps", NULL, 0, CLI_SIZE, FIELD(max_steps), NULL, 1, "N", CLI_TRAIN,
      "stop after N updates" },
    { "batch-size", NULL, 'b', CLI_OVERRIDE, 0, "train.batch-size", 0, "N",
      CLI_TRAIN | CLI_BENCH,
      "images of one forward and backward pass" },
    { "batch-size", NULL, 'b', CLI_INT, FIELD(batch_size), NULL, 1, "N",
      CLI_EVAL | CLI_INFO, "images of one forward pass; default the config's" },
    { "grad-accum", NULL, 0, CLI_OVERRIDE, 0, "train.grad-accum", 0, "N", CLI_TRAIN,
      "passes of one update" },
    { "lr", NULL, 0, CLI_OVERRIDE, 0, "train.lr", 0, "RATE", CLI_TRAIN, "learning rate" },
    { "momentum", NULL, 0, CLI_OVERRIDE, 0, "train.momentum", 0, "M", CLI_TRAIN, "momentum" },
    { "weight-decay", "wd", 0, CLI_OVERRIDE, 0, "train.weight-decay", 0, "D", CLI_TRAIN,
      "weight decay" },
    { "seed", NULL, 0, CLI_OVERRIDE, 0, "train.seed", 0, "N", CLI_TRAIN | CLI_DUMP,
      "of weights, shuffles, crops and dropout" },
    { "set", NULL, 0, CLI_SET, 0, NULL, 0, "SECTION.KEY=VALUE",
      CLI_TRAIN | CLI_INFO | CLI_DUMP | CLI_BENCH,
      "any key of the config; may be repeated, the last wins" },
    { "overfit-batch", NULL, 0, CLI_FLAG, FIELD(overfit_batch), NULL, 0, NULL, CLI_TRAIN,
      "one fixed batch, no augmentation, no dropout: the loss must go to zero" },
    { "save-every", NULL, 0, CLI_SIZE, FIELD(save_every), NULL, 1, "N", CLI_TRAIN,
      "save a checkpoint every N updates too, not only after each epoch" },
    { "workers", NULL, 'j', CLI_INT, FIELD(workers), NULL, 1, "N", CLI_TRAIN | CLI_EVAL,
      "threads that decode images; default all processors" },
    { "skip-bad", NULL, 0, CLI_FLAG, FIELD(skip_bad), NULL, 0, NULL, CLI_TRAIN | CLI_EVAL,
      "leave out images that do not decode, and count them" },

    /* ---- results ---- */
    { "top", "topk", 'k', CLI_INT, FIELD(top), NULL, 1, "K", CLI_PREDICT,
      "classes to print for an image; default 5" },
    { "stages", NULL, 0, CLI_FLAG, FIELD(stages), NULL, 0, NULL, CLI_DUMP,
      "keep and write the output of every stage" },
    { "steps", NULL, 0, CLI_INT, FIELD(steps), NULL, 1, "N", CLI_DUMP,
      "updates to make; adds their losses and the parameters after the last" },
    { "lr-steps", NULL, 0, CLI_TEXT, FIELD(lr_steps), NULL, 0, "LIST", CLI_DUMP,
      "rates of the updates, like 0.01x5,0.001x5; the last goes on; default 0.01" },
    { "iters", NULL, 0, CLI_INT, FIELD(iterations), NULL, 1, "N", CLI_BENCH,
      "timed steps after one to warm up; default 5" },
    { "json", NULL, 0, CLI_FLAG, FIELD(json), NULL, 0, NULL,
      CLI_EVAL | CLI_PREDICT | CLI_INFO | CLI_DEVICES | CLI_CHECK | CLI_BENCH, "print JSON" },

    /* ---- device ---- */
    { "device", NULL, 0, CLI_TEXT, FIELD(device), NULL, 0, "D", CLI_COMPUTES | CLI_INFO,
      "index, cpu, gpu, or part of a name of `alexnet devices`; default the first GPU, else the "
      "first device" },
    { "threads", NULL, 0, CLI_INT, FIELD(threads), NULL, 1, "N", CLI_COMPUTES,
      "cores that a CPU device may use; default all" },
    { "conv-algo", NULL, 0, CLI_TEXT, FIELD(conv_algo), NULL, 0, "A", CLI_COMPUTES | CLI_INFO,
      "convolution: auto, im2col, vec" },
    { "gemm", NULL, 0, CLI_TEXT, FIELD(gemm), NULL, 0, "A", CLI_COMPUTES | CLI_INFO,
      "matrix products: auto, clblast, vec" },
    { "exact", NULL, 0, CLI_FLAG, FIELD(exact), NULL, 0, NULL, CLI_COMPUTES,
      "direct algorithms only, none that trade accuracy for speed" },

    /* ---- messages ---- */
    { "progress", NULL, 0, CLI_TEXT, FIELD(progress), NULL, 0, "HOW",
      CLI_TRAIN | CLI_EVAL,
      "auto (a bar on a terminal, else plain), bar, plain (a line now and then), none" },
    { "log-every", NULL, 0, CLI_INT, FIELD(log_every), NULL, 1, "N", CLI_TRAIN | CLI_EVAL,
      "steps between two lines of plain progress; default 50" },
    { "verbose", NULL, 'v', CLI_FLAG, FIELD(verbose), NULL, 0, NULL, CLI_ALL, "say more" },
    { "quiet", NULL, 'q', CLI_FLAG, FIELD(quiet), NULL, 0, NULL, CLI_ALL,
      "warnings and errors only" },
    { "help", NULL, 'h', CLI_FLAG, FIELD(help), NULL, 0, NULL, CLI_ALL, "print this and stop" },
    { .name = NULL },
};
