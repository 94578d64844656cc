// SPDX-License-Identifier: MIT
#include "protocols.h"

#include "capture.h"

enum {
    EIGRP = 88,
    EIGRP_VERSION = 2,
    EIGRP_HEADER = 20,
    RSVP = 46,
    RSVP_VERSION = 1,
    RSVP_HEADER = 8,
    CHECK = 2, /* where the checksum is, in both */
    VRRP = 112,
    VRRP_VERSION = 3,
    VRRP_HEADER = 8,
    VRRP_CHECK = 6,
    IPV4_SADDR = 12,
    IPV4_DADDR = 16
};

/* All sums cover the message alone, without a pseudo-header. */
static void locate(struct csumoff_layout *at, uint32_t header, uint32_t check, uint32_t len)
{
    at->payload_start = at->l4_start + header;
    at->l4_len = len;
    at->csum_start = at->l4_start;
    at->csum_offset = check;
    at->pseudo = 0;
    at->csum_kind = CSUMOFF_INTERNET;
}

/* Returns whether the checksum of VRRP version 3 over IPv4 is right for nobody: neither without a
 * pseudo-header nor with one. */
static bool is_wrong_vrrp(const struct csumoff_layout *at, const uint8_t *head, size_t have)
{
    const uint8_t *iph = head + at->l3_start;
    const uint32_t len = at->end - at->l4_start;
    csumoff_wsum sum;

    if (at->ip_version != 4 || head[at->l4_start] >> 4 != VRRP_VERSION || at->end > have)
        return false;
    sum = csumoff_partial(head + at->l4_start, len, 0);
    return csumoff_fold(sum) != 0 &&
           csumoff_fold(csumoff_pseudo_ipv4(iph + IPV4_SADDR, iph + IPV4_DADDR, VRRP, len, sum)) !=
               0;
}

bool protocols_locate(struct csumoff_layout *at, const uint8_t *head, size_t have)
{
    const uint32_t there = at->end - at->l4_start;
    const uint8_t *l4 = head + at->l4_start;
    uint32_t len;

    if (!at->ip_version || there < RSVP_HEADER || (size_t)at->l4_start + RSVP_HEADER > have)
        return false;
    switch (at->l4_proto) {
    case EIGRP: /* RFC 7868 */
        if (l4[0] != EIGRP_VERSION || there < EIGRP_HEADER)
            return false;
        locate(at, EIGRP_HEADER, CHECK, there);
        return true;
    case RSVP: /* RFC 2205, section 3.1.1: RSVP has a length of its own, and 0 means no checksum */
        len = be16(l4 + 6);
        if (l4[0] >> 4 != RSVP_VERSION || be16(l4 + CHECK) == 0 || len < RSVP_HEADER || len > there)
            return false;
        locate(at, RSVP_HEADER, CHECK, len);
        return true;
    case VRRP: /* RFC 9568, section 5.2.8 */
        if (!is_wrong_vrrp(at, head, have))
            return false;
        locate(at, VRRP_HEADER, VRRP_CHECK, there);
        return true;
    default:
        return false;
    }
}
