/* format.c - numbers as people read them. */
#include "base/format.h"

#include <stdio.h>

#include "base/numbers.h"

base_cell base_format_bytes(size_t bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    double value = (double)bytes;
    size_t unit = 0;
    base_cell out;

    for (; value >= 1023.5 && unit < 4; ++unit)
        value /= 1024.0;
    const int decimals = unit > 1 && value < 99.95 ? 1 : 0;

    base_print(out.text, sizeof out.text, "%.*f %s", decimals, value, units[unit]);
    return out;
}

base_cell base_format_count(size_t count)
{
    char digits[32];
    const size_t length = (size_t)snprintf(digits, sizeof digits, "%zu", count);
    base_cell out;
    size_t at = 0;

    for (size_t i = 0; i < length; ++i) {
        if (i > 0 && (length - i) % 3 == 0)
            out.text[at++] = ',';
        out.text[at++] = digits[i];
    }
    out.text[at] = '\0';
    return out;
}

base_cell base_format_dims(const int *dims, int count)
{
    base_cell out = { "" };
    size_t at = 0;

    for (int i = 0; i < count && at < sizeof out.text - 16; ++i)
        at += (size_t)snprintf(out.text + at, sizeof out.text - at, "%s%d", i > 0 ? "x" : "",
                               dims[i]);
    return out;
}

base_cell base_format_clock(double seconds)
{
    const long long whole = (long long)(seconds + 0.5), days = whole / 86400;
    const int h = (int)(whole / 3600 % 24), m = (int)(whole / 60 % 60), s = (int)(whole % 60);
    base_cell out;

    if (days > 0)
        snprintf(out.text, sizeof out.text, "%lld d %d:%02d:%02d", days, h, m, s);
    else if (h > 0)
        snprintf(out.text, sizeof out.text, "%d:%02d:%02d", h, m, s);
    else
        snprintf(out.text, sizeof out.text, "%d:%02d", m, s);
    return out;
}

base_cell base_format_rate(double per_second)
{
    const int decimals = per_second < 0.995 ? 2 : per_second < 99.95 ? 1 : 0;
    base_cell out;

    base_print(out.text, sizeof out.text, "%.*f", decimals, per_second);
    return out;
}

base_cell base_format_percent(size_t part, size_t whole)
{
    base_cell out = { "-" };

    if (whole > 0)
        base_print(out.text, sizeof out.text, "%.2f", 100.0 * (double)part / (double)whole);
    return out;
}

base_cell base_format_number(double value, int decimals)
{
    base_cell out = { "-" };

    if (value > 0.0)
        base_print(out.text, sizeof out.text, "%.*f", decimals, value);
    return out;
}
