// SPDX-License-Identifier: MIT
/* Parts that the functions of straight.h and straight_glue.h share. */
#ifndef STRAIGHT_PARTS_H
#define STRAIGHT_PARTS_H

#include "csumoff.h"
#include <string.h>

/* Offsets in the one kind of frame. */
enum {
    L3 = 14,
    L4 = 34,
    SADDR = L3 + 12,
    DADDR = L3 + 16,
    L3_CHECK = L3 + 10,
    L4_CHECK = L4 + 16,
    LEAST = L4 + 20, /* the shortest frame */
    TCP = 6
};

static inline uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline csumoff_sum16 load(const uint8_t *p)
{
    csumoff_sum16 check;

    memcpy(&check, p, sizeof check);
    return check;
}

static inline void store(uint8_t *p, csumoff_sum16 check)
{
    memcpy(p, &check, sizeof check);
}

/* Returns the IP total length of a frame of the one kind, or a negative status. */
static inline int check(const uint8_t *frame, size_t len)
{
    uint32_t total;

    if (len < LEAST)
        return CSUMOFF_ETRUNC;
    if (be16(frame + 12) != 0x0800 || frame[L3 + 9] != TCP)
        return CSUMOFF_EPROTO;
    if (frame[L3] != 0x45)
        return CSUMOFF_EHDR;
    total = be16(frame + L3 + 2);
    if (total < LEAST - L3 || total > len - L3)
        return CSUMOFF_ETRUNC;
    if (be16(frame + L3 + 6) & 0x3FFF)
        return CSUMOFF_EFRAG;
    return (int)total;
}

static inline csumoff_wsum pseudo(const uint8_t *frame, uint32_t l4_len)
{
    return csumoff_pseudo_ipv4(frame + SADDR, frame + DADDR, TCP, l4_len, 0);
}

/* Returns whether only zeros, such as padding, follow the datagram in the frame. */
static inline bool is_padding(const uint8_t *frame, size_t end, size_t len)
{
    return end == len || csumoff_partial(frame + end, len - end, 0) == 0;
}

static inline void put_seed(uint8_t *frame, csumoff_sum16 seed)
{
    store(frame + L3_CHECK, csumoff_ipv4_header(frame + L3, 20));
    store(frame + L4_CHECK, seed);
}

/* Returns whether the layout is that of a frame of the one kind and of this length. */
static inline bool fits(size_t len, const struct csumoff_layout *layout)
{
    return layout->l4_proto == TCP && layout->ip_version == 4 && layout->l3_start == L3 &&
           layout->l4_start == L4 && layout->csum_start == L4 && layout->csum_offset == 16 &&
           layout->l4_len >= 20 && layout->end <= len && layout->l4_len <= layout->end - L4;
}

#endif
