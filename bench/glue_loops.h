// SPDX-License-Identifier: MIT
/* The loops in which calls of the glue are measured and compared. */
#ifndef GLUE_LOOPS_H
#define GLUE_LOOPS_H

#include "glue_sets.h"
#include <stdbool.h>

enum {
    BURST = 32 /* frames */
};

/*
 * Works on `calls` frames in turn. Returns a total over the results. All functions that do the same
 * work return the same total, provided that they begin with the same frames. If is_compared is
 * true, the total depends on every result; else it costs next to nothing.
 */
typedef uint64_t glue_fn(const struct set *set, size_t calls, bool is_compared);

#define REFUSED UINT64_MAX

static inline uint64_t mix(uint64_t total, uint64_t value)
{
    return (total << 1 | total >> 63) + value;
}

/*
 * Returns the total of `call`, an expression that returns a status, over the frames.
 *
 *   little   a part of the result that is always read
 *   all      a number for the whole result, less than REFUSED, which is read to be compared; a call
 *            that fails must not change it
 */
#define GLUE_LOOP(call, little, all)                                                               \
    do {                                                                                           \
        uint64_t total_ = 0;                                                                       \
                                                                                                   \
        for (size_t i = 0; i < calls; i++) {                                                       \
            const struct place place_ = set->places[i & set->mask];                                \
            uint8_t *frame = set->base + place_.offset;                                            \
            size_t len = place_.len;                                                               \
            int status_;                                                                           \
                                                                                                   \
            __asm__ volatile("" : "+r"(frame), "+r"(len) : : "memory");                            \
            status_ = (call);                                                                      \
            if (is_compared)                                                                       \
                total_ = mix(total_, status_ ? REFUSED - (all) : (all));                           \
            else                                                                                   \
                total_ += (uint64_t)status_ + (uint64_t)(little);                                  \
        }                                                                                          \
        return total_;                                                                             \
    } while (0)

/* Returns the total of `call` over bursts of items. `begin` sets the members of items[j] other than
 * frame and len. */
#define BURST_LOOP(type, begin, call, little, all)                                                 \
    do {                                                                                           \
        type items[BURST];                                                                         \
        uint64_t total_ = 0;                                                                       \
                                                                                                   \
        for (size_t i = 0; i < calls; i += BURST) {                                                \
            for (size_t j = 0; j < BURST; j++) {                                                   \
                const struct place place_ = set->places[(i + j) & set->mask];                      \
                                                                                                   \
                items[j].frame = set->base + place_.offset;                                        \
                items[j].len = place_.len;                                                         \
                begin;                                                                             \
            }                                                                                      \
            __asm__ volatile("" : : "r"(items) : "memory");                                        \
            if ((call) != BURST)                                                                   \
                return REFUSED;                                                                    \
            for (size_t j = 0; j < BURST; j++) {                                                   \
                if (is_compared)                                                                   \
                    total_ = mix(total_, items[j].status ? REFUSED : (all));                       \
                else                                                                               \
                    total_ += (uint64_t)items[j].status + (uint64_t)(little);                      \
            }                                                                                      \
        }                                                                                          \
        return total_;                                                                             \
    } while (0)

/* Defines a function that does `call` for each `item` of a burst, as a driver that does not call
 * burst functions would do it. */
#define EACH(name, type, call)                                                                     \
    static size_t name(type *items, size_t count)                                                  \
    {                                                                                              \
        size_t done = 0;                                                                           \
                                                                                                   \
        for (type *item = items; item < items + count; item++) {                                   \
            item->status = (call);                                                                 \
            done += item->status == CSUMOFF_OK;                                                    \
        }                                                                                          \
        return done;                                                                               \
    }

#endif
