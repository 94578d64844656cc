// SPDX-License-Identifier: MIT
/*
 * csumoff_rewrite() against computing anew: any bytes, anywhere in a packet of any kind, under any
 * state. What may be written, and what must not be, comes from the specimens' truth.
 */
#include <csumoff.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/specimens.h"
#include "../oracle/suite.h"

static struct specimen made;
static struct guarded page, bytes_page;
static struct rng rng;

static void setup(void)
{
    CHECK(guarded_new(&page, SPECIMEN_MOST) && guarded_new(&bytes_page, SPECIMEN_MOST));
    rng = rng_new(50);
}

/* ---- What a byte of a frame is ----------------------------------------------------------- */

enum {
    MAY_REFUSE = 1,  /* the header says: refused, or the right result */
    DECIDES = 2,     /* the layout, or is a checksum: CSUMOFF_EHDR */
    OUTSIDE = 4,     /* CSUMOFF_ERANGE */
    UNDER_CRC = 8,   /* CSUMOFF_ENOTSUP */
    MAY_BE_HOPS = 16 /* the checksum of UDP over an IPv4 source route: CSUMOFF_ENOTSUP, or right */
};

static bool is_in(size_t i, size_t start, size_t len)
{
    return i >= start && i - start < len;
}

static unsigned ipv4_class(const struct specimen *s, size_t i)
{
    static const uint8_t decides[] = {0, 2, 3, 6, 7, 9, 10, 11};

    if (i < 20)
        return memchr(decides, (int)i, sizeof decides) ? DECIDES : 0;
    return is_in(s->l3 + i, s->target, 4) ? 0 : MAY_REFUSE;
}

static unsigned ipv6_class(const struct specimen *s, size_t i, uint8_t from, uint8_t to)
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

static unsigned l4_class(const struct specimen *s, enum csumoff_state state, size_t i, uint8_t from,
                         uint8_t to)
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
static unsigned class_of(const struct specimen *s, enum csumoff_state state, size_t i, uint8_t from,
                         uint8_t to)
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
static bool is_expected(int status, unsigned classes)
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

static bool same_sum(uint16_t a, uint16_t b)
{
    return a % 0xFFFF == b % 0xFFFF;
}

/* Whether a checksum was brought up to date: right where it was right, else as wrong as it was.
 * 0xFFFF, which few checksums are, may become 0 on the way. */
static bool is_up_to_date(uint16_t before, uint16_t right_before, uint16_t after,
                          uint16_t right_after)
{
    if (before == right_before && right_before != 0xFFFF && right_after != 0xFFFF)
        return after == right_after;
    return same_sum(after, ref_fold((uint64_t)before + (0xFFFF - right_before) + right_after));
}

static bool is_right_l3(const struct specimen *s, const uint8_t *before, const uint8_t *after)
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
static bool is_right_l4(const struct specimen *s, enum csumoff_state state, const uint8_t *before,
                        const uint8_t *after, uint64_t pseudo)
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

/* ---- One rewrite ------------------------------------------------------------------------- */

static enum csumoff_link link_of(const struct specimen *s)
{
    return s->is_ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
}

static int find(const struct specimen *s, const uint8_t *frame, struct csumoff_layout *layout)
{
    struct csumoff_layout levels[PACKET_LEVELS];
    size_t count;
    int status;

    if (s->level == 0)
        return csumoff_locate(frame, s->len, link_of(s), layout);
    status = csumoff_locate_all(frame, s->len, link_of(s), levels, PACKET_LEVELS, &count);
    if (status == CSUMOFF_OK && count <= s->level)
        status = CSUMOFF_EPROTO;
    if (status == CSUMOFF_OK)
        *layout = levels[s->level];
    return status;
}

