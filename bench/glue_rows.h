// SPDX-License-Identifier: MIT
/* A row of the glue's benchmark, and the comparison of those who do its work. */
#ifndef GLUE_ROWS_H
#define GLUE_ROWS_H

#include "glue_loops.h"

enum {
    ONE_BY_ONE,
    IN_BURSTS,
    EACH_ITEM, /* single calls, over what bursts are called with */
    STRAIGHT,
    STRAIGHT_AHEAD,
    CONTENDERS,
    SUM = CONTENDERS /* does less than the others, and is not compared */
};

struct glue_row {
    const char *what;
    const struct kind *kind; /* NULL: all kinds and lengths */
    size_t len;
    enum content content;
    bool is_cold;
    size_t tolerated; /* bits of the lengths that can be wrong, because only what IP counts is read
                         and may be followed by anything */
    glue_fn *run[CONTENDERS + 1];
};

/* Ends the program where one of the row's contenders does other work than the others. They begin
 * with the same frames, one of which has a wrong checksum. */
void glue_compare_contenders(const struct glue_row *row, const struct set *set);

/* Ends the program where the row's straight-line code refuses another number of frames than it has
 * to, or does other work than csumoff on a frame that it accepts. */
void glue_compare_straight(const struct glue_row *row, const struct set *set);

#endif
