// SPDX-License-Identifier: MIT
/* Frames with wrong checksums, counted by source address, in a table of fixed size. */
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
    size_t count;         /* senders in the table, which senders_sort() moves to its front */
    /* The frames of all senders that have no place in the table, and the frames without an address:
     * not IP, or cut off before it. */
    struct sender others, none;
};

/* Allocates the table. Without memory for it the program ends. */
void senders_open(struct senders *senders);
void senders_close(struct senders *senders);

/* Counts a frame for the sender of the packet whose verdict is the frame's. `flow` is that
 * packet's. */
void senders_add(struct senders *senders, const struct judged *judged, const struct flow *flow);

/* Sorts the table, the worst senders first. Afterwards nothing can be added. */
void senders_sort(struct senders *senders);

/* Prints a row for each of the worst senders, and one for all others. */
void senders_print(const struct senders *senders);
/* Prints all senders as two members of a JSON object. */
void senders_json(const struct senders *senders);

#endif
