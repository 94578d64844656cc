// SPDX-License-Identifier: MIT
#include "packets.h"

#include <stdio.h>
#include <string.h>

#include "reference.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- Bytes appended ------------------------------------------------------------------------ */

/* Appends n random bytes and returns where they begin. */
static size_t put(struct packet *p, struct rng *rng, size_t n)
{
    size_t at = p->len;

    rng_fill(rng, p->bytes + at, n);
    p->len += n;
    return at;
}

static size_t put_zeros(struct packet *p, size_t n)
{
    size_t at = p->len;

    memset(p->bytes + at, 0, n);
    p->len += n;
    return at;
}

static void put_type(struct packet *p, uint16_t type)
{
    store_wire16(p->bytes + put_zeros(p, 2), type);
}

static void store_wire32(uint8_t *at, uint32_t v)
{
    store_wire16(at, (uint16_t)(v >> 16));
    store_wire16(at + 2, (uint16_t)v);
}

/* ---- In front of the IP header ------------------------------------------------------------- */

static uint16_t ethertype_of(unsigned version)
{
    return version == 4 ? 0x0800 : 0x86DD;
}

/* RFC 3032: the last label has the bottom-of-stack bit. */
static void put_labels(struct packet *p, const struct level_spec *s, struct rng *rng)
{
    unsigned i;

    for (i = 0; i < s->labels; i++) {
        uint8_t *label = p->bytes + put(p, rng, 4);

        label[2] = (uint8_t)((label[2] & 0xFE) | (i + 1 == s->labels));
    }
}

/* Returns where lengths have to be stored that count from behind them; 0 for none. */
static size_t put_link(struct packet *p, const struct level_spec *s, struct rng *rng)
{
    size_t length = 0;
    unsigned i;

    if (!s->ethernet) {
        put_labels(p, s, rng);
        return 0;
    }
    put(p, rng, 12);
    for (i = 0; i < s->tag_count; i++) {
        put_type(p, s->tags[i]);
        put(p, rng, 2);
    }
    switch (s->carrier) {
    case CARRIER_PPPOE: /* version and type 1, code 0, session, length, PPP protocol */
        put_type(p, 0x8864);
        put_type(p, 0x1100);
        put(p, rng, 2);
        length = put_zeros(p, 2);
        put_type(p, s->version == 4 ? 0x0021 : 0x0057);
        return length;
    case CARRIER_SNAP:
        length = put_zeros(p, 2);
        put_type(p, 0xAAAA);
        put_type(p, 0x0300);
        put_type(p, 0x0000);
        break;
    case CARRIER_ETHERTYPE:
        break;
    }
    put_type(p, s->labels ? (rng_below(rng, 4) ? 0x8847 : 0x8848) : ethertype_of(s->version));
    put_labels(p, s, rng);
    return length;
}

/* ---- IPv4 options -------------------------------------------------------------------------- */

/* Options of RFC 791 other than source routes: no operation, record route, time stamps. */
static void fill_options4(uint8_t *at, size_t n, struct rng *rng)
{
    while (n) {
        size_t len = 3 + rng_below(rng, 12);

        if (len > n || rng_below(rng, 2)) {
            *at++ = 1;
            n--;
            continue;
        }
        rng_fill(rng, at, len);
        at[0] = rng_below(rng, 2) ? 7 : 68;
        at[1] = (uint8_t)len;
        at += len;
        n -= len;
    }
}

static void put_options4(struct packet *p, struct level *l, const struct level_spec *s,
                         struct rng *rng)
{
    size_t at = put_zeros(p, s->options), route = s->route_option ? 3 + 4u * s->route_slots : 0;
    size_t before = rng_below(rng, s->options - route + 1);
    uint8_t *option = p->bytes + at + before;

    fill_options4(p->bytes + at, before, rng);
    if (route) {
        rng_fill(rng, option, route);
        option[0] = s->route_option;
        option[1] = (uint8_t)route;
        option[2] = (uint8_t)(4 + 4 * s->route_done);
        if (s->route_done < s->route_slots) /* the last address is where it ends */
            l->route_end = at + before + route - 4;
    }
    fill_options4(option + route, s->options - route - before, rng);
}

/* ---- IPv6 extension headers ---------------------------------------------------------------- */

/* Options that a receiver passes over if it does not know them (RFC 8200, section 4.2). */
static void fill_options6(uint8_t *at, size_t n, struct rng *rng)
{
    static const uint8_t types[] = {1, 1, 0x05, 0x1E, 0x3E, 0x04};

    while (n) {
        size_t len = rng_below(rng, 13);

        if (n < 2 || rng_below(rng, 4) == 0) {
            *at++ = 0; /* Pad1 */
            n--;
            continue;
        }
        if (len > n - 2)
            len = n - 2;
        at[0] = types[rng_below(rng, COUNT(types))];
        at[1] = (uint8_t)len;
        if (at[0] == 1)
            memset(at + 2, 0, len);
        else
            rng_fill(rng, at + 2, len);
        at += 2 + len;
        n -= 2 + len;
    }
}

