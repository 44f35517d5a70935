/* tar_read.h - reads a tar by libarchive, from a part of a file or out of another tar, and refuses
 * one that is not whole: a tar that is cut, damaged or followed by something else must not pass for
 * a shorter one. */
#ifndef DATA_TAR_READ_H
#define DATA_TAR_READ_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "alexnet/status.h"
#include "data/source/gzip.h"

#define TAR_READ_BYTES 4096 /* small, since what lies between headers is skipped */

/** Starts zeroed. */
typedef struct tar_reader {
    struct archive *archive;
    const char *name; /**< for messages; borrowed */
    bool compressed;
    int fd;                /**< of the file that it lies in, or -1: it comes out of `outer` */
    struct archive *outer; /**< at the member that it is */
    uint64_t start, bytes; /**< where it lies in the file, and how long it is there */
    uint64_t next;         /**< byte of these to read */
    uint8_t block[TAR_READ_BYTES];
    size_t peeked;     /**< bytes of `block` that are still to be given */
    data_gzip *gzip;   /**< unpacks them; NULL: libarchive does, or they are not packed */
    char last[256];    /**< the member before */
    uint64_t last_end; /**< of it, with its padding, in the unpacked tar */
    size_t members;
} tar_reader;

/** A tar, compressed or not, that is `bytes` of the file from `start` on. */
int data_tar_open_range(tar_reader *reader, const char *name, int fd, uint64_t start,
                        uint64_t bytes) ALX_MUST_USE;
/** A tar that is the member, of `bytes`, at which `outer` stands. */
int data_tar_open_member(tar_reader *reader, const char *name, struct archive *outer,
                         uint64_t bytes) ALX_MUST_USE;
/** The next member, also of a tar joined to this one; NULL at the end. Fails if the tar does not
 *  end as it should. */
int data_tar_next(tar_reader *reader, struct archive_entry **entry) ALX_MUST_USE;
/** Where the data of the member begins, in the unpacked tar. */
uint64_t data_tar_offset(const tar_reader *reader);
void data_tar_close(tar_reader *reader);

#endif
