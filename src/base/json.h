/* json.h - a tree of cJSON: every JSON of the program is built and printed here. cJSON itself, its
 * hooks too, is the whole process's and stays as it is. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "alexnet/status.h"

/* Part by part: they return false or NULL if memory is out, and what was to hold the part, be it
 * NULL, then has no text: only a whole tree is printed. */

/** Take `item` over, whatever happens; NULL is one that memory did not suffice for. */
bool base_json_add(cJSON *object, const char *name, cJSON *item);
bool base_json_append(cJSON *array, cJSON *item);
/** The new part, borrowed. */
cJSON *base_json_add_object(cJSON *object, const char *name);
cJSON *base_json_add_array(cJSON *object, const char *name);
bool base_json_add_text(cJSON *object, const char *name, const char *text);
bool base_json_add_number(cJSON *object, const char *name, double number);
bool base_json_add_bool(cJSON *object, const char *name, bool value);
bool base_json_add_null(cJSON *object, const char *name);

/** The tree as valid UTF-8 without a control character, on one line unless `indented`. Its strings
 *  take the form BASE_NAME_DATA, in the tree too: print a tree once. The caller frees
 *  (free); NULL if out of memory, or if the tree is NULL or not whole. */
char *base_json_text(cJSON *tree, bool indented);
/** The same of a document, indented; deletes the tree. `*text` is the caller's (free).
 *  @return 0; ALX_E_MEMORY */
int base_json_take(char **text, cJSON *tree) ALX_MUST_USE;

#endif
