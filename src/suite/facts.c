/* facts.c - what a suite says beside its results: device and host, checks, ways, what it lacks. */
#include "suite/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "base/cpus.h"
#include "base/try.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%.*s", (int)sizeof(to) - 1, from)

static void describe_device(alx_suite_device *d, const alx_device_info *info)
{
    COPY(d->type, alx_device_type_name(info->type));
    COPY(d->name, info->name);
    COPY(d->vendor, info->vendor);
    COPY(d->version, info->version);
    COPY(d->driver, info->driver);
    COPY(d->platform, info->platform);
    COPY(d->platform_version, info->platform_version);
    d->compute_units = info->compute_units;
    d->global_bytes = (double)info->global_bytes;
    d->max_alloc_bytes = (double)info->max_alloc_bytes;
    d->local_bytes = (double)info->local_bytes;
    d->max_group = (double)info->max_group;
}

/* The host's name is nobody's business. */
void suite_describe(alx_suite *suite, const alx_device *dev)
{
    const time_t now = time(NULL);
    struct utsname host = { .sysname = "" };
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(suite->date, sizeof suite->date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (uname(&host) == 0)
        snprintf(suite->system, sizeof suite->system, "%.30s %.60s %.30s, %d cores", host.sysname,
                 host.release, host.machine, base_cpu_count());
    COPY(suite->libraries, alx_rt_libraries());
    describe_device(&suite->device, alx_device_get_info(dev));
}

/* Room for one more item. */
static int grow(void **list, size_t count, size_t bytes)
{
    void *grown = realloc(*list, (count + 1) * bytes);

    if (grown == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for what a suite has found");
    *list = grown;
    memset((char *)grown + count * bytes, 0, bytes);
    return 0;
}

int suite_add_gap(alx_suite *suite, const suite_part *part, const char *why)
{
    void *list = suite->gaps;
    alx_suite_gap *gap = NULL;

    TRY(grow(&list, suite->gap_count, sizeof *gap));
    suite->gaps = list;
    gap = &suite->gaps[suite->gap_count++];
    suite_part_name(gap->what, part);
    COPY(gap->why, why);
    alx_warn("left out: %s: %s", gap->what, gap->why);
    return 0;
}

int suite_add_checks(alx_suite *suite, const alx_check_total *total)
{
    if (total->lines > 0 && total->list == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the lines of a check");
    suite->checks = calloc(total->lines + 1, sizeof *suite->checks);
    if (suite->checks == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu checks", total->lines);
    for (size_t i = 0; i < total->lines; ++i) {
        const alx_check_line *line = &total->list[i];
        alx_suite_check *check = &suite->checks[suite->check_count++];

        COPY(check->check, line->name);
        COPY(check->worst, line->worst);
        check->error = line->error;
        check->limit = line->limit;
        check->comparisons = (double)line->count;
    }
    return 0;
}

static int add_way(alx_suite *suite, const alx_config *config, const alx_chooser *by,
                   const alx_pass_info *info)
{
    const alx_row *row = alx_pass_row(by, info);
    void *list = suite->ways;
    alx_suite_way *way = NULL;

    TRY(grow(&list, suite->way_count, sizeof *way));
    suite->ways = list;
    way = &suite->ways[suite->way_count++];
    COPY(way->config, config->name);
    COPY(way->pass, info->label);
    COPY(way->by, row != NULL ? "tuning" : "default");
    way->batch_size = ALX_SUITE_BATCH;
    if (row != NULL)
        COPY(way->way, row->choice);
    else if (info->work == ALX_WORK_CONV)
        COPY(way->way, alx_conv_algo_name(
                           alx_conv_choose(by, info->pass, info->in, info->out, &info->conv).algo));
    else
        COPY(way->way,
             alx_gemm_algo_name(alx_gemm_choose(by, info->pass, info->in.n,
                                                info->in.h * info->in.w * info->in.c, info->out.c)
                                    .algo));
    return 0;
}

int suite_add_ways(alx_suite *suite, const alx_suite_setup *setup, const alx_config *config)
{
    const alx_chooser by = alx_chooser_of(setup->dev, setup->rows, setup->algorithms);
    alx_pass_info *passes = NULL;
    alx_graph *graph = NULL;
    size_t count = 0;
    int rc = 0;

    TRY_DONE(alx_graph_create(&graph, &config->net));
    TRY_DONE(alx_graph_passes(&passes, &count, graph, ALX_SUITE_BATCH, true));
    for (size_t i = 0; i < count; ++i)
        if (passes[i].work != ALX_WORK_OTHER && passes[i].part == 0)
            TRY_DONE(add_way(suite, config, &by, &passes[i]));
done:
    free(passes);
    alx_graph_free(graph);
    return rc;
}
