/* source.c - what most commands begin with: a config, a checkpoint, a trained network. */
#include "cli/source.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/try.h"
#include "base/unread.h"
#include "cli/ui/progress.h"

/* ---- checkpoints and configs ----------------------------------------------------------------- */

/* A message about an override begins with it, which the user may have given under another name. */
static int name_option(int rc, const cli_line *line)
{
    for (size_t i = 0; rc == ALX_E_USAGE && i < line->override_count; ++i) {
        const size_t length = strlen(line->overrides[i]);

        if (strncmp(alx_status_text(rc), line->overrides[i], length) == 0 &&
            alx_status_text(rc)[length] == ':' && strcmp(line->override_options[i], "set") != 0)
            return alx_fail_context(rc, "--%s", line->override_options[i]);
    }
    return rc;
}

int cli_read_config(alx_config *config, const char *path, const cli_line *line)
{
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(name_option(
        alx_config_read(config, path, (const char *const *)line->overrides, line->override_count),
        line));
    /* here, where a message can name the file */
    TRY_DONE(alx_fail_context(alx_graph_create(&graph, &config->net), "%.300s", path));
done:
    alx_graph_free(graph);
    return rc;
}

int cli_override_config(alx_config *config, const cli_line *line)
{
    return name_option(
        alx_config_override(config, (const char *const *)line->overrides, line->override_count),
        line);
}

/* ---- trained networks ------------------------------------------------------------------------ */

int cli_network_of(cli_network *out, const cli_line *line, const cli_weights *weights)
{
    const char *first = line->arg_count > 0 ? line->args[0] : NULL;
    const bool taken = first != NULL && (weights->path == NULL || alx_config_is_name(first));

    *out = (cli_network){ .given = taken ? first : NULL, .weights = weights };
    return taken;
}

int cli_check_network(const cli_line *line, const cli_weights *weights)
{
    const char *first = line->arg_count > 0 ? line->args[0] : NULL, *near = NULL;

    if (first == NULL || alx_config_is_name(first) || base_file_exists(first))
        return 0;
    if (weights->path != NULL)
        near = alx_config_nearest(first);
    if (near != NULL)
        return alx_fail(ALX_E_USAGE, "%.300s: no such preset or file (did you mean %s?)", first,
                        near);
    errno = ENOENT;
    return weights->path == NULL ? base_fail_unread(first, "cannot be read") : 0;
}

static int read_model(alx_model **out, cli_network network)
{
    const cli_weights *w = network.weights;
    const bool config_given = w->path != NULL && network.given != NULL;
    char path[PATH_MAX];
    alx_config config;

    if (w->path == NULL && alx_config_is_name(network.given) && !base_file_exists(network.given))
        return alx_fail(ALX_E_USAGE, "%s is a network without weights: give --weights PATH",
                        network.given);
    TRY(alx_checkpoint_find(path, w->path != NULL ? w->path : network.given, ALX_CHECKPOINT_BEST));
    if (w->path == NULL && w->preprocess == NULL)
        return alx_model_open(out, path);
    if (config_given)
        TRY(alx_config_read(&config, network.given, NULL, 0));
    return alx_model_open_weights(out,
                                  &(alx_model_weights){ .path = path,
                                                        .config = config_given ? &config : NULL,
                                                        .preprocess = w->preprocess });
}

int cli_open_model(alx_model **out, cli_devices *devices, cli_network network,
                   const cli_device_options *options, alx_model_options how)
{
    TRY(read_model(out, network));
    if (devices->count == 0)
        TRY(cli_open_devices(devices, options));
    how.algorithms = devices->asked;
    how.rows = devices->rows;
    how.on_build = cli_progress_build;
    return alx_model_build(*out, devices->dev, devices->count, &how);
}

/* ---- options of several commands ------------------------------------------------------------- */

const cli_option cli_set_row[] = {
    { "set", "SECTION.KEY=VALUE", "any key of the config; may be repeated, the last wins",
      .kind = CLI_SET },
    CLI_END,
};

const cli_option cli_train_batch_row[] = {
    { "batch-size", "N",
      "images of one forward and backward pass; with train.shards, of a pass for each shard",
      CLI_OVERRIDE, .key = "train.batch-size", .letter = 'b' },
    CLI_END,
};

const cli_option cli_seed_row[] = {
    { "seed", "N", "of weights, shuffles, crops and dropout", CLI_OVERRIDE, .key = "train.seed" },
    CLI_END,
};

const cli_option cli_batch_row[] = {
    { "batch-size", "N", "images of one forward pass; default the config's", CLI_INT, .most = 65536,
      .letter = 'b' },
    CLI_END,
};

const cli_option cli_weights_row[] = {
    { "weights", "PATH",
      "initial weights: a run's folder for its best, a checkpoint, safetensors, PyTorch's .pth, "
      "ONNX, .caffemodel, .npz; default the config's init",
      .kind = CLI_TEXT },
    CLI_END,
};

#define FIELD(name) .offset = offsetof(cli_weights, name)

const cli_option cli_weights_rows[] = {
    { "weights", "PATH",
      "weights for CONFIG, or for the network that they fit: a run's folder for its best, a "
      "checkpoint, safetensors, PyTorch's .pth, ONNX, .caffemodel, .npz",
      CLI_TEXT, FIELD(path) },
    { "preprocess", "NAME",
      "what weights alone want to see: torchvision, caffe or paper; default as file and config say",
      CLI_TEXT, FIELD(preprocess) },
    CLI_END,
};

#undef FIELD

const cli_option cli_names_row[] = {
    { "names", "FILE",
      "what to call the classes: lines like ImageNet's synset_words.txt, n01440764 tench, each of "
      "another class; or a line for each class, in their order",
      .kind = CLI_TEXT },
    CLI_END,
};

#define FIELD(name) .offset = offsetof(cli_loading, name)

const cli_option cli_loading_rows[] = {
    { "workers", "N", "threads that decode images; default all processors", CLI_INT, FIELD(workers),
      .most = 1024, .letter = 'j' },
    { "skip-bad", NULL, "leave out images that do not decode, and count them", CLI_FLAG,
      FIELD(skip_bad) },
    CLI_END,
};
