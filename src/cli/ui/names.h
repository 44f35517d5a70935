/* names.h - what classes are called in print. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "alexnet/train.h"
#include "cli/cli.h"

/** const char *: --names, the file. */
extern const cli_option cli_names_row[];

/** A name per class, owned. Start it zeroed. */
typedef struct cli_names {
    char **name;
    int count;
} cli_names;

/**
 * The checkpoint's class names, or those of a file: "n01440764 tench, Tinca tinca" (ImageNet's
 * synset_words.txt) where every line begins with another class of the checkpoint, or every class
 * begins one line; what follows is the name. Else, if there are as many lines as classes, whole
 * lines in the order of the classes. Empty lines are none.
 *
 * @param path  NULL: none
 * @return 0; ALX_E_DATA if the file is neither; ALX_E_MEMORY
 */
int cli_names_create(cli_names *out, const alx_checkpoint *checkpoint,
                     const char *path) ALX_MUST_USE;
void cli_names_free(cli_names *names);

#endif
