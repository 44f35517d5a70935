/* formats.c - what files named .jpg or .png really are when they are neither: only to name it. */
#include "data/image/image.h"

#include <string.h>

typedef struct format_mark {
    size_t at;
    const char *bytes;
    size_t count;
    const char *name, *advice;
} format_mark;

#define FORMAT(at, text, name)                                                                     \
    {                                                                                              \
        at, text, sizeof text - 1, name, FORMAT_CONVERT                                            \
    }
#define NO_IMAGE(at, text, name, advice)                                                           \
    {                                                                                              \
        at, text, sizeof text - 1, name, advice                                                    \
    }
#define FORMAT_CONVERT "convert it to one of them"

static const format_mark marks[] = {
    FORMAT(8, "WEBP", "WebP"),
    FORMAT(0, "GIF8", "GIF"),
    FORMAT(4, "ftypavif", "AVIF"),
    FORMAT(4, "ftypavis", "AVIF"),
    FORMAT(4, "ftyphe", "HEIC"),
    FORMAT(4, "ftypmif1", "HEIC or AVIF"),
    FORMAT(4, "ftypmsf1", "HEIC or AVIF"),
    FORMAT(4, "ftyp", "a video or raw photo"),
    FORMAT(0, "\0\0\0\014jP  ", "JPEG 2000"),
    FORMAT(0, "\xFF\x4F\xFF\x51", "JPEG 2000"),
    FORMAT(0, "\0\0\0\014JXL ", "JPEG XL"),
    FORMAT(0, "\xFF\x0A", "JPEG XL"),
    FORMAT(0, "II\xBC", "JPEG XR"),
    FORMAT(0, "II*\0", "TIFF"),
    FORMAT(0, "MM\0*", "TIFF"),
    FORMAT(0, "II+\0", "TIFF"),
    FORMAT(0, "MM\0+", "TIFF"),
    FORMAT(0, "\0\0\1\0", "ICO"),
    FORMAT(0, "8BPS", "PSD"),
    FORMAT(0, "%PDF", "PDF"),
    FORMAT(128, "DICM", "DICOM"),
    NO_IMAGE(0, "version https://git-lfs", "a Git LFS pointer", "git lfs pull fetches the image"),
    NO_IMAGE(0, "<", "HTML or XML", "was it downloaded in full?"),
};

/* "P6 640 480 255" */
static bool is_netpbm(const uint8_t *bytes, size_t count)
{
    return count >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' &&
           strchr(" \t\r\n", bytes[2]) != NULL;
}

/* Any text may begin with these two letters, so the four bytes after the size must be 0 as well. */
static bool is_bmp(const uint8_t *bytes, size_t count)
{
    return count >= 14 && memcmp(bytes, "BM", 2) == 0 && memcmp(bytes + 6, "\0\0\0\0", 4) == 0;
}

static format_mark find_format(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < ALX_COUNT(marks); ++i)
        if (count >= marks[i].at + marks[i].count &&
            memcmp(bytes + marks[i].at, marks[i].bytes, marks[i].count) == 0)
            return marks[i];
    if (is_netpbm(bytes, count))
        return (format_mark){ .name = "PPM, PGM or PBM", .advice = FORMAT_CONVERT };
    if (is_bmp(bytes, count))
        return (format_mark){ .name = "BMP", .advice = FORMAT_CONVERT };
    return (format_mark){ .name = NULL };
}

int data_image_refuse(const uint8_t *bytes, size_t count, const char *name)
{
    const format_mark format = find_format(bytes, count);

    if (count == 0)
        return alx_fail(ALX_E_DATA, "%s: empty file", name);
    if (format.name == NULL)
        return alx_fail(ALX_E_DATA, "%s: neither JPEG nor PNG", name);
    return alx_fail(ALX_E_DATA, "%s: its content is %s, neither JPEG nor PNG: %s", name,
                    format.name, format.advice);
}
