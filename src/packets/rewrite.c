// SPDX-License-Identifier: MIT
/* Changes bytes of a packet and adjusts its checksums. */
#include "adjust_l4.h"
#include "../words.h"
#include "check.h"
#include "parse.h"

enum {
    L4_DECIDING = 24 /* bytes of an L4 header that the parser may look at */
};

/* A change: n bytes to be stored, beginning at the offset `start` of the frame. */
struct change {
    const uint8_t *bytes;
    size_t start, n;
};

/* Returns whether a change stores a byte among the `len` bytes from `from` on. */
static bool touches(const struct change *change, size_t from, size_t len)
{
    return change->start < from + len && from < change->start + change->n;
}

/* Returns whether a change touches a checksum, or a byte on which the layout depends. */
static bool decides(const struct change *change, const struct csumoff_layout *layout)
{
    enum {
        TOTAL_LENGTH = 2,
        FRAGMENT = 6,
        PROTOCOL_AND_CHECK = 9,
        PAYLOAD_LENGTH_AND_NEXT = 4
    };
    const size_t l3 = layout->l3_start, l4 = layout->l4_start;

    if (layout->ip_version == 4 &&
        (touches(change, l3, 1) || touches(change, l3 + TOTAL_LENGTH, 2) ||
         touches(change, l3 + FRAGMENT, 2) || touches(change, l3 + PROTOCOL_AND_CHECK, 3)))
        return true;
    if (layout->ip_version != 4 && touches(change, l3 + PAYLOAD_LENGTH_AND_NEXT, 3))
        return true;
    if (layout->csum_kind == CSUMOFF_NO_CHECKSUM)
        return false;
    return touches(change, (size_t)layout->csum_start + layout->csum_offset,
                   layout->csum_kind == CSUMOFF_CRC32C ? 4 : 2) ||
           (layout->l4_proto == PROTO_UDP && touches(change, l4 + UDP_LENGTH, 2));
}

/* Returns whether two layouts are the same apart from their pseudo-headers. The offsets of `now`
 * count from the L3 header. */
static bool same_places(const struct csumoff_layout *was, const struct csumoff_layout *now)
{
    const uint32_t l3 = was->l3_start;

    return now->ip_version == was->ip_version && now->l4_proto == was->l4_proto &&
           now->csum_kind == was->csum_kind && now->l4_start + l3 == was->l4_start &&
           now->end + l3 == was->end && now->l4_len == was->l4_len &&
           (now->csum_kind == CSUMOFF_NO_CHECKSUM ||
            (now->csum_offset == was->csum_offset &&
             (now->payload_start ? now->payload_start + l3 : 0) == was->payload_start));
}

/* Locates a packet from its L3 header on, by its first `have` bytes. Returns whether its layout is
 * *was apart from the pseudo-header. */
static bool locate_again(const uint8_t *head, size_t have, enum csumoff_link link,
                         const struct csumoff_layout *was, struct csumoff_layout *now)
{
    int status = csumoff_locate_so_far_(head, have, was->end - was->l3_start, link, now);

    return (status == CSUMOFF_OK || status == CSUMOFF_EPROTO) && same_places(was, now);
}

/*
 * Locates the packet as it will be after the change, by a copy of its headers. *pseudo receives the
 * sum of its pseudo-header. Returns CSUMOFF_OK, CSUMOFF_EHDR (the layout would be another one), or
 * CSUMOFF_ENOTSUP (the headers are longer than CSUMOFF_HEAD_MOST).
 */
