// SPDX-License-Identifier: MIT
/* What is where in a frame, beyond what the parser has to know. */
#ifndef CSUMOFF_GLUE_WIRE_H
#define CSUMOFF_GLUE_WIRE_H

#include "../src/wire.h"

enum {
    IPV4_LENGTH = 2,
    IPV4_ID = 4,
    IPV6_LENGTH = 4,
    TCP_FLAGS = 13,
    TCP_CWR = 0x80,
    TCP_PSH = 0x08,
    TCP_FIN = 0x01,
    TCP_SEQUENCE = 4,
    UDP_SEGMENTS_MAX = 128 /* of a super-frame: UDP_MAX_SEGMENTS in Linux */
};

/* What an embedder's CSUMOFF_TYPES_H need not have. */
#ifndef SIZE_MAX
#define SIZE_MAX ((size_t)-1)
#endif
typedef __PTRDIFF_TYPE__ csumoff_difference_;

static inline void store_be16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Returns how many bytes follow the L4 header; negative: TCP says that it is longer than its
 * packet. A UDP payload ends where UDP's length says. */
static inline csumoff_difference_ payload_len(const struct csumoff_layout *layout)
{
    size_t end =
        layout->l4_proto == PROTO_UDP ? (size_t)layout->csum_start + layout->l4_len : layout->end;

    return layout->payload_start
               ? (csumoff_difference_)end - (csumoff_difference_)layout->payload_start
               : -1;
}

/* Returns whether this L4 checksum is one that virtio-net's NEEDS_CSUM is about: an Internet
 * checksum over all of a packet, which common stacks leave to devices. */
static inline bool is_internet_l4(const struct csumoff_layout *layout)
{
    return layout->l4_proto == PROTO_TCP || layout->l4_proto == PROTO_UDP ||
           layout->l4_proto == (layout->ip_version == 4 ? PROTO_ICMP : PROTO_ICMPV6);
}

/* Returns whether there is nothing but VLAN tags (no MPLS label, PPPoE or SNAP header, no tag of
 * type 0x9100) in front of the IP header. */
static inline bool has_only_tags(const uint8_t *head, const struct csumoff_layout *layout)
{
    for (const uint8_t *type = head + ETHERNET_HEADER - 2; type + 2 < head + layout->l3_start;
         type += VLAN_TAG)
        if (be16(type) != ETHERTYPE_VLAN && be16(type) != ETHERTYPE_QINQ)
            return false;
    return true;
}

/* Returns whether all extension headers of an IPv6 packet are ones that may be repeated: neither an
 * authentication, which covers the payload, nor a fragment header. */
static inline bool has_plain_chain(const uint8_t *head, const struct csumoff_layout *layout)
{
    uint8_t next = head[layout->l3_start + 6];

    for (size_t pos = layout->l3_start + IPV6_HEADER; pos < layout->l4_start;
         pos += ((size_t)head[pos + 1] + 1) * 8) {
        if (next == PROTO_AH || next == PROTO_FRAGMENT)
            return false;
        next = head[pos];
    }
    return true;
}

/* Returns whether the headers of a packet can be repeated in each of its segments, a jumbo option
 * aside: only VLAN tags in front of the IP header, only options between an IPv4 header and L4, no
 * authentication, no fragment header. `head` reaches to l4_start. */
static inline bool has_repeatable_headers(const uint8_t *head, const struct csumoff_layout *layout)
{
    if (!has_only_tags(head, layout))
        return false;
    return layout->ip_version == 4
               ? layout->l4_start == layout->l3_start + (size_t)(head[layout->l3_start] & 15) * 4
               : has_plain_chain(head, layout);
}

/*
 * Returns whether a frame can be given to a device that segments it: its headers can be repeated,
 * and it is no longer than a packet without a jumbo option. `head` reaches to l4_start.
 */
static inline bool is_segmentable(const uint8_t *head, const struct csumoff_layout *layout)
{
    return layout->end - layout->l3_start <= 65535 + IPV6_HEADER &&
           has_repeatable_headers(head, layout);
}

#endif
