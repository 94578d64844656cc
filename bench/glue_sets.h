// SPDX-License-Identifier: MIT
/* Sets of Ethernet frames that the glue is measured on. */
#ifndef GLUE_SETS_H
#define GLUE_SETS_H

#include "frames.h"
#include "csumoff.h"

enum {
    WARM = 1024,   /* frames in a set that stays in the cache */
    COLD = 65536,  /* frames in a set that is larger than any cache */
    SHORTEST = 60, /* bytes of a frame in a mixed set, without the FCS */
    LONGEST = 1514
};

/* Frames, and the order in which they are used. */
struct set {
    uint8_t *base;
    size_t bytes;
    const struct place *places;
    const struct csumoff_layout *layouts; /* of each place; NULL in sets where no work needs them */
    size_t mask;                          /* call i works on places[i & mask] */
};

/* The content of the checksum fields before the work. */
enum content {
    COMPLETE,
    SEED
};

/* Returns WARM frames of one kind and length. Each begins at a cache line of its own. */
struct set set_warm(const struct kind *kind, size_t len, enum content content);

/* Returns WARM frames of four kinds and of all lengths, in a random order that is longer than a
 * branch predictor remembers. */
struct set set_mixed(enum content content);

/* Returns COLD frames of one kind and length that are far apart, in a random order. Their checksum
 * fields are random: set_hold() fills them in. */
struct set set_cold(const struct kind *kind, size_t len);

/* Returns a copy of the set whose frames may be written to. The caller frees its `base`. */
struct set set_copy(const struct set *set);

/* Writes the content into the checksum fields of one frame, or of all frames of a set. */
void frame_hold(uint8_t *frame, size_t len, enum content content);
void set_hold(const struct set *set, enum content content);

/* Evicts all frames of a set from the caches. */
void set_evict(const struct set *set);

#endif
