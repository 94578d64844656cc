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
    CHECK = 2 /* where the checksum is, in both */
};

/* Both sums cover the message alone, without a pseudo-header. */
static void locate(struct csumoff_layout *at, uint32_t header, uint32_t len)
{
    at->payload_start = at->l4_start + header;
    at->l4_len = len;
    at->csum_start = at->l4_start;
    at->csum_offset = CHECK;
    at->pseudo = 0;
    at->csum_kind = CSUMOFF_INTERNET;
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
        locate(at, EIGRP_HEADER, there);
        return true;
    case RSVP: /* RFC 2205, section 3.1.1: it has a length of its own, and 0 is no checksum */
        len = be16(l4 + 6);
        if (l4[0] >> 4 != RSVP_VERSION || be16(l4 + CHECK) == 0 || len < RSVP_HEADER || len > there)
            return false;
        locate(at, RSVP_HEADER, len);
        return true;
    default:
        return false;
    }
}
