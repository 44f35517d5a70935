/* events.c - how a run goes, for TensorBoard: numbers, filters and histograms of an epoch. Messages
 * and their fields: tensorboard/compat/proto/{event,summary,histogram}.proto of TensorBoard 2. */
#include "alexnet/dev/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/trust.h"
#include "base/try.h"
#include "report/events/records.h"

#define BINS 64
#define PICTURE "filters.png"
#define TILE_PIXELS 48

enum { EVENT_WALL_TIME = 1, EVENT_STEP, EVENT_FILE_VERSION, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SIMPLE, VALUE_IMAGE = 4, VALUE_HISTOGRAM };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH, IMAGE_COLOURS, IMAGE_PNG };
enum {
    HISTOGRAM_MIN = 1,
    HISTOGRAM_MAX,
    HISTOGRAM_COUNT,
    HISTOGRAM_SUM,
    HISTOGRAM_SQUARES,
    HISTOGRAM_LIMITS,
    HISTOGRAM_BINS
};
enum { SESSION_STATUS = 1, SESSION_START = 1 };

struct alx_events {
    char folder[PATH_MAX], path[PATH_MAX], picture[PATH_MAX];
    bool histograms;
    FILE *file; /* NULL: nothing was written yet */
};

int alx_events_create(alx_events **out, const char *folder, const char *run_dir, bool histograms)
{
    alx_events *e = NULL;
    int rc = 0;

    *out = NULL;
    TRY(base_mkdirs(folder)); /* it is shorter than PATH_MAX */
    e = calloc(1, sizeof *e);
    if (e == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the events of a run");
    e->histograms = histograms;
    snprintf(e->folder, sizeof e->folder, "%s", folder);
    TRY_DONE(base_path_in(e->picture, run_dir, PICTURE));
    *out = e;
    e = NULL;
done:
    alx_events_free(e);
    return rc;
}

void alx_events_free(alx_events *events)
{
    if (events != NULL && events->file != NULL)
        fclose(events->file);
    free(events);
}

/* ---- events ---------------------------------------------------------------------------------- */

static base_message event_begin(size_t step)
{
    struct timespec now;
    base_message m = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    report_put_double(&m, EVENT_WALL_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    base_put_int(&m, EVENT_STEP, (int64_t)step);
    return m;
}

static int put_value(alx_events *e, size_t step, base_message *value)
{
    base_message event = event_begin(step), summary = { 0 };

    base_put_inside(&summary, SUMMARY_VALUE, value);
    base_put_inside(&event, EVENT_SUMMARY, &summary);
    return report_put_record(e->file, &event);
}

static int put_scalar(alx_events *e, size_t step, const char *tag, double number)
{
    base_message value = { 0 };

    base_put_text(&value, VALUE_TAG, tag);
    base_put_float(&value, VALUE_SIMPLE, number);
    return put_value(e, step, &value);
}

static int put_picture(alx_events *e, size_t step, const char *tag, const int size[2])
{
    base_message value = { 0 }, image = { 0 };
    char *png = NULL;
    size_t bytes = 0;

    TRY(base_file_read(&png, &bytes, e->picture));
    base_put_int(&image, IMAGE_HEIGHT, size[1]);
    base_put_int(&image, IMAGE_WIDTH, size[0]);
    base_put_int(&image, IMAGE_COLOURS, 3);
    base_put_bytes(&image, IMAGE_PNG, png, bytes);
    base_put_text(&value, VALUE_TAG, tag);
    base_put_inside(&value, VALUE_IMAGE, &image);
    free(png); /* its bytes are in the message */
    return put_value(e, step, &value);
}

/* Numbers that are not finite are in no bin. */
static int put_histogram(alx_events *e, size_t step, const char *tag, const float *values,
                         size_t count)
{
    double least = INFINITY, most = -INFINITY, sum = 0.0, squares = 0.0, finite = 0.0;
    double limits[BINS], bins[BINS] = { 0.0 };
    base_message value = { 0 }, histogram = { 0 };

    for (size_t i = 0; i < count; ++i) {
        if (!isfinite(values[i]))
            continue;
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
        sum += values[i];
        squares += (double)values[i] * values[i];
        finite += 1.0;
    }
    if (finite == 0.0)
        return 0;
    const double width = most > least ? (most - least) / BINS : 1.0;

    for (int b = 0; b < BINS; ++b)
        limits[b] = least + width * (b + 1);
    for (size_t i = 0; i < count; ++i) {
        const double bin = floor((values[i] - least) / width);

        if (isfinite(values[i]))
            bins[bin < BINS ? (size_t)bin : BINS - 1] += 1.0;
    }
    report_put_double(&histogram, HISTOGRAM_MIN, least);
    report_put_double(&histogram, HISTOGRAM_MAX, most);
    report_put_double(&histogram, HISTOGRAM_COUNT, finite);
    report_put_double(&histogram, HISTOGRAM_SUM, sum);
    report_put_double(&histogram, HISTOGRAM_SQUARES, squares);
    report_put_doubles(&histogram, HISTOGRAM_LIMITS, limits, BINS);
    report_put_doubles(&histogram, HISTOGRAM_BINS, bins, BINS);
    base_put_text(&value, VALUE_TAG, tag);
    base_put_inside(&value, VALUE_HISTOGRAM, &histogram);
    return put_value(e, step, &value);
}

/* ---- a file ---------------------------------------------------------------------------------- */

/* What an earlier file tells of this step and later ones counts no more: of a run that was killed
 * there, or of another that wrote into the folder. */
static int begin_file(alx_events *e, size_t step)
{
    char name[128], host[64] = "";
    base_message event, session = { 0 };
    int fd = -1;

    if (gethostname(host, sizeof host - 1) != 0 || strchr(host, '/') != NULL)
        host[0] = '\0';
    snprintf(name, sizeof name, "events.out.tfevents.%010lld.%s.%ld", (long long)time(NULL), host,
             (long)getpid());
    TRY(base_path_in(e->path, e->folder, name));
    TRY(base_open_output(&fd, e->path, O_WRONLY | O_APPEND | O_CREAT));
    e->file = fdopen(fd, "ab");
    if (e->file == NULL) {
        close(fd);
        return alx_fail(ALX_E_MEMORY, "%s: %s", e->path, strerror(errno));
    }
    event = event_begin(0);
    base_put_text(&event, EVENT_FILE_VERSION, "brain.Event:2");
    TRY(report_put_record(e->file, &event));
    event = event_begin(step);
    base_put_int(&session, SESSION_STATUS, SESSION_START);
    base_put_inside(&event, EVENT_SESSION, &session);
    return report_put_record(e->file, &event);
}

static double share(size_t count, const alx_score *score)
{
    return score->images > 0 ? (double)count / (double)score->images : 0.0;
}

static int put_scores(alx_events *e, const alx_epoch_metrics *m)
{
    const struct {
        const char *tag;
        double value;
        bool missing;
    } rows[] = {
        { "loss/train", m->train.loss, false },
        { "top-1/train", share(m->train.top1, &m->train), false },
        { "top-5/train", share(m->train.top5, &m->train), false },
        { "loss/validation", m->validation.loss, m->validation.images == 0 },
        { "top-1/validation", share(m->validation.top1, &m->validation),
          m->validation.images == 0 },
        { "top-5/validation", share(m->validation.top5, &m->validation),
          m->validation.images == 0 },
        { "run/epoch", (double)m->epoch, false },
        { "run/learning rate", m->lr, false },
        { "run/gradient norm", m->grad_norm, false },
        { "run/images a second", m->images_s, false },
        { "run/share of time waiting for images", m->wait_share, false },
    };

    for (size_t i = 0; i < ALX_COUNT(rows); ++i)
        if (!rows[i].missing)
            TRY(put_scalar(e, m->step, rows[i].tag, rows[i].value));
    return 0;
}

static int put_parameter(alx_events *e, alx_net *net, size_t index, const alx_param_info *info,
                         size_t step)
{
    const alx_net_config *config = alx_graph_config(alx_net_graph(net));
    const alx_layer_config *layer = &config->layers[info->layer];
    const bool filters = info->layer == 0 && !info->bias && info->dim_count == 4 &&
                         info->dims[1] == 3 && info->dims[2] == info->dims[3];
    float *values = NULL;
    int rc = 0;

    if (!filters && !e->histograms)
        return 0;
    values = malloc(info->count * sizeof *values);
    if (values == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %s", info->name);
    TRY_DONE(alx_net_get_param(net, index, ALX_PARAM_VALUE, values));
    if (filters) {
        const int scale = layer->kernel < TILE_PIXELS ? TILE_PIXELS / layer->kernel : 1;

        int size[2];

        TRY_DONE(alx_plot_filters(e->picture, size, values, layer->outputs, layer->kernel,
                                  config->towers, scale));
        TRY_DONE(put_picture(e, step, layer->name, size));
    }
    if (e->histograms) {
        char tag[sizeof info->name], *dot = NULL;

        snprintf(tag, sizeof tag, "%s", info->name);
        dot = strchr(tag, '.');
        if (dot != NULL)
            *dot = '/'; /* what is before it is a section of the page */
        TRY_DONE(put_histogram(e, step, tag, values, info->count));
    }
done:
    free(values);
    return rc;
}

int alx_events_epoch(alx_events *e, alx_net *net, const alx_epoch_metrics *m)
{
    size_t count = 0;
    const alx_param_info *params = alx_graph_params(alx_net_graph(net), &count);

    if (e->file == NULL)
        TRY(begin_file(e, m->step));
    TRY(put_scores(e, m));
    for (size_t i = 0; i < count; ++i)
        TRY(put_parameter(e, net, i, &params[i], m->step));
    if (fflush(e->file) != 0 || ferror(e->file) != 0)
        return alx_fail(ALX_E_IO, "%s: write failed: %s", e->path, strerror(errno));
    return 0;
}
