/* names.c - what passes are called, and which of them the user wants. */
#include "bench/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/try.h"

void bench_split_label(char layer[48], char pass[16], const char *label)
{
    const char *space = strrchr(label, ' ');
    const int length = space != NULL ? (int)(space - label) : (int)strlen(label);

    snprintf(layer, 48, "%.*s", length < 47 ? length : 47, label);
    snprintf(pass, 16, "%.15s", space != NULL ? space + 1 : "");
    char *dot = strrchr(layer, '.');
    if (dot != NULL && dot[1] != '\0' && strspn(dot + 1, "0123456789") == strlen(dot + 1))
        *dot = '\0';
}

bool alx_bench_names(const char *only, const char *layer, const char *pass)
{
    const size_t length = strlen(layer);

    if (only == NULL || strcmp(only, layer) == 0)
        return true;
    return strncmp(only, layer, length) == 0 && only[length] == ' ' &&
           strcmp(only + length + 1, pass) == 0;
}

static int unknown_pass(const char *only, const alx_pass_info *passes, size_t count)
{
    char(*layers)[48] = calloc(count, sizeof *layers), pass[16], wanted[48];
    const char **names = calloc(count, sizeof *names);
    int rc = 0;

    if (layers == NULL || names == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for %zu names", count);
        goto done;
    }
    for (size_t i = 0; i < count; ++i) {
        bench_split_label(layers[i], pass, passes[i].label);
        names[i] = layers[i];
    }
    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(only, " "), only);
    const char *near = base_nearest(wanted, names, count);
    if (near != NULL && strcmp(near, wanted) != 0)
        rc = alx_fail(ALX_E_USAGE, "no pass '%s' in this network (did you mean %s?)", only, near);
    else
        rc = alx_fail(ALX_E_USAGE,
                      "no pass '%s' in this network; a layer, or a layer and one of "
                      "forward, grad-input, grad-weight, update",
                      only);
done:
    free(layers);
    free(names);
    return rc;
}

int alx_bench_check_only(const char *only, const alx_config *config)
{
    alx_graph *graph = NULL;
    alx_pass_info *passes = NULL;
    size_t count = 0;
    bool found = only == NULL;
    int rc = 0;

    TRY_DONE(alx_graph_create(&graph, &config->net));
    TRY_DONE(alx_graph_passes(&passes, &count, graph, config->train.batch_size, true));
    for (size_t i = 0; i < count && !found; ++i) {
        char layer[48], pass[16];

        bench_split_label(layer, pass, passes[i].label);
        found = alx_bench_names(only, layer, pass);
    }
    if (!found)
        rc = unknown_pass(only, passes, count);
done:
    free(passes);
    alx_graph_free(graph);
    return rc;
}
