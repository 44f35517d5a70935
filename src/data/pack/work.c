/* work.c - workers decode, resize and encode images ahead into a ring; the packing thread takes the
 * records in the order of the set. One mutex guards the ring. */
#include "data/pack/pack.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "data/image/image.h"
#include "data/source/datum.h"

#define PACK_AHEAD 16 /* images for each worker */

typedef struct pack_slot {
    pack_item item;
    bool ready;
} pack_slot;

struct pack_work {
    const pack_job *job;
    pack_slot *slots;
    size_t slot_count, taken, handed; /* images: slot = index % slot_count */
    pthread_mutex_t lock;
    pthread_cond_t has_room, has_item;
    pthread_t *threads;
    int thread_count;
    bool stop;
};

/* ---- one image ----------------------------------------------------------------------------- */

/* Pixels to planes, blue first. */
static void pack_planes(uint8_t *planes, const uint8_t *rgb, size_t pixels)
{
    for (size_t c = 0; c < 3; ++c)
        for (size_t i = 0; i < pixels; ++i)
            *planes++ = rgb[3 * i + 2 - c];
}

static void pack_image(pack_item *item, const pack_job *job, uint8_t *rgb, uint8_t *planes)
{
    const int size = job->options->size, quality = job->options->quality;
    const size_t pixels = (size_t)size * (size_t)size;
    data_datum datum = { .channels = 3,
                         .height = size,
                         .width = size,
                         .data = planes,
                         .data_bytes = pixels * 3,
                         .encoded = quality > 0,
                         .label = alx_dataset_label(job->set, item->index) };
    uint8_t *jpeg = NULL;
    int rc = 0;

    TRY_DONE(alx_dataset_load(job->set, item->index, size, rgb));
    if (quality > 0) {
        TRY_DONE(data_jpeg_encode(&jpeg, &datum.data_bytes, rgb, size, quality));
        datum.data = jpeg;
    } else {
        pack_planes(planes, rgb, pixels);
    }
    TRY_DONE(data_datum_write(&item->record, &item->bytes, &datum));
done:
    free(jpeg);
    item->rc = rc;
    if (rc != 0)
        snprintf(item->message, sizeof item->message, "%s", alx_status_text(rc));
}

/* ---- workers ------------------------------------------------------------------------------- */

/* The next image to make; NULL when there is none, or the work stops. */
static pack_slot *pack_take(pack_work *work)
{
    pack_slot *slot = NULL;

    pthread_mutex_lock(&work->lock);
    while (!work->stop && work->taken == work->handed + work->slot_count)
        pthread_cond_wait(&work->has_room, &work->lock);
    if (!work->stop && work->taken < alx_dataset_count(work->job->set)) {
        slot = &work->slots[work->taken % work->slot_count];
        slot->item = (pack_item){ .index = work->taken++ };
    }
    pthread_mutex_unlock(&work->lock);
    return slot;
}

static void *pack_run(void *argument)
{
    pack_work *work = argument;
    const size_t side = (size_t)work->job->options->size, bytes = side * side * 3;
    uint8_t *rgb = malloc(bytes), *planes = malloc(bytes);

    for (pack_slot *slot; (slot = pack_take(work)) != NULL;) {
        if (rgb == NULL || planes == NULL) {
            slot->item.rc = ALX_E_MEMORY;
            snprintf(slot->item.message, sizeof slot->item.message, "out of host memory");
        } else {
            pack_image(&slot->item, work->job, rgb, planes);
        }
        pthread_mutex_lock(&work->lock);
        slot->ready = true;
        pthread_cond_signal(&work->has_item);
        pthread_mutex_unlock(&work->lock);
    }
    free(rgb);
    free(planes);
    return NULL;
}

int data_pack_work_create(pack_work **out, const pack_job *job, size_t first)
{
    const int threads = job->options->threads;
    pack_work *work = calloc(1, sizeof *work);
    int rc = 0;

    *out = NULL;
    if (work == NULL)
        return alx_fail(ALX_E_MEMORY, "out of host memory for packing");
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->has_room, NULL);
    pthread_cond_init(&work->has_item, NULL);
    work->job = job;
    work->taken = work->handed = first;
    work->slot_count = (size_t)threads * PACK_AHEAD;
    work->slots = calloc(work->slot_count, sizeof *work->slots);
    work->threads = calloc((size_t)threads, sizeof *work->threads);
    if (work->slots == NULL || work->threads == NULL) {
        rc = alx_fail(ALX_E_MEMORY, "out of host memory for packing");
        goto done;
    }
    for (; work->thread_count < threads; ++work->thread_count)
        if (pthread_create(&work->threads[work->thread_count], NULL, pack_run, work) != 0) {
            rc = alx_fail(ALX_E_MEMORY, "worker %d of %d cannot be started", work->thread_count + 1,
                          threads);
            goto done;
        }
    *out = work;
    work = NULL;
done:
    data_pack_work_free(work);
    return rc;
}

void data_pack_work_next(pack_work *work, pack_item *item)
{
    pack_slot *slot = &work->slots[work->handed % work->slot_count];

    pthread_mutex_lock(&work->lock);
    while (!slot->ready)
        pthread_cond_wait(&work->has_item, &work->lock);
    *item = slot->item;
    *slot = (pack_slot){ .ready = false };
    ++work->handed;
    pthread_cond_broadcast(&work->has_room);
    pthread_mutex_unlock(&work->lock);
}

void data_pack_work_free(pack_work *work)
{
    if (work == NULL)
        return;
    pthread_mutex_lock(&work->lock);
    work->stop = true;
    pthread_cond_broadcast(&work->has_room);
    pthread_mutex_unlock(&work->lock);
    for (int i = 0; i < work->thread_count; ++i)
        pthread_join(work->threads[i], NULL);
    for (size_t i = 0; work->slots != NULL && i < work->slot_count; ++i)
        free(work->slots[i].item.record);
    pthread_mutex_destroy(&work->lock);
    pthread_cond_destroy(&work->has_room);
    pthread_cond_destroy(&work->has_item);
    free(work->slots);
    free(work->threads);
    free(work);
}
