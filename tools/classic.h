// SPDX-License-Identifier: MIT
/* The pcap format. */
#ifndef CLASSIC_H
#define CLASSIC_H

#include "stream.h"
#include "record.h"

enum {
    CLASSIC_HEADER = 24,
    CLASSIC_SNAPLEN = 16, /* where that has the file's snaplen */
    CLASSIC_SNAPLEN_SIZE = 4
};

struct classic {
    struct interface interface;
    bool is_big_endian, is_nano;
    bool is_swapped;      /* its writer put a packet's own length before the captured one */
    bool may_be_swapped;  /* where the captured one would be the longer one, it did */
    size_t packet_header; /* bytes before each packet */
    bool is_begun;
    uint64_t packets;
};

/* Whether a file that begins with these 4 bytes is one of pcap. */
bool classic_is(const uint8_t magic[4]);

/* Reads the file's header. False: it is of no use, and a complaint was made. */
bool classic_open(struct classic *classic, struct stream *in);

/* Reads the next record, of which the first one is the file's header.
 * Returns 1; 0: the end; -1: the file is damaged, and a complaint was made. */
int classic_next(struct classic *classic, struct stream *in, struct record *record);

/* Stores a snaplen as a file's header has it. */
void classic_put_snaplen(const struct classic *classic, uint8_t to[CLASSIC_SNAPLEN_SIZE],
                         uint32_t snaplen);

#endif
