// SPDX-License-Identifier: MIT
#include "link_headers.h"

#include "capture.h"

#include <string.h>

unsigned link_family_ethertype(const uint8_t *p)
{
    unsigned family = be16(p) ? (be16(p + 2) ? 0 : le16(p)) : be16(p + 2);

    switch (family) {
    case 2:
    case ETHERTYPE_IPV4:
        return ETHERTYPE_IPV4;
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 26: /* Solaris */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
    case ETHERTYPE_IPV6:
        return ETHERTYPE_IPV6;
    default:
        return 0;
    }
}

bool link_read_snap(struct packet *p, size_t len, size_t skip)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    size_t rest = sizeof snap - skip;

    if (p->l3 + rest + 2 > len)
        return false;
    if (memcmp(p->bytes + p->l3, snap + skip, rest) == 0)
        p->ethertype = be16(p->bytes + p->l3 + rest);
    p->l3 += rest + 2;
    return true;
}

bool link_read_ppp(struct packet *p, size_t len)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t have = len - p->l3, size = 0;
    unsigned protocol;

    if (have >= 4 && (at[0] == 0x0F || at[0] == 0x8F) && at[1] == 0) {
        p->ethertype = be16(at + 2);
        p->l3 += 4;
        return true;
    }
    if (have >= 2 && at[0] == 0xFF && at[1] == 0x03)
        size = 2;
    if (size + 1 > have || (!(at[size] & 1) && size + 2 > have))
        return false;
    protocol = at[size] & 1 ? at[size] : be16(at + size);
    p->ethertype = protocol == 0x21 ? ETHERTYPE_IPV4 : protocol == 0x57 ? ETHERTYPE_IPV6 : 0;
    p->l3 += size + (at[size] & 1 ? 1 : 2);
    return true;
}

bool link_read_frame_relay(struct packet *p, size_t len)
{
    const uint8_t *bytes = p->bytes;

    while (p->l3 < len && !(bytes[p->l3] & 1))
        p->l3++;
    p->l3++;
    if (p->l3 + 2 > len)
        return false;
    if (bytes[p->l3] != 0x03) {
        p->ethertype = be16(bytes + p->l3);
        p->l3 += 2;
        return true;
    }
    p->l3 += bytes[p->l3 + 1] == 0 ? 2 : 1;
    if (p->l3 >= len)
        return false;
    switch (bytes[p->l3++]) {
    case 0xCC:
        p->ethertype = ETHERTYPE_IPV4;
        break;
    case 0x8E:
        p->ethertype = ETHERTYPE_IPV6;
        break;
    case 0x80:
        return link_read_snap(p, len, 3);
    }
    return true;
}

bool link_read_nflog(struct packet *p, size_t len)
{
    static const enum direction by_hook[] = {RECEIVED, RECEIVED, DIRECTION_UNKNOWN, SENT, SENT};
    unsigned family = p->bytes[p->l3];
    size_t at = p->l3 + 4;

    while (at + 4 <= len) {
        const uint8_t *attribute = p->bytes + at;
        unsigned size = p->is_big_endian ? be16(attribute) : le16(attribute);
        unsigned type = (p->is_big_endian ? be16(attribute + 2) : le16(attribute + 2)) & 0x7FFF;

        if (size < 4)
            break;
        if (type == 9) {
            p->l3 = at + 4;
            p->ethertype = family == 2 ? ETHERTYPE_IPV4 : family == 10 ? ETHERTYPE_IPV6 : 0;
            return true;
        }
        if (type == 1 && size >= 7 && at + 7 <= len &&
            attribute[6] < sizeof by_hook / sizeof *by_hook)
            p->direction = by_hook[attribute[6]];
        at += (size + 3u) & ~3u;
    }
    return at == len;
}
