// SPDX-License-Identifier: MIT
#include "pseudo.h"

#include "capture.h"

#include <string.h>

enum {
    HOP_BY_HOP = 0,
    ROUTING = 43,
    DESTINATION = 60,
    AUTHENTICATION = 51,
    ATOMIC_FRAGMENT = 44,
    LOOSE_ROUTE = 131,
    STRICT_ROUTE = 137,
    HOME_ADDRESS = 0xC9,
    UDP_LITE = 136,
    DCCP = 33,
    OSPF = 89
};

static void put32(uint8_t to[4], uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16 & 0xFF);
    to[2] = (uint8_t)(value >> 8 & 0xFF);
    to[3] = (uint8_t)(value & 0xFF);
}

/* ---- Where a route ends -------------------------------------------------------------------- */

/* The first LSRR or SSRR (RFC 791, section 3.1): the destination is the last address, unless the
 * pointer has passed it. */
static void follow_ipv4(struct pseudo *p, const uint8_t *ip)
{
    const size_t header = (ip[0] & 15) * 4u;

    for (size_t at = 20; at + 3 <= header && ip[at] != 0;) {
        size_t size = ip[at] == 1 ? 1 : ip[at + 1];

        if ((size < 2 && ip[at] != 1) || at + size > header)
            return;
        if ((ip[at] == LOOSE_ROUTE || ip[at] == STRICT_ROUTE) && size >= 7) {
            p->is_route = ip[at + 2] < size;
            if (p->is_route)
                memcpy(p->destination, ip + at + size - 4, 4);
            return;
        }
        at += size;
    }
}

/* The destination is the last segment of a routing header with segments left. */
static void follow_route(struct pseudo *p, const uint8_t *header, size_t size)
{
    size_t shared = 0, pad = 0, end = size;

    if (header[3] == 0)
        return;
    if (header[2] == 3) { /* RFC 6554: without the bytes that it shares with the destination */
        shared = header[4] & 15;
        pad = header[5] >> 4;
    } else if (header[2] == 4 && size >= 24) { /* RFC 8754: the last segment comes first */
        end = 24;
    }
    if (pad + 16 - shared > end - 8)
        return;
    memcpy(p->destination + shared, header + end - pad - (16 - shared), 16 - shared);
    p->is_route = true;
}

/* The home address option (RFC 6275, section 6.3). */
static void follow_home(struct pseudo *p, const uint8_t *header, size_t size)
{
    for (size_t at = 2; at + 2 <= size;) {
        size_t option = header[at] == 0 ? 1 : header[at + 1] + 2u;

        if (at + option > size)
            return;
        if (header[at] == HOME_ADDRESS && option == 18) {
            memcpy(p->source, header + at + 2, 16);
            p->is_home = true;
            return;
        }
        at += option;
    }
}

static void follow_ipv6(struct pseudo *p, const uint8_t *ip, size_t len)
{
    unsigned next = ip[6];
    size_t at = 40;

    while (at + 8 <= len) {
        size_t size = (ip[at + 1] + 1u) * 8;

        if (next == AUTHENTICATION)
            size = (ip[at + 1] + 2u) * 4;
        else if (next == ATOMIC_FRAGMENT)
            size = 8;
        else if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION)
            return;
        if (at + size > len)
            return;
        if (next == ROUTING)
            follow_route(p, ip + at, size);
        else if (next == DESTINATION)
            follow_home(p, ip + at, size);
        next = ip[at];
        at += size;
    }
}

/* ---- The whole ----------------------------------------------------------------------------- */

void pseudo_read(struct pseudo *p, const uint8_t *bytes, size_t have,
                 const struct csumoff_layout *at, bool is_end)
{
    const uint8_t *ip = bytes + at->l3_start;
    size_t header = at->l4_start - at->l3_start;
    bool is_ipv4 = at->ip_version == 4,
         is_partial = at->l4_proto == UDP_LITE || at->l4_proto == DCCP;
    uint32_t length = is_partial ? at->end - at->l4_start : at->l4_len;

    *p = (struct pseudo){.address = 0};
    /* For OSPF version 2 `pseudo` is no pseudo-header. */
    if (!at->pseudo || (is_ipv4 && at->l4_proto == OSPF) || at->l4_start > have)
        return;
    p->address = is_ipv4 ? 4 : 16;
    memcpy(p->source, ip + (is_ipv4 ? 12 : 8), p->address);
    memcpy(p->destination, ip + (is_ipv4 ? 16 : 24), p->address);
    put32(p->protocol, at->l4_proto);
    put32(p->length, length);
    p->number = is_ipv4 && length <= 0xFFFF ? 2 : 4;
    if (is_end && is_ipv4)
        follow_ipv4(p, ip);
    else if (is_end)
        follow_ipv6(p, ip, header);
}

static uint64_t add(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i += 2)
        sum += be16(bytes + i);
    return sum;
}

uint64_t pseudo_sum(const struct pseudo *p, bool has_length)
{
    uint64_t sum = add(p->source, p->address) + add(p->destination, p->address);

    if (p->address)
        sum += add(p->protocol, 4) + (has_length ? add(p->length, 4) : 0);
    return sum;
}
