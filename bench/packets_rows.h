// SPDX-License-Identifier: MIT
/* A row of the benchmark of whole packets, and the comparison of those who do its work. */
#ifndef PACKETS_ROWS_H
#define PACKETS_ROWS_H

#include "frames.h"
#include "packets.h"

enum {
    CSUMOFF,
    DPDK,
    STRAIGHT,
    CONTENDERS
};

struct packets_row {
    const char *what;
    const struct kind *kind;
    size_t len;
    packets_fn *run[CONTENDERS];
};

/* Returns the source address that rewriting packet i writes: another one for each i. */
static inline uint32_t packets_address(size_t i)
{
    return (uint32_t)i * 2654435761;
}

/* Ends the program where one of the row's contenders does other work than csumoff. They begin with
 * the same frames, one of which has a wrong checksum. */
void packets_compare_contenders(const struct packets_row *row, const struct packets *packets);

/* Ends the program where the straight-line code refuses another number of frames than it has to, or
 * does other work than csumoff on a frame that it accepts. */
void packets_compare_straight(const struct packets *packets);

#endif
