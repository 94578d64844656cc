// SPDX-License-Identifier: MIT
/* What kind of packets was captured when: bars of equal width over the time of the captures. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "judge.h"
#include "stamp.h"

enum {
    TIMELINE_BARS = 120,
    UNITS_PER_SECOND = 1 << 20 /* what times are counted in */
};

/* The kinds, as they are stacked from the ground up. */
enum kind {
    KIND_WRONG,
    KIND_LEFT, /* to the network card */
    KIND_UNJUDGED,
    KIND_RIGHT,
    KINDS
};

/* As the captures go on, two bars become one: what is kept does not grow. A timeline of zeros is
 * empty. */
struct timeline {
    size_t count;        /* of bars; 0: there was no packet */
    unsigned width;      /* of a bar, as a power of 2, in units */
    int64_t first;       /* which bar is bars[0]: its start is first << width */
    int64_t start, last; /* when the first packet was captured, and the last one, in units */
    uint64_t bars[TIMELINE_BARS][KINDS];
};

/* The kind of a packet by its judgement. */
enum kind judgement_kind(const struct judgement *judgement);

void timeline_add(struct timeline *timeline, const struct stamp *stamp, enum kind kind);

/* Returns how many packets the bar stands for. */
uint64_t timeline_packets(const struct timeline *timeline, size_t bar);

#endif