/* Options around one of `len` bytes; returns where that is to be put. */
static size_t put_options6(struct packet *p, size_t len, struct rng *rng)
{
    size_t units = rng_below(rng, 3), room, at, before;

    while (8 * (units + 1) < 2 + len)
        units++;
    room = 8 * (units + 1) - 2;
    at = put_zeros(p, 2 + room);
    p->bytes[at + 1] = (uint8_t)units;
    before = rng_below(rng, room - len + 1);
    fill_options6(p->bytes + at + 2, before, rng);
    fill_options6(p->bytes + at + 2 + before + len, room - len - before, rng);
    return at + 2 + before;
}

/* What is left of a chain: unknown types of routing headers. */
static uint8_t unknown_routing_type(struct rng *rng)
{
    static const uint8_t types[] = {1, 5, 6, 7, 128, 253, 254, 255};

    return types[rng_below(rng, COUNT(types))];
}

/* RFC 6554: addresses without the prefix that they share with the destination. */
static void put_rpl(struct packet *p, struct level *l, const struct level_spec *s, struct rng *rng)
{
    struct routing_spec r = s->routing;
    size_t size_i, size_e, body, pad, at, i;
    uint8_t *h;

    if (r.entries == 0) {
        r.entries = (uint8_t)(1 + rng_below(rng, 4));
        r.left = (uint8_t)(1 + rng_below(rng, r.entries));
        r.cmpr_i = (uint8_t)rng_below(rng, 16);
        r.cmpr_e = (uint8_t)rng_below(rng, 16);
        r.long_pad = rng_below(rng, 4) == 0;
    }
    size_i = 16u - r.cmpr_i;
    size_e = 16u - r.cmpr_e;
    body = (r.entries - 1u) * size_i + size_e;
    pad = (8 - body % 8) % 8 + (r.long_pad && body % 8 ? 8 : 0);
    at = put(p, rng, 8 + body + pad);
    h = p->bytes + at;
    h[1] = (uint8_t)((body + pad) / 8);
    h[2] = 3;
    h[3] = r.left;
    h[4] = (uint8_t)(r.cmpr_i << 4 | r.cmpr_e);
    h[5] = (uint8_t)(pad << 4);
    memset(h + 6, 0, 2);
    /* Where the last address is compressed more than those before it, these share its prefix. */
    for (i = 0; i + 1 < r.entries; i++)
        if (r.cmpr_e > r.cmpr_i)
            memcpy(h + 8 + i * size_i, l->dst + r.cmpr_i, r.cmpr_e - r.cmpr_i);
    memcpy(l->dst + r.cmpr_e, h + 8 + (r.entries - 1u) * size_i, size_e);
    l->route_end = r.cmpr_e ? 0 : at + 8 + (r.entries - 1u) * size_i;
}

static void put_routing(struct packet *p, struct level *l, const struct level_spec *s, char letter,
                        struct rng *rng)
{
    uint8_t entries = s->routing.entries ? s->routing.entries : (uint8_t)(1 + rng_below(rng, 4));
    uint8_t left = s->routing.entries ? s->routing.left : (uint8_t)(1 + rng_below(rng, entries));
    size_t extra = 0, at, end = 0;
    uint8_t *h;

    switch (letter) {
    case '3':
        put_rpl(p, l, s, rng);
        return;
    case '2': /* RFC 6275, section 6.4: one address, one segment left */
        entries = left = 1;
        break;
    case '4': /* RFC 8754: TLVs may follow the segments */
        extra = 8 * rng_below(rng, 3);
        break;
    default:
        break;
    }
    if (letter == 'r' || letter == 'u')
        at = put(p, rng, 8 * (1 + rng_below(rng, 5)));
    else
        at = put(p, rng, 8 + 16u * entries + extra);
    h = p->bytes + at;
    h[1] = (uint8_t)((p->len - at) / 8 - 1);
    switch (letter) {
    case 'r':
        h[2] = rng_below(rng, 2) ? (uint8_t)rng_below(rng, 5) : unknown_routing_type(rng);
        h[3] = 0;
        return;
    case 'u':
        h[2] = unknown_routing_type(rng);
        h[3] = (uint8_t)(1 + rng_below(rng, 255));
        l->finding = NOT_RESOLVABLE;
        return;
    case '4': /* in reverse order: the first one in the header is the last of the route */
        h[4] = (uint8_t)(entries - 1);
        h[5] = 0;
        fill_options6(h + 8 + 16u * entries, extra, rng);
        end = at + 8;
        break;
    default:
        end = at + 8 + 16 * (entries - 1u);
        break;
    }
    h[2] = (uint8_t)(letter - '0');
    h[3] = left;
    memcpy(l->dst, p->bytes + end, 16);
    l->route_end = end;
}

