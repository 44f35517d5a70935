/* watch.c - notices that the host has waited too long for a device. */
#include "rt/watch/watch.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "rt/device.h"

#define POLL_SECONDS 0.1
/* What passes between two looks counts for no more: the rest is the process's own pause, stopped
 * (SIGSTOP, a debugger, a frozen container) or asleep with the machine. */
#define MOST_SECONDS (2.5 * POLL_SECONDS)

/* One host thread waits at a time. */
static _Atomic unsigned waits;                /* begun so far */
static const alx_device *_Atomic waiting_for; /* NULL = does not wait */

static struct {
    double seconds;
    alx_on_hang *on_hang;
    void *user;
    atomic_bool stop;
    bool running;
    pthread_t thread;
} watch;

void rt_wait_begin(const alx_device *dev)
{
    ++waits;
    waiting_for = dev;
}

void rt_wait_end(void)
{
    waiting_for = NULL;
}

static void *watch_run(void *argument)
{
    const struct timespec pause = { 0, (long)(1e9 * POLL_SECONDS) };
    double last = base_seconds(), waited = 0.0;
    unsigned wait = 0;

    (void)argument;
    while (!watch.stop) {
        const double now = base_seconds();
        const unsigned begun = waits;
        const alx_device *dev = waiting_for;

        waited = dev != NULL && begun == wait ? waited + fmin(now - last, MOST_SECONDS) : 0.0;
        wait = begun;
        last = now;
        if (waited > watch.seconds)
            watch.on_hang(&dev->info, waited, watch.user);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int alx_watch_start(double seconds, alx_on_hang *on_hang, void *user)
{
    watch.seconds = seconds;
    watch.on_hang = on_hang;
    watch.user = user;
    watch.stop = false;
    if (pthread_create(&watch.thread, NULL, watch_run, NULL) != 0)
        return alx_fail(ALX_E_MEMORY, "no thread could be started to watch the devices");
    watch.running = true;
    return 0;
}

void alx_watch_stop(void)
{
    if (!watch.running)
        return;
    watch.stop = true;
    pthread_join(watch.thread, NULL);
    watch.running = false;
}