static int locate_changed(const uint8_t *frame, const struct csumoff_layout *layout,
                          const struct change *change, csumoff_wsum *pseudo)
{
    const size_t l3 = layout->l3_start, len = layout->end - l3, from = change->start - l3;
    size_t have = layout->l4_start - l3, n;
    uint8_t head[CSUMOFF_HEAD_MOST + L4_DECIDING];
    enum csumoff_link link = CSUMOFF_LINK_IP;
    struct csumoff_layout now;

    if (have > CSUMOFF_HEAD_MOST)
        return CSUMOFF_ENOTSUP;
    have = len - have < L4_DECIDING ? len : have + L4_DECIDING;
    n = change->n < have - from ? change->n : have - from;
    (void)csumoff_partial_copy(head, frame + l3, have, 0);
    /*
     * LINK_IP_SUPER accepts an IP length of 0 and is used only if the packet cannot be located
     * without it. A change that damages a jumbo option is detected in this way: with LINK_IP_SUPER
     * the packet would be taken to reach up to the end of the frame.
     */
    if (!locate_again(head, have, link, layout, &now))
        link = CSUMOFF_LINK_IP_SUPER;
    (void)csumoff_partial_copy(head + from, change->bytes, n, 0);
    if (!locate_again(head, have, link, layout, &now))
        return CSUMOFF_EHDR;
    *pseudo = now.pseudo;
    return CSUMOFF_OK;
}

/* Returns whether the packet is TCP or UDP directly behind an IP header without options or
 * extension headers, and the change touches no byte that the parser reads. Such a change can affect
 * only the addresses in the pseudo-header. */
static bool is_plain(const struct csumoff_layout *layout, size_t header,
                     const struct change *change)
{
    const size_t l3 = layout->l3_start, l4 = layout->l4_start;

    return takes_seed(layout) && l4 - l3 == (header ? IPV4_HEADER : IPV6_HEADER) &&
           !(layout->l4_proto == PROTO_TCP && touches(change, l4 + TCP_DATA_OFFSET, 1)) &&
           (header || !touches(change, l3, 1));
}

/* Returns the sum of the pseudo-header of a packet that is_plain() accepts. */
static csumoff_wsum plain_pseudo(const uint8_t *frame, const struct csumoff_layout *layout)
{
    const uint8_t *iph = frame + layout->l3_start;

    return layout->ip_version == 4
               ? csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, layout->l4_proto, 0, 0)
               : csumoff_pseudo_ipv6(iph + IPV6_SADDR, iph + IPV6_DADDR, layout->l4_proto, 0, 0);
}

/*
 * Returns whether the L4 checksum may be that for the next hop of a source route or that for its
 * end (see csumoff_inspect()), and the change touches the addresses, so that the two would change
 * differently.
 */
static bool is_of_either_hop(const uint8_t *frame, const struct csumoff_layout *layout,
                             size_t header, const struct change *change)
{
    const uint8_t *iph = frame + layout->l3_start;
    csumoff_wsum next;

    if (header <= IPV4_HEADER || layout->l4_proto != PROTO_UDP ||
        !touches(change, (size_t)layout->l3_start + IPV4_DADDR, header - IPV4_DADDR))
        return false;
    next = csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, PROTO_UDP, 0, 0);
    return !same_sum(csumoff_fold(next), csumoff_fold(layout->pseudo));
}

/* Returns the sum of a few bytes, most often of one field. Calling a kernel would cost more. */
static csumoff_wsum sum_of_few(const uint8_t *bytes, size_t n)
{
    csumoff_wsum sum = 0;

    if (n > 16)
        return csumoff_partial(bytes, n, 0);
    for (; n >= 2; n -= 2, bytes += 2)
        sum += csumoff_load16_(bytes);
    return n ? sum + csumoff_take8(false, NULL, bytes) : sum;
}

/* Sets *from and *to to the sums of the changed bytes before and after the change. Only bytes among
 * the `len` bytes from `start` on are summed, in words that begin at even offsets from `start`. */
static void sums_within(const uint8_t *frame, const struct change *change, size_t start, size_t len,
                        csumoff_wsum *from, csumoff_wsum *to)
{
    size_t first = change->start > start ? change->start : start;
    size_t end = change->start + change->n < start + len ? change->start + change->n : start + len;

    *from = *to = 0;
    if (first >= end)
        return;
    *from = csumoff_block_add(0, sum_of_few(frame + first, end - first), first - start);
    *to = csumoff_block_add(0, sum_of_few(change->bytes + (first - change->start), end - first),
                            first - start);
}

