// SPDX-License-Identifier: MIT
/* Judges the checksums of packets. */
#include "check.h"
#include "parse.h"
#include "straight.h"

CSUMOFF_INLINE void judge_l3(struct csumoff_view view, const struct csumoff_layout *layout,
                             size_t header, struct csumoff_report *report)
{
    report->l3 = CSUMOFF_UNCHECKED;
    report->l3_found = report->l3_expected = 0;
    if (header) {
        report->l3_expected = ipv4_expected(view, layout, header, &report->l3_found);
        report->l3 = same_sum(report->l3_found, report->l3_expected) ? CSUMOFF_GOOD
                     : report->l3_found == 0                         ? CSUMOFF_BLANK
                                                                     : CSUMOFF_BAD;
    } else if (layout->ip_version == 6) {
        report->l3 = CSUMOFF_ABSENT;
    }
}

/* Returns whether a UDP checksum of 0 is allowed: over IPv6 only tunnels may have none (RFC 6935).
 */
CSUMOFF_INLINE bool may_be_absent(struct csumoff_view view, const struct csumoff_layout *layout)
{
    uint8_t room[2];

    return layout->ip_version == 4 ||
           is_tunnel_port(
               be16(csumoff_view_read(view, (size_t)layout->csum_start + UDP_DPORT, room, 2)));
}

/* Returns the verdict on a field that is no correct checksum: SEEDED, SEEDED_GSO or BAD. */
CSUMOFF_INLINE enum csumoff_verdict judge_seed(const struct csumoff_layout *layout,
                                               csumoff_sum16 found)
{
    if (takes_seed(layout) && same_sum(found, csumoff_seed_value(layout)))
        return CSUMOFF_SEEDED;
    if (takes_seed(layout) && same_sum(found, csumoff_seed_value_gso(layout)))
        return CSUMOFF_SEEDED_GSO;
    return CSUMOFF_BAD;
}

CSUMOFF_INLINE void judge_internet(struct csumoff_view view, const struct csumoff_layout *layout,
                                   struct csumoff_report *report)
{
    csumoff_sum16 found = (csumoff_sum16)report->l4_found, expected;

    expected = internet_expected(view, layout, found);
    report->l4_expected = expected;
    if (layout->l4_proto == PROTO_UDP && found == 0)
        report->l4 = may_be_absent(view, layout) ? CSUMOFF_ABSENT : CSUMOFF_BAD;
    else if (same_sum(found, expected) && (found || layout->l4_proto != PROTO_UDPLITE))
        report->l4 = CSUMOFF_GOOD; /* of UDP-Lite 0 never is: RFC 3828, section 3.1 */
    else
        report->l4 = judge_seed(layout, found);
}

/* Returns whether verdict a has precedence over b, in the order GOOD, SEEDED, SEEDED_GSO, BAD. */
CSUMOFF_INLINE bool goes_before(enum csumoff_verdict a, enum csumoff_verdict b)
{
    return a != CSUMOFF_BAD && (b == CSUMOFF_BAD || a < b);
}

/*
 * Judges a UDP packet with an IPv4 source route a second time. Its checksum should be computed for
 * the last address of the route, but Linux computes it for the next hop.
 */
CSUMOFF_INLINE void judge_next_hop(struct csumoff_view view, const struct csumoff_layout *layout,
                                   struct csumoff_report *report)
{
    uint8_t room[IPV4_HEADER];
    const uint8_t *iph = csumoff_view_read(view, layout->l3_start, room, sizeof room);
    struct csumoff_report hop = *report;
    struct csumoff_layout next = *layout;

    next.pseudo = csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, PROTO_UDP, 0, 0);
    if (same_sum(csumoff_fold(next.pseudo), csumoff_fold(layout->pseudo)))
        return;
    judge_internet(view, &next, &hop);
    if (goes_before(hop.l4, report->l4))
        *report = hop;
}

/* `header` is the length of the IPv4 header, or 0. The caller has checked that the layout fits the
 * frame. */
