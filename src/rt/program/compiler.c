/* compiler.c - processes that build programs into the cache of binaries. PoCL builds one program at
 * a time in a process, however many threads ask.
 *
 * A request is a line, FILE tab KERNEL tab OPTIONS; the answer a byte. Whatever goes wrong with
 * such a process, the program is then not in the cache and the asking thread builds it itself. */
#include "rt/program/program.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cache_folder.h"
#include "base/try.h"
#include "rt/device.h"

extern char **environ;

bool rt_compilers_help(const alx_device *dev)
{
    char path[PATH_MAX];

    return dev->compiler != NULL && (dev->info.quirks & ALX_QUIRK_ONE_BUILD) != 0 &&
           base_cache_path(path, sizeof path, "");
}

/* ---- the side that asks -------------------------------------------------------------------- */

/* The process's standard input and output are `socket`. It has a process group of its own: Ctrl-C
 * is for this one, which ends it. */
static int compiler_spawn(pid_t *pid, int socket, const alx_device *dev)
{
    char path[PATH_MAX], command[] = ALX_COMPILER_COMMAND, device[16];
    char *argv[] = { path, command, device, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code;

    snprintf(path, sizeof path, "%s", dev->compiler);
    snprintf(device, sizeof device, "%d", dev->info.index);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return -1;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -1;
    }
    code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    if (code == 0)
        code = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

void rt_compiler_start(rt_compiler *compiler, const alx_device *dev)
{
    int sockets[2];

    if (compiler->started)
        return;
    compiler->started = true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        return;
    if (compiler_spawn(&compiler->pid, sockets[1], dev) == 0)
        compiler->socket = sockets[0];
    else
        close(sockets[0]);
    close(sockets[1]);
}

/* All of `text`; without the signal that a process which has ended would cause. */
static bool send_all(int socket, const char *text, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t sent = send(socket, text, bytes, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        text += sent;
        bytes -= (size_t)sent;
    }
    return true;
}

bool rt_compiler_build(const rt_compiler *compiler, const alx_device *dev,
                       const rt_program *program)
{
    char line[4096], answer;
    const int length = snprintf(line, sizeof line, "%s\t%s\t%s\n", program->file, program->name,
                                program->options);

    if (compiler->socket == 0 || length < 0 || (size_t)length >= sizeof line)
        return true;
    return send_all(compiler->socket, line, (size_t)length) &&
           recv(compiler->socket, &answer, 1, 0) == 1 && rt_program_cached(dev, program);
}

void rt_compiler_stop(rt_compiler *compiler)
{
    if (compiler->socket == 0)
        return;
    close(compiler->socket);
    waitpid(compiler->pid, NULL, 0);
    compiler->socket = 0;
}

/* ---- the process --------------------------------------------------------------------------- */

static int serve_line(alx_device *dev, char *line)
{
    char *name = strchr(line, '\t'), *options = name != NULL ? strchr(name + 1, '\t') : NULL;
    rt_program *program;

    if (options == NULL)
        return alx_fail(ALX_E_USAGE, "%s: not a file, a kernel and options", line);
    *name++ = '\0';
    *options++ = '\0';
    options[strcspn(options, "\n")] = '\0';
    TRY(rt_program_note(&program, dev, line, name, options));
    return rt_program_build(dev, program);
}

/* With who asks, and when told to. */
static int end_with_asker(void)
{
    struct pollfd asker = { .fd = STDIN_FILENO, .events = POLLIN };

    signal(SIGTERM, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (poll(&asker, 1, 0) > 0 && (asker.revents & POLLHUP) != 0) /* ended before that */
        return alx_fail(ALX_E_IO, "nobody asks");
    return 0;
}

/* The library's threads keep the signal blocked, so that rt_cache_store can hold it off. */
static int open_device(alx_device **dev, const char *which)
{
    sigset_t end, before;

    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end, &before);
    const int rc = alx_device_open(dev, which, NULL);

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

int alx_compiler_serve(const char *which)
{
    alx_device *dev = NULL;
    char *line = NULL;
    size_t bytes = 0;
    int rc = 0;

    TRY_DONE(end_with_asker());
    TRY_DONE(open_device(&dev, which));
    while (getline(&line, &bytes, stdin) > 0) {
        TRY_DONE(serve_line(dev, line));
        if (write(STDOUT_FILENO, ".", 1) != 1)
            break;
    }
done:
    free(line);
    alx_device_close(dev);
    return rc;
}
