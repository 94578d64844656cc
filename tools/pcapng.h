// SPDX-License-Identifier: MIT
/* The pcapng format. */
#ifndef PCAPNG_H
#define PCAPNG_H

#include "stream.h"
#include "record.h"

struct pcapng {
    /* The current section. */
    bool is_big_endian;
    struct interface *interfaces;
    size_t count, room;

    uint64_t blocks; /* read so far */
};

/* Returns whether a file that begins with these 4 bytes has the pcapng format. */
bool pcapng_is(const uint8_t magic[4]);

/*
 * Reads the next block.
 *
 *   ng      the state of the section; zeros before the first block
 *   in      the file, at the beginning of the block
 *   record  receives the block, and what it says of its packet if it has one
 *
 * Returns 1, or 0 at the end, or -1 after a complaint: the file is damaged.
 */
int pcapng_next(struct pcapng *ng, struct stream *in, struct record *record);

void pcapng_close(struct pcapng *ng);

#endif
