// SPDX-License-Identifier: MIT
/* Seeds, finishes, fills and judges packets. */
#include "locate.h"

static csumoff_wsum pseudo(const uint8_t *frame, const struct csumoff_packet *packet, size_t daddr,
                           uint32_t l4_len)
{
    const struct csumoff_layout *at = &packet->at;

    if (at->ip_version == 4)
        return csumoff_pseudo_ipv4(frame + packet->saddr, frame + daddr, at->l4_proto, l4_len, 0);
    return csumoff_pseudo_ipv6(frame + packet->saddr, frame + daddr, at->l4_proto, l4_len, 0);
}

/* The folded pseudo-header sum, for the daddr that the packet is checked against. */
static csumoff_sum16 seed(const uint8_t *frame, const struct csumoff_packet *packet, size_t daddr,
                          size_t l4_len)
{
    return (csumoff_sum16)~csumoff_fold(pseudo(frame, packet, daddr, (uint32_t)l4_len));
}

static bool has_pseudo_header(const struct csumoff_layout *at)
{
    return at->l4_proto != PROTO_ICMP;
}

static bool takes_seed(const struct csumoff_layout *at)
{
    return at->l4_proto == PROTO_TCP || at->l4_proto == PROTO_UDP;
}

/* The sum of what the checksum covers, its own field left out. */
static csumoff_wsum covered(const uint8_t *frame, const struct csumoff_layout *at)
{
    const uint8_t *l4 = frame + at->csum_start, *after = l4 + at->csum_offset + 2;
    csumoff_wsum sum = csumoff_partial(l4, at->csum_offset, 0);

    return csumoff_partial(after, at->l4_len - at->csum_offset - 2, sum);
}

/* The complete L4 checksum, whatever its field holds. */
static csumoff_sum16 complete(const uint8_t *frame, const struct csumoff_packet *packet,
                              csumoff_wsum sum, size_t daddr)
{
    const struct csumoff_layout *at = &packet->at;
    csumoff_sum16 check;

    if (has_pseudo_header(at))
        sum = csumoff_add(sum, pseudo(frame, packet, daddr, (uint32_t)at->l4_len));
    check = csumoff_fold(sum);
    return at->l4_proto == PROTO_UDP ? csumoff_udp_nonzero(check) : check;
}

static void set_ipv4_header(uint8_t *frame, const struct csumoff_layout *at)
{
    uint8_t *iph = frame + at->l3_start;

    if (at->ip_version == 4)
        store16(iph + IPV4_CHECK, csumoff_ipv4_header(iph, at->l4_start - at->l3_start));
}

/* Whether every byte from `start` on is zero: the sum of anything else isn't. */
static bool all_zero(const uint8_t *frame, size_t start, size_t len)
{
    return csumoff_partial(frame + start, len - start, 0) == 0;
}

static bool field_fits(size_t len, size_t csum_start, size_t csum_offset)
{
    return csum_start <= len && csum_offset <= len - csum_start &&
           len - csum_start - csum_offset >= 2;
}

/* What skb_checksum_help() stores: 0xFFFF in place of 0 for every protocol. */
static csumoff_sum16 finished(csumoff_wsum sum)
{
    return csumoff_udp_nonzero(csumoff_fold(sum));
}

int csumoff_seed(void *frame, size_t len, enum csumoff_link link, struct csumoff_layout *layout)
{
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_packet packet;
    const struct csumoff_layout *at = &packet.at;
    int status = csumoff_locate_packet(p, len, link, &packet);

    if (status)
        return status;
    if (!takes_seed(at))
        return CSUMOFF_EPROTO;
    if (!all_zero(p, at->csum_start + at->l4_len, len))
        return CSUMOFF_ETRAILER;
    set_ipv4_header(p, at);
    store16(p + at->csum_start + at->csum_offset, seed(p, &packet, packet.final_daddr, at->l4_len));
    if (layout)
        *layout = *at;
    return CSUMOFF_OK;
}