/* Appends the headers of a chain; returns where the protocol's number has to be stored. */
static size_t put_chain(struct packet *p, struct level *l, const struct level_spec *s, size_t next,
                        size_t *jumbo, struct rng *rng)
{
    static const struct {
        char letter;
        uint8_t number;
    } kinds[] = {{'h', 0},  {'j', 0},  {'d', 60}, {'H', 60}, {'r', 43}, {'0', 43}, {'2', 43},
                 {'3', 43}, {'4', 43}, {'u', 43}, {'a', 51}, {'f', 44}, {'F', 44}, {'M', 44}};
    const char *c;
    uint8_t *h;
    size_t at, i, option;

    for (c = s->chain; *c; c++) {
        if (s->version == 4 && *c != 'a') {
            if (*c == 'F' || *c == 'M') {
                store_wire16(p->bytes + l->l3 + 6, *c == 'F' ? 0x0008 : 0x2000);
                l->finding = NOT_WHOLE;
            }
            continue;
        }
        for (i = 0; kinds[i].letter != *c;)
            i++;
        at = p->len;
        p->bytes[next] = kinds[i].number;
        next = at;
        switch (*c) {
        case 'j': /* RFC 2675 */
            option = put_options6(p, 6, rng);
            p->bytes[option] = 0xC2;
            p->bytes[option + 1] = 4;
            *jumbo = option + 2;
            break;
        case 'H': /* RFC 6275, section 6.3 */
            option = put_options6(p, 18, rng);
            p->bytes[option] = 0xC9;
            p->bytes[option + 1] = 16;
            rng_fill(rng, p->bytes + option + 2, 16);
            memcpy(l->src, p->bytes + option + 2, 16);
            l->home = option + 2;
            break;
        case 'h':
        case 'd':
            put_options6(p, 0, rng);
            break;
        case 'a': /* RFC 4302: in units of 4 bytes, two of them not counted */
            h = p->bytes + put(p, rng, s->version == 6 ? 24 : 12 + 4 * rng_below(rng, 5));
            h[1] = (uint8_t)((p->len - at) / 4 - 2);
            break;
        case 'f':
        case 'F':
        case 'M':
            h = p->bytes + put(p, rng, 8);
            store_wire16(h + 2, *c == 'f' ? 0 : *c == 'F' ? 0x0008 : 0x0001);
            if (*c != 'f' && l->finding != NOT_RESOLVABLE)
                l->finding = NOT_WHOLE;
            break;
        default:
            put_routing(p, l, s, *c, rng);
        }
    }
    return next;
}

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

static uint8_t proto_of(const struct level_spec *s, const struct level_spec *inner)
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

/* The tunnel's own header behind UDP. `length` receives where a length goes that counts from 6
 * bytes behind it; 0 for none. */
