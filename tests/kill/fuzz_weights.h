/* fuzz_weights.h - files of weights, whatever their format. */
#ifndef FUZZ_WEIGHTS_H
#define FUZZ_WEIGHTS_H

/** Opens the file, looks at all tensors and layers, and reads the tensors that are small. */
void fuzz_weights(const char *path);

#endif
