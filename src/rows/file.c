/* file.c - a tuning row as a line of JSON:
 *     {"device":"...","driver":"...","kernels":"<hash>","problem":"fc forward 9216 to 4096",
 *      "batch":128,"choice":"vec","ms":21.5,"error":3.1e-07}
 * "ms" is null for a way that failed or whose numbers are wrong. */
#include "rows/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/name_write.h"
#include "base/trust.h"
#include "base/try.h"

static bool read_text(char *out, size_t out_bytes, const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    if (text == NULL || strlen(text) >= out_bytes)
        return false;
    memcpy(out, text, strlen(text) + 1);
    base_name_read(out);
    return true;
}

/* Zero for null where that is allowed. */
static bool read_number(double *out, const cJSON *object, const char *key, double most, bool null)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    *out = cJSON_IsNumber(item) ? item->valuedouble : 0.0;
    return cJSON_IsNumber(item) ? *out >= 0.0 && *out <= most : null && cJSON_IsNull(item);
}

bool rows_line_parse(rows_line *out, const char *text, size_t length)
{
    cJSON *object = cJSON_ParseWithLength(text, length);
    double batch = 0.0;
    const bool right = cJSON_IsObject(object) &&
                       read_text(out->device, sizeof out->device, object, "device") &&
                       read_text(out->driver, sizeof out->driver, object, "driver") &&
                       read_text(out->kernels, sizeof out->kernels, object, "kernels") &&
                       read_text(out->row.problem, sizeof out->row.problem, object, "problem") &&
                       read_text(out->row.choice, sizeof out->row.choice, object, "choice") &&
                       read_number(&batch, object, "batch", 1e9, false) &&
                       read_number(&out->row.ms, object, "ms", 1e9, true) &&
                       read_number(&out->row.error, object, "error", 1e9, true) &&
                       batch <= floor(batch) &&
                       (out->row.ms <= 0.0 || out->row.error <= ALX_ROWS_MOST_ERROR);

    out->row.batch = (int)batch;
    out->row.shipped = false;
    cJSON_Delete(object);
    return right;
}

char *rows_line_text(const rows_line *line)
{
    cJSON *object = cJSON_CreateObject();
    char *text = NULL, *out = NULL;

    base_json_add_text(object, "device", line->device);
    base_json_add_text(object, "driver", line->driver);
    base_json_add_text(object, "kernels", line->kernels);
    base_json_add_text(object, "problem", line->row.problem);
    base_json_add_number(object, "batch", line->row.batch);
    base_json_add_text(object, "choice", line->row.choice);
    if (line->row.ms > 0.0)
        base_json_add_number(object, "ms", line->row.ms);
    else
        base_json_add_null(object, "ms");
    if (isfinite(line->row.error))
        base_json_add_number(object, "error", line->row.error);
    else
        base_json_add_null(object, "error");
    text = base_json_text(object, false);
    if (text != NULL)
        out = malloc(strlen(text) + 2);
    if (out != NULL)
        strcat(strcpy(out, text), "\n");
    free(text);
    cJSON_Delete(object);
    return out;
}

/* Whether the file ends in the middle of a line. */
static bool file_is_torn(int fd)
{
    const off_t end = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

int rows_append(const char *path, const char *text)
{
    const size_t length = strlen(text);
    int fd = -1, rc = 0;

    TRY(base_open_output(&fd, path, O_RDWR | O_APPEND | O_CREAT));
    if ((file_is_torn(fd) && write(fd, "\n", 1) != 1) || write(fd, text, length) != (ssize_t)length)
        rc = alx_fail(ALX_E_IO, "%s: write failed: %s", path, strerror(errno));
    if (close(fd) != 0 && rc == 0)
        rc = alx_fail(ALX_E_IO, "%s: write failed: %s", path, strerror(errno));
    return rc;
}