static void put_tunnel(struct packet *p, const struct level_spec *s, const struct level_spec *inner,
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

static bool is_unknown_proto(const struct level_spec *s)
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

static bool has_pseudo(uint8_t version, uint8_t proto)
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

/* Appends the L4 header, of a tunnel too. */
static void put_header(struct packet *p, struct level *l, const struct level_spec *s,
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

/* The lengths inside L4 headers, and what the checksum covers. `datagram`: header and payload. */
static void cover(struct packet *p, struct level *l, const struct level_spec *s, size_t datagram)
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

/* ---- A level ------------------------------------------------------------------------------- */

/* Where lengths of a level are to be stored when its end is known; 0 for none. */
struct lengths {
    size_t link, jumbo, tunnel;
};

/* Appends a level's headers. */
static void begin_level(struct packet *p, unsigned i, struct lengths *lengths, struct rng *rng)
{
    const struct level_spec *s = &p->spec.level[i];
    const struct level_spec *inner = s->tunnel == TUNNEL_NONE ? NULL : s + 1;
    struct level *l = &p->level[i];
    size_t next, size = s->version == 4 ? 4 : 16;
    uint8_t *h;

    memset(l, 0, sizeof *l);
    memset(lengths, 0, sizeof *lengths);
    lengths->link = put_link(p, s, rng);
    l->version = s->version;
    l->proto = proto_of(s, inner);
    l->tags = s->tag_count;
    l->finding = FOUND;
    l->l3 = put(p, rng, s->version == 4 ? 20 : 40);
    h = p->bytes + l->l3;
    l->daddr = l->route_end = l->l3 + (s->version == 4 ? 16 : 24);
    memcpy(l->src, p->bytes + l->daddr - size, size);
    memcpy(l->dst, p->bytes + l->daddr, size);
    if (s->version == 4) {
        next = l->l3 + 9;
        h[0] = (uint8_t)(0x45 + s->options / 4);
        store_wire16(h + 6, rng_below(rng, 2) ? 0x4000 : 0); /* don't fragment */
        put_options4(p, l, s, rng);
        memcpy(l->dst, p->bytes + l->route_end, 4);
        l->is_next_hop = l->route_end != l->daddr && l->proto == PROTO_UDP;
    } else {
        next = l->l3 + 6;
        h[0] = (uint8_t)(0x60 | (h[0] & 15));
    }
    next = put_chain(p, l, s, next, &lengths->jumbo, rng);
    p->bytes[next] = l->proto;
    l->l4 = p->len;
    if (l->finding == FOUND && s->tunnel == TUNNEL_NONE && is_unknown_proto(s))
        l->finding = NOT_KNOWN;
    put_header(p, l, s, inner, rng);
    if (!inner)
        return;
    if (l->proto == PROTO_UDP)
        put_tunnel(p, s, inner, &lengths->tunnel, rng);
    else if (l->proto != PROTO_GRE && l->finding == FOUND)
        l->finding = FOUND_TUNNEL;
}

/* Appends what follows a level's payload, and stores its lengths. */
static void end_level(struct packet *p, unsigned i, const struct lengths *lengths)
{
    const struct level_spec *s = &p->spec.level[i];
    struct level *l = &p->level[i];
    uint8_t *h = p->bytes + l->l3;
    size_t l3_len;

    if (lengths->tunnel)
        store_wire16(p->bytes + lengths->tunnel, (uint16_t)(p->len - lengths->tunnel - 6));
    if (l->finding == NOT_KNOWN && l->proto == PROTO_OSPF)
        store_wire16(p->bytes + l->l4 + 2, (uint16_t)(p->len - l->l4));
    else
        cover(p, l, s, p->len - l->l4);
    put_zeros(p, l->proto == PROTO_UDP ? s->slack : 0);
    l->end = p->len;
    l3_len = l->end - l->l3;
    if (lengths->jumbo)
        store_wire32(p->bytes + lengths->jumbo, (uint32_t)(l3_len - 40));
    if (s->version == 4)
        store_wire16(h + 2, s->is_zero_long ? 0 : (uint16_t)l3_len);
    else
        store_wire16(h + 4, s->is_zero_long || lengths->jumbo ? 0 : (uint16_t)(l3_len - 40));
    l->has_pseudo = has_pseudo(s->version, l->proto);
    packet_set_pseudo(p, i, NULL, NULL);
    if (lengths->link) { /* an 802.3 length over 1500 would be an EtherType */
        size_t n = p->len - lengths->link - 2;

        store_wire16(p->bytes + lengths->link,
                     s->carrier == CARRIER_SNAP && n > 1500 ? 1500 : (uint16_t)n);
    }
    put_zeros(p, s->padding);
}

void packet_build(struct packet *p, const struct packet_spec *spec, struct rng *rng)
{
    struct lengths lengths[PACKET_LEVELS];
    unsigned i;
    size_t at;

    p->spec = *spec;
    p->levels = 0;
    p->len = 0;
    do
        begin_level(p, p->levels, &lengths[p->levels], rng);
    while (spec->level[p->levels++].tunnel != TUNNEL_NONE);
    at = put(p, rng, spec->level[p->levels - 1].payload);
    /* No protocol that is unknown here may look like an IP header. */
    if (p->len > at && p->level[p->levels - 1].finding == NOT_KNOWN)
        p->bytes[at] = 0;
    for (i = p->levels; i-- > 0;)
        end_level(p, i, &lengths[i]);
}

unsigned packet_listed(const struct packet *p)
{
    unsigned i, listed = 0;

    for (i = 0; i < p->levels; i++) {
        if (p->level[i].finding == FOUND)
            listed = i + 1;
        else if (p->level[i].finding != FOUND_TUNNEL)
            break;
    }
    return listed;
}

/* ---- Checksums ----------------------------------------------------------------------------- */

static uint64_t sum_of_skipped(const struct packet *p, const struct level *l)
{
    return ref_sum(p->bytes + l->l4 + l->skip, l->skip_len);
}

static uint16_t complete_with(const struct packet *p, unsigned level, uint64_t pseudo)
{
    const struct level *l = &p->level[level];
    uint64_t sum =
        0xFFFFu -
        ref_transport(l->has_pseudo ? pseudo + (l->pseudo_len >> 16) + (l->pseudo_len & 0xFFFF) : 0,
                      p->bytes + l->l4, l->l4_len, l->csum_offset);
    uint16_t check;

    if (l->skip_len) /* taken out again; what is left is zero only if all the rest is */
        sum += 0xFFFFu - ref_fold(sum_of_skipped(p, l));
    check = ref_checksum(sum);
    return check == 0 && (l->proto == PROTO_UDP || l->proto == PROTO_UDPLITE) ? 0xFFFF : check;
}

uint16_t packet_complete(const struct packet *p, unsigned level)
{
    return complete_with(p, level, p->level[level].pseudo);
}

uint16_t packet_complete_next_hop(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];

    return complete_with(p, level, ref_pseudo4(l->src, p->bytes + l->daddr, l->proto, 0));
}

uint32_t packet_crc32c(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    static const uint8_t zeros[4];
    uint32_t crc = ref_crc32c(0, p->bytes + l->l4, 8);

    crc = ref_crc32c(crc, zeros, 4);
    return ref_crc32c(crc, p->bytes + l->l4 + 12, l->l4_len - 12);
}

uint16_t packet_seed(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];

    return l->has_pseudo ? ref_fold(l->pseudo + (l->pseudo_len >> 16) + (l->pseudo_len & 0xFFFF))
                         : 0;
}

