/* preset.c - which of the built-in networks a file's weights fit. */
#include "train/weights/source.h"

#include <stdio.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/try.h"

#define MOST_CLASSES 100000 /* that a config may have */

/* Of several with the same shapes, what weights of others are most likely of. */
static const char *const likely[] = { "owt", "caffenet", "paper", "modern", "cifar10" };

static bool is_likely(const char *name)
{
    size_t i = 0;

    while (i < ALX_COUNT(likely) && strcmp(likely[i], name) != 0)
        ++i;
    return i < ALX_COUNT(likely);
}

bool train_weights_all_fit(const weights_file *file)
{
    size_t i = 0;

    while (i < file->param_count && train_weights_shape_fits(file, i))
        ++i;
    return i == file->param_count;
}

typedef struct search {
    weights_file *file;
    alx_config *found;
    int count;
    char others[200];
    bool any_classes; /* those that the file's last layer has */
} search;

static int try_preset(search *s, const char *name, int classes)
{
    char set[32];
    alx_config config;
    alx_graph *graph = NULL;
    int other = 0, rc = 0;

    snprintf(set, sizeof set, "net.classes=%d", classes);
    TRY_DONE(alx_config_read(&config, name, &(const char *){ set }, classes > 0 ? 1 : 0));
    TRY_DONE(alx_graph_create(&graph, &config.net));
    TRY_DONE(train_weights_fit(s->file, graph));
    if (s->any_classes && classes == 0)
        other = train_weights_classes(s->file);
    if (!train_weights_all_fit(s->file))
        goto done;
    if (s->count++ == 0)
        *s->found = config;
    else if (strlen(s->others) + strlen(name) + 3 < sizeof s->others)
        sprintf(s->others + strlen(s->others), "%s%s", s->others[0] != '\0' ? ", " : "", name);
done:
    alx_graph_free(graph);
    return other > 0 && other <= MOST_CLASSES ? try_preset(s, name, other) : rc;
}

static int try_all(search *s)
{
    for (size_t i = 0; i < ALX_COUNT(likely); ++i)
        TRY(try_preset(s, likely[i], 0));
    for (const char *const *name = alx_config_presets(); *name != NULL; ++name)
        if (!is_likely(*name))
            TRY(try_preset(s, *name, 0));
    return 0;
}

int train_weights_preset(alx_config *out, weights_file *file)
{
    search s = { .file = file, .found = out };
    char names[256], classes[32] = "";

    TRY(try_all(&s));
    if (s.count == 0) {
        s.any_classes = true;
        TRY(try_all(&s));
    }
    if (s.count == 0) {
        train_weights_names(file, names, sizeof names);
        return alx_fail(ALX_E_DATA,
                        "%s: its tensors fit no preset: give the config of its network, with "
                        "--weights; it has %s",
                        file->path, names);
    }
    if (s.any_classes)
        snprintf(classes, sizeof classes, " with %d classes", out->net.classes);
    alx_info("network     preset %s%s fits %s%s%s%s", out->name, classes, file->path,
             s.count > 1 ? "; so do " : "", s.others,
             s.count == 1    ? ""
             : s.any_classes ? ": give a config with as many classes"
                             : ": name one, with --weights");
    return 0;
}
