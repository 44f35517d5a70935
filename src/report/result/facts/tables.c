/* tables.c - facts of a network as tables for people. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/format.h"
#include "base/name_write.h"
#include "base/numbers.h"

/* Channels first, as the outside world has it. */
static base_cell shape_text(alx_shape s)
{
    return base_format_dims((const int[]){ s.c, s.h, s.w }, s.h == 1 && s.w == 1 ? 1 : 3);
}

static void print_head(FILE *out, const alx_facts *facts)
{
    const alx_net_config *net = &facts->checkpoint.config.net;

    base_name_print(out, facts->checkpoint.config.name, BASE_NAME_LINE);
    fprintf(out, ": input %dx%dx%d, %d class%s, %d tower%s\n\n", net->channels, net->height,
            net->width, net->classes, net->classes == 1 ? "" : "es", net->towers,
            net->towers == 1 ? "" : "s");
}

static void print_stages(FILE *out, const alx_facts *facts)
{
    const alx_cost cost = alx_graph_cost(facts->graph);
    int what = 0;

    for (size_t i = 0; i < facts->stage_count; ++i)
        what = (int)strlen(facts->stages[i].what) > what ? (int)strlen(facts->stages[i].what)
                                                         : what;
    fprintf(out, "%-8s  %-11s  %-*s  %5s  %12s  %13s\n", "stage", "output", what, "", "parts",
            "parameters", "MACs an image");
    for (size_t i = 0; i < facts->stage_count; ++i) {
        const alx_layer_info *s = &facts->stages[i];

        fprintf(out, "%-8s  %-11s  %-*s  %5d", s->name, shape_text(s->whole).text, what, s->what,
                s->parts);
        if (s->parameters > 0)
            fprintf(out, "  %12s  %13s", base_format_count(s->parameters).text,
                    base_format_count(s->macs).text);
        putc('\n', out);
    }
    fprintf(out, "%-8s  %-11s  %-*s  %5s  %12s  %13s\n", "total", "", what, "", "",
            base_format_count(cost.parameters).text, base_format_count(cost.macs).text);
}

static void print_memory(FILE *out, const alx_facts *facts, int dev)
{
    const alx_memory_plan *t = &facts->training[dev], *i = &facts->inference[dev];
    const alx_algorithms *algorithms = &facts->algorithms[dev];
    const struct {
        const char *name;
        size_t training, inference;
    } rows[] = {
        { "parameters", t->parameters, i->parameters },    { "filters", t->filters, i->filters },
        { "gradients", t->gradients, i->gradients },       { "momentum", t->momentum, i->momentum },
        { "activations", t->activations, i->activations }, { "scratch", t->scratch, i->scratch },
        { "arrivals", t->arrivals, i->arrivals },          { "total", t->total, i->total },
    };

    fprintf(out, "\nmemory");
    if (facts->dev_count > 1)
        fprintf(out, " of tower %d", dev);
    fprintf(out, " at batch %d, conv %s, gemm %s%s\n", facts->batch,
            alx_conv_algo_name(algorithms->conv), alx_gemm_algo_name(algorithms->gemm),
            facts->described[dev][0] == '\0' && !facts->from_checkpoint
                ? "\n(assumed; --device D says what D would use)"
                : "");
    fprintf(out, "%-12s  %10s  %10s\n", "", "training", "inference");
    for (size_t r = 0; r < ALX_COUNT(rows); ++r)
        if (rows[r].training > 0)
            fprintf(out, "%-12s  %10s  %10s\n", rows[r].name,
                    base_format_bytes(rows[r].training).text,
                    base_format_bytes(rows[r].inference).text);
}

/* What tuning rows say of the passes on a device. */
static void print_ways(FILE *out, const alx_facts *facts)
{
    if (facts->way_count == 0)
        return;
    fprintf(out, "\n%-20s  %-8s  %10s  way\n", "pass", "row", "ms");
    for (size_t i = 0; i < facts->way_count; ++i) {
        const alx_facts_way *way = &facts->ways[i];

        base_print_file(out, "%-20s  %-8s  %10.2f  %s\n", way->label,
                        way->row.shipped ? "shipped" : "tuned", way->row.ms, way->row.choice);
    }
    fprintf(out, "other passes take the default of their kind of device\n");
}

static void print_preprocessing(FILE *out, const alx_checkpoint *c)
{
    static const char *const kinds[] = { [ALX_MEAN_NONE] = "none",
                                         [ALX_MEAN_IMAGE] = "mean image",
                                         [ALX_MEAN_CHANNEL] = "per channel",
                                         [ALX_MEAN_SCALAR] = "one number" };
    const alx_data_config *data = &c->config.data;
    const double *mean = data->mean_given ? data->mean_value : c->statistics.mean;
    const double *deviation = data->mean_given ? data->std_value : c->statistics.deviation;

    fprintf(out, "images stored as %dx%d%s, mean %s", data->resize, data->resize,
            data->unit_scale ? ", pixels / 255" : "", kinds[data->mean]);
    if (data->mean != ALX_MEAN_NONE)
        base_print_file(out, " (%.4g %.4g %.4g)", mean[0], mean[1], mean[2]);
    if (data->use_std)
        base_print_file(out, ", deviation %.4g %.4g %.4g", deviation[0], deviation[1],
                        deviation[2]);
    putc('\n', out);
}