/*
 * Returns the IPv4 header checksum after the change. A wrong checksum of 0 stays 0, because it is
 * left to the network card. A wrong checksum other than 0 does not become 0, so that the card does
 * not hide the error.
 */
static csumoff_sum16 ipv4_check(const uint8_t *frame, const struct csumoff_layout *layout,
                                size_t header, const struct change *change)
{
    const uint8_t *iph = frame + layout->l3_start;
    const csumoff_sum16 found = csumoff_load16_(iph + IPV4_CHECK);
    csumoff_sum16 check = found;
    csumoff_wsum from, to;

    sums_within(frame, change, layout->l3_start, header, &from, &to);
    csumoff_adjust_(&check, from, to);
    if ((found == 0 || check == 0) && !same_sum(csumoff_ipv4_header(iph, header), found))
        return found ? csumoff_udp_nonzero(check) : 0;
    return check;
}

/* Returns CSUMOFF_OK, or the error of csumoff_rewrite() if bytes at this place may not be changed.
 * *header receives the length of the IPv4 header, or 0 if the packet is not IPv4. */
static int may_change(const uint8_t *frame, size_t len, const struct csumoff_layout *layout,
                      enum csumoff_state state, const struct change *change, size_t *header)
{
    const size_t covered = (size_t)layout->csum_start + layout->l4_len;

    if (!layout_fits(csumoff_whole(frame, len), layout, header) ||
        change->start < layout->l3_start || change->start > layout->end ||
        change->n > layout->end - change->start)
        return CSUMOFF_ERANGE;
    if (change->n == 0)
        return CSUMOFF_OK;
    if (decides(change, layout))
        return CSUMOFF_EHDR;
    if (layout->csum_kind == CSUMOFF_CRC32C && touches(change, layout->csum_start, layout->l4_len))
        return CSUMOFF_ENOTSUP;
    if (layout->csum_kind != CSUMOFF_NO_CHECKSUM && state == CSUMOFF_PARTIAL &&
        change->start + change->n > covered)
        return CSUMOFF_ERANGE; /* a device sums to the end of the frame */
    return *header && is_of_either_hop(frame, layout, *header, change) ? CSUMOFF_ENOTSUP
                                                                       : CSUMOFF_OK;
}

int csumoff_rewrite(void *frame, size_t len, struct csumoff_layout *layout,
                    enum csumoff_state state, size_t at, const void *bytes, size_t n)
{
    uint8_t *p = (uint8_t *)frame;
    const struct change change = {(const uint8_t *)bytes, at, n};
    const bool is_seed = state == CSUMOFF_PARTIAL;
    csumoff_wsum pseudo = layout->pseudo, from = 0, to = 0;
    csumoff_sum16 l3_check = 0, l4_check;
    size_t header;
    bool plain;
    int status = may_change(p, len, layout, state, &change, &header);

    if (status || n == 0)
        return status;
    plain = is_plain(layout, header, &change);
    if (!plain && at < (size_t)layout->l4_start + L4_DECIDING)
        status = locate_changed(p, layout, &change, &pseudo);
    if (status)
        return status;
    if (header)
        l3_check = ipv4_check(p, layout, header, &change);
    if (layout->csum_kind == CSUMOFF_INTERNET && !is_seed)
        sums_within(p, &change, layout->csum_start, layout->l4_len, &from, &to);
    (void)csumoff_partial_copy(p + at, bytes, n, 0);
    if (header)
        store16(p + layout->l3_start + IPV4_CHECK, l3_check);
    if (plain)
        pseudo = plain_pseudo(p, layout);
    if (layout->csum_kind == CSUMOFF_INTERNET) {
        uint8_t *field = p + layout->csum_start + layout->csum_offset;

        l4_check = csumoff_load16_(field);
        csumoff_adjust_field_(&l4_check, is_seed, layout->l4_proto,
                              csumoff_add(from, layout->pseudo), csumoff_add(to, pseudo));
        store16(field, l4_check);
    }
    layout->pseudo = pseudo;
    return CSUMOFF_OK;
}
