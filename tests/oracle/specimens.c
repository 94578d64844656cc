// SPDX-License-Identifier: MIT
#include "specimens.h"

#include <stdio.h>
#include <string.h>

#include "reference.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* IPv4 headers with options, source routes and AH; IPv6 headers with their chains. */
static const struct level_spec networks[] = {
    {.version = 4},
    {.version = 4, .options = 8},
    {.version = 4, .options = 12, .route_option = 131, .route_slots = 2},
    {.version = 4, .options = 16, .route_option = 137, .route_slots = 3, .route_done = 1},
    {.version = 4, .options = 12, .route_option = 131, .route_slots = 2, .route_done = 2},
    {.version = 4, .chain = "a"},
    {.version = 6},
    {.version = 6, .chain = "h"},
    {.version = 6, .chain = "hdraf"},
    {.version = 6, .chain = "0", .routing = {.entries = 3, .left = 2}},
    {.version = 6, .chain = "2"},
    {.version = 6, .chain = "3", .routing = {.entries = 2, .left = 1}},
    {.version = 6, .chain = "3", .routing = {.entries = 2, .left = 1, .cmpr_i = 8, .cmpr_e = 8}},
    {.version = 6, .chain = "3", .routing = {.entries = 3, .left = 2, .cmpr_i = 15, .cmpr_e = 12}},
    {.version = 6, .chain = "4", .routing = {.entries = 2, .left = 1}},
    {.version = 6, .chain = "r"},
    {.version = 6, .chain = "H"},
    {.version = 6, .chain = "h2H"},
};

static const struct {
    struct level_spec spec;
    uint8_t versions; /* 1: IPv4, 2: IPv6, 3: both */
    uint8_t payload;  /* at least */
} transports[] = {
    {{.proto = PROTO_TCP, .data_offset = 5}, 3, 0},
    {{.proto = PROTO_TCP, .data_offset = 8}, 3, 12},
    {{.proto = PROTO_TCP, .data_offset = 3}, 3, 0}, /* impossible */
    {{.proto = PROTO_UDP}, 3, 0},
    {{.proto = PROTO_UDP, .slack = 5}, 3, 0},
    {{.proto = PROTO_ICMP}, 1, 0},
    {{.proto = PROTO_ICMPV6}, 2, 0},
    {{.proto = PROTO_UDPLITE}, 3, 0},
    {{.proto = PROTO_UDPLITE, .lite = 8}, 3, 2},
    {{.proto = PROTO_UDPLITE, .lite = 13}, 3, 5},
    {{.proto = PROTO_DCCP, .data_offset = 4, .flags = DCCP_X}, 3, 0},
    {{.proto = PROTO_DCCP, .data_offset = 4, .flags = DCCP_X, .coverage = 1}, 3, 2},
    {{.proto = PROTO_DCCP, .data_offset = 4, .flags = DCCP_X, .coverage = 2}, 3, 6},
    {{.proto = PROTO_SCTP}, 3, 0},
    {{.proto = PROTO_IGMP}, 1, 0},
    {{.proto = PROTO_GRE, .flags = GRE_C}, 3, 0},
    {{.proto = PROTO_PIM, .flags = PIM_REGISTER}, 3, 0},
    {{.proto = PROTO_VRRP, .flags = 2}, 1, 0},
    {{.proto = PROTO_VRRP, .flags = 3}, 2, 0},
    {{.proto = PROTO_OSPF}, 3, 0},
};

/* What a frame begins with. */
static const struct level_spec links[] = {
    {.ethernet = true},
    {.ethernet = true, .tag_count = 1, .tags = {0x8100}},
    {.ethernet = true, .tag_count = 2, .tags = {0x88A8, 0x8100}},
    {.ethernet = true, .tag_count = 1, .tags = {0x9100}},
    {.ethernet = true, .labels = 2},
    {.ethernet = true, .carrier = CARRIER_PPPOE},
    {.ethernet = true, .carrier = CARRIER_SNAP},
    {.ethernet = false},
};