uint16_t packet_seed_gso(const struct packet *p, unsigned level)
{
    return ref_fold(p->level[level].pseudo);
}

uint16_t packet_field(const struct packet *p, unsigned level)
{
    return load_wire16(p->bytes + p->level[level].l4 + p->level[level].csum_offset);
}

void packet_set_field(struct packet *p, unsigned level, uint16_t wire)
{
    store_wire16(p->bytes + p->level[level].l4 + p->level[level].csum_offset, wire);
}

void packet_set_pseudo(struct packet *p, unsigned level, const uint8_t *src, const uint8_t *dst)
{
    struct level *l = &p->level[level];
    size_t size = l->version == 4 ? 4 : 16;

    if (src)
        memcpy(l->src, src, size);
    if (dst)
        memcpy(l->dst, dst, size);
    if (l->has_pseudo)
        l->pseudo = l->version == 4 ? ref_pseudo4(l->src, l->dst, l->proto, 0)
                                    : ref_pseudo6(l->src, l->dst, l->proto, 0);
}

void packet_force(struct packet *p, unsigned level, uint16_t check)
{
    uint8_t *word = p->bytes + p->level[level].l4 + p->level[level].fixed;
    uint64_t rest;

    store_wire16(word, 0);
    rest = 0xFFFFu - packet_complete(p, level);
    /* word + rest has to be the complement of check */
    store_wire16(word, ref_fold((0xFFFFu - check) + (uint64_t)(0xFFFF - ref_fold(rest))));
}

size_t packet_l3_len(const struct packet *p, unsigned level)
{
    return 20u + p->spec.level[level].options;
}

void packet_set_l3(struct packet *p, unsigned level)
{
    uint8_t *l3 = p->bytes + p->level[level].l3;

    if (p->level[level].version == 4)
        store_wire16(l3 + 10, ref_ipv4_header(l3, packet_l3_len(p, level)));
}

void packet_set_complete(struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    uint8_t *field = p->bytes + l->l4 + l->csum_offset;
    uint32_t crc;
    int i;

    if (l->finding != FOUND)
        return;
    if (!l->is_crc32c) {
        store_wire16(field, packet_complete(p, level));
        return;
    }
    crc = packet_crc32c(p, level);
    for (i = 0; i < 4; i++)
        field[i] = (uint8_t)(crc >> 8 * i);
}

void packet_seal(struct packet *p)
{
    unsigned i;

    for (i = p->levels; i-- > 0;) {
        packet_set_l3(p, i);
        packet_set_complete(p, i);
    }
}

/* ---- The matrix ---------------------------------------------------------------------------- */

struct link_row {
    bool ethernet;
    uint8_t tag_count;
    uint16_t tags[4];
    enum carrier carrier;
    uint8_t labels;
};

static const struct link_row links[] = {
    {true, 0, {0}, CARRIER_ETHERTYPE, 0},
    {true, 1, {0x8100}, CARRIER_ETHERTYPE, 0},
    {true, 1, {0x9100}, CARRIER_ETHERTYPE, 0},
    {true, 2, {0x88A8, 0x8100}, CARRIER_ETHERTYPE, 0},
    {true, 3, {0x9100, 0x88A8, 0x8100}, CARRIER_ETHERTYPE, 0},
    {true, 4, {0x8100, 0x9100, 0x9100, 0x88A8}, CARRIER_ETHERTYPE, 0},
    {true, 0, {0}, CARRIER_ETHERTYPE, 1},
    {true, 0, {0}, CARRIER_ETHERTYPE, 4},
    {true, 1, {0x8100}, CARRIER_ETHERTYPE, 2},
    {true, 0, {0}, CARRIER_PPPOE, 0},
    {true, 2, {0x88A8, 0x8100}, CARRIER_PPPOE, 0},
    {true, 0, {0}, CARRIER_SNAP, 0},
    {true, 1, {0x8100}, CARRIER_SNAP, 0},
    {false, 0, {0}, CARRIER_ETHERTYPE, 0},
};

