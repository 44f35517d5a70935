/* json.h - a tree of cJSON as text: every JSON of the program is printed here. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/** The tree as valid UTF-8 without a control character, on one line unless `indented`. Its strings
 *  take the form BASE_NAME_DATA, in the tree too: print a tree once. The caller frees; NULL if out
 *  of memory, or if the tree is NULL. */
char *base_json_text(cJSON *tree, bool indented);

#endif
