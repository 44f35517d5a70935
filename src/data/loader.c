/* loader.c - workers decode images ahead into a ring of batches. A worker takes one image at a time
 * in the order of the run, whatever the number of workers; what an image becomes depends on seed,
 * epoch and its index alone. One mutex guards all but the pixels being filled. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/log.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/try.h"
#include "data/augment.h"
#include "data/set.h"
#include "data/split.h"

#define LOADER_MESSAGE_BYTES 1024

typedef enum { SLOT_FREE, SLOT_FILLING, SLOT_READY, SLOT_HELD } slot_state;

/** A batch of the ring. */
typedef struct loader_slot {
    slot_state state;
    size_t epoch, first;
    int planned, taken, finished; /**< images */
    int failed;                   /**< place of the first image that failed, -1 */
    int rc;                       /**< its error */
    char message[LOADER_MESSAGE_BYTES];
    uint8_t *images; /**< (batch, size, size, 3) */
    alx_crop *crops;
    int32_t *labels;
    size_t *index;
    bool *bad;        /**< to be left out: its gap is closed when the batch is ready */
    size_t *left_out; /**< their indices in the data set, once the batch is ready */
    int left_out_count;
} loader_slot;

struct alx_loader {
    const alx_dataset *set;
    const alx_subset *subset;
    alx_loader_options options;
    size_t image_bytes;
    uint8_t *own_images; /**< of all batches; NULL: they are the caller's */
    loader_slot *slots;
    size_t slot_count, filling, reading; /**< batches since the start: slot = count % slot_count */
    size_t *order;                       /**< of the epoch being filled */
    size_t epoch, position;              /**< of the next batch to be filled */
    bool *counted;                       /**< those in bad_count; of the caller's thread alone */
    size_t bad_count;                    /**< in the batches handed out */
    pthread_mutex_t lock;
    pthread_cond_t has_work, has_batch;
    pthread_t *threads;
    int thread_count;
    bool stop;
};

/* ---- order --------------------------------------------------------------------------------- */

static void loader_order_epoch(alx_loader *loader)
{
    memcpy(loader->order, loader->subset->index, loader->subset->count * sizeof *loader->order);
    if (loader->options.shuffle)
        data_shuffle(loader->order, loader->subset->count, loader->options.seed, BASE_RNG_SHUFFLE,
                     loader->epoch);
}

static void loader_advance(alx_loader *loader, size_t images)
{
    loader->position += images;
    if (loader->position == loader->subset->count) {
        loader->position = 0;
        ++loader->epoch;
        loader_order_epoch(loader);
    }
}

static size_t loader_planned(const alx_loader *loader)
{
    const size_t left = loader->subset->count - loader->position;
    const size_t batch = (size_t)loader->options.batch;

    return left < batch ? left : batch;
}

/* To the next batch that is of the loader's share. */
static void loader_skip_others(alx_loader *loader)
{
    const alx_loader_options *o = &loader->options;
    const size_t batch = (size_t)o->batch, of = (size_t)o->share_of;

    while (of > 0 && (loader->position / batch % of < (size_t)o->share_first ||
                      loader->position / batch % of >= (size_t)o->share_end))
        loader_advance(loader, loader_planned(loader));
}

static void loader_begin_batch(alx_loader *loader, loader_slot *slot)
{
    const size_t batch = (size_t)loader->options.batch;

    slot->state = SLOT_FILLING;
    slot->epoch = loader->epoch;
    slot->first = loader->position;
    slot->planned = (int)loader_planned(loader);
    slot->taken = slot->finished = slot->left_out_count = slot->rc = 0;
    slot->failed = -1;
    memset(slot->bad, 0, batch * sizeof *slot->bad);
    memcpy(slot->index, loader->order + loader->position,
           (size_t)slot->planned * sizeof *slot->index);
    loader_advance(loader, (size_t)slot->planned);
    loader_skip_others(loader);
}

/* ---- workers, lock held -------------------------------------------------------------------- */

