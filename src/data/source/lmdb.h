/* lmdb.h - an LMDB of Datum records: what its files share. */
#ifndef DATA_LMDB_H
#define DATA_LMDB_H

#include "data/listing.h"
#include "data/source/lmdb_file.h"

#define DATA_LMDB_FILE "data.mdb"
#define DATA_LMDB_CLASSES "classes.txt"
#define DATA_LMDB_STATISTICS "statistics"

/** Where a foreign database keeps its records: found by one scan, then kept in a file. Labels are
 *  in memory, keys are read from the file one by one. */
typedef struct lmdb_index {
    int32_t *label; /**< entries; NULL: the records say it */
    int max_label;
    uint64_t *key_end; /**< entries; key i ends here in `keys`; NULL: numbers, or in the file */
    char *keys;
    bool in_file; /**< then: */
    int fd;
    uint64_t ends_at, keys_at; /**< where the two are in it */
    char path[DATA_PATH_BYTES];
} lmdb_index;

typedef struct data_lmdb {
    char path[DATA_PATH_BYTES]; /**< the folder, or the file */
    bool is_file;               /**< made with MDB_NOSUBDIR: its files lie beside it */
    char file_path[DATA_PATH_BYTES + sizeof DATA_LMDB_FILE];
    lmdb_file file;
    size_t file_bytes, entries;
    int digits; /**< keys are "%0*d" of 0 .. entries-1, then maybe "_name"; 0: any keys */
    lmdb_index index;
} data_lmdb;

/** The path of one of the database's files: in its folder, "db/classes.txt", or beside it,
 *  "db.mdb.classes.txt". False if that is too long. */
bool data_lmdb_beside(char *path, size_t bytes, const data_lmdb *db, const char *name);

/** Reads the index from beside the database or from the cache; else scans, and writes it there. */
int data_lmdb_index_open(data_lmdb *db) ALX_MUST_USE;
/** Key i. @return 0; ALX_E_DATA: the index was changed meanwhile */
int data_lmdb_index_key(lmdb_bytes *key, uint8_t room[LMDB_MAX_PAGE], const lmdb_index *index,
                        size_t i) ALX_MUST_USE;
void data_lmdb_index_free(lmdb_index *index);

#endif