static struct packet packet;

/* ---- From a packet to a specimen --------------------------------------------------------- */

/* Whether the end of a route can be told: a compressed one's, where it is all that there is. */
static bool find_target(struct specimen *s, const struct level *l, const struct level_spec *spec)
{
    const struct routing_spec *r = &spec->routing;

    s->shared = 0;
    s->target = l->route_end;
    if (l->route_end)
        return true;
    s->shared = r->cmpr_e;
    s->target = l->l3 + 40 + 8 + (r->entries - 1u) * (16u - r->cmpr_i);
    return r->entries && strcmp(spec->chain, "3") == 0;
}

/* Takes level i of the packet; false: it is not one that can be taken. */
static bool adopt(struct specimen *s, unsigned i)
{
    const struct level *l = &packet.level[i];

    if (packet.len > sizeof s->bytes || l->finding != FOUND || i >= packet_listed(&packet) ||
        !find_target(s, l, &packet.spec.level[i]))
        return false;
    s->is_ethernet = packet.spec.level[0].ethernet;
    s->level = i;
    s->version = l->version;
    s->proto = l->proto;
    s->len = packet.len;
    s->l3 = l->l3;
    s->l4 = l->l4;
    s->end = l->end;
    s->l3_len = l->version == 4 ? packet_l3_len(&packet, i) : 0;
    s->covered = l->l4_len;
    s->field = l->csum_offset;
    s->skip = l->skip;
    s->skip_len = l->skip_len;
    s->has_pseudo = l->has_pseudo;
    s->is_crc = l->is_crc32c;
    s->pseudo_len = l->pseudo_len;
    s->source = l->home ? l->home : l->daddr - (l->version == 4 ? 4 : 16);
    s->is_routed = s->target != l->daddr;
    memcpy(s->bytes, packet.bytes, packet.len);
    return true;
}

/* ---- Making them ------------------------------------------------------------------------- */

size_t specimen_count(void)
{
    return COUNT(networks) * COUNT(transports);
}

/* The recipe of number i, behind a link. */
static struct level_spec spec_of(size_t i, const struct level_spec *link, struct rng *rng)
{
    struct level_spec spec = networks[i / COUNT(transports)];
    size_t t = i % COUNT(transports);

    /* The next one where that is the other family's. */
    while (!(transports[t].versions & (spec.version == 4 ? 1 : 2)))
        t = (t + 1) % COUNT(transports);
    spec.proto = transports[t].spec.proto;
    spec.data_offset = transports[t].spec.data_offset;
    spec.flags = transports[t].spec.flags;
    spec.lite = transports[t].spec.lite;
    spec.coverage = transports[t].spec.coverage;
    spec.slack = transports[t].spec.slack;
    spec.payload = transports[t].payload + rng_below(rng, 24);
    spec.ethernet = link->ethernet;
    spec.tag_count = link->tag_count;
    memcpy(spec.tags, link->tags, sizeof spec.tags);
    spec.carrier = link->carrier;
    spec.labels = link->labels;
    spec.padding = rng_below(rng, 3) * 3;
    return spec;
}

void specimen_make(struct specimen *s, size_t i, struct rng *rng)
{
    struct packet_spec spec = {.levels = 1};
    size_t covered_end;

    spec.level[0] = spec_of(i, &links[rng_below(rng, COUNT(links))], rng);
    do
        packet_build(&packet, &spec, rng);
    while (!adopt(s, 0));
    covered_end = s->proto == PROTO_UDP ? s->l4 + s->covered : s->end;
    if (rng_below(rng, 2))
        rng_fill(rng, s->bytes + covered_end, s->len - covered_end);
}

