// SPDX-License-Identifier: MIT
/*
 * The straight path to a packet's layout. Nearly every frame is Ethernet with one VLAN tag or none,
 * IPv4 without options or IPv6 without extension headers, and TCP or UDP. For those it makes every
 * check that the parser makes. Whatever is different it leaves to the parser, errors included.
 *
 * It is compiled into each of its callers, once for every place where the IP header can be, so that
 * a layout that the caller only reads stays in registers. The glue's units are such callers, too.
 * Code for size leaves every frame to the parser.
 */
#ifndef CSUMOFF_STRAIGHT_H
#define CSUMOFF_STRAIGHT_H

#include "../compiler.h"
#include "../wire.h"

/* Returns four bytes as csumoff_load32_() reads them. */
CSUMOFF_INLINE uint32_t four_bytes(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    const uint8_t bytes[4] = {a, b, c, d};

    return csumoff_load32_(bytes);
}

/* Writes *layout but for what the L4 header itself tells. */
CSUMOFF_INLINE void straight_at(size_t l3, size_t l4, size_t payload, uint8_t version,
                                uint8_t proto, uint8_t tags, struct csumoff_layout *layout)
{
    layout->l3_start = (uint32_t)l3;
    layout->l4_start = layout->csum_start = (uint32_t)l4;
    layout->end = (uint32_t)(l4 + payload);
    layout->csum_offset = proto == PROTO_TCP ? TCP_CHECK : UDP_CHECK;
    layout->ip_version = version;
    layout->l4_proto = proto;
    layout->vlan_tags = tags;
    layout->csum_kind = CSUMOFF_INTERNET;
}

/* The TCP header at l4 is at hand, and is inside the `payload` bytes that IP has from there on. */
CSUMOFF_INLINE void straight_tcp(const uint8_t *p, size_t l4, size_t payload,
                                 struct csumoff_layout *layout)
{
    const size_t header = (size_t)(p[l4 + TCP_DATA_OFFSET] >> 4) * 4;
    const bool is_possible = header >= TCP_HEADER && header <= payload;

    layout->payload_start = is_possible ? (uint32_t)(l4 + header) : 0;
    layout->l4_len = (uint32_t)payload;
}

/* The UDP header at l4 is at hand. */
CSUMOFF_INLINE bool straight_udp(const uint8_t *p, size_t l4, size_t payload,
                                 struct csumoff_layout *layout)
{
    const uint32_t covered = be16(p + l4 + UDP_LENGTH);

    if (covered < UDP_HEADER || covered > payload)
        return false;
    layout->payload_start = (uint32_t)l4 + UDP_HEADER;
    layout->l4_len = covered;
    return true;
}

/* An IPv4 header at l3 that begins with 0x45 is at hand, and TCP's length behind it. */
CSUMOFF_INLINE bool straight_ipv4(const uint8_t *p, size_t len, size_t l3, uint8_t tags,
                                  struct csumoff_layout *layout)
{
    const uint8_t *iph = p + l3;
    const size_t l4 = l3 + IPV4_HEADER;
    /* What is too short wraps around, and is above the length of any frame. */
    const size_t payload = (size_t)be16(iph + 2) - IPV4_HEADER;
    /* Whether it is a fragment, and the protocol. */
    const uint32_t decides = csumoff_load32_(iph + 6) & four_bytes(0x3F, 0xFF, 0, 0xFF);

    if (__builtin_expect(decides == four_bytes(0, 0, 0, PROTO_TCP), 1)) {
        if (payload - TCP_HEADER > len - l4 - TCP_HEADER)
            return false;
        straight_tcp(p, l4, payload, layout);
        layout->pseudo = csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, PROTO_TCP, 0, 0);
        straight_at(l3, l4, payload, 4, PROTO_TCP, tags, layout);
        return true;
    }
    if (decides != four_bytes(0, 0, 0, PROTO_UDP) || payload > len - l4 ||
        !straight_udp(p, l4, payload, layout))
        return false;
    layout->pseudo = csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, PROTO_UDP, 0, 0);
    straight_at(l3, l4, payload, 4, PROTO_UDP, tags, layout);
    return true;
}

