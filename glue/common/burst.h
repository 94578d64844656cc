// SPDX-License-Identifier: MIT
/* Several frames in one call. The headers of later frames are fetched into the cache meanwhile. */
#ifndef CSUMOFF_GLUE_BURST_H
#define CSUMOFF_GLUE_BURST_H

#include "../../include/csumoff_glue.h"

enum {
    BURST_AHEAD = 8,     /* in frames: their work takes about as long as a cache miss */
    BURST_HEADERS = 64,  /* bytes from the start of a frame that are nearly always looked at */
    CSUMOFF_TO_READ = 0, /* what __builtin_prefetch() is told */
    CSUMOFF_TO_WRITE = 1
};

/*
 * Does `call`, which is an expression of `item`, for each of `count` items that have `frame`, `len`
 * and `status`; adds to `done` how many of them had the status CSUMOFF_OK. `access` says what the
 * headers are fetched for.
 */
#define CSUMOFF_BURST(items, count, done, access, call)                                            \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < (count) && i_ < BURST_AHEAD; i_++)                                \
            CSUMOFF_FETCH((items)[i_], access);                                                    \
        for (size_t i_ = 0; i_ < (count); i_++) {                                                  \
            __typeof__(&(items)[0]) item = &(items)[i_];                                           \
                                                                                                   \
            if (i_ + BURST_AHEAD < (count))                                                        \
                CSUMOFF_FETCH((items)[i_ + BURST_AHEAD], access);                                  \
            item->status = (call);                                                                 \
            (done) += item->status == CSUMOFF_OK;                                                  \
        }                                                                                          \
    } while (0)

/* Fetches an item's headers, which may lie in two cache lines. Any address may be fetched; it is
 * reckoned as a number, for the frame may be NULL or end before it. */
#define CSUMOFF_FETCH(item, access)                                                                \
    do {                                                                                           \
        __builtin_prefetch((item).frame, access);                                                  \
        __builtin_prefetch((const void *)((uintptr_t)(item).frame + BURST_HEADERS - 1), access);   \
    } while (0)

#endif