static const struct {
    uint8_t version, options, route_option, route_slots, route_done;
    const char *chain;
} headers[] = {
    {4, 0, 0, 0, 0, ""},      {4, 4, 0, 0, 0, ""},      {4, 40, 0, 0, 0, ""},
    {4, 0, 0, 0, 0, "a"},     {4, 12, 131, 2, 1, ""},   {4, 40, 137, 9, 0, ""},
    {4, 8, 137, 1, 1, ""},    {4, 20, 131, 3, 0, "a"},  {6, 0, 0, 0, 0, ""},
    {6, 0, 0, 0, 0, "h"},     {6, 0, 0, 0, 0, "d"},     {6, 0, 0, 0, 0, "r"},
    {6, 0, 0, 0, 0, "a"},     {6, 0, 0, 0, 0, "f"},     {6, 0, 0, 0, 0, "hd"},
    {6, 0, 0, 0, 0, "hrfad"}, {6, 0, 0, 0, 0, "0"},     {6, 0, 0, 0, 0, "2"},
    {6, 0, 0, 0, 0, "3"},     {6, 0, 0, 0, 0, "4"},     {6, 0, 0, 0, 0, "H"},
    {6, 0, 0, 0, 0, "hd2Ha"}, {6, 0, 0, 0, 0, "h43rd"}, {6, 0, 0, 0, 0, "0Hf"},
};

static const struct {
    uint8_t proto, flags, data_offset, coverage;
    size_t lite;
} protos[] = {
    {PROTO_TCP, 0, 5, 0, 0},     {PROTO_UDP, 0, 0, 0, 0},
    {PROTO_ICMP, 0, 0, 0, 0}, /* or ICMPv6 */
    {PROTO_UDPLITE, 0, 0, 0, 0}, {PROTO_UDPLITE, 0, 0, 0, 15},
    {PROTO_DCCP, 0, 3, 0, 0},    {PROTO_DCCP, DCCP_X, 6, 3, 0},
    {PROTO_SCTP, 0, 0, 0, 0},    {PROTO_GRE, GRE_C, 0, 0, 0},
    {PROTO_GRE, 7, 0, 0, 0},     {PROTO_PIM, 0, 0, 0, 0},
    {PROTO_PIM, 1, 0, 0, 0},     {PROTO_OSPF, 1, 0, 0, 0},
    {PROTO_VRRP, 0, 0, 0, 0},    {PROTO_IGMP, 0, 0, 0, 0}, /* or TCP with options */
};

static const size_t payloads[] = {0, 1, 2, 7, 64, 95};
static const size_t paddings[] = {0, 1, 6};

static void set_chain(struct level_spec *s, const char *chain)
{
    snprintf(s->chain, sizeof s->chain, "%s", chain);
}

size_t spec_count(void)
{
    return COUNT(links) * COUNT(headers) * COUNT(protos) * COUNT(payloads);
}

struct packet_spec spec_at(size_t i)
{
    struct packet_spec spec;
    struct level_spec *s = &spec.level[0];
    const struct link_row *link;

    memset(&spec, 0, sizeof spec);
    spec.levels = 1;
    s->padding = paddings[(i + i / 7 + i / 101) % COUNT(paddings)];
    s->payload = payloads[i % COUNT(payloads)];
    i /= COUNT(payloads);
    s->proto = protos[i % COUNT(protos)].proto;
    s->flags = protos[i % COUNT(protos)].flags;
    s->data_offset = protos[i % COUNT(protos)].data_offset;
    s->coverage = protos[i % COUNT(protos)].coverage;
    s->lite = protos[i % COUNT(protos)].lite;
    i /= COUNT(protos);
    s->version = headers[i % COUNT(headers)].version;
    s->options = headers[i % COUNT(headers)].options;
    s->route_option = headers[i % COUNT(headers)].route_option;
    s->route_slots = headers[i % COUNT(headers)].route_slots;
    s->route_done = headers[i % COUNT(headers)].route_done;
    set_chain(s, headers[i % COUNT(headers)].chain);
    i /= COUNT(headers);
    link = &links[i % COUNT(links)];
    s->ethernet = link->ethernet;
    s->tag_count = link->tag_count;
    memcpy(s->tags, link->tags, sizeof link->tags);
    s->carrier = link->carrier;
    s->labels = link->labels;
    if (s->version == 6 && s->proto == PROTO_ICMP)
        s->proto = PROTO_ICMPV6;
    if (s->version == 6 && s->proto == PROTO_IGMP) {
        s->proto = PROTO_TCP;
        s->data_offset = 7;
    }
    /* Some datagrams end before their IP packet does. */
    if (s->proto == PROTO_UDP && s->padding == 6)
        s->slack = s->payload % 4;
    return spec;
}

