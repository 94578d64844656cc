// SPDX-License-Identifier: MIT
#include "packets.h"

#include <string.h>

#include "packet_parts.h"

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
    lengths->link = packet_put_link(p, s, rng);
    l->version = s->version;
    l->proto = packet_proto_of(s, inner);
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
        packet_put_options4(p, l, s, rng);
        memcpy(l->dst, p->bytes + l->route_end, 4);
        l->is_next_hop = l->route_end != l->daddr && l->proto == PROTO_UDP;
    } else {
        next = l->l3 + 6;
        h[0] = (uint8_t)(0x60 | (h[0] & 15));
    }
    next = packet_put_chain(p, l, s, next, &lengths->jumbo, rng);
    p->bytes[next] = l->proto;
    l->l4 = p->len;
    if (l->finding == FOUND && s->tunnel == TUNNEL_NONE && packet_is_unknown(s))
        l->finding = NOT_KNOWN;
    packet_put_l4(p, l, s, inner, rng);
    if (!inner)
        return;
    if (l->proto == PROTO_UDP)
        packet_put_tunnel(p, s, inner, &lengths->tunnel, rng);
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
        packet_cover(p, l, s, p->len - l->l4);
    put_zeros(p, l->proto == PROTO_UDP ? s->slack : 0);
    l->end = p->len;
    l3_len = l->end - l->l3;
    if (lengths->jumbo)
        store_wire32(p->bytes + lengths->jumbo, (uint32_t)(l3_len - 40));
    if (s->version == 4)
        store_wire16(h + 2, s->is_zero_long ? 0 : (uint16_t)l3_len);
    else
        store_wire16(h + 4, s->is_zero_long || lengths->jumbo ? 0 : (uint16_t)(l3_len - 40));
    l->has_pseudo = packet_has_pseudo(s->version, l->proto);
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
