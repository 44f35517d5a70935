/* data.h - data sets, image decoding, crops of images, and a prefetching loader that lends its
 * batches. Knows nothing of OpenCL. */
#ifndef ALEXNET_DATA_H
#define ALEXNET_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alexnet/config.h"
#include "alexnet/crop.h"
#include "alexnet/status.h"

ALX_BEGIN_DECLS

/* ---- images -------------------------------------------------------------------------------- */

#define ALX_MAX_PIXELS 100000000 /**< above 100 megapixels an image is refused */

/** 8-bit R,G,B pixels, row-major, owned by whoever holds it (alx_image_free). */
typedef struct alx_image {
    int width, height;
    uint8_t *rgb;                /**< height * width * 3 */
    int full_width, full_height; /**< of the file; 0: as width and height */
    int fraction; /**< a JPEG was decoded at 1/fraction, width and height rounded up; 0: whole */
} alx_image;

/** Decodes JPEG (gray, YCbCr, CMYK, YCCK) or PNG (any depth, alpha dropped), by content, not by
 *  name, and turns it as EXIF says or, where that says nothing, XMP. A file whose pixels are all
 *  there is read, whatever else is wrong with it (debug lines tell); one that lacks some is not.
 *  @param size  what alx_image_resize_crop will make of it: a JPEG is decoded at the smallest of 1,
 *               1/2, 1/4 and 1/8 (libjpeg's DCT scaling) that leaves the short side 5/4 of it; with
 *               less than 5/4 sharp pictures come out below 35 dB; 0: whole
 *  @param name  for messages
 *  @return 0; ALX_E_DATA naming the file; ALX_E_MEMORY */
int alx_image_decode(alx_image *out, const uint8_t *bytes, size_t count, int size,
                     const char *name) ALX_MUST_USE;
void alx_image_free(alx_image *image);

/** Short side to `size` (bilinear with antialiasing as Pillow's BILINEAR; long side =
 *  floor(long * size / short)), then the centre size x size. `out` has size*size*3 bytes. */
int alx_image_resize_crop(uint8_t *out, const alx_image *image, int size) ALX_MUST_USE;

/* ---- data sets ----------------------------------------------------------------------------- */

#define ALX_CLASS_NAME_LENGTH 63 /* characters of a class's name that a checkpoint keeps */

/** Which images of a data set. A list, one LMDB alone, images with `labels`, and class folders that
 *  lie in no folder of a split are not split: all images are for training (alx_dataset_has_split),
 *  and all of them are given where ALX_SPLIT_TEST is asked for; class folders only with `alone`
 *  (alx_dataset_options), else they are refused as test images. */
typedef enum { ALX_SPLIT_TRAIN, ALX_SPLIT_TEST } alx_split;

/** A list of labelled images. It is one of
 *  - a folder: train/CLASS/x.jpg and test or val beside train; class folders alone are training
 *    images;
 *  - the same in a tar, or a tar of one tar a class (ImageNet's); images of a compressed one are
 *    unpacked into memory once, up to 1 GiB;
 *  - a list: a text file of "path label" lines, or a table of them; in its order;
 *  - CIFAR-10's binary files: data_batch_*.bin, test_batch.bin, batches.meta.txt;
 *  - an LMDB of Caffe's Datum records, a folder or a file, alone or in train and test or val;
 *    classes.txt in it names the classes, else they are numbers. Nothing may write to it meanwhile.
 *
 *  Leading folders are skipped. The splits may have the usual names: Train, training_set, valid,
 *  dev, seg_test, ILSVRC2012_img_val; what looks like a split where a class is expected is refused.
 *  Without class folders a synset in the files' names says the class (n01440764_10026.JPEG). Images
 *  are *.jpg, *.jpeg, *.jpe, *.jfif, *.jif, *.jfi, *.pjpeg, *.pjp and *.png in any case, also
 *  deeper in a class folder; what else is there is left out and counted (alx_dataset_log_found),
 *  images beside the class folders with a warning.
 *
 *  Class index = place of the class's name among those of train/ in sorted order (CIFAR-10: as in
 *  batches.meta.txt). Order of images: sorted by class, then name (CIFAR-10: as stored; LMDB: by
 *  key). */
