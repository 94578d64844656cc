// SPDX-License-Identifier: MIT
/* Who sends wrong checksums: frames counted by source address, in a table of fixed size. */
#ifndef SENDERS_H
#define SENDERS_H

#include "judge.h"

struct sender {
    unsigned ip_version; /* 0: an empty place in the table */
    uint8_t address[16];
    uint64_t packets, bad, seeded;
};

struct senders {
    struct sender *table; /* sorted by senders_sort() */
    size_t count;         /* of those known, which then come first */
    /* What has no place in the table, and what has no address: not IP, or cut off before it. */
    struct sender others, none;
};

/* Allocates the table; ends the program where there is no memory for it. */
void senders_open(struct senders *senders);
void senders_close(struct senders *senders);

/* Counts a frame for the sender of the packet that gives its verdict. `flow`: of that packet. */
void senders_add(struct senders *senders, const struct judged *judged, const struct flow *flow);

/* Moves the senders to the front of the table, the worst ones first. Nothing can be added then. */
void senders_sort(struct senders *senders);

/* Prints a row for each of the worst ones, and one that sums up the rest. */
void senders_print(const struct senders *senders);
/* Prints all of them as two members of a JSON object. */
void senders_json(const struct senders *senders);

#endif
