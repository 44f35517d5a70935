/* main.c - the command table, dispatch and the exit code. */
#include "cli/ui/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "base/name_write.h"

/* The only list of commands; dispatch and help both read it. */
const cli_command cli_commands[] = {
    { "train", CLI_TRAIN, cmd_train, "train a network, or go on with a run", "CONFIG --data DIR", 0,
      1,
      "alexnet train cifar10 --data cifar-10-batches-bin\n"
      "alexnet train paper --data imagenet --device gpu -b 256 --lr 0.02 -o runs/paper\n"
      "alexnet train cifar10.ini --data cifar --set train.schedule=cosine --epochs 60\n"
      "alexnet train --resume runs/paper\n"
      "alexnet train cifar10 --data cifar --overfit-batch --max-steps 100\n"
      "alexnet train paper --data birds --set net.classes=200 --weights w.safetensors --replace "
      "fc8\n",
      "CONFIG is a file or the name of a preset (alexnet help config). The first interrupt "
      "(Ctrl-C) saves a checkpoint and stops with exit code 130. --resume goes on, bit for bit as "
      "if nothing had happened; it takes the config from the checkpoint unless CONFIG is given. "
      "Options given with it win, and what they change is printed; with -o it goes on in another "
      "folder, where the metrics and the best checkpoint so far are copied. A run that is in the "
      "way keeps its files as *.old; one that still trains there is left alone, and this one "
      "refused with exit code 1. --weights takes weights by layer; layers that the file lacks "
      "start anew, as those of --replace do." },
    { "eval", CLI_EVAL, cmd_eval, "loss, top-1 and top-5 on test images, of one network or several",
      "CHECKPOINT... --data DIR", 1, INT_MAX,
      "alexnet eval runs/paper/checkpoint-best --data imagenet\n"
      "alexnet eval runs/paper --data imagenet --ten-crop --json\n"
      "alexnet eval runs/a runs/b runs/c --data imagenet --ten-crop\n"
      "alexnet eval runs/paper --data imagenet -o report --worst 20 --names synset_words.txt\n",
      "CHECKPOINT is a file, or a run's folder for its best one; of several the probabilities are "
      "averaged. Size, mean and order of the images come from the checkpoint. The data's classes "
      "are looked up by name in the network's and may be a part of them; of a list or an LMDB "
      "without names the numbers are the network's. Where nothing is split, all images are "
      "evaluated. Of equally probable classes the one of the lower index comes first." },
    { "predict", CLI_PREDICT, cmd_predict, "most probable classes of images", "CHECKPOINT IMAGE...",
      2, INT_MAX,
      "alexnet predict runs/paper cat.jpg dog.png\n"
      "alexnet predict runs/paper/checkpoint-best pictures --top 3 --json\n"
      "alexnet predict runs/paper - --names synset_words.txt <cat.jpg\n",
      "CHECKPOINT is a file, or a run's folder for its best one. IMAGE is a JPEG or PNG, a folder "
      "of them, or - for one on standard input. They are turned as EXIF or XMP says." },
    { "features", CLI_FEATURES, cmd_features,
      "what a layer says of images: files, nearest images, linear classifier",
      "CHECKPOINT [IMAGE...] [--data SET] -o F.npy | --nearest K | --probe", 1, INT_MAX,
      "alexnet features runs/paper pictures -o pictures.npy\n"
      "alexnet features runs/paper --data imagenet --layer pool5 -o imagenet.npy\n"
      "alexnet features runs/paper cat.jpg --nearest 5 --data imagenet\n"
      "alexnet features runs/paper cat.jpg --nearest 5 --data pictures.npy --json\n"
      "alexnet features runs/paper --probe --data birds\n",
      "IMAGE is what predict takes; without any, -o writes those of SET's training images. Beside "
      "F.npy (float32, an image a row) F.txt has a line for each row: the image's name and, after "
      "a tab, its class where it has one. --nearest prints the K images of SET that are nearest by "
      "Euclidean distance. --probe trains a linear classifier on the training images of SET and "
      "scores it on its test images, or on a fifth held out where there are none." },
    { "info", CLI_INFO, cmd_info, "layers of a config or checkpoint: shapes, cost, memory",
      "CONFIG|CHECKPOINT", 1, 1,
      "alexnet info paper\n"
      "alexnet info runs/paper/checkpoint-best --json\n"
      "alexnet info cifar10 -b 512 --device 0\n"
      "alexnet info paper --devices 0,1\n",
      "Needs no device. Memory is that of --conv-algo and --gemm, else of what --device would "
      "choose, else of im2col and CLBlast. With --devices also what lives on which, what crosses "
      "between them in a step, and which is the slower." },
    { "dump", CLI_DUMP, cmd_dump, "one batch through the net: all numbers, to compare devices",
      "CONFIG --batch FILE --out FILE", 1, 1,
      "alexnet dump paper --weights w.safetensors --batch b.safetensors --out o.safetensors\n"
      "alexnet dump tiny --batch b.safetensors --out o.safetensors --stages --device cpu\n"
      "alexnet dump tiny --batch b.safetensors --out o.safetensors --steps 10 "
      "--lr-steps 0.01x5,0.001x5\n",
      "Writes loss, logits, act/STAGE, grad/PARAMETER and, with --steps N, param/PARAMETER and "
      "N + 1 losses, in PyTorch's order. [train] does not count: updates are the paper's rule with "
      "momentum 0.9 and decay 0.0005 on weights, the same rate for all layers, no clipping; "
      "dropout is the identity. Without --weights the net starts from the config's init and "
      "--seed." },
    { "bench", CLI_BENCH, cmd_bench, "time steps, passes and algorithms; report and compare",
      "step|ops|algos CONFIG | report FILE... --html FILE", 2, INT_MAX,
      "alexnet bench step paper\n"
      "alexnet bench step paper --data imagenet -j 8\n"
      "alexnet bench step owt -b 64 --iters 10 --json >owt.json\n"
      "alexnet bench step owt -b 64 --compare owt.json --threshold 5%\n"
      "alexnet bench ops paper --csv paper.csv\n"
      "alexnet bench algos paper --only conv2\n"
      "alexnet bench report pocl.json intel.json pytorch.json --html bench.html\n",
      "step: training (forward, backward, update) and inference, by the clock. ops: every layer "
      "and direction inside training steps, by the device's own clock, beside the roofline that "
      "the measured FMA peak and bandwidth give. algos: each pass of a layer with weights, alone, "
      "with every algorithm. GFLOP/s count the multiplications and additions of direct "
      "convolution: one that does fewer may pass the peak; GB/s count every tensor once. report: "
      "one page with charts from what --json printed, here, on other devices and by the scripts in "
      "tools. --compare: exit code 7 if something takes longer than the baseline by more than the "
      "threshold, passes below 1 % of the whole time apart." },
    { "tune", CLI_TUNE, cmd_tune, "find the fastest way to compute each pass on a device", "CONFIG",
      1, 1,
      "alexnet tune paper\n"
      "alexnet tune owt --device gpu --budget 120\n",
      "Measures algorithms and their parameters on the network's own shapes, at its batch size, "
      "and keeps what it finds as rows of a file; train, eval, predict and bench look there. A "
      "way counts only if its numbers match the twin's. The first interrupt (Ctrl-C) stops after "
      "the way at hand with exit code 130; the same command goes on. Rows belong to the device, "
      "its driver and the kernels: after a change of one of them, tune again. ALEXNET_TUNING=off "
      "leaves all rows out." },
    { "check", CLI_CHECK, cmd_check, "does a device compute right: every kernel, gradients", "", 0,
      0,
      "alexnet check\n"
      "alexnet check --quick\n"
      "alexnet check --device 1 --json\n"
      "alexnet check --golden tests/golden --only conv2d\n",
      "Compares every kernel with its twin in plain C, and gradients with differences of the loss. "
      "With --golden, everything in a folder of numbers made by PyTorch in double precision: "
      "operations, small networks and ten steps of their training, networks of full size. A line "
      "is the worst of its comparisons; one that fails is exit code 6." },
    { "pack", CLI_PACK, cmd_pack, "images of any source into an LMDB, at the size of training",
      "SOURCE -o DB", 1, 1,
      "alexnet pack imagenet -o imagenet-256\n"
      "alexnet pack pictures.tar -o pictures --quality 90 --skip-bad\n"
      "alexnet pack ILSVRC2012_img_train.tar -o imagenet/train\n"
      "alexnet pack ILSVRC2012_img_val.tar --labels val.txt --classes train/classes.txt "
      "-o imagenet/val\n"
      "alexnet pack train.txt --root pictures -o pictures-db\n",
      "SOURCE is any data set that train takes, or with --labels a folder or tar of images. DB is "
      "one LMDB of Caffe's Datum records, or, if the source has test images too, two in DB/train "
      "and DB/val. Beside the records: classes.txt, bad.txt, and of the training images mean.npy, "
      "statistics.json and what train reads instead of computing it. Works in DB.partial, renamed "
      "at the end; after an interrupt or a kill the same command goes on." },
    { "viz", CLI_VIZ, cmd_viz, "training curves, first-layer filters, diagnosis as PNG",
      "RUN|CHECKPOINT", 1, 1,
      "alexnet viz runs/paper\n"
      "alexnet viz runs/paper/checkpoint-last -o pictures\n",
      NULL },
    { "devices", CLI_DEVICES, cmd_devices, "list the OpenCL devices of all platforms", "", 0, 0,
      "alexnet devices\n"
      "alexnet devices --json\n",
      "The number in front is what --device takes; so does part of a name. A CPU's units are the "
      "cores that this process may use. Where a device is missing, -v prints, after all that is "
      "known of each device, which drivers OpenCL's loader is told of, why one does not load, and "
      "why a platform has no device. Where there is no device at all, this is said without -v." },
    { "help", CLI_HELP, cmd_help, "print help on a command, on config files, or all of it",
      "[COMMAND | config | all]", 0, 1,
      "alexnet help train\n"
      "alexnet help config\n",
      NULL },
    { .name = NULL },
};