void specimen_make_inside(struct specimen *s, size_t i, struct rng *rng)
{
    struct packet_spec spec = {.levels = 2};

    spec.level[0].ethernet = true;
    spec.level[0].version = 4;
    spec.level[0].tunnel = TUNNEL_VXLAN;
    spec.level[1] = spec_of(i, &links[rng_below(rng, COUNT(links) - 1)], rng);
    do
        packet_build(&packet, &spec, rng);
    while (!adopt(s, 1));
}

void specimen_random(struct specimen *s, unsigned levels, struct rng *rng)
{
    struct packet_spec spec;

    do {
        spec = spec_random(rng, levels);
        packet_build(&packet, &spec, rng);
    } while (!adopt(s, (unsigned)rng_below(rng, packet.levels)));
}

const char *specimen_text(const struct specimen *s)
{
    static char text[200];

    snprintf(text, sizeof text,
             "%s, level %u: IPv%u at %zu, %s, protocol %u at %zu, %zu bytes covered, end %zu, "
             "length %zu",
             s->is_ethernet ? "Ethernet" : "IP", s->level, s->version, s->l3,
             s->is_routed ? "routed" : "not routed", s->proto, s->l4, s->covered, s->end, s->len);
    return text;
}

/* ---- The oracle's word on them ----------------------------------------------------------- */

uint64_t specimen_pseudo(const struct specimen *s, const uint8_t *frame)
{
    uint8_t target[16];

    if (!s->has_pseudo)
        return 0;
    if (s->version == 4)
        return ref_pseudo4(frame + s->source, frame + s->target, s->proto, 0);
    memcpy(target, frame + s->l3 + 24, s->shared);
    memcpy(target + s->shared, frame + s->target, 16 - s->shared);
    return ref_pseudo6(frame + s->source, target, s->proto, 0);
}

uint16_t specimen_seed_over(const struct specimen *s, uint64_t pseudo)
{
    return s->has_pseudo ? ref_fold(pseudo + s->pseudo_len) : 0;
}

uint16_t specimen_seed(const struct specimen *s, const uint8_t *frame)
{
    return specimen_seed_over(s, specimen_pseudo(s, frame));
}

uint16_t specimen_seed_gso(const struct specimen *s, const uint8_t *frame)
{
    return ref_fold(specimen_pseudo(s, frame));
}

uint16_t specimen_complete_over(const struct specimen *s, const uint8_t *frame, uint64_t pseudo)
{
    uint8_t l4[SPECIMEN_MOST];
    uint16_t check;

    memcpy(l4, frame + s->l4, s->covered);
    memset(l4 + s->skip, 0, s->skip_len);
    check = ref_transport(specimen_seed_over(s, pseudo), l4, s->covered, s->field);
    return check == 0 && (s->proto == PROTO_UDP || s->proto == PROTO_UDPLITE) ? 0xFFFF : check;
}

uint16_t specimen_complete(const struct specimen *s, const uint8_t *frame)
{
    return specimen_complete_over(s, frame, specimen_pseudo(s, frame));
}

uint16_t specimen_l3(const struct specimen *s, const uint8_t *frame)
{
    return ref_ipv4_header(frame + s->l3, s->l3_len);
}

void specimen_fill(const struct specimen *s, uint8_t *frame)
{
    static const uint8_t zeros[4];
    uint8_t *l4 = frame + s->l4, *field = l4 + s->field;
    uint32_t crc;

    if (s->version == 4)
        store_wire16(frame + s->l3 + 10, specimen_l3(s, frame));
    if (s->is_crc) {
        crc = ref_crc32c(ref_crc32c(0, l4, s->field), zeros, 4);
        crc = ref_crc32c(crc, field + 4, s->covered - s->field - 4);
        field[0] = (uint8_t)crc;
        field[1] = (uint8_t)(crc >> 8);
        field[2] = (uint8_t)(crc >> 16);
        field[3] = (uint8_t)(crc >> 24);
    } else {
        store_wire16(field, specimen_complete(s, frame));
    }
}
