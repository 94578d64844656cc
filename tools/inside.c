// SPDX-License-Identifier: MIT
#include "inside.h"

#include "header.h"
#include "print.h"
#include "tunnels.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROTO_PIM = 103,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    PIM_HEADER = 4,
    TUNNEL_MOST = 512 /* Geneve's options, an Ethernet header and tags take less */
};

/* The smallest packets that the library locates: PIM's Hello without an option. */
static const uint8_t plain_ipv4[IPV4_HEADER + PIM_HEADER] = {
    [0] = 0x45, [3] = sizeof plain_ipv4, [9] = PROTO_PIM, [IPV4_HEADER] = 0x20};
static const uint8_t plain_ipv6[IPV6_HEADER + PIM_HEADER] = {
    [0] = 0x60, [5] = PIM_HEADER, [6] = PROTO_PIM, [IPV6_HEADER] = 0x20};

/* Where a tunnel ends: that of UDP where the length in its own header says. */
static size_t end_of(const struct csumoff_layout *around)
{
    return around->l4_proto == IPPROTO_UDP ? (size_t)around->l4_start + around->l4_len
                                           : around->end;
}

/* Returns whether the library finds a packet at `l3` if one that it can locate stands there. The
 * copy has `have` bytes, the last of which are that packet's. */
static bool leads_to(const uint8_t *copy, size_t have, size_t len, enum csumoff_link link,
                     size_t l3)
{
    struct csumoff_layout found[LEVELS_MOST];
    size_t count;

    return tunnels_locate(copy, have, len, link, found, &count) == CSUMOFF_OK && count > 1 &&
           found[count - 1].l3_start == l3 && found[count - 1].l4_proto == PROTO_PIM;
}

/*
 * Finds where the IP header of the packet inside begins. The headers of a tunnel, which all stand
 * in front of that packet, tell it to the library, which therefore finds a plain packet if it is
 * put there, and at no other place.
 */
static bool find(const uint8_t *head, size_t have, size_t len, enum csumoff_link link, size_t first,
                 size_t end, size_t *l3)
{
    const size_t last = first + TUNNEL_MOST;
    bool is_found = false;
    uint8_t *copy = malloc(last + sizeof plain_ipv6);

    if (!copy)
        exit(complain("%s", strerror(errno)));
    memcpy(copy, head, first);
    for (size_t at = first; at <= last && at < have && !is_found; at++) {
        const bool is_ipv4 = head[at] >> 4 == 4;
        const size_t size = is_ipv4 ? sizeof plain_ipv4 : sizeof plain_ipv6;

        if ((is_ipv4 || head[at] >> 4 == 6) && at + size <= end) {
            memcpy(copy + at, is_ipv4 ? plain_ipv4 : plain_ipv6, size);
            is_found = leads_to(copy, at + size, len, link, at);
        }
        copy[at] = head[at];
        *l3 = at;
    }
    free(copy);
    return is_found;
}

/* Makes a layout's offsets count from the start of the frame, where the packet begins at `l3`. */
static void move(struct csumoff_layout *at, uint32_t l3)
{
    at->l3_start += l3;
    at->l4_start += l3;
    at->end += l3;
    if (at->csum_kind == CSUMOFF_NO_CHECKSUM)
        return;
    at->csum_start += l3;
    if (at->payload_start)
        at->payload_start += l3;
}

bool inside_locate(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                   const struct csumoff_layout *around, int *status, struct csumoff_layout *at)
{
    const bool is_super = link == CSUMOFF_LINK_ETHERNET_SUPER || link == CSUMOFF_LINK_IP_SUPER;
    const enum csumoff_link inner = is_super ? CSUMOFF_LINK_IP_SUPER : CSUMOFF_LINK_IP;
    const size_t end = end_of(around);
    size_t l3;

    if (around->l4_start > have || !tunnels_may_be(head, have, around) ||
        !find(head, have, len, link, around->l4_start, end, &l3))
        return false;
    head += l3;
    have = (have < end ? have : end) - l3;
    *status = csumoff_locate_head(head, have, end - l3, inner, at);
    if (*status == CSUMOFF_OK && have == end - l3)
        return false; /* there are as many packets as levels at most */
    *status = header_locate(head, have, end - l3, inner, *status, at);
    if (!at->ip_version)
        return false;
    move(at, (uint32_t)l3);
    return true;
}
