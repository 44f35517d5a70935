/* file_writer.h - a file that appears whole or not at all. */
#ifndef BASE_FILE_WRITER_H
#define BASE_FILE_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "alexnet/status.h"

/**
 * A file that appears whole or not at all: written beside as PATH.tmp-PID, then renamed. A symbolic
 * link is followed and stays; one that somebody else put into a shared folder is an error. What is
 * no regular file (a device, a pipe), and the file that is standard output, is written in place and
 * stays what it is. Every output is written through it but a packed LMDB and what grows line by
 * line: metrics, tuning rows, names of bad images.
 */
typedef struct base_file_writer base_file_writer;

/** @return 0; ALX_E_IO with path and reason; ALX_E_MEMORY */
int base_file_writer_open(base_file_writer **out, const char *path) ALX_MUST_USE;
int base_file_writer_write(base_file_writer *writer, const void *data, size_t bytes) ALX_MUST_USE;
/** Flushes to disk (fsync) and renames; frees the writer and sets `*writer` NULL in any case. */
int base_file_writer_commit(base_file_writer **writer) ALX_MUST_USE;
/** Removes what was written. NULL and a pointer to NULL are fine. */
void base_file_writer_abort(base_file_writer **writer);

/** Overwrites bytes that were written before. */
int base_file_writer_patch(base_file_writer *writer, size_t at, const void *data,
                           size_t bytes) ALX_MUST_USE;
/** Open, write and commit for a block of memory. */
int base_file_write(const char *path, const void *data, size_t bytes) ALX_MUST_USE;

/** Adds text to the end of a file that grows line by line, and closes it; made if it is not there.
 *  @return 0; ALX_E_IO with path and reason */
int base_file_append(const char *path, const char *text) ALX_MUST_USE;

/** Removes the unfinished copies of the files `names` that killed processes left in `folder`. The
 *  caller is the only one to write these files, for instance under a base_folder_lock.
 *  @param shared  others write them too: a copy stays while a process of its number runs here
 *  @return 0; ALX_E_IO if the folder cannot be read */
int base_file_writer_sweep(const char *folder, const char *const *names, size_t count,
                           bool shared) ALX_MUST_USE;

#endif
