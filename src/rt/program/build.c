/* build.c - collects the programs of a step and builds them side by side; stops when asked to,
 * although OpenCL has no call that ends a build. */
#include "rt/program/program.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/cpus.h"
#include "rt/device.h"

#define MAX_BUILDERS 8
#define POLL_NS 100000000L
#define LEAVE_SECONDS 0.5 /* for builders to end by themselves once the caller is asked to stop */
/* With fewer programs to compile, processes that do it are not worth their start. */
#define COMPILERS_FROM 4

/* What the builders and the waiting caller share, under `lock`; freed by the last of them. */
typedef struct build_job {
    alx_device *dev;
    rt_program *next; /* the next one to look at */
    bool only;        /* and no other */
    int built;
    int rc;             /* first failure */
    char message[8192]; /* its text: alx_fail's record belongs to the builder's thread */
    pthread_t threads[MAX_BUILDERS];
    int started, builders;        /* of them; still running */
    bool left;                    /* the caller no longer waits */
    bool compilers;               /* processes compile */
    pid_t compiler[MAX_BUILDERS]; /* at work; 0 = none */
    pthread_mutex_t lock;
    pthread_cond_t changed;
} build_job;

/* A builder's own. */
typedef struct builder {
    build_job *job;
    int number;
} builder;

static const volatile int *stop_flag;

void alx_builds_stop_at(const volatile int *interrupt)
{
    stop_flag = interrupt;
}

void alx_device_collect(alx_device *dev, bool on)
{
    dev->collecting = on;
}

bool alx_device_collecting(const alx_device *dev)
{
    return dev->collecting;
}

static bool program_waits(const rt_program *program)
{
    return program->noted && program->cl == NULL;
}

/* The next program that nobody builds, or NULL when done or failed. */
static rt_program *job_take(build_job *job)
{
    rt_program *program;

    while (job->next != NULL && !program_waits(job->next))
        job->next = job->next->next;
    program = job->rc == 0 ? job->next : NULL;
    if (program != NULL)
        job->next = job->only ? NULL : program->next;
    return program;
}

static void job_fail(build_job *job, int rc)
{
    if (job->rc != 0)
        return;
    job->rc = rc;
    snprintf(job->message, sizeof job->message, "%s", alx_status_text(rc));
}

static void job_free(build_job *job)
{
    pthread_cond_destroy(&job->changed);
    pthread_mutex_destroy(&job->lock);
    free(job);
}

/* ---- builders ------------------------------------------------------------------------------ */

/* Lock held, but while a process compiles. @return false once the job has failed */
static bool builder_compile(const builder *self, rt_compiler *compiler, rt_program *program)
{
    build_job *job = self->job;

    rt_compiler_start(compiler, job->dev);
    job->compiler[self->number] = compiler->socket != 0 ? compiler->pid : 0;
    pthread_mutex_unlock(&job->lock);
    const bool works = rt_compiler_build(compiler, job->dev, program);

    pthread_mutex_lock(&job->lock);
    job->compiler[self->number] = 0; /* once it is waited for, its number may be another's */
    pthread_mutex_unlock(&job->lock);
    if (!works)
        rt_compiler_stop(compiler);
    pthread_mutex_lock(&job->lock);
    return job->rc == 0;
}

static void builder_build(const builder *self, rt_compiler *compiler, rt_program *program)
{
    build_job *job = self->job;
    int rc = 0;

    if (job->compilers && !rt_program_cached(job->dev, program) &&
        !builder_compile(self, compiler, program))
        return;
    pthread_mutex_unlock(&job->lock);
    rc = rt_program_build(job->dev, program);
    pthread_mutex_lock(&job->lock);
    if (rc == 0)
        ++job->built;
    else
        job_fail(job, rc);
    pthread_cond_signal(&job->changed);
}

static void *builder_run(void *argument)
{
    builder *self = argument;
    build_job *job = self->job;
    rt_compiler compiler = { 0 };
    rt_program *program;

    pthread_mutex_lock(&job->lock);
    while ((program = job_take(job)) != NULL)
        builder_build(self, &compiler, program);
    pthread_mutex_unlock(&job->lock);
    rt_compiler_stop(&compiler);
    free(self);

    pthread_mutex_lock(&job->lock);
    const bool last = --job->builders == 0 && job->left;

    pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&job->lock);
    if (last)
        job_free(job);
    return NULL;
}

static void job_start(build_job *job, int wanted)
{
    pthread_mutex_lock(&job->lock);
    while (job->started < wanted) {
        builder *self = malloc(sizeof *self);

        if (self == NULL)
            break;
        *self = (builder){ job, job->started };
        if (pthread_create(&job->threads[job->started], NULL, builder_run, self) != 0) {
            free(self);
            break;
        }
        ++job->started;
    }
    job->builders = job->started;
    pthread_mutex_unlock(&job->lock);
}

