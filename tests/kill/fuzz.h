/* fuzz.h - what the fuzz targets share. A target is one function of bytes, which libFuzzer makes
 * up: it gives them to a parser, uses whatever comes out, and stops where a promise is broken. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** libFuzzer calls it again and again; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/** Writes a file in a folder of this process's own, made under $TMPDIR. `name` is a constant; the
 *  path stays. */
const char *fuzz_write(const char *name, const void *data, size_t bytes);
/** The path of such a file, whether it is there or not. */
const char *fuzz_path(const char *name);

/** Ends the process, as a crash that libFuzzer keeps the input of, unless the promise holds. */
void fuzz_expect(bool holds, const char *promise);
/** The promise of every failure: bad data, wrong usage or too little memory, and one line that says
 *  so and holds `named` (NULL: anything). Does nothing for 0. */
void fuzz_expect_named(int rc, const char *named);

/** A part of the input, up to a byte 0 or the end. */
typedef struct fuzz_part {
    const uint8_t *data;
    size_t bytes;
} fuzz_part;

/** Cuts the next part off the input. */
fuzz_part fuzz_next_part(const uint8_t **data, size_t *bytes);
/** A part as text of its own; free it. */
char *fuzz_text(fuzz_part part);

#endif
