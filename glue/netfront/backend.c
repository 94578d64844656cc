// SPDX-License-Identifier: MIT
/* Linux's backend, rehearsed: xenvif_tx_build_gops() and skb_checksum_setup(). */
#include "frame.h"

enum { /* IPv6 extension headers */
    PROTO_HOPOPTS = 0,
    PROTO_ROUTING = 43,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    PROTO_DSTOPTS = 60
};

/* MAX_IPV6_HDR_LEN in Linux: what it pulls of a packet before it gives up. */
#define IPV6_PULLED 256

/* What stands behind the Ethernet header and any tags: sets l3 and version. */
static enum csumoff_drop walk_link(const uint8_t *frame, size_t len, struct csumoff_ip *ip)
{
    size_t type_at = ETHERNET_HEADER - 2;

    for (;; type_at += VLAN_TAG) {
        uint16_t type;

        if (len < type_at + 2)
            return type_at < ETHERNET_HEADER ? CSUMOFF_DROP_RUNT : CSUMOFF_DROP_TRUNCATED;
        type = be16(frame + type_at);
        if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6) {
            ip->l3 = type_at + 2;
            ip->version = type == ETHERTYPE_IPV4 ? 4 : 6;
            return CSUMOFF_DROP_NONE;
        }
        if ((type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ) || ip->vlan_tags == VLAN_TAGS_MAX)
            return CSUMOFF_DROP_ETHERTYPE;
        ip->vlan_tags++;
    }
}

/* skb_checksum_setup_ipv4(); it checks neither version nor IHL. */
static enum csumoff_drop walk_ipv4(const uint8_t *l3, size_t len, struct csumoff_ip *ip)
{
    if (len < IPV4_HEADER)
        return CSUMOFF_DROP_TRUNCATED;
    ip->proto = l3[9];
    ip->l4 = ip->l3 + (size_t)(l3[0] & 15) * 4;
    return be16(l3 + 6) & 0x3FFF ? CSUMOFF_DROP_FRAGMENT : CSUMOFF_DROP_NONE;
}

/* skb_checksum_setup_ipv6(): `pos` may come to stand right behind the payload. */
static enum csumoff_drop walk_ipv6(const uint8_t *l3, size_t len, struct csumoff_ip *ip)
{
    size_t pos = IPV6_HEADER, end;
    bool fragment = false, far = false;

    if (len < IPV6_HEADER)
        return CSUMOFF_DROP_TRUNCATED;
    end = IPV6_HEADER + (size_t)be16(l3 + IPV6_LENGTH);
    ip->proto = l3[6];
    ip->l4 = ip->l3 + pos;
    while (pos <= end) {
        size_t fixed = 2;

        switch (ip->proto) {
        case PROTO_HOPOPTS:
        case PROTO_DSTOPTS:
        case PROTO_ROUTING:
            break;
        case PROTO_AH:
            fixed = 12;
            break;
        case PROTO_FRAGMENT:
            fixed = 8;
            break;
        default:
            return far ? CSUMOFF_DROP_FAR : fragment ? CSUMOFF_DROP_FRAGMENT : CSUMOFF_DROP_NONE;
        }
        if (len < pos + fixed)
            return far ? CSUMOFF_DROP_FAR : CSUMOFF_DROP_TRUNCATED;
        /* Linux gives up here; who computes the checksum has to know what follows. */
        far |= pos + fixed > IPV6_PULLED;
        /* ipv6_gso_pull_exthdrs() stops at these. */
        ip->plain &= ip->proto != PROTO_AH && ip->proto != PROTO_FRAGMENT;
        ip->proto = l3[pos];
        if (fixed == 2)
            pos += ((size_t)l3[pos + 1] + 1) * 8;
        else if (fixed == 12)
            pos += ((size_t)l3[pos + 1] + 2) * 4;
        else {
            fragment |= be16(l3 + pos + 2) & 0xFFF9; /* offset and M: an atomic fragment has none */
            pos += fixed;
        }
        ip->l4 = ip->l3 + pos;
    }
    return far ? CSUMOFF_DROP_FAR : CSUMOFF_DROP_CHAIN;
}

void csumoff_ip_walk(const uint8_t *frame, size_t len, struct csumoff_ip *ip)
{
    ip->l3 = ip->l4 = 0;
    ip->version = ip->proto = ip->vlan_tags = 0;
    ip->plain = true;
    ip->drop = walk_link(frame, len, ip);
    if (ip->drop)
        return;
    ip->drop = ip->version == 4 ? walk_ipv4(frame + ip->l3, len - ip->l3, ip)
                                : walk_ipv6(frame + ip->l3, len - ip->l3, ip);
    if (ip->drop)
        return;
    /* skb_checksum_setup_ip(); csum_start always fits: l4 is below 256 + 2048 + 30. */
    if (ip->proto != PROTO_TCP && ip->proto != PROTO_UDP)
        ip->drop = CSUMOFF_DROP_PROTOCOL;
    else if (len < ip->l4 + (ip->proto == PROTO_TCP ? TCP_HEADER : UDP_HEADER))
        ip->drop = CSUMOFF_DROP_TRUNCATED;
}

int csumoff_netback_accepts(const void *frame, size_t len, const struct csumoff_netfront_slot *slot,
                            enum csumoff_drop *why)
{
    bool is_gso = slot->flags & CSUMOFF_NETTXF_EXTRA_INFO;
    struct csumoff_ip ip;

    if (len > FRAME_MAX)
        return CSUMOFF_ERANGE;
    if (len < ETHERNET_HEADER) {
        *why = CSUMOFF_DROP_RUNT;
    } else if (is_gso && !slot->gso_size) {
        *why = CSUMOFF_DROP_GSO_SIZE;
    } else if (is_gso && slot->gso_type != CSUMOFF_NETIF_GSO_TYPE_TCPV4 &&
               slot->gso_type != CSUMOFF_NETIF_GSO_TYPE_TCPV6) {
        *why = CSUMOFF_DROP_GSO_TYPE;
    } else if (is_gso || slot->flags & CSUMOFF_NETTXF_CSUM_BLANK) {
        /* GSO without csum_blank is repaired, and has to pass just the same. */
        csumoff_ip_walk((const uint8_t *)frame, len, &ip);
        *why = ip.vlan_tags ? CSUMOFF_DROP_ETHERTYPE : ip.drop;
    } else {
        *why = CSUMOFF_DROP_NONE;
    }
    return CSUMOFF_OK;
}

const char *csumoff_drop_text(enum csumoff_drop drop)
{
    switch (drop) {
    case CSUMOFF_DROP_NONE:
        return "accepted";
    case CSUMOFF_DROP_RUNT:
        return "shorter than an Ethernet header";
    case CSUMOFF_DROP_GSO_TYPE:
        return "GSO of neither TCPv4 nor TCPv6";
    case CSUMOFF_DROP_GSO_SIZE:
        return "GSO with a segment size of 0";
    case CSUMOFF_DROP_ETHERTYPE:
        return "the EtherType is neither IPv4 nor IPv6";
    case CSUMOFF_DROP_TRUNCATED:
        return "the headers do not end inside the frame";
    case CSUMOFF_DROP_FRAGMENT:
        return "an IP fragment";
    case CSUMOFF_DROP_CHAIN:
        return "IPv6 extension headers go on beyond the payload length";
    case CSUMOFF_DROP_FAR:
        return "IPv6 extension headers go on after the first 256 bytes";
    case CSUMOFF_DROP_PROTOCOL:
        return "neither TCP nor UDP";
    }
    return "unknown reason";
}
