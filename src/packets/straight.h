// SPDX-License-Identifier: MIT
/*
 * The straight path to a packet's layout. Nearly every frame is Ethernet with one VLAN tag or none,
 * IPv4 without options or IPv6 without extension headers, and TCP or UDP. For such frames it makes
 * every check that the parser makes. All other frames, and all errors, are left to the parser.
 *
 * It is compiled into each of its callers, including those in the glue, once for every place where
 * the IP header can be. A layout that the caller only reads then stays in registers. With
 * CSUMOFF_SCALAR, which makes code small, every frame is left to the parser.
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

/* Writes all of *layout but payload_start, l4_len and pseudo. */
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

/* Writes what a TCP header tells: payload_start and l4_len. Its first 20 bytes, at l4, are at hand
 * and are inside the IP payload, which has `payload` bytes. */
CSUMOFF_INLINE void straight_tcp(const uint8_t *p, size_t l4, size_t payload,
                                 struct csumoff_layout *layout)
{
    const size_t header = (size_t)(p[l4 + TCP_DATA_OFFSET] >> 4) * 4;
    const bool is_possible = header >= TCP_HEADER && header <= payload;

    layout->payload_start = is_possible ? (uint32_t)(l4 + header) : 0;
    layout->l4_len = (uint32_t)payload;
}

/* Writes what the UDP header at l4, which is at hand, tells: payload_start and l4_len. Returns
 * false if its length is impossible. */
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

/* Writes *layout for TCP or UDP over IPv4. Else returns false and writes nothing. The IPv4 header
 * at l3, which begins with 0x45, is at hand, and so are the 20 bytes after it. */
CSUMOFF_INLINE bool straight_ipv4(const uint8_t *p, size_t len, size_t l3, uint8_t tags,
                                  struct csumoff_layout *layout)
{
    const uint8_t *iph = p + l3;
    const size_t l4 = l3 + IPV4_HEADER;
    /* A total length below 20 wraps around to more than the length of any frame. */
    const size_t payload = (size_t)be16(iph + 2) - IPV4_HEADER;
    /* The flag "more fragments", the fragment offset and the protocol. */
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

/* Writes *layout for TCP or UDP over IPv6. Else returns false and writes nothing. The byte at l3
 * begins with 6, the version. The first `have` bytes of the frame are at hand. */
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

/* Returns whether the EtherType in front of l3 is that of IPv4 and the byte at l3 is 0x45. */
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

/*
 * Writes *layout if a frame of `len` bytes, of which the first `have` are at hand, is Ethernet
 * without a tag, IPv6 without extension headers, and TCP or UDP. Else returns false and writes
 * nothing. `have` must not be more than `len`: the functions that get both from a caller have
 * refused that.
 */
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
 * Writes *layout if a frame of `len` bytes, of which the first `have` are at hand, is of the most
 * common kind: Ethernet without a tag, IPv4 without options, and TCP or UDP. Else returns false and
 * writes nothing.
 */
CSUMOFF_INLINE bool straight(const uint8_t *p, size_t have, size_t len, enum csumoff_link link,
                             struct csumoff_layout *layout)
{
    const bool may_be = !CSUMOFF_IS_SCALAR && have >= ETHERNET_HEADER + STRAIGHT_LEAST &&
                        len <= CSUMOFF_FRAME_MOST && have <= len && !csumoff_is_ip_(link) &&
                        is_ipv4_at(p, ETHERNET_HEADER);

    return __builtin_expect(may_be, 1) && straight_ipv4(p, len, ETHERNET_HEADER, 0, layout);
}

/* Writes *layout if the frame is of another kind that this file knows: IPv6, one VLAN tag, or IP
 * without a link layer. Else returns false and writes nothing. */
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
