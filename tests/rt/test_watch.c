/* test_watch.c - the host's wait for a device: what counts and what does not. */
#include "support/test.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rt/device.h"

#define LIMIT 2.0
#define STOPPED 4

static _Atomic double heard; /* seconds of the first report, 0 = none yet */

static void on_hang(const alx_device_info *device, double seconds, void *user)
{
    assert_ptr_equal(user, &heard);
    assert_int_equal(device->index, 7);
    if (heard <= 0.0)
        heard = seconds;
}

/* Stops this process as SIGSTOP from a terminal or a batch system does. */
static void stop_for_a_while(void)
{
    const pid_t parent = getpid(), child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        kill(parent, SIGSTOP);
        sleep(STOPPED);
        kill(parent, SIGCONT);
        _exit(0);
    }
    while (waitpid(child, NULL, 0) != child)
        ; /* interrupted */
}

static void pauses_of_the_process_do_not_count(void **state)
{
    const alx_device dev = { .info = { .index = 7 } };
    const struct timespec moment = { 0, 50000000L };

    (void)state;
    assert_ok(alx_watch_start(LIMIT, on_hang, (void *)&heard));
    rt_wait_begin(&dev);
    stop_for_a_while();
    nanosleep(&moment, NULL);
    nanosleep(&moment, NULL);
    nanosleep(&moment, NULL); /* the watch has looked since */
    assert_true(heard <= 0.0);
    while (heard <= 0.0) /* but a device that hangs is noticed */
        nanosleep(&moment, NULL);
    assert_true(heard >= LIMIT && heard < LIMIT + STOPPED);
    rt_wait_end();
    alx_watch_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pauses_of_the_process_do_not_count) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