/* ---- Anything ------------------------------------------------------------------------------ */

/* A link layer; inside a tunnel Ethernet or not as `ethernet` says. */
static void random_link(struct level_spec *s, struct rng *rng)
{
    static const uint16_t tags[] = {0x8100, 0x88A8, 0x9100};
    unsigned i;

    s->tag_count = rng_below(rng, 3) ? 0 : (uint8_t)rng_below(rng, 5);
    for (i = 0; i < s->tag_count; i++)
        s->tags[i] = tags[rng_below(rng, COUNT(tags))];
    switch (rng_below(rng, 6)) {
    case 0:
        s->labels = (uint8_t)(1 + rng_below(rng, 4));
        break;
    case 1:
        s->carrier = CARRIER_PPPOE;
        break;
    case 2:
        s->carrier = CARRIER_SNAP;
        break;
    default:
        break;
    }
}

static void random_options4(struct level_spec *s, struct rng *rng)
{
    if (rng_below(rng, 2))
        return;
    s->options = (uint8_t)(4 * rng_below(rng, 11));
    if (s->options >= 8 && rng_below(rng, 2)) {
        s->route_option = rng_below(rng, 2) ? 131 : 137;
        s->route_slots = (uint8_t)(1 + rng_below(rng, (s->options - 3u) / 4));
        s->route_done = (uint8_t)rng_below(rng, s->route_slots + 1u);
    }
    if (rng_below(rng, 8) == 0)
        set_chain(s, rng_below(rng, 2) ? "a" : "aa");
}

static void random_chain(struct level_spec *s, struct rng *rng)
{
    /* Routes nobody can resolve and fragments are rarer. */
    static const char letters[] = "hddHr02344faa";
    size_t n = rng_below(rng, 2) ? 0 : rng_below(rng, 5), i;
    bool home = false;

    for (i = 0; i < n; i++) {
        char c = letters[rng_below(rng, sizeof letters - 1)];

        if ((c == 'H' && home) || (c == 'h' && i > 0))
            c = 'd';
        home |= c == 'H';
        s->chain[i] = c;
    }
    if (rng_below(rng, 24) == 0)
        s->chain[i++] = 'u';
}

static const uint8_t unknown_protos[] = {PROTO_ESP, PROTO_NONE, 46, 88, 115, 108, 253, 254};

static void random_proto(struct level_spec *s, struct rng *rng)
{
    static const uint8_t any[] = {
        PROTO_TCP,     PROTO_TCP,     PROTO_TCP,  PROTO_UDP,  PROTO_UDP,  PROTO_UDP,  PROTO_ICMP,
        PROTO_UDPLITE, PROTO_UDPLITE, PROTO_DCCP, PROTO_DCCP, PROTO_SCTP, PROTO_SCTP, PROTO_IGMP,
        PROTO_GRE,     PROTO_PIM,     PROTO_OSPF, PROTO_VRRP, 0};

    s->proto = any[rng_below(rng, COUNT(any))];
    s->payload = rng_below(rng, rng_below(rng, 4) ? 100 : 1300);
    s->data_offset = (uint8_t)(5 + rng_below(rng, 11));
    switch (s->proto) {
    case 0:
        s->proto = unknown_protos[rng_below(rng, COUNT(unknown_protos))];
        break;
    case PROTO_TCP:
        s->data_offset = (uint8_t)rng_below(rng, 16);
        break;
    case PROTO_UDP:
        s->slack = rng_below(rng, 4) ? 0 : rng_below(rng, 20);
        break;
    case PROTO_UDPLITE:
        s->lite = rng_below(rng, 4) ? 8 + rng_below(rng, s->payload + 1) : 0;
        break;
    case PROTO_DCCP:
        s->flags = (uint8_t)rng_below(rng, 2);
        s->coverage = (uint8_t)rng_below(rng, 16);
        break;
    case PROTO_GRE:
        s->flags = (uint8_t)rng_below(rng, 8);
        break;
    case PROTO_PIM:
        s->flags = (uint8_t)rng_below(rng, 4);
        break;
    case PROTO_OSPF:
        s->flags = (uint8_t)rng_below(rng, 3);
        break;
    case PROTO_VRRP:
        s->flags = (uint8_t)(2 + rng_below(rng, 2));
        break;
    case PROTO_ICMP:
    case PROTO_IGMP:
        if (s->version == 6)
            s->proto = PROTO_ICMPV6;
        break;
    default:
        break;
    }
}

