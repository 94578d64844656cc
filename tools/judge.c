// SPDX-License-Identifier: MIT
#include "judge.h"

#include <stdio.h>
#include <string.h>

enum {
    PROTO_VRRP = 112,
    TCP_FLAGS = 13,
    TCP_NEVER_JOINED = 0x26 /* SYN, RST, URG */
};

static const enum verdict by_library[] = {
    [CSUMOFF_UNCHECKED] = UNCHECKED,
    [CSUMOFF_GOOD] = GOOD,
    [CSUMOFF_BAD] = BAD,
    [CSUMOFF_SEEDED] = SEEDED,
    [CSUMOFF_SEEDED_GSO] = SEEDED_GSO,
    [CSUMOFF_ABSENT] = ABSENT,
    [CSUMOFF_BLANK] = BLANK,
};

const struct verdict_words verdict_words[VERDICTS] = {
    [GOOD] = {"GOOD", "", TINT_GOOD},
    [BAD] = {"BAD", "wrong: a receiver drops these", TINT_BAD},
    [SEEDED] = {"SEEDED", "fine: captured on the sender, whose network card finishes them",
                TINT_NOTE},
    [SEEDED_GSO] = {"SEEDED-GSO", "fine: the same, and the card fills in the length too",
                    TINT_NOTE},
    [BLANK] = {"BLANK", "fine: the network card makes the IPv4 header's checksum", TINT_NOTE},
    [ABSENT] = {"ABSENT", "fine: UDP over IPv4, or a tunnel, may go without", TINT_NOTE},
    [UNCHECKED] = {"UNCHECKED", "", TINT_FAINT},
    [TRUNCATED] = {"TRUNCATED", "shorter than their headers say", TINT_STRONG},
    [MALFORMED] = {"MALFORMED", "headers that make no sense", TINT_STRONG},
};

const char *const reason_words[REASONS] = {
    [NO_REASON] = "",          [FRAGMENT] = "fragment",       [PROTOCOL] = "other protocol",
    [ROUTE] = "unknown route", [AMBIGUOUS] = "ambiguous sum", [NOT_IP] = "not IP",
    [SNAPPED] = "snapped",
};

/*
 * RFC 5798, section 5.2.8, was understood in two ways: some routers put a pseudo-header into the
 * checksum of VRRP version 3 over IPv4, others don't. RFC 9568 leaves it out. A packet that is
 * right by either may be wrong for its receiver. One that is wrong by both is BAD.
 */
static bool is_ambiguous(const struct csumoff_layout *at, const struct packet *p)
{
    size_t l4 = p->start + at->l4_start;

    return at->ip_version == 4 && at->l4_proto == PROTO_VRRP && l4 < p->header->caplen &&
           p->bytes[l4] >> 4 == 3;
}

/* Why a packet's L4 checksum is UNCHECKED. */
static enum reason reason_of(const struct level *level, const struct packet *p)
{
    switch (level->status) {
    case CSUMOFF_EFRAG:
        return FRAGMENT;
    case CSUMOFF_ENOTSUP:
        return ROUTE;
    case CSUMOFF_EHEAD:
        return SNAPPED;
    case CSUMOFF_EPROTO:
        if (is_ambiguous(&level->layout, p))
            return AMBIGUOUS;
        return level->layout.ip_version ? PROTOCOL : NOT_IP;
    default:
        return NO_REASON;
    }
}

static struct judgement judge_level(const struct level *level, const struct packet *p)
{
    struct judgement j = {.l3 = by_library[level->report.l3],
                          .l4 = by_library[level->report.l4],
                          .reason = reason_of(level, p)};

    if (level->status == CSUMOFF_ETRUNC)
        j.l4 = TRUNCATED;
    else if (level->status == CSUMOFF_EHDR || level->status == CSUMOFF_ERANGE)
        j.l4 = MALFORMED;
    else if (level->status == CSUMOFF_OK && level->layout.csum_kind == CSUMOFF_NO_CHECKSUM)
        j.l4 = ABSENT; /* a tunnel */
    j.overall = j.l3 == BAD || (j.l3 == BLANK && (j.l4 == GOOD || j.l4 == ABSENT)) ? j.l3 : j.l4;
    return j;
}

bool judgement_is_wrong(const struct judgement *j)
{
    return j->overall == BAD || j->l4_near == NEAR_UNFINISHED;
}

enum near judgement_near(const struct judgement *j)
{
    return j->l4 == BAD || j->l4_near ? j->l4_near : j->l3_near;
}

static void find_near(struct judgement *j, const struct level *level, const struct packet *p)
{
    const uint8_t *head = p->bytes + p->start;
    size_t have = p->header->caplen - p->start;

    if (j->l3 == BAD)
        j->l3_near = near_find_l3(level, head);
    if (j->l4 == BAD)
        j->l4_near = near_find_l4(level, head, have);
}

/* Tells apart the seeds in a received frame: those that left their sender unfinished, and those
 * that the receiver made itself of several packets. GRO joins TCP segments with a payload, and puts
 * a seed into the result and into the tunnels around it. UDP datagrams are seldom joined, and the
 * result is never shorter than an MTU. */
