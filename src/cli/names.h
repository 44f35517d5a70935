/* names.h - what classes are called in print. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "alexnet/train.h"

/** A name per class, owned. Start it zeroed. */
typedef struct cli_names {
    char **name;
    int count;
} cli_names;

/**
 * The checkpoint's class names, or those of a file of "n01440764 tench, Tinca tinca" lines
 * (ImageNet's synset_words.txt): its first word is a class of the checkpoint, the rest is the name.
 * If it is none, and there is a line for each class, whole lines in the order of the classes.
 *
 * @param path  NULL: none
 * @return 0; ALX_E_DATA if the file names none of the classes; ALX_E_MEMORY
 */
int cli_names_create(cli_names *out, const alx_checkpoint *checkpoint,
                     const char *path) ALX_MUST_USE;
void cli_names_free(cli_names *names);

#endif
