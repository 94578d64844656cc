// SPDX-License-Identifier: MIT
/* The hashes that a packet's block in pcapng may have of the packet. */
#ifndef HASHES_H
#define HASHES_H

#include "record.h"

/* What became of those of a packet that was changed. */
struct hashes {
    unsigned made;    /* made again */
    unsigned removed; /* of a kind that is not made here, or wrong before */
};

/*
 * Brings the options of a packet's block up to date with its packet, which was changed.
 *
 *   record  the packet as it was read
 *   block   a copy of its block, in which the packet was changed and nothing else
 *
 * The block keeps its length: what was removed becomes ends of the list of options.
 */
struct hashes hashes_update(const struct record *record, uint8_t *block);

#endif
