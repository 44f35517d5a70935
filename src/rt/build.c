/* build.c - collects the programs of a step and builds them side by side. */
#include "rt/runtime.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BUILDERS 8
/* With fewer programs to compile, processes that do it are not worth their start. */
#define COMPILERS_FROM 4

/* What the builders and the waiting caller share, under `lock`. */
typedef struct build_job {
    alx_device *dev;
    alx_program *next; /* the next one to look at */
    int built;
    int rc;              /* first failure */
    char message[8192];  /* its text: alx_fail's record belongs to the builder's thread */
    int builders;        /* still running */
    bool compilers;      /* processes compile */
    pthread_mutex_t lock;
    pthread_cond_t changed;
} build_job;

void alx_device_collect(alx_device *dev, bool on)
{
    dev->collecting = on;
}

bool alx_device_collecting(const alx_device *dev)
{
    return dev->collecting;
}

static bool program_waits(const alx_program *program)
{
    return program->noted && program->cl == NULL;
}

/* The next program that nobody builds, or NULL when done or failed. */
static alx_program *job_take(build_job *job)
{
    alx_program *program;

    while (job->next != NULL && !program_waits(job->next))
        job->next = job->next->next;
    program = job->rc == 0 ? job->next : NULL;
    if (program != NULL)
        job->next = program->next;
    return program;
}

static void *builder_run(void *argument)
{
    build_job *job = argument;
    alx_compiler compiler = { 0 };
    alx_program *program;

    pthread_mutex_lock(&job->lock);
    while ((program = job_take(job)) != NULL) {
        pthread_mutex_unlock(&job->lock);
        if (job->compilers && !alx_program_cached(job->dev, program))
            alx_compiler_build(&compiler, job->dev, program);
        const int rc = alx_program_build(job->dev, program);

        pthread_mutex_lock(&job->lock);
        if (rc == 0) {
            ++job->built;
        } else if (job->rc == 0) {
            job->rc = rc;
            snprintf(job->message, sizeof job->message, "%s", alx_status_text(rc));
        }
        pthread_cond_signal(&job->changed);
    }
    --job->builders;
    pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&job->lock);
    alx_compiler_stop(&compiler);
    return NULL;
}

static void job_wait(build_job *job, int total, void (*progress)(int built, int total))
{
    int shown = 0;

    pthread_mutex_lock(&job->lock);
    while (job->builders > 0 || shown < job->built) {
        if (shown == job->built)
            pthread_cond_wait(&job->changed, &job->lock);
        if (shown == job->built)
            continue;
        shown = job->built;
        pthread_mutex_unlock(&job->lock);
        if (progress != NULL)
            progress(shown, total);
        pthread_mutex_lock(&job->lock);
    }
    pthread_mutex_unlock(&job->lock);
}

static int job_total(const alx_device *dev)
{
    int total = 0;

    for (const alx_program *program = dev->programs; program != NULL; program = program->next)
        total += program_waits(program);
    return total;
}

static bool compilers_wanted(const alx_device *dev)
{
    int uncached = 0;

    if (!alx_compilers_help(dev))
        return false;
    for (const alx_program *program = dev->programs; program != NULL; program = program->next)
        uncached += program_waits(program) && !alx_program_cached(dev, program);
    return uncached >= COMPILERS_FROM;
}

/* Oclgrind's compiler (21.10) crashes where two threads build at once: Clang's option tables, which
 * it fills for every build, belong to the process. */
static int builders_wanted(const alx_device *dev, int total)
{
    const int most = strstr(dev->info.platform, "Oclgrind") != NULL ? 1 : MAX_BUILDERS;
    const int cpus = alx_cpu_count(), wanted = cpus < most ? cpus : most;

    return total < wanted ? total : wanted;
}

int alx_device_build(alx_device *dev, void (*progress)(int built, int total))
{
    const int total = job_total(dev), wanted = builders_wanted(dev, total);
    int started = 0;
    pthread_t threads[MAX_BUILDERS];
    build_job job = { .dev = dev, .next = dev->programs, .compilers = compilers_wanted(dev) };

    dev->collecting = false;
    pthread_mutex_init(&job.lock, NULL);
    pthread_cond_init(&job.changed, NULL);
    pthread_mutex_lock(&job.lock);
    while (started < wanted &&
           pthread_create(&threads[started], NULL, builder_run, &job) == 0)
        ++started;
    job.builders = started;
    pthread_mutex_unlock(&job.lock);
    job_wait(&job, total, progress);
    for (int i = 0; i < started; ++i)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&job.changed);
    pthread_mutex_destroy(&job.lock);
    if (job.rc != 0)
        return alx_fail(job.rc, "%s", job.message);
    if (started == 0 && total > 0)
        return alx_fail(ALX_E_MEMORY, "no thread could be started to build the kernels");
    return 0;
}