const cli_command *cli_command_find(const char *name)
{
    for (const cli_command *c = cli_commands; c->name != NULL; ++c)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static void set_log_level(const cli_options *options)
{
    if (options->quiet)
        alx_log_set_level(ALX_LOG_WARN);
    else if (options->verbose)
        alx_log_set_level(ALX_LOG_DEBUG);
}

/* What has only printed loses nothing to a reader that has seen enough, as in `| head`. */
static bool only_prints = true;

static int run_command(const cli_command *command, int argc, char **argv)
{
    cli_options options = { 0 };
    int rc = cli_parse(&options, command, argc, argv);

    only_prints = options.help || (command->bit & CLI_ONLY_PRINTS) != 0;
    set_log_level(&options);
    if (rc == 0)
        rc = options.help ? cli_help(command->name) : command->run(&options);
    cli_options_free(&options);
    return rc;
}

static int dispatch(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : NULL;

    if (first == NULL)
        return alx_fail(ALX_E_USAGE, "no command; try alexnet help");
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        cli_print_version();
        return 0;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        return cli_help(argv[2]);
    if (strcmp(first, "--man") == 0)
        return cli_help("all");

    const cli_command *command = cli_command_find(first);

    if (command == NULL)
        return cli_help(first); /* says that there is none, and the nearest */
    return run_command(command, argc - 2, argv + 2);
}

/* A closed descriptor would be given to the next file that is opened, and text be written into it:
 * stdin and stdout become unreadable and unwritable, stderr swallows. */
static void keep_standard_streams(void)
{
    static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };

    for (int fd = 0; fd < 3; ++fd)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            return;
}

