/* report.h - tables, plots and pictures. */
#ifndef ALEXNET_REPORT_H
#define ALEXNET_REPORT_H

#include "alexnet/base.h"

/** Writes an 8-bit R,G,B picture. Atomic. */
int alx_png_write(const char *path, const uint8_t *rgb, int width, int height) ALX_MUST_USE;

/** Loss (left) and accuracy (right) against epoch, for training and validation, from a run's
 *  metrics.csv. @return ALX_E_DATA if the file has no rows */
int alx_plot_curves(const char *png_path, const char *metrics_csv) ALX_MUST_USE;

/** First-layer filters as a grid of R,G,B tiles, device 0's half above device 1's.
 *  @param weights  (count, 3, side, side), PyTorch's order
 *  @param towers   1 or 2
 *  @param scale    pixels per weight, >= 1 */
int alx_plot_filters(const char *png_path, const float *weights, int count, int side, int towers,
                     int scale) ALX_MUST_USE;

#endif