/* Waits for an image to decode: its batch and place; NULL when the loader stops. */
static loader_slot *loader_take(alx_loader *loader, int *place)
{
    while (!loader->stop) {
        loader_slot *slot = &loader->slots[loader->filling % loader->slot_count];

        if (slot->state == SLOT_FREE)
            loader_begin_batch(loader, slot);
        if (slot->state == SLOT_FILLING && slot->taken < slot->planned) {
            *place = slot->taken++;
            if (slot->taken == slot->planned)
                ++loader->filling;
            return slot;
        }
        pthread_cond_wait(&loader->has_work, &loader->lock);
    }
    return NULL;
}

static void loader_note_failure(alx_loader *loader, loader_slot *slot, int place, int rc)
{
    if (rc == ALX_E_DATA && loader->options.skip_bad) {
        slot->bad[place] = true;
        if (data_set_tell(loader->set, slot->index[place]))
            alx_warn("left out: %s", alx_status_text(rc));
    } else if (slot->failed < 0 || place < slot->failed) {
        slot->failed = place;
        slot->rc = rc;
        snprintf(slot->message, sizeof slot->message, "%s%s", alx_status_text(rc),
                 rc == ALX_E_DATA ? " (--skip-bad leaves it out)" : "");
    }
}

static void loader_close_gaps(const alx_loader *loader, loader_slot *slot)
{
    const size_t bytes = loader->image_bytes;
    int kept = 0;

    for (int i = 0; i < slot->planned; ++i) {
        if (slot->bad[i]) {
            slot->left_out[slot->left_out_count++] = slot->index[i];
            continue;
        }
        if (kept != i) {
            memcpy(slot->images + (size_t)kept * bytes, slot->images + (size_t)i * bytes, bytes);
            slot->crops[kept] = slot->crops[i];
            slot->labels[kept] = slot->labels[i];
            slot->index[kept] = slot->index[i];
        }
        ++kept;
    }
    slot->planned = kept;
    for (int i = kept; i < loader->options.batch; ++i) {
        memset(slot->images + (size_t)i * bytes, 0, bytes);
        slot->crops[i] = (alx_crop){ 0 };
        slot->labels[i] = -1;
        slot->index[i] = 0;
    }
}

static void loader_finish(alx_loader *loader, loader_slot *slot, int place, int rc)
{
    if (rc != 0)
        loader_note_failure(loader, slot, place, rc);
    if (++slot->finished < slot->planned)
        return;
    loader_close_gaps(loader, slot);
    slot->state = SLOT_READY;
    pthread_cond_broadcast(&loader->has_batch);
}

