/* statistics.c - mean image and colour statistics of a packed database, read back from it, so
 * that they are those of the images that training will see. */
#include "data/pack/pack.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alexnet/dev/io.h"
#include "base/file_writer.h"
#include "base/json.h"
#include "base/try.h"
#include "data/source/lmdb.h"
#include "data/statistics/cache.h"

static int write_npy(const pack_job *job, const alx_statistics *statistics)
{
    const size_t size = (size_t)statistics->size, dims[] = { size, size, 3 };
    char head[ALX_NPY_HEADER_BYTES], path[DATA_PATH_BYTES + 16];
    base_file_writer *writer = NULL;
    int rc = 0;

    alx_npy_header(head, dims, 3);
    snprintf(path, sizeof path, "%s/mean.npy", job->path);
    TRY_DONE(base_file_writer_open(&writer, path));
    TRY_DONE(base_file_writer_write(writer, head, sizeof head));
    TRY_DONE(
        base_file_writer_write(writer, statistics->mean_image, size * size * 3 * sizeof(float)));
    TRY_DONE(base_file_writer_commit(&writer));
done:
    base_file_writer_abort(&writer);
    return rc;
}

static cJSON *matrix_json(const double matrix[3][3])
{
    cJSON *rows = cJSON_CreateArray();

    for (int i = 0; i < 3; ++i)
        base_json_append(rows, cJSON_CreateDoubleArray(matrix[i], 3));
    return rows;
}

static int write_json(const pack_job *job, const alx_statistics *s)
{
    char path[DATA_PATH_BYTES + 32];
    cJSON *tree = cJSON_CreateObject();

    base_json_add_number(tree, "images", (double)s->images);
    base_json_add_number(tree, "size", s->size);
    base_json_add(tree, "mean", cJSON_CreateDoubleArray(s->mean, 3));
    base_json_add(tree, "deviation", cJSON_CreateDoubleArray(s->deviation, 3));
    base_json_add(tree, "covariance", matrix_json(s->covariance));
    base_json_add(tree, "eigenvalues", cJSON_CreateDoubleArray(s->eigenvalues, 3));
    base_json_add(tree, "eigenvectors", matrix_json(s->eigenvectors));
    char *text = base_json_text(tree, true);

    cJSON_Delete(tree);
    if (text == NULL)
        return alx_fail(ALX_E_MEMORY, "%s: out of host memory", job->path);
    snprintf(path, sizeof path, "%s/statistics.json", job->path);
    const int rc = base_file_write(path, text, strlen(text));

    free(text);
    return rc;
}

int data_pack_statistics(const pack_job *job)
{
    const alx_statistics_options options = {
        .size = job->options->size,
        .threads = job->options->threads,
        .interrupt = job->options->interrupt,
    };
    alx_statistics statistics = { 0 };
    alx_subset all = { 0 };
    alx_dataset *packed = NULL;
    char path[DATA_PATH_BYTES + 16];
    int rc = 0;

    TRY_DONE(alx_dataset_open(&packed, job->path, ALX_SPLIT_TRAIN));
    TRY_DONE(alx_subset_all(&all, packed));
    TRY_DONE(alx_statistics_compute(&statistics, packed, &all, &options));
    TRY_DONE(write_npy(job, &statistics));
    TRY_DONE(write_json(job, &statistics));
    snprintf(path, sizeof path, "%s/" DATA_LMDB_STATISTICS, job->path);
    TRY_DONE(data_statistics_write(&statistics, path));
done:
    alx_subset_free(&all);
    alx_statistics_free(&statistics);
    alx_dataset_close(packed);
    return rc;
}
