// SPDX-License-Identifier: MIT
/*
 * Frames: found, seeded, finished, filled, judged. Every frame lies flush against an unreadable
 * page, with exactly its bytes, and is compared whole: what must not change, did not.
 */
#include <csumoff.h>
#include <string.h>

#include "frames.h"
#include "reference.h"
#include "suite.h"

static struct frame made, expected;
static struct guarded page, other;
static struct rng rng;

static void setup(void)
{
    CHECK(guarded_new(&page, sizeof made.bytes) && guarded_new(&other, sizeof made.bytes));
    rng = rng_new(40);
}

/* The first `len` bytes of a frame, up to the unreadable page. */
static uint8_t *placed(const struct frame *f, size_t len)
{
    return memcpy(page.end - len, f->bytes, len);
}

static enum csumoff_link link_of(const struct frame *f)
{
    return f->recipe.ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
}

static void copy_frame(struct frame *to, const struct frame *from)
{
    memcpy(to, from, offsetof(struct frame, bytes) + from->len);
}

static void check_status(const char *function, const struct frame *f, size_t len, int status,
                         int want)
{
    if (status != want)
        ck_abort_msg("%s: %d, not %d: first %zu bytes of %zu: %s", function, status, want, len,
                     f->len, recipe_text(&f->recipe));
}

static void check_same(const char *function, const struct frame *want, const uint8_t *p, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (p[i] != want->bytes[i])
            ck_abort_msg("%s: byte %zu is 0x%02X, not 0x%02X (L3 at %zu, L4 at %zu): %s", function,
                         i, p[i], want->bytes[i], want->l3, want->l4, recipe_text(&want->recipe));
}

static void check_layout(const struct frame *f, const struct csumoff_layout *at)
{
    if (at->l3_start != f->l3 || at->l4_start != f->l4 || at->end != f->end ||
        at->l4_len != f->l4_len || at->csum_start != f->l4 || at->csum_offset != f->csum_offset ||
        at->ip_version != f->recipe.version || at->l4_proto != f->recipe.proto ||
        at->vlan_tags != f->recipe.vlans)
        ck_abort_msg("layout: L3 %zu, L4 %zu, end %zu, l4_len %zu, csum %zu + %zu, IPv%u, protocol "
                     "%u, %u tags: %s",
                     at->l3_start, at->l4_start, at->end, at->l4_len, at->csum_start,
                     at->csum_offset, at->ip_version, at->l4_proto, at->vlan_tags,
                     recipe_text(&f->recipe));
}

/* Calls everything that looks for headers and must end in `want`, or `other_want` as well: nothing
 * is written. csumoff_verify(), too, unless verify_want says that it has a verdict. */
static void check_refused(const struct frame *f, size_t len, int want, int other_want,
                          int verify_want)
{
    struct csumoff_layout layout, no_layout;
    struct csumoff_report report, no_report;
    uint8_t *p = placed(f, len);
    int status;

    memset(&layout, 0xA5, sizeof layout);
    memset(&no_layout, 0xA5, sizeof no_layout);
    memset(&report, 0xA5, sizeof report);
    memset(&no_report, 0xA5, sizeof no_report);
    status = csumoff_locate(p, len, link_of(f), &layout);
    check_status("locate", f, len, status, status == other_want ? other_want : want);
    want = status;
    check_status("seed", f, len, csumoff_seed(p, len, link_of(f), &layout), want);
    check_status("fill", f, len, csumoff_fill(p, len, link_of(f)), want);
    status = csumoff_verify(p, len, link_of(f), &report);
    check_status("verify", f, len, status, verify_want == CSUMOFF_OK ? CSUMOFF_OK : want);
    check_same("refused", f, p, len);
    CHECK(same_bytes(&layout, &no_layout, sizeof layout));
    if (verify_want != CSUMOFF_OK)
        CHECK(same_bytes(&report, &no_report, sizeof report));
}

/* The report as it has to be; the expected complete checksum is the oracle's. */
static void check_report(const struct frame *f, const uint8_t *p, size_t len,
                         enum csumoff_verdict l4)
{
    struct csumoff_report report;
    uint16_t l3_right = 0, l3_found = 0, l4_found = 0, l4_right = 0;
    enum csumoff_verdict l3 = CSUMOFF_ABSENT;

    memset(&report, 0xA5, sizeof report);
    check_status("verify", f, len, csumoff_verify(p, len, link_of(f), &report), CSUMOFF_OK);
    if (f->recipe.version == 4) {
        l3_right = ref_ipv4_header(f->bytes + f->l3, 20 + f->recipe.options);
        l3_found = load_wire16(f->bytes + f->l3 + 10);
        l3 = l3_right % 0xFFFF == l3_found % 0xFFFF ? CSUMOFF_GOOD : CSUMOFF_BAD;
    }
    if (l4 != CSUMOFF_UNCHECKED) {
        l4_found = frame_field(f);
        l4_right = frame_complete(f);
    }
    if (report.l3 != l3 || wire16(report.l3_found) != l3_found ||
        wire16(report.l3_expected) != l3_right)
        ck_abort_msg("L3 verdict %d, not %d; found 0x%04X, not 0x%04X, expected 0x%04X, not "
                     "0x%04X: %s",
                     (int)report.l3, (int)l3, wire16(report.l3_found), l3_found,
                     wire16(report.l3_expected), l3_right, recipe_text(&f->recipe));
    if (report.l4 != l4 || wire16(report.l4_found) != l4_found ||
        wire16(report.l4_expected) != l4_right)
        ck_abort_msg("L4 verdict %d, not %d; found 0x%04X, not 0x%04X, expected 0x%04X, not "
                     "0x%04X (seed 0x%04X): %s",
                     (int)report.l4, (int)l4, wire16(report.l4_found), l4_found,
                     wire16(report.l4_expected), l4_right, frame_seed(f), recipe_text(&f->recipe));
}

/* Makes frame number i of the recipes. */
static void make(size_t i)
{
    struct recipe recipe = recipe_at(i);

    frame_build(&made, &recipe, &rng);
}

/* A frame by itself, the rest of its recipe as it may be. */
static void make_one(unsigned version, uint8_t proto, size_t payload, const char *chain)
{
    struct recipe recipe = {
        .ethernet = true, .version = version, .proto = proto, .payload = payload, .chain = chain};

    frame_build(&made, &recipe, &rng);
}

/* ---- Every frame there is ---------------------------------------------------------------- */

START_TEST(every_frame_located)
{
    size_t i;

    for (i = 0; i < recipe_count(); i++) {
        struct csumoff_layout layout;

        make(i);
        memset(&layout, 0xA5, sizeof layout);
        check_status("locate", &made, made.len,
                     csumoff_locate(placed(&made, made.len), made.len, link_of(&made), &layout),
                     CSUMOFF_OK);
        check_layout(&made, &layout);
    }
}
END_TEST

START_TEST(filled)
{
    size_t i;

    for (i = 0; i < recipe_count(); i++) {
        uint8_t *p;

        make(i);
        p = placed(&made, made.len);
        check_status("fill", &made, made.len, csumoff_fill(p, made.len, link_of(&made)),
                     CSUMOFF_OK);
        frame_set_l3(&made);
        frame_set_field(&made, frame_complete(&made));
        check_same("fill", &made, p, made.len);
        check_report(&made, p, made.len, CSUMOFF_GOOD);
        /* Again: nothing is left to do. */
        check_status("fill", &made, made.len, csumoff_fill(p, made.len, link_of(&made)),
                     CSUMOFF_OK);
        check_same("fill again", &made, p, made.len);
    }
}
END_TEST

