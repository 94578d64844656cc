// SPDX-License-Identifier: MIT
/* The pcap format. */
#ifndef CLASSIC_H
#define CLASSIC_H

#include "stream.h"
#include "record.h"

enum {
    CLASSIC_HEADER = 24,
    CLASSIC_SNAPLEN = 16, /* offset of the snaplen in the header */
    CLASSIC_SNAPLEN_SIZE = 4
};

struct classic {
    struct interface interface;
    bool is_big_endian, is_nano;
    bool is_swapped;      /* a packet's own length stands before its captured length */
    bool may_be_swapped;  /* it does if the captured one would be the longer */
    size_t packet_header; /* bytes before each packet */
    bool is_begun;
    uint64_t packets;
};

/* Returns whether a file that begins with these 4 bytes has the pcap format. */
bool classic_is(const uint8_t magic[4]);

/* Reads the file's header. Returns false after a complaint: the file cannot be used. */
bool classic_open(struct classic *classic, struct stream *in);

/* Reads the next record. The first one is the file's header. Returns 1, or 0 at the end, or -1
 * after a complaint: the file is damaged. */
int classic_next(struct classic *classic, struct stream *in, struct record *record);

/* Stores a snaplen in the form that the file's header has. */
void classic_put_snaplen(const struct classic *classic, uint8_t to[CLASSIC_SNAPLEN_SIZE],
                         uint32_t snaplen);

#endif
