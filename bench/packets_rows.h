// SPDX-License-Identifier: MIT
/* A row of the benchmark of whole packets, and the comparison of its contenders. */
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

/* Returns the source address that is written into packet i, another one for each i. */
static inline uint32_t packets_address(size_t i)
{
    return (uint32_t)i * 2654435761;
}

/* Compares the row's contenders, which begin with the same frames, one of which has a wrong
 * checksum. If their results differ, the program ends. */
void packets_compare_contenders(const struct packets_row *row, const struct packets *packets);

/* Compares the straight-line code with csumoff on damaged frames. If it refuses another number of
 * frames than expected, or differs on a frame that it accepts, the program ends. */
void packets_compare_straight(const struct packets *packets);

#endif
