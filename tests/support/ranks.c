/* ranks.c - starts jobs, and looks for what they leave. */
#include "support/ranks.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "support/folder.h"

void test_need_mpi(void)
{
    if (TEST_MPIRUN[0] != '\0')
        return;
    print_message("needs MPI and its launcher (tools/packages test)\n");
    skip();
}

/* Root, as which containers run, is refused by Open MPI without these. */
#define ALLOW "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
#define RANK "rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; "

test_run test_ranks(int ranks, const char *prepare, const char *program)
{
    const test_folder folder = test_folder_create();
    const char *script = test_folder_path(&folder, "rank"), *out = test_folder_path(&folder, "out");
    test_run run = { .out = test_alloc(1) };
    char command[4096];
    size_t bytes = 0;
    FILE *file = fopen(script, "w");

    assert_non_null(file);
    fprintf(file, RANK "%s\nexec %s\n", prepare != NULL ? prepare : "", program);
    fclose(file);
    if (snprintf(command, sizeof command, ALLOW "%s -n %d sh '%s' >'%s' 2>&1 </dev/null",
                 TEST_MPIRUN, ranks, script, out) >= (int)sizeof command)
        fail_msg("the command is too long");
    const int status = system(command);

    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    assert_ok(base_file_read(&run.err, &bytes, out));
    test_folder_remove((test_folder *)&folder);
    return run;
}

static bool has_argument(const char *process, const char *word)
{
    char path[64], arguments[4096];
    size_t bytes = 0;
    FILE *file = NULL;

    snprintf(path, sizeof path, "/proc/%.20s/cmdline", process);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    bytes = fread(arguments, 1, sizeof arguments - 1, file);
    fclose(file);
    for (size_t i = 0; i < bytes; ++i)
        if (arguments[i] == '\0')
            arguments[i] = ' ';
    arguments[bytes] = '\0';
    return strstr(arguments, word) != NULL;
}

static bool is_left(const char *word)
{
    DIR *processes = opendir("/proc");
    bool found = false;

    assert_non_null(processes);
    for (struct dirent *entry; !found && (entry = readdir(processes)) != NULL;)
        found = isdigit((unsigned char)entry->d_name[0]) && has_argument(entry->d_name, word);
    closedir(processes);
    return found;
}

void test_assert_none_left(const char *word)
{
    for (int i = 0; i < 50 && is_left(word); ++i) /* the launcher ends before the last of them */
        nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
    if (is_left(word))
        fail_msg("a process of %s is left", word);
}

int test_count(const char *text, const char *part)
{
    int count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        ++count;
    return count;
}
