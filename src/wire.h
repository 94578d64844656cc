// SPDX-License-Identifier: MIT
/* Numbers of the headers in a frame, and words in network order. */
#ifndef CSUMOFF_WIRE_H
#define CSUMOFF_WIRE_H

#include "../include/csumoff.h"
#include "compiler.h"

enum {
    ETHERNET_HEADER = 14,
    VLAN_TAG = 4,
    VLAN_TAGS_MAX = 4,
    IPV4_HEADER = 20,
    IPV4_CHECK = 10,
    IPV4_SADDR = 12,
    IPV4_DADDR = 16,
    IPV6_HEADER = 40,
    IPV6_SADDR = 8,
    IPV6_DADDR = 24,
    TCP_HEADER = 20,
    TCP_DATA_OFFSET = 12, /* in words, upper half of the byte */
    TCP_CHECK = 16,
    UDP_HEADER = 8,
    UDP_DPORT = 2,
    UDP_LENGTH = 4,
    UDP_CHECK = 6
};

enum {                        /* EtherType */
    ETHERTYPE_LEAST = 0x0600, /* below it is a length: IEEE 802.3, section 3.2.6 */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_TEB = 0x6558, /* inside GRE and Geneve: an Ethernet header */
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86DD,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_MULTICAST = 0x8848,
    ETHERTYPE_PPPOE = 0x8864, /* the session stage */
    ETHERTYPE_QINQ = 0x88A8,
    ETHERTYPE_VLAN_9100 = 0x9100
};

enum { /* IP protocol numbers */
    PROTO_HOPOPTS = 0,
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_IPV4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_DCCP = 33,
    PROTO_IPV6 = 41,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_GRE = 47,
    PROTO_AH = 51,
    PROTO_ICMPV6 = 58,
    PROTO_DSTOPTS = 60,
    PROTO_OSPF = 89,
    PROTO_PIM = 103,
    PROTO_VRRP = 112,
    PROTO_SCTP = 132,
    PROTO_UDPLITE = 136
};

enum { /* the first byte of a GRE header, RFC 2784 and RFC 2890 */
    GRE_CSUM = 0x80,
    GRE_ROUTING = 0x40,
    GRE_KEY = 0x20,
    GRE_SEQUENCE = 0x10
};

/* The tunnels over UDP: destination port, and what tunnels.c calls the tunnel. Linux used 8472 for
 * VXLAN before IANA assigned it a port. */
#define CSUMOFF_UDP_TUNNELS(tunnel)                                                                \
    tunnel(4789, vxlan) tunnel(8472, vxlan) tunnel(4790, vxlan_gpe) tunnel(6081, geneve)           \
        tunnel(2152, gtp) tunnel(6635, mpls) tunnel(4341, lisp) tunnel(6080, gue)

/* Returns whether UDP datagrams to a port are a tunnel's. */
CSUMOFF_INLINE bool is_tunnel_port(uint16_t port)
{
    switch (port) {
#define CASE(number, name) case number:
        CSUMOFF_UDP_TUNNELS(CASE)
#undef CASE
        return true;
    default:
        return false;
    }
}

/* The longest frame that a layout's offsets can describe. */
#define CSUMOFF_FRAME_MOST 0xFFFFFFFFu

/* Returns whether frames begin with an IP header. */
CSUMOFF_INLINE bool csumoff_is_ip_(enum csumoff_link link)
{
    return link == CSUMOFF_LINK_IP || link == CSUMOFF_LINK_IP_SUPER;
}

/* Returns the number that two or four bytes in network order are. */
CSUMOFF_INLINE uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

CSUMOFF_INLINE uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

CSUMOFF_INLINE void store16(uint8_t *p, csumoff_sum16 check)
{
    ((struct csumoff_unaligned16_ *)(void *)p)->v = check;
}

/* Returns whether two checksums are equal; 0x0000 and 0xFFFF are the two forms of zero. */
CSUMOFF_INLINE bool same_sum(csumoff_sum16 a, csumoff_sum16 b)
{
    return a == b || ((a ^ b) == 0xFFFF && (a == 0 || b == 0));
}

/* Returns whether a checksum field of 0 would say that there is none: RFC 768; RFC 3828,
 * section 3.1. A sum of 0 is stored as 0xFFFF there. */
CSUMOFF_INLINE bool zero_means_none(uint8_t l4_proto)
{
    return l4_proto == PROTO_UDP || l4_proto == PROTO_UDPLITE;
}

/* Returns how long the GRE header is whose first byte is `flags`. */
CSUMOFF_INLINE uint32_t gre_header(uint8_t flags)
{
    return 4 + (flags & (GRE_CSUM | GRE_ROUTING) ? 4u : 0) + (flags & GRE_KEY ? 4u : 0) +
           (flags & GRE_SEQUENCE ? 4u : 0);
}

#endif
