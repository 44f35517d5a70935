/* fuzz_config.c - config files and overrides: what is read is written, and reads back the same. The
 * input: the file, then after a byte 0 an override. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/config.h"
#include "alexnet/net.h"

static void check_graph(const alx_config *config)
{
    alx_graph *graph = NULL;

    fuzz_expect_named(alx_graph_create(&graph, &config->net), NULL);
    alx_graph_free(graph);
}

static void check_written(const alx_config *config, const char *name)
{
    char *text = NULL, *again = NULL;
    alx_config read;
    const int rc = alx_config_write(&text, config);

    fuzz_expect_named(rc, NULL);
    if (rc == 0) {
        fuzz_expect(alx_config_parse(&read, text, name, NULL, 0) == 0,
                    "a config that was written reads back");
        fuzz_expect(alx_config_write(&again, &read) == 0 && strcmp(text, again) == 0,
                    "a config that was read back is the same");
    }
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char name[] = "fuzzed.ini";
    char *text = fuzz_text(fuzz_next_part(&data, &bytes));
    char *override = fuzz_text(fuzz_next_part(&data, &bytes));
    const char *const overrides[] = { override };
    const size_t count = override[0] != '\0' ? 1 : 0;
    alx_config config;
    const int rc = alx_config_parse(&config, text, name, overrides, count);

    fuzz_expect_named(rc, NULL);
    if (rc == 0) {
        check_graph(&config);
        check_written(&config, name);
    }
    free(text);
    free(override);
    return 0;
}
