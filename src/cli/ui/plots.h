/* plots.h - the pictures of a run. */
#ifndef CLI_PLOTS_H
#define CLI_PLOTS_H

#include "alexnet/train.h"

#define CLI_CURVES "curves.png"
#define CLI_FILTERS "filters.png"
#define CLI_DIAGNOSIS "diagnose.png"

/** Loss and accuracy of `run_dir`'s metrics into `out_dir`; says where, or that there is no epoch
 *  yet. */
int cli_plot_curves(const char *out_dir, const char *run_dir) ALX_MUST_USE;
/** How the layers of `run_dir` fared into `out_dir`, where train --diagnose has written rows;
 *  says where. */
int cli_plot_diagnosis(const char *out_dir, const char *run_dir) ALX_MUST_USE;
/** First-layer filters of a checkpoint into `out_dir`; says where. A first layer that is no
 *  convolution of R,G,B pixels has no picture: a message, not an error. */
int cli_plot_filters(const char *out_dir, const char *checkpoint_path) ALX_MUST_USE;

#endif
