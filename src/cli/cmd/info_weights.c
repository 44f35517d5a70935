/* info_weights.c - what a file of weights holds, for people. */
#include "cli/cmd/info.h"

#include <stdio.h>
#include <string.h>

#include "base/format.h"
#include "base/name_write.h"

static int printed_length(const alx_weights_tensor *tensor)
{
    return (int)base_name_write(NULL, 0, tensor->name, BASE_NAME_LINE);
}

static void print_network(const alx_weights_facts *facts)
{
    printf("network     ");
    if (!facts->has_network) {
        printf("none that is built in\n");
        return;
    }
    if (facts->why[0] != '\0')
        printf("none fits; nearest is ");
    base_name_print(stdout, facts->config.name, BASE_NAME_LINE);
    printf(" with %d classes\n", facts->config.net.classes);
}

static void print_tensor(const alx_weights_tensor *tensor, const alx_weights_use *use, int width)
{
    base_name_print(stdout, tensor->name, BASE_NAME_LINE);
    printf(
        "%*s  %-8s  %-14s  %s", width - printed_length(tensor), "", alx_dtype_text(tensor->dtype),
        tensor->dim_count > 0 ? base_format_dims(tensor->dims, tensor->dim_count).text : "a number",
        use->parameter[0] != '\0' ? use->parameter : "-");
    if (use->why[0] != '\0')
        printf("  %s", use->why);
    putchar('\n');
}

void cli_print_weights(const alx_weights_facts *facts)
{
    int width = 6;

    printf("%s\n", alx_weights_format_text(alx_weights_file_format(facts->file)));
    print_network(facts);
    if (facts->why[0] != '\0') {
        printf("            ");
        base_name_print(stdout, facts->why, BASE_NAME_MESSAGE);
        putchar('\n');
    }
    if (facts->preprocess != NULL)
        printf("preprocess  %s\n", facts->preprocess);
    if (facts->missing > 0)
        printf("missing     %zu of its parameters\n", facts->missing);
    for (size_t i = 0; i < facts->count; ++i) {
        const int length = printed_length(alx_weights_file_at(facts->file, i));

        width = length > width && length <= 48 ? length : width;
    }
    printf("\n%-*s  %-8s  %-14s  %s\n", width, "tensor", "type", "shape", "parameter");
    for (size_t i = 0; i < facts->count; ++i)
        print_tensor(alx_weights_file_at(facts->file, i), &facts->uses[i], width);
}
