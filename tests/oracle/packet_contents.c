// SPDX-License-Identifier: MIT
#include "packet_parts.h"

/* ---- Tunnels ------------------------------------------------------------------------------- */

static const uint16_t tunnel_ports[] = {4789, 8472, 4790, 6081, 2152, 6635, 4341, 6080};

bool is_tunnel_port(uint16_t port)
{
    size_t i;

    for (i = 0; i < COUNT(tunnel_ports); i++)
        if (tunnel_ports[i] == port)
            return true;
    return false;
}

static uint16_t port_of(const struct level_spec *s)
{
    switch (s->tunnel) {
    case TUNNEL_VXLAN:
        return s->flags & 1 ? 8472 : 4789;
    case TUNNEL_VXLAN_GPE:
        return 4790;
    case TUNNEL_GENEVE:
        return 6081;
    case TUNNEL_GTPU:
        return 2152;
    case TUNNEL_MPLS_UDP:
        return 6635;
    case TUNNEL_LISP:
        return 4341;
    default:
        return 6080;
    }
}

uint8_t packet_proto_of(const struct level_spec *s, const struct level_spec *inner)
{
    switch (s->tunnel) {
    case TUNNEL_NONE:
        return s->proto;
    case TUNNEL_IP:
        return inner && inner->version == 4 ? PROTO_IPV4 : PROTO_IPV6;
    case TUNNEL_GRE:
    case TUNNEL_ERSPAN:
        return PROTO_GRE;
    default:
        return PROTO_UDP;
    }
}

static void put_gtpu(struct packet *p, const struct level_spec *s, size_t *length, struct rng *rng)
{
    size_t at = put(p, rng, 8), i;
    uint8_t *h = p->bytes + at;

    h[0] = (uint8_t)(0x30 | (s->flags & 7));
    h[1] = 255;
    *length = at + 2;
    if (!(s->flags & 7))
        return;
    at = put(p, rng, 4); /* sequence, N-PDU, type of the first extension header */
    if (!(s->flags & GTP_E))
        return;
    at += 3;
    for (i = 0; i < s->words; i++) {
        size_t units = 1 + rng_below(rng, 3), ext = put(p, rng, 4 * units);

        p->bytes[at] = rng_below(rng, 2) ? 0x85 : 0xC0;
        p->bytes[ext] = (uint8_t)units;
        at = p->len - 1;
    }
    p->bytes[at] = 0;
}

void packet_put_tunnel(struct packet *p, const struct level_spec *s, const struct level_spec *inner,
                       size_t *length, struct rng *rng)
{
    uint8_t *h;

    *length = 0;
    switch (s->tunnel) {
    case TUNNEL_VXLAN:
        h = p->bytes + put(p, rng, 8);
        store_wire32(h, 0x08000000);
        h[7] = 0;
        break;
    case TUNNEL_VXLAN_GPE:
        h = p->bytes + put(p, rng, 8);
        store_wire32(h, 0x0C000000u | (inner->ethernet ? 3 : inner->version == 4 ? 1 : 2));
        h[7] = 0;
        break;
    case TUNNEL_GENEVE:
        h = p->bytes + put(p, rng, 8);
        h[0] = s->words & 0x3F;
        h[1] = 0;
        store_wire16(h + 2, inner->ethernet ? 0x6558 : ethertype_of(inner->version));
        h[7] = 0;
        put(p, rng, 4u * (s->words & 0x3F));
        break;
    case TUNNEL_GTPU:
        put_gtpu(p, s, length, rng);
        break;
    case TUNNEL_LISP:
        h = p->bytes + put(p, rng, 8);
        h[0] = 0x80;
        break;
    case TUNNEL_GUE:
        if (s->flags & 1) /* variant 1 is the IP header itself */
            break;
        h = p->bytes + put_zeros(p, 4);
        h[0] = s->words & 0x1F;
        h[1] = inner->version == 4 ? PROTO_IPV4 : PROTO_IPV6;
        put(p, rng, 4u * (s->words & 0x1F));
        break;
    default:
        break;
    }
}

/* ---- L4 headers ---------------------------------------------------------------------------- */

bool packet_is_unknown(const struct level_spec *s)
{
    switch (s->proto) {
    case PROTO_ICMP:
    case PROTO_IGMP:
        return s->version == 6;
    case PROTO_ICMPV6:
        return s->version == 4;
    case PROTO_OSPF:
        return s->version == 4 && s->flags == 2; /* cryptographic authentication */
    case PROTO_VRRP:
        return s->version == 4 && s->flags == 3; /* implementations disagree */
    case PROTO_TCP:
    case PROTO_UDP:
    case PROTO_UDPLITE:
    case PROTO_DCCP:
    case PROTO_SCTP:
    case PROTO_GRE:
    case PROTO_PIM:
        return false;
    default:
        return true;
    }
}

bool packet_has_pseudo(uint8_t version, uint8_t proto)
{
    switch (proto) {
    case PROTO_TCP:
    case PROTO_UDP:
    case PROTO_UDPLITE:
    case PROTO_DCCP:
        return true;
    case PROTO_ICMPV6:
    case PROTO_OSPF:
    case PROTO_PIM:
    case PROTO_VRRP:
        return version == 6;
    default:
        return false;
    }
}

