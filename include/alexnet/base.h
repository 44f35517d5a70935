/* base.h - what every room stands on: status, log, environment, files, hash, random numbers,
 * crops. */
#ifndef ALEXNET_BASE_H
#define ALEXNET_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ALX_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALX_MUST_USE __attribute__((warn_unused_result))
#define ALX_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* ---- status ------------------------------------------------------------------------------- */

/** What a function that can fail returns: 0, or one of these. */
enum alx_status {
    ALX_OK = 0,
    ALX_E_IO = -1,          /**< full disk, permission, any other failure: exit 1 */
    ALX_E_USAGE = -2,       /**< bad flag, bad config, impossible shape: exit 2 */
    ALX_E_DEVICE = -3,      /**< no such device, device lost, an OpenCL call failed: exit 3 */
    ALX_E_BUILD = -4,       /**< a kernel does not build: exit 3 */
    ALX_E_DATA = -5,        /**< bad data, image, weights, checkpoint: exit 4 */
    ALX_E_MEMORY = -6,      /**< out of memory, host or device: exit 5 */
    ALX_E_NUMERIC = -7,     /**< not finite, or a comparison failed: exit 6 */
    ALX_E_SLOWER = -8,      /**< slower than the baseline: exit 7 */
    ALX_E_INTERRUPTED = -9, /**< SIGINT or SIGTERM, after saving: exit 130 */
};

/**
 * Records the message of a failure and returns `code`, so that the place that knows the fact says
 * it: `return alx_fail(ALX_E_DATA, "%s: not a JPEG", path);`. The record belongs to the thread.
 */
int alx_fail(int code, const char *format, ...) ALX_PRINTF(2, 3);

/** Puts "context: " before the recorded message and returns `code` unchanged; no-op for 0. */
int alx_fail_context(int code, const char *format, ...) ALX_PRINTF(2, 3);

/** The recorded message if it belongs to `code`, else the code's generic text. Never NULL; valid
 *  until the thread's next alx_fail. */
const char *alx_status_text(int code);

/** Process exit code of a status (architecture: 0, 1 ... 7, 130). */
int alx_exit_code(int code);

/* ---- log ---------------------------------------------------------------------------------- */

enum alx_log_level { ALX_LOG_QUIET, ALX_LOG_WARN, ALX_LOG_INFO, ALX_LOG_DEBUG };

/** Sets what reaches stderr; the start value comes from ALEXNET_LOG (quiet, warn, info, debug). */
void alx_log_set_level(enum alx_log_level level);
enum alx_log_level alx_log_get_level(void);

/** One line to stderr; `clear_line` of a progress bar runs first. Thread-safe. */
void alx_info(const char *format, ...) ALX_PRINTF(1, 2);
void alx_warn(const char *format, ...) ALX_PRINTF(1, 2);
void alx_debug(const char *format, ...) ALX_PRINTF(1, 2);

/** A progress bar registers how to wipe its line before a message is printed; NULL removes it. */
void alx_log_set_clear_line(void (*clear_line)(void));

/* ---- environment --------------------------------------------------------------------------- */

/** Every environment variable that the program reads, in one table (src/base/env.c). */
enum alx_env_name {
    ALX_ENV_LOG,       /**< ALEXNET_LOG: quiet, warn, info, debug */
    ALX_ENV_DEVICE,    /**< ALEXNET_DEVICE: default of --device */
    ALX_ENV_CL_DIR,    /**< ALEXNET_CL_DIR: read kernels from this folder, not the embedded ones */
    ALX_ENV_CACHE_DIR, /**< ALEXNET_CACHE_DIR: cache folder, or "off" */
    ALX_ENV_TUNING,    /**< ALEXNET_TUNING: file of tuning rows, or "off": none at all */
    ALX_ENV_PROFILE,   /**< ALEXNET_PROFILE: 1 prints the time of every kernel at the end */
    ALX_ENV_SYNC,      /**< ALEXNET_SYNC: 1 waits after every launch and names the culprit */
    ALX_ENV_FAULT,     /**< ALEXNET_FAULT: a fault that tests ask for */
    ALX_ENV_CHECK,     /**< ALEXNET_CHECK: 1 looks for NaN and Inf after every layer */
    ALX_ENV_COUNT
};

