// SPDX-License-Identifier: MIT
/* The options of pcapng's blocks. */
#ifndef PCAPNG_OPTIONS_H
#define PCAPNG_OPTIONS_H

#include "record.h"

/* The codes of the options that are read. */
enum {
    END_OF_OPTIONS = 0,
    PACKET_FLAGS = 2,
    PACKET_HASH = 3,
    TIME_RESOLUTION = 9,
    TIME_OFFSET = 14
};

enum {
    OPTION_HEADER = 4, /* code and length */
    PACKET_DATA = 28,  /* offset of the packet in an Enhanced Packet Block */
    TRAILER = 4        /* the block's length, behind the options */
};

struct pcapng_option {
    unsigned code;
    size_t len;
    const uint8_t *value;
};

/* A list of options, and the position in it. */
struct pcapng_options {
    const uint8_t *at, *end;
    bool is_big_endian;
    bool is_damaged;
};

/* Reads the next option. Returns false if there is none. */
bool pcapng_option_next(struct pcapng_options *options, struct pcapng_option *option);

/* Returns the options behind a packet, in its block or in a copy of it. The block must not be a
 * Simple Packet Block, which has none. */
struct pcapng_options pcapng_packet_options(const struct record *record, const uint8_t *block);

/* Returns the length of a value with its padding. */
static inline size_t pad4(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

#endif
