// SPDX-License-Identifier: MIT
/*
 * Compares csumoff's work on whole packets with DPDK and with hand-written code for one kind of
 * frame (straight.h). Names are packets/WHAT/WHO/BYTES.
 */
#ifndef PACKETS_H
#define PACKETS_H

#include "csumoff.h"

enum {
    PACKETS = 1024 /* frames in a set; a power of two */
};

/* Frames of one kind and length. All bytes but those of the kind are random. */
struct packets {
    uint8_t *frames;
    size_t stride; /* from one frame to the next */
    size_t len;    /* of each frame */
    size_t head;   /* how many bytes of it locate_head reads */
    struct csumoff_layout *layouts;
    void *mbufs; /* DPDK's buffer headers */
};

/* Works on `calls` frames in turn. Returns a total over the results, which is the same for all
 * functions that do the same work, provided that they begin with the same frames. */
typedef uint64_t packets_fn(const struct packets *packets, size_t calls);

/* DPDK's functions for the work that the names say. Except for locating, DPDK needs to be told
 * where the headers are. */
packets_fn dpdk_locate, dpdk_inspect, dpdk_seed, dpdk_fill;

/* Returns an array of buffer headers, one for each frame, filled in as by a driver, or NULL without
 * memory. The caller frees it. */
void *dpdk_mbufs(const struct packets *packets);

/* Compares the results of all contenders, and registers all rows. If results differ, the program
 * ends. */
void packets_add(void);

/* Returns the total of `work`, an expression that is a number, over the frames. */
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
