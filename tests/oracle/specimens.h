// SPDX-License-Identifier: MIT
/*
 * Packets of oracle/packets.h for tests that change them: one for each combination of headers,
 * source route and protocol, or a random one. A specimen knows where the addresses of its
 * pseudo-header are, so each checksum can be computed again after any of its bytes have changed.
 */
#ifndef CSUMOFF_TESTS_SPECIMENS_H
#define CSUMOFF_TESTS_SPECIMENS_H

#include "packets.h"

enum {
    SPECIMEN_MOST = 2048 /* bytes, at most */
};

struct specimen {
    bool is_ethernet;
    unsigned level;        /* which packet of the frame it is, counted from the outermost */
    unsigned version;      /* 4 or 6 */
    uint8_t proto;         /* of the L4 header */
    size_t len;            /* of the frame */
    size_t l3, l4, end;    /* the IP header, the L4 header, the end of the datagram */
    size_t l3_len;         /* IPv4: the header with its options */
    size_t covered;        /* bytes that the L4 checksum covers, from l4 on */
    size_t field;          /* the L4 checksum, from l4 on */
    size_t skip, skip_len; /* bytes that it passes over, from l4 on: OSPF's authentication */
    bool has_pseudo, is_crc;
    uint32_t pseudo_len;   /* the length in the pseudo-header */
    size_t source, target; /* the addresses of the pseudo-header, from the start of the frame */
    size_t shared;         /* the bytes of that destination that are shared with the IP header's */
    bool is_routed;        /* a source route is in use: the IP header's destination is a hop */
    uint8_t bytes[SPECIMEN_MOST];
};

size_t specimen_count(void);
/* Makes specimen i, on any link. Contents, checksum fields and the payload length are random; in
 * half of the cases the bytes behind the datagram are, too. */
void specimen_make(struct specimen *s, size_t i, struct rng *rng);
/* Makes specimen i inside VXLAN over UDP and IPv4. */
void specimen_make_inside(struct specimen *s, size_t i, struct rng *rng);
/* Makes a random packet that has a checksum, of up to so many levels: one, and tunnels around it.
 */
void specimen_random(struct specimen *s, unsigned levels, struct rng *rng);
/* Describes the specimen in words, in a buffer that the next call overwrites. */
const char *specimen_text(const struct specimen *s);

/* Returns the sum of the pseudo-header without the length, or 0 if there is none. Here and below,
 * `frame` is the specimen with any bytes changed that do not move its parts. */
uint64_t specimen_pseudo(const struct specimen *s, const uint8_t *frame);
/* Return the two kinds of seeds, in wire order, or 0 if there is no pseudo-header. */
uint16_t specimen_seed(const struct specimen *s, const uint8_t *frame);
uint16_t specimen_seed_gso(const struct specimen *s, const uint8_t *frame);
/* Returns the complete Internet checksum in wire order; 0 of UDP and UDP-Lite is 0xFFFF. */
uint16_t specimen_complete(const struct specimen *s, const uint8_t *frame);
/* Return the seed and the checksum for another sum in place of specimen_pseudo()'s. */
uint16_t specimen_seed_over(const struct specimen *s, uint64_t pseudo);
uint16_t specimen_complete_over(const struct specimen *s, const uint8_t *frame, uint64_t pseudo);
/* Returns the IPv4 header checksum in wire order. */
uint16_t specimen_l3(const struct specimen *s, const uint8_t *frame);

/* Stores the correct IPv4 header checksum, if there is one, and the complete L4 checksum. */
void specimen_fill(const struct specimen *s, uint8_t *frame);

#endif
