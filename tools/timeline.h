// SPDX-License-Identifier: MIT
/* Kinds of packets over the time of the captures, in bars of equal width. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "judge.h"
#include "stamp.h"

enum {
    TIMELINE_BARS = 120,
    UNITS_PER_SECOND = 1 << 20 /* the unit of times */
};

/* The kinds, from the bottom of a bar to its top. */
enum kind {
    KIND_WRONG,
    KIND_LEFT, /* left to the network card */
    KIND_UNJUDGED,
    KIND_RIGHT,
    KINDS
};

/* When the captures get longer than all bars, each two bars become one, so that the size is fixed.
 * Initialized with zeros. */
struct timeline {
    size_t count;        /* of bars; 0: there was no packet */
    unsigned width;      /* a bar has 1 << width units */
    int64_t first;       /* bars[0] begins at first << width units */
    int64_t start, last; /* times of the first and of the last packet, in units */
    uint64_t bars[TIMELINE_BARS][KINDS];
};

/* Returns the kind of a packet. */
enum kind judgement_kind(const struct judgement *judgement);

void timeline_add(struct timeline *timeline, const struct stamp *stamp, enum kind kind);

/* Returns how many packets a bar counts. */
uint64_t timeline_packets(const struct timeline *timeline, size_t bar);

#endif