/* But for the pseudo-header. */
static bool same_places(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

static uint16_t folded(csumoff_wsum sum)
{
    return ref_fold(wire_sum(sum));
}

/* Whether all but the two checksum fields is as in `want`. */
static bool only_checksums_differ(const struct specimen *s, const uint8_t *frame,
                                  const uint8_t *want)
{
    size_t i;

    for (i = 0; i < s->len; i++)
        if (frame[i] != want[i] && (s->is_crc || !is_in(i, s->l4 + s->field, 2)) &&
            (s->version == 6 || !is_in(i, s->l3 + 10, 2)))
            return false;
    return true;
}

/*
 * Has n bytes stored at `at` of a specimen as it is, and checks all that the contract says; leaves
 * the changed frame in `changed`. Returns the status.
 */
static uint8_t changed[SPECIMEN_MOST];
static struct csumoff_layout changed_layout;

static int rewrite(const struct specimen *s, enum csumoff_state state, size_t at,
                   const uint8_t *bytes, size_t n)
{
    static uint8_t want[SPECIMEN_MOST];
    uint8_t *frame = rng_below(&rng, 2) ? page.begin : page.end - s->len;
    struct csumoff_layout layout, given, again;
    uint64_t pseudo = 0;
    unsigned classes = 0;
    const char *wrong = NULL;
    size_t i;
    int status;

    memset(&layout, 0xA5, sizeof layout);
    memset(&again, 0xA5, sizeof again);
    memcpy(frame, s->bytes, s->len);
    CHECK_EQ(find(s, frame, &layout), CSUMOFF_OK);
    given = layout;
    memcpy(want, s->bytes, s->len);
    for (i = 0; i < n; i++) {
        if (at + i < s->len) {
            classes |= class_of(s, state, at + i, s->bytes[at + i], bytes[i]);
            want[at + i] = bytes[i];
        } else {
            classes |= OUTSIDE;
        }
    }
    status = csumoff_rewrite(frame, s->len, &layout, state, at,
                             n ? guarded_copy(&bytes_page, bytes, n) : NULL, n);
    memcpy(changed, frame, s->len);
    changed_layout = layout;
    if (!is_expected(status, classes)) {
        wrong = "status";
    } else if (status != CSUMOFF_OK) {
        if (!same_bytes(frame, s->bytes, s->len))
            wrong = "frame";
        else if (!same_bytes(&layout, &given, sizeof layout))
            wrong = "layout";
    } else if (!only_checksums_differ(s, frame, want)) {
        wrong = "bytes";
    } else if (find(s, frame, &again) != CSUMOFF_OK || !same_places(&layout, &again) ||
               !same_places(&layout, &given)) {
        wrong = "places";
    } else {
        /* Where bytes that may be refused moved an address, locating has the last word. What of
         * OSPF is not summed is in the library's pseudo-header. */
        pseudo = classes & MAY_REFUSE || s->skip_len ? wire_sum(again.pseudo)
                                                     : specimen_pseudo(s, frame);
        if (!layout.pseudo != !pseudo || !same_sum(folded(layout.pseudo), ref_fold(pseudo)) ||
            !same_sum(folded(again.pseudo), ref_fold(pseudo)))
            wrong = "pseudo";
        else if (!is_right_l3(s, s->bytes, frame))
            wrong = "IPv4 header checksum";
        else if (!is_right_l4(s, state, s->bytes, frame, pseudo))
            wrong = "L4 checksum";
    }
    if (wrong)
        ck_abort_msg("%s: status %d, kinds of bytes 0x%X: %zu bytes at %zu, state %d, field "
                     "0x%04X now 0x%04X, pseudo 0x%04X now 0x%04X: %s",
                     wrong, status, classes, n, at, (int)state,
                     load_wire16(s->bytes + s->l4 + s->field),
                     load_wire16(frame + s->l4 + s->field), folded(given.pseudo),
                     folded(layout.pseudo), specimen_text(s));
    return status;
}

/* ---- What the fields hold before --------------------------------------------------------- */

enum content {
    RIGHT,
    SEEDED,
    SEEDED_GSO,
    ZERO,
    WRONG,
    CONTENTS
};

/* Fills the fields in and chooses a state that goes with the content; with SCTP nothing changes. */
static enum csumoff_state prepare(struct specimen *s, enum content content)
{
    uint8_t *field = s->bytes + s->l4 + s->field;

    specimen_fill(s, s->bytes);
    if (s->version == 4 && rng_below(&rng, 8) == 0)
        store_wire16(s->bytes + s->l3 + 10, rng_below(&rng, 2) ? 0 : (uint16_t)rng_u32(&rng));
    if (s->is_crc)
        return (enum csumoff_state)rng_below(&rng, 4);
    if (s->skip_len) /* takes no seed, and has something in place of a pseudo-header */
        content = content == WRONG ? WRONG : RIGHT;
    switch (content) {
    case SEEDED:
        store_wire16(field, specimen_seed(s, s->bytes));
        return CSUMOFF_PARTIAL;
    case SEEDED_GSO:
        store_wire16(field, specimen_seed_gso(s, s->bytes));
        return CSUMOFF_PARTIAL;
    case ZERO:
        store_wire16(field, 0);
        return (enum csumoff_state)rng_below(&rng, 4);
    case WRONG:
        store_wire16(field, (uint16_t)rng_u32(&rng));
        return (enum csumoff_state)rng_below(&rng, s->skip_len ? 3 : 4);
    default:
        return (enum csumoff_state)rng_below(&rng, 3);
    }
}

/* New bytes for a place: random ones, those there but for one, zeros, ones, the same words in
 * another order, or the same. */
static void choose_bytes(uint8_t *bytes, const uint8_t *there, size_t n)
{
    rng_fill(&rng, bytes, n);
    switch (n ? rng_below(&rng, 6) : 0) {
    case 0:
        memcpy(bytes, there, n);
        bytes[rng_below(&rng, n)] ^= (uint8_t)(1 + rng_below(&rng, 255));
        break;
    case 1:
        memset(bytes, 0, n);
        break;
    case 2:
        memset(bytes, 0xFF, n);
        break;
    case 3:
        memcpy(bytes, there, n);
        if (n >= 4) {
            memcpy(bytes, there + 2, 2);
            memcpy(bytes + 2, there, 2);
        }
        break;
    default:
        break;
    }
}

/* Any bytes at a place, the fields holding anything. */
static int rewrite_any(struct specimen *s, size_t at, size_t n)
{
    static uint8_t bytes[SPECIMEN_MOST];
    const enum csumoff_state state = prepare(s, (enum content)rng_below(&rng, CONTENTS));

    memset(bytes, 0, sizeof bytes);
    if (at + n <= s->len && n)
        choose_bytes(bytes, s->bytes + at, n);
    return rewrite(s, state, at, bytes, n);
}

/* ---- All of a kind ----------------------------------------------------------------------- */

static void every_place(struct specimen *s)
{
    size_t at, n;

    for (at = s->level ? s->l3 - 2 : 0; at <= s->len + 1; at++) {
        if (effort_quick()) {
            (void)rewrite_any(s, at, 1 + rng_below(&rng, 20));
            continue;
        }
        for (n = 1; n <= 20; n++)
            (void)rewrite_any(s, at, n);
    }
}

/* Each offset with each length 1..20. */
START_TEST(every_offset_and_length)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        every_place(&made);
    }
}
END_TEST

/* Each single byte, and what must be possible is. */
START_TEST(every_byte)
{
    size_t i, at, ok = 0;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        for (at = 0; at < made.len; at++)
            ok += rewrite_any(&made, at, 1) == CSUMOFF_OK;
    }
    CHECK(ok > specimen_count() * 20);
}
END_TEST

/* Spans over several fields, up to the whole datagram. */
START_TEST(long_spans)
{
    size_t i, round, rounds = effort(200, 20);

    for (round = 0; round < rounds; round++) {
        for (i = 0; i < specimen_count(); i++) {
            size_t at;

            specimen_make(&made, i, &rng);
            at = round % 2 ? made.l4 + made.field + 2 + rng_below(&rng, 6)
                           : rng_below(&rng, made.len);
            if (at < made.end)
                (void)rewrite_any(&made, at, 1 + rng_below(&rng, made.end - at));
        }
    }
}
END_TEST