/* RFC 2784, 2890. */
static void put_gre(struct packet *p, struct level *l, const struct level_spec *s,
                    const struct level_spec *inner, struct rng *rng)
{
    uint8_t flags = s->flags | (s->tunnel == TUNNEL_ERSPAN ? GRE_S : 0);
    uint8_t *h = p->bytes + put_zeros(p, 4);

    h[0] = (uint8_t)((flags & GRE_C ? 0x80 : 0) | (flags & GRE_K ? 0x20 : 0) |
                     (flags & GRE_S ? 0x10 : 0));
    store_wire16(h + 2, s->tunnel == TUNNEL_NONE     ? 0x880B
                        : s->tunnel == TUNNEL_ERSPAN ? 0x88BE
                        : inner->ethernet            ? 0x6558
                        : inner->labels              ? 0x8847
                                                     : ethertype_of(inner->version));
    if (flags & GRE_C) {
        put(p, rng, 2);
        put_zeros(p, 2);
    }
    put(p, rng, (flags & GRE_K ? 4u : 0) + (flags & GRE_S ? 4u : 0));
    l->payload = p->len;
    l->fixed = 4;
    l->csum_offset = 4;
    if (!(flags & GRE_C) && l->finding == FOUND)
        l->finding = s->tunnel == TUNNEL_NONE ? NOT_KNOWN : FOUND_TUNNEL;
    if (s->tunnel == TUNNEL_ERSPAN) {
        h = p->bytes + put(p, rng, 8);
        h[0] = (uint8_t)(0x10 | (h[0] & 15));
    }
}

/* Fixed headers, with payload_start behind them. */
static uint8_t *put_l4(struct packet *p, struct level *l, struct rng *rng, size_t len,
                       size_t csum_offset)
{
    uint8_t *h = p->bytes + put(p, rng, len);

    l->fixed = len;
    l->payload = p->len;
    l->csum_offset = csum_offset;
    return h;
}

void packet_put_l4(struct packet *p, struct level *l, const struct level_spec *s,
                   const struct level_spec *inner, struct rng *rng)
{
    size_t words;
    uint8_t *h;

    switch (l->proto) {
    case PROTO_TCP:
        h = put_l4(p, l, rng, 20, 16);
        words = s->data_offset;
        h[12] = (uint8_t)(words << 4 | (h[12] & 15));
        break;
    case PROTO_UDP:
        h = put_l4(p, l, rng, 8, 6);
        while (is_tunnel_port(load_wire16(h + 2)))
            rng_fill(rng, h + 2, 2);
        if (s->tunnel != TUNNEL_NONE)
            store_wire16(h + 2, port_of(s));
        break;
    case PROTO_UDPLITE:
        put_l4(p, l, rng, 8, 6);
        break;
    case PROTO_DCCP:
        words = s->flags & DCCP_X ? 4 : 3;
        if (s->data_offset > words)
            words = s->data_offset;
        h = put_l4(p, l, rng, 4 * words, 6);
        l->fixed = 12;
        h[4] = (uint8_t)words;
        h[8] = (uint8_t)((h[8] & 0x1E) | (s->flags & DCCP_X));
        break;
    case PROTO_SCTP:
        put_l4(p, l, rng, 12, 8);
        l->is_crc32c = true;
        break;
    case PROTO_GRE:
        put_gre(p, l, s, inner, rng);
        break;
    case PROTO_PIM: /* RFC 7761, section 4.9; a Register has 4 bytes more that are covered */
        h = put_l4(p, l, rng, 8, 2);
        h[0] = (uint8_t)(0x20 | s->flags);
        l->fixed = 4;
        l->payload -= 4;
        break;
    case PROTO_OSPF: /* RFC 2328, A.3.1; RFC 5340, A.3.1 */
        h = put_l4(p, l, rng, s->version == 4 ? 24 : 16, 12);
        h[0] = s->version == 4 ? 2 : 3;
        h[1] = (uint8_t)(1 + rng_below(rng, 5));
        if (s->version == 4) {
            store_wire16(h + 14, s->flags);
            l->skip = 16;
            l->skip_len = 8;
        }
        break;
    case PROTO_VRRP: /* RFC 3768, 5798 */
        h = put_l4(p, l, rng, 8, 6);
        h[0] = (uint8_t)((s->version == 6 ? 3 : s->flags ? s->flags : 2) << 4 | 1);
        break;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
    case PROTO_IGMP:
        put_l4(p, l, rng, 8, 2);
        break;
    default: /* unknown; or an IP header follows at once */
        l->payload = p->len;
        break;
    }
}

void packet_cover(struct packet *p, struct level *l, const struct level_spec *s, size_t datagram)
{
    uint8_t *h = p->bytes + l->l4;
    size_t header = l->payload - l->l4, body = datagram - header;

    l->l4_len = datagram;
    l->pseudo_len = (uint32_t)datagram;
    switch (l->proto) {
    case PROTO_TCP: {
        size_t offset = 4u * s->data_offset;

        l->payload = offset >= 20 && offset <= datagram ? l->l4 + offset : 0;
        break;
    }
    case PROTO_UDP:
        store_wire16(h + 4, s->is_udp_zero ? 0 : (uint16_t)datagram);
        break;
    case PROTO_UDPLITE: { /* RFC 3828, section 3.1 */
        size_t lite = s->lite <= datagram ? s->lite : 0;

        store_wire16(h + 4, (uint16_t)lite);
        l->l4_len = lite ? lite : datagram;
        break;
    }
    case PROTO_DCCP: { /* RFC 4340, section 9.2 */
        unsigned coverage = s->coverage;

        if (coverage && 4 * (coverage - 1) > body)
            coverage = 0;
        h[5] = (uint8_t)((h[5] & 0xF0) | coverage);
        l->l4_len = coverage ? header + 4 * (coverage - 1) : datagram;
        break;
    }
    case PROTO_PIM:
        if (s->flags == PIM_REGISTER) {
            l->l4_len = 8;
            l->pseudo_len = 8;
        }
        break;
    case PROTO_OSPF:
        store_wire16(h + 2, (uint16_t)datagram);
        break;
    default:
        break;
    }
    if (l->finding != FOUND)
        l->l4_len = 0;
}
