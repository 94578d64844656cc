// SPDX-License-Identifier: MIT
/* The hashes of a packet that its block in pcapng may have as options. */
#ifndef HASHES_H
#define HASHES_H

#include "record.h"

/* How many hashes of a changed packet were computed again, and how many were removed. */
struct hashes {
    unsigned made;
    unsigned removed; /* not supported, or wrong before the change */
};

/*
 * Updates the hashes in a block after its packet was changed.
 *
 *   record  the packet as it was read
 *   block   a copy of its block, in which only the packet was changed
 *
 * The block keeps its length: end-of-options fill the place of removed ones.
 */
struct hashes hashes_update(const struct record *record, uint8_t *block);

#endif