/* ---- the caller ---------------------------------------------------------------------------- */

/* Lock held: until something changes, or it is time to look at the flag. */
static void job_pause(build_job *job)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += POLL_NS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&job->changed, &job->lock, &until);
}

/* Lock held. Processes end when they are told to; who builds in this one has some time. */
static void job_stop(build_job *job, double *deadline)
{
    if (*deadline == 0.0) {
        *deadline = base_seconds() + LEAVE_SECONDS;
        job_fail(job, alx_fail(ALX_E_INTERRUPTED, "interrupted while kernels were built"));
    }
    for (int i = 0; i < MAX_BUILDERS; ++i)
        if (job->compiler[i] > 0)
            kill(job->compiler[i], SIGTERM);
}

/* Until the builders have ended, or are left to themselves; @return whether they have ended */
static bool job_wait(build_job *job, int total, alx_on_build *on_build, void *user)
{
    double deadline = 0.0;
    int shown = 0;

    pthread_mutex_lock(&job->lock);
    while (job->builders > 0 || shown < job->built) {
        if (stop_flag != NULL && *stop_flag != 0)
            job_stop(job, &deadline);
        if (deadline > 0.0 && base_seconds() > deadline)
            break;
        if (shown == job->built) {
            job_pause(job);
            continue;
        }
        shown = job->built;
        pthread_mutex_unlock(&job->lock);
        if (on_build != NULL)
            on_build(shown, total, user);
        pthread_mutex_lock(&job->lock);
    }
    const bool ended = job->builders == 0;

    job->left = !ended;
    for (int i = 0; i < job->started && !ended; ++i) /* it is theirs when the lock is given up */
        pthread_detach(job->threads[i]);
    pthread_mutex_unlock(&job->lock);
    return ended;
}

static int job_total(const alx_device *dev)
{
    int total = 0;

    for (const rt_program *program = dev->programs; program != NULL; program = program->next)
        total += program_waits(program);
    return total;
}

static bool compilers_wanted(const alx_device *dev)
{
    int uncached = 0;

    if (!rt_compilers_help(dev))
        return false;
    for (const rt_program *program = dev->programs; program != NULL; program = program->next)
        uncached += program_waits(program) && !rt_program_cached(dev, program);
    return uncached >= COMPILERS_FROM;
}

static int builders_wanted(const alx_device *dev, int total)
{
    const int most = (dev->info.quirks & ALX_QUIRK_FRAGILE_BUILDS) != 0 ? 1 : MAX_BUILDERS;
    const int cpus = base_cpu_count(), wanted = cpus < most ? cpus : most;

    return total < wanted ? total : wanted;
}

/* Frees the job, unless builders still run: then the device is theirs too. */
static int job_end(build_job *job, int total, alx_on_build *on_build, void *user)
{
    alx_device *dev = job->dev;
    int rc = 0;

    if (!job_wait(job, total, on_build, user)) {
        dev->builds_on = true;
        return alx_fail(ALX_E_INTERRUPTED, "interrupted while kernels were built");
    }
    for (int i = 0; i < job->started; ++i)
        pthread_join(job->threads[i], NULL);
    if (job->rc != 0)
        rc = alx_fail(job->rc, "%s", job->message);
    else if (job->started == 0 && total > 0)
        rc = alx_fail(ALX_E_MEMORY, "no thread could be started to build the kernels");
    job_free(job);
    return rc;
}

static int job_run(alx_device *dev, const build_job *what, int total, int wanted,
                   alx_on_build *on_build, void *user)
{
    build_job *job = malloc(sizeof *job);

    if (job == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory to build the kernels");
    *job = *what;
    job->dev = dev;
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->changed, NULL);
    job_start(job, wanted);
    return job_end(job, total, on_build, user);
}

int alx_device_build(alx_device *dev, alx_on_build *on_build, void *user)
{
    const int total = job_total(dev);
    const build_job job = { .next = dev->programs, .compilers = compilers_wanted(dev) };

    dev->collecting = false;
    return job_run(dev, &job, total, builders_wanted(dev, total), on_build, user);
}

int rt_program_build_now(alx_device *dev, rt_program *program)
{
    const build_job job = { .next = program, .only = true };

    if (program->cl != NULL || stop_flag == NULL)
        return rt_program_build(dev, program);
    program->noted = true;
    return job_run(dev, &job, 1, 1, NULL, NULL);
}
