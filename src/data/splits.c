/* splits.c - a folder's name is taken apart into words. One of them says the split; those that say
 * nothing ("set", "images", "ILSVRC2012") do not count; any other makes it the name of a class,
 * unless a folder beside it differs in the split alone. */
#include "data/splits.h"

#include <string.h>
#include <strings.h>

#include "base/try.h"
#include "data/kinds.h"

#define SPLIT_REST_BYTES 64

static const struct {
    const char *word;
    data_role role;
} split_words[] = {
    { "train", DATA_ROLE_TRAIN }, { "training", DATA_ROLE_TRAIN }, { "trainval", DATA_ROLE_TRAIN },
    { "test", DATA_ROLE_TEST },   { "testing", DATA_ROLE_TEST },   { "val", DATA_ROLE_VAL },
    { "valid", DATA_ROLE_VAL },   { "validation", DATA_ROLE_VAL }, { "dev", DATA_ROLE_VAL },
    { "eval", DATA_ROLE_VAL },    { "evaluation", DATA_ROLE_VAL },
};

/* Words that say nothing, alone or at the end of a split's word: "trainset". */
static const char *const split_fillers[] = {
    "set",   "sets",   "data", "dataset", "image",    "images", "img",
    "imgs",  "pic",    "pics", "picture", "pictures", "photo",  "photos",
    "split", "folder", "seg",  "lmdb",    "db",       "ilsvrc", "imagenet",
};

static const char *const split_exact[DATA_ROLES] = {
    [DATA_ROLE_TRAIN] = "train",
    [DATA_ROLE_TEST] = "test",
    [DATA_ROLE_VAL] = "val",
};

/** What the words of a name say together. */
typedef struct split_name {
    data_role role; /**< DATA_ROLES: several */
    int words;
    char rest[SPLIT_REST_BYTES]; /**< the words that are neither split nor filler */
} split_name;

/* Bytes beyond ASCII are letters of a word. */
static bool split_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool split_word_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

static data_role split_word_role(const char *word, size_t length)
{
    for (size_t i = 0; i < ALX_COUNT(split_words); ++i)
        if (split_word_is(word, length, split_words[i].word))
            return split_words[i].role;
    return DATA_ROLE_NONE;
}

/* The filler that is the word's end: all of it, or what follows a split's word. */
static bool split_is_filler(const char *word, size_t length, data_role *role)
{
    for (size_t i = 0; i < ALX_COUNT(split_fillers); ++i) {
        const size_t end = strlen(split_fillers[i]);

        if (end > length || !split_word_is(word + length - end, end, split_fillers[i]))
            continue;
        *role = split_word_role(word, length - end);
        if (end == length || *role != DATA_ROLE_NONE)
            return true;
    }
    return false;
}

static void split_add_word(split_name *name, const char *word, size_t length)
{
    data_role role = split_word_role(word, length);
    const size_t used = strlen(name->rest);

    ++name->words;
    if (role == DATA_ROLE_NONE && !split_is_filler(word, length, &role)) {
        if (used + length + 2 <= sizeof name->rest) {
            name->rest[used] = ' ';
            memcpy(name->rest + used + 1, word, length);
        }
        return;
    }
    if (name->role == DATA_ROLE_NONE)
        name->role = role;
    else if (role != DATA_ROLE_NONE && (name->role != DATA_ROLE_TRAIN || role != DATA_ROLE_VAL))
        name->role = DATA_ROLES; /* but "train_val", which trains */
}

static split_name split_parse(const char *text, size_t length)
{
    split_name name = { .role = DATA_ROLE_NONE };

    for (size_t i = 0; i < length;) {
        size_t end = i;

        while (end < length && split_is_letter(text[end]))
            ++end;
        if (end > i)
            split_add_word(&name, text + i, end - i);
        i = end + (end == i);
    }
    if (name.role == DATA_ROLES)
        name.role = DATA_ROLE_NONE;
    return name;
}

data_role data_role_of(const char *name, size_t length, bool *plain)
{
    const split_name parsed = split_parse(name, length);

    if (plain != NULL)
        *plain = split_word_role(name, length) != DATA_ROLE_NONE;
    return parsed.rest[0] == '\0' ? parsed.role : DATA_ROLE_NONE;
}

bool data_name_says_nothing(const char *name)
{
    const split_name parsed = split_parse(name, strlen(name));

    return parsed.words > 0 && parsed.role == DATA_ROLE_NONE && parsed.rest[0] == '\0';
}

static split_name split_of_item(const data_item *item)
{
    return split_parse(item->path, strcspn(item->path, "/"));
}

void data_roles_mark(data_listing *level)
{
    for (size_t i = 0; i < level->count; ++i)
        level->items[i].role = DATA_ROLE_NONE;
    for (size_t i = 0; i < level->count; ++i) {
        if (level->items[i].kind != DATA_FOLDER)
            continue;
        const split_name name = split_of_item(&level->items[i]);

        if (name.role == DATA_ROLE_NONE)
            continue;
        if (name.rest[0] == '\0')
            level->items[i].role = (int)name.role;
        for (size_t k = 0; k < level->count && name.rest[0] != '\0'; ++k) {
            if (level->items[k].kind != DATA_FOLDER)
                continue;
            const split_name other = split_of_item(&level->items[k]);

            if (other.role != DATA_ROLE_NONE && other.role != name.role &&
                strcasecmp(other.rest, name.rest) == 0)
                level->items[i].role = (int)name.role;
        }
    }
}

/* 3: exactly the split's name, 2: that in another case, 1: another name for it, 0: not to be
 * used. */
static int split_fit(const data_item *item, data_role role)
{
    const size_t length = strcspn(item->path, "/");
    bool plain = false;

    if (item->kind != DATA_FOLDER || item->filled == 0 || item->role != (int)role)
        return 0;
    if (strlen(split_exact[role]) == length && strncmp(item->path, split_exact[role], length) == 0)
        return 3;
    data_role_of(item->path, length, &plain);
    return plain ? 2 : 1;
}

/* The folder called exactly "train" ("test", "val"), else the one called so in another case, else
 * the only one with another name for it; -1: there is none. */
static int split_choose(int *out, const data_listing *level, data_role role, const char *path)
{
    int best = 0, other = -1;

    *out = -1;
    for (size_t i = 0; i < level->count; ++i) {
        const int fit = split_fit(&level->items[i], role);

        if (fit > best) {
            best = fit;
            *out = (int)i;
            other = -1;
        } else if (fit > 0 && fit == best) {
            other = (int)i;
        }
    }
    if (other >= 0)
        return alx_fail(ALX_E_DATA, "%s: both %s and %s look like the %s images: leave one there",
                        path, level->items[*out].path, level->items[other].path, split_exact[role]);
    return 0;
}

int data_splits_choose(int places[2], const data_listing *level, const char *path)
{
    TRY(split_choose(&places[ALX_SPLIT_TRAIN], level, DATA_ROLE_TRAIN, path));
    TRY(split_choose(&places[ALX_SPLIT_TEST], level, DATA_ROLE_TEST, path));
    if (places[ALX_SPLIT_TEST] < 0)
        TRY(split_choose(&places[ALX_SPLIT_TEST], level, DATA_ROLE_VAL, path));
    return 0;
}
