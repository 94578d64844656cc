// SPDX-License-Identifier: MIT
/* The walk over the pieces of a scattered packet. */
#ifndef CSUMOFF_PIECES_H
#define CSUMOFF_PIECES_H

#include "../include/csumoff.h"

#pragma GCC visibility push(hidden)

/* Copies to `to` the n bytes that follow the first `skip` bytes of the pieces, which hold as many.
 */
void csumoff_gather_(const struct csumoff_iov *iov, size_t count, size_t skip, uint8_t *to,
                     size_t n);

#pragma GCC visibility pop

/* The `left` bytes that a walk has yet to visit. They begin `skip` bytes into the piece iov[0]. */
struct csumoff_walk {
    const struct csumoff_iov *iov, *end;
    size_t skip, left;
};

static inline struct csumoff_walk csumoff_walk(const struct csumoff_iov *iov, size_t count,
                                               size_t skip, size_t len)
{
    struct csumoff_walk walk;

    walk.iov = iov;
    walk.end = count ? iov + count : iov;
    walk.skip = skip;
    walk.left = len;
    return walk;
}

/* Visits the next bytes that are contiguous: sets *bytes to the first one and *n to how many they
 * are, more than 0. Returns false when no bytes are left. */
static inline bool csumoff_walk_on(struct csumoff_walk *walk, uint8_t **bytes, size_t *n)
{
    for (; walk->iov != walk->end; walk->iov++) {
        size_t there = walk->iov->len;

        if (walk->skip >= there) {
            walk->skip -= there;
            continue;
        }
        if (!walk->left)
            return false;
        *bytes = (uint8_t *)walk->iov->base + walk->skip;
        *n = there - walk->skip < walk->left ? there - walk->skip : walk->left;
        walk->left -= *n;
        walk->skip += *n; /* the whole piece, or nothing is left */
        return true;
    }
    return false;
}

/* Returns whether the pieces held fewer bytes than a walk that is over was to take or to skip. */
static inline bool csumoff_walk_fell_short(const struct csumoff_walk *walk)
{
    return walk->left || (walk->iov == walk->end && walk->skip);
}

#endif
