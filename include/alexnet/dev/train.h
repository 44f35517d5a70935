/* train.h - what classes are called; what a layer says of many images: read, searched. */
#ifndef ALEXNET_DEV_TRAIN_H
#define ALEXNET_DEV_TRAIN_H

#include <limits.h>

#include "alexnet/dev/net.h"
#include "alexnet/model.h"

ALX_BEGIN_DECLS

/* ---- classes -------------------------------------------------------------------------------- */

/** A name per class, owned. Start it zeroed. */
typedef struct alx_class_names {
    char **name;
    int count;
} alx_class_names;

/**
 * The checkpoint's class names, or those of a file: "n01440764 tench, Tinca tinca" (ImageNet's
 * synset_words.txt) where every line begins with another class of the checkpoint, or every class
 * begins one line; what follows is the name. Else, if there are as many lines as classes, whole
 * lines in the order of the classes. Empty lines are none.
 *
 * @param path  NULL: none
 * @return 0; ALX_E_DATA if the file is neither; ALX_E_MEMORY
 */
int alx_class_names_create(alx_class_names *out, const alx_checkpoint *checkpoint,
                           const char *path) ALX_MUST_USE;
void alx_class_names_free(alx_class_names *names);

/* ---- a layer as a function of images --------------------------------------------------------- */

typedef struct alx_feature_reader {
    alx_model *model;           /**< borrowed */
    const char *path;           /**< of its checkpoint, for messages; borrowed */
    size_t node;                /**< of alx_graph_layers */
    char layer[ALX_NAME_BYTES]; /**< its name */
    alx_shape shape;            /**< of one image */
    size_t length;              /**< numbers of one image */
    float *batch;               /**< (batch, C, H, W), owned */
    void (*on_batch)(const char *label, size_t done, size_t total, void *user); /**< may be NULL */
    void *user;
} alx_feature_reader;

/** Finds a layer of a model that is built and keeps outputs. Close it whatever happens.
 *  @param layer  NULL = what the last layer sees, but for dropout: relu7 of the paper's network
 *  @return 0; ALX_E_USAGE: no such layer; ALX_E_MEMORY */
int alx_feature_reader_open(alx_feature_reader *out, alx_model *model, const char *path,
                            const char *layer) ALX_MUST_USE;
void alx_feature_reader_close(alx_feature_reader *reader);

/** Gets (batch->count, length) features of a batch. */
typedef int alx_feature_sink(const alx_batch *batch, const float *values, void *user);

/** Computes the features of a subset's images in their order; NULL: of all.
 *  @param label  what on_batch is told
 *  @return what the sink does; ALX_E_NUMERIC: not finite; ALX_E_DATA: no image could be read */
int alx_features_each(alx_feature_reader *reader, const alx_dataset *set, const alx_subset *subset,
                      const char *label, alx_feature_sink *sink, void *user) ALX_MUST_USE;
/** The same into memory; alx_features_free it whatever happens. */
int alx_features_gather(alx_features *out, alx_feature_reader *reader, const alx_dataset *set,
                        const alx_subset *subset, const char *label) ALX_MUST_USE;
void alx_features_free(alx_features *gathered);

/* ---- which image a row is of ----------------------------------------------------------------- */

#define ALX_FEATURES_LINE_BYTES (4 * PATH_MAX + 1024)
/** "IMAGE" or "IMAGE\tCLASS", as the list beside a file of features has it; escaped. */
void alx_features_line(char line[ALX_FEATURES_LINE_BYTES], const alx_dataset *set, size_t index,
                       int label);
bool alx_features_is_npy(const char *path);
/** "F.txt" of "F.npy"; ALX_E_USAGE for another name. */
int alx_features_list_path(char path[PATH_MAX], const char *npy_path) ALX_MUST_USE;

/* ---- the nearest ----------------------------------------------------------------------------- */

/** The images of a set, or of a file of features, that are nearest to given ones. */
typedef struct alx_feature_search {
    alx_neighbours found;
    char **lines; /**< of what was searched, as the list beside a file has them */
    size_t line_count;
} alx_feature_search;

/** @param queries  borrowed. Free it whatever happens. */
int alx_feature_search_create(alx_feature_search *out, const alx_features *queries,
                              size_t k) ALX_MUST_USE;
void alx_feature_search_free(alx_feature_search *search);

/** Adds a set's images. */
int alx_feature_search_images(alx_feature_search *search, alx_feature_reader *reader,
                              const alx_dataset *set, const char *label) ALX_MUST_USE;
/** Adds the rows of "F.npy", that images of "F.txt" have.
 *  @return ALX_E_DATA: another number of features, a row is not finite, lines and rows differ */
int alx_feature_search_file(alx_feature_search *search, const alx_feature_reader *reader,
                            const char *path) ALX_MUST_USE;

ALX_END_DECLS

#endif
