// SPDX-License-Identifier: MIT
#include "stamp.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

struct stamp stamp_read(const struct packet *p, bool is_nano)
{
    const struct record *record = p->record;
    uint32_t unit = is_nano ? STAMP_SECOND : 1000000;
    const struct stamp stamp = {
        .seconds = record->seconds + record->fraction / unit,
        .nanoseconds = record->fraction % unit * (STAMP_SECOND / unit),
        .is_nano = is_nano,
        .is_known = record->has_time,
    };

    return stamp;
}

/* Writes the fraction of a second, and a text behind it. */
static void add_fraction(char text[STAMP_SIZE], const struct stamp *stamp, int64_t nanoseconds,
                         const char *end)
{
    size_t len = strlen(text);

    if (stamp->is_nano)
        snprintf(text + len, STAMP_SIZE - len, ".%09" PRId64 "%s", nanoseconds, end);
    else
        snprintf(text + len, STAMP_SIZE - len, ".%06" PRId64 "%s", nanoseconds / 1000, end);
}

static void format_relative(char text[STAMP_SIZE], const struct stamp *stamp,
                            const struct stamp *first)
{
    int64_t nanoseconds = (int64_t)stamp->nanoseconds - first->nanoseconds, seconds;
    bool is_before;

    /* The times in damaged files may be further apart than any real ones. */
    if (__builtin_sub_overflow(stamp->seconds, first->seconds, &seconds) || seconds == INT64_MIN)
        seconds = stamp->seconds < first->seconds ? -INT64_MAX : INT64_MAX;
    is_before = seconds < 0 || (seconds == 0 && nanoseconds < 0);
    if (is_before) {
        seconds = -seconds;
        nanoseconds = -nanoseconds;
    }
    if (nanoseconds < 0) {
        seconds--;
        nanoseconds += STAMP_SECOND;
    }
    snprintf(text, STAMP_SIZE, "%s%" PRId64, is_before ? "-" : "", seconds);
    add_fraction(text, stamp, nanoseconds, "");
}

static void format_utc(char text[STAMP_SIZE], const struct stamp *stamp)
{
    static char second[STAMP_SIZE]; /* many packets of a capture have the same one */
    static int64_t is_of = -1;
    time_t t = (time_t)stamp->seconds;
    struct tm tm;

    if (is_of != stamp->seconds || is_of == -1) {
        if (!gmtime_r(&t, &tm) || strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", &tm) == 0)
            snprintf(second, sizeof second, "%" PRId64, stamp->seconds);
        is_of = stamp->seconds;
    }
    snprintf(text, STAMP_SIZE, "%.32s", second);
    add_fraction(text, stamp, stamp->nanoseconds, "Z");
}

const char *stamp_format(char text[STAMP_SIZE], enum stamp_form form, const struct stamp *stamp,
                         const struct stamp *first)
{
    if (!stamp->is_known || (form == STAMP_RELATIVE && !first->is_known))
        snprintf(text, STAMP_SIZE, "-");
    else if (form == STAMP_RELATIVE)
        format_relative(text, stamp, first);
    else
        format_utc(text, stamp);
    return text;
}

int stamp_width(enum stamp_form form, bool is_nano)
{
    return (form == STAMP_UTC ? 27 : 13) + (is_nano ? 3 : 0);
}
