// SPDX-License-Identifier: MIT
#include "timeline.h"

#include <string.h>

/* Times further away than this, 69,000 years, are taken for this. Damaged files have them. */
static const int64_t SECONDS_MOST = (int64_t)1 << 41;

enum kind judgement_kind(const struct judgement *j)
{
    if (judgement_is_wrong(j))
        return KIND_WRONG;
    if (j->overall == SEEDED || j->overall == SEEDED_GSO || j->overall == BLANK)
        return KIND_LEFT;
    return j->overall >= UNCHECKED ? KIND_UNJUDGED : KIND_RIGHT;
}

static int64_t to_units(const struct stamp *stamp)
{
    int64_t seconds = stamp->seconds;

    if (seconds > SECONDS_MOST)
        seconds = SECONDS_MOST;
    else if (seconds < -SECONDS_MOST)
        seconds = -SECONDS_MOST;
    return seconds * UNITS_PER_SECOND + (int64_t)stamp->nanoseconds * UNITS_PER_SECOND / 1000000000;
}

/* Makes one bar of two. */
static void widen(struct timeline *t)
{
    uint64_t wide[TIMELINE_BARS][KINDS] = {{0}};
    int64_t first = t->first >> 1;
    size_t to = 0;

    for (size_t i = 0; i < t->count; i++) {
        to = (size_t)(((t->first + (int64_t)i) >> 1) - first);
        for (int k = 0; k < KINDS; k++)
            wide[to][k] += t->bars[i][k];
    }
    memcpy(t->bars, wide, sizeof wide);
    t->first = first;
    t->count = to + 1;
    t->width++;
}

/* Makes room for a time's bar. Returns its index. */
static size_t make_room(struct timeline *t, int64_t units)
{
    int64_t number = units >> t->width;

    while (number - t->first >= TIMELINE_BARS ||
           t->first + (int64_t)t->count - number > TIMELINE_BARS) {
        widen(t);
        number = units >> t->width;
    }
    if (number < t->first) {
        size_t more = (size_t)(t->first - number);

        memmove(t->bars + more, t->bars, t->count * sizeof *t->bars);
        memset(t->bars, 0, more * sizeof *t->bars);
        t->first = number;
        t->count += more;
    }
    if (number - t->first >= (int64_t)t->count)
        t->count = (size_t)(number - t->first) + 1;
    return (size_t)(number - t->first);
}

void timeline_add(struct timeline *t, const struct stamp *stamp, enum kind kind)
{
    int64_t units = to_units(stamp);

    if (t->count == 0) {
        t->first = t->start = t->last = units;
        t->count = 1;
    }
    if (units < t->start)
        t->start = units;
    if (units > t->last)
        t->last = units;
    t->bars[make_room(t, units)][kind]++;
}

uint64_t timeline_packets(const struct timeline *t, size_t bar)
{
    uint64_t n = 0;

    for (int k = 0; k < KINDS; k++)
        n += t->bars[bar][k];
    return n;
}