int csumoff_finish(void *frame, size_t len, size_t csum_start, size_t csum_offset)
{
    uint8_t *p = (uint8_t *)frame;

    if (!field_fits(len, csum_start, csum_offset))
        return CSUMOFF_ERANGE;
    store16(p + csum_start + csum_offset,
            finished(csumoff_partial(p + csum_start, len - csum_start, 0)));
    return CSUMOFF_OK;
}

int csumoff_copy_finish(void *dst, const void *frame, size_t len, size_t csum_start,
                        size_t csum_offset)
{
    uint8_t *to = (uint8_t *)dst;
    const uint8_t *from = (const uint8_t *)frame;
    csumoff_wsum sum;

    if (!field_fits(len, csum_start, csum_offset))
        return CSUMOFF_ERANGE;
    (void)csumoff_partial_copy(to, from, csum_start, 0);
    sum = csumoff_partial_copy(to + csum_start, from + csum_start, len - csum_start, 0);
    store16(to + csum_start + csum_offset, finished(sum));
    return CSUMOFF_OK;
}

int csumoff_finish_iov(const struct csumoff_iov_mut *iov, size_t count, size_t csum_start,
                       size_t csum_offset)
{
    size_t start = csum_start, field = 0, len = 0;
    csumoff_wsum sum = 0;
    csumoff_sum16 check;
    uint8_t bytes[2];

    for (size_t i = 0; i < count; i++) {
        if (iov[i].len > SIZE_MAX - len)
            return CSUMOFF_ERANGE;
        len += iov[i].len;
    }
    if (!field_fits(len, csum_start, csum_offset))
        return CSUMOFF_ERANGE;
    for (size_t i = 0, done = 0; i < count; i++) {
        size_t past = start < iov[i].len ? start : iov[i].len;
        size_t rest = iov[i].len - past;

        start -= past;
        if (!rest)
            continue;
        sum = csumoff_block_add(sum, csumoff_partial((const uint8_t *)iov[i].base + past, rest, 0),
                                done);
        done += rest;
    }
    check = finished(sum);
    __builtin_memcpy(bytes, &check, sizeof bytes);
    field = csum_start + csum_offset;
    for (size_t i = 0, at = 0; i < count; at += iov[i++].len)
        for (size_t byte = 0; byte < 2; byte++)
            if (field + byte >= at && field + byte - at < iov[i].len)
                ((uint8_t *)iov[i].base)[field + byte - at] = bytes[byte];
    return CSUMOFF_OK;
}

int csumoff_fill(void *frame, size_t len, enum csumoff_link link)
{
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_packet packet;
    const struct csumoff_layout *at = &packet.at;
    int status = csumoff_locate_packet(p, len, link, &packet);

    if (status)
        return status;
    set_ipv4_header(p, at);
    store16(p + at->csum_start + at->csum_offset,
            complete(p, &packet, covered(p, at), packet.final_daddr));
    return CSUMOFF_OK;
}

static void judge_ipv4_header(const uint8_t *frame, const struct csumoff_layout *at,
                              struct csumoff_report *report)
{
    const uint8_t *iph = frame + at->l3_start;

    report->l3_found = csumoff_load16_(iph + IPV4_CHECK);
    report->l3_expected = csumoff_ipv4_header(iph, at->l4_start - at->l3_start);
    report->l3 = same_sum(report->l3_found, report->l3_expected) ? CSUMOFF_GOOD : CSUMOFF_BAD;
}

/* The verdict on the L4 field if the packet is checked against this destination. */
static enum csumoff_verdict judge_l4(const uint8_t *frame, const struct csumoff_packet *packet,
                                     size_t daddr, csumoff_wsum sum, struct csumoff_report *report)
{
    const struct csumoff_layout *at = &packet->at;
    csumoff_sum16 found = report->l4_found;

    report->l4_expected = complete(frame, packet, sum, daddr);
    if (at->l4_proto == PROTO_UDP && found == 0)
        return at->ip_version == 4 ? CSUMOFF_ABSENT : CSUMOFF_BAD;
    if (same_sum(found, report->l4_expected))
        return CSUMOFF_GOOD;
    if (takes_seed(at) && same_sum(found, seed(frame, packet, daddr, at->l4_len)))
        return CSUMOFF_SEEDED;
    if (takes_seed(at) && same_sum(found, seed(frame, packet, daddr, 0)))
        return CSUMOFF_SEEDED_GSO;
    return CSUMOFF_BAD;
}

