/* fuzz_convert.c - files of weights into another format; what comes of it is read. The input: a
 * byte that chooses the format, then the file. */
#include "fuzz.h"

#include <stdlib.h>

#include "alexnet/dev/train.h"

#define MOST_NUMBERS 1000000 /* of a network that is converted: some bytes may stand for more */

static size_t count_numbers(const alx_config *config)
{
    alx_graph *graph = NULL;
    size_t params = 0, count = 0;

    if (alx_graph_create(&graph, &config->net) != 0)
        return SIZE_MAX;
    const alx_param_info *info = alx_graph_params(graph, &params);

    for (size_t i = 0; i < params && count < MOST_NUMBERS; ++i)
        count += info[i].count;
    alx_graph_free(graph);
    return count;
}

static bool is_small(const char *path)
{
    alx_weights_facts facts;
    const bool small = alx_weights_facts_gather(&facts, path, NULL) == 0 && facts.has_network &&
                       facts.why[0] == '\0' && count_numbers(&facts.config) < MOST_NUMBERS;

    alx_weights_facts_free(&facts);
    return small;
}

static void read_back(const char *path)
{
    alx_weights_facts facts;

    fuzz_expect(alx_weights_facts_gather(&facts, path, NULL) == 0, "what was written is read");
    alx_weights_facts_free(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char *const files[] = { "out", "out.safetensors", "out.npz", "out.onnx",
                                         "out.caffemodel" };
    static const char *const namings[] = { NULL, "torchvision", "caffe" };

    if (bytes == 0)
        return 0;
    const size_t format = data[0] % ALX_COUNT(files);
    const char *from = fuzz_write("weights", data + 1, bytes - 1), *to = fuzz_path(files[format]);
    const alx_conversion what = {
        .from = { .path = from },
        .to = to,
        .naming = namings[format == 1 || format == 2 ? data[0] / 8 % 3 : 0],
        .preprocessing = format == 3 && data[0] >= 128
    };

    if (!is_small(from))
        return 0;
    const int rc = alx_convert(&what);

    fuzz_expect_named(rc, NULL);
    if (rc == 0)
        read_back(to);
    return 0;
}
