// SPDX-License-Identifier: MIT
#include "near.h"

#include <netinet/in.h>
#include <string.h>

enum {
    ALL_ONES = 0xFFFF,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    OSPF = 89
};

/* A checksum is the complement of a sum, and a mistake is found by the sum that its maker used. All
 * sums here are modulo 0xFFFF, where the complement is the negative. */
struct search {
    csumoff_wsum found; /* the field */
    csumoff_wsum right; /* what should have been summed */
    enum near near;     /* the first mistake that gives the field */
};

static void try(struct search *s, enum near near, csumoff_wsum sum)
{
    /* Without the pseudo-header's sum. The field is not 0, so it and its checksum add up to 0xFFFF
     * and not to 0. */
    if (s->near == NEAR_NONE && csumoff_fold(csumoff_add(sum, s->found)) == 0)
        s->near = near;
}

/* Tries the right sum with `more` in it. */
static void try_more(struct search *s, enum near near, csumoff_wsum more)
{
    try(s, near, csumoff_add(s->right, more));
}

/* Tries the right sum with `to` in place of `from`. */
static void try_instead(struct search *s, enum near near, csumoff_wsum from, csumoff_wsum to)
{
    try(s, near, csumoff_add(csumoff_sub(s->right, from), to));
}

static csumoff_wsum swapped(csumoff_wsum sum)
{
    return csumoff_block_add(0, sum, 1);
}

/* Returns the sum of a number's four bytes in network order. */
static csumoff_wsum number(uint32_t n)
{
    const uint8_t bytes[] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};

    return csumoff_partial(bytes, sizeof bytes, 0);
}

/* What the value by itself tells. */
static void try_value(struct search *s)
{
    try(s, NEAR_COMPLEMENT, ~s->right);
    try(s, NEAR_SWAPPED, swapped(s->right));
}

/* Returns the length of the L4 header, or 0 if it is not known or not covered as a whole. */
static uint32_t header_size(const struct csumoff_layout *at)
{
    uint32_t size = at->payload_start > at->csum_start ? at->payload_start - at->csum_start : 0;

    return size <= at->l4_len ? size : 0;
}

/* ---- The pseudo-header -------------------------------------------------------------------- */

/* Returns the sum of the pseudo-header without the length, from the IP header alone: the next hop
 * of a route is the destination. */
static csumoff_wsum plain_pseudo(const struct csumoff_layout *at, const uint8_t *head)
{
    const uint8_t *ip = head + at->l3_start;

    return at->ip_version == 4 ? csumoff_pseudo_ipv4(ip + 12, ip + 16, at->l4_proto, 0, 0)
                               : csumoff_pseudo_ipv6(ip + 8, ip + 24, at->l4_proto, 0, 0);
}

/* The field holds a seed that was changed, or the result of finishing a changed seed, or no seed
 * was there to be finished. */
static void try_seed(struct search *s, const struct csumoff_layout *at)
{
    const csumoff_wsum seed = csumoff_seed_value(at), gso = csumoff_seed_value_gso(at);

    try_instead(s, NEAR_NO_PSEUDO, seed, 0);
    try(s, NEAR_SEED, ~seed);
    try(s, NEAR_SEED_COMPLEMENT, seed);
    try(s, NEAR_SEED_COMPLEMENT, gso);
    try_value(s);
    try(s, NEAR_SEED_SWAPPED, ~swapped(seed));
    try_instead(s, NEAR_SEED_NEGATED, csumoff_add(seed, seed), 0);
    try_more(s, NEAR_PSEUDO_TWICE, seed);
}

/* Another number was summed in place of the length. */
static void try_lengths(struct search *s, const struct csumoff_layout *at, const uint8_t *head,
                        size_t have)
{
    const uint32_t header = header_size(at);
    const csumoff_wsum length = csumoff_sub(csumoff_seed_value(at), csumoff_seed_value_gso(at));

    try_instead(s, NEAR_NO_LENGTH, length, 0);
    try_instead(s, NEAR_LENGTH_SWAPPED, length, swapped(length));
    try_instead(s, NEAR_LENGTH_IP, length, number(at->end - at->l3_start));
    if (at->ip_version == 6 && at->l4_start - at->l3_start > IPV6_HEADER)
        /* The payload length of IPv6, which counts extension headers. */
        try_instead(s, NEAR_LENGTH_IP, length, number(at->end - at->l3_start - IPV6_HEADER));
    if (have > at->end)
        try_instead(s, NEAR_LENGTH_PADDED, length, number((uint32_t)have - at->csum_start));
    try_instead(s, NEAR_LENGTH_HEADER, length, number(header));
    try_instead(s, NEAR_LENGTH_HEADER, length, number(at->l4_start - at->l3_start));
    try_instead(s, NEAR_LENGTH_PAYLOAD, length, number(at->l4_len - header));
    try_instead(s, NEAR_NEXT_HOP, csumoff_seed_value_gso(at), plain_pseudo(at, head));
}

