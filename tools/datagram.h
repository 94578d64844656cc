// SPDX-License-Identifier: MIT
/* One IP datagram, reassembled from its fragments. */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include "capture.h"

enum {
    DATAGRAM_MOST = 65535, /* IPv4: with the header; IPv6: without its fixed part */
    DATAGRAM_ROOM = DATAGRAM_MOST + 40,
    DATAGRAM_KEY = 46
};

/* Why a datagram cannot be reassembled. */
enum datagram_fault {
    NO_FAULT,
    FAULT_MISSING, /* a fragment had not come at the end of the capture, or in time */
    FAULT_OVERLAP, /* fragments overlap (RFC 5722); receivers differ in what they take */
    FAULT_LENGTH,
    FAULT_SNAPPED, /* a fragment was not captured whole */
    FAULT_ROOM,    /* too many datagrams were held at once */
    DATAGRAM_FAULTS
};

extern const char *const datagram_fault_words[DATAGRAM_FAULTS];

/* A fragment, described by its headers. */
struct piece {
    uint8_t key[DATAGRAM_KEY]; /* equal for all fragments of a datagram */
    const uint8_t *header;     /* the IP header, with the extensions before a fragment header */
    const uint8_t *payload;
    uint32_t header_len, offset, len, id;
    uint8_t ip_version, next; /* next: the protocol of the payload */
    bool is_last, is_snapped;
};

/* What datagram_place() did with a fragment. */
enum placed {
    PIECE_WAITS,   /* other fragments are still missing */
    PIECE_WHOLE,   /* it was the last one missing */
    PIECE_AGAIN,   /* the same bytes were received before */
    PIECE_REFUSED, /* its datagram cannot be reassembled */
    PIECE_STRANGER /* the datagram is whole and differs: another one with its key begins */
};

struct datagram {
    uint8_t key[DATAGRAM_KEY];
    bool is_used, is_whole;
    enum datagram_fault fault;
    long long time; /* of its first fragment, in seconds */
    uint8_t *header, *payload;
    uint64_t *packets; /* numbers of the packets that brought its fragments, in that order */
    size_t count, count_room;
    uint32_t header_len, payload_room;
    uint32_t filled, highest; /* bytes of the payload received; end of the last of them */
    uint32_t end;             /* length of the payload; 0: not known yet */
    uint8_t ip_version, next;
    uint64_t blocks[(DATAGRAM_MOST + 1) / 8 / 64]; /* a bit for every 8 bytes received */
};

/* Reads a fragment. `at` is the layout that was returned with CSUMOFF_EFRAG. */
void piece_read(struct piece *piece, const struct packet *packet, const struct csumoff_layout *at);

/* Returns how many bytes of memory datagram_place() may allocate. */
size_t datagram_need(const struct datagram *datagram, const struct piece *piece);
/* Returns how many bytes of memory a datagram holds. */
size_t datagram_size(const struct datagram *datagram);

/* Adds the fragment that a packet brought. After a fault the datagram holds nothing but the
 * fault. */
enum placed datagram_place(struct datagram *datagram, const struct piece *piece, uint64_t packet);

/* Writes a whole datagram as it was before fragmentation, but for the IPv4 header checksum. Returns
 * its length, or 0 if it would be longer than a datagram may be. */
size_t datagram_write(const struct datagram *datagram, uint8_t to[DATAGRAM_ROOM]);

/* Frees the memory of a datagram. Its fault and its key remain. */
void datagram_empty(struct datagram *datagram);

#endif