/** Value of the variable, or NULL if unset or empty. Borrowed from the environment. */
const char *alx_env(enum alx_env_name name);
/** True if the variable is set to something other than "0". */
bool alx_env_flag(enum alx_env_name name);
/** Name and one-line meaning of a variable, for help. */
const char *alx_env_variable(enum alx_env_name name);
const char *alx_env_doc(enum alx_env_name name);

/* ---- files --------------------------------------------------------------------------------- */

/** Reads a whole file; `*data` is NUL-terminated beyond `*bytes`, owned by the caller (free).
 *  @return 0; ALX_E_DATA if it cannot be read; ALX_E_MEMORY */
int alx_file_read(char **data, size_t *bytes, const char *path) ALX_MUST_USE;
/** The same, also of a pipe, which can be read once and whose end it waits for; fails at more than
 *  `max_bytes`. */
int alx_file_read_once(char **data, size_t *bytes, const char *path, size_t max_bytes) ALX_MUST_USE;
/** Up to `bytes` from the start of a file; returns how many there are. 0 if it cannot be read, or
 *  is no regular file: a pipe can be read only once. */
size_t alx_file_head(void *head, size_t bytes, const char *path);

/**
 * A file that appears whole or not at all: written beside as PATH.tmp-PID, then renamed. A symbolic
 * link is followed and stays. What is no regular file (a device, a pipe), and the file that is
 * standard output, is written in place and stays what it is. Every output is written through it but
 * a packed LMDB and what grows line by line: metrics, tuning rows, names of bad images.
 */
typedef struct alx_file_writer alx_file_writer;

/** @return 0; ALX_E_IO with path and reason; ALX_E_MEMORY */
int alx_file_writer_open(alx_file_writer **out, const char *path) ALX_MUST_USE;
int alx_file_writer_write(alx_file_writer *writer, const void *data, size_t bytes) ALX_MUST_USE;
/** Flushes to disk (fsync) and renames; frees the writer and sets `*writer` NULL in any case. */
int alx_file_writer_commit(alx_file_writer **writer) ALX_MUST_USE;
/** Removes what was written. NULL and a pointer to NULL are fine. */
void alx_file_writer_abort(alx_file_writer **writer);

/** Overwrites bytes that were written before. */
int alx_file_writer_patch(alx_file_writer *writer, size_t at, const void *data,
                          size_t bytes) ALX_MUST_USE;
/** Open, write and commit for a block of memory. */
int alx_file_write(const char *path, const void *data, size_t bytes) ALX_MUST_USE;

/** Removes the unfinished copies of the files `names` that killed processes left in `folder`. The
 *  caller is the only one to write these files, for instance under an alx_folder_lock.
 *  @param shared  others write them too: a copy stays while a process of its number runs here
 *  @return 0; ALX_E_IO if the folder cannot be read */
int alx_file_writer_sweep(const char *folder, const char *const *names, size_t count,
                          bool shared) ALX_MUST_USE;

#define ALX_NPY_HEADER_BYTES 128
/** What stands before the numbers in a NumPy file: float32 in C order, up to 4 dimensions. */
void alx_npy_header(char head[ALX_NPY_HEADER_BYTES], const size_t *dims, int dim_count);

/** mkdir -p. */
int alx_mkdirs(const char *path) ALX_MUST_USE;
/** Fails where alx_mkdirs, or writing into the folder, would; makes none. */
int alx_mkdirs_check(const char *path) ALX_MUST_USE;
/** The path itself or, going up from it, the first one that is there; at last "." or "/".
 *  @return 0; ALX_E_IO if it is empty or too long */
int alx_path_nearest(char *out, size_t out_bytes, const char *path) ALX_MUST_USE;
bool alx_file_exists(const char *path);
/** The same place from any working folder. Links stay, unless the path goes up ("../data").
 *  @return 0 whether or not anything is there; ALX_E_IO if it is too long, or there is no working
 *          folder */
int alx_path_absolute(char *out, size_t out_bytes, const char *path) ALX_MUST_USE;
/** Whether both paths lead to one file or folder, which is there. */
bool alx_path_same(const char *a, const char *b);
/** Name after the last slash; borrowed from `path`. */
const char *alx_path_base(const char *path);

/**
 * A folder that one process at a time works in. The lock is a record lock on a file `.lock` in it,
 * which keeps processes on other hosts out too where the folder is on NFS; it ends with its
 * process, and a file left by a crash is no obstacle. No child that runs a program has it.
 */
