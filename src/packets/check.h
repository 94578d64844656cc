// SPDX-License-Identifier: MIT
/* The functions that seed, fill and judge packets share these: bounds, the IPv4 header checksum,
 * complete checksums. */
#ifndef CSUMOFF_CHECK_H
#define CSUMOFF_CHECK_H

#include "view.h"
#include "../wire.h"

enum {
    IPV4_HEADER_MOST = 60
};

CSUMOFF_INLINE bool takes_seed(const struct csumoff_layout *layout)
{
    return layout->l4_proto == PROTO_TCP || layout->l4_proto == PROTO_UDP;
}

CSUMOFF_INLINE bool is_crc32c(const struct csumoff_layout *layout)
{
    return !CSUMOFF_IS_PLAIN && layout->csum_kind == CSUMOFF_CRC32C;
}

CSUMOFF_INLINE bool field_fits(size_t len, size_t csum_start, size_t csum_offset, size_t field)
{
    return csum_start <= len && csum_offset <= len - csum_start &&
           len - csum_start - csum_offset >= field;
}

/*
 * Returns whether every offset of the layout is inside the frame and, for an IPv4 packet, whether
 * its IP header ends before its L4 header. *header receives the length of the IPv4 header, or 0 if
 * the packet is not IPv4.
 */
CSUMOFF_INLINE_ALWAYS bool layout_fits(struct csumoff_view view,
                                       const struct csumoff_layout *layout, size_t *header)
{
    size_t most = view.len;
    uint8_t first[1];

    *header = 0;
    if (CSUMOFF_IS_PLAIN && layout->csum_kind == CSUMOFF_CRC32C)
        return false;
    if (layout->end > most || layout->l4_start > layout->end || layout->l3_start > layout->l4_start)
        return false;
    if (layout->csum_kind != CSUMOFF_NO_CHECKSUM && layout->l4_proto == PROTO_UDP &&
        layout->l4_len < UDP_HEADER)
        return false;
    if (layout->csum_kind != CSUMOFF_NO_CHECKSUM &&
        (layout->csum_start > most || layout->l4_len > most - layout->csum_start ||
         !field_fits(layout->l4_len, 0, layout->csum_offset,
                     layout->csum_kind == CSUMOFF_CRC32C ? 4 : 2)))
        return false;
    if (layout->ip_version != 4)
        return true;
    if (layout->l4_start - layout->l3_start < IPV4_HEADER)
        return false;
    *header = (size_t)(*csumoff_view_read(view, layout->l3_start, first, 1) & 15) * 4;
    return *header >= IPV4_HEADER && *header <= layout->l4_start - layout->l3_start;
}

/* Returns the correct IPv4 header checksum. *found receives the checksum that the header holds. */
CSUMOFF_INLINE_ALWAYS csumoff_sum16 ipv4_expected(struct csumoff_view view,
                                                  const struct csumoff_layout *layout,
                                                  size_t header, csumoff_sum16 *found)
{
    uint8_t room[IPV4_HEADER_MOST];
    const uint8_t *iph = csumoff_view_read(view, layout->l3_start, room, header);

    *found = csumoff_load16_(iph + IPV4_CHECK);
    return csumoff_ipv4_header(iph, header);
}

CSUMOFF_INLINE_ALWAYS void set_ipv4_header(struct csumoff_view view,
                                           const struct csumoff_layout *layout, size_t header)
{
    csumoff_sum16 found;

    if (header)
        csumoff_view_write16(view, layout->l3_start + IPV4_CHECK,
                             ipv4_expected(view, layout, header, &found));
}

/* Returns whether every byte from `start` on is zero. Only zeros have a sum of 0. */
CSUMOFF_INLINE_ALWAYS bool only_zeros_from(struct csumoff_view view, size_t start)
{
    return start == view.len || csumoff_view_sum(view, start, view.len - start, 0) == 0;
}

/* Returns the checksum for a sum as skb_checksum_help() in Linux stores it: 0xFFFF in place of 0,
 * for every protocol. */
CSUMOFF_INLINE csumoff_sum16 finished(csumoff_wsum sum)
{
    return csumoff_udp_nonzero(csumoff_fold(sum));
}

/* Returns the value of the L4 checksum field in memory order: 16 bits, or 32 bits of a CRC32c. */
CSUMOFF_INLINE_ALWAYS uint32_t l4_found(struct csumoff_view view,
                                        const struct csumoff_layout *layout)
{
    uint8_t room[4];
    size_t field = (size_t)layout->csum_start + layout->csum_offset;

    if (is_crc32c(layout))
        return csumoff_load32_(csumoff_view_read(view, field, room, 4));
    return csumoff_load16_(csumoff_view_read(view, field, room, 2));
}

/* Returns SCTP's checksum as it is stored. It is computed as if its field held zeros: RFC 9260,
 * section 6.8. */
CSUMOFF_INLINE_ALWAYS uint32_t crc32c_expected(struct csumoff_view view,
                                               const struct csumoff_layout *layout)
{
    static const uint8_t zeros[4];
    const size_t start = layout->csum_start, after = (size_t)layout->csum_offset + sizeof zeros;
    uint32_t crc = csumoff_view_crc32c(view, start, layout->csum_offset, 0);
    uint8_t bytes[4];

    crc = csumoff_crc32c(zeros, sizeof zeros, crc);
    crc = csumoff_view_crc32c(view, start + after, layout->l4_len - after, crc);
    bytes[0] = (uint8_t)crc;
    bytes[1] = (uint8_t)(crc >> 8);
    bytes[2] = (uint8_t)(crc >> 16);
    bytes[3] = (uint8_t)(crc >> 24);
    return csumoff_load32_(bytes);
}

/*
 * Returns the complete Internet checksum, whatever its field holds; `found` is what that is. The
 * field is summed along and taken out again. Without a pseudo-header the rest may be all zeros,
 * whose sum is not that of any other zero: then the sum goes around the field.
 */
CSUMOFF_INLINE_ALWAYS csumoff_sum16 internet_expected(struct csumoff_view view,
                                                      const struct csumoff_layout *layout,
                                                      csumoff_sum16 found)
{
    const csumoff_wsum pseudo = csumoff_pseudo_(layout);
    const size_t start = layout->csum_start, after = (size_t)layout->csum_offset + 2;
    csumoff_sum16 check;
    csumoff_wsum sum;

    if (pseudo) {
        sum = csumoff_sub(csumoff_view_sum(view, start, layout->l4_len, pseudo), found);
    } else {
        sum = csumoff_view_sum(view, start, layout->csum_offset, 0);
        sum = csumoff_view_sum(view, start + after, layout->l4_len - after, sum);
    }
    check = csumoff_fold(sum);
    return zero_means_none(layout->l4_proto) ? csumoff_udp_nonzero(check) : check;
}

#endif
