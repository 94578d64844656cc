// SPDX-License-Identifier: MIT
/*
 * Frames in pieces: each function that takes an array of pieces against its namesake for one piece,
 * which other suites compare with the oracle. Every piece lies flush against an unreadable page,
 * wherever the frame is cut.
 */
#include <csumoff.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/specimens.h"
#include "../oracle/suite.h"

enum {
    PIECES = 8,
    LONGEST = 4096
};

static struct specimen made;
static struct guarded whole_page, pages[PIECES];
static struct rng rng;

static void setup(void)
{
    size_t i;

    CHECK(guarded_new(&whole_page, LONGEST));
    for (i = 0; i < PIECES; i++)
        CHECK(guarded_new(&pages[i], LONGEST));
    rng = rng_new(60);
}

static enum csumoff_link link_of(const struct specimen *s)
{
    return s->is_ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
}

/* ---- Cutting ----------------------------------------------------------------------------- */

/* A frame in pieces, each at one edge or the other of memory of its own. */
struct scattered {
    struct csumoff_iov iov[PIECES];
    size_t count, len;
};

/* Cuts `len` bytes at the ends given, one for each piece; the last one is `len`. An empty piece
 * has no address half of the time. */
static void scatter(struct scattered *s, const uint8_t *bytes, size_t len, const size_t *ends,
                    size_t count)
{
    size_t i, from = 0;

    s->count = count;
    s->len = len;
    for (i = 0; i < count; i++) {
        const size_t n = ends[i] - from;
        uint8_t *at = rng_below(&rng, 2) ? pages[i].begin : pages[i].end - n;

        if (n)
            memcpy(at, bytes + from, n);
        s->iov[i].base = n || rng_below(&rng, 2) ? at : NULL;
        s->iov[i].len = n;
        from = ends[i];
    }
    CHECK_EQ(from, len);
}

static void scatter_in_two(struct scattered *s, const uint8_t *bytes, size_t len, size_t cut)
{
    const size_t ends[2] = {cut, len};

    scatter(s, bytes, len, ends, 2);
}

/* Up to 8 pieces; short ones in the headers, and empty ones, are frequent. */
static void scatter_at_random(struct scattered *s, const uint8_t *bytes, size_t len)
{
    size_t ends[PIECES], count = 1 + rng_below(&rng, PIECES), i, at = 0;

    for (i = 0; i + 1 < count; i++) {
        const size_t most = rng_below(&rng, 4) ? 24 : len;
        const size_t n = rng_below(&rng, 5) ? rng_below(&rng, most + 1) : 0;

        at = n < len - at ? at + n : len;
        ends[i] = at;
    }
    ends[count - 1] = len;
    scatter(s, bytes, len, ends, count);
}

/* Whether the pieces, put together, are these bytes. */
static bool are_pieces_of(const struct scattered *s, const uint8_t *bytes)
{
    size_t i, at = 0;

    for (i = 0; i < s->count; i++) {
        if (s->iov[i].len && !same_bytes(s->iov[i].base, bytes + at, s->iov[i].len))
            return false;
        at += s->iov[i].len;
    }
    return at == s->len;
}

