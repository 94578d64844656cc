// SPDX-License-Identifier: MIT
/* Finds the checksum of a packet: skb_checksum_setup() in Linux, with the headers checked. */
#include "locate.h"

/* Finds the L3 header behind Ethernet and VLAN tags: 4, 6, or a negative status. */
static int locate_l3(const uint8_t *frame, size_t len, struct csumoff_layout *at)
{
    size_t type_at = ETHERNET_HEADER - 2;

    for (;;) {
        if (len < type_at + 2)
            return CSUMOFF_ETRUNC;
        switch (be16(frame + type_at)) {
        case ETHERTYPE_IPV4:
            at->l3_start = type_at + 2;
            return 4;
        case ETHERTYPE_IPV6:
            at->l3_start = type_at + 2;
            return 6;
        case ETHERTYPE_VLAN:
        case ETHERTYPE_QINQ:
            if (at->vlan_tags == VLAN_TAGS_MAX)
                return CSUMOFF_EPROTO;
            at->vlan_tags++;
            type_at += VLAN_TAG;
            break;
        default:
            return CSUMOFF_EPROTO;
        }
    }
}

/* Where a loose or strict source route that isn't used up ends (RFC 791, section 3.1). */
static size_t ipv4_route_end(const uint8_t *frame, size_t options, size_t end, size_t daddr)
{
    enum {
        END = 0,
        NOP = 1,
        LSRR = 131,
        SSRR = 137
    };

    while (options < end && frame[options] != END) {
        size_t len = 1;

        if (frame[options] != NOP) {
            if (end - options < 2 || frame[options + 1] < 2 || frame[options + 1] > end - options)
                break;
            len = frame[options + 1];
            /* Byte 2 points to the next address, counted from 1. */
            if ((frame[options] == LSRR || frame[options] == SSRR) && len >= 7)
                return frame[options + 2] < len ? options + len - 4 : daddr;
        }
        options += len;
    }
    return daddr;
}

static int locate_ipv4(const uint8_t *frame, size_t len, struct csumoff_packet *packet)
{
    struct csumoff_layout *at = &packet->at;
    const uint8_t *iph = frame + at->l3_start;
    size_t there = len - at->l3_start, header, total;

    if (there < IPV4_HEADER)
        return CSUMOFF_ETRUNC;
    header = (size_t)(iph[0] & 15) * 4;
    total = be16(iph + 2);
    if (iph[0] >> 4 != 4 || header < IPV4_HEADER || total < header)
        return CSUMOFF_EHDR;
    if (total > there)
        return CSUMOFF_ETRUNC;
    at->ip_version = 4;
    at->l4_proto = iph[9];
    at->l4_start = at->l3_start + header;
    at->end = at->l3_start + total;
    packet->saddr = at->l3_start + 12;
    packet->daddr = at->l3_start + 16;
    packet->final_daddr =
        ipv4_route_end(frame, at->l3_start + IPV4_HEADER, at->l4_start, packet->daddr);
    return be16(iph + 6) & 0x3FFF ? CSUMOFF_EFRAG : CSUMOFF_OK; /* MF and the offset */
}

/* Where a routing header with segments left leads to: the pseudo-header's address there. */
static size_t ipv6_route_end(const uint8_t *frame, size_t routing, size_t len, size_t daddr)
{
    enum {
        TYPE_SOURCE = 0,
        TYPE_MOBILE = 2,
        TYPE_SEGMENTS = 4
    };
    const uint8_t *header = frame + routing;

    if (!header[3] || len < 24)
        return daddr;
    switch (header[2]) {
    case TYPE_SOURCE: /* RFC 2460, section 4.4 */
    case TYPE_MOBILE: /* RFC 6275, section 6.4 */
        return routing + (len - 8) / 16 * 16 - 8;
    case TYPE_SEGMENTS: /* RFC 8754, section 2: the last segment comes first */
        return routing + 8;
    default:
        return daddr;
    }
}

