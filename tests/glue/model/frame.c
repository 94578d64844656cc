// SPDX-License-Identifier: MIT
/* Makes frames: the frame of a trial, complete, left to the device or damaged. */
#include "trial.h"

struct rng rng;
struct packet given, ideal;
struct truth truth;
bool is_sound, is_zero[PACKET_LEVELS], is_far_wanted;
enum csumoff_link link_of_frame;

bool chance(unsigned n)
{
    return rng_below(&rng, n) == 0;
}

void copy_packet(struct packet *to, const struct packet *from)
{
    memcpy(to, from, offsetof(struct packet, bytes));
    memcpy(to->bytes, from->bytes, from->len);
}

bool is_udp(unsigned level)
{
    return given.level[level].finding == FOUND && given.level[level].proto == PROTO_UDP;
}

/* All checksums as they are to be, innermost first. */
static void seal(struct packet *p)
{
    unsigned i;

    for (i = p->levels; i-- > 0;) {
        packet_set_l3(p, i);
        if (is_zero[i])
            packet_set_field(p, i, 0);
        else
            packet_set_complete(p, i);
    }
}

static void make_spec(struct packet_spec *spec, bool needs_ethernet)
{
    struct level_spec *first = &spec->level[0], *last;

    *spec = spec_random(&rng, 3);
    last = &spec->level[spec->levels - 1];
    if (chance(3)) { /* the plain ones that nearly all traffic consists of */
        memset(spec, 0, sizeof *spec);
        spec->levels = 1;
        last = first;
        first->ethernet = !chance(6);
        first->version = chance(2) ? 4 : 6;
        first->proto = chance(2) ? PROTO_TCP : PROTO_UDP;
        first->payload = rng_below(&rng, chance(4) ? 1300 : 100);
        first->data_offset = 5;
    }
    first->ethernet |= needs_ethernet;
    if (last->proto == PROTO_TCP && !chance(8))
        last->data_offset = (uint8_t)(5 + rng_below(&rng, last->payload < 40 ? 1 : 11));
    if (chance(400))
        last->payload = rng_below(&rng, 60000);
    if (is_far_wanted && first->version == 4) {
        first->version = 6;
        first->options = first->route_option = 0;
        memset(first->chain, 0, sizeof first->chain);
        if (first->tunnel == TUNNEL_NONE && first->proto == PROTO_ICMP)
            first->proto = PROTO_ICMPV6;
    }
    if ((is_far_wanted || chance(60)) && first->version == 6) { /* beyond what is gathered */
        snprintf(first->chain, sizeof first->chain, "%s", chance(2) ? "h0d" : "d4dd");
        first->routing.entries = (uint8_t)(20 + rng_below(&rng, 12));
        first->routing.left = (uint8_t)(1 + rng_below(&rng, first->routing.entries));
    }
    if (chance(40) && !strpbrk(first->chain, "FM")) {
        first->is_zero_long = true;
        first->padding = 0;
    }
}

void make(bool needs_ethernet)
{
    struct packet_spec spec;
    unsigned i;

    make_spec(&spec, needs_ethernet);
    packet_build(&given, &spec, &rng);
    if (needs_ethernet && spec.level[0].is_zero_long && given.level[0].finding != FOUND) {
        spec.level[0].is_zero_long = false; /* what is broken about it is not settled */
        packet_build(&given, &spec, &rng);
    }
    truth = truth_of(&given);
    for (i = 0; i < given.levels; i++) {
        const struct level *l = &given.level[i];

        is_zero[i] = is_udp(i) && chance(6);
        if (l->finding == FOUND && l->proto == PROTO_PIM &&
            given.spec.level[i].flags == PIM_REGISTER)
            given.level[i].payload = l->l4 + 8; /* what is registered follows 8 bytes */
        /* What nobody covers may hold anything. */
        if (l->finding == FOUND && l->proto == PROTO_UDP && chance(2))
            rng_fill(&rng, given.bytes + l->l4 + l->l4_len, l->end - l->l4 - l->l4_len);
    }
    if (chance(3))
        rng_fill(&rng, given.bytes + given.level[0].end, given.len - given.level[0].end);
    link_of_frame = spec.level[0].ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
    if (spec.level[0].is_zero_long || chance(16)) {
        if (needs_ethernet && spec.level[0].is_zero_long)
            truth.outer = OUTER_BROKEN;
        else if (!needs_ethernet)
            link_of_frame += 2;
    }
    if (truth.outer == OUTER_BROKEN)
        truth.listed = 0;
    seal(&given);
    if (chance(30) && given.level[0].l3 == 14 && given.bytes[12] != 0) {
        given.bytes[12] = given.bytes[13] = 0x88; /* no EtherType of IP's */
        given.bytes[13] = 0xB5;
        truth.outer = OUTER_NOT_IP;
        truth.listed = 0;
    }
    is_sound = true;
}

int any_level(void)
{
    int levels[PACKET_LEVELS], n = 0;
    unsigned i;

    for (i = 0; i < truth.listed; i++)
        if (given.level[i].finding == FOUND)
            levels[n++] = (int)i;
    return n ? levels[rng_below(&rng, (size_t)n)] : -1;
}

static void spoil_field(unsigned level)
{
    const struct level *l = &given.level[level];

    if (l->finding != FOUND || is_zero[level])
        return;
    rng_fill(&rng, given.bytes + l->l4 + l->csum_offset, l->is_crc32c ? 4 : 2);
    if (is_udp(level) && packet_field(&given, level) == 0)
        packet_set_field(&given, level, 1); /* 0 would be none */
}

bool leave(unsigned level, bool is_seed)
{
    const struct level *l = &given.level[level];
    unsigned i;

    if (is_zero[level]) {
        is_zero[level] = false;
        seal(&given);
    }
    copy_packet(&ideal, &given);
    if (is_seed && !l->is_crc32c) {
        if (l->skip_len) /* of OSPF, which has no seeds */
            return false;
        packet_set_field(&given, level, packet_seed(&given, level));
        return true;
    }
    spoil_field(level);
    /* They cannot be complete beforehand. */
    for (i = 0; i < level; i++)
        spoil_field(i);
    return true;
}

void damage(void)
{
    const struct level *l = &given.level[rng_below(&rng, given.levels)];
    const struct level *last = &given.level[given.levels - 1];
    size_t at;

    is_sound = false;
    switch (rng_below(&rng, 4)) {
    case 0: /* IPv4: identification; IPv6: flow label */
        at = l->l3 + (l->version == 4 ? 4 : 2);
        break;
    case 1:
        if (l->finding != FOUND)
            return;
        at = l->l4 + l->csum_offset;
        break;
    case 2: /* TCP's sequence number */
        if (l->finding != FOUND || l->proto != PROTO_TCP)
            return;
        at = l->l4 + 4;
        break;
    default:
        if (last->payload == 0 || last->payload >= last->end || last->finding == NOT_KNOWN ||
            last->proto != PROTO_TCP)
            return;
        at = last->payload + rng_below(&rng, last->end - last->payload);
        break;
    }
    given.bytes[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
}
