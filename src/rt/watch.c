/* watch.c - notices that the host has waited too long for a device. */
#include "rt/runtime.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define POLL_NS 100000000L

/* One host thread waits at a time. */
static _Atomic double waiting_since; /* alx_seconds, 0 = does not wait */
static const alx_device *_Atomic waiting_for;

static struct {
    double seconds;
    alx_on_hang *on_hang;
    atomic_bool stop;
    bool running;
    pthread_t thread;
} watch;

void alx_wait_begin(const alx_device *dev)
{
    waiting_for = dev;
    waiting_since = alx_seconds();
}

void alx_wait_end(void)
{
    waiting_since = 0.0;
}

static void *watch_run(void *argument)
{
    const struct timespec pause = { 0, POLL_NS };

    (void)argument;
    while (!watch.stop) {
        const double since = waiting_since, waited = alx_seconds() - since;

        if (since > 0.0 && waited > watch.seconds)
            watch.on_hang(&waiting_for->info, waited);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int alx_watch_start(double seconds, alx_on_hang *on_hang)
{
    watch.seconds = seconds;
    watch.on_hang = on_hang;
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
