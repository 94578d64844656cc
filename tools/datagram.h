// SPDX-License-Identifier: MIT
/* One IP datagram, put together from its fragments. */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include "capture.h"

enum {
    DATAGRAM_MOST = 65535, /* IPv4: with the header; IPv6: without its fixed part */
    DATAGRAM_ROOM = DATAGRAM_MOST + 40,
    DATAGRAM_KEY = 46
};

/* Why a datagram can't be put together. */
enum datagram_fault {
    NO_FAULT,
    FAULT_MISSING, /* of its fragments, at the end or when it was too old */
    FAULT_OVERLAP, /* RFC 5722; receivers differ in what they take then */
    FAULT_LENGTH,
    FAULT_SNAPPED, /* a fragment was not captured whole */
    FAULT_ROOM,    /* too many were held at once */
    DATAGRAM_FAULTS
};

extern const char *const datagram_fault_words[DATAGRAM_FAULTS];

/* A fragment, as its headers describe it. */
struct piece {
    uint8_t key[DATAGRAM_KEY]; /* what fragments of one datagram have in common */
    const uint8_t *header;     /* the IP header, and what stands before a fragment header */
    const uint8_t *payload;
    uint32_t header_len, offset, len, id;
    uint8_t ip_version, next; /* next: the protocol of the payload */
    bool is_last, is_snapped;
};

/* What was made of a fragment. */
enum placed {
    PIECE_WAITS,   /* others are missing yet */
    PIECE_WHOLE,   /* it was the one that was missing */
    PIECE_AGAIN,   /* the same bytes were there already */
    PIECE_REFUSED, /* its datagram can't be put together */
    PIECE_STRANGER /* it does not fit a datagram that is whole: one of the same name begins */
};

struct datagram {
    uint8_t key[DATAGRAM_KEY];
    bool is_used, is_whole;
    enum datagram_fault fault;
    long long time; /* of its first fragment, in seconds */
    uint8_t *header, *payload;
    uint64_t *packets; /* the numbers of those it was put together from, in order of arrival */
    size_t count, count_room;
    uint32_t header_len, payload_room;
    uint32_t filled, highest; /* bytes of the payload that are there; where the last of them ends */
    uint32_t end;             /* of the payload; 0: not known */
    uint8_t ip_version, next;
    uint64_t blocks[(DATAGRAM_MOST + 1) / 8 / 64]; /* a bit for every 8 bytes that are there */
};

/* Reads the fragment that a layout of CSUMOFF_EFRAG describes. */
void piece_read(struct piece *piece, const struct packet *packet, const struct csumoff_layout *at);

/* Returns how much memory datagram_place() may allocate. */
size_t datagram_need(const struct datagram *datagram, const struct piece *piece);
/* Returns how much a datagram holds. */
size_t datagram_size(const struct datagram *datagram);

/* Adds a fragment. After a fault nothing is held but the fault. */
enum placed datagram_place(struct datagram *datagram, const struct piece *piece, uint64_t packet);

/* Writes a whole datagram as it was before it was cut, but for the IPv4 header's checksum. Returns
 * its length; 0: it would be longer than a datagram can be. */
size_t datagram_write(const struct datagram *datagram, uint8_t to[DATAGRAM_ROOM]);

/* Frees what a datagram holds; its fault and key remain. */
void datagram_empty(struct datagram *datagram);

#endif
