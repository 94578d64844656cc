// SPDX-License-Identifier: MIT
#include "tunnel.h"

#include "capture.h"

#include <stdlib.h>
#include <string.h>

enum {
    UDP = 17,
    UDP_HEADER = 8,
    UDP_CHECK = 6,
    TUNNEL_HEADER = 8,
    VXLAN_PORT = 4789,  /* RFC 7348 */
    GENEVE_PORT = 6081, /* RFC 8926 */
    GENEVE_ETHERNET = 0x6558
};

/* Where the inner Ethernet frame starts; 0: there is none. */
static size_t inner_start(const uint8_t *frame, const struct csumoff_layout *outer)
{
    const uint8_t *udp = frame + outer->csum_start, *header = udp + UDP_HEADER;
    size_t len = TUNNEL_HEADER;

    if (outer->l4_proto != UDP || outer->l4_len < UDP_HEADER + TUNNEL_HEADER)
        return 0;
    if (be16(udp + 2) == GENEVE_PORT && be16(header + 2) == GENEVE_ETHERNET)
        len += (size_t)(header[0] & 0x3F) * 4; /* options */
    else if (be16(udp + 2) != VXLAN_PORT)
        return 0;
    return len < outer->l4_len - UDP_HEADER ? outer->csum_start + UDP_HEADER + len : 0;
}

/* Whether the outer checksum is what local checksum offload makes of the inner seed. */
static bool outer_follows(const uint8_t *frame, size_t len, const struct csumoff_layout *outer,
                          const struct csumoff_layout *inner)
{
    size_t field = outer->csum_start + UDP_CHECK;
    uint8_t *copy = malloc(len);
    bool follows;

    if (!copy)
        return false;
    memcpy(copy, frame, len);
    follows = csumoff_outer(copy, len, outer->csum_start, inner->csum_start, inner->csum_offset,
                            outer->l3_start) == CSUMOFF_OK &&
              memcmp(copy + field, frame + field, sizeof(csumoff_sum16)) == 0;
    free(copy);
    return follows;
}

bool tunnel_look_inside(const uint8_t *frame, size_t len, struct csumoff_report *report,
                        struct csumoff_layout *layout)
{
    struct csumoff_report inner_report;
    struct csumoff_layout inner;
    size_t start, inner_len;

    if (report->l3 == CSUMOFF_BAD || (report->l4 != CSUMOFF_BAD && report->l4 != CSUMOFF_ABSENT))
        return false;
    start = inner_start(frame, layout);
    if (!start)
        return false;
    if (report->l4_found == 0)
        report->l4 = CSUMOFF_ABSENT;
    inner_len = layout->csum_start + layout->l4_len - start;
    if (csumoff_verify(frame + start, inner_len, CSUMOFF_LINK_ETHERNET, &inner_report) ||
        csumoff_locate(frame + start, inner_len, CSUMOFF_LINK_ETHERNET, &inner))
        return false;
    inner.l3_start += start;
    inner.l4_start += start;
    inner.end += start;
    inner.csum_start += start;
    if (report->l4 == CSUMOFF_BAD &&
        (inner_report.l4 != CSUMOFF_SEEDED || !outer_follows(frame, len, layout, &inner)))
        return false;
    report->l4 = inner_report.l4;
    report->l4_found = inner_report.l4_found;
    report->l4_expected = inner_report.l4_expected;
    *layout = inner;
    return true;
}
