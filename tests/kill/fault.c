/* fault.c - loaded before all others (LD_PRELOAD) by `faults`. Fails one allocation of those that
 * the program and some libraries make, and says at the end which files of a folder are open.
 *
 *     FAULT_MODULES   "alexnet:libcjson": how the names of what counts begin
 *     FAULT_SITE      "alexnet+4f2a": the place in the code; unset: all places together
 *     FAULT_MALLOC    which of the allocations there fails, from 1; unset: none
 *     FAULT_FOLDER    whose open files are listed at the end
 *     FAULT_REPORT    file for the lines "site PLACE COUNT" and "open PATH" */
#define _GNU_SOURCE /* RTLD_NEXT, dl_iterate_phdr */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define MOST_SITES 4096
#define MOST_CODES 64

/* A place in the code that allocates. */
typedef struct fault_site {
    char name[64];
    long count;
} fault_site;

/* The code of a program or library that counts. */
typedef struct fault_code {
    char module[40];
    uintptr_t base, start;
    size_t bytes;
} fault_code;

static fault_code codes[MOST_CODES];
static size_t code_count;
static fault_site sites[MOST_SITES];
static size_t site_count;
static long fails_at, made;
static const char *modules, *wanted_site;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- allocations ----------------------------------------------------------------------------- */

static bool module_counts(const char *name)
{
    for (const char *module = modules; *module != '\0';) {
        const size_t length = strcspn(module, ":");

        if (strncmp(name, module, length) == 0)
            return true;
        module += length + (module[length] == ':');
    }
    return false;
}

static fault_site *find_site(const char *name)
{
    size_t i = 0;

    while (i < site_count && strcmp(sites[i].name, name) != 0)
        ++i;
    if (i == site_count && site_count < MOST_SITES - 1)
        snprintf(sites[site_count++].name, sizeof sites[i].name, "%s", name);
    return &sites[i];
}

/* How often the place has allocated now, or all of them together. */
static long count_allocation(const char *name)
{
    long number = 0;

    pthread_mutex_lock(&lock);
    fault_site *site = find_site(name);

    ++site->count;
    if (wanted_site == NULL)
        number = ++made;
    else if (strcmp(wanted_site, name) == 0)
        number = site->count;
    pthread_mutex_unlock(&lock);
    return number;
}

/* The code of what counts that `caller` lies in, or NULL. */
static const fault_code *find_code(uintptr_t caller)
{
    for (size_t i = 0; i < code_count; ++i)
        if (caller - codes[i].start < codes[i].bytes)
            return &codes[i];
    return NULL;
}

/* Whether the allocation that `return_address` wants is the one to fail. */
static bool strikes(const void *return_address)
{
    static _Thread_local bool within; /* snprintf may allocate */
    const uintptr_t caller = (uintptr_t)return_address;
    const fault_code *code = within ? NULL : find_code(caller);
    char name[64];

    if (code == NULL)
        return false;
    within = true;
    snprintf(name, sizeof name, "%s+%lx", code->module, (unsigned long)(caller - code->base));
    const bool strike = count_allocation(name) == fails_at;

    within = false;
    if (strike)
        errno = ENOMEM;
    return strike;
}

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);

void *malloc(size_t bytes)
{
    return strikes(__builtin_return_address(0)) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return strikes(__builtin_return_address(0)) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return strikes(__builtin_return_address(0)) ? NULL : __libc_realloc(block, bytes);
}

char *strndup(const char *text, size_t most)
{
    const size_t length = strnlen(text, most);
    char *copy = strikes(__builtin_return_address(0)) ? NULL : __libc_malloc(length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *strdup(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = strikes(__builtin_return_address(0)) ? NULL : __libc_malloc(bytes);

    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

FILE *fopen(const char *path, const char *mode)
{
    return strikes(__builtin_return_address(0)) ? NULL : REAL(fopen)(path, mode);
}

/* ---- begin and end --------------------------------------------------------------------------- */

/* Of those loaded now: an OpenCL implementation, which comes later, never counts. */
static int add_codes(struct dl_phdr_info *info, size_t bytes, void *user)
{
    const char *path = info->dlpi_name[0] != '\0' ? info->dlpi_name : program_invocation_name;
    const char *slash = strrchr(path, '/'), *module = slash != NULL ? slash + 1 : path;

    (void)bytes;
    (void)user;
    for (int i = 0; module_counts(module) && i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 || code_count == MOST_CODES)
            continue;
        fault_code *code = &codes[code_count++];

        snprintf(code->module, sizeof code->module, "%s", module);
        code->base = info->dlpi_addr;
        code->start = info->dlpi_addr + part->p_vaddr;
        code->bytes = part->p_memsz;
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("FAULT_MALLOC");

    fails_at = number != NULL ? atol(number) : 0;
    wanted_site = getenv("FAULT_SITE");
    modules = getenv("FAULT_MODULES");
    if (modules != NULL)
        dl_iterate_phdr(add_codes, NULL);
}

static void list_open(FILE *report, const char *folder)
{
    DIR *dir = opendir("/proc/self/fd");

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char target[PATH_MAX];
        const ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof target - 1);

        if (length > 0 && (size_t)length >= strlen(folder) &&
            strncmp(target, folder, strlen(folder)) == 0)
            fprintf(report, "open %.*s\n", (int)length, target);
    }
    if (dir != NULL)
        closedir(dir);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAULT_REPORT"), *folder = getenv("FAULT_FOLDER");

    code_count = 0;
    FILE *report = path != NULL ? REAL(fopen)(path, "w") : NULL;

    if (report == NULL)
        return;
    for (size_t i = 0; i < site_count; ++i)
        fprintf(report, "site %s %ld\n", sites[i].name, sites[i].count);
    if (folder != NULL)
        list_open(report, folder);
    fclose(report);
}
