/* use_classes.c - makes a set's labels indices of a network's classes. Classes are matched by name,
 * and by number only if the set has no names. */
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/lookup.h"
#include "base/try.h"
#include "data/set.h"

/* -1: unknown. A checkpoint keeps a name's first characters. */
static int use_find(const base_lookup *network, const char *name)
{
    const size_t length = strlen(name);
    long found = base_lookup_find(network, name, length);

    if (found < 0 && length > ALX_CLASS_NAME_LENGTH)
        found = base_lookup_find(network, name, ALX_CLASS_NAME_LENGTH);
    return (int)found;
}

static bool use_is_number(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static int use_fail_unknown(const alx_dataset *set, int label, char *const *names, int count,
                            const char *whose)
{
    const char *name = set->classes[label];

    if (count == 0)
        return alx_fail(ALX_E_DATA, "%s: the names of its classes are not known", whose);
    if (use_is_number(name) && !use_is_number(names[0]))
        return alx_fail(ALX_E_DATA,
                        "%s: classes are called by numbers ('%s'), those of %s are "
                        "'%.64s', ...: rename them, or pack the images by a list of "
                        "\"path number\" lines, whose numbers count those classes from "
                        "0",
                        set->given, name, whose, names[0]);
    return alx_fail(ALX_E_DATA,
                    "%s: class '%s' is none of the %d classes of %s, which are '%.64s',"
                    " ...",
                    set->given, name, count, whose, names[0]);
}

/* Which labels have images; an LMDB's are all taken to have some. */
static void use_mark(bool *used, const alx_dataset *set)
{
    for (int i = 0; set->source->label != NULL && i < set->class_count; ++i)
        used[i] = true;
    for (size_t i = 0; set->source->label == NULL && i < set->count; ++i)
        used[set->items[i].label] = true;
}

/* If the network's classes are called by numbers, number and index may mean different classes. */
static int use_numbers(const alx_dataset *set, int *map, const base_lookup *network, int count,
                       const char *whose)
{
    if (set->class_count > count)
        return alx_fail(ALX_E_DATA, "%s: labels up to %d, but %s has %d classes", set->given,
                        set->class_count - 1, whose, count);
    for (int i = 0; i < set->class_count; ++i) {
        const int named = use_find(network, set->classes[i]);

        map[i] = i;
        if (named >= 0 && named != i)
            return alx_fail(ALX_E_DATA,
                            "%s: label %d may be class %d of %s or the one called "
                            "'%s', class %d: pack it with --classes",
                            set->given, i, i, whose, set->classes[i], named);
    }
    return 0;
}

static int use_names(const alx_dataset *set, int *map, const base_lookup *network,
                     char *const *names, int count, const char *whose)
{
    bool *used = calloc((size_t)set->class_count + 1, sizeof *used);
    int *from = calloc((size_t)count + 1, sizeof *from), rc = 0; /* label + 1 of each class */

    if (used == NULL || from == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->given);
        goto done;
    }
    use_mark(used, set);
    for (int i = 0; i < set->class_count; ++i) {
        map[i] = use_find(network, set->classes[i]);
        if (map[i] < 0 && used[i]) {
            rc = use_fail_unknown(set, i, names, count, whose);
            goto done;
        }
        if (map[i] < 0)
            continue;
        if (from[map[i]] > 0) {
            rc = alx_fail(ALX_E_DATA, "%s: classes '%s' and '%s' are one class of %s", set->given,
                          set->classes[from[map[i]] - 1], set->classes[i], whose);
            goto done;
        }
        from[map[i]] = i + 1;
    }
done:
    free(used);
    free(from);
    return rc;
}

static int use_copy(char ***out, char *const *names, int count)
{
    char **copy = calloc((size_t)count + 1, sizeof *copy);
    bool whole = copy != NULL;

    for (int i = 0; whole && i < count; ++i)
        whole = (copy[i] = strdup(names[i])) != NULL;
    *out = copy;
    return whole ? 0 : alx_fail(ALX_E_MEMORY, "out of host memory for %d class names", count);
}

static void use_free(char **names, int count)
{
    for (int i = 0; names != NULL && i < count; ++i)
        free(names[i]);
    free(names);
}

int alx_dataset_use_classes_of(alx_dataset *set, const alx_dataset *train)
{
    return alx_dataset_use_classes(set, train->classes, train->class_count, "the training images");
}

int alx_dataset_use_classes(alx_dataset *set, char *const *names, int count, const char *whose)
{
    int *map = calloc((size_t)set->class_count + 1, sizeof *map);
    char **copy = NULL;
    base_lookup *network = NULL;
    int rc = 0;

    if (set->network_class != NULL) { /* labels and classes no longer belong together */
        rc = alx_fail(ALX_E_USAGE, "%s: its classes are those of a network already", set->path);
        goto done;
    }
    if (map == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->given);
        goto done;
    }
    TRY_DONE(base_lookup_create(&network, names, (size_t)count));
    TRY_DONE(set->numbered ? use_numbers(set, map, network, count, whose)
                           : use_names(set, map, network, names, count, whose));
    TRY_DONE(use_copy(&copy, names, count));
    if (set->numbered && count > 0 && !use_is_number(names[0]))
        alx_info("%s: labels are numbers, taken for the classes of %s in their order", set->given,
                 whose);
    use_free(set->classes, set->class_count);
    set->classes = copy;
    set->label_count = set->class_count;
    set->class_count = count;
    set->network_class = map;
    map = NULL;
    copy = NULL;
done:
    free(map);
    use_free(copy, count);
    base_lookup_free(network);
    return rc;
}
