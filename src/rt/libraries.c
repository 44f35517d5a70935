/* libraries.c - the libraries that compute: their versions, and CLBlast's caches, which belong to
 * the process. */
#include "rt/device.h"

#include <clblast_c.h>
#include <pthread.h>

#define STRINGIFY_VALUE(x) #x
#define STRINGIFY(x) STRINGIFY_VALUE(x)

static pthread_mutex_t clblast_mutex = PTHREAD_MUTEX_INITIALIZER;

void rt_clblast_lock(void)
{
    pthread_mutex_lock(&clblast_mutex);
}

void rt_clblast_unlock(void)
{
    pthread_mutex_unlock(&clblast_mutex);
}

const char *alx_rt_libraries(void)
{
    return "CLBlast " STRINGIFY(CLBLAST_VERSION_MAJOR) "." STRINGIFY(
        CLBLAST_VERSION_MINOR) "." STRINGIFY(CLBLAST_VERSION_PATCH) ", OpenCL 1.2";
}

void rt_clblast_forget(void)
{
    rt_clblast_lock();
    CLBlastClearCache();
    rt_clblast_unlock();
}
