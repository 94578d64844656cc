// SPDX-License-Identifier: MIT
/*
 * The common case, decided inline: TCP or UDP behind Ethernet and an IPv4 header without options or
 * an IPv6 header without extension headers, in a frame that ends with the packet. Every device that
 * finishes seeds finishes the seed of such a frame. csumoff_decide_() decides all other frames, and
 * would decide these in the same way.
 */
#ifndef CSUMOFF_GLUE_OWN_H
#define CSUMOFF_GLUE_OWN_H

#include "../../src/packets/straight.h"
#include "decide.h"

/* Returns whether a hint, which may be NULL, asks for a checksum. */
CSUMOFF_INLINE bool csumoff_wants_checksum(const struct csumoff_hint *hint)
{
    return !hint || hint->want == CSUMOFF_TX_COMPUTE || hint->want == CSUMOFF_TX_SEEDED;
}

/*
 * Returns whether a hint that asks for a checksum asks for no more than this: the checksum or the
 * seed of the outermost packet, in a frame that need not be segmented.
 */
CSUMOFF_INLINE bool csumoff_is_common_hint(const struct csumoff_hint *hint,
                                           const struct csumoff_layout *layout)
{
    if (!hint)
        return true;
    if (hint->csum_start &&
        (hint->csum_start != layout->csum_start || hint->csum_offset != layout->csum_offset))
        return false;
    return !hint->mss ||
           (layout->payload_start && payload_len(layout) <= (csumoff_difference_)hint->mss);
}

/* Returns whether nothing but zeros follows what the checksum of a straight layout covers. The
 * first `have` bytes are at hand. */
CSUMOFF_INLINE bool csumoff_is_last(const uint8_t *head, size_t have, size_t len,
                                    const struct csumoff_layout *layout)
{
    const size_t end = (size_t)layout->l4_start + layout->l4_len;

    return end == len || (have == len && csumoff_partial(head + end, len - end, 0) == 0);
}

/* Returns whether a layout that locating gave is one of TCP or UDP right behind an IPv4 header
 * without options or an IPv6 header without extension headers. */
CSUMOFF_INLINE bool csumoff_is_straight(const struct csumoff_layout *layout)
{
    return layout->l4_start - layout->l3_start ==
               (layout->ip_version == 4 ? IPV4_HEADER : IPV6_HEADER) &&
           (layout->l4_proto == PROTO_TCP || layout->l4_proto == PROTO_UDP) &&
           layout->csum_start <= 0xFFFF;
}

/* Returns whether a layout, which may hold anything, is one of the common case with this IP version
 * and protocol, and the header and field it speaks of are at hand. Its numbers are constants. */
CSUMOFF_INLINE bool csumoff_is_common_of(const uint8_t *head, const struct csumoff_layout *layout,
                                         uint8_t ip_version, uint8_t l4_proto, size_t have,
                                         size_t len)
{
    const uint32_t l4 = ETHERNET_HEADER + (ip_version == 4 ? IPV4_HEADER : IPV6_HEADER);
    const uint32_t field = l4_proto == PROTO_TCP ? TCP_CHECK : UDP_CHECK,
                   header = l4_proto == PROTO_TCP ? TCP_HEADER : UDP_HEADER;

    return layout->ip_version == ip_version && layout->l4_proto == l4_proto &&
           layout->l3_start == ETHERNET_HEADER && layout->l4_start == l4 &&
           layout->csum_start == l4 && layout->csum_offset == field && layout->end == len &&
           layout->payload_start <= len && layout->l4_len >= header && layout->l4_len == len - l4 &&
           l4 + field + 2 <= have &&
           (ip_version == 4 ? head[ETHERNET_HEADER] == 0x45 : head[ETHERNET_HEADER] >> 4 == 6);
}

/* Returns whether a layout of the caller's is one of the common case. One that csumoff_locate_l3()
 * gives to a frame without a checksum has a csum_start of 0. */
CSUMOFF_INLINE bool csumoff_is_common(const uint8_t *head, const struct csumoff_layout *layout,
                                      size_t have, size_t len)
{
    return !CSUMOFF_IS_SCALAR && (csumoff_is_common_of(head, layout, 4, PROTO_TCP, have, len) ||
                                  csumoff_is_common_of(head, layout, 4, PROTO_UDP, have, len) ||
                                  csumoff_is_common_of(head, layout, 6, PROTO_TCP, have, len) ||
                                  csumoff_is_common_of(head, layout, 6, PROTO_UDP, have, len));
}

/* Prepares a frame of the common case for a device that finishes its seed: writes the seed and the
 * IPv4 header checksum. */
CSUMOFF_INLINE void csumoff_set_common(uint8_t *head, const struct csumoff_layout *layout,
                                       const struct csumoff_hint *hint)
{
    uint8_t *l3 = head + layout->l3_start;

    /* A field of 0 cannot be a seed: the pseudo-headers of TCP and UDP include the protocol number.
     */
    if (!hint || hint->want == CSUMOFF_TX_COMPUTE || csumoff_field(head, layout) == 0)
        store16(head + layout->csum_start + layout->csum_offset, csumoff_seed_value(layout));
    if (layout->ip_version == 4)
        store16(l3 + IPV4_CHECK, csumoff_ipv4_header(l3, IPV4_HEADER));
}

#endif
