// SPDX-License-Identifier: MIT
/* What stands where in a frame. */
#ifndef CSUMOFF_GLUE_WIRE_H
#define CSUMOFF_GLUE_WIRE_H

#include "../include/csumoff.h"

enum {
    ETHERNET_HEADER = 14,
    VLAN_TAG = 4,
    VLAN_TAGS_MAX = 4,
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86DD,
    ETHERTYPE_QINQ = 0x88A8,
    IPV4_HEADER = 20,
    IPV4_LENGTH = 2,
    IPV4_ID = 4,
    IPV4_CHECK = 10,
    IPV6_HEADER = 40,
    IPV6_LENGTH = 4,
    PROTO_ICMP = 1,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ICMPV6 = 58,
    TCP_HEADER = 20,
    TCP_DATA_OFFSET = 12, /* in words, upper half of the byte */
    TCP_FLAGS = 13,
    TCP_CWR = 0x80,
    TCP_PSH = 0x08,
    TCP_FIN = 0x01,
    TCP_SEQUENCE = 4,
    UDP_HEADER = 8,
    UDP_LENGTH = 4
};

static inline uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void store_be16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Bytes behind the L4 header; negative: TCP says that it is longer than its packet. */
static inline ptrdiff_t payload_len(const struct csumoff_layout *at)
{
    size_t end = at->l4_proto == PROTO_UDP ? (size_t)at->csum_start + at->l4_len : at->end;

    return at->payload_start ? (ptrdiff_t)end - (ptrdiff_t)at->payload_start : -1;
}

/* Whether this L4 checksum is one that virtio-net's NEEDS_CSUM is about: an Internet checksum over
 * all of a packet that common stacks leave to devices. */
static inline bool is_internet_l4(const struct csumoff_layout *at)
{
    return at->l4_proto == PROTO_TCP || at->l4_proto == PROTO_UDP ||
           at->l4_proto == (at->ip_version == 4 ? PROTO_ICMP : PROTO_ICMPV6);
}

/*
 * Whether a frame is one that segmentation offload knows: nothing but VLAN tags before its IP
 * header (no MPLS label, PPPoE or SNAP header, no tag of type 0x9100), nothing but options between
 * an IPv4 header and L4, no jumbogram.
 */
static inline bool is_plain(const uint8_t *frame, const struct csumoff_layout *at)
{
    if (at->end - at->l3_start > 65535 + IPV6_HEADER)
        return false;
    for (const uint8_t *type = frame + ETHERNET_HEADER - 2; type + 2 < frame + at->l3_start;
         type += VLAN_TAG)
        if (be16(type) != ETHERTYPE_VLAN && be16(type) != ETHERTYPE_QINQ)
            return false;
    return at->ip_version == 6 ||
           at->l4_start == at->l3_start + (size_t)(frame[at->l3_start] & 15) * 4;
}

#endif
