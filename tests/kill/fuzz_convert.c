/* fuzz_convert.c - files of weights that describe a network into another format; what comes of it
 * is read. The input: a byte that chooses the format, then the file. */
#include "fuzz.h"

#include <stdlib.h>

#include "train/weights/source.h"

#define MOST_NUMBERS 1000000 /* of a network that is converted: some bytes may stand for more */

static bool is_small(const alx_config *config)
{
    alx_graph *graph = NULL;
    size_t params = 0, count = 0;

    if (alx_graph_create(&graph, &config->net) != 0)
        return false;
    const alx_param_info *info = alx_graph_params(graph, &params);

    for (size_t i = 0; i < params && count < MOST_NUMBERS; ++i)
        count += info[i].count;
    alx_graph_free(graph);
    return count < MOST_NUMBERS;
}

static bool describes(alx_config *config, const char *path)
{
    weights_file file = { 0 };
    const bool found = train_weights_open(&file, path) == 0 &&
                       train_weights_config(config, &file, 0) == 0;

    train_weights_close(&file);
    return found && is_small(config);
}

static void read_back(const char *path)
{
    weights_file file = { 0 };

    fuzz_expect(train_weights_open(&file, path) == 0, "what was written is read");
    train_weights_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char *const files[] = { "out", "out.safetensors", "out.npz", "out.onnx",
                                         "out.caffemodel" };
    static const char *const namings[] = { NULL, "torchvision", "caffe" };

    if (bytes == 0)
        return 0;
    const size_t format = data[0] % ALX_COUNT(files);
    const bool named = format == 1 || format == 2;
    const char *from = fuzz_write("weights", data + 1, bytes - 1), *to = fuzz_path(files[format]);
    alx_config config;
    const alx_conversion what = { .from = { .path = from, .config = &config },
                                  .to = to,
                                  .naming = namings[named ? data[0] / 8 % 3 : 0],
                                  .preprocessing = format == 3 && data[0] >= 128 };

    if (!describes(&config, from))
        return 0;
    const int rc = alx_convert(&what);

    fuzz_expect_named(rc, NULL);
    if (rc == 0)
        read_back(to);
    return 0;
}
