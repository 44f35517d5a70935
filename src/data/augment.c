/* augment.c - crop, mirror and colour shift as functions of seed, epoch and image (paper,
 * section 4.1; spec section 5). */
#include "data/augment.h"

#include <math.h>

#include "base/rng.h"

/* shift = sum over i of p_i * alpha_i * f(l_i), alpha_i ~ N(0, sigma) */
static void augment_colour(float shift[3], const alx_loader_options *options, size_t epoch,
                           size_t index)
{
    const alx_statistics *statistics = options->statistics;
    const bool root = options->config->colour == ALX_COLOUR_SQRT;
    uint32_t words[4];
    float normal[4];

    base_rng_words(words, options->seed, BASE_RNG_COLOUR, epoch, index);
    base_rng_normals(normal, words, 2);
    for (int i = 0; i < 3; ++i) {
        const double value = fmax(0.0, statistics->eigenvalues[i]);
        const double reach = root ? sqrt(value) : value / 255.0; /* l / 255^2, times 255 */
        const double alpha = options->config->colour_sigma * (double)normal[i] * reach;

        for (int c = 0; c < 3; ++c)
            shift[c] += (float)(alpha * statistics->eigenvectors[i][c]);
    }
}

alx_crop data_augment(const alx_loader_options *options, size_t epoch, size_t index)
{
    const alx_data_config *config = options->config;
    const int pad = config != NULL ? config->pad : 0;
    const int rows = options->size + 2 * pad - options->crop_height;
    const int columns = options->size + 2 * pad - options->crop_width;
    alx_crop use = { .top = rows / 2 - pad, .left = columns / 2 - pad };
    uint32_t words[4];

    if (!options->augment)
        return use;
    base_rng_words(words, options->seed, BASE_RNG_CROP, epoch, index);
    if (config->random_crop) {
        use.top = (int)base_rng_below(words[0], (uint32_t)rows + 1) - pad;
        use.left = (int)base_rng_below(words[1], (uint32_t)columns + 1) - pad;
    }
    if (config->mirror)
        use.mirror = (int32_t)(words[2] >> 31);
    if (config->colour != ALX_COLOUR_OFF)
        augment_colour(use.shift, options, epoch, index);
    return use;
}