/* Packets of all recipes, on each level of tunnels. */
START_TEST(random_packets)
{
    size_t i, j, ok = 0, rounds = effort(60000, 6000);

    for (i = 0; i < rounds; i++) {
        specimen_random(&made, 3, &rng);
        for (j = 0; j < 4; j++) {
            const size_t at = rng_below(&rng, 4) ? made.l3 + rng_below(&rng, made.end - made.l3)
                                                 : rng_below(&rng, made.len);

            ok += rewrite_any(&made, at, 1 + rng_below(&rng, rng_below(&rng, 8) ? 4 : 40)) ==
                  CSUMOFF_OK;
        }
    }
    CHECK(ok > rounds);
}
END_TEST

/* A packet inside a tunnel, by its own layout: the packet around it is left alone. */
START_TEST(inside_a_tunnel)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make_inside(&made, i, &rng);
        every_place(&made);
    }
}
END_TEST

/* ---- By name ----------------------------------------------------------------------------- */

/* The first specimen of that protocol over that version, without extension headers or options. */
static void make_plain(unsigned version, uint8_t proto)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.version == version && made.proto == proto &&
            made.l4 - made.l3 == (version == 4 ? 20 : 40))
            return;
    }
    ck_abort_msg("no specimen of protocol %u over IPv%u", proto, version);
}

enum from {
    L3,
    L4
};

/* Stores random bytes at a named place, under every content of the fields. */
static void check_place(const char *name, size_t at, size_t n, int want)
{
    uint8_t bytes[40];
    size_t content, i;
    int status;

    for (i = 0; i < 20; i++)
        for (content = 0; content < CONTENTS; content++) {
            const enum csumoff_state state = prepare(&made, (enum content)content);

            rng_fill(&rng, bytes, n);
            status = rewrite(&made, state, at, bytes, n);
            if (status != want)
                ck_abort_msg("%s: status %d, not %d: %s", name, status, want, specimen_text(&made));
        }
}

/* What a NAT, a router or a middlebox changes can be changed. */
START_TEST(what_can_be_rewritten)
{
    static const struct {
        const char *name;
        unsigned version;
        uint8_t proto;
        enum from from;
        size_t offset, n;
    } places[] = {
        {"TOS", 4, PROTO_TCP, L3, 1, 1},
        {"ID", 4, PROTO_TCP, L3, 4, 2},
        {"TTL", 4, PROTO_TCP, L3, 8, 1},
        {"TTL over SCTP", 4, PROTO_SCTP, L3, 8, 1},
        {"source", 4, PROTO_TCP, L3, 12, 4},
        {"destination", 4, PROTO_TCP, L3, 16, 4},
        {"both addresses", 4, PROTO_UDP, L3, 12, 8},
        {"source of ICMP", 4, PROTO_ICMP, L3, 12, 4},
        {"source of SCTP", 4, PROTO_SCTP, L3, 12, 4},
        {"destination of SCTP", 6, PROTO_SCTP, L3, 24, 16},
        {"flow label", 6, PROTO_UDP, L3, 2, 2},
        {"hop limit", 6, PROTO_TCP, L3, 7, 1},
        {"source", 6, PROTO_TCP, L3, 8, 16},
        {"destination", 6, PROTO_UDP, L3, 24, 16},
        {"prefix of an address", 6, PROTO_ICMPV6, L3, 8, 8},
        {"both addresses", 6, PROTO_UDPLITE, L3, 8, 32},
        {"source port", 4, PROTO_TCP, L4, 0, 2},
        {"destination port", 6, PROTO_TCP, L4, 2, 2},
        {"both ports", 4, PROTO_UDP, L4, 0, 4},
        {"sequence", 4, PROTO_TCP, L4, 4, 4},
        {"acknowledgement", 4, PROTO_TCP, L4, 8, 4},
        {"sequence and acknowledgement", 6, PROTO_TCP, L4, 4, 8},
        {"flags", 4, PROTO_TCP, L4, 13, 1},
        {"window", 6, PROTO_TCP, L4, 14, 2},
        {"urgent pointer", 4, PROTO_TCP, L4, 18, 2},
        {"identifier of an echo", 4, PROTO_ICMP, L4, 4, 2},
        {"identifier of an echo", 6, PROTO_ICMPV6, L4, 4, 2},
        {"type and code", 4, PROTO_ICMP, L4, 0, 2},
        {"ports", 4, PROTO_UDPLITE, L4, 0, 4},
        {"ports", 6, PROTO_DCCP, L4, 0, 4},
        {"group", 4, PROTO_IGMP, L4, 4, 4},
    };
    size_t i;

    for (i = 0; i < sizeof places / sizeof *places; i++) {
        make_plain(places[i].version, places[i].proto);
        check_place(places[i].name, (places[i].from == L3 ? made.l3 : made.l4) + places[i].offset,
                    places[i].n, CSUMOFF_OK);
    }
}
END_TEST

/* The traffic class is in byte 0, which the version is in as well. */
START_TEST(traffic_class)
{
    uint8_t bytes[2];
    size_t i;

    make_plain(6, PROTO_TCP);
    for (i = 0; i < 256; i++) {
        (void)prepare(&made, RIGHT);
        bytes[0] = (uint8_t)(0x60 | i / 16);
        bytes[1] = (uint8_t)(i << 4 | made.bytes[made.l3 + 1] % 16);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l3, bytes, 2), CSUMOFF_OK);
        bytes[0] = (uint8_t)i;
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l3, bytes, 1),
                 i / 16 == 6 ? CSUMOFF_OK : CSUMOFF_EHDR);
    }
}
END_TEST

/* The MSS of a SYN, as a router clamps it, and all other TCP options. */
START_TEST(tcp_options)
{
    size_t i, at;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.proto != PROTO_TCP || made.bytes[made.l4 + 12] / 16 != 8)
            continue;
        check_place("MSS", made.l4 + 22, 2, CSUMOFF_OK);
        for (at = 20; at < 32; at++)
            check_place("TCP option", made.l4 + at, 1, CSUMOFF_OK);
        check_place("all TCP options", made.l4 + 20, 12, CSUMOFF_OK);
    }
}
END_TEST

