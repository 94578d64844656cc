// SPDX-License-Identifier: MIT
/*
 * What csumoff_locate() has to say of the frame that was made.
 */
#ifndef CSUMOFF_TESTS_LOCATE_CHECKS_H
#define CSUMOFF_TESTS_LOCATE_CHECKS_H

#include "../oracle/packet_checks.h"

/* Where the outermost packet's headers can't be followed any further: behind them all, or at the
 * header that makes it a fragment or leads to where nobody knows. Sets *proto to what that is. */
static inline size_t followed(uint8_t *proto)
{
    const uint8_t *p = made.bytes;
    size_t at = top->l3 + (top->version == 4 ? packet_l3_len(&made, 0) : 40);
    const char *c;

    *proto = top->proto;
    if (top->finding == NOT_KNOWN || top->finding == FOUND_TUNNEL)
        return top->l4;
    *proto = p[top->l3 + (top->version == 4 ? 9 : 6)];
    if (top->version == 4) /* a fragment by the IPv4 header itself */
        return at;
    for (c = made.spec.level[0].chain; *c != 'F' && *c != 'M' && *c != 'u'; c++) {
        *proto = p[at];
        at += *c == 'f' ? 8 : *c == 'a' ? (p[at + 1] + 2u) * 4 : (p[at + 1] + 1u) * 8;
    }
    return at;
}

/* The IP header of the frame made, by the first `have` bytes: found whatever is behind it. */
static inline void check_l3(size_t have)
{
    const uint8_t *p = placed(&made, have);
    struct csumoff_layout layout;
    size_t l4;
    uint8_t proto;

    spoil(&layout, sizeof layout);
    check_status("locate_l3", &made, have,
                 csumoff_locate_l3(p, have, made.len, link_of(&made), &layout), CSUMOFF_OK);
    check_same("locate_l3", &made, p, have);
    if (top->finding == FOUND) {
        check_layout(&made, 0, &layout);
        return;
    }
    l4 = followed(&proto);
    if (!has_no_checksum(&layout) || layout.l3_start != top->l3 || layout.l4_start != l4 ||
        layout.end != top->end || layout.ip_version != top->version || layout.l4_proto != proto ||
        layout.vlan_tags != top->tags)
        ck_abort_msg("locate_l3: L3 %u (%zu), L4 %u (%zu), end %u (%zu), IPv%u, protocol %u (%u), "
                     "%u tags (%u), kind %u: %s",
                     layout.l3_start, top->l3, layout.l4_start, l4, layout.end, top->end,
                     layout.ip_version, layout.l4_proto, proto, layout.vlan_tags, top->tags,
                     layout.csum_kind, spec_text(&made.spec));
}

/* Locates the frame made, the oracle says with which result. */
static inline void check_located(void)
{
    struct csumoff_layout layout;
    const uint8_t *p;

    check_l3(made.len);
    p = placed(&made, made.len);
    if (top->finding != FOUND) {
        check_refused(&made, made.len, status_of(&made, 0), status_of(&made, 0), CSUMOFF_OK);
        return;
    }
    spoil(&layout, sizeof layout);
    check_status("locate", &made, made.len, csumoff_locate(p, made.len, link_of(&made), &layout),
                 CSUMOFF_OK);
    check_layout(&made, 0, &layout);
    check_same("locate", &made, p, made.len);
}

#endif
