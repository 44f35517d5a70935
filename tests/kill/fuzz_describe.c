/* fuzz_describe.c - files of weights that describe a network, as a config: it is written and reads
 * back the same, and its parameters are looked for in the file. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "train/weights/source.h"

static void check_written(const alx_config *config)
{
    char *text = NULL, *again = NULL;
    alx_config read;

    fuzz_expect(alx_config_write(&text, config) == 0, "a network that was found is written");
    fuzz_expect(alx_config_parse(&read, text, "written", NULL, 0) == 0, "and reads back");
    fuzz_expect(alx_config_write(&again, &read) == 0 && strcmp(text, again) == 0, "as it was");
    free(text);
    free(again);
}

static void check_places(weights_file *file, const alx_config *config)
{
    alx_graph *graph = NULL;
    const int rc = alx_graph_create(&graph, &config->net);

    fuzz_expect_named(rc, NULL);
    fuzz_expect_named(rc == 0 ? train_weights_fit(file, graph) : 0, NULL);
    for (size_t i = 0; rc == 0 && i < file->param_count; ++i)
        fuzz_expect_named(train_weights_check(file, i), NULL);
    alx_graph_free(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *path = fuzz_write("weights", data, bytes);
    weights_file file = { 0 };
    alx_config config;
    int rc = train_weights_open(&file, path);

    if (rc == 0)
        rc = train_weights_config(&config, &file, 3);
    fuzz_expect_named(rc, path);
    if (rc == 0) {
        check_written(&config);
        check_places(&file, &config);
    }
    train_weights_close(&file);
    return 0;
}