/* What decides where things are, or is a checksum, cannot be; not even by the same bytes. */
START_TEST(what_cannot_be_rewritten)
{
    static const struct {
        const char *name;
        unsigned version;
        uint8_t proto;
        enum from from;
        size_t offset, n;
    } places[] = {
        {"version and IHL", 4, PROTO_TCP, L3, 0, 1},
        {"first byte of the total length", 4, PROTO_TCP, L3, 2, 1},
        {"total length", 4, PROTO_UDP, L3, 2, 2},
        {"last byte of the total length", 4, PROTO_ICMP, L3, 3, 1},
        {"fragment", 4, PROTO_TCP, L3, 6, 2},
        {"last byte of the fragment", 4, PROTO_UDP, L3, 7, 1},
        {"protocol", 4, PROTO_TCP, L3, 9, 1},
        {"header checksum", 4, PROTO_TCP, L3, 10, 2},
        {"header checksum", 4, PROTO_SCTP, L3, 10, 2},
        {"second byte of the header checksum", 4, PROTO_TCP, L3, 11, 1},
        {"TTL to header checksum", 4, PROTO_TCP, L3, 8, 4},
        {"payload length", 6, PROTO_TCP, L3, 4, 2},
        {"next header", 6, PROTO_TCP, L3, 6, 1},
        {"next header and hop limit", 6, PROTO_UDP, L3, 6, 2},
        {"TCP checksum", 4, PROTO_TCP, L4, 16, 2},
        {"first byte of the checksum", 6, PROTO_TCP, L4, 16, 1},
        {"second byte of the checksum", 4, PROTO_UDP, L4, 7, 1},
        {"UDP length", 4, PROTO_UDP, L4, 4, 2},
        {"UDP length", 6, PROTO_UDP, L4, 5, 1},
        {"UDP ports to length", 6, PROTO_UDP, L4, 0, 6},
        {"UDP checksum", 6, PROTO_UDP, L4, 6, 2},
        {"ICMP checksum", 4, PROTO_ICMP, L4, 2, 2},
        {"ICMPv6 checksum", 6, PROTO_ICMPV6, L4, 2, 2},
        {"UDP-Lite checksum", 4, PROTO_UDPLITE, L4, 6, 2},
        {"DCCP checksum", 6, PROTO_DCCP, L4, 6, 2},
        {"GRE checksum", 4, PROTO_GRE, L4, 4, 2},
        {"window and checksum", 4, PROTO_TCP, L4, 14, 4},
    };
    size_t i, p;

    for (i = 0; i < sizeof places / sizeof *places; i++) {
        const size_t n = places[i].n;
        size_t at;

        make_plain(places[i].version, places[i].proto);
        at = (places[i].from == L3 ? made.l3 : made.l4) + places[i].offset;
        check_place(places[i].name, at, n, CSUMOFF_EHDR);
        for (p = 0; p < CONTENTS; p++) {
            const enum csumoff_state state = prepare(&made, (enum content)p);
            uint8_t same[8];

            memcpy(same, made.bytes + at, n);
            CHECK_EQ(rewrite(&made, state, at, same, n), CSUMOFF_EHDR);
        }
    }
}
END_TEST

/* The data offset; the reserved bits beside it are nobody's. */
START_TEST(data_offset)
{
    size_t i;

    make_plain(4, PROTO_TCP);
    for (i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;

        (void)prepare(&made, RIGHT);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l4 + 12, &byte, 1),
                 byte / 16 == made.bytes[made.l4 + 12] / 16 ? CSUMOFF_OK : CSUMOFF_EHDR);
    }
}
END_TEST

/* The extension chain: no other next header, no other length. (Options that look like headers may
 * lead to the same place by another length: then nothing is elsewhere.) */
START_TEST(extension_chain)
{
    size_t i, at, refused = 0, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        uint8_t byte;

        specimen_make(&made, i, &rng);
        if (made.version != 6 || made.l4 - made.l3 == 40)
            continue;
        (void)prepare(&made, RIGHT);
        at = made.l3 + 40;
        byte =
            made.bytes[at] == PROTO_TCP ? PROTO_UDP : PROTO_TCP; /* the first one's next header */
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at, &byte, 1), CSUMOFF_EHDR);
        byte = (uint8_t)(made.bytes[at + 1] ^ 1);
        refused += rewrite(&made, CSUMOFF_NONE, at + 1, &byte, 1) == CSUMOFF_EHDR;
        tried++;
    }
    CHECK(tried > 100 && refused > tried * 9 / 10);
}
END_TEST

/* SCTP: nothing under its CRC32c; the IP header around it as ever. */
START_TEST(sctp)
{
    size_t i, at;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.proto != PROTO_SCTP)
            continue;
        for (at = made.l4; at < made.end; at++) {
            const uint8_t byte = (uint8_t)rng_u32(&rng);
            int status;

            (void)prepare(&made, RIGHT);
            status = rewrite(&made, CSUMOFF_NONE, at, &byte, 1);
            if (!is_in(at, made.l4 + 8, 4))
                CHECK_EQ(status, CSUMOFF_ENOTSUP);
        }
    }
}
END_TEST

/* Bytes that UDP-Lite and DCCP do not cover change, and the checksum does not. */
START_TEST(outside_the_coverage)
{
    size_t i, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        uint8_t bytes[8];
        size_t at, n;

        specimen_make(&made, i, &rng);
        if ((made.proto != PROTO_UDPLITE && made.proto != PROTO_DCCP) ||
            made.l4 + made.covered + 2 > made.end)
            continue;
        (void)prepare(&made, RIGHT);
        at = made.l4 + made.covered;
        n = made.end - at < sizeof bytes ? made.end - at : sizeof bytes;
        rng_fill(&rng, bytes, sizeof bytes);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at, bytes, n), CSUMOFF_OK);
        CHECK(same_bytes(changed + made.l4, made.bytes + made.l4, made.covered));
        /* Half of them inside: those alone count. */
        if (made.covered > made.field + 2)
            CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at - 1, bytes, 2), CSUMOFF_OK);
        tried++;
    }
    CHECK(tried > 20);
}
END_TEST