static const char *cuts_text(const struct scattered *s)
{
    static char text[200];
    size_t i, at = 0;

    for (i = 0; i < s->count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%zu", i ? " + " : "", s->iov[i].len);
    return text;
}

#define FAIL(what, s, status, want)                                                                \
    ck_abort_msg("%s: status %d, in one piece %d; pieces of %s bytes: %s", what, status, want,     \
                 cuts_text(s), specimen_text(&made))

/* ---- One frame, cut, through every function ---------------------------------------------- */

static bool same_report(const struct csumoff_report *a, const struct csumoff_report *b)
{
    return a->l3 == b->l3 && a->l4 == b->l4 && a->l3_found == b->l3_found &&
           a->l3_expected == b->l3_expected && a->l4_found == b->l4_found &&
           a->l4_expected == b->l4_expected;
}

/* The frame in one piece, at its page. */
static uint8_t *whole(const uint8_t *bytes, size_t len)
{
    return memcpy(whole_page.end - len, bytes, len);
}

/* Any copy of a layout has padding that was never set: members are compared. */
static bool same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->pseudo == b->pseudo && a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

static void check_locate(const struct scattered *s, const uint8_t *bytes, enum csumoff_link link)
{
    struct csumoff_layout flat, layout, untouched;
    int want, status;

    memset(&flat, 0xA5, sizeof flat);
    memset(&layout, 0xA5, sizeof layout);
    memset(&untouched, 0xA5, sizeof untouched);
    want = csumoff_locate(whole(bytes, s->len), s->len, link, &flat);
    status = csumoff_locate_iov(s->iov, s->count, link, &layout);
    if (status != want || (status == CSUMOFF_OK && !same_layout(&flat, &layout)))
        FAIL("locate", s, status, want);
    if (status != CSUMOFF_OK && !same_bytes(&layout, &untouched, sizeof layout))
        FAIL("locate wrote on error", s, status, want);
    CHECK(are_pieces_of(s, bytes));
}

static void check_inspect(const struct scattered *s, const uint8_t *bytes,
                          const struct csumoff_layout *layout)
{
    struct csumoff_report flat, report;
    int want, status;

    memset(&flat, 0xA5, sizeof flat);
    memset(&report, 0xA5, sizeof report);
    want = csumoff_inspect_at(whole(bytes, s->len), s->len, layout, &flat);
    status = csumoff_inspect_iov(s->iov, s->count, layout, &report);
    if (status != want || !same_report(&flat, &report))
        FAIL("inspect", s, status, want);
    CHECK(are_pieces_of(s, bytes));
}

/* Leaves the pieces and the whole frame, which `bytes` receives, as the functions do. Returns
 * whether it was seeded. */
static bool check_seed(const struct scattered *s, uint8_t *bytes,
                       const struct csumoff_layout *layout)
{
    uint8_t *flat = whole(bytes, s->len);
    const int want = csumoff_seed_at(flat, s->len, layout);
    const int status = csumoff_seed_iov(s->iov, s->count, layout);

    if (status != want || !are_pieces_of(s, flat))
        FAIL("seed", s, status, want);
    if (status != CSUMOFF_OK)
        CHECK(same_bytes(flat, bytes, s->len));
    memcpy(bytes, flat, s->len);
    return status == CSUMOFF_OK;
}

static void check_fill(const struct scattered *s, uint8_t *bytes,
                       const struct csumoff_layout *layout)
{
    uint8_t *flat = whole(bytes, s->len);
    const int want = csumoff_fill_at(flat, s->len, layout);
    const int status = csumoff_fill_iov(s->iov, s->count, layout);

    if (status != want || !are_pieces_of(s, flat))
        FAIL("fill", s, status, want);
    memcpy(bytes, flat, s->len);
}

static void check_finish(const struct scattered *s, uint8_t *bytes, size_t start, size_t offset)
{
    uint8_t *flat = whole(bytes, s->len);
    const int want = csumoff_finish(flat, s->len, start, offset);
    const int status = csumoff_finish_iov(s->iov, s->count, start, offset);

    if (status != want || !are_pieces_of(s, flat))
        FAIL("finish", s, status, want);
    memcpy(bytes, flat, s->len);
}

/* Finishes a located packet. Its field must then be right by the oracle, where it held a seed or
 * does not matter; nothing else may have changed. */
static void check_finish_at(const struct scattered *s, uint8_t *bytes,
                            const struct csumoff_layout *layout, bool is_seeded)
{
    static uint8_t right[LONGEST], before[LONGEST];
    const size_t field = (size_t)layout->csum_start + layout->csum_offset;
    uint8_t *flat = whole(bytes, s->len);
    const int want = csumoff_finish_at(flat, s->len, layout);
    const int status = csumoff_finish_at_iov(s->iov, s->count, layout);

    if (status != want || !are_pieces_of(s, flat))
        FAIL("finish_at", s, status, want);
    memcpy(before, bytes, s->len);
    memcpy(bytes, flat, s->len);
    if (!is_seeded && !made.is_crc)
        return;
    CHECK_EQ(status, CSUMOFF_OK);
    memcpy(right, before, s->len);
    specimen_fill(&made, right);
    memcpy(before + field, right + field, made.is_crc ? 4 : 2);
    if (!made.is_crc && load_wire16(before + field) == 0)
        store_wire16(before + field, 0xFFFF);
    if (!same_bytes(before, bytes, s->len))
        FAIL("finish_at: not as the oracle has it", s, status, want);
}

/* Locates the specimen's packet, at its level. */
static int find(const uint8_t *frame, struct csumoff_layout *layout)
{
    struct csumoff_layout levels[PACKET_LEVELS];
    size_t count;
    int status = csumoff_locate_all(frame, made.len, link_of(&made), levels, PACKET_LEVELS, &count);

    if (status == CSUMOFF_OK && count > made.level)
        *layout = levels[made.level];
    return status;
}

/* The specimen as it is, in these pieces. The last step is held against the oracle, so that a fault
 * that both forms have in common is one as well. */
static void check_all(const struct scattered *s)
{
    static uint8_t bytes[SPECIMEN_MOST], right[SPECIMEN_MOST];
    struct csumoff_layout layout;

    memcpy(bytes, made.bytes, made.len);
    check_locate(s, bytes, link_of(&made));
    CHECK_EQ(find(bytes, &layout), CSUMOFF_OK);
    check_inspect(s, bytes, &layout);
    check_finish_at(s, bytes, &layout, check_seed(s, bytes, &layout));
    check_inspect(s, bytes, &layout);
    (void)check_seed(s, bytes, &layout);
    check_inspect(s, bytes, &layout);
    if (!made.is_crc) {
        check_finish(s, bytes, layout.csum_start, layout.csum_offset);
        check_inspect(s, bytes, &layout);
    }
    check_fill(s, bytes, &layout);
    check_inspect(s, bytes, &layout);
    memcpy(right, made.bytes, made.len);
    specimen_fill(&made, right);
    if (!same_bytes(right, bytes, made.len))
        FAIL("not as the oracle has it", s, 0, 0);
}

/* The fields hold anything, the right checksums, seeds, or 0. */
static void set_fields(void)
{
    uint8_t *field = made.bytes + made.l4 + made.field;

    switch (rng_below(&rng, 4)) {
    case 0:
        specimen_fill(&made, made.bytes);
        break;
    case 1:
        specimen_fill(&made, made.bytes);
        if (!made.is_crc)
            store_wire16(field, rng_below(&rng, 2) ? specimen_seed(&made, made.bytes)
                                                   : specimen_seed_gso(&made, made.bytes));
        break;
    case 2:
        memset(field, 0, made.is_crc ? 4 : 2);
        if (made.version == 4)
            store_wire16(made.bytes + made.l3 + 10, 0);
        break;
    default:
        break;
    }
}

static void make(size_t i)
{
    specimen_make(&made, i, &rng);
    set_fields();
}

/* Two pieces, cut at every byte: through every header and both fields. */
START_TEST(every_cut_in_two)
{
    struct scattered s;
    size_t i, cut;

    for (i = 0; i < specimen_count(); i++) {
        make(i);
        for (cut = 0; cut <= made.len; cut++) {
            scatter_in_two(&s, made.bytes, made.len, cut);
            check_all(&s);
        }
    }
}
END_TEST

START_TEST(random_cuts)
{
    struct scattered s;
    size_t i, round, rounds = effort(200, 20);

    for (round = 0; round < rounds; round++)
        for (i = 0; i < specimen_count(); i++) {
            make(i);
            scatter_at_random(&s, made.bytes, made.len);
            check_all(&s);
        }
}
END_TEST

/* Packets of all recipes, on each level of tunnels. */
START_TEST(random_packets)
{
    struct scattered s;
    size_t i, rounds = effort(60000, 6000);

    for (i = 0; i < rounds; i++) {
        specimen_random(&made, 3, &rng);
        set_fields();
        scatter_at_random(&s, made.bytes, made.len);
        check_all(&s);
    }
}
END_TEST

/* Each byte of a checksum field in a piece of its own, with empty pieces in between. */
START_TEST(fields_across_pieces)
{
    struct scattered s;
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        size_t field, ends[PIECES];

        make(i);
        field = made.l4 + made.field;
        if (made.is_crc) {
            const size_t crc[] = {field, field + 1, field + 1, field + 2, field + 3, made.len};

            scatter(&s, made.bytes, made.len, crc, sizeof crc / sizeof *crc);
            check_all(&s);
        }
        ends[0] = field;
        ends[1] = field + 1;
        ends[2] = field + 1;
        ends[3] = field + 1;
        ends[4] = field + 2;
        ends[5] = made.len;
        scatter(&s, made.bytes, made.len, ends, 6);
        check_all(&s);
        /* And of the IPv4 header's. */
        field = made.l3 + 10;
        ends[0] = 0;
        ends[1] = made.l3 + 1;
        ends[2] = field + 1;
        ends[3] = field + 1;
        ends[4] = field + 2;
        ends[5] = made.len - 1;
        ends[6] = made.len;
        scatter(&s, made.bytes, made.len, ends, 7);
        check_all(&s);
    }
}
END_TEST

