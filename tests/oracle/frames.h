// SPDX-License-Identifier: MIT
/*
 * Frames made to a recipe, with the truth about them: where their parts are, what their checksums
 * have to be by the oracle. Nothing of the library is used to make one.
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

/* Random content; checksum fields too. */
void frame_build(struct frame *f, const struct recipe *recipe, struct rng *rng);

/* The sum of its pseudo-header, 0 where there is none, for an L4 length. */
uint64_t frame_pseudo(const struct frame *f, uint32_t l4_len);

/* What has to stand in the L4 field: complete (UDP's 0 as 0xFFFF), or a seed. */
uint16_t frame_complete(const struct frame *f);
uint16_t frame_seed(const struct frame *f);
uint16_t frame_seed_gso(const struct frame *f);

uint16_t frame_field(const struct frame *f);
void frame_set_field(struct frame *f, uint16_t wire);

/* Writes the IPv4 header checksum, if there is one. */
void frame_set_l3(struct frame *f);

/* Changes the first word of the payload (2 bytes at least) so that the complete checksum comes out
 * as `check` (0 and 0xFFFF are one). The field itself stays. */
void frame_force(struct frame *f, uint16_t check);

/* All combinations of links, tags, headers, protocols, payloads and paddings that are to be found.
 */
size_t recipe_count(void);
struct recipe recipe_at(size_t i);
/* In words, in a buffer that the next call takes again. */
const char *recipe_text(const struct recipe *recipe);

#endif