/* Another number was summed in place of the protocol. */
static void try_protocols(struct search *s, const struct csumoff_layout *at, const uint8_t *head)
{
    const csumoff_wsum protocol = number(at->l4_proto);

    try_instead(s, NEAR_PROTOCOL, protocol, 0);
    try_instead(s, NEAR_PROTOCOL, protocol, swapped(protocol));
    if (at->ip_version == 6)
        try_instead(s, NEAR_PROTOCOL, protocol, number(head[at->l3_start + 6]));
}

/* ---- What is summed ----------------------------------------------------------------------- */

/* The sum ended before or behind the end of what the checksum covers, and the length in it may have
 * been that of the bytes summed. */
static void try_ends(struct search *s, const struct csumoff_layout *at, const uint8_t *head,
                     size_t have)
{
    const struct {
        enum near near;
        size_t end;
    } wrong[] = {{NEAR_TRAILER, at->end}, {NEAR_PADDING, have}};
    const size_t end = (size_t)at->csum_start + at->l4_len;
    csumoff_wsum length = csumoff_sub(csumoff_seed_value(at), csumoff_seed_value_gso(at));

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        csumoff_wsum rest, instead;

        if (wrong[i].end <= end || wrong[i].end > have)
            continue;
        rest = csumoff_partial(head + end, wrong[i].end - end, 0);
        rest = csumoff_block_add(0, rest, at->l4_len);
        instead = number((uint32_t)wrong[i].end - at->csum_start);
        try_more(s, wrong[i].near, rest);
        if (at->pseudo) {
            try_instead(s, wrong[i].near, length, csumoff_add(rest, instead));
            if (wrong[i].near == NEAR_TRAILER)
                try_instead(s, wrong[i].near, length, instead);
        }
    }
}

/* Not all of it was summed. */
static void try_parts(struct search *s, const struct csumoff_layout *at, const uint8_t *head)
{
    const csumoff_wsum seed = csumoff_seed_value(at);
    const uint8_t *l4 = head + at->csum_start, *last = l4 + at->l4_len - 1;
    uint8_t word[] = {0, *last};
    const uint32_t size = header_size(at);
    csumoff_wsum header, odd;

    if (size > at->csum_offset && size < at->l4_len) {
        header = csumoff_sub(csumoff_partial(l4, size, 0), s->found);
        try(s, NEAR_HEADER_ALONE, csumoff_add(header, seed));
        try(s, NEAR_HEADER_ALONE, header);
        try_instead(s, NEAR_PAYLOAD_ALONE, csumoff_add(header, seed), 0);
        try_instead(s, NEAR_PAYLOAD_ALONE, header, 0);
    }
    if (at->l4_len & 1) {
        odd = csumoff_partial(last, 1, 0);
        try_instead(s, NEAR_ODD_BYTE, odd, 0);
        try_instead(s, NEAR_ODD_BYTE, odd, csumoff_partial(word, sizeof word, 0));
    }
}

enum near near_find_l4(const struct level *level, const uint8_t *head, size_t have)
{
    const struct csumoff_layout *at = &level->layout;
    struct search s = {.found = level->report.l4_found, .right = ~level->report.l4_expected};

    if (level->report.l4_found == 0)
        return NEAR_ZERO;
    if (at->csum_kind == CSUMOFF_CRC32C)
        return near_find_crc(level, head, have);
    if (level->report.l4_found == ALL_ONES)
        return NEAR_TWICE;
    if (at->l4_proto == OSPF && at->ip_version == 4) { /* `pseudo` is something else there */
        try_value(&s);
        return s.near;
    }
    if (at->pseudo) {
        try_seed(&s, at);
        try_lengths(&s, at, head, have);
        try_protocols(&s, at, head);
    } else {
        try_value(&s);
        try_more(&s, NEAR_PSEUDO_ADDED,
                 csumoff_add(plain_pseudo(at, head), number(at->end - at->l4_start)));
    }
    try_ends(&s, at, head, have);
    try_parts(&s, at, head);
    return s.near;
}

/* ---- The IPv4 header ---------------------------------------------------------------------- */

enum near near_find_l3(const struct level *level, const uint8_t *head)
{
    static const uint8_t one_hop[] = {1, 0}; /* of the TTL, which its word begins with */
    const uint8_t *ip = head + level->layout.l3_start;
    const csumoff_wsum length = csumoff_partial(ip + 2, 2, 0);
    struct search s = {.found = level->report.l3_found,
                       .right = ~(csumoff_wsum)level->report.l3_expected};

    if (level->report.l3_found == ALL_ONES)
        return NEAR_TWICE;
    try_value(&s);
    try_more(&s, NEAR_TTL, csumoff_partial(one_hop, sizeof one_hop, 0));
    if ((ip[0] & 15) * 4 > IPV4_HEADER)
        try(&s, NEAR_OPTIONS, csumoff_sub(csumoff_partial(ip, IPV4_HEADER, 0), s.found));
    try_instead(&s, NEAR_LENGTH_SWAPPED, length, swapped(length));
    return s.near;
}
