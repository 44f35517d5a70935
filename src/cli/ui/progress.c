/* progress.c - progress bar, redrawn at most ten times a second; plain lines where stderr is not a
 * terminal. Messages of the log wipe the bar first, the next step draws it again. */
#include "cli/ui/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/eta.h"
#include "base/format.h"
#include "cli/ui/output.h"

#define REDRAW_SECONDS 0.1
#define PLAIN_SECONDS 5.0 /* between plain lines about tasks */
#define BAR_MIN 8
#define BAR_MAX 30
#define CLEAR_LINE "\r\033[K"

typedef enum { HOW_AUTO, HOW_BAR, HOW_PLAIN, HOW_NONE } progress_how;

static const char *const how_names[] = { "auto", "bar", "plain", "none" };

static struct {
    progress_how how;
    size_t log_every;
    double drawn_at;      /* seconds of the last redraw */
    base_eta eta;         /* of batches */
    bool build_announced; /* plain: the line about kernels is out */
} display = { .how = HOW_NONE };

static void clear_line(void)
{
    fputs(CLEAR_LINE, stderr);
}

static void log_over_bar(enum alx_log_level level, const char *text, void *user)
{
    clear_line();
    cli_log(level, text, user);
}

/* ---- start and stop ------------------------------------------------------------------------ */

