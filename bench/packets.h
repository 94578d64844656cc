// SPDX-License-Identifier: MIT
/*
 * Whole packets: csumoff beside DPDK and beside hand-written code for one kind of frame
 * (straight.h). Names are packets/WHAT/WHO/BYTES.
 */
#ifndef PACKETS_H
#define PACKETS_H

#include "csumoff.h"

enum {
    PACKETS = 1024 /* frames in a set; a power of two */
};

/* Frames of one kind and length that differ in all other bytes. */
struct packets {
    uint8_t *frames;
    size_t stride; /* from one frame to the next */
    size_t len;    /* of each frame */
    size_t head;   /* how many bytes of it locate_head gets */
    struct csumoff_layout *layouts;
    void *mbufs; /* DPDK's buffer headers */
};

/* Works on `calls` frames in turn. Returns a total over them that all who do the same work share,
 * provided that they begin with the same frames. */
typedef uint64_t packets_fn(const struct packets *packets, size_t calls);

/* DPDK has what the names say; its callers must know where the headers are, but for locate. */
packets_fn dpdk_locate, dpdk_inspect, dpdk_seed, dpdk_fill;

/* Returns a buffer header for each frame, as a driver would have filled it in; to be freed. NULL
 * where there is no memory. */
void *dpdk_mbufs(const struct packets *packets);

/* Registers all rows. Before that everybody's results are compared: aborts where they differ. */
void packets_add(void);

/* Returns the total of `work` over the frames, each a number. */
#define PACKETS_LOOP(packets, calls, work)                                                         \
    do {                                                                                           \
        uint64_t total_ = 0;                                                                       \
                                                                                                   \
        for (size_t i = 0; i < (calls); i++) {                                                     \
            const size_t nth_ = i & (PACKETS - 1);                                                 \
            uint8_t *frame = (packets)->frames + nth_ * (packets)->stride;                         \
            struct csumoff_layout *at = (packets)->layouts + nth_;                                 \
            size_t len = (packets)->len;                                                           \
                                                                                                   \
            __asm__ volatile("" : "+r"(frame), "+r"(at), "+r"(len) : : "memory");                  \
            total_ += (work);                                                                      \
        }                                                                                          \
        return total_;                                                                             \
    } while (0)

#endif
