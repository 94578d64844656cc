// SPDX-License-Identifier: MIT
#include "header.h"

#include "protocols.h"

#include <string.h>

enum {
    ETHERNET_HEADER = 14,
    IPV4_HEADER = 20,
    LINK_MOST = 128 /* more than tags, labels, PPPoE and SNAP in front of IP ever take */
};

/* Returns whether an IPv4 header is there, to its end. */
static bool is_ipv4_header(const uint8_t *header, size_t len)
{
    int status = csumoff_ipv4_header_verify(header, len);

    return status == CSUMOFF_OK || status == CSUMOFF_ECSUM;
}

/*
 * Finds the IPv4 header of a packet that the library refuses, because it is malformed or cut off
 * behind that header. The library also tells where the header begins: that is where it finds a
 * plain one if it is put there.
 */
static bool find_ipv4_header(const uint8_t *head, size_t have, enum csumoff_link link,
                             struct csumoff_layout *at)
{
    static const uint8_t plain[IPV4_HEADER] = {0x45, 0, 0, IPV4_HEADER, 0, 0, 0, 0, 64, 255};
    bool is_ip = link == CSUMOFF_LINK_IP || link == CSUMOFF_LINK_IP_SUPER;
    size_t first = is_ip ? 0 : ETHERNET_HEADER, last = is_ip ? 0 : LINK_MOST;
    uint8_t other[LINK_MOST + IPV4_HEADER];
    struct csumoff_layout found;

    for (size_t l3 = first; l3 <= last && l3 + IPV4_HEADER <= have; l3 += 2) {
        if (!is_ipv4_header(head + l3, have - l3))
            continue;
        memcpy(other, head, l3);
        memcpy(other + l3, plain, sizeof plain);
        if (csumoff_locate_l3(other, l3 + IPV4_HEADER, l3 + IPV4_HEADER, link, &found) ==
                CSUMOFF_OK &&
            found.l3_start == l3) {
            *at = found;
            at->end = (uint32_t)l3 + be16(head + l3 + 2);
            at->l4_proto = head[l3 + 9];
            return true;
        }
    }
    return false;
}

int header_locate(const uint8_t *head, size_t have, size_t len, enum csumoff_link link, int status,
                  struct csumoff_layout *at)
{
    memset(at, 0, sizeof *at);
    at->csum_kind = CSUMOFF_NO_CHECKSUM;
    if (csumoff_locate_l3(head, have, len, link, at) && status != CSUMOFF_EPROTO)
        find_ipv4_header(head, have, link, at);
    return status == CSUMOFF_EPROTO && protocols_locate(at, head, have) ? CSUMOFF_OK : status;
}