/* ---- Source routes ----------------------------------------------------------------------- */

/* The route's end is in the pseudo-header, the next hop in the IP header is not. */
START_TEST(source_routes)
{
    size_t i, content, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        size_t size, hop;

        specimen_make(&made, i, &rng);
        if (!made.is_routed || !made.has_pseudo || (made.proto == PROTO_UDP && made.version == 4))
            continue;
        size = made.version == 4 ? 4 : 16;
        hop = made.l3 + (made.version == 4 ? 16 : 24);
        for (content = 0; content < CONTENTS; content++) {
            const enum csumoff_state state = prepare(&made, (enum content)content);
            uint8_t bytes[16];

            rng_fill(&rng, bytes, sizeof bytes);
            CHECK_EQ(rewrite(&made, state, made.target, bytes, size - made.shared), CSUMOFF_OK);
            CHECK(!same_sum(specimen_seed(&made, made.bytes), specimen_seed(&made, changed)));
            if (made.shared)
                continue;
            CHECK_EQ(rewrite(&made, state, hop, bytes, size), CSUMOFF_OK);
            CHECK(same_bytes(changed + made.l4, made.bytes + made.l4, made.len - made.l4));
            CHECK_EQ(folded(changed_layout.pseudo), ref_fold(specimen_pseudo(&made, made.bytes)));
        }
        tried++;
    }
    CHECK(tried > 50);
}
END_TEST

/* UDP's checksum may be the next hop's there, as Linux makes it: nobody knows which of them it is,
 * so neither address is changed. What is in no pseudo-header is. */
START_TEST(udp_along_a_route_of_ipv4)
{
    size_t i, content, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (!made.is_routed || made.proto != PROTO_UDP || made.version != 4)
            continue;
        for (content = 0; content < CONTENTS; content++) {
            const enum csumoff_state state = prepare(&made, (enum content)content);
            uint8_t bytes[4];

            rng_fill(&rng, bytes, sizeof bytes);
            CHECK_EQ(rewrite(&made, state, made.l3 + 16, bytes, 4), CSUMOFF_ENOTSUP);
            CHECK_EQ(rewrite(&made, state, made.target, bytes, 4), CSUMOFF_ENOTSUP);
            CHECK_EQ(rewrite(&made, state, made.l3 + 8, bytes, 1), CSUMOFF_OK);
        }
        tried++;
    }
    CHECK(tried > 0);
}
END_TEST

/* A hop's prefix is that of the end of a compressed route: refused, or both are right. */
START_TEST(compressed_routes)
{
    size_t i, at, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (!made.shared)
            continue;
        for (at = 24; at < 40; at++) {
            (void)rewrite_any(&made, made.l3 + at, 1);
            (void)rewrite_any(&made, made.l3 + at, 40 - at);
        }
        tried++;
    }
    CHECK(tried > 20);
}
END_TEST

/* A home address option has the source, and the IP header's own source is nobody's. */
START_TEST(home_address)
{
    size_t i, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        enum csumoff_state state;
        uint8_t bytes[16];

        specimen_make(&made, i, &rng);
        if (made.version == 4 || made.source == made.l3 + 8 || !made.has_pseudo)
            continue;
        state = prepare(&made, tried % 2 ? SEEDED : RIGHT);
        rng_fill(&rng, bytes, sizeof bytes);
        CHECK_EQ(rewrite(&made, state, made.source, bytes, 16), CSUMOFF_OK);
        CHECK(!same_sum(specimen_seed(&made, made.bytes), specimen_seed(&made, changed)));
        CHECK_EQ(rewrite(&made, state, made.l3 + 8, bytes, 16), CSUMOFF_OK);
        CHECK(same_bytes(changed + made.l4, made.bytes + made.l4, made.len - made.l4));
        tried++;
    }
    CHECK(tried > 20);
}
END_TEST

/* ---- Zeros ------------------------------------------------------------------------------- */

/* A word of the payload that makes the sum 0: UDP and UDP-Lite store 0xFFFF, TCP 0. */
START_TEST(sums_of_zero)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_ICMPV6};
    size_t i, version, round;

    for (i = 0; i < sizeof protos; i++)
        for (version = protos[i] == PROTO_ICMPV6 ? 6 : 4; version <= 6; version += 2)
            for (round = 0; round < 50; round++) {
                uint8_t word[2] = {0, 0};
                uint8_t scratch[SPECIMEN_MOST];
                size_t at;

                make_plain((unsigned)version, protos[i]);
                /* Of UDP the source port, of others the first word behind the header. */
                at = made.l4 + (protos[i] == PROTO_UDP ? 0u : protos[i] == PROTO_TCP ? 4u : 0u);
                (void)prepare(&made, RIGHT);
                memcpy(scratch, made.bytes, made.len);
                memcpy(scratch + at, word, 2);
                /* The word that is missing is the checksum without it. */
                store_wire16(word, specimen_complete(&made, scratch));
                memcpy(scratch + at, word, 2);
                CHECK(same_sum(specimen_complete(&made, scratch), 0));
                CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at, word, 2), CSUMOFF_OK);
                CHECK_EQ(load_wire16(changed + made.l4 + made.field),
                         protos[i] == PROTO_UDP || protos[i] == PROTO_UDPLITE ? 0xFFFF : 0);
            }
}
END_TEST

/* UDP 0, a seed of 0 and a blank IPv4 header stay 0, whatever changes. */
START_TEST(zeros_stay)
{
    size_t i, state;

    for (i = 0; i < specimen_count(); i++) {
        uint8_t bytes[16];

        specimen_make(&made, i, &rng);
        if (made.is_crc || made.skip_len || (made.is_routed && made.version == 4))
            continue;
        for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state++) {
            (void)prepare(&made, ZERO);
            if (made.version == 4)
                store_wire16(made.bytes + made.l3 + 10, 0);
            rng_fill(&rng, bytes, sizeof bytes);
            CHECK_EQ(rewrite(&made, (enum csumoff_state)state,
                             made.l3 + (made.version == 4 ? 12 : 8), bytes,
                             made.version == 4 ? 4 : 16),
                     CSUMOFF_OK);
            if (made.version == 4 && specimen_l3(&made, made.bytes) != 0)
                CHECK_EQ(load_wire16(changed + made.l3 + 10), 0);
            if (made.proto == PROTO_UDP || state == CSUMOFF_PARTIAL)
                CHECK_EQ(load_wire16(changed + made.l4 + made.field), 0);
        }
    }
}
END_TEST