typedef struct alx_folder_lock alx_folder_lock;

/** Takes a folder that is there.
 *  @param does  what is done in it, for the message: "trains", "packs"
 *  @return 0; ALX_E_IO if another holds it (with its process and host), or it cannot be written;
 *          ALX_E_MEMORY. A file system without locks is warned of. */
int alx_folder_lock_take(alx_folder_lock **out, const char *folder, const char *does) ALX_MUST_USE;
/** Removes the file and lets others in. NULL is fine. */
void alx_folder_lock_free(alx_folder_lock *lock);

/** Path of `name` in the cache folder, which is created: $ALEXNET_CACHE_DIR; else the first of
 *  $XDG_CACHE_HOME/alexnet, ~/.cache/alexnet and alx_private_folder that is there or can be made.
 *  False if the cache is off or there is none. */
bool alx_cache_path(char *path, size_t path_bytes, const char *name);
/** A folder of this user alone, alexnet-UID in $TMPDIR, /tmp, /var/tmp or /dev/shm, which is
 *  created; files there can be written and run. False if there is none. */
bool alx_private_folder(char *path, size_t path_bytes);
/** Whether a folder, or the nearest one above it that is there, can be written, and holds files
 *  that can be run: libraries are loaded from it. Creates none. */
bool alx_folder_takes_programs(const char *path);

/* ---- text ---------------------------------------------------------------------------------- */

#define ALX_TEXT_MAX_BYTES ((size_t)1 << 30) /**< no text written by people is larger */

/**
 * Reads a text that somebody wrote, from a file or a pipe. Lines end in LF, CR LF, CR CR LF or CR,
 * the last one maybe in nothing; a byte order mark before a line is skipped. UTF-16 and UTF-32 are
 * refused by name; a control character other than the tab, which makes it no text, with the number
 * of its line. Encodings other than UTF-8 that extend ASCII pass as they are.
 *
 * @param text  its lines, each ended by one LF; NUL-terminated, owned by the caller (free)
 * @return 0; ALX_E_DATA; ALX_E_MEMORY
 */
int alx_text_read(char **text, const char *path, size_t max_bytes) ALX_MUST_USE;
/** Whether bytes from a file's start may be such a text's: they hold no control character but tabs
 *  and line ends, or begin with the mark of an encoding that alx_text_read refuses by name. */
bool alx_text_begins(const char *head, size_t bytes);
/** Cuts the next line out of what alx_text_read read: NULL at the end. `*rest` starts at the text;
 *  lines count from 1, empty ones too. */
char *alx_text_line(char **rest);
/** Cuts blanks and tabs off the end; returns what follows those at the start. */
char *alx_text_trim(char *line);
size_t alx_text_line_count(const char *text);

/* ---- hash ---------------------------------------------------------------------------------- */

/** Running 128-bit hash (XXH3); not cryptographic: keys of caches, checksums of files. */
typedef struct alx_hash alx_hash;

int alx_hash_create(alx_hash **out) ALX_MUST_USE;
void alx_hash_update(alx_hash *hash, const void *data, size_t bytes);
/** 32 hexadecimal digits and NUL. */
void alx_hash_hex(const alx_hash *hash, char hex[33]);
void alx_hash_free(alx_hash *hash);

/* ---- names --------------------------------------------------------------------------------- */

/** "Did you mean": the name nearest to `text` of `count` names, or NULL if none is near. */
const char *alx_nearest(const char *text, const char *const *names, size_t count);

/** Names by which their places are found, in a time that hardly grows with their number. */
typedef struct alx_lookup alx_lookup;

/** @param names  borrowed, as long as the lookup lives; they may repeat */
int alx_lookup_create(alx_lookup **out, char *const *names, size_t count) ALX_MUST_USE;
/** The first place of the name that is the first `length` characters of `name`; -1: none. */
long alx_lookup_find(const alx_lookup *lookup, const char *name, size_t length);
/** The first two places of some name that is there more than once; false if there is none. */
bool alx_lookup_twins(const alx_lookup *lookup, size_t places[2]);
void alx_lookup_free(alx_lookup *lookup);

/* ---- names that leave the program ---------------------------------------------------------- */

/**
 * A name of a file or a class is a row of bytes, of any encoding or none; JSON, safetensors headers
 * and terminals want UTF-8. All names leave through these functions, and can be found again:
 *
 *     \xHH   a byte that belongs to no UTF-8 character (HH: two hexadecimal digits)
 *     \x5c   a backslash that stands before x and two hexadecimal digits
 *
 * Everything else stands for itself. In Python, the bytes of a name `n` are
 * `re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), n.encode())`.
 */
