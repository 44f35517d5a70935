/* folder_lock.h - a folder that one process at a time works in. */
#ifndef BASE_FOLDER_LOCK_H
#define BASE_FOLDER_LOCK_H

#include "alexnet/status.h"

/**
 * A folder that one process at a time works in. The lock is a record lock on a file `.lock` in it,
 * which keeps processes on other hosts out too where the folder is on NFS; it ends with its
 * process, and a file left by a crash is no obstacle. No child that runs a program has it.
 */
typedef struct base_folder_lock base_folder_lock;

/** Takes a folder that is there.
 *  @param does  what is done in it, for the message: "trains", "packs"
 *  @return 0; ALX_E_IO if another holds it (with its process and host), or it cannot be written;
 *          ALX_E_MEMORY. A file system without locks is warned of. */
int base_folder_lock_take(base_folder_lock **out, const char *folder,
                          const char *does) ALX_MUST_USE;
/** Removes the file and lets others in. NULL is fine. */
void base_folder_lock_free(base_folder_lock *lock);

#endif