/* ---- Tunnels ----------------------------------------------------------------------------- */

/* A tunnel header without a checksum has its IPv4 header, and nothing else, to bring up to date. */
START_TEST(tunnel_without_a_checksum)
{
    static uint8_t frame[SPECIMEN_MOST], before[SPECIMEN_MOST];
    size_t i, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        const size_t outer = 20;
        struct csumoff_layout levels[2], again[2];
        uint8_t bytes[8];
        size_t count = 0, len;

        do
            specimen_make(&made, i, &rng);
        while (made.is_ethernet);
        specimen_fill(&made, made.bytes);
        len = made.len + outer;
        memcpy(frame + outer, made.bytes, made.len);
        rng_fill(&rng, frame, outer);
        frame[0] = 0x45;
        store_wire16(frame + 2, (uint16_t)len);
        store_wire16(frame + 6, 0);
        frame[9] = made.version == 4 ? 4 : 41;
        store_wire16(frame + 10, ref_ipv4_header(frame, 20));
        memcpy(before, frame, len);
        CHECK_EQ(csumoff_locate_all(frame, len, CSUMOFF_LINK_IP, levels, 2, &count), CSUMOFF_OK);
        CHECK_EQ(count, 2);
        CHECK_EQ(levels[0].csum_kind, CSUMOFF_NO_CHECKSUM);
        rng_fill(&rng, bytes, sizeof bytes);

        CHECK_EQ(csumoff_rewrite(frame, len, &levels[0], CSUMOFF_NONE, 8, bytes, 1), CSUMOFF_OK);
        CHECK_EQ(csumoff_rewrite(frame, len, &levels[0], CSUMOFF_NONE, 12, bytes, 8), CSUMOFF_OK);
        CHECK_EQ(csumoff_rewrite(frame, len, &levels[0], CSUMOFF_NONE, 9, bytes, 1), CSUMOFF_EHDR);
        CHECK_EQ(csumoff_rewrite(frame, len, &levels[0], CSUMOFF_NONE, 10, bytes, 2), CSUMOFF_EHDR);
        before[8] = bytes[0];
        memcpy(before + 12, bytes, 8);
        store_wire16(before + 10, ref_ipv4_header(before, 20));
        CHECK(same_bytes(frame, before, len));
        CHECK_EQ(csumoff_locate_all(frame, len, CSUMOFF_LINK_IP, again, 2, &count), CSUMOFF_OK);
        CHECK(same_places(&again[0], &levels[0]) && again[0].pseudo == levels[0].pseudo);
        tried++;
    }
    CHECK(tried == specimen_count());
}
END_TEST

/* NAT of the packet outside while the seed is that of the packet inside: its own is complete. */
START_TEST(outside_of_a_seeded_packet)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        struct csumoff_layout levels[2];
        uint8_t address[4], *udp;
        size_t count;
        uint64_t sum;

        specimen_make_inside(&made, i, &rng);
        if (made.proto != PROTO_TCP)
            continue;
        (void)prepare(&made, SEEDED);
        udp = made.bytes + 14 + 20;
        store_wire16(made.bytes + 24, ref_ipv4_header(made.bytes + 14, 20));
        store_wire16(udp + 6, 0);
        sum = ref_pseudo4(made.bytes + 26, made.bytes + 30, PROTO_UDP, (uint32_t)(made.len - 34));
        store_wire16(udp + 6, ref_checksum(sum + ref_sum(udp, made.len - 34)));
        CHECK_EQ(csumoff_locate_all(made.bytes, made.len, CSUMOFF_LINK_ETHERNET, levels, 2, &count),
                 CSUMOFF_OK);
        CHECK_EQ(count, 2);
        rng_fill(&rng, address, 4);
        CHECK_EQ(csumoff_rewrite(made.bytes, made.len, &levels[0], CSUMOFF_NONE, 26, address, 4),
                 CSUMOFF_OK);
        CHECK(same_bytes(made.bytes + 26, address, 4));
        sum = ref_pseudo4(made.bytes + 26, made.bytes + 30, PROTO_UDP, (uint32_t)(made.len - 34));
        CHECK_EQ(ref_fold(sum + ref_sum(udp, made.len - 34)), 0xFFFF);
        CHECK_EQ(load_wire16(made.bytes + 24), ref_ipv4_header(made.bytes + 14, 20));
        CHECK_EQ(load_wire16(made.bytes + made.l4 + made.field), specimen_seed(&made, made.bytes));
    }
}
END_TEST

/* ---- Bounds ------------------------------------------------------------------------------ */

START_TEST(bounds)
{
    static const uint8_t bytes[64];
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        struct csumoff_layout layout, given;
        size_t len;

        specimen_make(&made, i, &rng);
        specimen_fill(&made, made.bytes);
        CHECK_EQ(find(&made, made.bytes, &layout), CSUMOFF_OK);
        given = layout;
        /* Nothing to store. */
        CHECK_EQ(csumoff_rewrite(made.bytes, made.len, &layout, CSUMOFF_NONE, made.l4, NULL, 0),
                 CSUMOFF_OK);
        /* Outside, also where the place or its end wraps. */
        memcpy(page.begin, made.bytes, made.len);
        CHECK_EQ(csumoff_rewrite(page.begin, made.len, &layout, CSUMOFF_NONE, SIZE_MAX, bytes, 1),
                 CSUMOFF_ERANGE);
        CHECK_EQ(
            csumoff_rewrite(page.begin, made.len, &layout, CSUMOFF_NONE, SIZE_MAX - 3, bytes, 64),
            CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_rewrite(page.begin, made.len, &layout, CSUMOFF_NONE, made.l4, bytes,
                                 SIZE_MAX - made.l4 + 1),
                 CSUMOFF_ERANGE);
        CHECK_EQ(
            csumoff_rewrite(page.begin, made.len, &layout, CSUMOFF_NONE, made.l4, bytes, SIZE_MAX),
            CSUMOFF_ERANGE);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.end, bytes, 1), CSUMOFF_ERANGE);
        if (made.l3)
            CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l3 - 1, bytes, 2) == CSUMOFF_OK, false);
        /* The frame is shorter than its layout: nothing of it is read. */
        for (len = 0; len < made.end; len++)
            CHECK_EQ(csumoff_rewrite(memcpy(page.end - len, made.bytes, len), len, &layout,
                                     CSUMOFF_NONE, made.l3 + 12, bytes, 4),
                     CSUMOFF_ERANGE);
        CHECK(same_bytes(&layout, &given, sizeof layout));
    }
}
END_TEST