typedef enum {
    ALX_NAME_DATA,    /**< for JSON, CSV, HTML, which treat control characters in their own way */
    ALX_NAME_LINE,    /**< in print: control characters, and marks that break a line or turn the
                           direction of reading, are \xHH too, one for each byte */
    ALX_NAME_MESSAGE, /**< a whole message, of several lines perhaps: as ALX_NAME_LINE, but \n, \t
                           and all backslashes stay, as names inside have been through it already */
} alx_name_form;

/** As snprintf: returns the length that all of it has or would have, without its NUL. Neither a
 *  character nor a \xHH is cut in two. */
size_t alx_name_write(char *out, size_t out_bytes, const char *text, alx_name_form form);
/** The same to a stream; its errors stay in it. */
void alx_name_print(FILE *out, const char *text, alx_name_form form);
/** The way back from ALX_NAME_DATA and ALX_NAME_LINE, in place. */
void alx_name_read(char *text);
bool alx_name_is_utf8(const char *text);

/** A field of comma-separated values (RFC 4180), as ALX_NAME_DATA, in quotation marks where it must
 *  be, or if `quoted`; the separator is the caller's. */
void alx_name_csv(FILE *out, const char *text, bool quoted);

/* ---- random numbers ------------------------------------------------------------------------ */

/** What a stream of random numbers is for; part of the key, so that streams never meet. */
enum alx_rng_purpose {
    ALX_RNG_INIT = 1,    /**< initial weights: step = parameter index, item = element / 4 */
    ALX_RNG_DROPOUT = 2, /**< masks: step = training step, item = layer and unit (see ops.h) */
    ALX_RNG_SHUFFLE = 3, /**< order of images: step = epoch, item = position */
    ALX_RNG_CROP = 4,    /**< crop and mirror: step = epoch, item = image */
    ALX_RNG_COLOUR = 5,  /**< PCA shift: step = epoch, item = image */
    ALX_RNG_SPLIT = 6,   /**< validation split: step = 0, item = position */
    ALX_RNG_TEST = 7,    /**< data of tests, checks and benchmarks */
};

/**
 * Four random words as a function of nothing but its arguments: Philox4x32-10 of Random123 with
 * key {seed, purpose} and counter {item low, item high, step low, step high}.
 * The device draws the same words (cl/rng.clh).
 */
void alx_rng_words(uint32_t out[4], uint32_t seed, enum alx_rng_purpose purpose, uint64_t step,
                   uint64_t item);
/** Uniform in [0, 1), a multiple of 2^-24. */
float alx_rng_unit(uint32_t word);
/** Uniform integer in [0, bound), bound >= 1, from one word (multiply-shift). */
uint32_t alx_rng_below(uint32_t word, uint32_t bound);
/** Independent N(0,1) values, two from two words (Box-Muller); the same on every machine. */
void alx_rng_normals(float *out, const uint32_t *words, size_t pairs);

/* ---- crops --------------------------------------------------------------------------------- */

/** The part of a stored image that enters the network, and how: 8 words of 32 bits, as the device
 *  reads them too (alx_op_preprocess). */
typedef struct alx_crop {
    int32_t top, left; /**< may be negative: zeros are around the image */
    int32_t mirror;    /**< 0 or 1 */
    int32_t unused;
    float shift[3]; /**< of R, G and B, whose pixels are 0..255 */
    float unused_shift;
} alx_crop;

/* ---- time ---------------------------------------------------------------------------------- */

/** Monotonic seconds. */
double alx_seconds(void);

/** Most memory that this process has had in RAM at once, in bytes. */
size_t alx_peak_resident_bytes(void);

/* ---- device-independent threads ------------------------------------------------------------ */

/** Processors of the machine. */
int alx_cpu_total(void);
/** Those of them that this process may use: no more than its affinity mask has, and no more than
 *  the processor time that its control groups allow, in whole processors, rounded up. */
int alx_cpu_count(void);
/** The second of the two limits, from the files of Linux: `proc` is /proc/self/cgroup, `root` is
 *  /sys/fs/cgroup. 0 = none. */
int alx_cpu_quota(const char *proc, const char *root);

#endif