static void print_checkpoint(FILE *out, const alx_checkpoint *c)
{
    fprintf(out, "\ncheckpoint after epoch %zu, step %s", c->epoch,
            base_format_count(c->step).text);
    if (c->position > 0)
        fprintf(out, ", %s images into the next", base_format_count(c->position).text);
    if (c->best_epoch > 0)
        base_print_file(out, "; lowest error %.2f %% in epoch %zu", 100.0 * c->best_error,
                        c->best_epoch);
    putc('\n', out);
    print_preprocessing(out, c);
    fprintf(out, "%d class%s: ", c->class_count, c->class_count == 1 ? "" : "es");
    for (int i = 0; i < c->class_count && i < 10; ++i) {
        fputs(i > 0 ? ", " : "", out);
        base_name_print(out, c->class_names[i], BASE_NAME_LINE);
    }
    fprintf(out, "%s\n", c->class_count > 10 ? ", ..." : "");
}

/* ---- two devices: what lives where, and what crosses ----------------------------------------- */

static void print_devices(FILE *out, const alx_facts *facts)
{
    const double *peak = facts->fma_gflops;
    const int slower = alx_facts_slower(facts);

    fprintf(out, "\n");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        fprintf(out, "tower %d  device %d: %s\n", dev, facts->device_index[dev],
                facts->described[dev]);
    if (slower < 0)
        base_print_file(out, "the two are alike: FMA peak %.0f and %.0f GFLOP/s\n", peak[0],
                        peak[1]);
    else
        base_print_file(
            out,
            "the slower one is tower %d's, which paces the other: FMA peak %.0f against %.0f "
            "GFLOP/s\n",
            slower, peak[slower], peak[1 - slower]);
}

/* "maps 48-95", "all 1000" */
static base_cell share_text(const alx_facts *facts, const alx_layer_info *stage, int dev)
{
    const bool conv = facts->checkpoint.config.net.layers[stage->layer].kind == ALX_LAYER_CONV;
    const char *what = conv ? "maps" : stage->by_input ? "inputs" : "units";
    base_cell out = { "-" };
    size_t first, count;

    alx_facts_share(&first, &count, stage, dev);
    if (stage->parts > 1)
        snprintf(out.text, sizeof out.text, "%s %zu-%zu", what, first, first + count - 1);
    else if (dev == 0)
        snprintf(out.text, sizeof out.text, "all %d", stage->whole.c);
    return out;
}

static void print_parts(FILE *out, const alx_facts *facts)
{
    fprintf(out, "\n%-8s", "layer");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        fprintf(out, "  %-16s  %12s", dev == 0 ? "tower 0" : "tower 1", "parameters");
    putc('\n', out);
    for (size_t i = 0; i < facts->stage_count; ++i) {
        const alx_layer_info *stage = &facts->stages[i];

        if (stage->parameters == 0)
            continue;
        fprintf(out, "%-8s", stage->name);
        for (int dev = 0; dev < facts->dev_count; ++dev)
            fprintf(out, "  %-16s  %12s", share_text(facts, stage, dev).text,
                    base_format_count(alx_facts_parameters_on(facts, stage, dev)).text);
        putc('\n', out);
    }
    fprintf(out, "%-8s", "total");
    for (int dev = 0; dev < facts->dev_count; ++dev)
        fprintf(out, "  %-16s  %12s", "",
                base_format_count(alx_facts_parameters_of(facts, dev)).text);
    putc('\n', out);
}

static void print_transfers(FILE *out, const alx_facts *facts)
{
    size_t sum = 0;

    fprintf(out, "\n%-20s  %15s\n", "transfer", "bytes a step");
    for (size_t i = 0; i < facts->transfer_count; ++i) {
        const alx_transfer_info *t = &facts->transfers[i];

        fprintf(out, "%-20s  %15s\n", t->name, base_format_count(t->bytes).text);
        sum += t->bytes;
    }
    fprintf(out, "%-20s  %15s\n", "total", base_format_count(sum).text);
}

static void print_placement(FILE *out, const alx_facts *facts)
{
    print_devices(out, facts);
    print_parts(out, facts);
    print_transfers(out, facts);
}

/* ---- all of it ------------------------------------------------------------------------------- */

void alx_facts_print(FILE *out, const alx_facts *facts)
{
    print_head(out, facts);
    print_stages(out, facts);
    if (facts->dev_count > 1)
        print_placement(out, facts);
    for (int dev = 0; dev < facts->dev_count; ++dev)
        print_memory(out, facts, dev);
    print_ways(out, facts);
    if (facts->from_checkpoint)
        print_checkpoint(out, &facts->checkpoint);
}