/* An IPv6 header that begins with 0x6 may be at l3; `have` bytes of the frame are at hand. */
CSUMOFF_INLINE bool straight_ipv6(const uint8_t *p, size_t have, size_t len, size_t l3,
                                  uint8_t tags, struct csumoff_layout *layout)
{
    const uint8_t *iph = p + l3;
    const size_t l4 = l3 + IPV6_HEADER;
    size_t payload;
    uint8_t proto;

    if (have < l4 + UDP_HEADER)
        return false;
    payload = be16(iph + 4);
    proto = iph[6];
    if (payload > len - l4)
        return false;
    if (proto == PROTO_TCP) {
        if (payload < TCP_HEADER || have < l4 + TCP_HEADER)
            return false;
        straight_tcp(p, l4, payload, layout);
    } else if (proto != PROTO_UDP || !straight_udp(p, l4, payload, layout)) {
        return false;
    }
    layout->pseudo = csumoff_pseudo_ipv6(iph + IPV6_SADDR, iph + IPV6_DADDR, proto, 0, 0);
    straight_at(l3, l4, payload, 6, proto, tags, layout);
    return true;
}

/* Returns whether an EtherType before l3, and the first byte behind it, are IPv4's 0x45. */
CSUMOFF_INLINE bool is_ipv4_at(const uint8_t *p, size_t l3)
{
    return (csumoff_load32_(p + l3 - 2) & four_bytes(0xFF, 0xFF, 0xFF, 0)) ==
           four_bytes(0x08, 0x00, 0x45, 0);
}

CSUMOFF_INLINE bool is_ipv6_at(const uint8_t *p, size_t l3)
{
    return (csumoff_load32_(p + l3 - 2) & four_bytes(0xFF, 0xFF, 0xF0, 0)) ==
           four_bytes(0x86, 0xDD, 0x60, 0);
}

/* Writes *layout where the first `have` of `len` bytes, and no more than those, are Ethernet
 * without a tag, IPv6 without extension headers, and TCP or UDP. */
CSUMOFF_INLINE bool straight_ethernet_ipv6(const uint8_t *p, size_t have, size_t len,
                                           struct csumoff_layout *layout)
{
    return !CSUMOFF_IS_SCALAR && have >= ETHERNET_HEADER + IPV6_HEADER &&
           len <= CSUMOFF_FRAME_MOST && is_ipv6_at(p, ETHERNET_HEADER) &&
           straight_ipv6(p, have, len, ETHERNET_HEADER, 0, layout);
}

enum {
    STRAIGHT_LEAST = IPV4_HEADER + TCP_HEADER
};

/*
 * The most common of all, Ethernet without a tag and IPv4: writes *layout where the first `have` of
 * `len` bytes are such a frame. Else returns false, and has written nothing.
 */
CSUMOFF_INLINE bool straight(const uint8_t *p, size_t have, size_t len, enum csumoff_link link,
                             struct csumoff_layout *layout)
{
    const bool may_be = !CSUMOFF_IS_SCALAR && have >= ETHERNET_HEADER + STRAIGHT_LEAST &&
                        len <= CSUMOFF_FRAME_MOST && have <= len && !csumoff_is_ip_(link) &&
                        is_ipv4_at(p, ETHERNET_HEADER);

    return __builtin_expect(may_be, 1) && straight_ipv4(p, len, ETHERNET_HEADER, 0, layout);
}

/* Does the same for IPv6, one tag, and bare IP. */
CSUMOFF_INLINE bool straight_otherwise(const uint8_t *p, size_t have, size_t len,
                                       enum csumoff_link link, struct csumoff_layout *layout)
{
    const size_t least = STRAIGHT_LEAST, l3 = ETHERNET_HEADER, tagged = l3 + VLAN_TAG;
    uint16_t type;

    if (CSUMOFF_IS_SCALAR || have > len || len > CSUMOFF_FRAME_MOST || have < least)
        return false;
    if (csumoff_is_ip_(link)) {
        if (p[0] == 0x45)
            return straight_ipv4(p, len, 0, 0, layout);
        return p[0] >> 4 == 6 && straight_ipv6(p, have, len, 0, 0, layout);
    }
    if (is_ipv6_at(p, l3))
        return straight_ipv6(p, have, len, l3, 0, layout);
    type = be16(p + l3 - 2);
    if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
        return false;
    if (is_ipv4_at(p, tagged))
        return have >= tagged + least && straight_ipv4(p, len, tagged, 1, layout);
    return is_ipv6_at(p, tagged) && straight_ipv6(p, have, len, tagged, 1, layout);
}

#endif