static void random_tunnel(struct level_spec *s, struct level_spec *inner, struct rng *rng)
{
    s->tunnel = (enum tunnel)(1 + rng_below(rng, TUNNEL_COUNT - 1));
    s->flags = (uint8_t)rng_below(rng, 8);
    s->words = (uint8_t)(rng_below(rng, 2) ? 0 : rng_below(rng, 9));
    inner->ethernet = rng_below(rng, 2);
    switch (s->tunnel) {
    case TUNNEL_ERSPAN:
    case TUNNEL_VXLAN:
        inner->ethernet = true;
        break;
    case TUNNEL_GRE:
        inner->labels = inner->ethernet ? 0 : (uint8_t)rng_below(rng, 3);
        break;
    case TUNNEL_MPLS_UDP:
        inner->ethernet = false;
        inner->labels = (uint8_t)(1 + rng_below(rng, 4));
        break;
    case TUNNEL_VXLAN_GPE:
    case TUNNEL_GENEVE:
        break;
    default:
        inner->ethernet = false;
        break;
    }
    if (inner->ethernet) {
        random_link(inner, rng);
        inner->padding = rng_below(rng, 4) ? 0 : rng_below(rng, 8);
    }
}

struct packet_spec spec_random(struct rng *rng, unsigned levels)
{
    struct packet_spec spec;
    unsigned i;

    memset(&spec, 0, sizeof spec);
    spec.levels = 1;
    while (spec.levels < levels && rng_below(rng, 2))
        spec.levels++;
    spec.level[0].ethernet = rng_below(rng, 6) > 0;
    if (spec.level[0].ethernet)
        random_link(&spec.level[0], rng);
    spec.level[0].padding = rng_below(rng, 3) ? 0 : rng_below(rng, 20);
    for (i = 0; i < spec.levels; i++) {
        struct level_spec *s = &spec.level[i];

        s->version = rng_below(rng, 2) ? 4 : 6;
        if (s->version == 4)
            random_options4(s, rng);
        else
            random_chain(s, rng);
        if (i + 1 < spec.levels)
            random_tunnel(s, s + 1, rng);
        else
            random_proto(s, rng);
        if (rng_below(rng, 40) == 0 && !strchr(s->chain, 'u'))
            s->chain[strlen(s->chain)] = rng_below(rng, 2) ? 'F' : 'M';
        if (strchr(s->chain, 'u') && s->tunnel == TUNNEL_NONE)
            s->proto = PROTO_TCP; /* a protocol whose checksum does depend on the route */
    }
    return spec;
}

struct packet_spec spec_plain(unsigned version, uint8_t proto, size_t payload, const char *chain)
{
    struct packet_spec spec;

    memset(&spec, 0, sizeof spec);
    spec.levels = 1;
    spec.level[0].ethernet = true;
    spec.level[0].version = (uint8_t)version;
    spec.level[0].proto = proto;
    spec.level[0].payload = payload;
    spec.level[0].data_offset = 5;
    if (chain)
        set_chain(&spec.level[0], chain);
    return spec;
}

/* ---- In words ------------------------------------------------------------------------------ */

static const char *const tunnel_names[] = {"",       "IP",    "GRE",      "ERSPAN", "VXLAN", "GPE",
                                           "Geneve", "GTP-U", "MPLS/UDP", "LISP",   "GUE"};

static size_t level_text(char *text, size_t room, const struct level_spec *s)
{
    static const char *const carriers[] = {"", ", PPPoE", ", SNAP"};
    int n =
        snprintf(text, room,
                 "[%s, %u tags%s, %u labels, IPv%u, %u bytes of options, route %u of %u (%u), "
                 "chain \"%s\", %s protocol %u, flags %u, words %u, data offset %u, coverage "
                 "%u %zu, payload %zu, slack %zu, padding %zu%s]",
                 s->ethernet ? "Ethernet" : "IP", s->tag_count, carriers[s->carrier], s->labels,
                 s->version, s->options, s->route_done, s->route_slots, s->route_option, s->chain,
                 tunnel_names[s->tunnel], s->proto, s->flags, s->words, s->data_offset, s->coverage,
                 s->lite, s->payload, s->slack, s->padding, s->is_zero_long ? ", zero long" : "");

    return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

const char *spec_text(const struct packet_spec *spec)
{
    static char text[400 * PACKET_LEVELS];
    size_t at = 0;
    unsigned i;

    text[0] = '\0';
    for (i = 0; i < spec->levels; i++)
        at += level_text(text + at, sizeof text - at, &spec->level[i]);
    return text;
}
