/* found.c - what was found where a data set was looked for, in lines for people: images, classes,
 * splits by the names they have, what is left out, and what looks wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"
#include "data/set.h"
#include "data/splits.h"

#define FOUND_COLUMNS 68 /* beside a label of 12, on a terminal of 80 */
#define FOUND_NAMES_BYTES 2048

/* Prints `text`, breaking lines only after ", ". */
static void found_log(const char *label, const char *text)
{
    while (*text != '\0') {
        size_t end = strlen(text), cut = 0;

        for (const char *p = text; end > FOUND_COLUMNS && (p = strstr(p, ", ")) != NULL; p += 2)
            if (cut == 0 || p + 1 - text <= FOUND_COLUMNS)
                cut = (size_t)(p + 1 - text);
        if (cut > 0)
            end = cut;
        alx_info("%-12s%.*s", label, (int)end, text);
        text += end + strspn(text + end, " ");
        label = "";
    }
}

/* Which classes have images; an LMDB's labels are not in memory, so all of its classes count. */
static int found_classes(bool **out, int *count, const alx_dataset *set)
{
    bool *seen = calloc((size_t)set->class_count + 1, sizeof *seen);

    *out = seen;
    *count = 0;
    if (seen == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->given);
    for (size_t i = 0; set->source->label == NULL && i < set->count; ++i)
        seen[alx_dataset_label(set, i)] = true;
    for (int i = 0; set->source->label != NULL && i < data_label_count(set); ++i) {
        const int class_index = set->network_class != NULL ? set->network_class[i] : i;

        if (class_index >= 0)
            seen[class_index] = true;
    }
    for (int i = 0; i < set->class_count; ++i)
        *count += seen[i];
    return 0;
}

/* "12 images of 3 classes in Train/" */
static void found_images(const alx_dataset *set, alx_split split, int classes, const char *label)
{
    const char *base = set->layout.base[split];
    char of[64] = "", text[DATA_PATH_BYTES + 128];

    if (classes < set->class_count)
        snprintf(of, sizeof of, "%d of the ", classes);
    snprintf(text, sizeof text, "%zu image%s of %s%d class%s%s%s%s", set->count,
             set->count == 1 ? "" : "s", of, set->class_count, set->class_count == 1 ? "" : "es",
             base != NULL && base[0] != '\0' ? " in " : "", base != NULL ? base : "",
             set->layout.unsplit ? ", not split" : "");
    found_log(label, text);
}

/* As many names as fit into a line, and how many more there are. */
static void found_names(const alx_dataset *set, const bool *seen, int count)
{
    char text[FOUND_NAMES_BYTES] = "";
    size_t used = 0;
    int named = 0;

    for (int i = 0; i < set->class_count; ++i) {
        const size_t length = strlen(set->classes[i]) + (named > 0 ? 2 : 0);
        const size_t room = named + 1 < count ? FOUND_COLUMNS - 14 : FOUND_COLUMNS;

        if (!seen[i])
            continue;
        if (used + length > room && named > 0)
            break;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", named > 0 ? ", " : "",
                                 set->classes[i]);
        if (used >= sizeof text)
            return;
        ++named;
    }
    if (named < count)
        snprintf(text + used, sizeof text - used, ", %d more", count - named);
    found_log("classes", text);
}

static void found_left_out(const alx_dataset *train, const alx_dataset *test)
{
    const alx_dataset *const sets[2] = { train, test };
    const data_layout *outside = train != NULL ? &train->layout : &test->layout;
    size_t left[DATA_LEFT_ROWS] = { 0 };
    char text[FOUND_NAMES_BYTES] = "";

    for (int i = 0; i < DATA_LEFT_ROWS; ++i) {
        left[i] = outside->left_outside[i];
        for (int k = 0; k < 2; ++k)
            left[i] += sets[k] != NULL ? sets[k]->layout.left[i] : 0;
    }
    if (outside->beside != NULL)
        snprintf(text, sizeof text, "%s", outside->beside);
    data_left_text(text, sizeof text, left, false);
    found_log("left out", text);
}

static void found_warn_of_classes(const alx_dataset *set)
{
    if (set->class_count == 1)
        alx_warn("%s: one class only, '%s': is the data set a folder deeper, or above?", set->given,
                 set->classes[0]);
    for (int i = 0; i < set->class_count; ++i)
        if (data_role_of(set->classes[i], strlen(set->classes[i]), NULL) != DATA_ROLE_NONE)
            alx_warn("%s: class '%s' is called like a split: is it a class?", set->given,
                     set->classes[i]);
    for (int i = 0; i < set->class_count; ++i)
        if (data_name_says_nothing(set->classes[i]))
            alx_warn("%s: class '%s' is called like a folder of images, not like a class",
                     set->given, set->classes[i]);
    if (set->layout.deep > 0)
        alx_warn("%s: %zu image%s in folders of a class folder, such as %s, %s taken as of that "
                 "class",
                 set->given, set->layout.deep, set->layout.deep == 1 ? "" : "s",
                 set->layout.deep_example, set->layout.deep == 1 ? "is" : "are");
}

static int found_log_set(const alx_dataset *set, alx_split split, const char *label, bool names)
{
    bool *seen = NULL;
    int count = 0, rc = 0;

    TRY_DONE(found_classes(&seen, &count, set));
    found_images(set, split, count, label);
    if (names)
        found_names(set, seen, count);
done:
    free(seen);
    return rc;
}

int alx_dataset_log_found(const alx_dataset *train, const alx_dataset *test)
{
    if (train != NULL)
        TRY(found_log_set(train, ALX_SPLIT_TRAIN, "found", true));
    if (test != NULL)
        TRY(found_log_set(test, ALX_SPLIT_TEST, train != NULL ? "test" : "found", train == NULL));
    found_left_out(train, test);
    found_warn_of_classes(train != NULL ? train : test);
    if (train != NULL && test == NULL && train->layout.base[ALX_SPLIT_TRAIN] != NULL &&
        !train->layout.unsplit)
        alx_warn("%s: no test images: they are looked for in a folder test or val", train->given);
    return 0;
}
