/* unfinished.c - a table without locks, which a signal handler may read at any moment. */
#include "base/unfinished.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MOST_FILES 32

/* Only who takes a slot from FREE writes its path, and only who takes it from KEPT reads it. */
enum { FREE, TAKEN, KEPT };

static struct {
    atomic_int state;
    char path[PATH_MAX];
} files[MOST_FILES];

static int move(int slot, int from, int to)
{
    return atomic_compare_exchange_strong(&files[slot].state, &from, to);
}

int base_unfinished_add(const char *path)
{
    if (strlen(path) >= PATH_MAX)
        return -1;
    for (int slot = 0; slot < MOST_FILES; ++slot)
        if (move(slot, FREE, TAKEN)) {
            strcpy(files[slot].path, path);
            atomic_store(&files[slot].state, KEPT);
            return slot;
        }
    return -1;
}

void base_unfinished_drop(int ticket)
{
    if (ticket >= 0)
        move(ticket, KEPT, FREE); /* not where they are being removed */
}

void base_unfinished_remove(void)
{
    for (int slot = 0; slot < MOST_FILES; ++slot)
        if (move(slot, KEPT, TAKEN))
            unlink(files[slot].path);
}
