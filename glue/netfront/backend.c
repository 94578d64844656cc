// SPDX-License-Identifier: MIT
/* Tells which frames Linux's backend drops, by the rules of xenvif_tx_build_gops() and
 * skb_checksum_setup(). */
#include "backend.h"

/* MAX_IPV6_HDR_LEN in Linux. The fixed part of each extension header must be in so many first bytes
 * of the IPv6 packet. */
#define IPV6_PULLED 256

/* The position of a walk over headers: the offset of the next header from the IP header, and its
 * protocol. */
struct walk {
    size_t pos;
    uint8_t proto;
};

/* Walks over an IPv4 header as skb_checksum_setup_ipv4() does, which checks neither the version nor
 * the IHL. */
static enum csumoff_drop walk_ipv4(const uint8_t *l3, size_t len, struct walk *walk)
{
    if (len < IPV4_HEADER)
        return CSUMOFF_DROP_TRUNCATED;
    walk->proto = l3[9];
    walk->pos = (size_t)(l3[0] & 15) * 4;
    return be16(l3 + 6) & 0x3FFF ? CSUMOFF_DROP_FRAGMENT : CSUMOFF_DROP_NONE;
}

/* Walks over an IPv6 header and its extension headers as skb_checksum_setup_ipv6() does. The L4
 * header may begin where the payload ends. */
static enum csumoff_drop walk_ipv6(const uint8_t *l3, size_t len, struct walk *walk)
{
    size_t pos = IPV6_HEADER, end;
    bool is_fragment = false;

    if (len < IPV6_HEADER)
        return CSUMOFF_DROP_TRUNCATED;
    end = IPV6_HEADER + (size_t)be16(l3 + IPV6_LENGTH);
    walk->proto = l3[6];
    while (pos <= end) {
        size_t fixed = 2;

        switch (walk->proto) {
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
            walk->pos = pos;
            return is_fragment ? CSUMOFF_DROP_FRAGMENT : CSUMOFF_DROP_NONE;
        }
        if (len < pos + fixed)
            return CSUMOFF_DROP_TRUNCATED;
        if (pos + fixed > IPV6_PULLED)
            return CSUMOFF_DROP_FAR;
        walk->proto = l3[pos];
        if (fixed == 2)
            pos += ((size_t)l3[pos + 1] + 1) * 8;
        else if (fixed == 12)
            pos += ((size_t)l3[pos + 1] + 2) * 4;
        else {
            /* The fragment offset and the flag M are 0 in an atomic fragment. */
            is_fragment |= be16(l3 + pos + 2) & 0xFFF9;
            pos += fixed;
        }
    }
    return CSUMOFF_DROP_CHAIN;
}

/*
 * Finds the L4 header of a frame with an Ethernet header as skb_checksum_setup() does. *l4 receives
 * its offset if it is TCP or UDP. The offset is at most 14 + 256 + 2048, so csum_start always fits
 * its 16 bits.
 */
static enum csumoff_drop find_l4(const uint8_t *frame, size_t len, size_t *l4)
{
    const uint8_t *l3 = frame + ETHERNET_HEADER;
    struct walk walk;
    enum csumoff_drop drop;
    uint16_t type;

    len -= ETHERNET_HEADER;
    type = be16(l3 - 2);
    if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
        return CSUMOFF_DROP_ETHERTYPE;
    drop = type == ETHERTYPE_IPV4 ? walk_ipv4(l3, len, &walk) : walk_ipv6(l3, len, &walk);
    if (drop)
        return drop;
    if (walk.proto != PROTO_TCP && walk.proto != PROTO_UDP)
        return CSUMOFF_DROP_PROTOCOL;
    if (len < walk.pos + (walk.proto == PROTO_TCP ? TCP_HEADER : UDP_HEADER))
        return CSUMOFF_DROP_TRUNCATED;
    *l4 = ETHERNET_HEADER + walk.pos;
    return CSUMOFF_DROP_NONE;
}

/* Returns whether the IP header is right behind the Ethernet header, and the L4 header right behind
 * the IP header. */
static bool is_direct(const uint8_t *head, const struct csumoff_layout *layout)
{
    const uint32_t ihl = layout->ip_version == 4 ? (head[layout->l3_start] & 15u) * 4 : IPV6_HEADER;

    return layout->l3_start == ETHERNET_HEADER && layout->l4_start == ETHERNET_HEADER + ihl;
}

bool csumoff_backend_finds_(const uint8_t *head, size_t have, const struct csumoff_layout *layout)
{
    size_t l4;

    /* With CSUMOFF_PLAIN frames with other headers are left to software, because the walk would be
     * four times the code. */
    if (CSUMOFF_IS_PLAIN)
        return is_direct(head, layout);
    return find_l4(head, have, &l4) == CSUMOFF_DROP_NONE && l4 == layout->l4_start;
}

enum csumoff_drop csumoff_netback_drops(const void *frame, size_t len,
                                        const struct csumoff_netfront_slot *slot)
{
    bool is_gso = slot->flags & CSUMOFF_NETTXF_EXTRA_INFO;
    size_t unused;

    if (len > FRAME_MAX)
        return CSUMOFF_DROP_SIZE;
    if (len < ETHERNET_HEADER)
        return CSUMOFF_DROP_RUNT;
    if (is_gso && !slot->gso_size)
        return CSUMOFF_DROP_GSO_SIZE;
    if (is_gso && slot->gso_type != CSUMOFF_NETIF_GSO_TYPE_TCPV4 &&
        slot->gso_type != CSUMOFF_NETIF_GSO_TYPE_TCPV6)
        return CSUMOFF_DROP_GSO_TYPE;
    /* The backend repairs GSO without csum_blank, and finds the L4 header in the same way. */
    if (is_gso || slot->flags & CSUMOFF_NETTXF_CSUM_BLANK)
        return find_l4((const uint8_t *)frame, len, &unused);
    return CSUMOFF_DROP_NONE;
}

enum csumoff_drop csumoff_netback_drops_slots(const void *frame, const uint16_t *sizes,
                                              size_t count,
                                              const struct csumoff_netfront_slot *slot)
{
    enum {
        SLOTS_MAX = 18 /* XEN_NETIF_NR_SLOTS_MIN */
    };
    size_t first;

    if (!count)
        return CSUMOFF_DROP_RUNT;
    if (count > SLOTS_MAX)
        return CSUMOFF_DROP_SLOTS;
    /* The first slot holds what the other slots do not hold. */
    first = sizes[0];
    for (size_t i = 1; i < count; i++) {
        if (sizes[i] > first)
            return CSUMOFF_DROP_SIZE;
        first -= sizes[i];
    }
    if (first < ETHERNET_HEADER)
        return CSUMOFF_DROP_RUNT;
    return csumoff_netback_drops(frame, sizes[0], slot);
}

const char *csumoff_drop_text(enum csumoff_drop drop)
{
    switch (drop) {
    case CSUMOFF_DROP_NONE:
        return "accepted";
    case CSUMOFF_DROP_RUNT:
        return "the first slot has less than an Ethernet header";
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
    case CSUMOFF_DROP_SIZE:
        return "more than 65535 bytes, or slots that are longer than the frame";
    case CSUMOFF_DROP_SLOTS:
        return "more than 18 slots";
    }
    return "unknown reason";
}
