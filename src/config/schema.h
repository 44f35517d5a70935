/* schema.h - the one table of keys, the types of their values, and the text that it is applied to.
 * Way of a config: ini.c, text.c (lines to entries) -> apply.c (entries to structs, through
 * schema.c and values*.c) -> resolve.c (what follows) -> check.c (what cannot be). */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "alexnet/config.h"

/* ---- what the user wrote ------------------------------------------------------------------- */

typedef struct config_entry {
    char section[ALX_NAME_BYTES], key[ALX_NAME_BYTES];
    char *value; /* owned */
    int line;    /* 0: an override */
} config_entry;

typedef struct config_section {
    char name[ALX_NAME_BYTES];
    int line;
} config_section;

#define CONFIG_MAX_SECTIONS (ALX_MAX_LAYERS + 3)

typedef struct config_text {
    const char *name;                             /* of the file, for messages; borrowed */
    config_section sections[CONFIG_MAX_SECTIONS]; /* in the order of the file */
    int section_count;
    config_entry *entries;
    size_t entry_count;
} config_text;

/** INI lines to sections and entries; `out` starts zeroed but for its name. */
int config_text_read(config_text *out, const char *ini) ALX_MUST_USE;
int config_add_entry(config_text *text, const char *section, const char *key, const char *value,
                     int line) ALX_MUST_USE;
/** Adds `more` to the value of the last entry. */
int config_extend_entry(config_text *text, const char *more) ALX_MUST_USE;
/** Adds "section.key=value", or replaces the entry of that key. */
int config_text_override(config_text *text, const char *override) ALX_MUST_USE;
void config_text_free(config_text *text);

/** NULL if the key was not given. */
const config_entry *config_find(const config_text *text, const char *section, const char *key);
const config_section *config_find_section(const config_text *text, const char *name);
bool config_is_layer(const char *section);

/** Puts the place of a key before the recorded message: "file:line: [section] key", or the override
 *  that gave it, "section.key=value"; of the section if `key` is NULL or was not given.
 *  @return rc */
int config_place(int rc, const config_text *text, const char *section, const char *key);
/** Fails with ALX_E_USAGE and that place. */
int config_error(const config_text *text, const char *section, const char *key, const char *format,
                 ...) ALX_PRINTF(4, 5);

/* ---- types of values ----------------------------------------------------------------------- */

#define CONFIG_VALUE_BYTES 4096 /* of the longest value: data.path */

typedef struct config_key config_key;

typedef struct config_type {
    /** What a value may be, as text after "must be". */
    void (*describe)(const config_key *key, char *out, size_t bytes);
    /** @return 0; ALX_E_USAGE with what is wrong and what is allowed */
    int (*set)(const config_key *key, void *field, const char *value);
    /** Text that `set` turns into the same field, "" if the key is not to be written. NULL: a
     *  shorthand, which is written as what it stands for. */
    void (*print)(const config_key *key, const void *field, char out[CONFIG_VALUE_BYTES]);
} config_type;

/* values.c */
extern const config_type config_int, config_real, config_seed; /* int, double, uint32_t */
extern const config_type config_flag;   /* bool: the second of two words is true */
extern const config_type config_choice; /* enum: words in its order */
extern const config_type config_word;   /* one of some words, stored by resolve.c */
extern const config_type config_path;   /* char[4096] */
/* values_layer.c: fields are the layer itself, but for the norms, pool and input (the net) */
extern const config_type config_input, config_filters, config_units, config_activation, config_norm,
    config_pool, config_order, config_init, config_freeze;
/* values_list.c: fields are the data or train struct */
extern const config_type config_mean, config_std, config_milestones;

/* ---- the table ----------------------------------------------------------------------------- */

enum config_key_flags {
    CONFIG_REQUIRED = 1 << 0,
    CONFIG_CONV_ONLY = 1 << 1,
    CONFIG_NET_WIDE = 1 << 2, /* of a layer; in [net] it holds for every layer */
    CONFIG_ABOVE = 1 << 3,    /* `low` itself is not allowed */
    CONFIG_BELOW = 1 << 4,    /* nor is `high` */
};

struct config_key {
    const char *section; /* net, data, train; "layer": any other */
    const char *name;
    const config_type *type;
    size_t offset;        /* in the section's struct */
    double low, high;     /* of numbers */
    const char *allowed;  /* words, or the syntax, of other types; of a norm what is not said */
    const char *fallback; /* value of a missing key; NULL: required, or resolve.c fills it */
    unsigned flags;
    const char *doc;
};

extern const config_key config_keys[];
extern const size_t config_key_count;

/* What help says of it, and the man page. */
extern const char config_help_intro[], config_help_presets[];
typedef struct config_help_part {
    const char *section, *title, *text; /* of the table; as files have it; may be NULL */
} config_help_part;
extern const config_help_part config_help_parts[]; /* ends with a section NULL */
/** Values, default, and where the key may stand. */
void config_describe(char *out, size_t bytes, const config_key *key);

/** NULL if the section (its own name, not "layer") has no such key. */
const config_key *config_find_key(const char *section, const char *name);

/* ---- helpers of the types ------------------------------------------------------------------ */

/** Fails with "'value' must be ...". */
int config_refuse(const config_key *key, const char *value);
bool config_parse_int(long long *out, const char *text);
bool config_parse_real(double *out, const char *text);
/** Shortest text that reads back to the same number. */
void config_print_real(char *out, size_t bytes, double value);
/** Index of `text` among words separated by " | ", or -1. */
int config_word_index(const char *words, const char *text);
void config_word_at(const char *words, int index, char *out, size_t bytes);

#define CONFIG_MAX_WORDS 24

typedef struct config_words {
    char text[256];
    char *word[CONFIG_MAX_WORDS];
    int count;
} config_words;

/** Splits at blanks and commas. @return false if there are too many */
bool config_split(config_words *out, const char *value);

/* ---- steps after the text ------------------------------------------------------------------ */

/** Entries to structs. Fails for keys that the schema has not, that miss, or that are wrong. */
int config_apply(alx_config *config, const config_text *text) ALX_MUST_USE;
/** Fills what depends on several keys: recipes of initial weights, order of stages, ... */
int config_resolve(alx_config *config, const config_text *text) ALX_MUST_USE;
/** Refuses what cannot be: units that towers do not divide, crops larger than images, ... */
int config_check(const alx_config *config, const config_text *text) ALX_MUST_USE;

#endif
