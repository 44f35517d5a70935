/* fuzz_weights.c - uses all that a file of weights gives. */
#include "fuzz_weights.h"

#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/weights_file.h"
#include "fuzz.h"

#define MOST_NUMBERS 100000 /* are read */

#define PIECE 1000

/* The last of them. */
static void use_piece(const alx_weights_file *file, size_t index, size_t count, const char *path)
{
    const size_t now = count < PIECE ? count : PIECE;
    float numbers[PIECE];

    if (alx_weights_file_has_pieces(file, index))
        fuzz_expect_named(alx_weights_file_read_piece(file, index, count - now, now, numbers),
                          path);
}

static void use_tensor(const alx_weights_file *file, size_t index, const char *path)
{
    const alx_weights_tensor *tensor = alx_weights_file_at(file, index);
    float *numbers = tensor->count < MOST_NUMBERS ? malloc(tensor->count * sizeof *numbers + 1)
                                                  : NULL;

    fuzz_expect(alx_weights_file_find(file, tensor->name) == (long)index,
                "a tensor is found by name");
    use_piece(file, index, tensor->count, path);
    if (numbers != NULL)
        fuzz_expect_named(alx_weights_file_read(file, index, numbers), path);
    free(numbers);
}

static void use_layer(const alx_weights_file *file, size_t index)
{
    const alx_weights_layer *layer = alx_weights_file_layer(file, index);
    const long count = (long)alx_weights_file_count(file);

    fuzz_expect(layer->weight >= -1 && layer->weight < count && layer->bias >= -1 &&
                    layer->bias < count,
                "a layer's tensors are there");
    for (int i = 0; i < layer->input_count && i < ALX_WEIGHTS_MAX_INPUTS; ++i)
        fuzz_expect(layer->inputs[i] >= -1 && layer->inputs[i] < (long)index,
                    "a layer's inputs come before it");
    fuzz_expect(strlen(layer->name) + strlen(layer->type) < (size_t)1 << 30, "a layer has words");
}

void fuzz_weights(const char *path)
{
    alx_weights_file *file = NULL;
    const int rc = alx_weights_file_open(&file, path);

    fuzz_expect_named(rc, path);
    for (size_t i = 0; rc == 0 && i < alx_weights_file_count(file); ++i)
        use_tensor(file, i, path);
    for (size_t i = 0; rc == 0 && i < alx_weights_file_layer_count(file); ++i)
        use_layer(file, i);
    alx_weights_file_close(file);
}
