/* test_folder_lock.c - a folder is one process's at a time, whatever becomes of that process. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder_lock.h"
#include "support/folder.h"
#include "support/test.h"

static const char *lock_path(void)
{
    return test_folder_path(&test_own_folder, ".lock");
}

static base_folder_lock *take(void)
{
    base_folder_lock *lock = NULL;

    assert_ok(base_folder_lock_take(&lock, test_own_folder.path, "trains"));
    return lock;
}

static void assert_refused(pid_t holder)
{
    base_folder_lock *lock = NULL;
    char who[64];

    snprintf(who, sizeof who, "another process trains there (pid %ld on ", (long)holder);
    assert_int_equal(base_folder_lock_take(&lock, test_own_folder.path, "trains"), ALX_E_IO);
    assert_null(lock);
    if (strstr(alx_status_text(ALX_E_IO), who) == NULL)
        fail_msg("no \"%s\" in: %s", who, alx_status_text(ALX_E_IO));
}

/* A process that takes the lock, says so, and waits to be killed; meanwhile it runs a `program`, as
 * the kernels' compilers are, unless that is NULL. */
static pid_t start_holder(pid_t *program)
{
    int ready[2];

    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        base_folder_lock *lock = NULL;
        const int rc = base_folder_lock_take(&lock, test_own_folder.path, "trains");
        pid_t started = program != NULL ? fork() : 0;

        if (program != NULL && started == 0)
            execlp("sleep", "sleep", "1000", (char *)NULL);
        if (rc == 0 && write(ready[1], &started, sizeof started) == sizeof started)
            pause();
        _exit(1);
    }
    pid_t number = 0;

    close(ready[1]);
    assert_int_equal(read(ready[0], &number, sizeof number), sizeof number);
    close(ready[0]);
    if (program != NULL)
        *program = number;
    return child;
}

static void kill_and_wait(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void the_second_is_refused_and_told_who(void **state)
{
    const pid_t child = start_holder(NULL);

    (void)state;
    assert_refused(child);
    kill_and_wait(child);
}

static void a_killed_holder_is_no_obstacle(void **state)
{
    kill_and_wait(start_holder(NULL));

    (void)state;
    assert_true(base_file_exists(lock_path()));
    base_folder_lock_free(take());
    assert_false(base_file_exists(lock_path()));
}

static void two_users_in_one_process_are_two(void **state)
{
    base_folder_lock *first = take();

    (void)state;
    assert_refused(getpid());
    assert_refused(getpid()); /* the refused one has not let go of the first one's */
    base_folder_lock_free(first);
    base_folder_lock_free(take());
}

/* It may outlive who started it. */
static void a_program_started_meanwhile_does_not_hold_it(void **state)
{
    const struct timespec pause = { .tv_nsec = 10000000 };
    base_folder_lock *lock = NULL;
    pid_t program = 0;

    (void)state;
    kill_and_wait(start_holder(&program));
    for (int tries = 0; lock == NULL && tries < 1000; ++tries) { /* until it is that program */
        const int rc = base_folder_lock_take(&lock, test_own_folder.path, "trains");

        assert_true(rc == 0 || rc == ALX_E_IO);
        nanosleep(&pause, NULL);
    }
    assert_int_equal(kill(program, SIGKILL), 0); /* it runs still */
    assert_non_null(lock);
    base_folder_lock_free(lock);
}

static void a_folder_that_is_not_there(void **state)
{
    base_folder_lock *lock = NULL;

    (void)state;
    assert_int_equal(
        base_folder_lock_take(&lock, test_folder_path(&test_own_folder, "none"), "trains"),
        ALX_E_IO);
    assert_null(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_is_refused_and_told_who),
        cmocka_unit_test(a_killed_holder_is_no_obstacle),
        cmocka_unit_test(two_users_in_one_process_are_two),
        cmocka_unit_test(a_program_started_meanwhile_does_not_hold_it),
        cmocka_unit_test(a_folder_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, test_own_folder_make, test_own_folder_remove);
}