typedef struct alx_dataset alx_dataset;

/** @return 0; ALX_E_DATA: nothing there, no such split, an empty class folder, a class of test that
 *  train lacks, a name twice in a tar, a link that leads nowhere unless its name is an
 *  image's (then it is a bad image), any link in a tar, ... */
int alx_dataset_open(alx_dataset **out, const char *path, alx_split split) ALX_MUST_USE;

/** How images are found and read; zero is what alx_dataset_open does. */
typedef struct alx_dataset_options {
    bool whole;          /**< JPEGs are decoded whole, never at a fraction of their size */
    const char *labels;  /**< file with labels of images that are in no class folder: "name label"
                              lines, a table with such columns, or labels alone in the order of the
                              sorted names */
    const char *classes; /**< file that names the classes in the order of their numbers */
    const char *ids;     /**< file that names the class of ILSVRC's id 1, 2, ... */
    const char *root;    /**< folder of a list's paths; NULL: the list's own */
    bool alone;          /**< the test images by themselves, to evaluate: their class folders are
                              the classes, whatever train has, and where nothing is split all
                              images are test images */
} alx_dataset_options;

/** @return also ALX_E_USAGE: an option that this kind of data set has no use for */
int alx_dataset_open_with(alx_dataset **out, const char *path, alx_split split,
                          const alx_dataset_options *options) ALX_MUST_USE;

/** Images to look at, without classes; their label is -1: files, recognised by content; folders, of
 *  which all images in them and deeper, sorted; "-", the image on standard input, read now. Names
 *  are as given. @return 0; ALX_E_DATA: a file that is not there, a folder without images;
 *  ALX_E_USAGE: "-" twice */
int alx_dataset_of_images(alx_dataset **out, const char *const *paths, size_t count) ALX_MUST_USE;
void alx_dataset_close(alx_dataset *set);
size_t alx_dataset_count(const alx_dataset *set);
/** Whether the path holds that split beside what else it holds; costs nothing. */
bool alx_dataset_has_split(const alx_dataset *set, alx_split split);
int alx_dataset_classes(const alx_dataset *set);
/** Says (ALX_LOG_INFO) how many images of which classes were found, in folders called how, and what
 *  was left out and why, and warns of what looks wrong: one class, classes that are called like
 *  splits, folders in class folders, no test images. Either set may be NULL.
 *  @return 0; ALX_E_MEMORY */
int alx_dataset_log_found(const alx_dataset *train, const alx_dataset *test) ALX_MUST_USE;
/** Borrowed names until the set is closed. */
const char *alx_dataset_class_name(const alx_dataset *set, int class_index);
/**
 * Makes labels places in `names`, the classes of a network or of the training images. The set's
 * classes are looked up by name; they may be a part of `names`, in any order. A set that knows only
 * numbers (an LMDB or a list without names) takes `names` in their order, which is said.
 *
 * @param names  copied; looked up also by their first ALX_CLASS_NAME_LENGTH characters
 * @param whose  for messages: a checkpoint's path
 * @return 0; ALX_E_DATA: a class with images that is not among `names`, a label beyond them;
 *         ALX_E_USAGE the second time: a set can be given classes once
 */
int alx_dataset_use_classes(alx_dataset *set, char *const *names, int count,
                            const char *whose) ALX_MUST_USE;
/** The same with the classes of the training images, for the test images beside them. */
int alx_dataset_use_classes_of(alx_dataset *set, const alx_dataset *train) ALX_MUST_USE;
/** -1 of a damaged record, which alx_dataset_load refuses. */
int alx_dataset_label(const alx_dataset *set, size_t index);
/** "train/cat/0001.jpg", with the tar's or folder's own path before it. */
void alx_dataset_image_name(const alx_dataset *set, size_t index, char *name, size_t name_bytes);
/** Decodes image `index`, a large JPEG at a fraction of its size, and makes it size*size*3 bytes by
 *  alx_image_resize_crop. Thread-safe. */
int alx_dataset_load(const alx_dataset *set, size_t index, int size, uint8_t *rgb) ALX_MUST_USE;
/** Fingerprint of list and sizes (32 hex digits), recorded in runs: the same wherever the set lies.
 *  Cached statistics go by it and by the files' times of change. */