static void find_unfinished(struct judged *j, const uint8_t *head)
{
    bool is_joined = false;

    for (size_t left = j->levels.count; left > 0; left--) {
        const struct csumoff_layout *at = &j->levels.of[left - 1].layout;
        struct judgement *of = &j->of[left - 1];

        if (of->l4 != SEEDED && of->l4 != SEEDED_GSO)
            continue;
        if (j->is_fragment) { /* GRO leaves them as they are */
            of->l4_near = NEAR_UNFINISHED;
            continue;
        }
        if (at->end - at->l3_start > MTU_COMMON)
            is_joined = true;
        if (at->l4_proto == IPPROTO_TCP && at->payload_start && at->payload_start < at->end &&
            !(head[at->l4_start + TCP_FLAGS] & TCP_NEVER_JOINED))
            is_joined = true;
        of->l4_near = is_joined ? NEAR_JOINED : NEAR_UNFINISHED;
    }
}

/* Returns a number, the higher, the worse. A tunnel's checksum that was judged covers the packet
 * inside, which is not UNCHECKED then. */
static int rank_of(const struct judgement *j, bool is_inside)
{
    static const int rank[VERDICTS] = {
        [ABSENT] = 0,    [GOOD] = 2,      [BLANK] = 3,     [SEEDED] = 4, [SEEDED_GSO] = 5,
        [UNCHECKED] = 6, [TRUNCATED] = 7, [MALFORMED] = 8, [BAD] = 10,
    };

    if (j->l4_near == NEAR_UNFINISHED && j->overall != BAD)
        return 9;
    return is_inside && j->overall == UNCHECKED ? 1 : rank[j->overall];
}

static void judge_levels(struct judged *j, const struct packet *p)
{
    for (size_t i = 0; i < j->levels.count; i++) {
        j->of[i] = judge_level(&j->levels.of[i], p);
        find_near(&j->of[i], &j->levels.of[i], p);
    }
    if (p->direction == RECEIVED)
        find_unfinished(j, p->bytes + p->start);
    j->worst = 0;
    for (size_t i = 0; i < j->levels.count; i++) {
        /* Linux's csum_start points to the innermost of several seeds. */
        if (rank_of(&j->of[i], i > 0) >= rank_of(&j->of[j->worst], j->worst > 0))
            j->worst = i;
    }
}

/* Judges the datagram that a fragment makes whole. The verdict on the IPv4 header is that on the
 * fragment's header, because the datagram's was never sent. */
static void judge_whole(struct judged *j, const struct packet *whole)
{
    const struct csumoff_report header = j->levels.of[0].report;
    const enum near near = j->of[0].l3_near;

    levels_read(&j->levels, whole->bytes, whole->header->len, whole->header->len, whole->link);
    levels_foresee(&j->levels, whole->bytes, whole->header->len);
    j->levels.of[0].report.l3 = header.l3;
    j->levels.of[0].report.l3_found = header.l3_found;
    j->levels.of[0].report.l3_expected = header.l3_expected;
    judge_levels(j, whole);
    j->of[0].l3_near = near;
}

const struct packet *judged_packet(const struct judged *j, const struct packet *p)
{
    return j->is_fragment && j->fragment.datagram ? j->fragment.datagram : p;
}

void judge(struct judged *j, const struct packet *p, struct fragments *fragments)
{
    levels_read_packet(&j->levels, p);
    levels_foresee(&j->levels, p->bytes + p->start, p->header->caplen - p->start);
    j->is_fragment = false;
    judge_levels(j, p);
    j->is_fragment = j->levels.of[0].status == CSUMOFF_EFRAG && fragments;
    if (!j->is_fragment)
        return;
    fragments_take(fragments, p, &j->levels.of[0].layout, &j->fragment);
    if (j->fragment.datagram)
        judge_whole(j, j->fragment.datagram);
}

bool judged_has_l3(const struct judged *j, enum verdict l3)
{
    for (size_t i = 0; i < j->levels.count; i++)
        if (j->of[i].l3 == l3)
            return true;
    return false;
}

void reason_format(char text[REASON_SIZE], enum reason reason, const struct flow *f)
{
    if (reason == PROTOCOL)
        snprintf(text, REASON_SIZE, "protocol %u", f->l4_proto);
    else
        snprintf(text, REASON_SIZE, "%s", reason_words[reason]);
}

const char *checksum_format(char text[CHECKSUM_SIZE], const struct level *level, uint32_t sum)
{
    csumoff_sum16 sum16 = (csumoff_sum16)sum;
    bool is_crc = level->layout.csum_kind == CSUMOFF_CRC32C;
    size_t size = is_crc ? sizeof sum : sizeof sum16;
    uint8_t bytes[sizeof sum];
    char *at = text;

    memcpy(bytes, is_crc ? (const void *)&sum : &sum16, size);
    *at++ = '0';
    *at++ = 'x';
    for (size_t i = 0; i < size; i++) {
        *at++ = "0123456789abcdef"[bytes[i] >> 4];
        *at++ = "0123456789abcdef"[bytes[i] & 15];
    }
    *at = '\0';
    return text;
}

bool is_l4_judged(const struct level *level, const struct judgement *j)
{
    return j->l4 <= ABSENT && level->layout.csum_kind != CSUMOFF_NO_CHECKSUM;
}

bool is_l3_judged(enum verdict l3)
{
    return l3 == GOOD || l3 == BAD || l3 == BLANK;
}

void judged_flow(struct flow *f, const struct packet *p, const struct judged *j, size_t i)
{
    const struct csumoff_layout *at = &j->levels.of[i].layout;
    struct packet inside = *judged_packet(j, p);

    if (at->ip_version) {
        inside.l3 = inside.start + at->l3_start;
        inside.ethertype = at->ip_version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    }
    flow_read(f, &inside);
}