/* Under a seed everything to the end of the frame is summed later, by the device: not behind it. */
START_TEST(behind_what_a_seed_covers)
{
    const uint8_t bytes[2] = {1, 2};
    size_t i, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.proto != PROTO_UDP || made.l4 + made.covered == made.end ||
            (made.is_routed && made.version == 4))
            continue;
        (void)prepare(&made, SEEDED);
        CHECK_EQ(rewrite(&made, CSUMOFF_PARTIAL, made.l4 + made.covered, bytes, 2), CSUMOFF_ERANGE);
        if (made.covered > 8)
            CHECK_EQ(rewrite(&made, CSUMOFF_PARTIAL, made.l4 + made.covered - 1, bytes, 2),
                     CSUMOFF_ERANGE);
        (void)prepare(&made, RIGHT);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l4 + made.covered, bytes, 2), CSUMOFF_OK);
        tried++;
    }
    CHECK(tried > 10);
}
END_TEST

/* Headers of 616 bytes: refused, or right. */
/* The option that gives a jumbogram its length decides where things are. */
START_TEST(jumbo_option)
{
    static struct packet packet;
    struct packet_spec spec = spec_plain(6, PROTO_UDP, 66001, NULL);
    struct csumoff_layout layout;
    size_t i, option;

    strcpy(spec.level[0].chain, "j");
    spec.level[0].is_udp_zero = true;
    packet_build(&packet, &spec, &rng);
    packet_seal(&packet);
    CHECK_EQ(csumoff_locate(packet.bytes, packet.len, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_OK);
    for (option = layout.l3_start + 42; packet.bytes[option] != 0xC2; option++)
        CHECK(option < layout.l4_start);
    for (i = 0; i < 6; i++) {
        const uint8_t before = packet.bytes[option + i], other = (uint8_t)(before ^ 1);

        CHECK_EQ(
            csumoff_rewrite(packet.bytes, packet.len, &layout, CSUMOFF_NONE, option + i, &other, 1),
            CSUMOFF_EHDR);
        CHECK_EQ(packet.bytes[option + i], before);
    }
}
END_TEST

/* An IPv4 header checksum that is wrong must not become 0, which would be left to the card. */
START_TEST(wrong_never_becomes_blank)
{
    size_t i, some = 0;

    for (i = 0; i < 65536; i++) {
        struct csumoff_layout layout;
        struct csumoff_report report;
        uint8_t frame[40] = {0x45, 0, 0,   40, 0, 0, 0x40, 0, 64, 6,
                             0,    0, 192, 0,  2, 1, 192,  0, 2,  2};
        const uint8_t word[2] = {(uint8_t)(i >> 8), (uint8_t)i};

        frame[32] = 0x50;
        CHECK_EQ(csumoff_fill(frame, sizeof frame, CSUMOFF_LINK_IP), CSUMOFF_OK);
        CHECK_EQ(csumoff_locate(frame, sizeof frame, CSUMOFF_LINK_IP, &layout), CSUMOFF_OK);
        frame[15] ^= 0x40; /* the damage */
        CHECK_EQ(csumoff_rewrite(frame, sizeof frame, &layout, CSUMOFF_NONE, 12, word, 2),
                 CSUMOFF_OK);
        CHECK_EQ(csumoff_inspect(frame, sizeof frame, CSUMOFF_LINK_IP, &report), CSUMOFF_OK);
        CHECK_EQ(report.l3, CSUMOFF_BAD);
        some += report.l3_found == 0xFFFF;
    }
    CHECK(some > 0);
}
END_TEST

/* An IPv4 header checksum that is 0 and right is one like any other. */
START_TEST(right_though_zero)
{
    uint8_t frame[40] = {0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    struct csumoff_layout layout;
    uint8_t id[2];
    static const uint8_t other[2] = {0x12, 0x34};

    frame[32] = 0x50;
    CHECK_EQ(csumoff_fill(frame, sizeof frame, CSUMOFF_LINK_IP), CSUMOFF_OK);
    CHECK_EQ(csumoff_locate(frame, sizeof frame, CSUMOFF_LINK_IP, &layout), CSUMOFF_OK);
    memcpy(id, frame + 10, sizeof id); /* with this in it the header sums to nothing */
    CHECK_EQ(csumoff_rewrite(frame, sizeof frame, &layout, CSUMOFF_NONE, 4, id, 2), CSUMOFF_OK);
    CHECK_EQ(load_wire16(frame + 10), 0);
    CHECK_EQ(csumoff_verify(frame, sizeof frame, CSUMOFF_LINK_IP), CSUMOFF_OK);
    CHECK_EQ(csumoff_rewrite(frame, sizeof frame, &layout, CSUMOFF_NONE, 4, other, 2), CSUMOFF_OK);
    CHECK_EQ(load_wire16(frame + 10), ref_ipv4_header(frame, 20));
}
END_TEST

START_TEST(long_headers)
{
    enum {
        LONG = 576,
        L4_AT = 40 + LONG,
        L4_LEN = 20 + 40,
        LEN = L4_AT + L4_LEN
    };
    static uint8_t frame[LEN], before[LEN];
    struct csumoff_layout layout, given;
    uint8_t bytes[16];
    uint64_t pseudo;
    size_t at, refused = 0;
    int status;

    for (at = 8; at < LEN - 4; at += at == 8 ? 16 : at == 24 ? L4_AT - 24 : 2) {
        if (at == L4_AT + 12 || at == L4_AT + 10 || at == L4_AT + 14 || at == L4_AT + 16)
            continue;
        rng_fill(&rng, frame, sizeof frame);
        frame[0] = 0x60;
        store_wire16(frame + 4, LEN - 40);
        frame[6] = 60;
        frame[40] = PROTO_TCP;
        frame[41] = LONG / 8 - 1;
        memset(frame + 42, 0, LONG - 2);
        frame[L4_AT + 12] = 0x50;
        pseudo = ref_pseudo6(frame + 8, frame + 24, PROTO_TCP, L4_LEN);
        store_wire16(frame + L4_AT + 16, ref_transport(pseudo, frame + L4_AT, L4_LEN, 16));
        memcpy(before, frame, LEN);
        CHECK_EQ(csumoff_locate(frame, LEN, CSUMOFF_LINK_IP, &layout), CSUMOFF_OK);
        given = layout;
        rng_fill(&rng, bytes, sizeof bytes);
        status = csumoff_rewrite(frame, LEN, &layout, CSUMOFF_NONE, at, bytes, at < 40 ? 16 : 2);
        if (status == CSUMOFF_OK) {
            pseudo = ref_pseudo6(frame + 8, frame + 24, PROTO_TCP, L4_LEN);
            CHECK_EQ(load_wire16(frame + L4_AT + 16),
                     ref_transport(pseudo, frame + L4_AT, L4_LEN, 16));
            CHECK(same_bytes(frame + at, bytes, at < 40 ? 16 : 2));
        } else {
            CHECK_EQ(status, CSUMOFF_ENOTSUP);
            CHECK(same_bytes(frame, before, LEN) && same_bytes(&layout, &given, sizeof layout));
            refused++;
        }
    }
    printf("# headers of %d bytes: %zu refused\n", L4_AT, refused);
    fflush(stdout);
}
END_TEST

/* Stores random bytes in the only level of a packet, whose checksums are right, and checks that
 * they are afterwards. */
static void check_large(struct packet *p, enum csumoff_link link, size_t at, size_t n)
{
    const struct level *l = &p->level[0];
    const size_t size = l->version == 4 ? 4 : 16;
    static uint8_t frame[PACKET_SIZE];
    struct csumoff_layout layout, again;
    uint8_t bytes[16];

    memcpy(frame, p->bytes, p->len);
    CHECK_EQ(csumoff_locate(frame, p->len, link, &layout), CSUMOFF_OK);
    rng_fill(&rng, bytes, n);
    CHECK_EQ(csumoff_rewrite(frame, p->len, &layout, CSUMOFF_NONE, at, bytes, n), CSUMOFF_OK);
    memcpy(p->bytes + at, bytes, n);
    packet_set_pseudo(p, 0, p->bytes + l->daddr - size, p->bytes + l->daddr);
    packet_seal(p);
    CHECK(same_bytes(frame, p->bytes, p->len));
    CHECK_EQ(csumoff_locate(frame, p->len, link, &again), CSUMOFF_OK);
    CHECK(same_places(&layout, &again) && folded(layout.pseudo) == folded(again.pseudo));
}

/* Super-frames, whose IP header has no length, and jumbograms. */
START_TEST(large_packets)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP};
    static struct packet packet;
    size_t i, version, is_jumbo, round;

    for (i = 0; i < sizeof protos; i++)
        for (version = 4; version <= 6; version += 2)
            for (is_jumbo = 0; is_jumbo < 2; is_jumbo++)
                for (round = 0; round < 4; round++) {
                    struct packet_spec spec = spec_plain((unsigned)version, protos[i], 66001, NULL);
                    const struct level *l = &packet.level[0];

                    if (is_jumbo && version == 4)
                        continue;
                    if (is_jumbo)
                        strcpy(spec.level[0].chain, "j");
                    spec.level[0].is_zero_long = !is_jumbo;
                    spec.level[0].is_udp_zero = true;
                    packet_build(&packet, &spec, &rng);
                    packet_seal(&packet);
                    check_large(&packet, CSUMOFF_LINK_ETHERNET_SUPER,
                                l->daddr - (version == 4 ? 4 : 16), version == 4 ? 8 : 16);
                    check_large(&packet, CSUMOFF_LINK_ETHERNET_SUPER, l->l4, 4);
                    check_large(&packet, CSUMOFF_LINK_ETHERNET_SUPER, packet.len - 5, 5);
                    check_large(&packet, CSUMOFF_LINK_ETHERNET_SUPER, packet.len - 400, 3);
                }
}
END_TEST

