/* csv.c - a result as a table of comma-separated values. */
#include "alexnet/dev/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_writer.h"
#include "base/name_write.h"
#include "base/numbers.h"
#include "base/try.h"

static void put_text(FILE *out, const char *text)
{
    base_name_csv(out, text, true);
    putc(',', out);
}

static void put_head(FILE *out, const alx_result *r)
{
    put_text(out, r->program);
    put_text(out, r->version);
    put_text(out, r->date);
    put_text(out, r->device);
    put_text(out, r->driver);
    put_text(out, r->config);
    base_print_file(out, "%.0f,", r->batch_size);
}

static void put_rate(FILE *out, const alx_result *r, const char *what, const alx_result_rate *rate)
{
    if (rate->images_per_s == 0.0)
        return;
    put_head(out, r);
    base_print_file(out, "%s,%.6g,%.6g,%.6g,%.6g,%.6g,%.4g,%.0f,%.0f\n", what, rate->images_per_s,
                    rate->median_ms, rate->min_ms, rate->max_ms, rate->gflops, rate->wait_share,
                    rate->device_bytes, rate->resident_bytes);
}

static void put_row(FILE *out, const alx_result *r, const alx_result_row *row)
{
    put_head(out, r);
    base_print_file(out, "%s,%s,%s,%.6g,%.6g,%.6g,%.6g,%.6g,%.4g,%s\n", row->layer, row->pass,
                    row->algorithm, row->median_ms, row->min_ms, row->max_ms, row->gflops,
                    row->gbytes_per_s, row->roofline, row->limit);
}

int alx_result_csv(char **text, const alx_result *result)
{
    size_t bytes = 0;
    FILE *out = open_memstream(text, &bytes);
    bool failed = out == NULL;

    if (!failed) {
        fputs("program,version,date,device,driver,config,batch_size,", out);
        fputs(result->row_count > 0 ? "layer,pass,algorithm,median_ms,min_ms,max_ms,gflops,"
                                      "gbytes_per_s,roofline,limit\n"
                                    : "what,images_per_s,median_ms,min_ms,max_ms,gflops,"
                                      "wait_share,device_bytes,resident_bytes\n",
              out);
        put_rate(out, result, "train", &result->train);
        put_rate(out, result, "infer", &result->infer);
        for (size_t i = 0; i < result->row_count; ++i)
            put_row(out, result, &result->rows[i]);
        failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
    }
    if (!failed)
        return 0;
    free(*text);
    *text = NULL;
    return alx_fail(ALX_E_MEMORY, "out of host memory for the table");
}

int alx_result_csv_write(const char *path, const alx_result *result)
{
    char *text = NULL;

    TRY(alx_result_csv(&text, result));
    const int rc = base_file_write(path, text, strlen(text));

    free(text);
    return rc;
}