/* seed, finish, verify: each step's whole frame against the oracle. */
START_TEST(seeded_finished_good)
{
    size_t i;

    for (i = 0; i < recipe_count(); i++) {
        struct csumoff_layout layout;
        uint8_t *p;
        int status;

        make(i);
        p = placed(&made, made.len);
        memset(&layout, 0xA5, sizeof layout);
        status = csumoff_seed(p, made.len, link_of(&made), i % 2 ? NULL : &layout);
        if (made.recipe.proto != TCP && made.recipe.proto != UDP) {
            check_status("seed", &made, made.len, status, CSUMOFF_EPROTO);
            check_same("seed", &made, p, made.len);
            continue;
        }
        check_status("seed", &made, made.len, status, CSUMOFF_OK);
        if (i % 2 == 0)
            check_layout(&made, &layout);
        frame_set_l3(&made);
        frame_set_field(&made, frame_seed(&made));
        check_same("seed", &made, p, made.len);
        check_report(&made, p, made.len,
                     frame_seed(&made) % 0xFFFF == frame_complete(&made) % 0xFFFF ? CSUMOFF_GOOD
                                                                                  : CSUMOFF_SEEDED);
        check_status("finish", &made, made.len,
                     csumoff_finish(p, made.len, made.l4, made.csum_offset), CSUMOFF_OK);
        frame_set_field(&made, frame_complete(&made) ? frame_complete(&made) : 0xFFFF);
        check_same("finish", &made, p, made.len);
        check_report(&made, p, made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* One bit wrong is BAD, in the field and in what it covers; not where nothing covers it. */
START_TEST(bad)
{
    size_t i, round;

    for (i = 0; i < recipe_count(); i++) {
        make(i);
        frame_set_l3(&made);
        frame_set_field(&made, frame_complete(&made));
        for (round = 0; round < 4; round++) {
            size_t at = made.l4 + rng_below(&rng, made.l4_len);
            uint8_t bit = (uint8_t)(1u << rng_below(&rng, 8));

            if (made.recipe.proto == UDP && (at - made.l4 == 4 || at - made.l4 == 5))
                continue; /* its length says what is covered */
            made.bytes[at] ^= bit;
            /* From one form of zero to the other takes sixteen bits. */
            if (!(made.recipe.proto == UDP && frame_field(&made) == 0) &&
                frame_field(&made) % 0xFFFF != frame_seed(&made) % 0xFFFF &&
                frame_field(&made) % 0xFFFF != frame_seed_gso(&made) % 0xFFFF)
                check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
            made.bytes[at] ^= bit;
        }
        if (made.recipe.version == 4) {
            made.bytes[made.l3 + 8] ^= 1; /* time to live: the IPv4 header's checksum alone */
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        }
    }
}
END_TEST

START_TEST(truncated_at_every_byte)
{
    size_t i, len, step = effort(1, 7);

    for (i = 0; i < recipe_count(); i += step) {
        make(i);
        for (len = 0; len < made.end; len++)
            check_refused(&made, len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* ---- Headers that are not as they should be ----------------------------------------------- */

START_TEST(vlan_tags)
{
    struct recipe recipe = {.ethernet = true, .vlans = 5, .version = 4, .proto = TCP, .payload = 9};
    struct csumoff_report report;

    frame_build(&made, &recipe, &rng);
    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &report),
             CSUMOFF_OK);
    CHECK_EQ(report.l3, CSUMOFF_UNCHECKED);
    CHECK_EQ(report.l4, CSUMOFF_UNCHECKED);
}
END_TEST

/* Not IP: no verdict, and no error. */
START_TEST(other_ethertypes)
{
    static const uint16_t types[] = {0x0806, 0x0000, 0x0100, 0x05DC, 0x8847,
                                     0x8864, 0x88CC, 0x9100, 0x0801, 0xFFFF};
    size_t i;

    for (i = 0; i < sizeof types / sizeof *types; i++) {
        struct csumoff_report report;

        make_one(4, TCP, 10, NULL);
        store_wire16(made.bytes + 12, types[i]);
        check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
        CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &report),
                 CSUMOFF_OK);
        CHECK_EQ(report.l3, CSUMOFF_UNCHECKED);
        CHECK_EQ(report.l4, CSUMOFF_UNCHECKED);
        CHECK(!report.l3_found && !report.l3_expected && !report.l4_found && !report.l4_expected);
    }
}
END_TEST

START_TEST(ip_versions)
{
    unsigned version;

    for (version = 0; version < 16; version++) {
        if (version != 4) {
            make_one(4, UDP, 10, NULL);
            made.bytes[made.l3] = (uint8_t)(version << 4 | 5);
            check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
        }
        if (version != 6) {
            make_one(6, UDP, 10, "h");
            made.bytes[made.l3] = (uint8_t)(version << 4);
            check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
        }
    }
}
END_TEST

/* Without an EtherType to say so, neither 4 nor 6 is not IP. */
START_TEST(versions_without_a_link)
{
    struct recipe recipe = {.version = 4, .proto = UDP, .payload = 10};
    unsigned version;

    for (version = 0; version < 16; version++) {
        if (version == 4 || version == 6)
            continue;
        frame_build(&made, &recipe, &rng);
        made.bytes[0] = (uint8_t)(version << 4 | 5);
        check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    }
}
END_TEST

START_TEST(ipv4_header_lengths)
{
    unsigned ihl;
    uint32_t total;

    for (ihl = 0; ihl < 5; ihl++) {
        make_one(4, TCP, 10, NULL);
        made.bytes[made.l3] = (uint8_t)(0x40 | ihl);
        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
    }
    make_one(4, TCP, 10, NULL);
    for (total = 0; total < 20; total++) { /* shorter than the header that says so */
        store_wire16(made.bytes + made.l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
    }
    for (total = 20; total < 40; total++) { /* too short for TCP */
        store_wire16(made.bytes + made.l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
    for (total = 51; total <= 0xFFFF; total += total < 60 ? 1 : 997) { /* beyond the frame */
        store_wire16(made.bytes + made.l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

START_TEST(ipv6_payload_lengths)
{
    uint32_t payload;

    make_one(6, TCP, 10, "");
    for (payload = 0; payload < 20; payload++) {
        store_wire16(made.bytes + made.l3 + 4, (uint16_t)payload);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
    for (payload = 31; payload <= 0xFFFF; payload += payload < 40 ? 1 : 997) {
        store_wire16(made.bytes + made.l3 + 4, (uint16_t)payload);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* Each extension header said to be longer than what is left. */
START_TEST(ipv6_chain_beyond_its_packet)
{
    static const char *const chains[] = {"h", "d", "r", "a"};
    size_t i;
    unsigned units;

    for (i = 0; i < 4; i++) {
        for (units = 30; units < 256; units += 15) {
            make_one(6, UDP, 20, chains[i]);
            made.bytes[made.l3 + 41] = (uint8_t)units;
            check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
        }
    }
    /* A chain that ends in the middle of a header's first 8 bytes, though the frame goes on. */
    for (i = 0; i < 8; i++) {
        make_one(6, UDP, 20, "h");
        store_wire16(made.bytes + made.l3 + 4, (uint16_t)i);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
}
END_TEST

START_TEST(ipv6_chain_of_headers_without_end)
{
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 0};
    size_t i;

    frame_build(&made, &recipe, &rng);
    made.bytes[6] = 60;
    for (i = 40; i < 40 + 1600; i += 8) {
        memset(made.bytes + i, 0, 8);
        made.bytes[i] = 60;
    }
    store_wire16(made.bytes + 4, 1600);
    made.len = 1640;
    check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    /* And one as long that does end: it is walked to its end. */
    made.bytes[i - 8] = 58;
    store_wire16(made.bytes + 4, 1600 + 8);
    memset(made.bytes + i, 0, 8);
    made.len += 8;
    {
        struct csumoff_layout layout;

        CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_IP, &layout),
                 CSUMOFF_OK);
        CHECK_EQ(layout.l4_start, 1640);
        CHECK_EQ(layout.l4_proto, 58);
    }
}
END_TEST

START_TEST(udp_lengths)
{
    static const unsigned versions[] = {4, 6};
    size_t v;
    uint32_t length;

    for (v = 0; v < 2; v++) {
        make_one(versions[v], UDP, 20, "d");
        for (length = 0; length <= 0xFFFF; length += length < 64 ? 1 : 331) {
            struct csumoff_layout layout;

            store_wire16(made.bytes + made.l4 + 4, (uint16_t)length);
            if (length < 8 || length > 28) {
                check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                continue;
            }
            CHECK_EQ(
                csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
                CSUMOFF_OK);
            CHECK_EQ(layout.l4_len, length);
            CHECK_EQ(layout.end, made.len);
        }
    }
}
END_TEST

/* Fragments: the IPv4 header is judged, the rest is not. */
START_TEST(fragments)
{
    static const uint16_t fields[] = {0x2000, 0x0001, 0x1FFF, 0x3FFF,
                                      0x6000, 0x2001, 0xA000, 0x4001};
    static const uint16_t whole[] = {0x0000, 0x4000, 0x8000, 0xC000};
    static const char *const chains[] = {"F", "M", "hF", "hdM", "fF"};
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++) {
        make_one(4, i % 2 ? UDP : TCP, 30, NULL);
        store_wire16(made.bytes + made.l3 + 6, fields[i]);
        check_refused(&made, made.len, CSUMOFF_EFRAG, CSUMOFF_EFRAG, CSUMOFF_OK);
        frame_set_l3(&made);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
    for (i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct csumoff_layout layout;

        make_one(4, UDP, 30, NULL);
        store_wire16(made.bytes + made.l3 + 6, whole[i]);
        CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
                 CSUMOFF_OK);
    }
    for (i = 0; i < sizeof chains / sizeof *chains; i++) {
        make_one(6, UDP, 30, chains[i]);
        check_refused(&made, made.len, CSUMOFF_EFRAG, CSUMOFF_EFRAG, CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
}
END_TEST

/* The fragment header's reserved bits make no fragment. */
START_TEST(atomic_fragment_with_reserved_bits)
{
    struct csumoff_layout layout;

    make_one(6, UDP, 30, "f");
    store_wire16(made.bytes + made.l3 + 42, 0x0006);
    CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
             CSUMOFF_OK);
    check_layout(&made, &layout);
}
END_TEST

START_TEST(other_protocols)
{
    static const uint8_t protos[] = {2, 4, 41, 47, 50, 89, 103, 136, 59, 253};
    static const char *const chains[] = {"", "h", "hdrfa"};
    size_t i, c;

    for (c = 0; c < 3; c++) {
        for (i = 0; i < sizeof protos / sizeof *protos; i++) {
            make_one(4, protos[i], 30, NULL);
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
            make_one(6, protos[i], 30, chains[c]);
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        }
        make_one(4, SCTP, 30, NULL);
        check_refused(&made, made.len, CSUMOFF_ENOTSUP, CSUMOFF_ENOTSUP, CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        make_one(6, SCTP, 30, chains[c]);
        check_refused(&made, made.len, CSUMOFF_ENOTSUP, CSUMOFF_ENOTSUP, CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
}
END_TEST

static enum csumoff_verdict verdict_of(const struct frame *f)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_verify(f->bytes, f->len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    return report.l4;
}

/* An extension header may be the last there is: 59 stands for nothing behind it (RFC 8200, 4.7). */
START_TEST(nothing_behind_an_extension_header)
{
    static const char *const chains[] = {"h", "d", "r", "a", "f", "hdr"};
    size_t i, j;

    for (i = 0; i < sizeof chains / sizeof *chains; i++)
        for (j = 0; j < 8; j++) { /* each length of a header */
            make_one(6, 59, 0, chains[i]);
            made.len = made.end = made.l4;
            store_wire16(made.bytes + made.l3 + 4, (uint16_t)(made.l4 - made.l3 - 40));
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        }
    /* Nor need there be anything behind an IP header. */
    make_one(6, 59, 0, NULL);
    made.len = made.end = made.l4;
    store_wire16(made.bytes + made.l3 + 4, 0);
    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    make_one(4, 59, 0, NULL);
    made.len = made.end = made.l4;
    store_wire16(made.bytes + made.l3 + 2, 20);
    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
}
END_TEST

/* On its way along a source route a packet is filled and seeded for where the route ends, and right
 * for its next hop, too. `final` is that address, `daddr` the one in the IP header. */
static void check_route(const uint8_t *final, uint8_t *daddr, size_t size)
{
    struct frame hop, end;
    uint8_t *p = placed(&made, made.len), here[16];
    struct csumoff_layout at;

    frame_set_l3(&made);
    hop = end = made;
    memcpy(here, daddr, size);
    memcpy(daddr, final, size);
    frame_set_field(&end, frame_complete(&made));
    CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    check_same("fill on a source route", &end, p, made.len);
    CHECK_EQ(verdict_of(&end), CSUMOFF_GOOD);
    frame_set_field(&end, frame_seed(&made));
    CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    check_same("seed on a source route", &end, p, made.len);
    CHECK_EQ(verdict_of(&end), CSUMOFF_SEEDED);
    memcpy(daddr, here, size);
    if (final != daddr) {
        struct csumoff_report report;
        struct frame both = made;
        uint8_t *word = both.bytes + (daddr - made.bytes);

        /* Right for the end and a seed for the next hop: what it is for the end counts. */
        memcpy(word, final, size);
        frame_set_field(&both, frame_complete(&both));
        memcpy(word, here, size);
        store_wire16(word, 0);
        store_wire16(word,
                     ref_checksum((uint64_t)frame_seed(&both) + (0xFFFF - frame_field(&both))));
        CHECK_EQ(frame_seed(&both) % 0xFFFF, frame_field(&both) % 0xFFFF);
        CHECK_EQ(csumoff_verify(both.bytes, both.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, CSUMOFF_GOOD);
        CHECK_EQ(report.l4_expected, report.l4_found);
    }
    frame_set_field(&hop, frame_complete(&made));
    CHECK_EQ(verdict_of(&hop), CSUMOFF_GOOD);
    frame_set_field(&hop, frame_seed(&made));
    CHECK_EQ(verdict_of(&hop), CSUMOFF_SEEDED);
}

/* RFC 791, section 3.1: loose and strict source routes, where they end, and what is none. */
START_TEST(ipv4_source_routes)
{
    static const struct {
        uint8_t options[16];
        int end; /* where in them the last address is; -1: the destination is the header's */
    } rows[] = {
        {{131, 7, 4}, 3},
        {{137, 7, 4}, 3},
        {{137, 11, 8}, 7},
        {{131, 15, 4}, 11},
        {{1, 1, 131, 7, 4}, 5},
        {{1, 131, 15, 4}, 12},
        {{7, 7, 4, 9, 9, 9, 9, 137, 7, 4}, 10}, /* record route before it */
        {{148, 2, 131, 7, 4}, 5},
        {{148, 4, 0, 0, 131, 7, 4}, 7},
        {{131, 3, 4, 137, 7, 4}, 6}, /* no address in the first */
        {{131, 6, 4, 9, 9, 9, 137, 7, 4}, 9},
        {{131, 7, 4, 9, 9, 9, 9, 137, 7, 4}, 3}, /* the first of two */
        {{131, 7, 6}, 3},
        /* Used up; behind the end of options; not of these two; lengths that can't be. */
        {{131, 7, 8}, -1},
        {{137, 11, 12}, -1},
        {{131, 7, 7}, -1},
        {{0, 131, 7, 4}, -1},
        {{7, 7, 4}, -1},
        {{68, 12, 5}, -1},
        {{130, 11, 4}, -1},
        {{7, 0, 131, 7, 4}, -1},
        {{7, 1, 131, 7, 4}, -1},
        {{131, 17, 4}, -1},
        {{7, 40, 131, 7, 4}, -1},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 131, 8, 4}, -1},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 131}, -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int proto = TCP; proto <= UDP; proto += UDP - TCP) {
            struct recipe recipe = {.ethernet = true,
                                    .version = 4,
                                    .proto = (uint8_t)proto,
                                    .payload = 21,
                                    .options = 16};
            uint8_t *options = made.bytes + 14 + 20;

            frame_build(&made, &recipe, &rng);
            for (size_t j = 0; j < sizeof rows[i].options; j++) {
                /* Addresses stay at random, but for zeros, which end the options. */
                bool given = rows[i].options[j] || (j < 4 && !rows[i].options[0]) ||
                             rows[i].end < 0 || (int)j < rows[i].end;

                if (given || (int)j >= rows[i].end + 4)
                    options[j] = rows[i].options[j];
            }
            check_route(rows[i].end < 0 ? made.bytes + made.l3 + 16 : options + rows[i].end,
                        made.bytes + made.l3 + 16, 4);
        }
}
END_TEST

/* RFC 8200, section 8.1: the pseudo-header names the final destination, the last of the route. */
START_TEST(routing_header_with_segments_left)
{
    static const struct {
        uint8_t type, words, left; /* its length in 8 bytes, the first not counted */
        int end;                   /* where in it the last address is; -1: the header's counts */
    } rows[] = {
        {0, 2, 1, 8},  {0, 4, 1, 24}, {0, 4, 2, 24},   {0, 6, 1, 40}, {0, 3, 1, 8},
        {2, 2, 1, 8},  {4, 2, 1, 8},  {4, 4, 1, 8},    {4, 4, 9, 8},  {4, 5, 1, 8},
        {0, 1, 1, -1}, {4, 1, 1, -1}, {0, 4, 0, -1},   {2, 2, 0, -1}, {4, 4, 0, -1},
        {1, 4, 1, -1}, {3, 4, 1, -1}, {253, 2, 1, -1}, {0, 0, 1, -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int proto = TCP; proto <= UDP; proto += UDP - TCP) {
            size_t len = 8 + 8 * (size_t)rows[i].words;
            uint8_t *routing, *daddr;

            make_one(6, (uint8_t)proto, 30, "r");
            daddr = made.bytes + made.l3 + 24;
            routing = made.bytes + made.l3 + 40;
            memmove(routing + len, made.bytes + made.l4, made.l4_len);
            made.l4 = made.l3 + 40 + len;
            made.len = made.end = made.l4 + made.l4_len;
            store_wire16(made.bytes + made.l3 + 4, (uint16_t)(len + made.l4_len));
            rng_fill(&rng, routing + 8, len - 8);
            routing[1] = rows[i].words;
            routing[2] = rows[i].type;
            routing[3] = rows[i].left;
            check_route(rows[i].end < 0 ? daddr : routing + rows[i].end, daddr, 16);
        }
}
END_TEST

/* ---- finish ------------------------------------------------------------------------------ */

/* What finishing leaves, by the oracle. */
static void ref_finish(struct frame *f, size_t start, size_t offset)
{
    uint16_t check = ref_checksum(ref_sum(f->bytes + start, f->len - start));

    store_wire16(f->bytes + start + offset, check ? check : 0xFFFF);
}

static void make_random(size_t len)
{
    memset(&made.recipe, 0, sizeof made.recipe);
    made.len = made.end = len;
    made.l3 = made.l4 = 0;
    rng_fill(&rng, made.bytes, len);
}

/* finish and copy_finish of the frame made, each at guard pages. */
static void check_finish(size_t start, size_t offset)
{
    uint8_t *p = placed(&made, made.len), *copy = other.end - made.len;

    copy_frame(&expected, &made);
    ref_finish(&expected, start, offset);
    CHECK_EQ(csumoff_copy_finish(copy, p, made.len, start, offset), CSUMOFF_OK);
    check_same("copy_finish", &expected, copy, made.len);
    check_same("copy_finish's source", &made, p, made.len);
    other.begin[made.len] = 0xC3;
    CHECK_EQ(csumoff_copy_finish(other.begin, p, made.len, start, offset), CSUMOFF_OK);
    check_same("copy_finish", &expected, other.begin, made.len);
    CHECK_EQ(other.begin[made.len], 0xC3);
    CHECK_EQ(csumoff_finish(p, made.len, start, offset), CSUMOFF_OK);
    check_same("finish", &expected, p, made.len);
    /* Twice: what it finds it takes for a seed, as it stands. */
    ref_finish(&expected, start, offset);
    CHECK_EQ(csumoff_finish(p, made.len, start, offset), CSUMOFF_OK);
    check_same("finish twice", &expected, p, made.len);
}

START_TEST(finish_everywhere)
{
    size_t len, start, offset;

    for (len = 2; len <= 70; len++)
        for (start = 0; start + 2 <= len; start++)
            for (offset = 0; start + offset + 2 <= len; offset++) {
                make_random(len);
                check_finish(start, offset);
            }
}
END_TEST

START_TEST(finish_at_random)
{
    size_t i, rounds = effort(20000, 2000);

    for (i = 0; i < rounds; i++) {
        size_t len = 2 + rng_below(&rng, i % 50 ? 1600 : 65534), start = rng_below(&rng, len - 1);

        make_random(len);
        if (i % 7 == 0)
            memset(made.bytes, i % 14 ? 0 : 0xFF, len);
        check_finish(start, rng_below(&rng, len - start - 1));
    }
}
END_TEST

/* A sum of 0xFFFF: the complement, 0, is stored as 0xFFFF, for any protocol. */
START_TEST(finish_zero_becomes_ones)
{
    size_t i;

    for (i = 0; i < 1000; i++) {
        size_t start, offset;

        make_random(100 + i % 3);
        start = i % 20;
        offset = i % 41;
        /* Set a word at an even distance so that all sums to 0xFFFF, the seed included. */
        store_wire16(made.bytes + start + 60, 0);
        store_wire16(made.bytes + start + 60,
                     ref_checksum(ref_sum(made.bytes + start, made.len - start)));
        CHECK_EQ(ref_checksum(ref_sum(made.bytes + start, made.len - start)), 0);
        check_finish(start, offset);
        copy_frame(&expected, &made);
        ref_finish(&expected, start, offset);
        CHECK_EQ(load_wire16(expected.bytes + start + offset), 0xFFFF);
    }
}
END_TEST

/* Frames whose L4 sum is forced: TCP and UDP finish to 0xFFFF, fill leaves TCP's and ICMP's 0. */
START_TEST(forced_zero)
{
    static const struct {
        unsigned version;
        uint8_t proto;
        uint16_t filled;
    } cases[] = {{4, TCP, 0},      {6, TCP, 0},  {4, UDP, 0xFFFF},
                 {6, UDP, 0xFFFF}, {4, ICMP, 0}, {6, ICMPV6, 0}};
    size_t i, payload;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (payload = 2; payload < 40; payload++) {
            uint8_t *p;

            make_one(cases[i].version, cases[i].proto, payload, "d");
            frame_force(&made, 0);
            frame_set_l3(&made);
            CHECK_EQ(frame_complete(&made), cases[i].filled);
            p = placed(&made, made.len);
            CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
            frame_set_field(&made, cases[i].filled);
            check_same("fill", &made, p, made.len);
            check_report(&made, p, made.len, CSUMOFF_GOOD);
            if (cases[i].proto != UDP) { /* the other zero is as good */
                frame_set_field(&made, 0xFFFF);
                check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
            }
            if (cases[i].proto == ICMP || cases[i].proto == ICMPV6)
                continue;
            CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, NULL), CSUMOFF_OK);
            CHECK_EQ(csumoff_finish(p, made.len, made.l4, made.csum_offset), CSUMOFF_OK);
            frame_set_field(&made, 0xFFFF);
            check_same("finish", &made, p, made.len);
        }
    }
}
END_TEST

/* All three finishers must say CSUMOFF_ERANGE, and write nothing. */
static void check_no_finish(size_t start, size_t offset)
{
    uint8_t *p = placed(&made, made.len), *copy = other.end - made.len;
    size_t half = made.len / 2;
    const struct csumoff_iov_mut iov[] = {{p, half}, {NULL, 0}, {p + half, made.len - half}};

    rng_fill(&rng, expected.bytes, made.len);
    memcpy(copy, expected.bytes, made.len);
    if (csumoff_finish(p, made.len, start, offset) != CSUMOFF_ERANGE)
        ck_abort_msg("finish: length %zu, start %zu, offset %zu", made.len, start, offset);
    if (csumoff_copy_finish(copy, p, made.len, start, offset) != CSUMOFF_ERANGE)
        ck_abort_msg("copy_finish: length %zu, start %zu, offset %zu", made.len, start, offset);
    if (csumoff_finish_iov(iov, 3, start, offset) != CSUMOFF_ERANGE)
        ck_abort_msg("finish_iov: length %zu, start %zu, offset %zu", made.len, start, offset);
    CHECK(memcmp(copy, expected.bytes, made.len) == 0);
    check_same("refused to finish", &made, p, made.len);
}

START_TEST(finish_bounds)
{
    static const size_t far[] = {SIZE_MAX,     SIZE_MAX - 1,     SIZE_MAX - 2,    SIZE_MAX - 3,
                                 SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 2};
    size_t len, start, i, j;

    for (len = 0; len <= 40; len++) {
        make_random(len);
        for (start = 0; start <= len + 3; start++) {
            /* start + offset + 2 == len passes, one more fails, and so do all after it. */
            size_t most = start + 2 <= len ? len - start - 2 : SIZE_MAX, offset;

            if (most != SIZE_MAX)
                check_finish(start, most);
            for (offset = most + 1; offset <= len + 3; offset++)
                check_no_finish(start, offset);
            /* start + offset, or what is added to it, wraps to a number inside */
            check_no_finish(start, SIZE_MAX - start);
            check_no_finish(start, SIZE_MAX - start - 1);
            if (start) {
                check_no_finish(start, 0 - start);
                check_no_finish(start + 1, 0 - start);
            }
            for (i = 0; i < sizeof far / sizeof *far; i++) {
                check_no_finish(start, far[i]);
                check_no_finish(far[i], start);
                for (j = 0; j < sizeof far / sizeof *far; j++)
                    check_no_finish(far[i], far[j]);
            }
        }
    }
}
END_TEST

/* Pieces of the frame made, cut at `cuts`, each at a guard page of its own; the middle one is. */
static void check_finish_iov(const size_t cuts[4], size_t start, size_t offset, bool with_empty)
{
    static struct guarded third, end;
    struct csumoff_iov_mut iov[6];
    uint8_t *piece[3], joined[256];
    size_t count = 0, i, at = 0;

    if (!third.map)
        CHECK(guarded_new(&third, 4096) && guarded_new(&end, sizeof iov));
    for (i = 0; i < 3; i++) {
        size_t len = cuts[i + 1] - cuts[i];

        piece[i] = i == 0 ? page.end - len : i == 1 ? other.begin : third.end - len;
        memcpy(piece[i], made.bytes + cuts[i], len);
        if (with_empty)
            iov[count++] = (struct csumoff_iov_mut){i % 2 ? piece[i] : NULL, 0};
        iov[count++] = (struct csumoff_iov_mut){len ? piece[i] : NULL, len};
    }
    /* Nothing is read behind the last piece, either. */
    if (csumoff_finish_iov(guarded_copy(&end, iov, count * sizeof *iov), count, start, offset) !=
        CSUMOFF_OK)
        ck_abort_msg("finish_iov: length %zu cut at %zu and %zu, start %zu, offset %zu", made.len,
                     cuts[1], cuts[2], start, offset);
    for (i = 0; i < 3; i++) {
        memcpy(joined + at, piece[i], cuts[i + 1] - cuts[i]);
        at += cuts[i + 1] - cuts[i];
    }
    copy_frame(&expected, &made);
    ref_finish(&expected, start, offset);
    if (memcmp(joined, expected.bytes, made.len) != 0)
        ck_abort_msg(
            "finish_iov: length %zu cut at %zu and %zu, start %zu, offset %zu: wrong bytes",
            made.len, cuts[1], cuts[2], start, offset);
}

/* Every split into three pieces; the field across one cut, or two, one byte each side. */
START_TEST(finish_iov_every_split)
{
    static const size_t places[][2] = {{0, 0},  {0, 1},   {1, 0},   {1, 3},   {14, 6},
                                       {34, 6}, {34, 16}, {35, 16}, {35, 21}, {20, 60}};
    size_t i, j, k, len;

    for (len = 82; len <= 83; len++) {
        for (k = 0; k < sizeof places / sizeof *places; k++) {
            make_random(len);
            for (i = 0; i <= len; i++)
                for (j = i; j <= len; j++) {
                    const size_t cuts[4] = {0, i, j, len};

                    check_finish_iov(cuts, places[k][0], places[k][1], (i + j) % 2);
                }
        }
    }
}
END_TEST

START_TEST(finish_iov_byte_by_byte)
{
    size_t len, start, offset, i;

    for (len = 2; len <= 24; len++)
        for (start = 0; start + 2 <= len; start++)
            for (offset = 0; start + offset + 2 <= len; offset++) {
                struct csumoff_iov_mut iov[24];
                uint8_t *p;

                make_random(len);
                p = placed(&made, len);
                for (i = 0; i < len; i++)
                    iov[i] = (struct csumoff_iov_mut){p + i, 1};
                CHECK_EQ(csumoff_finish_iov(iov, len, start, offset), CSUMOFF_OK);
                copy_frame(&expected, &made);
                ref_finish(&expected, start, offset);
                check_same("finish_iov", &expected, p, len);
            }
}
END_TEST

START_TEST(finish_iov_of_nothing)
{
    struct csumoff_iov_mut empty = {NULL, 0};

    CHECK_EQ(csumoff_finish_iov(NULL, 0, 0, 0), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_finish_iov(&empty, 1, 0, 0), CSUMOFF_ERANGE);
}
END_TEST

/* ---- What follows what the checksum covers ------------------------------------------------ */

/* Non-zero bytes behind: no seed, for who finishes sums to the end; fill and verify leave them out.
 */
START_TEST(trailer)
{
    static const unsigned versions[] = {4, 6};
    size_t v, payload, i;

    for (v = 0; v < 2; v++) {
        for (payload = 0; payload < 10; payload++) {
            for (i = 0; i < 9; i++) { /* bytes 0..2 are in the IP packet, behind UDP's end */
                struct recipe recipe = {.ethernet = true,
                                        .version = versions[v],
                                        .chain = "",
                                        .proto = payload % 3 ? UDP : TCP,
                                        .payload = payload,
                                        .slack = payload % 3 ? 3 : 0,
                                        .padding = payload % 3 ? 6 : 9};
                struct csumoff_layout layout, untouched;
                uint8_t *p;

                frame_build(&made, &recipe, &rng);
                made.bytes[made.len - 9 + i] = (uint8_t)(1u << i % 8);
                p = placed(&made, made.len);
                memset(&layout, 0xA5, sizeof layout);
                memset(&untouched, 0xA5, sizeof untouched);
                check_status("seed", &made, made.len,
                             csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, &layout),
                             CSUMOFF_ETRAILER);
                check_same("seed", &made, p, made.len);
                CHECK(same_bytes(&layout, &untouched, sizeof layout));
                check_status("fill", &made, made.len,
                             csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
                frame_set_l3(&made);
                frame_set_field(&made, frame_complete(&made));
                check_same("fill", &made, p, made.len);
                check_report(&made, p, made.len, CSUMOFF_GOOD);
                frame_set_field(&made, frame_seed(&made));
                check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
            }
        }
    }
}
END_TEST

/* ---- Verdicts ---------------------------------------------------------------------------- */

START_TEST(seeded_gso)
{
    static const unsigned versions[] = {4, 6};
    size_t v, i;

    for (v = 0; v < 2; v++) {
        for (i = 0; i < 100; i++) {
            make_one(versions[v], i % 2 ? UDP : TCP, 100 + i, "");
            frame_set_l3(&made);
            frame_set_field(&made, frame_seed_gso(&made));
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED_GSO);
        }
    }
}
END_TEST

/* Payloads for which a seed is the complete checksum, too: GOOD goes first. */
START_TEST(good_goes_before_seeded)
{
    size_t i;

    for (i = 0; i < 200; i++) {
        bool gso = i / 4 % 2;

        make_one(i % 2 ? 6 : 4, i / 2 % 2 ? UDP : TCP, 20 + i, "h");
        frame_force(&made, gso ? frame_seed_gso(&made) : frame_seed(&made));
        frame_set_l3(&made);
        frame_set_field(&made, gso ? frame_seed_gso(&made) : frame_seed(&made));
        CHECK_EQ(frame_complete(&made), frame_field(&made));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* A length of 65535 is a zero: both seeds are one, and SEEDED goes first. Complete, it is GOOD. */
START_TEST(seeded_goes_before_seeded_gso)
{
    static const uint8_t protos[] = {TCP, UDP};
    size_t i;

    for (i = 0; i < 2; i++) {
        make_one(6, protos[i], 65535 - (protos[i] == TCP ? 20 : 8), "");
        CHECK_EQ(made.l4_len, 65535);
        CHECK_EQ(frame_seed(&made), frame_seed_gso(&made));
        frame_set_field(&made, frame_seed(&made));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
        frame_force(&made, frame_seed(&made));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* A seed of 0xFFFF may stand as 0x0000 in TCP: the same sum. */
START_TEST(seed_in_either_zero)
{
    static const unsigned versions[] = {4, 6};
    size_t v;

    for (v = 0; v < 2; v++) {
        uint8_t *address;

        make_one(versions[v], TCP, 33, "");
        address = made.bytes + made.l3 + (versions[v] == 4 ? 12 : 8);
        store_wire16(address, 0);
        store_wire16(address, (uint16_t)(0xFFFF - frame_seed(&made)));
        CHECK_EQ(frame_seed(&made), 0xFFFF);
        frame_set_l3(&made);
        frame_set_field(&made, 0xFFFF);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
        frame_set_field(&made, 0x0000);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
    }
}
END_TEST

/* What to do with it, as who reads raw packets has to decide by the verdict alone. */
static bool acceptable(const struct frame *f)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_verify(placed(f, f->len), f->len, link_of(f), &report), CSUMOFF_OK);
    return report.l4 == CSUMOFF_GOOD || report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_ABSENT;
}

/* smoltcp#670, ignite#870, harvester#5160: a DHCP client reads raw packets, and sees a seed in what
 * a server on the same machine has sent. Partial isn't wrong; what is wrong still is. */
START_TEST(dhcp_client_on_a_raw_socket)
{
    static const unsigned versions[] = {4, 6};
    size_t i;

    for (i = 0; i < 400; i++) {
        uint16_t seed, field;

        make_one(versions[i % 2], UDP, 240 + i, "");
        store_wire16(made.bytes + made.l4, i % 2 ? 547 : 67);
        store_wire16(made.bytes + made.l4 + 2, i % 2 ? 546 : 68);
        frame_set_l3(&made);
        seed = frame_seed(&made);
        frame_set_field(&made, seed);
        CHECK(acceptable(&made));
        frame_set_field(&made, frame_complete(&made));
        CHECK(acceptable(&made));
        field = seed ^ (uint16_t)(1u << i % 16);
        if (field == 0 || field % 0xFFFF == seed % 0xFFFF || field == frame_seed_gso(&made) ||
            field % 0xFFFF == frame_complete(&made) % 0xFFFF)
            continue;
        frame_set_field(&made, field);
        CHECK(!acceptable(&made));
    }
}
END_TEST

/* tcpdump#218, libpcap#41: a capture taken on the sender holds what the network card was to finish.
 * A seed, of either kind, is told from a wrong checksum, and finishing makes it good. */
START_TEST(captured_on_the_sender)
{
    static const unsigned versions[] = {4, 6};
    size_t i;

    for (i = 0; i < 400; i++) {
        bool gso = i / 4 % 2;
        uint16_t seed;

        make_one(versions[i % 2], i / 2 % 2 ? UDP : TCP, i, "");
        frame_set_l3(&made);
        seed = gso ? frame_seed_gso(&made) : frame_seed(&made);
        frame_set_field(&made, seed);
        check_report(&made, placed(&made, made.len), made.len,
                     seed == frame_complete(&made) ? CSUMOFF_GOOD
                     : gso                         ? CSUMOFF_SEEDED_GSO
                                                   : CSUMOFF_SEEDED);
        frame_set_field(&made, (uint16_t)~seed); /* what a sender makes who complements too early */
        check_report(&made, placed(&made, made.len), made.len,
                     (uint16_t)~seed % 0xFFFF == frame_complete(&made) % 0xFFFF ? CSUMOFF_GOOD
                                                                                : CSUMOFF_BAD);
        if (gso)
            continue;
        frame_set_field(&made, seed);
        CHECK_EQ(csumoff_finish(made.bytes, made.len, made.l4, made.csum_offset), CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* UDP's 0: none over IPv4, even if the sum came out so; over IPv6 wrong, even then. */
START_TEST(udp_zero)
{
    size_t payload;

    for (payload = 2; payload < 60; payload++) {
        make_one(4, UDP, payload, NULL);
        frame_set_l3(&made);
        frame_set_field(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_ABSENT);
        frame_force(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_ABSENT);
        make_one(6, UDP, payload, "f");
        frame_set_field(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
        frame_force(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
        frame_set_field(&made, 0xFFFF);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* ICMP's error with the packet it quotes cut short: that is payload, whatever it looks like. */
START_TEST(icmp_error_quotes_a_packet)
{
    uint8_t *p;

    make_one(4, ICMP, 28, NULL);
    made.bytes[made.l4] = 3;
    made.bytes[made.l4 + 1] = 3;
    memset(made.bytes + made.l4 + 8, 0, 28);
    made.bytes[made.l4 + 8] = 0x45;
    store_wire16(made.bytes + made.l4 + 10, 1500);
    made.bytes[made.l4 + 17] = UDP;
    p = placed(&made, made.len);
    CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    frame_set_l3(&made);
    frame_set_field(&made, frame_complete(&made));
    check_same("fill", &made, p, made.len);
    check_report(&made, p, made.len, CSUMOFF_GOOD);
}
END_TEST

/* ---- Addresses changed on the way --------------------------------------------------------- */

/* A seeded frame and a complete one, through address translation: the same as made anew. */
START_TEST(translated)
{
    static const uint8_t protos[] = {TCP, UDP};
    size_t i;

    for (i = 0; i < 4000; i++) {
        bool v6 = i % 2, partial = i / 2 % 2;
        size_t size = v6 ? 16 : 4;
        struct csumoff_adjust how = {.state = partial ? CSUMOFF_PARTIAL : CSUMOFF_NONE,
                                     .l4_proto = protos[i / 4 % 2],
                                     .ip_version = v6 ? 6 : 4};
        uint8_t *address, *port, old_address[16], old_port[2];
        csumoff_sum16 field;

        make_one(how.ip_version, how.l4_proto, i % 50, "");
        frame_set_field(&made, partial ? frame_seed(&made) : frame_complete(&made));
        field = memory16(frame_field(&made));
        address = made.bytes + made.l3 + (v6 ? 24 : 16);
        port = made.bytes + made.l4 + 2;
        memcpy(old_address, address, size);
        memcpy(old_port, port, 2);
        rng_fill(&rng, address, size);
        rng_fill(&rng, port, 2);
        how.is_pseudo_header = true;
        how.from = old_address;
        how.to = address;
        how.len = size;
        csumoff_adjust_l4(&field, &how);
        how.is_pseudo_header = false;
        how.from = old_port;
        how.to = port;
        how.len = 2;
        csumoff_adjust_l4(&field, &how);
        CHECK_EQ(wire16(field), partial ? frame_seed(&made) : frame_complete(&made));
    }
}
END_TEST

/* ---- Local checksum offload ---------------------------------------------------------------- */

struct tunnel {
    size_t l3, udp, inner, inner_offset; /* offsets from the start of the frame */
    size_t udp_len;
    bool v6;
};

/* Ethernet, outer IP, outer UDP, `gap` bytes of encapsulation, an inner frame that is seeded. */
static void make_tunnel(struct tunnel *t, bool v6, unsigned inner_version, uint8_t proto,
                        size_t gap, size_t payload, size_t padding)
{
    struct recipe recipe = {.ethernet = true,
                            .version = inner_version,
                            .chain = "h",
                            .proto = proto,
                            .payload = payload};
    static struct frame inner;
    uint8_t *p = made.bytes;
    size_t l3_len = v6 ? 40 : 24;

    frame_build(&inner, &recipe, &rng);
    frame_set_l3(&inner);
    frame_set_field(&inner, frame_seed(&inner));
    memset(&made.recipe, 0, sizeof made.recipe);
    rng_fill(&rng, p, 14 + l3_len + 8 + gap);
    t->v6 = v6;
    t->l3 = 14;
    t->udp = 14 + l3_len;
    t->udp_len = 8 + gap + inner.len;
    t->inner = t->udp + 8 + gap + inner.l4;
    t->inner_offset = inner.csum_offset;
    p[t->l3] = v6 ? 0x60 : 0x46;
    p[t->l3 + (v6 ? 6 : 9)] = UDP;
    store_wire16(p + t->l3 + (v6 ? 4 : 2), (uint16_t)(t->udp_len + (v6 ? 0 : l3_len)));
    store_wire16(p + t->udp + 4, (uint16_t)t->udp_len);
    memcpy(p + t->udp + 8 + gap, inner.bytes, inner.len);
    memset(p + t->udp + t->udp_len, 0, padding);
    made.len = made.end = t->udp + t->udp_len + padding;
    made.l3 = t->l3;
    made.l4 = t->udp;
}

/* The outer checksum of a frame whose inner one is complete: all of it read. */
static uint16_t ref_outer(const uint8_t *p, const struct tunnel *t)
{
    const uint8_t *l3 = p + t->l3;
    uint32_t len = (uint32_t)t->udp_len;
    uint16_t check = ref_transport(t->v6 ? ref_pseudo6(l3 + 8, l3 + 24, UDP, len)
                                         : ref_pseudo4(l3 + 12, l3 + 16, UDP, len),
                                   p + t->udp, t->udp_len, 6);

    return check ? check : 0xFFFF;
}

static void check_outer(const struct tunnel *t)
{
    uint8_t *p = placed(&made, made.len);

    CHECK_EQ(csumoff_outer(p, made.len, t->udp, t->inner, t->inner_offset, t->l3), CSUMOFF_OK);
    copy_frame(&expected, &made);
    ref_finish(&expected, t->inner, t->inner_offset);
    store_wire16(made.bytes + t->udp + 6, ref_outer(expected.bytes, t));
    check_same("outer", &made, p, made.len);
}

/* Outer and inner of both versions, TCP and UDP in it, even and odd distances, with padding. */
START_TEST(outer_udp)
{
    size_t v6, inner, proto, gap, payload, padding;

    for (v6 = 0; v6 < 2; v6++)
        for (inner = 4; inner <= 6; inner += 2)
            for (proto = TCP; proto <= UDP; proto += UDP - TCP)
                for (gap = 0; gap <= 17; gap++)
                    for (payload = 0; payload < 24; payload++)
                        for (padding = 0; padding <= 3; padding += 3) {
                            struct tunnel t;

                            make_tunnel(&t, v6, (unsigned)inner, (uint8_t)proto, gap, payload,
                                        padding);
                            check_outer(&t);
                        }
}
END_TEST

/* The outer sum comes out 0: 0xFFFF. The inner one, too, when it is finished: the same sum. */
START_TEST(outer_zero_becomes_ones)
{
    size_t i;

    for (i = 0; i < 64; i++) {
        struct tunnel t;
        uint16_t complete;

        make_tunnel(&t, i % 2, 4, TCP, 8, 20 + i / 2, 0);
        /* Choose the outer source port, the first word of the datagram. */
        store_wire16(made.bytes + t.udp, 0);
        copy_frame(&expected, &made);
        ref_finish(&expected, t.inner, t.inner_offset);
        complete = ref_outer(expected.bytes, &t);
        store_wire16(made.bytes + t.udp, complete);
        check_outer(&t);
        CHECK_EQ(load_wire16(made.bytes + t.udp + 6), 0xFFFF);
    }
}
END_TEST

static void check_no_outer(size_t udp, size_t inner, size_t offset, size_t l3, int want)
{
    uint8_t *p = placed(&made, made.len);
    int status = csumoff_outer(p, made.len, udp, inner, offset, l3);

    if (status != want)
        ck_abort_msg("outer: %d, not %d: length %zu, UDP at %zu, inner at %zu + %zu, L3 at %zu",
                     status, want, made.len, udp, inner, offset, l3);
    check_same("refused outer", &made, p, made.len);
}

/* What is inside may begin right behind the outer UDP header. */
START_TEST(outer_without_encapsulation)
{
    struct tunnel t;
    size_t v6;

    for (v6 = 0; v6 < 2; v6++) {
        make_tunnel(&t, v6, 4, TCP, 0, 40, 0);
        t.inner = t.udp + 8;
        check_outer(&t);
    }
}
END_TEST

START_TEST(outer_offsets)
{
    static const size_t far[] = {SIZE_MAX,     SIZE_MAX - 1,     SIZE_MAX - 2,    SIZE_MAX - 7,
                                 SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 2};
    struct tunnel t;
    size_t i, v6;

    for (v6 = 0; v6 < 2; v6++) {
        make_tunnel(&t, v6, 4, TCP, 8, 40, 0);
        check_no_outer(t.udp, t.inner, 15, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, t.udp - 1, 16, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, 0, 16, t.l3, CSUMOFF_ERANGE);
        for (i = 0; i < 8; i++) /* inside the outer UDP header */
            check_no_outer(t.udp, t.udp + i, 16, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.l3 - 1, t.inner, 16, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, t.inner, 16, t.udp, CSUMOFF_ERANGE);
        check_no_outer(t.udp, t.inner, 16, t.udp + 1, CSUMOFF_ERANGE);
        check_no_outer(t.inner + 2, t.inner, 16, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, made.len, 0, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, made.len - 1, 0, t.l3, CSUMOFF_ERANGE);
        check_no_outer(t.udp, made.len - 17, 16, t.l3, CSUMOFF_ERANGE);
        for (i = 0; i < sizeof far / sizeof *far; i++) {
            check_no_outer(far[i], t.inner, 16, t.l3, CSUMOFF_ERANGE);
            check_no_outer(t.udp, far[i], 16, t.l3, CSUMOFF_ERANGE);
            check_no_outer(t.udp, t.inner, far[i], t.l3, CSUMOFF_ERANGE);
            check_no_outer(t.udp, t.inner, 16, far[i], CSUMOFF_ERANGE);
            check_no_outer(t.udp, t.inner, (0 - t.inner) & ~(size_t)1, t.l3, CSUMOFF_ERANGE);
        }
    }
}
END_TEST

START_TEST(outer_headers)
{
    struct tunnel t;
    unsigned version, v6, len;

    for (v6 = 0; v6 < 2; v6++) {
        for (version = 0; version < 16; version++) {
            if (version == 4 || version == 6)
                continue;
            make_tunnel(&t, v6, 4, TCP, 8, 40, 0);
            made.bytes[t.l3] = (uint8_t)(version << 4 | 5);
            check_no_outer(t.udp, t.inner, 16, t.l3, CSUMOFF_EHDR);
        }
        /* The IP header is at least as long as its version says. */
        make_tunnel(&t, v6, 4, TCP, 8, 40, 0);
        for (len = 1; len < (v6 ? 40 : 20); len++) {
            made.bytes[t.udp - len] = v6 ? 0x60 : 0x45;
            check_no_outer(t.udp, t.inner, 16, t.udp - len, CSUMOFF_EHDR);
        }
        made.bytes[t.udp - len] = v6 ? 0x60 : 0x45;
        t.l3 = t.udp - len;
        check_outer(&t);
        make_tunnel(&t, v6, 4, TCP, 8, 40, 0);
        for (len = 0; len < t.inner - t.udp + 18; len++) { /* ends before the inner field does */
            store_wire16(made.bytes + t.udp + 4, (uint16_t)len);
            check_no_outer(t.udp, t.inner, 16, t.l3, CSUMOFF_EHDR);
        }
        for (len = (unsigned)t.udp_len + 1; len <= 0xFFFF; len += 501) { /* beyond the frame */
            store_wire16(made.bytes + t.udp + 4, (uint16_t)len);
            check_no_outer(t.udp, t.inner, 16, t.l3, CSUMOFF_EHDR);
        }
        make_tunnel(&t, v6, 4, TCP, 8, 40, 5);
        made.bytes[made.len - 1 - v6] = 1;
        check_no_outer(t.udp, t.inner, 16, t.l3, CSUMOFF_ETRAILER);
    }
}
END_TEST

/* ---- Anything at all ----------------------------------------------------------------------- */

/*
 * Frames with a few bytes wrong, cut anywhere. Whatever is said about them has to hold together:
 * an error touches nothing; what was filled is GOOD; what was seeded finishes to GOOD.
 */
START_TEST(mutated)
{
    size_t i, rounds = effort(200000, 20000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_report report;
        struct csumoff_layout layout;
        size_t n;
        uint8_t *p;
        int status, found;

        make(rng_below(&rng, recipe_count()));
        for (n = rng_below(&rng, 4); n > 0; n--)
            made.bytes[rng_below(&rng, made.l4 + 8)] =
                (uint8_t)(rng_below(&rng, 2) ? rng_u32(&rng) : rng_below(&rng, 70));
        if (i % 4 == 0)
            made.len = rng_below(&rng, made.len + 1);
        p = placed(&made, made.len);
        found = csumoff_locate(p, made.len, link_of(&made), &layout);
        ck_assert_int_le(found, CSUMOFF_OK);
        if (found == CSUMOFF_OK)
            CHECK(layout.end <= made.len && layout.l4_start + layout.l4_len <= layout.end &&
                  layout.csum_offset + 2 <= layout.l4_len);
        status = csumoff_fill(p, made.len, link_of(&made));
        CHECK_EQ(status, found);
        if (status != CSUMOFF_OK)
            check_same("fill", &made, p, made.len);
        CHECK_EQ(csumoff_verify(p, made.len, link_of(&made), &report) == CSUMOFF_OK,
                 status != CSUMOFF_ETRUNC && status != CSUMOFF_EHDR);
        if (status == CSUMOFF_OK) {
            CHECK_EQ(report.l4, CSUMOFF_GOOD);
            CHECK(report.l3 == CSUMOFF_GOOD || report.l3 == CSUMOFF_ABSENT);
        }
        p = placed(&made, made.len);
        status = csumoff_seed(p, made.len, link_of(&made), &layout);
        if (status != CSUMOFF_OK) {
            check_same("seed", &made, p, made.len);
            continue;
        }
        CHECK_EQ(csumoff_verify(p, made.len, link_of(&made), &report), CSUMOFF_OK);
        CHECK(report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD);
        CHECK_EQ(csumoff_finish(p, made.len, layout.csum_start, layout.csum_offset), CSUMOFF_OK);
        CHECK_EQ(csumoff_verify(p, made.len, link_of(&made), &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, CSUMOFF_GOOD);
    }
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *const *tests)
{
    TCase *group = suite_group(suite, name);

    tcase_add_checked_fixture(group, setup, NULL);
    for (; *tests; tests++)
        tcase_add_test(group, *tests);
}

int main(void)
{
    const TTest *const frames[] = {every_frame_located,
                                   filled,
                                   seeded_finished_good,
                                   bad,
                                   truncated_at_every_byte,
                                   mutated,
                                   NULL};
    const TTest *const malformed[] = {vlan_tags,
                                      other_ethertypes,
                                      ip_versions,
                                      versions_without_a_link,
                                      ipv4_header_lengths,
                                      ipv6_payload_lengths,
                                      ipv6_chain_beyond_its_packet,
                                      ipv6_chain_of_headers_without_end,
                                      udp_lengths,
                                      fragments,
                                      atomic_fragment_with_reserved_bits,
                                      other_protocols,
                                      nothing_behind_an_extension_header,
                                      ipv4_source_routes,
                                      routing_header_with_segments_left,
                                      NULL};
    const TTest *const finish[] = {finish_everywhere,
                                   finish_at_random,
                                   finish_zero_becomes_ones,
                                   forced_zero,
                                   finish_bounds,
                                   finish_iov_every_split,
                                   finish_iov_byte_by_byte,
                                   finish_iov_of_nothing,
                                   trailer,
                                   NULL};
    const TTest *const verdicts[] = {seeded_gso,
                                     good_goes_before_seeded,
                                     seeded_goes_before_seeded_gso,
                                     seed_in_either_zero,
                                     dhcp_client_on_a_raw_socket,
                                     captured_on_the_sender,
                                     udp_zero,
                                     icmp_error_quotes_a_packet,
                                     translated,
                                     NULL};
    const TTest *const outer[] = {
        outer_udp,     outer_zero_becomes_ones, outer_without_encapsulation,
        outer_offsets, outer_headers,           NULL};
    Suite *suite = suite_create("packets");

    add(suite, "frames", frames);
    add(suite, "malformed", malformed);
    add(suite, "finish", finish);
    add(suite, "verdicts", verdicts);
    add(suite, "outer", outer);
    return suite_run(suite);
}