int main(void)
{
    const TTest *const any[] = {every_offset_and_length, every_byte, long_spans, random_packets,
                                NULL};
    const TTest *const named[] = {what_can_be_rewritten,
                                  traffic_class,
                                  tcp_options,
                                  what_cannot_be_rewritten,
                                  data_offset,
                                  extension_chain,
                                  sctp,
                                  outside_the_coverage,
                                  NULL};
    const TTest *const routes[] = {source_routes, udp_along_a_route_of_ipv4, compressed_routes,
                                   home_address, NULL};
    const TTest *const zeros[] = {sums_of_zero, zeros_stay, wrong_never_becomes_blank,
                                  right_though_zero, NULL};
    const TTest *const tunnels[] = {inside_a_tunnel, tunnel_without_a_checksum,
                                    outside_of_a_seeded_packet, NULL};
    const TTest *const limits[] = {
        bounds, behind_what_a_seed_covers, jumbo_option, long_headers, large_packets, NULL};
    Suite *suite = suite_create("rewrite");

    suite_add(suite, "any", any);
    suite_add(suite, "named", named);
    suite_add(suite, "routes", routes);
    suite_add(suite, "zeros", zeros);
    suite_add(suite, "tunnels", tunnels);
    suite_add(suite, "limits", limits);
    setup();
    return suite_run(suite);
}