/* ---- Errors ------------------------------------------------------------------------------ */

/* Frames cut short and damaged: the same status, nothing written. */
START_TEST(same_errors_of_locating)
{
    static uint8_t bytes[SPECIMEN_MOST];
    struct scattered s;
    size_t i, round, rounds = effort(200, 20), failed = 0;

    for (round = 0; round < rounds; round++)
        for (i = 0; i < specimen_count(); i++) {
            struct csumoff_layout layout;
            size_t len;

            make(i);
            memcpy(bytes, made.bytes, made.len);
            len = round % 2 ? rng_below(&rng, made.len + 1) : made.len;
            if (round % 4 < 2)
                bytes[rng_below(&rng, made.l4 + 14)] ^= (uint8_t)(1 + rng_below(&rng, 255));
            failed += csumoff_locate(bytes, len, link_of(&made), &layout) != CSUMOFF_OK;
            scatter_at_random(&s, bytes, len);
            check_locate(&s, bytes, link_of(&made));
        }
    CHECK(failed > 1000);
}
END_TEST

/* A trailer that is not zero, a protocol that takes no seed: the same as in one piece, by name. */
START_TEST(refused_seeds)
{
    struct scattered s;
    size_t i, cut, trailers = 0, protocols = 0;

    for (i = 0; i < specimen_count(); i++) {
        const uint8_t *after;
        struct csumoff_layout layout;
        int want = CSUMOFF_OK;

        make(i);
        CHECK_EQ(csumoff_locate(made.bytes, made.len, link_of(&made), &layout), CSUMOFF_OK);
        after = made.bytes + made.l4 + made.covered;
        if (made.proto != PROTO_TCP && made.proto != PROTO_UDP)
            want = CSUMOFF_EPROTO;
        else if (ref_sum(after, made.len - made.l4 - made.covered) != 0)
            want = CSUMOFF_ETRAILER;
        trailers += want == CSUMOFF_ETRAILER;
        protocols += want == CSUMOFF_EPROTO;
        for (cut = 0; cut <= made.len; cut++) {
            scatter_in_two(&s, made.bytes, made.len, cut);
            CHECK_EQ(csumoff_seed_iov(s.iov, s.count, &layout), want);
            if (want != CSUMOFF_OK)
                CHECK(are_pieces_of(&s, made.bytes));
        }
    }
    CHECK(trailers > 10 && protocols > 10);
}
END_TEST