const char *alx_dataset_fingerprint(const alx_dataset *set);

/** What a path looks like as a data set. */
typedef struct alx_data_glance {
    int classes;       /**< of the training images */
    int width, height; /**< of one of them; 0 = not known */
    bool has_test;
} alx_data_glance;

/** Whether the path looks like a data set; silent, and soon done: folders are looked at, not
 *  listed, and no archive above 64 MiB is opened. */
bool alx_data_look(alx_data_glance *out, const char *path);

/* ---- a subset and its statistics ------------------------------------------------------------ */

/** Indices of a data set, in order; owned by the holder (alx_subset_free). */
typedef struct alx_subset {
    size_t *index;
    size_t count;
} alx_subset;

/** All images of the set. */
int alx_subset_all(alx_subset *out, const alx_dataset *set) ALX_MUST_USE;
/** Empties it; NULL is fine. */
void alx_subset_free(alx_subset *subset);

/** Splits by a seeded permutation: the last round(share * count) are validation.
 *  share 0: all in `train`, `validation` empty. */
int alx_dataset_split(alx_subset *train, alx_subset *validation, const alx_dataset *set,
                      double share, uint32_t seed) ALX_MUST_USE;

/** Of the training images as stored (size x size), pixels 0..255. */
typedef struct alx_statistics {
    int size;
    float *mean_image;            /**< size*size*3, owned */
    double mean[3], deviation[3]; /**< per channel over all pixels */
    double covariance[3][3];      /**< divisor = number of pixels */
    double eigenvalues[3];        /**< descending */
    double eigenvectors[3][3];    /**< row i belongs to eigenvalue i; largest component positive */
    size_t images;
} alx_statistics;

typedef struct alx_statistics_options {
    int size;                      /**< side of the stored images */
    int threads;                   /**< that decode, >= 1 */
    bool skip_bad;                 /**< leave out images that do not decode */
    const volatile int *interrupt; /**< non-zero: stop with ALX_E_INTERRUPTED; may be NULL */
} alx_statistics_options;

/** Computed, or read: from a packed data set, if the subset is all of it, or from the cache (key:
 *  the set's fingerprint, its files' times of change, subset, size). The same from any number of
 *  threads. */
int alx_statistics_compute(alx_statistics *out, const alx_dataset *set, const alx_subset *subset,
                           const alx_statistics_options *options) ALX_MUST_USE;
/** Statistics of `count` >= 1 pixels in memory, for checks; `mean_image` stays NULL. */
void alx_statistics_of_pixels(alx_statistics *out, const uint8_t *rgb, size_t count);
void alx_statistics_free(alx_statistics *statistics);
/** Eigenvalues (descending) and unit eigenvectors of a symmetric 3x3 matrix, by Jacobi rotations;
 *  sign: the component of largest magnitude is positive. */
void alx_eigen3(double values[3], double vectors[3][3], const double matrix[3][3]);

/* ---- loader -------------------------------------------------------------------------------- */

/** The ten views of test time: top left, top right, bottom left, bottom right and centre (rounded
 *  down), then the same five mirrored. A crop must fit into size x size. */
void alx_ten_crop_boxes(alx_crop boxes[10], int size, int crop_height, int crop_width);

typedef struct alx_loader_options {
    int batch;                   /**< images of a batch; the last of an epoch may be shorter */
    int size;                    /**< side of stored images */
    int crop_height, crop_width; /**< of the network's input */
    int threads;                 /**< decoding workers, >= 1 */
    int prefetch;                /**< batches decoded ahead, >= 1 */
    bool shuffle;                /**< a new permutation each epoch, by seed and epoch */
    bool augment;  /**< crops, mirrors, colour by `config`; else centre crop, none of them */
    bool skip_bad; /**< images that do not decode are counted, listed once and replaced by none:
                            the batch is shorter, `count` may be 0 */
    uint32_t seed;
    const alx_data_config *config;    /**< borrowed; may be NULL (no padding) without augment */
    const alx_statistics *statistics; /**< borrowed; for colour; may be NULL if that is off */
    int share_first, share_end,
        share_of;    /**< of every share_of batches of an epoch, from its start,
                            those from share_first to share_end - 1 alone, though epochs and
                            positions are those of all; share_of 0: all */
    uint8_t *images; /**< where to decode to: alx_loader_bytes, borrowed; NULL: its own memory */
} alx_loader_options;

