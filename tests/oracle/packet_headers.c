// SPDX-License-Identifier: MIT
#include "packet_parts.h"

/* ---- In front of the IP header ------------------------------------------------------------- */

/* RFC 3032: the last label has the bottom-of-stack bit. */
static void put_labels(struct packet *p, const struct level_spec *s, struct rng *rng)
{
    unsigned i;

    for (i = 0; i < s->labels; i++) {
        uint8_t *label = p->bytes + put(p, rng, 4);

        label[2] = (uint8_t)((label[2] & 0xFE) | (i + 1 == s->labels));
    }
}

size_t packet_put_link(struct packet *p, const struct level_spec *s, struct rng *rng)
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

void packet_put_options4(struct packet *p, struct level *l, const struct level_spec *s,
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

size_t packet_put_chain(struct packet *p, struct level *l, const struct level_spec *s, size_t next,
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
