/* timeline.c - the timeline of a run in Chrome's trace format:
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */
#include "alexnet/dev/report.h"
#include "alexnet/dev/rt.h"
#include "alexnet/log.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "base/numbers.h"
#include "base/try.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct trace_file {
    base_file_writer *writer;
    double origin_ms;
    bool any; /* event so far */
} trace_file;

ALX_PRINTF(2, 3)
static int trace_event(trace_file *file, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    const int length = snprintf(text, sizeof text, "%s", file->any ? ",\n" : "");
    base_vprint(text + length, sizeof text - (size_t)length, format, args);
    va_end(args);
    file->any = true;
    return base_file_writer_write(file->writer, text, strlen(text));
}

/* Names of the device and of its queues. */
static int write_names(trace_file *file, const alx_device *dev, int tower)
{
    static const char *const queues[] = { "compute", "sends", "receives" };
    char title[512], *quoted;
    cJSON *text;
    int rc = 0;

    snprintf(title, sizeof title, "tower %d, device %d: %.400s", tower,
             alx_device_get_info(dev)->index, alx_device_describe(dev));
    text = cJSON_CreateString(title);
    quoted = base_json_text(text, false);
    cJSON_Delete(text);
    if (quoted == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the timeline");
    TRY_DONE(trace_event(file,
                         "{\"ph\":\"M\",\"pid\":%d,\"name\":\"process_name\","
                         "\"args\":{\"name\":%s}}",
                         tower, quoted));
    for (int i = 0; i < (int)ALX_COUNT(queues); ++i)
        TRY_DONE(trace_event(file,
                             "{\"ph\":\"M\",\"pid\":%d,\"tid\":%d,\"name\":\"thread_name\","
                             "\"args\":{\"name\":\"%s\"}}",
                             tower, i, queues[i]));
done:
    free(quoted);
    return rc;
}

/* What a transfer to `number` does on the sender's queue belongs to the other device. */
static int write_command(trace_file *file, const alx_timeline_event *e, int number)
{
    const int device = e->queue == ALX_TIMELINE_SEND ? 1 - number : number;

    return trace_event(file,
                       "{\"ph\":\"X\",\"pid\":%d,\"tid\":%d,\"ts\":%.3f,\"dur\":%.3f,"
                       "\"name\":\"%s %s\",\"args\":{\"bytes\":%zu}}",
                       device, (int)e->queue, 1e3 * (e->start_ms - file->origin_ms),
                       1e3 * (e->end_ms - e->start_ms), e->label, e->kernel, e->bytes);
}

static int write_devices(trace_file *file, alx_device *const *devs, int count)
{
    const alx_timeline_event *events = NULL;
    size_t event_count = 0, dropped = 0;

    for (int dev = 0; dev < count; ++dev) {
        TRY(alx_timeline_take(devs[dev], &events, &event_count, &dropped));
        if (event_count > 0 && (file->origin_ms == 0.0 || events[0].start_ms < file->origin_ms))
            file->origin_ms = events[0].start_ms;
    }
    for (int dev = 0; dev < count; ++dev) {
        TRY(write_names(file, devs[dev], dev));
        TRY(alx_timeline_take(devs[dev], &events, &event_count, &dropped));
        for (size_t i = 0; i < event_count; ++i)
            TRY(write_command(file, &events[i], dev));
        if (dropped > 0)
            alx_warn("the timeline holds the first %zu commands of device %d, %zu more are left "
                     "out: --max-steps makes it shorter",
                     event_count, alx_device_get_info(devs[dev])->index, dropped);
    }
    return 0;
}

int alx_timeline_check(const char *path)
{
    base_file_writer *writer = NULL;
    struct stat info;

    if (stat(path, &info) == 0 && S_ISFIFO(info.st_mode))
        return 0; /* its reader would take a look for the end */
    const int rc = base_file_writer_open(&writer, path);

    base_file_writer_abort(&writer);
    return rc;
}

int alx_timeline_write(const char *path, alx_device *const *devs, int count)
{
    static const char head[] = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", tail[] = "\n]}\n";
    trace_file file = { .writer = NULL };
    int rc = 0;

    TRY_DONE(base_file_writer_open(&file.writer, path));
    TRY_DONE(base_file_writer_write(file.writer, head, sizeof head - 1));
    TRY_DONE(write_devices(&file, devs, count));
    TRY_DONE(base_file_writer_write(file.writer, tail, sizeof tail - 1));
    TRY_DONE(base_file_writer_commit(&file.writer));
    alx_info("timeline    %s: open it in ui.perfetto.dev", path);
done:
    base_file_writer_abort(&file.writer);
    return rc;
}
