/* run_page.c - a run as one page that needs nothing else: how it went, what it learned, what
 * computed it, and its config. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/file.h"
#include "base/format.h"
#include "base/json.h"
#include "base/numbers.h"
#include "base/try.h"
#include "report/csv.h"
#include "report/page/page.h"

#define MOST_BYTES 0x1p53 /* of what a double counts one by one */

/** Of a run, for its page. */
typedef struct run_page {
    const char *run_dir, *pictures, *checkpoint; /* its name */
    alx_facts facts;
} run_page;

/* ---- pieces -------------------------------------------------------------------------------- */

static void put_pair(FILE *out, const char *name, const char *value)
{
    fputs("<tr><td class=l>", out);
    report_page_text(out, name);
    fputs("</td><td class=l>", out);
    report_page_text(out, value);
    fputs("</td></tr>\n", out);
}

/* A picture that is there under a title; else what would make it. */
static int put_picture(FILE *out, const run_page *page, const char *title, const char *file,
                       const char *otherwise)
{
    char path[PATH_MAX];

    TRY(base_path_in(path, page->pictures, file));
    if (!base_file_exists(path))
        TRY(base_path_in(path, page->run_dir, file));
    fprintf(out, "<h2>%s</h2>\n", title);
    if (base_file_exists(path))
        return report_page_picture(out, path, title);
    fputs("<p>", out);
    report_page_text(out, otherwise);
    fputs("</p>\n", out);
    return 0;
}

/* ---- how it went ----------------------------------------------------------------------------- */

static void put_summary(FILE *out, const run_page *page)
{
    const alx_checkpoint *c = &page->facts.checkpoint;
    const alx_cost cost = alx_graph_cost(page->facts.graph);
    char text[256];

    fputs("<div class=card><table>\n", out);
    put_pair(out, "run", page->run_dir);
    snprintf(text, sizeof text, "%.64s: after %zu of %d epochs, %s updates", page->checkpoint,
             c->epoch, c->config.train.epochs, base_format_count(c->step).text);
    put_pair(out, "weights", text);
    if (c->best_epoch > 0) {
        base_print(text, sizeof text, "%.2f %% on held-out images, in epoch %zu",
                   100.0 * c->best_error, c->best_epoch);
        put_pair(out, "lowest top-1 error", text);
    }
    snprintf(text, sizeof text, "%d x %d images to %d classes, %s parameters, %s MACs an image",
             c->config.net.width, c->config.net.height, c->config.net.classes,
             base_format_count(cost.parameters).text, base_format_count(cost.macs).text);
    put_pair(out, "network", text);
    put_pair(out, "data", c->config.data.path);
    fputs("</table></div>\n", out);
}

static int put_epochs(FILE *out, const run_page *page)
{
    char path[PATH_MAX];
    csv_table table = { 0 };
    int rc = 0;

    TRY(base_path_in(path, page->run_dir, "metrics.csv"));
    if (!base_file_exists(path))
        return 0;
    TRY_DONE(report_csv_read(&table, path, NULL));
    fputs("<details><summary>Epochs in numbers</summary><div class=card><table><tr>", out);
    for (size_t c = 0; c < table.columns; ++c) {
        fputs("<th>", out);
        report_page_text(out, table.names[c]);
        fputs("</th>", out);
    }
    for (size_t r = 0; r < table.rows; ++r) {
        fputs("</tr>\n<tr>", out);
        for (size_t c = 0; c < table.columns; ++c) {
            const double value = table.values[c * table.rows + r];

            if (value == value)
                base_print_file(out, "<td>%.5g</td>", value);
            else
                fputs("<td></td>", out);
        }
    }
    fputs("</tr>\n</table></div></details>\n", out);
done:
    report_csv_free(&table);
    return rc;
}

/* ---- what computed it ------------------------------------------------------------------------ */

static void put_text_of(FILE *out, const cJSON *line, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, name);

    fputs("<td class=l>", out);
    if (cJSON_IsString(item))
        report_page_text(out, item->valuestring);
    else if (cJSON_IsNumber(item))
        base_print_file(out, "%.0f", item->valuedouble);
    fputs("</td>", out);
}

static void put_session(FILE *out, const cJSON *line)
{
    const cJSON *devices = cJSON_GetObjectItemCaseSensitive(line, "devices");
    const cJSON *bytes = cJSON_GetObjectItemCaseSensitive(line, "device_bytes"), *device;

    fputs("<tr>", out);
    put_text_of(out, line, "time");
    put_text_of(out, line, "program");
    put_text_of(out, line, "epoch");
    fputs("<td class=l>", out);
    cJSON_ArrayForEach(device, devices)
    {
        if (cJSON_IsString(device))
            report_page_text(out, device->valuestring);
        fputs("<br>", out);
    }
    fputs("</td>", out);
    put_text_of(out, line, "conv");
    put_text_of(out, line, "gemm");
    fprintf(out, "<td>%s</td></tr>\n",
            cJSON_IsNumber(bytes) && bytes->valuedouble >= 0.0 && bytes->valuedouble < MOST_BYTES
                ? base_format_bytes((size_t)bytes->valuedouble).text
                : "");
}