static void *loader_work(void *argument)
{
    alx_loader *loader = argument;
    loader_slot *slot = NULL;
    int place = 0;

    pthread_mutex_lock(&loader->lock);
    while ((slot = loader_take(loader, &place)) != NULL) {
        pthread_mutex_unlock(&loader->lock);
        const size_t index = slot->index[place];
        const int rc = alx_dataset_load(loader->set, index, loader->options.size,
                                        slot->images + (size_t)place * loader->image_bytes);

        slot->crops[place] = data_augment(&loader->options, slot->epoch, index);
        slot->labels[place] = alx_dataset_label(loader->set, index);
        pthread_mutex_lock(&loader->lock);
        loader_finish(loader, slot, place, rc);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

/* ---- making and ending --------------------------------------------------------------------- */

static int loader_check(const alx_subset *subset, const alx_loader_options *o, size_t position)
{
    const int pad = o->config != NULL ? o->config->pad : 0;

    if (subset->count == 0)
        return alx_fail(ALX_E_DATA, "no images to load");
    if (o->batch < 1 || o->size < 1 || o->threads < 1 || o->prefetch < 1 || o->crop_height < 1 ||
        o->crop_width < 1)
        return alx_fail(ALX_E_USAGE, "batch, image size, crop, loader threads and prefetch must be "
                                     "at least 1");
    if (o->crop_height > o->size + 2 * pad || o->crop_width > o->size + 2 * pad)
        return alx_fail(ALX_E_USAGE, "a crop of %d x %d does not fit images of %d with padding %d",
                        o->crop_width, o->crop_height, o->size, pad);
    if (position < subset->count && position % (size_t)o->batch != 0)
        return alx_fail(ALX_E_USAGE, "position %zu of an epoch is not a multiple of batch size %d",
                        position, o->batch);
    if (o->share_of > 0 &&
        (o->share_first < 0 || o->share_first >= o->share_end || o->share_end > o->share_of ||
         subset->count <= (size_t)o->share_first * (size_t)o->batch))
        return alx_fail(ALX_E_USAGE, "no batch of %d of %zu images is in shares %d to %d of %d",
                        o->batch, subset->count, o->share_first + 1, o->share_end, o->share_of);
    if (o->augment &&
        (o->config == NULL || (o->config->colour != ALX_COLOUR_OFF && o->statistics == NULL)))
        return alx_fail(ALX_E_USAGE, "augmentation without its configuration or statistics");
    return 0;
}

static size_t loader_slot_count(const alx_loader_options *options)
{
    return (size_t)options->prefetch + 1; /* one is with the caller */
}

size_t alx_loader_bytes(const alx_loader_options *options)
{
    return loader_slot_count(options) * (size_t)options->batch * (size_t)options->size *
           (size_t)options->size * 3;
}

static int loader_allocate(alx_loader *loader)
{
    const size_t batch = (size_t)loader->options.batch;
    uint8_t *images = loader->options.images;
    bool all = true;

    if (images == NULL)
        images = loader->own_images = calloc(1, alx_loader_bytes(&loader->options));
    loader->slot_count = loader_slot_count(&loader->options);
    loader->slots = calloc(loader->slot_count, sizeof *loader->slots);
    loader->order = calloc(loader->subset->count, sizeof *loader->order);
    loader->counted = calloc(alx_dataset_count(loader->set) + 1, sizeof *loader->counted);
    loader->threads = calloc((size_t)loader->options.threads, sizeof *loader->threads);
    all = images != NULL && loader->slots != NULL && loader->order != NULL &&
          loader->counted != NULL && loader->threads != NULL;
    for (size_t i = 0; all && i < loader->slot_count; ++i) {
        loader_slot *slot = &loader->slots[i];

        slot->images = images + i * batch * loader->image_bytes;
        slot->crops = calloc(batch, sizeof *slot->crops);
        slot->labels = calloc(batch, sizeof *slot->labels);
        slot->index = calloc(batch, sizeof *slot->index);
        slot->bad = calloc(batch, sizeof *slot->bad);
        slot->left_out = calloc(batch, sizeof *slot->left_out);
        all = slot->crops != NULL && slot->labels != NULL && slot->index != NULL &&
              slot->bad != NULL && slot->left_out != NULL;
    }
    if (!all)
        return alx_fail(ALX_E_MEMORY, "out of host memory for %zu batches of %zu images",
                        loader->slot_count, batch);
    return 0;
}

static int loader_start(alx_loader *loader)
{
    for (int i = 0; i < loader->options.threads; ++i) {
        if (pthread_create(&loader->threads[i], NULL, loader_work, loader) != 0)
            return alx_fail(ALX_E_MEMORY, "loader thread %d of %d cannot be started", i + 1,
                            loader->options.threads);
        ++loader->thread_count;
    }
    return 0;
}

int alx_loader_create(alx_loader **out, const alx_dataset *set, const alx_subset *subset,
                      const alx_loader_options *options, size_t epoch, size_t position)
{
    alx_loader *loader = NULL;
    int rc = 0;

    *out = NULL;
    TRY_DONE(loader_check(subset, options, position));
    loader = calloc(1, sizeof *loader);
    if (loader == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for the loader");
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->has_work, NULL);
    pthread_cond_init(&loader->has_batch, NULL);
    loader->set = set;
    loader->subset = subset;
    loader->options = *options;
    loader->image_bytes = (size_t)options->size * (size_t)options->size * 3;
    loader->epoch = position < subset->count ? epoch : epoch + 1;
    loader->position = position < subset->count ? position : 0;
    TRY_DONE(loader_allocate(loader));
    loader_order_epoch(loader);
    loader_skip_others(loader);
    TRY_DONE(loader_start(loader));
    *out = loader;
    loader = NULL;
done:
    alx_loader_free(loader);
    return rc;
}

void alx_loader_free(alx_loader *loader)
{
    if (loader == NULL)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->stop = true;
    pthread_cond_broadcast(&loader->has_work);
    pthread_mutex_unlock(&loader->lock);
    for (int i = 0; i < loader->thread_count; ++i)
        pthread_join(loader->threads[i], NULL);
    pthread_mutex_destroy(&loader->lock);
    pthread_cond_destroy(&loader->has_work);
    pthread_cond_destroy(&loader->has_batch);
    for (size_t i = 0; loader->slots != NULL && i < loader->slot_count; ++i) {
        free(loader->slots[i].crops);
        free(loader->slots[i].labels);
        free(loader->slots[i].index);
        free(loader->slots[i].bad);
        free(loader->slots[i].left_out);
    }
    free(loader->own_images);
    free(loader->slots);
    free(loader->order);
    free(loader->counted);
    free(loader->threads);
    free(loader);
}

/* ---- the caller's side --------------------------------------------------------------------- */

/* Counted here and not by the workers, which may find an image bad in a later epoch's batch
 * first. */
static void loader_count_bad(alx_loader *loader, const loader_slot *slot)
{
    for (int i = 0; i < slot->left_out_count; ++i) {
        bool *counted = &loader->counted[slot->left_out[i]];

        loader->bad_count += !*counted;
        *counted = true;
    }
}

static void loader_hand_out(const loader_slot *slot, alx_batch *batch)
{
    batch->count = slot->planned;
    batch->images = slot->images;
    batch->crops = slot->crops;
    batch->labels = slot->labels;
    batch->index = slot->index;
    batch->epoch = slot->epoch;
    batch->first = slot->first;
}

int alx_loader_next(alx_loader *loader, alx_batch *batch)
{
    const double start = base_seconds();
    int rc = 0;

    *batch = (alx_batch){ 0 };
    pthread_mutex_lock(&loader->lock);
    loader_slot *slot = &loader->slots[loader->reading % loader->slot_count];

    if (slot->state == SLOT_HELD) {
        rc = alx_fail(ALX_E_USAGE, "all %zu batches are held; release one first",
                      loader->slot_count);
        goto done;
    }
    while (slot->state != SLOT_READY)
        pthread_cond_wait(&loader->has_batch, &loader->lock);
    if (slot->rc != 0) {
        rc = alx_fail(slot->rc, "%s", slot->message);
        goto done;
    }
    slot->state = SLOT_HELD;
    ++loader->reading;
    loader_count_bad(loader, slot);
    loader_hand_out(slot, batch);
done:
    pthread_mutex_unlock(&loader->lock);
    batch->wait_seconds = base_seconds() - start;
    return rc;
}

void alx_loader_release(alx_loader *loader, const alx_batch *batch)
{
    pthread_mutex_lock(&loader->lock);
    for (size_t i = 0; i < loader->slot_count; ++i)
        if (loader->slots[i].images == batch->images && loader->slots[i].state == SLOT_HELD)
            loader->slots[i].state = SLOT_FREE;
    pthread_cond_broadcast(&loader->has_work);
    pthread_mutex_unlock(&loader->lock);
}

size_t alx_loader_batches(const alx_loader *loader)
{
    const alx_loader_options *o = &loader->options;
    const size_t batch = (size_t)o->batch, of = (size_t)o->share_of;
    const size_t all = (loader->subset->count + batch - 1) / batch;

    if (of == 0)
        return all;
    const size_t first = (size_t)o->share_first, own = (size_t)o->share_end - first;
    const size_t rest = all % of > first ? all % of - first : 0;

    return all / of * own + (rest < own ? rest : own);
}

size_t alx_loader_bad_count(const alx_loader *loader)
{
    return loader->bad_count;
}