static bool terminal_takes_bars(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

#define FIELD(name) .offset = offsetof(cli_progress_options, name)

const cli_option cli_progress_row[] = {
    { "progress", "HOW",
      "auto (a bar on a terminal, else plain), bar, plain (a line now and then), none", CLI_TEXT,
      FIELD(progress) },
    CLI_END,
};

const cli_option cli_log_every_row[] = {
    { "log-every", "N", "steps between two lines of plain progress; default 50", CLI_INT,
      FIELD(log_every) },
    CLI_END,
};

int cli_progress_start(const cli_progress_options *options)
{
    const cli_progress_options given = options != NULL ? *options : (cli_progress_options){ 0 };
    const char *wanted = given.progress != NULL ? given.progress : how_names[HOW_AUTO];
    size_t how = 0;

    while (how < ALX_COUNT(how_names) && strcmp(how_names[how], wanted) != 0)
        ++how;
    if (how == ALX_COUNT(how_names))
        return alx_fail(ALX_E_USAGE, "--progress: '%s' is none of auto, bar, plain, none", wanted);
    display.how = (progress_how)how;
    if (display.how == HOW_AUTO)
        display.how = terminal_takes_bars() ? HOW_BAR : HOW_PLAIN;
    if (alx_log_get_level() < ALX_LOG_INFO && given.progress == NULL)
        display.how = HOW_NONE;
    display.log_every = given.log_every > 0 ? (size_t)given.log_every : 50;
    display.drawn_at = -REDRAW_SECONDS;
    display.build_announced = false;
    display.eta = (base_eta){ 0 };
    if (display.how == HOW_BAR)
        alx_log_set_sink(log_over_bar, NULL);
    return 0;
}

void cli_progress_wipe(void)
{
    if (display.how == HOW_BAR)
        clear_line();
}

void cli_progress_stop(void)
{
    cli_progress_wipe();
    alx_log_set_sink(cli_log, NULL);
    display.how = HOW_NONE;
}

/* ---- drawing ------------------------------------------------------------------------------- */

int cli_progress_columns(void)
{
    return cli_columns(STDERR_FILENO, 80);
}

/* True once in so many seconds. */
static bool is_due(double seconds)
{
    const double now = base_seconds();

    if (now - display.drawn_at < seconds)
        return false;
    display.drawn_at = now;
    return true;
}

/* "label [=====>    ] 12/40  fields"; one call, so that no other thread's message splits it. */
static void draw_bar(const char *label, size_t done, size_t total, const char *fields)
{
    char bar[BAR_MAX + 1], line[512];
    const int columns = cli_progress_columns() - 1;
    const int rest = snprintf(line, sizeof line, "%s [] %zu/%zu%s", label, done, total, fields);
    int width = columns - rest;

    if (width > BAR_MAX)
        width = BAR_MAX;
    if (width < BAR_MIN) {
        snprintf(line, sizeof line, "%s %zu/%zu%s", label, done, total, fields);
    } else {
        const int filled = total > 0 ? (int)((size_t)width * done / total) : 0;

        memset(bar, ' ', (size_t)width);
        memset(bar, '=', (size_t)filled);
        if (filled > 0 && filled < width)
            bar[filled] = '>';
        bar[width] = '\0';
        snprintf(line, sizeof line, "%s [%s] %zu/%zu%s", label, bar, done, total, fields);
    }
    fprintf(stderr, CLEAR_LINE "%.*s", columns, line);
}

#define ETA_BYTES 80

/* "" where it is not known. */
static const char *eta_text(char text[ETA_BYTES], double seconds)
{
    text[0] = '\0';
    if (seconds >= 0.0)
        snprintf(text, ETA_BYTES, "  ETA %s", base_format_clock(seconds).text);
    return text;
}

/* ---- training ------------------------------------------------------------------------------ */

static void step_fields(char *fields, size_t bytes, const alx_progress *p, bool with_wait)
{
    char wait[32] = "", eta[ETA_BYTES];

    if (with_wait)
        snprintf(wait, sizeof wait, "  wait %.0f%%", 100.0 * p->wait_share);
    snprintf(fields, bytes, "  loss %.4f  top-1 %.1f%%  %s images/s%s%s", p->loss, 100.0 * p->top1,
             base_format_rate(p->images_s).text, wait, eta_text(eta, p->eta_seconds));
}

static void draw_step(const alx_progress *p, const char *label)
{
    char fields[160];

    step_fields(fields, sizeof fields, p, true);
    /* 14: a bar of BAR_MIN, its brackets and the spaces between */
    if ((int)(strlen(label) + strlen(fields)) + 14 + 12 > cli_progress_columns())
        step_fields(fields, sizeof fields, p, false);
    draw_bar(label, p->step, p->steps, fields);
}

void cli_progress_step(const alx_progress *p, void *user)
{
    char label[64], fields[160];

    (void)user;
    snprintf(label, sizeof label, "epoch %zu/%zu", p->epoch, p->epochs);
    if (display.how == HOW_BAR && is_due(REDRAW_SECONDS)) {
        if (p->validating)
            draw_bar(strcat(label, " validation"), p->step, p->steps, "");
        else
            draw_step(p, label);
    } else if (display.how == HOW_PLAIN && !p->validating && p->step % display.log_every == 0) {
        step_fields(fields, sizeof fields, p, true);
        alx_info("%s  step %zu/%zu%s", label, p->step, p->steps, fields);
    }
}

/* ---- kernels and evaluation ------------------------------------------------------------------ */

void cli_progress_build(int built, int total, void *user)
{
    (void)user;
    if (display.how == HOW_PLAIN && !display.build_announced && total > 0) {
        alx_info("building %d kernels", total);
        display.build_announced = true;
    }
    if (display.how != HOW_BAR)
        return;
    if (built == total) {
        clear_line();
        display.drawn_at = -REDRAW_SECONDS; /* the next bar shows at once, however short its life */
    } else if (is_due(REDRAW_SECONDS)) {
        draw_bar("building kernels", (size_t)built, (size_t)total, "");
    }
}

void cli_progress_batch(const char *label, size_t done, size_t total)
{
    const double seconds = base_eta_seconds(&display.eta, done, total, base_seconds());
    char eta[ETA_BYTES];

    if (display.how == HOW_BAR && is_due(REDRAW_SECONDS))
        draw_bar(label, done, total, eta_text(eta, seconds));
    else if (display.how == HOW_PLAIN && done % display.log_every == 0)
        alx_info("%s %zu/%zu%s", label, done, total, eta_text(eta, seconds));
}

void cli_progress_task(const char *label, size_t done, size_t total, double eta_seconds, void *user)
{
    char eta[ETA_BYTES];

    (void)user;
    if (display.how == HOW_BAR)
        draw_bar(label, done, total, eta_text(eta, eta_seconds));
    else if (display.how == HOW_PLAIN && is_due(PLAIN_SECONDS))
        alx_info("%zu/%zu  %s%s", done, total, label, eta_text(eta, eta_seconds));
}