static int flush_stdout(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return 0;
    return alx_fail(ALX_E_IO, "standard output cannot be written%s%s", errno != 0 ? ": " : "",
                    errno != 0 ? strerror(errno) : "");
}

static bool reader_has_gone(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

static void print_error(int rc)
{
    cli_progress_stop();
    fputs("alexnet: ", stderr);
    base_name_print(stderr, alx_status_text(rc), BASE_NAME_MESSAGE);
    putc('\n', stderr);
}

void cli_abandon(int rc)
{
    print_error(rc);
    _exit(alx_exit_code(rc));
}

int main(int argc, char **argv)
{
    keep_standard_streams();
    /* a file too large for the user's limit, a pipe that nobody reads: failed writes, as others */
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);

    /* this program, started by itself; not a command of the user's */
    const bool compiles = argc == 3 && strcmp(argv[1], ALX_COMPILER_COMMAND) == 0;
    int rc;

    alx_log_set_sink(alx_log_to_stderr, NULL);
    alx_compilers_use(compiles ? NULL : "/proc/self/exe");
    rc = compiles ? alx_compiler_serve(argv[2]) : dispatch(argc, argv);
    cli_progress_stop();
    const int flushed = flush_stdout();

    if (rc == 0 && flushed != 0 && only_prints && reader_has_gone())
        return alx_exit_code(flushed);
    if (rc == 0)
        rc = flushed;
    if (rc != 0)
        print_error(rc);
    if (rc == ALX_E_INTERRUPTED) /* a build may go on beside: it needs what exit handlers free */
        _exit(alx_exit_code(rc));
    return alx_exit_code(rc);
}
