/* session.c - what computes a run: a line for each time that it is begun or goes on. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/try.h"
#include "train/run.h"

static void add_time(cJSON *line)
{
    const time_t now = time(NULL);
    char text[32] = "";
    struct tm utc;

    if (gmtime_r(&now, &utc) != NULL)
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    base_json_add_text(line, "time", text);
}

static void add_devices(cJSON *line, const alx_net *net)
{
    cJSON *list = base_json_add_array(line, "devices");

    for (int i = 0; i < alx_net_dev_count(net); ++i)
        base_json_append(list, cJSON_CreateString(alx_device_describe(alx_net_device(net, i))));
}

int train_session_note(const train_run *run)
{
    const alx_algorithms algorithms = run->state.algorithms;
    cJSON *line = cJSON_CreateObject();
    char *text = NULL, *grown = NULL;
    int rc = 0;

    add_time(line);
    base_json_add_text(line, "program", run->options->program != NULL ? run->options->program : "");
    base_json_add_number(line, "epoch", (double)run->state.epoch);
    base_json_add_number(line, "step", (double)run->state.step);
    add_devices(line, run->net);
    base_json_add_text(line, "conv", alx_conv_algo_name(algorithms.conv));
    base_json_add_text(line, "gemm", alx_gemm_algo_name(algorithms.gemm));
    base_json_add_number(line, "device_bytes", (double)alx_net_device_bytes(run->net));
    text = base_json_text(line, false);
    grown = text != NULL ? realloc(text, strlen(text) + 2) : NULL;
    if (grown == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for a line of %s", ALX_SESSIONS);
        goto done;
    }
    text = grown;
    strcat(text, "\n");
    TRY_DONE(train_rows_append(run->options->run_dir, ALX_SESSIONS, text));
done:
    free(text);
    cJSON_Delete(line);
    return rc;
}
