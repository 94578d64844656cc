// SPDX-License-Identifier: MIT
/* The options of pcapng's blocks. */
#ifndef PCAPNG_OPTIONS_H
#define PCAPNG_OPTIONS_H

#include "record.h"

/* Codes of those that are read here. */
enum {
    END_OF_OPTIONS = 0,
    PACKET_FLAGS = 2,
    PACKET_HASH = 3,
    TIME_RESOLUTION = 9,
    TIME_OFFSET = 14
};

enum {
    OPTION_HEADER = 4, /* code and length */
    PACKET_DATA = 28,  /* where a block has its packet, unless it is a simple one */
    TRAILER = 4        /* behind the options: the block's length */
};

struct pcapng_option {
    unsigned code;
    size_t len;
    const uint8_t *value;
};

/* A list of options, and how far it was read. */
struct pcapng_options {
    const uint8_t *at, *end;
    bool is_big_endian;
    bool is_damaged;
};

/* Reads the next option; false: there is none. */
bool pcapng_option_next(struct pcapng_options *options, struct pcapng_option *option);

/* The options behind a packet, in its block or a copy of that. The block is no simple one. */
struct pcapng_options pcapng_packet_options(const struct record *record, const uint8_t *block);

/* The length of a value with the padding behind it. */
static inline size_t pad4(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

#endif
