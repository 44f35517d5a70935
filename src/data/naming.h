/* naming.h - how images and files are called: paths joined, and names for people. */
#ifndef DATA_NAMING_H
#define DATA_NAMING_H

#include "data/set.h"

/** "folder/name", with one '/' between them and none at the end. @return 0; ALX_E_DATA: too long */
int data_path_join(char path[DATA_PATH_BYTES], const char *folder, const char *name) ALX_MUST_USE;
/** "PATH/train/cat/0001.jpg" from an item's path. */
void data_full_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);
/** The same for messages, on one line (BASE_NAME_LINE). */
void data_shown_name(const alx_dataset *set, const char *path, char *name, size_t name_bytes);

#endif
