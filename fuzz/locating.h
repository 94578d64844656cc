// SPDX-License-Identifier: MIT
/* Checks of what csumoff_locate() and csumoff_locate_head() say of the frame under test. */
#ifndef CSUMOFF_FUZZ_LOCATING_H
#define CSUMOFF_FUZZ_LOCATING_H

#include "frame.h"

/* Checks the place of a protocol's checksum field and what the checksum covers. */
static inline void check_protocol(const struct csumoff_layout *at)
{
    const uint8_t *l4 = original + at->l4_start;
    const size_t whole = at->end - at->l4_start;

    switch (at->l4_proto) {
    case TCP:
        MUST(at->csum_offset == 16 && at->l4_len == whole);
        break;
    case UDP:
        MUST(at->csum_offset == 6 && at->l4_len >= 8);
        MUST(at->l4_len == load_wire16(l4 + 4) || (at->l4_len == whole && !load_wire16(l4 + 4)));
        break;
    case UDPLITE:
        MUST(at->csum_offset == 6);
        MUST(at->l4_len == (load_wire16(l4 + 4) ? load_wire16(l4 + 4) : whole));
        break;
    case DCCP:
        MUST(at->csum_offset == 6);
        MUST(at->l4_len == (l4[5] % 16 ? (size_t)l4[4] * 4 + (size_t)(l4[5] % 16 - 1) * 4 : whole));
        break;
    case SCTP:
        MUST(at->csum_offset == 8 && at->l4_len == whole && at->csum_kind == CSUMOFF_CRC32C);
        break;
    case GRE:
        MUST(at->csum_offset == 4 && at->l4_len == whole && l4[0] & 0x80);
        break;
    case ICMP:
    case IGMP:
        MUST(at->csum_offset == 2 && at->l4_len == whole && at->ip_version == 4);
        break;
    case ICMPV6:
        MUST(at->csum_offset == 2 && at->l4_len == whole && at->ip_version == 6);
        break;
    case 89: /* OSPF */
        MUST(at->csum_offset == 12);
        break;
    case 103: /* PIM */
        MUST(at->csum_offset == 2);
        break;
    default: /* VRRP */
        MUST(at->l4_proto == 112 && at->csum_offset == 6);
    }
    if (at->l4_proto != SCTP)
        MUST(at->csum_kind == CSUMOFF_INTERNET);
}

static inline void check_layout(const struct csumoff_layout *at)
{
    const uint8_t *l3 = original + at->l3_start;
    const size_t header = at->l4_start - at->l3_start;
    uint64_t pseudo;

    MUST(at->l3_start <= at->l4_start && at->l4_start <= at->end && at->end <= len);
    MUST(at->ip_version == 4 || at->ip_version == 6);
    MUST(at->ip_version == l3[0] >> 4);
    if (at->ip_version == 4) {
        MUST(header >= 20 && header >= (l3[0] & 15u) * 4);
        MUST(header == (l3[0] & 15u) * 4 || l3[9] == 51); /* AH */
    } else {
        MUST(header >= 40 && (header > 40 || at->l4_proto == l3[6]));
    }
    MUST(at->csum_start == at->l4_start && at->l4_len <= at->end - at->l4_start);
    MUST(at->csum_offset + field_size(at) <= at->l4_len);
    MUST(at->payload_start == 0 ||
         (at->payload_start > at->l4_start && at->payload_start <= at->end));
    MUST(at->vlan_tags <= 4);
    if (link_type == CSUMOFF_LINK_IP || link_type == CSUMOFF_LINK_IP_SUPER)
        MUST(at->l3_start == 0 && at->vlan_tags == 0);
    else
        MUST(at->l3_start >= 14u + 4u * at->vlan_tags);
    check_protocol(at);
    if (oracle_pseudo(at, &pseudo)) {
        MUST(wire16(csumoff_seed_value(at)) == ref_fold(pseudo));
        MUST(!at->pseudo == !pseudo);
        if (pseudo)
            MUST(wire16(csumoff_seed_value_gso(at)) == ref_fold(pseudo - oracle_pseudo_len(at)));
    }
}

static inline bool is_status_of_locating(int status)
{
    return status == CSUMOFF_OK || status == CSUMOFF_ETRUNC || status == CSUMOFF_EHDR ||
           status == CSUMOFF_EPROTO || status == CSUMOFF_EFRAG || status == CSUMOFF_ENOTSUP;
}

static inline int check_locate(struct csumoff_layout *at)
{
    struct csumoff_layout before;
    const uint8_t *p = fresh();
    int status;

    memset(at, 0xA7, sizeof *at);
    before = *at;
    status = csumoff_locate(p, len, link_type, at);
    MUST(unchanged());
    MUST(is_status_of_locating(status));
    if (status == CSUMOFF_OK)
        check_layout(at);
    else
        MUST(same(&before, at, sizeof *at));
    return status;
}

/* Locates from the beginning of the frame, with nothing readable behind it. The result must be the
 * same, or CSUMOFF_EHEAD. */
static inline void check_head(int located, const struct csumoff_layout *at, size_t have)
{
    struct csumoff_layout layout, before;
    size_t whole = len;
    const uint8_t *p;
    int status;

    memset(&layout, 0xA7, sizeof layout);
    before = layout;
    len = have;
    p = fresh();
    status = csumoff_locate_head(p, have, whole, link_type, &layout);
    MUST(unchanged());
    len = whole;
    if (status == CSUMOFF_EHEAD)
        MUST(have < len && (located != CSUMOFF_OK || have < at->l4_start + 20u));
    else
        MUST(status == located);
    if (status == CSUMOFF_OK)
        MUST(same_layout(&layout, at));
    else
        MUST(same(&before, &layout, sizeof layout));
    if (have < len) /* the head is longer than the frame */
        MUST(csumoff_locate_head(original, len, have, link_type, &layout) == CSUMOFF_ERANGE);
}

/* Cuts the frame before the end of its datagram, which must always be noticed. `shorter` chooses
 * how far a long frame is cut. */
static inline void check_cut(const struct csumoff_layout *at, size_t shorter)
{
    size_t whole = len, end = at->end;
    struct csumoff_layout layout;

    if (link_type == CSUMOFF_LINK_ETHERNET_SUPER || link_type == CSUMOFF_LINK_IP_SUPER)
        return; /* the end may be that of the frame */
    for (len = end > 160 ? end - 1 - shorter % end : 0; len < end; len++) {
        MUST(check_locate(&layout) == CSUMOFF_ETRUNC);
        if (end > 160)
            break;
    }
    len = whole;
}

#endif
