// SPDX-License-Identifier: MIT
/* The totals over all frames. */
#ifndef TALLY_H
#define TALLY_H

#include "judge.h"

struct tally {
    int captures, unusable;
    uint64_t packets;
    uint64_t counts[VERDICTS][PROTOCOLS];
    uint64_t reasons[REASONS];
    uint64_t near[NEARS];                /* of all wrong packets, and NEAR_JOINED */
    uint64_t unfinished[VERDICTS];       /* wrong but not BAD: seeds that arrived */
    uint64_t bad_headers, blank_headers; /* packets with such an IPv4 header */
    struct fragment_counts fragments;
    uint64_t filtered;         /* packets that --filter left out */
    struct file_totals *files; /* one for each capture; NULL: not wanted */
    struct senders *senders;   /* NULL: not wanted */
    struct timeline *timeline; /* NULL: not wanted */
};

struct totals {
    uint64_t packets, wrong, right, unchecked;
};

/* The totals of one capture. */
struct file_totals {
    const char *name;
    bool is_usable; /* it was read to its end */
    struct totals n;
};

/* Counts a frame. `flow` is that of its outermost packet. */
void tally_add(struct tally *tally, const struct judged *judged, const struct flow *flow);
void tally_add_fragments(struct tally *tally, const struct fragment_counts *counts);
uint64_t tally_verdict(const struct tally *tally, enum verdict verdict);
uint64_t tally_protocol(const struct tally *tally, int protocol);
struct totals tally_totals(const struct tally *tally);
/* Returns the totals of the frames since `before`. */
struct totals tally_since(const struct tally *tally, const struct totals *before);

#endif
