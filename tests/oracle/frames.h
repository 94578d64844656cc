// SPDX-License-Identifier: MIT
/*
 * Frames made from a recipe, with the truth about them: the offsets of their parts, and by the
 * oracle their correct checksums. Nothing of the library is used to make them.
 */
#ifndef CSUMOFF_TESTS_FRAMES_H
#define CSUMOFF_TESTS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support.h"

enum {
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    ICMPV6 = 58,
    SCTP = 132
};

struct recipe {
    bool ethernet;
    unsigned vlans;    /* 0x8100 innermost, 0x88A8 and 0x8100 in turns around it */
    unsigned version;  /* 4 or 6 */
    unsigned options;  /* IPv4: bytes of options, 0..40 */
    const char *chain; /* IPv6: h hop-by-hop, d destination options, r routing, a authentication,
                          f atomic fragment, F fragment with an offset, M first fragment */
    uint8_t proto;
    size_t payload; /* bytes behind the L4 header */
    size_t slack;   /* UDP: bytes of the IP payload behind the datagram, zero */
    size_t padding; /* bytes behind the IP datagram, zero */
};

struct frame {
    struct recipe recipe;
    size_t len, l3, l4, end, l4_len, csum_offset;
    uint8_t bytes[66000];
};

/* Makes a frame of random content; the checksum fields are random, too. */
void frame_build(struct frame *f, const struct recipe *recipe, struct rng *rng);

/* Returns the sum of the pseudo-header for an L4 length, or 0 if there is none. */
uint64_t frame_pseudo(const struct frame *f, uint32_t l4_len);

/* Return the correct value of the L4 field: a complete checksum (0 of UDP is 0xFFFF), or a seed. */
uint16_t frame_complete(const struct frame *f);
uint16_t frame_seed(const struct frame *f);
uint16_t frame_seed_gso(const struct frame *f);

uint16_t frame_field(const struct frame *f);
void frame_set_field(struct frame *f, uint16_t wire);

/* Writes the IPv4 header checksum, if there is one. */
void frame_set_l3(struct frame *f);

/* Changes the first word of the payload, which has at least 2 bytes, so that the complete checksum
 * is `check`; 0 and 0xFFFF are the same. The field itself is not changed. */
void frame_force(struct frame *f, uint16_t check);

/* All combinations of links, tags, headers, protocols, payloads and paddings that the parser must
 * find. */
size_t recipe_count(void);
struct recipe recipe_at(size_t i);
/* Describes a recipe in words, in a buffer that the next call overwrites. */
const char *recipe_text(const struct recipe *recipe);

#endif
