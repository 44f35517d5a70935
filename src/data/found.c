/* found.c - what was found where a data set was looked for, in lines for people: images, classes,
 * splits by the names they have, what is left out, and what looks wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/splits.h"

#define FOUND_COLUMNS 68 /* beside a label of 12, on a terminal of 80 */
#define FOUND_NAMES_BYTES 2048

/* Lines of whole parts between ", ". */
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

/* Classes that have images; of an LMDB, whose labels are not at hand, all of them. */
static int found_classes(int *out, const alx_dataset *set)
{
    bool *seen = NULL;

    *out = set->label_count > 0 ? set->label_count : set->class_count;
    if (set->source->label != NULL || set->class_count == 0)
        return 0;
    seen = calloc((size_t)set->class_count, sizeof *seen);
    if (seen == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory for the classes", set->path);
    for (size_t i = 0; i < set->count; ++i)
        seen[alx_dataset_label(set, i)] = true;
    *out = 0;
    for (int i = 0; i < set->class_count; ++i)
        *out += seen[i];
    free(seen);
    return 0;
}

/* "12 images of 3 classes in Train/" */
static int found_images(const alx_dataset *set, alx_split split, const char *label)
{
    const char *base = set->layout.base[split];
    char of[64] = "", text[DATA_PATH_BYTES + 128];
    int classes = 0, rc = 0;

    TRY(found_classes(&classes, set));
    if (classes < set->class_count)
        snprintf(of, sizeof of, "%d of the ", classes);
    snprintf(text, sizeof text, "%zu image%s of %s%d class%s%s%s", set->count,
             set->count == 1 ? "" : "s", of, set->class_count, set->class_count == 1 ? "" : "es",
             base != NULL && base[0] != '\0' ? " in " : "", base != NULL ? base : "");
    found_log(label, text);
done:
    return rc;
}

/* As many names as fit into a line, and how many more there are. */
static void found_names(const alx_dataset *set)
{
    char text[FOUND_NAMES_BYTES] = "";
    size_t used = 0;
    int i = 0;

    for (; i < set->class_count; ++i) {
        const size_t length = strlen(set->classes[i]) + (i > 0 ? 2 : 0);
        const size_t room = i + 1 < set->class_count ? FOUND_COLUMNS - 14 : FOUND_COLUMNS;

        if (used + length > room && i > 0)
            break;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? ", " : "",
                                 set->classes[i]);
        if (used >= sizeof text)
            return;
    }
    if (i < set->class_count)
        snprintf(text + used, sizeof text - used, ", %d more", set->class_count - i);
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
        alx_warn("%s: one class only, '%s': is the data set a folder deeper, or above?", set->path,
                 set->classes[0]);
    for (int i = 0; i < set->class_count; ++i)
        if (data_role_of(set->classes[i], strlen(set->classes[i]), NULL) != DATA_ROLE_NONE)
            alx_warn("%s: class '%s' is called like a split: is it a class?", set->path,
                     set->classes[i]);
    if (set->layout.deep > 0)
        alx_warn("%s: %zu image%s in folders of a class folder, such as %s, %s taken as of that "
                 "class", set->path, set->layout.deep, set->layout.deep == 1 ? "" : "s",
                 set->layout.deep_example, set->layout.deep == 1 ? "is" : "are");
}

int alx_dataset_log_found(const alx_dataset *train, const alx_dataset *test)
{
    const alx_dataset *first = train != NULL ? train : test;
    int rc = 0;

    TRY(found_images(first, train != NULL ? ALX_SPLIT_TRAIN : ALX_SPLIT_TEST, "found"));
    if (train != NULL && test != NULL)
        TRY(found_images(test, ALX_SPLIT_TEST, "test"));
    found_names(first);
    found_left_out(train, test);
    found_warn_of_classes(first);
    if (train != NULL && test == NULL && train->layout.base[ALX_SPLIT_TRAIN] != NULL)
        alx_warn("%s: no test images: they are looked for in a folder test or val", train->path);
done:
    return rc;
}
