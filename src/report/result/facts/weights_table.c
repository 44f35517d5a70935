/* weights_table.c - what a file of weights holds, for people. */
#include <stdio.h>
#include <string.h>

#include "alexnet/dev/report.h"
#include "base/format.h"
#include "base/name_write.h"

static int printed_length(const alx_weights_tensor *tensor)
{
    return (int)base_name_write(NULL, 0, tensor->name, BASE_NAME_LINE);
}

static void print_network(FILE *out, const alx_weights_facts *facts)
{
    fprintf(out, "network     ");
    if (!facts->has_network) {
        fprintf(out, "none that is built in\n");
        return;
    }
    if (facts->why[0] != '\0')
        fprintf(out, "none fits; nearest is ");
    base_name_print(out, facts->config.name, BASE_NAME_LINE);
    fprintf(out, " with %d classes\n", facts->config.net.classes);
}

static void print_tensor(FILE *out, const alx_weights_tensor *tensor, const alx_weights_use *use,
                         int width)
{
    base_name_print(out, tensor->name, BASE_NAME_LINE);
    fprintf(out, "%*s  %-8s  %-14s  %s", width - printed_length(tensor), "",
            alx_dtype_text(tensor->dtype),
            tensor->dim_count > 0 ? base_format_dims(tensor->dims, tensor->dim_count).text
                                  : "a number",
            use->parameter[0] != '\0' ? use->parameter : "-");
    if (use->why[0] != '\0')
        fprintf(out, "  %s", use->why);
    putc('\n', out);
}

void alx_weights_facts_print(FILE *out, const alx_weights_facts *facts)
{
    int width = 6;

    fprintf(out, "%s\n", alx_weights_format_text(alx_weights_file_format(facts->file)));
    print_network(out, facts);
    if (facts->why[0] != '\0') {
        fprintf(out, "            ");
        base_name_print(out, facts->why, BASE_NAME_MESSAGE);
        putc('\n', out);
    }
    if (facts->preprocess != NULL)
        fprintf(out, "preprocess  %s\n", facts->preprocess);
    if (facts->missing > 0)
        fprintf(out, "missing     %zu of its parameters\n", facts->missing);
    for (size_t i = 0; i < facts->count; ++i) {
        const int length = printed_length(alx_weights_file_at(facts->file, i));

        width = length > width && length <= 48 ? length : width;
    }
    fprintf(out, "\n%-*s  %-8s  %-14s  %s\n", width, "tensor", "type", "shape", "parameter");
    for (size_t i = 0; i < facts->count; ++i)
        print_tensor(out, alx_weights_file_at(facts->file, i), &facts->uses[i], width);
}