/** Bytes of the images of all batches that exist at once. */
size_t alx_loader_bytes(const alx_loader_options *options);

/** One batch; borrowed until alx_loader_release. */
typedef struct alx_batch {
    int count;             /**< images in it, <= batch */
    const uint8_t *images; /**< batch * size*size*3 */
    const alx_crop *crops; /**< of each image; batch entries */
    const int32_t *labels; /**< batch entries; -1 beyond `count` */
    const size_t *index;   /**< of each image in the data set */
    size_t epoch, first;   /**< epoch from 0, position of the first image in it */
    double wait_seconds;   /**< that the caller waited for it */
} alx_batch;

typedef struct alx_loader alx_loader;

/** Starts the workers at (epoch, position): the position is a count of images of the epoch already
 *  consumed, a multiple of batch, or all of them. Same seed, same batches, whatever the number of
 *  threads and wherever it started. `set` and `subset` are borrowed. */
int alx_loader_create(alx_loader **out, const alx_dataset *set, const alx_subset *subset,
                      const alx_loader_options *options, size_t epoch,
                      size_t position) ALX_MUST_USE;
/** The next batch; after the last of an epoch the next epoch's first follows. Fails with the error
 *  of the first image of this batch that failed, again and again; ALX_E_USAGE if the caller holds
 *  prefetch + 1 batches already. */
int alx_loader_next(alx_loader *loader, alx_batch *batch) ALX_MUST_USE;
/** Gives the batch back to the workers. */
void alx_loader_release(alx_loader *loader, const alx_batch *batch);
/** Batches of an epoch, of the loader's share. */
size_t alx_loader_batches(const alx_loader *loader);
/** Images left out of the batches handed out so far, each counted once (skip_bad). */
size_t alx_loader_bad_count(const alx_loader *loader);
void alx_loader_free(alx_loader *loader);

/* ---- packing ------------------------------------------------------------------------------- */

typedef struct alx_pack_progress {
    size_t done, total, bad;
    double images_s, eta_seconds; /**< of this run */
} alx_pack_progress;

typedef struct alx_pack_options {
    int size;      /**< side of the stored images, >= 1 */
    int quality;   /**< of JPEG, 1 to 100; 0: raw pixels */
    int threads;   /**< that decode and encode; 0 = one per processor */
    bool skip_bad; /**< leave out images that do not decode, and list them in bad.txt */
    void (*on_progress)(const alx_pack_progress *progress, void *user); /**< may be NULL */
    void *user;
    const volatile int *interrupt; /**< non-zero: stop with ALX_E_INTERRUPTED; may be NULL */
} alx_pack_options;

typedef struct alx_pack_result {
    size_t images, bad; /**< in the database; left out */
    size_t resumed;     /**< images that an earlier run had done */
    double seconds;
} alx_pack_result;

/**
 * Packs images into an LMDB of Caffe's Datum records: keys "%08d_name" in the order of the set, as
 * convert_imageset has them. Beside the records classes.txt, bad.txt (if there are any), and of the
 * training images mean.npy (size,size,3), statistics.json and `statistics`, which training reads.
 *
 * Works in OUT.partial, which becomes OUT at the end. What was committed there before a failure, a
 * full disk, an interrupt or a kill stays; the same call goes on with it, one with other images or
 * options is refused.
 *
 * @param sets  by alx_split; one may be NULL, else they go to OUT/train and OUT/val
 * @return 0; ALX_E_USAGE: options out of range, no set, OUT is there already, or OUT.partial holds
 *         something else; ALX_E_IO; ALX_E_DATA: a bad image
 */
int alx_pack(alx_pack_result *result, const char *out, const alx_dataset *const sets[2],
             const alx_pack_options *options) ALX_MUST_USE;
/** Fails where alx_pack would because of `out`: it is there, or cannot be made. Before the images
 *  are listed, which may take long. */
int alx_pack_check(const char *out) ALX_MUST_USE;

ALX_END_DECLS

#endif
