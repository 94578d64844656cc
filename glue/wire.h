// SPDX-License-Identifier: MIT
/* What stands where in a frame. */
#ifndef CSUMOFF_GLUE_WIRE_H
#define CSUMOFF_GLUE_WIRE_H

#include <stddef.h>
#include <stdint.h>

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

#endif
