// SPDX-License-Identifier: MIT
/* The frames of driver.c, and what the oracle says of them. Without a libc. */
#ifndef DRIVER_FRAMES_H
#define DRIVER_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAG = 4,
    PAYLOAD_MOST = 3000,
    ROOM = 14 + TAG + 40 + 20 + PAYLOAD_MOST,
    TCP = 6,
    UDP = 17,
    ICMP = 1,
    ICMPV6 = 58,
    SCTP = 132,
    HOP_BY_HOP = 0,
    ROUTING = 43,
    MPLS_LABEL = 4
};

/* A frame, and where things are in it. */
struct made {
    uint8_t bytes[ROOM];
    size_t len, l3, l4, field;
    uint8_t version, proto;
};

void put16(uint8_t *to, size_t n);
unsigned get16(const uint8_t *from);
/* Makes a frame with rubbish in its checksum fields. */
void make(struct made *made, uint8_t version, uint8_t proto, bool tagged, size_t payload);
uint64_t pseudo_of(const struct made *made);
/* Returns whether the field holds the seed: the folded sum of the pseudo-header. */
bool is_seeded(const struct made *made);
bool is_complete(const struct made *made);
bool has_header(const struct made *made);
bool takes_seed(const struct made *made);
/* Makes room for `count` bytes at `pos`, which is the IP header or the L4 header. */
uint8_t *insert(struct made *made, size_t pos, size_t count);
/* A UDP packet with an extension header of `count` bytes. */
uint8_t *make_extended(struct made *made, uint8_t type, size_t count);
void copy(struct made *to, const struct made *from);
bool same(const struct made *a, const struct made *b);

#endif
