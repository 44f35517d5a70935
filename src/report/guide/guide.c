/* guide.c - what a user can do next on this machine, in this folder: devices, data sets and runs
 * that are here, and the commands that use them. */
#include "report/guide/guide.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alexnet/dev/report.h"
#include "alexnet/dev/rt.h"
#include "base/file.h"
#include "base/name_write.h"
#include "base/try.h"

#define MOST_ENTRIES 200 /* of a folder that are looked at */
#define MOST_SETS 3      /* that are shown */
#define RUNS "runs"      /* where `train` puts them */

/* ---- a folder's entries ---------------------------------------------------------------------- */

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** Visits names in a folder, sorted. */
typedef struct visit {
    struct dirent **names;
    int count;
} visit;

static void visit_begin(visit *v, const char *folder)
{
    v->names = NULL;
    v->count = scandir(folder, &v->names, is_visible, alphasort);
}

static void visit_end(visit *v)
{
    for (int i = 0; i < v->count; ++i)
        free(v->names[i]);
    free(v->names);
}

/* ---- what is here ---------------------------------------------------------------------------- */

/** What there is to go on with. */
typedef struct here {
    bool device;
    char data[MOST_SETS][PATH_MAX];
    alx_data_glance sets[MOST_SETS];
    size_t set_count;
    char run[PATH_MAX]; /* the newest; "" = none */
    struct timespec run_time;
} here;

static void look_for_data(here *h)
{
    visit v;

    if (alx_data_look(&h->sets[0], ".") && h->sets[0].has_test) {
        snprintf(h->data[h->set_count++], PATH_MAX, ".");
        return;
    }
    visit_begin(&v, ".");
    for (int i = 0; i < v.count && i < MOST_ENTRIES && h->set_count < MOST_SETS; ++i) {
        const char *name = v.names[i]->d_name;

        if (strcmp(name, RUNS) != 0 && alx_data_look(&h->sets[h->set_count], name))
            snprintf(h->data[h->set_count++], PATH_MAX, "%s", name);
    }
    visit_end(&v);
    if (h->set_count == 0 && alx_data_look(&h->sets[0], "."))
        snprintf(h->data[h->set_count++], PATH_MAX, ".");
}

static void look_at_run(here *h, const char *path)
{
    char checkpoint[PATH_MAX];
    struct stat info;

    if (base_path_in(checkpoint, path, ALX_CHECKPOINT_LAST) != 0 || stat(checkpoint, &info) != 0)
        return;
    if (h->run[0] != '\0' &&
        (info.st_mtim.tv_sec < h->run_time.tv_sec ||
         (info.st_mtim.tv_sec == h->run_time.tv_sec && info.st_mtim.tv_nsec < h->run_time.tv_nsec)))
        return;
    h->run_time = info.st_mtim;
    snprintf(h->run, sizeof h->run, "%s", path);
}

static void look_for_runs(here *h)
{
    static const char *const folders[] = { ".", RUNS };
    char path[PATH_MAX];

    for (size_t f = 0; f < ALX_COUNT(folders); ++f) {
        visit v;

        visit_begin(&v, folders[f]);
        for (int i = 0; i < v.count; ++i)
            if (f == 0)
                look_at_run(h, v.names[i]->d_name);
            else if (base_path_in(path, folders[f], v.names[i]->d_name) == 0)
                look_at_run(h, path);
        visit_end(&v);
    }
}

/* ---- what is said of it ---------------------------------------------------------------------- */

/* Without any, why. */
static int print_devices(FILE *out, here *h)
{
    alx_device_info *list = NULL;
    size_t count = 0;
    int rc = alx_devices_list(&list, &count);

    if (rc == ALX_E_DEVICE) {
        fprintf(out, "device  none: ");
        base_name_print(out, alx_status_text(rc), BASE_NAME_MESSAGE);
        fprintf(out, "\n\n");
        return alx_drivers_print(out);
    }
    TRY_DONE(rc);
    h->device = true;
    for (size_t i = 0; i < count; ++i)
        fprintf(out, "device  %d: %s, %s, %s\n", list[i].index, alx_device_type_name(list[i].type),
                list[i].name, list[i].platform);
done:
    free(list);
    return rc;
}

static void print_set(FILE *out, const char *path, const alx_data_glance *set)
{
    fprintf(out, "data    ");
    base_name_print(out, strcmp(path, ".") == 0 ? "this folder" : path, BASE_NAME_LINE);
    fprintf(out, ": %d class%s", set->classes, set->classes == 1 ? "" : "es");
    if (set->width > 0)
        fprintf(out, ", the first image %d x %d", set->width, set->height);
    fprintf(out, "%s\n", set->has_test ? "" : ", no test images");
}

static int print_next(FILE *out, const here *h)
{
    char command[PATH_MAX], word[PATH_MAX];

    report_shell_word(word, sizeof word, h->run);
    fprintf(out, "\nNext:\n");
    if (h->run[0] != '\0')
        fprintf(out,
                "  alexnet predict %s IMAGE... --show picture.png\n"
                "  alexnet viz %s\n",
                word, word);
    if (h->set_count > 0) {
        TRY(alx_preset_command(command, sizeof command, &h->sets[0], h->data[0]));
        fprintf(out, "  %s\n\nPresets that fit it:\n", command);
        return alx_presets_print(out, &h->sets[0]);
    }
    if (h->run[0] == '\0')
        fprintf(out, "  Put pictures here, in a folder with one folder for each class:\n"
                     "      pictures/cat/*.jpg  pictures/dog/*.jpg\n"
                     "  and call `alexnet` again; or give data by name:\n"
                     "      alexnet train tiny --data DIR\n");
    return 0;
}

int alx_guide_print(FILE *out)
{
    here *h = calloc(1, sizeof *h);
    int rc = 0;

    if (h == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for what is here");
    TRY_DONE(print_devices(out, h));
    if (!h->device)
        goto done;
    look_for_data(h);
    look_for_runs(h);
    for (size_t i = 0; i < h->set_count; ++i)
        print_set(out, h->data[i], &h->sets[i]);
    if (h->run[0] != '\0') {
        fprintf(out, "run     ");
        base_name_print(out, h->run, BASE_NAME_LINE);
        fputc('\n', out);
    }
    TRY_DONE(print_next(out, h));
done:
    free(h);
    return rc;
}