/* A layout without a checksum: there is nothing to finish, in pieces of any size. */
START_TEST(nothing_to_finish)
{
    struct scattered s;
    size_t i, cut;

    for (i = 0; i < specimen_count(); i++) {
        struct csumoff_layout layout;

        make(i);
        CHECK_EQ(csumoff_locate(made.bytes, made.len, link_of(&made), &layout), CSUMOFF_OK);
        layout.csum_kind = CSUMOFF_NO_CHECKSUM;
        layout.payload_start = layout.l4_len = layout.csum_start = layout.csum_offset = 0;
        layout.pseudo = 0;
        for (cut = 0; cut <= made.len; cut += 7) {
            scatter_in_two(&s, made.bytes, made.len, cut);
            CHECK_EQ(csumoff_finish_at_iov(s.iov, s.count, &layout), CSUMOFF_EPROTO);
            CHECK(are_pieces_of(&s, made.bytes));
        }
    }
}
END_TEST

/* The pieces hold less than the layout speaks of, down to none at all. */
START_TEST(shorter_than_the_layout)
{
    struct scattered s;
    size_t i, len;

    for (i = 0; i < specimen_count(); i++) {
        struct csumoff_report report, untouched;
        struct csumoff_layout layout;

        make(i);
        CHECK_EQ(csumoff_locate(made.bytes, made.len, link_of(&made), &layout), CSUMOFF_OK);
        memset(&report, 0xA5, sizeof report);
        memset(&untouched, 0xA5, sizeof untouched);
        for (len = 0; len < made.end; len++) {
            scatter_in_two(&s, made.bytes, len, rng_below(&rng, len + 1));
            CHECK_EQ(csumoff_seed_iov(s.iov, s.count, &layout) == CSUMOFF_OK, false);
            if (made.proto == PROTO_TCP || made.proto == PROTO_UDP)
                CHECK_EQ(csumoff_seed_iov(s.iov, s.count, &layout), CSUMOFF_ERANGE);
            CHECK_EQ(csumoff_fill_iov(s.iov, s.count, &layout), CSUMOFF_ERANGE);
            CHECK_EQ(csumoff_finish_at_iov(s.iov, s.count, &layout), CSUMOFF_ERANGE);
            CHECK_EQ(csumoff_inspect_iov(s.iov, s.count, &layout, &report), CSUMOFF_ERANGE);
            CHECK(are_pieces_of(&s, made.bytes));
        }
        CHECK(same_bytes(&report, &untouched, sizeof report));
        CHECK_EQ(csumoff_fill_iov(NULL, 0, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_at_iov(NULL, 0, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_inspect_iov(NULL, 0, &layout, &report), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_iov(NULL, 0, layout.csum_start, layout.csum_offset),
                 CSUMOFF_ERANGE);
    }
}
END_TEST

/* No pieces, and pieces of nothing. */
START_TEST(nothing)
{
    const struct csumoff_iov empty[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct csumoff_layout layout, untouched;

    memset(&layout, 0xA5, sizeof layout);
    memset(&untouched, 0xA5, sizeof untouched);
    CHECK_EQ(csumoff_locate_iov(NULL, 0, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_ETRUNC);
    CHECK_EQ(csumoff_locate_iov(NULL, 0, CSUMOFF_LINK_IP, &layout), CSUMOFF_ETRUNC);
    CHECK_EQ(csumoff_locate_iov(empty, 3, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_ETRUNC);
    CHECK_EQ(csumoff_locate_iov(empty, 3, CSUMOFF_LINK_IP_SUPER, &layout), CSUMOFF_ETRUNC);
    CHECK_EQ(csumoff_finish_iov(empty, 3, 0, 0), CSUMOFF_ERANGE);
    CHECK(same_bytes(&layout, &untouched, sizeof layout));
}
END_TEST

/* Lengths whose sum is more than SIZE_MAX: refused, and what is not there is not read. */
START_TEST(lengths_that_overflow)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        struct csumoff_report report, untouched;
        struct csumoff_layout layout, no_layout;
        struct csumoff_iov iov[3];
        uint8_t *p;

        make(i);
        CHECK_EQ(csumoff_locate(made.bytes, made.len, link_of(&made), &layout), CSUMOFF_OK);
        p = whole(made.bytes, made.len);
        iov[0].base = p;
        iov[0].len = made.len;
        iov[1].base = p;
        iov[1].len = SIZE_MAX - made.len + 1; /* the sum is 0 */
        iov[2].base = p;
        iov[2].len = made.len;
        memset(&report, 0xA5, sizeof report);
        memset(&untouched, 0xA5, sizeof untouched);
        memset(&no_layout, 0xA5, sizeof no_layout);
        CHECK_EQ(csumoff_locate_iov(iov, 3, link_of(&made), &no_layout), CSUMOFF_ERANGE);
        if (made.proto == PROTO_TCP || made.proto == PROTO_UDP)
            CHECK_EQ(csumoff_seed_iov(iov, 3, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_fill_iov(iov, 3, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_at_iov(iov, 3, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_inspect_iov(iov, 3, &layout, &report), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_iov(iov, 3, layout.csum_start, layout.csum_offset), CSUMOFF_ERANGE);
        CHECK(same_bytes(p, made.bytes, made.len));
        CHECK(same_bytes(&report, &untouched, sizeof report));
    }
}
END_TEST

/* Finishing at any place, at the bounds and beyond them. */
START_TEST(finish_anywhere)
{
    static uint8_t bytes[SPECIMEN_MOST];
    struct scattered s;
    size_t i, rounds = effort(200000, 20000);

    specimen_make(&made, 0, &rng);
    for (i = 0; i < rounds; i++) {
        const size_t len = rng_below(&rng, 120);
        size_t start = rng_below(&rng, len + 3), offset = rng_below(&rng, 24);

        switch (rng_below(&rng, 8)) {
        case 0:
            offset = SIZE_MAX - start + rng_below(&rng, 3);
            break;
        case 1:
            start = SIZE_MAX - rng_below(&rng, 3);
            break;
        default:
            break;
        }
        rng_fill(&rng, bytes, len);
        scatter_at_random(&s, bytes, len);
        check_finish(&s, bytes, start, offset);
    }
}
END_TEST

/* ---- Long headers and long frames -------------------------------------------------------- */

enum {
    LONG = 1024,
    LONG_L4 = 40 + LONG,
    LONG_LEN = LONG_L4 + 20 + 100
};

/* An IPv6 frame whose destination options are LONG bytes, with a TCP packet behind them. */
static void make_long(uint8_t *bytes)
{
    rng_fill(&rng, bytes, LONG_LEN);
    bytes[0] = 0x60;
    store_wire16(bytes + 4, LONG_LEN - 40);
    bytes[6] = 60;
    bytes[40] = PROTO_TCP;
    bytes[41] = LONG / 8 - 1;
    memset(bytes + 42, 0, LONG - 2);
    bytes[LONG_L4 + 12] = 0x50;
}

/* Headers of more than 512 bytes: as in one piece where they are in one, else refused. */
START_TEST(long_headers)
{
    static uint8_t bytes[LONG_LEN], before[LONG_LEN];
    struct csumoff_layout flat, layout, untouched;
    struct scattered s;
    size_t cut, refused = 0;

    memset(&untouched, 0xA5, sizeof untouched);
    specimen_make(&made, 0, &rng);
    make_long(bytes);
    CHECK_EQ(csumoff_locate(bytes, LONG_LEN, CSUMOFF_LINK_IP, &flat), CSUMOFF_OK);
    for (cut = 0; cut <= LONG_LEN; cut++) {
        int status;

        memset(&layout, 0xA5, sizeof layout);
        memcpy(before, bytes, LONG_LEN);
        scatter_in_two(&s, bytes, LONG_LEN, cut);
        status = csumoff_locate_iov(s.iov, s.count, CSUMOFF_LINK_IP, &layout);
        if (status == CSUMOFF_ENOTSUP) {
            CHECK(cut > 0 && cut < LONG_L4 + 20);
            CHECK(same_bytes(&layout, &untouched, sizeof layout));
            refused++;
        } else {
            CHECK_EQ(status, CSUMOFF_OK);
            CHECK(same_layout(&flat, &layout));
        }
        /* Where it was located is no matter to what follows. */
        (void)check_seed(&s, bytes, &flat);
        check_finish_at(&s, bytes, &flat, false);
        check_fill(&s, bytes, &flat);
        check_inspect(&s, bytes, &flat);
        CHECK(same_bytes(bytes, before, LONG_L4));
        CHECK_EQ(load_wire16(bytes + LONG_L4 + 16),
                 ref_transport(ref_pseudo6(bytes + 8, bytes + 24, PROTO_TCP, 120), bytes + LONG_L4,
                               120, 16));
    }
    printf("# headers of %d bytes in two pieces: refused at %zu cuts of %d\n", LONG_L4 + 20,
           refused, LONG_LEN + 1);
    fflush(stdout);
}
END_TEST

/* A frame of several pages, cut at odd places: sums that end and begin in the middle of a word. */
START_TEST(long_payloads)
{
    enum {
        LEN = 14 + 20 + 20 + 3000
    };
    static uint8_t bytes[LEN];
    struct csumoff_layout layout;
    struct scattered s;
    size_t round, rounds = effort(2000, 200);

    specimen_make(&made, 0, &rng);
    for (round = 0; round < rounds; round++) {
        rng_fill(&rng, bytes, LEN);
        store_wire16(bytes + 12, 0x0800);
        bytes[14] = 0x45;
        store_wire16(bytes + 16, LEN - 14);
        store_wire16(bytes + 20, 0);
        bytes[23] = PROTO_TCP;
        bytes[46] = 0x50;
        scatter_at_random(&s, bytes, LEN);
        check_locate(&s, bytes, CSUMOFF_LINK_ETHERNET);
        CHECK_EQ(csumoff_locate(bytes, LEN, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_OK);
        check_inspect(&s, bytes, &layout);
        (void)check_seed(&s, bytes, &layout);
        check_finish_at(&s, bytes, &layout, false);
        check_inspect(&s, bytes, &layout);
        (void)check_seed(&s, bytes, &layout);
        check_finish(&s, bytes, layout.csum_start, layout.csum_offset);
        check_fill(&s, bytes, &layout);
        check_inspect(&s, bytes, &layout);
        CHECK_EQ(load_wire16(bytes + 34 + 16),
                 ref_transport(ref_pseudo4(bytes + 26, bytes + 30, PROTO_TCP, LEN - 34), bytes + 34,
                               LEN - 34, 16));
    }
}
END_TEST

int main(void)
{
    const TTest *const cut[] = {every_cut_in_two, random_cuts, random_packets, fields_across_pieces,
                                NULL};
    const TTest *const errors[] = {same_errors_of_locating, refused_seeds, nothing_to_finish,
                                   shorter_than_the_layout, nothing,       lengths_that_overflow,
                                   finish_anywhere,         NULL};
    const TTest *const longer[] = {long_headers, long_payloads, NULL};
    Suite *suite = suite_create("pieces");

    suite_add(suite, "cut", cut);
    suite_add(suite, "errors", errors);
    suite_add(suite, "long", longer);
    setup();
    return suite_run(suite);
}
