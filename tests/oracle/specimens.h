// SPDX-License-Identifier: MIT
/*
 * Packets of oracle/packets.h that are to be changed afterwards: one of each kind of headers,
 * source route and protocol, or any. A specimen knows where the addresses of its pseudo-header
 * are, so that each checksum can be computed anew after any of its bytes have changed.
 */
#ifndef CSUMOFF_TESTS_SPECIMENS_H
#define CSUMOFF_TESTS_SPECIMENS_H

#include "packets.h"

enum {
    SPECIMEN_MOST = 2048 /* bytes, at most */
};

struct specimen {
    bool is_ethernet;
    unsigned level;        /* the packet is this one of the frame's, counted from the outermost */
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
    size_t shared;         /* so many bytes of that destination are those of the IP header's */
    bool is_routed;        /* a source route is in use: the IP header's destination is a hop */
    uint8_t bytes[SPECIMEN_MOST];
};

size_t specimen_count(void);
/* Makes number i, behind any link. Contents, checksum fields and payload length are random, half of
 * the time also what follows the datagram. */
void specimen_make(struct specimen *s, size_t i, struct rng *rng);
/* Makes number i, in VXLAN over UDP and IPv4. */
void specimen_make_inside(struct specimen *s, size_t i, struct rng *rng);
/* Makes any packet that has a checksum, in up to so many levels of tunnels less one. */
void specimen_random(struct specimen *s, unsigned levels, struct rng *rng);
/* In words, in a buffer that the next call takes again. */
const char *specimen_text(const struct specimen *s);

/* The sum of the pseudo-header, without the length; 0 where there is none. `frame` is the specimen
 * with any of its bytes changed that do not move its parts, here and below. */
uint64_t specimen_pseudo(const struct specimen *s, const uint8_t *frame);
/* Both kinds of seeds, on the wire; 0 where there is no pseudo-header. */
uint16_t specimen_seed(const struct specimen *s, const uint8_t *frame);
uint16_t specimen_seed_gso(const struct specimen *s, const uint8_t *frame);
/* The complete Internet checksum, on the wire; UDP's and UDP-Lite's 0 as 0xFFFF. */
uint16_t specimen_complete(const struct specimen *s, const uint8_t *frame);
/* The same two over another sum in place of specimen_pseudo(). */
uint16_t specimen_seed_over(const struct specimen *s, uint64_t pseudo);
uint16_t specimen_complete_over(const struct specimen *s, const uint8_t *frame, uint64_t pseudo);
/* The IPv4 header checksum, on the wire. */
uint16_t specimen_l3(const struct specimen *s, const uint8_t *frame);

/* Stores the right checksums: the IPv4 header's, if there is one, and the complete L4 one. */
void specimen_fill(const struct specimen *s, uint8_t *frame);

#endif
