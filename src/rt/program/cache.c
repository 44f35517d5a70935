/* cache.c - built programs on disk, keyed by all that shapes them.
 *
 * Off where the driver has its own. So has PoCL, but it preprocesses the source to look a program
 * up, 20 ms each; a binary takes 1 ms. A file is 32 digits of the binary's hash, then the binary:
 * drivers crash on damaged ones, and run what is in them: only this user's and root's are read. */
#include "rt/program/program.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alexnet/log.h"
#include "base/cache_folder.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/trust.h"
#include "rt/device.h"

#define DIGEST_BYTES 32

static bool cache_wanted(const alx_device *dev)
{
    return (dev->info.quirks & ALX_QUIRK_OWN_CACHE) == 0;
}

/* Hash of `count` texts; the NUL between them keeps "ab","c" apart from "a","bc". */
static bool texts_hash(char hex[33], const char *const *texts, size_t count)
{
    base_hash *hash = NULL;

    if (base_hash_create(&hash) != 0)
        return false;
    for (size_t i = 0; i < count; ++i)
        base_hash_update(hash, texts[i], strlen(texts[i]) + 1);
    base_hash_hex(hash, hex);
    base_hash_free(hash);
    return true;
}

static bool cache_file(char path[PATH_MAX], const alx_device *dev, const char *source,
                       const char *options)
{
    const alx_device_info *info = &dev->info;
    char hex[33], name[64], width[32], device[256] = "";
    const char *const key[] = { source,       options,        device,
                                info->driver, info->platform, info->platform_version,
                                width };
    cl_uint floats = 0;

    /* Its own name, which info->name extends for a core: a device and its parts run the same. */
    clGetDeviceInfo(dev->id, CL_DEVICE_NAME, sizeof device, device, NULL);
    /* Two CPUs of one name may differ in their instructions: a home folder is shared. */
    clGetDeviceInfo(dev->id, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof floats, &floats, NULL);
    snprintf(width, sizeof width, "%u floats", (unsigned)floats);
    if (!cache_wanted(dev) || !texts_hash(hex, key, ALX_COUNT(key)))
        return false;
    snprintf(name, sizeof name, "%s.clbin", hex);
    return base_cache_path(path, PATH_MAX, name);
}

static cl_program binary_build(const alx_device *dev, const void *binary, size_t bytes,
                               const char *options)
{
    const unsigned char *data = binary;
    cl_int code = CL_SUCCESS, status = CL_SUCCESS;
    cl_program program = clCreateProgramWithBinary(dev->context->cl, 1, &dev->id, &bytes, &data,
                                                   &status, &code);

    if (program == NULL || code != CL_SUCCESS || status != CL_SUCCESS ||
        clBuildProgram(program, 1, &dev->id, options, NULL, NULL) != CL_SUCCESS) {
        if (program != NULL)
            clReleaseProgram(program);
        return NULL;
    }
    return program;
}

/* A file that is trusted, whole; the caller's (free), or NULL. */
static char *read_trusted(size_t *bytes, const char *path)
{
    const int fd = base_open_trusted(path);
    FILE *file = fd >= 0 ? fdopen(fd, "rb") : NULL;
    struct stat info;
    char *data = NULL;

    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (fstat(fd, &info) == 0 && (data = malloc((size_t)info.st_size + 1)) != NULL)
        *bytes = fread(data, 1, (size_t)info.st_size, file);
    fclose(file);
    return data;
}

cl_program rt_cache_load(const alx_device *dev, const char *source, const char *options)
{
    char path[PATH_MAX], hex[33], *data = NULL;
    size_t bytes = 0;
    cl_program program = NULL;

    if (!cache_file(path, dev, source, options) || (data = read_trusted(&bytes, path)) == NULL)
        return NULL;
    if (bytes > DIGEST_BYTES &&
        base_hash_bytes(hex, data + DIGEST_BYTES, bytes - DIGEST_BYTES) == 0 &&
        memcmp(hex, data, DIGEST_BYTES) == 0)
        program = binary_build(dev, data + DIGEST_BYTES, bytes - DIGEST_BYTES, options);
    free(data);
    return program;
}

/* The program's only binary, the caller's (free), or NULL. */
static unsigned char *program_binary(cl_program program, size_t *bytes)
{
    unsigned char *binary = NULL;
    cl_uint devices = 0;

    /* One-core sub-devices share a context: their programs have a binary for each, mostly empty. */
    if (clGetProgramInfo(program, CL_PROGRAM_NUM_DEVICES, sizeof devices, &devices, NULL) ||
        devices != 1 ||
        clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof *bytes, bytes, NULL) ||
        *bytes == 0)
        return NULL;
    binary = malloc(*bytes);
    if (binary == NULL ||
        clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL)) {
        free(binary);
        return NULL;
    }
    return binary;
}

bool rt_cache_has(const alx_device *dev, const char *source, const char *options)
{
    char path[PATH_MAX];

    return cache_file(path, dev, source, options) && base_path_is_trusted(path);
}

static void binary_store(const char *path, const unsigned char *binary, size_t bytes)
{
    base_file_writer *writer = NULL;
    sigset_t end, before;
    char hex[33];

    /* A compiler process may be told to end at any time: but before, or after this. */
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, &before);
    if (base_hash_bytes(hex, binary, bytes) == 0 && base_file_writer_open(&writer, path) == 0 &&
        base_file_writer_write(writer, hex, DIGEST_BYTES) == 0 &&
        base_file_writer_write(writer, binary, bytes) == 0 && base_file_writer_commit(&writer) != 0)
        alx_debug("%s", alx_status_text(ALX_E_IO));
    base_file_writer_abort(&writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void rt_cache_store(const alx_device *dev, const char *source, const char *options,
                    cl_program program)
{
    char path[PATH_MAX];
    size_t bytes = 0;

    if (!cache_file(path, dev, source, options))
        return;
    unsigned char *binary = program_binary(program, &bytes);

    if (binary != NULL)
        binary_store(path, binary, bytes);
    free(binary);
}