/* A line for each time that the run was begun or went on; one that is damaged is left out. */
static int put_sessions(FILE *out, const run_page *page)
{
    char path[PATH_MAX], *text = NULL, *rest = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY(base_path_in(path, page->run_dir, ALX_SESSIONS));
    fputs("<h2>What computed it</h2>\n", out);
    if (!base_file_exists(path)) {
        fputs("<p>Not recorded: the run is of an earlier version.</p>\n", out);
        return 0;
    }
    TRY_DONE(base_file_read(&text, &bytes, path));
    fputs("<div class=card><table><tr><th class=l>begun</th><th class=l>program</th>"
          "<th class=l>after epoch</th><th class=l>device</th><th class=l>conv</th>"
          "<th class=l>gemm</th><th>device memory</th></tr>\n",
          out);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        cJSON *tree = cJSON_Parse(line);

        if (tree != NULL)
            put_session(out, tree);
        cJSON_Delete(tree);
    }
    fputs("</table></div>\n", out);
done:
    free(text);
    return rc;
}

/* ---- the network ----------------------------------------------------------------------------- */

static void put_layers(FILE *out, const alx_facts *facts)
{
    fputs("<h2>Network</h2>\n<div class=card><table><tr><th class=l>stage</th>"
          "<th class=l>output</th><th class=l></th><th>parameters</th>"
          "<th>MACs an image</th></tr>\n",
          out);
    for (size_t i = 0; i < facts->stage_count; ++i) {
        const alx_layer_info *s = &facts->stages[i];
        const alx_shape w = s->whole;

        fputs("<tr><td class=l>", out);
        report_page_text(out, s->name);
        fprintf(
            out, "</td><td class=l>%s</td><td class=l>",
            base_format_dims((const int[]){ w.c, w.h, w.w }, w.h == 1 && w.w == 1 ? 1 : 3).text);
        report_page_text(out, s->what);
        if (s->parameters > 0)
            fprintf(out, "</td><td>%s</td><td>%s</td></tr>\n",
                    base_format_count(s->parameters).text, base_format_count(s->macs).text);
        else
            fputs("</td><td></td><td></td></tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void put_memory(FILE *out, const alx_facts *facts)
{
    const alx_memory_plan *m = &facts->training[0];
    const struct {
        const char *name;
        size_t bytes;
    } rows[] = {
        { "parameters", m->parameters }, { "gradients", m->gradients },
        { "momentum", m->momentum },     { "activations", m->activations },
        { "scratch", m->scratch },       { "total", m->total },
    };

    fprintf(out,
            "<h2>Memory</h2>\n<p>Planned for training, %d images a pass, on one device.</p>\n"
            "<div class=card><table>\n",
            facts->batch);
    for (size_t i = 0; i < ALX_COUNT(rows); ++i)
        put_pair(out, rows[i].name, base_format_bytes(rows[i].bytes).text);
    fputs("</table></div>\n", out);
}

static int put_config(FILE *out, const alx_config *config)
{
    char *text = NULL;

    TRY(alx_config_write(&text, config));
    fputs("<h2>Config</h2>\n<div class=card><pre>", out);
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        end = line + strcspn(line, "\n");
        const bool last = *end == '\0';

        *end = '\0';
        report_page_text(out, line);
        putc('\n', out);
        if (last)
            break;
    }
    fputs("</pre></div>\n", out);
    free(text);
    return 0;
}

/* ---- the page ------------------------------------------------------------------------------ */

static int put_page(FILE *out, const void *user)
{
    const run_page *page = user;
    const alx_config *config = &page->facts.checkpoint.config;

    fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
          "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n<title>",
          out);
    report_page_text(out, config->name);
    fprintf(out,
            ": a run</title>\n<style>\n%simg{max-width:100%%;background:#fff;border-radius:6px}"
            "pre{margin:0;font-size:13px}</style></head><body>\n<h1>",
            report_page_style);
    report_page_text(out, config->name);
    fputs("</h1>\n<p>Made by <code>alexnet viz --html</code>.</p>\n", out);
    put_summary(out, page);
    TRY(put_picture(out, page, "Curves", "curves.png", "No epoch has ended yet."));
    TRY(put_epochs(out, page));
    TRY(put_picture(out, page, "Filters of the first layer", "filters.png",
                    "The first layer does not read R,G,B pixels."));
    TRY(put_picture(out, page, "How the layers fared", "diagnose.png",
                    "train --diagnose records it."));
    TRY(put_picture(out, page, "Confusions", "confusion.png",
                    "eval RUN -o RUN puts them beside the run."));
    TRY(put_sessions(out, page));
    put_layers(out, &page->facts);
    put_memory(out, &page->facts);
    TRY(put_config(out, config));
    fputs("</body></html>\n", out);
    return 0;
}

int alx_run_html(const char *out_dir, const char *run_dir, const char *checkpoint_path)
{
    run_page page = { .run_dir = run_dir,
                      .pictures = out_dir,
                      .checkpoint = base_path_base(checkpoint_path) };
    char path[PATH_MAX];
    int rc = 0;

    TRY(base_path_in(path, out_dir, "run.html"));
    TRY_DONE(alx_checkpoint_read(&page.facts.checkpoint, checkpoint_path));
    page.facts.from_checkpoint = true;
    page.facts.batch = alx_pass_images(&page.facts.checkpoint.config.train);
    TRY_DONE(alx_facts_gather(&page.facts, NULL, (alx_algorithms){ 0 }));
    TRY_DONE(report_page_write(path, put_page, &page));
    alx_info("page        %s", path);
done:
    alx_facts_free(&page.facts);
    return rc;
}
