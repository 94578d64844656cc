// SPDX-License-Identifier: MIT
/* The pcapng format. */
#ifndef PCAPNG_H
#define PCAPNG_H

#include "stream.h"
#include "record.h"

struct pcapng {
    /* Of the section. */
    bool is_big_endian;
    struct interface *interfaces;
    size_t count, room;

    uint64_t blocks; /* read so far */
};

/* Whether a file that begins with these 4 bytes is one of pcapng. */
bool pcapng_is(const uint8_t magic[4]);

/*
 * Reads the next block.
 *
 *   ng      what is known of the section; zeros before the first block
 *   in      where the block is read from, at its beginning
 *   record  receives the block, and of a packet's what it says
 *
 * Returns 1; 0: the end; -1: the file is damaged, and a complaint was made.
 */
int pcapng_next(struct pcapng *ng, struct stream *in, struct record *record);

void pcapng_close(struct pcapng *ng);

#endif
