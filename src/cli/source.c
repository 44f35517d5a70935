/* source.c - what most commands begin with: config or checkpoint. */
#include "cli/source.h"

#include <string.h>

#include "base/file.h"
#include "base/try.h"

/* ---- checkpoints and configs ----------------------------------------------------------------- */

int cli_checkpoint_data(const char **path, const char *given, const alx_checkpoint *checkpoint,
                        const char *checkpoint_path)
{
    *path = given != NULL ? given : checkpoint->config.data.path;
    if (given != NULL || (*path)[0] == '\0' || base_file_exists(*path))
        return 0;
    return alx_fail(ALX_E_DATA,
                    "%s: not there%s, but %s was trained on it: say where the data are "
                    "with --data DIR",
                    *path, (*path)[0] != '/' ? " in this folder" : "", checkpoint_path);
}

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

bool cli_is_config(const char *argument)
{
    const size_t length = strlen(argument);
    const char *const *preset = alx_config_presets();

    while (*preset != NULL && strcmp(*preset, argument) != 0)
        ++preset;
    return *preset != NULL || (length > 4 && strcmp(argument + length - 4, ".ini") == 0);
}

int cli_override_config(alx_config *config, const cli_line *line)
{
    return name_option(
        alx_config_override(config, (const char *const *)line->overrides, line->override_count),
        line);
}

int cli_check_output(const char *output, const char *input)
{
    if (output == NULL || input == NULL || !base_path_same(output, input) ||
        !base_file_is_regular(output))
        return 0;
    return alx_fail(ALX_E_USAGE, "%s: is read and would be overwritten: choose another output",
                    output);
}

/* ---- options of several commands ------------------------------------------------------------- */

const cli_option cli_set_row[] = {
    { "set", "SECTION.KEY=VALUE", "any key of the config; may be repeated, the last wins",
      .kind = CLI_SET },
    CLI_END,
};

const cli_option cli_train_batch_row[] = {
    { "batch-size", "N", "images of one forward and backward pass", CLI_OVERRIDE,
      .key = "train.batch-size", .letter = 'b' },
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
      "ONNX, .npz; default the config's init",
      .kind = CLI_TEXT },
    CLI_END,
};

#define FIELD(name) .offset = offsetof(cli_weights, name)

const cli_option cli_weights_rows[] = {
    { "weights", "PATH",
      "weights for CONFIG, or for the network that they fit: a run's folder for its best, a "
      "checkpoint, safetensors, PyTorch's .pth, ONNX, .npz",
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