static int locate_ipv6(const uint8_t *frame, size_t len, struct csumoff_packet *packet)
{
    struct csumoff_layout *at = &packet->at;
    const uint8_t *iph = frame + at->l3_start;
    size_t there = len - at->l3_start, pos;
    uint8_t next;

    if (there < IPV6_HEADER)
        return CSUMOFF_ETRUNC;
    if (iph[0] >> 4 != 6)
        return CSUMOFF_EHDR;
    if (be16(iph + 4) > there - IPV6_HEADER)
        return CSUMOFF_ETRUNC;
    at->ip_version = 6;
    at->end = at->l3_start + IPV6_HEADER + be16(iph + 4);
    packet->saddr = at->l3_start + 8;
    packet->daddr = packet->final_daddr = at->l3_start + 24;
    next = iph[6];
    for (pos = at->l3_start + IPV6_HEADER;;) {
        size_t header_len;

        at->l4_proto = next;
        at->l4_start = pos;
        switch (next) {
        case PROTO_HOPOPTS:
        case PROTO_DSTOPTS:
        case PROTO_ROUTING:
        case PROTO_FRAGMENT:
        case PROTO_AH:
            break;
        default:
            return CSUMOFF_OK;
        }
        if (at->end - pos < 8)
            return CSUMOFF_ETRUNC;
        if (next == PROTO_FRAGMENT)
            header_len = 8;
        else if (next == PROTO_AH) /* RFC 4302, section 2.2: in 4-byte words, less 2 */
            header_len = ((size_t)frame[pos + 1] + 2) * 4;
        else
            header_len = ((size_t)frame[pos + 1] + 1) * 8;
        if (header_len > at->end - pos)
            return CSUMOFF_ETRUNC;
        if (next == PROTO_FRAGMENT && be16(frame + pos + 2) & 0xFFF9) /* the offset and M */
            return CSUMOFF_EFRAG;
        if (next == PROTO_ROUTING)
            packet->final_daddr = ipv6_route_end(frame, pos, header_len, packet->daddr);
        next = frame[pos];
        pos += header_len;
    }
}

static int locate_l4(const uint8_t *frame, struct csumoff_layout *at)
{
    static const struct {
        uint8_t proto, ip_version; /* 0: either */
        uint8_t header, check;
    } known[] = {
        {PROTO_TCP, 0, TCP_HEADER, TCP_CHECK},
        {PROTO_UDP, 0, UDP_HEADER, UDP_CHECK},
        {PROTO_ICMP, 4, ICMP_HEADER, ICMP_CHECK},
        {PROTO_ICMPV6, 6, ICMP_HEADER, ICMP_CHECK},
    };
    size_t payload = at->end - at->l4_start;

    if (at->l4_proto == PROTO_SCTP)
        return CSUMOFF_ENOTSUP;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].proto != at->l4_proto ||
            (known[i].ip_version && known[i].ip_version != at->ip_version))
            continue;
        if (payload < known[i].header)
            return CSUMOFF_ETRUNC;
        at->l4_len = payload;
        if (at->l4_proto == PROTO_UDP) {
            at->l4_len = be16(frame + at->l4_start + UDP_LENGTH);
            if (at->l4_len < UDP_HEADER || at->l4_len > payload)
                return CSUMOFF_EHDR;
        }
        at->csum_start = at->l4_start;
        at->csum_offset = known[i].check;
        return CSUMOFF_OK;
    }
    return CSUMOFF_EPROTO;
}

int csumoff_locate_packet(const uint8_t *frame, size_t len, enum csumoff_link link,
                          struct csumoff_packet *packet)
{
    int l3, status;

    /* One by one: for a whole struct of zeros compilers may call memset(). */
    packet->at.l3_start = 0;
    packet->at.ip_version = packet->at.l4_proto = packet->at.vlan_tags = 0;
    if (link == CSUMOFF_LINK_ETHERNET)
        l3 = locate_l3(frame, len, &packet->at);
    else if (len == 0)
        l3 = CSUMOFF_ETRUNC;
    else
        l3 = frame[0] >> 4 == 4 || frame[0] >> 4 == 6 ? frame[0] >> 4 : CSUMOFF_EPROTO;
    if (l3 < 0)
        return l3;
    status = l3 == 4 ? locate_ipv4(frame, len, packet) : locate_ipv6(frame, len, packet);
    return status ? status : locate_l4(frame, &packet->at);
}

int csumoff_locate(const void *frame, size_t len, enum csumoff_link link,
                   struct csumoff_layout *layout)
{
    struct csumoff_packet packet;
    int status = csumoff_locate_packet((const uint8_t *)frame, len, link, &packet);

    if (status == CSUMOFF_OK)
        *layout = packet.at;
    return status;
}
