/* label_rows.h - what a file of labels says, line by line. */
#ifndef DATA_LABEL_ROWS_H
#define DATA_LABEL_ROWS_H

#include <stddef.h>

#include "alexnet/status.h"

typedef struct label_row {
    char *name; /**< of an image; in the text; NULL: the line is a label alone */
    char *label;
    size_t number; /**< of the line in the file, from 1 */
    size_t image;  /**< image that has this name, counted from 1; 0: none yet */
    int index;     /**< of the class */
} label_row;

typedef struct label_rows {
    const char *path;
    char *text;
    label_row *rows;
    size_t count;
} label_rows;

/** Reads lines of a name and a label, or of labels alone; empty lines do not count. The last blanks
 *  of a line separate the two. If every line has a tab, a comma or a semicolon, the file is a table
 *  instead: fields may be quoted, and a header may say what the columns are. The label in Kaggle's
 *  PredictionString, "n01440764 85 1 499 272", is the synset. */
int data_label_rows_read(label_rows *out, const char *path) ALX_MUST_USE;
void data_label_rows_free(label_rows *file);

#endif
