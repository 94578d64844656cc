// SPDX-License-Identifier: MIT
/* A row of the glue's benchmark, and the comparison of its contenders. */
#ifndef GLUE_ROWS_H
#define GLUE_ROWS_H

#include "glue_loops.h"

enum {
    ONE_BY_ONE,
    IN_BURSTS,
    EACH_ITEM, /* single calls for the items of a burst */
    STRAIGHT,
    STRAIGHT_AHEAD,
    CONTENDERS,
    SUM = CONTENDERS /* only sums, and is not compared */
};

struct glue_row {
    const char *what;
    const struct kind *kind; /* NULL: all kinds and lengths */
    size_t len;
    enum content content;
    bool is_cold;
    size_t tolerated; /* how many bits of the lengths may be wrong: bytes behind the IP datagram are
                         allowed, so a datagram may say to be shorter than it is */
    glue_fn *run[CONTENDERS + 1];
};

/* Compares the row's contenders, which begin with the same frames, one of which has a wrong
 * checksum. If their results differ, the program ends. */
void glue_compare_contenders(const struct glue_row *row, const struct set *set);

/* Compares the row's straight-line code with csumoff on damaged frames. If it refuses another
 * number of frames than expected, or differs on a frame that it accepts, the program ends. */
void glue_compare_straight(const struct glue_row *row, const struct set *set);

#endif
