/* source.c - what most commands begin with: config or checkpoint. */
#include "cli/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/log.h"
#include "base/cpus.h"
#include "base/file.h"
#include "base/try.h"

/* ---- checkpoints and configs ----------------------------------------------------------------- */

int cli_checkpoint_path(char path[PATH_MAX], const char *given, const char *name)
{
    const char *const names[] = { name, CLI_LAST };
    struct stat info;
    int length = 0;

    if (stat(given, &info) != 0 || !S_ISDIR(info.st_mode)) {
        length = snprintf(path, PATH_MAX, "%s", given);
        return length < PATH_MAX ? 0 : alx_fail(ALX_E_DATA, "%.64s...: path too long", given);
    }
    for (size_t i = 0; i < ALX_COUNT(names); ++i) {
        length = snprintf(path, PATH_MAX, "%s/%s", given, names[i]);
        if (length >= PATH_MAX)
            return alx_fail(ALX_E_DATA, "%.64s...: path too long", given);
        if (!base_file_exists(path))
            continue;
        if (i > 0)
            alx_info("%s has no %s yet: %s is used", given, name, names[i]);
        return 0;
    }
    return alx_fail(ALX_E_DATA, "%s: no %s in this folder, so not a run", given, name);
}

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

/* Safetensors begin with the header's length (64 bits, small) and its opening brace. */
bool cli_is_checkpoint(const char *path)
{
    unsigned char head[9] = { 0 };

    return base_file_head(head, sizeof head, path) == sizeof head && head[8] == '{' &&
           (head[4] | head[5] | head[6] | head[7]) == 0;
}

int cli_read_config(alx_config *config, const char *path, const cli_line *line)
{
    alx_graph *graph = NULL;
    int rc = 0;

    TRY_DONE(
        alx_config_read(config, path, (const char *const *)line->overrides, line->override_count));
    /* here, where a message can name the file */
    TRY_DONE(alx_fail_context(alx_graph_create(&graph, &config->net), "%.300s", path));
done:
    alx_graph_free(graph);
    return rc;
}

int cli_override_config(alx_config *config, const cli_line *line)
{
    char *text = NULL;
    char name[sizeof config->name];
    int rc = 0;

    if (line->override_count == 0)
        return 0;
    snprintf(name, sizeof name, "%s", config->name);
    TRY_DONE(alx_config_write(&text, config));
    TRY_DONE(alx_config_parse(config, text, name, (const char *const *)line->overrides,
                              line->override_count));
done:
    free(text);
    return rc;
}

/* ---- small facts --------------------------------------------------------------------------- */

int cli_net_cost(cli_cost *out, const alx_net_config *config)
{
    alx_graph *graph = NULL;
    size_t count = 0;
    int rc = 0;

    *out = (cli_cost){ 0 };
    TRY_DONE(alx_graph_create(&graph, config));
    const alx_layer_info *stages = alx_graph_layers(graph, &count);

    for (size_t i = 0; i < count; ++i) {
        out->parameters += stages[i].parameters;
        out->macs += stages[i].macs;
    }
done:
    alx_graph_free(graph);
    return rc;
}

int cli_check_output(const char *output, const char *input)
{
    struct stat out, in;

    if (output == NULL || input == NULL || stat(output, &out) != 0 || stat(input, &in) != 0 ||
        !S_ISREG(out.st_mode) || out.st_dev != in.st_dev || out.st_ino != in.st_ino)
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
      "initial weights: safetensors, or a run's folder for its best; default the config's init",
      .kind = CLI_TEXT },
    CLI_END,
};

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

int cli_workers(const cli_loading *loading)
{
    return loading->workers > 0 ? loading->workers : base_cpu_count();
}
