// SPDX-License-Identifier: MIT
/*
 * What csumoff_rewrite() may do at a byte of a specimen, and what the two checksums have to become:
 * by the specimens' truth. Nothing here asks the library.
 */
#ifndef CSUMOFF_TESTS_REWRITE_EXPECTED_H
#define CSUMOFF_TESTS_REWRITE_EXPECTED_H

#include <csumoff.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/specimens.h"
#include "../oracle/suite.h"

/* ---- What a byte of a frame is ----------------------------------------------------------- */

enum {
    MAY_REFUSE = 1,  /* the header says: refused, or the right result */
    DECIDES = 2,     /* the layout, or is a checksum: CSUMOFF_EHDR */
    OUTSIDE = 4,     /* CSUMOFF_ERANGE */
    UNDER_CRC = 8,   /* CSUMOFF_ENOTSUP */
    MAY_BE_HOPS = 16 /* the checksum of UDP over an IPv4 source route: CSUMOFF_ENOTSUP, or right */
};

static inline bool is_in(size_t i, size_t start, size_t len)
{
    return i >= start && i - start < len;
}

static inline unsigned ipv4_class(const struct specimen *s, size_t i)
{
    static const uint8_t decides[] = {0, 2, 3, 6, 7, 9, 10, 11};

    if (i < 20)
        return memchr(decides, (int)i, sizeof decides) ? DECIDES : 0;
    return is_in(s->l3 + i, s->target, 4) ? 0 : MAY_REFUSE;
}

static inline unsigned ipv6_class(const struct specimen *s, size_t i, uint8_t from, uint8_t to)
{
    if (i >= 40)
        return is_in(s->l3 + i, s->source, 16) || is_in(s->l3 + i, s->target, 16 - s->shared)
                   ? 0
                   : MAY_REFUSE;
    if (i == 0)
        return from / 16 == to / 16 ? 0 : DECIDES;
    if (s->shared && i >= 24)
        return MAY_REFUSE;
    return i == 4 || i == 5 || i == 6 ? DECIDES : 0;
}

static inline unsigned l4_class(const struct specimen *s, enum csumoff_state state, size_t i,
                                uint8_t from, uint8_t to)
{
    if (is_in(i, s->field, s->is_crc ? 4 : 2))
        return DECIDES | (s->is_crc ? UNDER_CRC : 0);
    if (s->is_crc)
        return UNDER_CRC | (state == CSUMOFF_PARTIAL ? MAY_REFUSE : 0);
    if (state == CSUMOFF_PARTIAL && i >= s->covered)
        return OUTSIDE;
    switch (s->proto) {
    case PROTO_TCP:
        if (i != 12 || from / 16 == to / 16)
            return 0;
        /* One impossible offset is like another. */
        return from / 16 < 5 || from / 16 * 4u > s->covered ? MAY_REFUSE : DECIDES;
    case PROTO_UDP:
        return i == 4 || i == 5 ? DECIDES : 0;
    case PROTO_UDPLITE:
        return i == 4 || i == 5 ? MAY_REFUSE : 0;
    case PROTO_DCCP:
        return i == 4 || i == 5 || i == 8 ? MAY_REFUSE : 0;
    case PROTO_GRE:
    case PROTO_PIM:
    case PROTO_VRRP:
        return i < 4 ? MAY_REFUSE : 0;
    case PROTO_OSPF: /* version, length, kind of authentication, authentication */
        return i < 4 || (i >= 14 && i < 24) ? MAY_REFUSE : 0;
    default:
        return 0;
    }
}

/* What byte i of the frame is, if `to` is to be stored there. */
static inline unsigned class_of(const struct specimen *s, enum csumoff_state state, size_t i,
                                uint8_t from, uint8_t to)
{
    unsigned hops = s->proto == PROTO_UDP && s->version == 4 && s->is_routed ? MAY_BE_HOPS : 0;

    if (i < s->l3 || i >= s->end)
        return OUTSIDE;
    if (i >= s->l4)
        return l4_class(s, state, i - s->l4, from, to) | hops;
    if (s->version == 6)
        return ipv6_class(s, i - s->l3, from, to);
    return ipv4_class(s, i - s->l3) | (i - s->l3 >= 12 ? hops : 0);
}

/* Whether a status fits bytes of these kinds. A span of several kinds may get the error of any. */
static inline bool is_expected(int status, unsigned classes)
{
    const bool may_succeed =
        !(classes & (DECIDES | OUTSIDE)) && (!(classes & UNDER_CRC) || classes & MAY_REFUSE);

    switch (status) {
    case CSUMOFF_OK:
        return may_succeed;
    case CSUMOFF_EHDR:
        return classes & (DECIDES | MAY_REFUSE);
    case CSUMOFF_ERANGE:
        return classes & OUTSIDE;
    case CSUMOFF_ENOTSUP:
        return classes & (UNDER_CRC | MAY_BE_HOPS | MAY_REFUSE);
    default:
        return false;
    }
}

/* ---- What the two fields have to become -------------------------------------------------- */

static inline bool same_sum(uint16_t a, uint16_t b)
{
    return a % 0xFFFF == b % 0xFFFF;
}

/* Whether a checksum was brought up to date: right where it was right, else as wrong as it was.
 * 0xFFFF, which few checksums are, may become 0 on the way. */
static inline bool is_up_to_date(uint16_t before, uint16_t right_before, uint16_t after,
                                 uint16_t right_after)
{
    if (before == right_before && right_before != 0xFFFF && right_after != 0xFFFF)
        return after == right_after;
    return same_sum(after, ref_fold((uint64_t)before + (0xFFFF - right_before) + right_after));
}

static inline bool is_right_l3(const struct specimen *s, const uint8_t *before,
                               const uint8_t *after)
{
    uint16_t was, is, right;

    if (s->version == 6)
        return true;
    was = load_wire16(before + s->l3 + 10);
    is = load_wire16(after + s->l3 + 10);
    right = specimen_l3(s, before);
    return was == 0 && right != 0 ? is == 0 : is_up_to_date(was, right, is, specimen_l3(s, after));
}

/* `pseudo`: the sum of the pseudo-header afterwards, without the length. */
static inline bool is_right_l4(const struct specimen *s, enum csumoff_state state,
                               const uint8_t *before, const uint8_t *after, uint64_t pseudo)
{
    const size_t field = s->l4 + s->field;
    const uint16_t was = load_wire16(before + field), is = load_wire16(after + field);

    if (s->is_crc)
        return same_bytes(before + field, after + field, 4);
    if (state == CSUMOFF_PARTIAL)
        return s->has_pseudo && was != 0
                   ? is_up_to_date(was, specimen_seed(s, before), is, specimen_seed_over(s, pseudo))
                   : is == was;
    if (s->proto == PROTO_UDP && was == 0)
        return is == 0;
    if ((s->proto == PROTO_UDP || s->proto == PROTO_UDPLITE) && is == 0 && was != 0)
        return false;
    return is_up_to_date(was, specimen_complete(s, before), is,
                         specimen_complete_over(s, after, pseudo));
}

#endif
