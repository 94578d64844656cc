// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "packet_parts.h"

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