int csumoff_verify(const void *frame, size_t len, enum csumoff_link link,
                   struct csumoff_report *report)
{
    const uint8_t *p = (const uint8_t *)frame;
    struct csumoff_report r = {CSUMOFF_UNCHECKED, CSUMOFF_UNCHECKED, 0, 0, 0, 0};
    struct csumoff_packet packet;
    const struct csumoff_layout *at = &packet.at;
    int status = csumoff_locate_packet(p, len, link, &packet);

    if (status == CSUMOFF_ETRUNC || status == CSUMOFF_EHDR)
        return status;
    if (at->ip_version == 4)
        judge_ipv4_header(p, at, &r);
    else if (at->ip_version == 6)
        r.l3 = CSUMOFF_ABSENT;
    if (status == CSUMOFF_OK) {
        csumoff_wsum sum = covered(p, at);

        r.l4_found = csumoff_load16_(p + at->csum_start + at->csum_offset);
        r.l4 = judge_l4(p, &packet, packet.final_daddr, sum, &r);
        /*
         * On its way along a source route a packet is right for where the route ends (RFC 8200,
         * section 8.1), but Linux seeds UDP over IPv4 for the next hop.
         */
        if (r.l4 == CSUMOFF_BAD && packet.final_daddr != packet.daddr) {
            struct csumoff_report hop = r;

            hop.l4 = judge_l4(p, &packet, packet.daddr, sum, &hop);
            if (hop.l4 != CSUMOFF_BAD)
                r = hop;
        }
    }
    *report = r;
    return CSUMOFF_OK;
}

int csumoff_outer(void *frame, size_t len, size_t outer_udp, size_t inner_csum_start,
                  size_t inner_csum_offset, size_t outer_l3)
{
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_packet outer;
    struct csumoff_layout *at = &outer.at;
    csumoff_sum16 inner;
    csumoff_wsum sum;
    size_t header;

    if (!field_fits(len, inner_csum_start, inner_csum_offset) || inner_csum_offset & 1 ||
        outer_udp > inner_csum_start || inner_csum_start - outer_udp < UDP_HEADER ||
        outer_l3 >= outer_udp)
        return CSUMOFF_ERANGE;
    at->l4_proto = PROTO_UDP;
    at->ip_version = p[outer_l3] >> 4;
    header = at->ip_version == 4 ? IPV4_HEADER : IPV6_HEADER;
    outer.saddr = outer_l3 + (at->ip_version == 4 ? 12 : 8);
    outer.daddr = outer_l3 + (at->ip_version == 4 ? 16 : 24);
    at->l4_len = be16(p + outer_udp + UDP_LENGTH);
    if ((at->ip_version != 4 && at->ip_version != 6) || outer_udp - outer_l3 < header ||
        at->l4_len > len - outer_udp ||
        !field_fits(at->l4_len, inner_csum_start - outer_udp, inner_csum_offset))
        return CSUMOFF_EHDR;
    if (!all_zero(p, outer_udp + at->l4_len, len))
        return CSUMOFF_ETRAILER;
    inner = csumoff_load16_(p + inner_csum_start + inner_csum_offset);
    /* The headers, their own field left out, then the inner packet as it will be. */
    sum = csumoff_partial(p + outer_udp, UDP_CHECK, 0);
    sum =
        csumoff_partial(p + outer_udp + UDP_HEADER, inner_csum_start - outer_udp - UDP_HEADER, sum);
    sum = csumoff_block_add(sum, (csumoff_sum16)~inner, inner_csum_start - outer_udp);
    store16(p + outer_udp + UDP_CHECK, complete(p, &outer, sum, outer.daddr));
    return CSUMOFF_OK;
}