CSUMOFF_INLINE void inspect(struct csumoff_view view, const struct csumoff_layout *layout,
                            size_t header, struct csumoff_report *report)
{
    struct csumoff_report r;

    judge_l3(view, layout, header, &r);
    r.l4 = CSUMOFF_UNCHECKED;
    r.l4_found = r.l4_expected = 0;
    if (layout->csum_kind != CSUMOFF_NO_CHECKSUM)
        r.l4_found = l4_found(view, layout);
    if (layout->csum_kind == CSUMOFF_INTERNET) {
        judge_internet(view, layout, &r);
        if (r.l4 != CSUMOFF_GOOD && layout->l4_proto == PROTO_UDP && header > IPV4_HEADER)
            judge_next_hop(view, layout, &r);
    } else if (is_crc32c(layout)) {
        r.l4_expected = crc32c_expected(view, layout);
        r.l4 = r.l4_found == r.l4_expected ? CSUMOFF_GOOD : CSUMOFF_BAD;
    }
    *report = r;
}

CSUMOFF_INLINE int inspect_any(struct csumoff_view view, const struct csumoff_layout *layout,
                               struct csumoff_report *report)
{
    size_t header;

    if (!layout_fits(view, layout, &header))
        return CSUMOFF_ERANGE;
    inspect(view, layout, header, report);
    return CSUMOFF_OK;
}

int csumoff_inspect_at(const void *frame, size_t len, const struct csumoff_layout *layout,
                       struct csumoff_report *report)
{
    return inspect_any(csumoff_whole(frame, len), layout, report);
}

int csumoff_inspect_iov(const struct csumoff_iov *iov, size_t count,
                        const struct csumoff_layout *layout, struct csumoff_report *report)
{
    struct csumoff_view view;

    return csumoff_scattered(iov, count, &view) ? inspect_any(view, layout, report)
                                                : CSUMOFF_ERANGE;
}

/* Judges the packet as far as it can be located. Returns the status of locating it, or the status
 * of judging it if the frame has changed since. */
CSUMOFF_NOINLINE static int inspect_winding(const void *frame, size_t len, enum csumoff_link link,
                                            struct csumoff_report *report)
{
    struct csumoff_layout layout;
    int status = csumoff_locate_so_far_((const uint8_t *)frame, len, len, link, &layout), judged;

    if (status != CSUMOFF_OK && status != CSUMOFF_EFRAG && status != CSUMOFF_EPROTO &&
        status != CSUMOFF_ENOTSUP)
        return status;
    judged = csumoff_inspect_at(frame, len, &layout, report);
    return judged ? judged : status;
}

CSUMOFF_INLINE int inspect_so_far(const void *frame, size_t len, enum csumoff_link link,
                                  struct csumoff_report *report)
{
    struct csumoff_layout layout;

    if (!straight((const uint8_t *)frame, len, len, link, &layout))
        return inspect_winding(frame, len, link, report);
    inspect(csumoff_whole(frame, len), &layout, IPV4_HEADER, report);
    return CSUMOFF_OK;
}

int csumoff_inspect(const void *frame, size_t len, enum csumoff_link link,
                    struct csumoff_report *report)
{
    int status = inspect_so_far(frame, len, link, report);

    return status == CSUMOFF_ETRUNC || status == CSUMOFF_EHDR || status == CSUMOFF_ERANGE
               ? status
               : CSUMOFF_OK;
}

static bool is_fine(enum csumoff_verdict verdict)
{
    return verdict == CSUMOFF_GOOD || verdict == CSUMOFF_ABSENT || verdict == CSUMOFF_UNCHECKED;
}

int csumoff_verify(const void *frame, size_t len, enum csumoff_link link)
{
    struct csumoff_report report;
    int status = inspect_so_far(frame, len, link, &report);

    if (status != CSUMOFF_OK && status != CSUMOFF_EFRAG && status != CSUMOFF_EPROTO)
        return status;
    return is_fine(report.l3) && is_fine(report.l4) ? CSUMOFF_OK : CSUMOFF_ECSUM;
}
