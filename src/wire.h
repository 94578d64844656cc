// SPDX-License-Identifier: MIT
/* What stands where in a frame. */
#ifndef CSUMOFF_WIRE_H
#define CSUMOFF_WIRE_H

#include "../include/csumoff.h"

enum {
    ETHERNET_HEADER = 14,
    VLAN_TAG = 4,
    VLAN_TAGS_MAX = 4,
    IPV4_HEADER = 20,
    IPV4_CHECK = 10,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    TCP_CHECK = 16,
    UDP_HEADER = 8,
    UDP_LENGTH = 4,
    UDP_CHECK = 6,
    ICMP_HEADER = 8,
    ICMP_CHECK = 2
};

enum { /* EtherType */
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IPV6 = 0x86DD,
    ETHERTYPE_QINQ = 0x88A8
};

enum { /* IP protocol numbers */
    PROTO_HOPOPTS = 0,
    PROTO_ICMP = 1,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    PROTO_ICMPV6 = 58,
    PROTO_DSTOPTS = 60,
    PROTO_SCTP = 132
};

/* Network order to a number. */
static inline uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void store16(uint8_t *p, csumoff_sum16 check)
{
    __builtin_memcpy(p, &check, sizeof check);
}

/* 0x0000 and 0xFFFF are the two forms of zero. */
static inline bool same_sum(csumoff_sum16 a, csumoff_sum16 b)
{
    return a == b || ((a ^ b) == 0xFFFF && (a == 0 || b == 0));
}

#endif
