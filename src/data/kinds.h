/* kinds.h - what names say: of images, folders, archives, synsets, and of what is left out. */
#ifndef DATA_KINDS_H
#define DATA_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#define DATA_LEFT_ROWS 64 /* room of the table in kinds.c, which says what is left out */

/** What a thing is, by its name. From DATA_LEFT on it is left out, for the reason of that row. */
enum data_kind { DATA_IMAGE, DATA_FOLDER, DATA_LEFT };

/** The kind of a path, whose last part is a folder if it ends in '/'. `length` gets how much of the
 *  path decides: all, or up to the folder that is left out with all that is in it. */
int data_kind_of(const char *path, size_t *length);
/** Whether that kind is DATA_IMAGE. */
bool data_path_is_image(const char *path);
/** A picture of a format that is not read. */
bool data_kind_is_picture(int kind);
/** Left out whatever it holds: it is hidden, or in a folder that some program made for itself. */
bool data_kind_is_aside(int kind);
/** Appends "2 hidden files, 3 .webp" to `text`; only the pictures if so asked. */
void data_left_text(char *text, size_t bytes, const size_t count[DATA_LEFT_ROWS], bool pictures);

/** Whether the path ends like a tar's or that of anything compressed: "a.tgz", "a.gz". */
bool data_path_is_archive(const char *path);
/** The length of what stands before a tar's ending, compressed or not: 6 of "a/cats.tar.gz". 0 if
 *  the path does not end like a tar's. */
size_t data_tar_stem_length(const char *path);

/** Length of a synset's name, "n01440764". */
#define DATA_SYNSET_LENGTH 9
/** Whether the text begins with a synset's name and `end` after it. */
bool data_synset_is(const char *text, char end);
/** True if an image's name says its synset, as public copies of ImageNet without folders have it:
 *  "n01440764_10026_n01440764.JPEG", "ILSVRC2012_val_00000293_n01440764.JPEG". */
bool data_name_has_synset(const char *name, const char **synset);

#endif
