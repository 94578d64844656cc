// SPDX-License-Identifier: MIT
/*
 * Where things are in a frame: every recipe located, from the whole frame, from its head, from
 * pieces; cut short at every byte.
 */
#include "locate_checks.h"

/* ---- Every frame there is ---------------------------------------------------------------- */

/* The IPv4 header's checksum alone is made and judged where the L4 has none. */
static void check_l3_work(void)
{
    struct csumoff_report report;
    struct csumoff_layout layout;
    uint8_t *p = placed(&made, made.len);

    if (top->finding == FOUND)
        return;
    CHECK_EQ(csumoff_locate_l3(p, made.len, made.len, link_of(&made), &layout), CSUMOFF_OK);
    CHECK_EQ(csumoff_finish_at(p, made.len, &layout), CSUMOFF_EPROTO);
    CHECK_EQ(csumoff_inspect_at(p, made.len, &layout, &report), CSUMOFF_OK);
    check_one_report(&made, 0, &report, CSUMOFF_UNCHECKED);
    CHECK_EQ(csumoff_fill_at(p, made.len, &layout), CSUMOFF_OK);
    packet_set_l3(&made, 0);
    check_same("fill_at", &made, p, made.len);
    CHECK_EQ(csumoff_inspect_at(p, made.len, &layout, &report), CSUMOFF_OK);
    check_one_report(&made, 0, &report, CSUMOFF_UNCHECKED);
}

START_TEST(every_frame_located)
{
    size_t i;

    for (i = 0; i < spec_count(); i++) {
        make(i);
        check_located();
    }
}
END_TEST

START_TEST(random_frames_located)
{
    size_t i, rounds = effort(200000, 12000);

    for (i = 0; i < rounds; i++) {
        make_random(3);
        check_located();
    }
}
END_TEST

/* What has no checksum to be located has its IP header found, made and judged. */
START_TEST(ip_headers_alone)
{
    static const char *const chains[] = {"F",  "M",   "u",  "hF", "aM", "hdu",
                                         "fF", "uhF", "0u", "Ha", "aa", ""};
    size_t i, rounds = effort(20000, 2000), some = 0;

    for (i = 0; i < rounds; i++) {
        struct packet_spec spec = spec_random(&rng, 2);
        struct level_spec *s = &spec.level[0];

        snprintf(s->chain, sizeof s->chain, "%s", chains[rng_below(&rng, COUNT(chains))]);
        if (s->tunnel == TUNNEL_NONE && rng_below(&rng, 2))
            s->proto = rng_below(&rng, 2) ? PROTO_ESP : PROTO_NONE;
        packet_build(&made, &spec, &rng);
        some += top->finding != FOUND;
        check_l3(made.len);
        check_l3_work();
    }
    CHECK(some > rounds / 2);
}
END_TEST

/* Super-frames whose IP header says 0: they end where the frame does. On other links 0 is no
 * length. */
START_TEST(super_frames)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_SCTP};
    static const size_t payloads[] = {0, 1, 100, 1459, 65535, 65600, 70000};
    size_t i, round;

    for (i = 0; i < COUNT(protos) * COUNT(payloads) * 4; i++)
        for (round = 0; round < 4; round++) {
            struct packet_spec spec =
                spec_plain(i % 2 ? 6 : 4, protos[i / 4 % COUNT(protos)],
                           payloads[i / 4 / COUNT(protos)], i % 2 ? "hd" : "");
            struct level_spec *s = &spec.level[0];
            struct csumoff_layout layout;
            uint8_t *p;

            s->is_zero_long = true;
            s->ethernet = i / 2 % 2;
            s->tag_count = s->ethernet ? (uint8_t)round : 0;
            s->tags[0] = s->tags[1] = s->tags[2] = 0x8100;
            s->is_udp_zero = s->payload > 65000 || round % 2;
            packet_build(&made, &spec, &rng);
            check_located();
            p = placed(&made, made.len);
            CHECK_EQ(csumoff_locate(p, made.len,
                                    s->ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP, &layout),
                     i % 2 ? CSUMOFF_ETRUNC : CSUMOFF_EHDR);
        }
}
END_TEST

/* A super link says nothing of frames whose IP header has a length. */
START_TEST(super_links_with_a_length)
{
    size_t i, rounds = effort(20000, 2000);

    for (i = 0; i < rounds; i++) {
        enum csumoff_link link;
        struct csumoff_layout layout;

        make_random(1);
        link = made.spec.level[0].ethernet ? CSUMOFF_LINK_ETHERNET_SUPER : CSUMOFF_LINK_IP_SUPER;
        check_status("locate", &made, made.len,
                     csumoff_locate(placed(&made, made.len), made.len, link, &layout),
                     status_of(&made, 0));
        if (top->finding == FOUND)
            check_layout(&made, 0, &layout);
    }
}
END_TEST

/* RFC 2675: the option says the length, on every link, behind and before other options. */
START_TEST(jumbo_option)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_SCTP};
    size_t i;

    for (i = 0; i < 60; i++) {
        struct packet_spec spec = spec_plain(6, protos[i % 3], 65536 + 37 * i, i % 2 ? "j" : "jdr");
        struct level_spec *s = &spec.level[0];
        struct csumoff_layout layout;

        s->ethernet = i % 4 != 0;
        s->padding = i % 5;
        s->is_udp_zero = true;
        packet_build(&made, &spec, &rng);
        check_located();
        CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len,
                                s->ethernet ? CSUMOFF_LINK_ETHERNET_SUPER : CSUMOFF_LINK_IP_SUPER,
                                &layout),
                 CSUMOFF_OK);
        check_layout(&made, 0, &layout); /* the option, not the frame's end */
        check_refused(&made, top->end - 1, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
        check_refused(&made, top->l4, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

START_TEST(jumbo_option_that_is_wrong)
{
    struct packet_spec spec = spec_plain(6, PROTO_TCP, 65600, "j");
    static const uint32_t values[] = {0, 1, 40, 65535, 65534, 0x10000000, 0xFFFFFFFF};
    uint8_t *option;
    size_t i;

    packet_build(&made, &spec, &rng);
    for (option = made.bytes + top->l3 + 42; option[0] != 0xC2 || option[1] != 4;)
        option += option[0] ? 2 + option[1] : 1;
    for (i = 0; i < COUNT(values); i++) {
        int want = values[i] < 65536 ? CSUMOFF_EHDR : CSUMOFF_ETRUNC;

        store_wire16(option + 2, (uint16_t)(values[i] >> 16));
        store_wire16(option + 4, (uint16_t)values[i]);
        check_refused(&made, made.len, want, want, want);
    }
    packet_build(&made, &spec, &rng); /* beside a length in the header */
    store_wire16(made.bytes + top->l3 + 4, 60000);
    check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
}
END_TEST

/* ---- Cut short ----------------------------------------------------------------------------- */

/* The frame made, cut at every byte: what it lacks is said, whatever else is wrong with it. */
static void check_truncated(void)
{
    size_t len;

    for (len = 0; len < top->end; len++)
        check_refused(&made, len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
}

START_TEST(truncated_at_every_byte)
{
    size_t i, step = effort(5, 211);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        check_truncated();
    }
}
END_TEST

START_TEST(random_frames_truncated)
{
    size_t i, rounds = effort(8000, 300);

    for (i = 0; i < rounds; i++) {
        make_random(2);
        check_truncated();
    }
}
END_TEST

/* A super-frame ends where it is cut; only its headers have to be there. */
START_TEST(super_frames_truncated)
{
    size_t i, len;

    for (i = 0; i < 24; i++) {
        struct packet_spec spec =
            spec_plain(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP, 40, i % 2 ? "hd" : "");
        struct csumoff_layout layout;

        spec.level[0].is_zero_long = true;
        spec.level[0].is_udp_zero = true;
        spec.level[0].ethernet = i / 4 % 2;
        packet_build(&made, &spec, &rng);
        for (len = 0; len < top->l4 + top->fixed; len++)
            check_refused(&made, len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
        for (; len <= made.len; len++) {
            check_status("locate", &made, len,
                         csumoff_locate(placed(&made, len), len, link_of(&made), &layout),
                         CSUMOFF_OK);
            CHECK_EQ(layout.end, len);
            CHECK_EQ(layout.l4_len, len - top->l4);
        }
    }
}
END_TEST

/* ---- From the head ------------------------------------------------------------------------- */

/* Where it has to be said exactly how much of an L4 header is its fixed part. */
static bool is_fixed_part_known(uint8_t proto)
{
    return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_UDPLITE ||
           proto == PROTO_SCTP;
}

/* Every head of the frame made: EHEAD until the headers are there, then what locate says. */
static void check_heads(size_t step)
{
    size_t have, enough = top->l4 + top->fixed;
    bool is_known = false;

    for (have = 0; have <= made.len; have += have < enough + 4 ? 1 : step) {
        struct csumoff_layout layout;
        uint8_t *p = placed(&made, have), proto;
        int status, want = status_of(&made, 0);

        spoil(&layout, sizeof layout);
        status = csumoff_locate_head(p, have, made.len, link_of(&made), &layout);
        if (status != CSUMOFF_EHEAD || have == made.len || have >= enough)
            check_status("locate_head", &made, have, status, want);
        if (status == CSUMOFF_EHEAD && is_known)
            ck_abort_msg("locate_head: %zu bytes are too few, fewer were enough: %s", have,
                         spec_text(&made.spec));
        is_known = status != CSUMOFF_EHEAD;
        if (is_known) {
            check_l3(have);
        } else {
            check_status("locate_l3", &made, have,
                         csumoff_locate_l3(p, have, made.len, link_of(&made), &layout),
                         CSUMOFF_EHEAD);
            CHECK(top->finding != NOT_WHOLE || top->version != 4 || have < followed(&proto));
        }
        if (status != CSUMOFF_OK) {
            CHECK(is_spoilt(&layout, sizeof layout));
            continue;
        }
        check_layout(&made, 0, &layout);
        if (have < enough && (is_fixed_part_known(top->proto) ||
                              have < top->l4 + top->csum_offset + (top->is_crc32c ? 4 : 2)))
            ck_abort_msg("locate_head: OK with %zu bytes, L4 at %zu: %s", have, top->l4,
                         spec_text(&made.spec));
    }
}

START_TEST(every_head)
{
    size_t i, step = effort(3, 71);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        check_heads(11);
    }
}
END_TEST

START_TEST(heads_of_random_frames)
{
    size_t i, rounds = effort(20000, 1000);

    for (i = 0; i < rounds; i++) {
        make_random(2);
        check_heads(97);
    }
}
END_TEST

START_TEST(heads_of_super_frames)
{
    size_t i;

    for (i = 0; i < 16; i++) {
        struct packet_spec spec =
            spec_plain(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP, 60000, i % 2 ? "h" : "");

        spec.level[0].is_zero_long = true;
        spec.level[0].ethernet = i / 4 % 2;
        spec.level[0].is_udp_zero = i / 8;
        packet_build(&made, &spec, &rng);
        check_heads(997);
    }
}
END_TEST

/* A frame too short for its own headers is so whatever is at hand; its head alone never says OK. */
START_TEST(heads_of_truncated_frames)
{
    size_t i, rounds = effort(2000, 100), len, have;

    for (i = 0; i < rounds; i++) {
        make_random(1);
        len = rng_below(&rng, top->end);
        for (have = 0; have <= len; have++) {
            struct csumoff_layout layout;
            const uint8_t *p = placed(&made, have);
            int status;

            spoil(&layout, sizeof layout);
            status = csumoff_locate_l3(p, have, len, link_of(&made), &layout);
            if (status != CSUMOFF_EHEAD || have == len)
                check_status("locate_l3", &made, have, status, CSUMOFF_ETRUNC);
            CHECK(is_spoilt(&layout, sizeof layout));
            if (top->finding != FOUND)
                continue;
            status = csumoff_locate_head(p, have, len, link_of(&made), &layout);
            if (status != CSUMOFF_EHEAD || have == len)
                check_status("locate_head", &made, have, status, CSUMOFF_ETRUNC);
        }
    }
}
END_TEST

/* A packet by each way through the headers: plain ones, tagged, without a link, with options. */
enum {
    WAYS = 8
};

static void make_way(size_t way)
{
    struct packet_spec spec = spec_plain(way % 2 ? 6 : 4, PROTO_TCP, 40, way < 6 ? "" : "a");

    if (way / 2 == 1) {
        spec.level[0].tag_count = 1;
        spec.level[0].tags[0] = 0x8100;
    }
    spec.level[0].ethernet = way / 2 != 2;
    packet_build(&made, &spec, &rng);
}

START_TEST(head_longer_than_its_frame)
{
    struct csumoff_layout layout;
    size_t way;

    for (way = 0; way < WAYS; way++) {
        const uint8_t *p;

        make_way(way);
        p = placed(&made, made.len);
        spoil(&layout, sizeof layout);
        CHECK_EQ(csumoff_locate_head(p, made.len, made.len - 1, link_of(&made), &layout),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_head(p, made.len, 0, link_of(&made), &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_head(NULL, 0, made.len, link_of(&made), &layout), CSUMOFF_EHEAD);
        CHECK_EQ(csumoff_locate_head(NULL, 0, 0, link_of(&made), &layout), CSUMOFF_ETRUNC);
        CHECK_EQ(csumoff_locate(NULL, 0, link_of(&made), &layout), CSUMOFF_ETRUNC);
        CHECK_EQ(csumoff_locate_l3(p, made.len, made.len - 1, link_of(&made), &layout),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_l3(p, made.len, 0, link_of(&made), &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_l3(NULL, 0, made.len, link_of(&made), &layout), CSUMOFF_EHEAD);
        CHECK_EQ(csumoff_locate_l3(NULL, 0, 0, link_of(&made), &layout), CSUMOFF_ETRUNC);
        CHECK(is_spoilt(&layout, sizeof layout));
    }
}
END_TEST

/* Offsets have 32 bits. */
START_TEST(longer_than_4_gib)
{
#if SIZE_MAX > 0xFFFFFFFF
    struct csumoff_report report;
    struct csumoff_layout layout;
    size_t way;

    for (way = 0; way < WAYS; way++) {
        const uint8_t *p;

        make_way(way);
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_locate_head(p, made.len, 0xFFFFFFFF, link_of(&made), &layout), CSUMOFF_OK);
        check_layout(&made, 0, &layout);
        spoil(&layout, sizeof layout);
        spoil(&report, sizeof report);
        CHECK_EQ(csumoff_locate_head(p, made.len, (size_t)0x100000000, link_of(&made), &layout),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_head(p, made.len, SIZE_MAX, link_of(&made), &layout),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_l3(p, made.len, (size_t)0x100000000, link_of(&made), &layout),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_inspect(p, (size_t)0x100000000, link_of(&made), &report), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_verify(p, (size_t)0x100000000, link_of(&made)), CSUMOFF_ERANGE);
        CHECK(is_spoilt(&layout, sizeof layout) && is_spoilt(&report, sizeof report));
    }
#endif
}
END_TEST

/* ---- From pieces --------------------------------------------------------------------------- */

/* The frame made in pieces, with bytes of no meaning between them; the last one ends at the page.
 */
static void check_pieces(const size_t *cuts, size_t count)
{
    static struct guarded end;
    struct csumoff_iov iov[64];
    struct csumoff_layout layout;
    size_t i, at = made.len, pieces = 0;
    uint8_t *p = other.end;

    if (!end.map)
        CHECK(guarded_new(&end, sizeof iov));
    for (i = count; i-- > 0;) {
        size_t len = at - cuts[i];

        p -= len;
        memcpy(p, made.bytes + cuts[i], len);
        iov[i].base = len || i % 2 ? p : NULL;
        iov[i].len = len;
        at = cuts[i];
        p -= 3;
        memset(p, 0x45, 3);
        pieces++;
    }
    CHECK_EQ(at, 0);
    spoil(&layout, sizeof layout);
    check_status("locate_iov", &made, cuts[count > 1],
                 csumoff_locate_iov(guarded_copy(&end, iov, pieces * sizeof *iov), pieces,
                                    link_of(&made), &layout),
                 status_of(&made, 0));
    if (top->finding == FOUND)
        check_layout(&made, 0, &layout);
    else
        CHECK(is_spoilt(&layout, sizeof layout));
}

START_TEST(cut_into_two)
{
    size_t i, step = effort(7, 151), cut;

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        for (cut = 0; cut <= made.len; cut++) {
            const size_t cuts[] = {0, cut};

            check_pieces(cuts, 2);
        }
    }
}
END_TEST

START_TEST(cut_into_many)
{
    size_t i, j, k, rounds = effort(60000, 4000), cuts[64];

    for (i = 0; i < rounds; i++) {
        size_t count = 1 + rng_below(&rng, COUNT(cuts)), reach;

        make_random(2);
        /* Mostly among the headers; pieces of a byte and of none come by themselves. */
        reach = top->l4 + 30 < made.len && i % 4 ? top->l4 + 30 : made.len;
        cuts[0] = 0;
        for (j = 1; j < count; j++) {
            size_t cut = rng_below(&rng, reach + 1);

            for (k = j; k > 0 && cuts[k - 1] > cut; k--)
                cuts[k] = cuts[k - 1];
            cuts[k] = cut;
        }
        check_pieces(cuts, count);
    }
}
END_TEST

START_TEST(pieces_of_a_byte)
{
    static struct csumoff_iov iov[200];
    size_t i, j, step = effort(11, 211);

    for (i = 0; i < spec_count(); i += step) {
        struct csumoff_layout layout;
        uint8_t *p;
        size_t n;

        make(i);
        p = placed(&made, made.len);
        n = made.len < COUNT(iov) ? made.len : COUNT(iov);
        for (j = 0; j < n; j++) {
            iov[j].base = p + j;
            iov[j].len = j + 1 < n ? 1 : made.len - j;
        }
        check_status("locate_iov", &made, made.len,
                     csumoff_locate_iov(iov, n, link_of(&made), &layout), CSUMOFF_OK);
        check_layout(&made, 0, &layout);
    }
}
END_TEST

START_TEST(pieces_truncated)
{
    size_t i, rounds = effort(20000, 2000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layout;
        struct csumoff_iov iov[4];
        size_t len, cut;
        uint8_t *p;

        make_random(1);
        len = rng_below(&rng, top->end);
        cut = rng_below(&rng, len + 1);
        p = placed(&made, len);
        iov[0].base = p;
        iov[0].len = cut;
        iov[1].base = NULL;
        iov[1].len = 0;
        iov[2].base = p + cut;
        iov[2].len = len - cut;
        iov[3] = iov[1];
        spoil(&layout, sizeof layout);
        check_status("locate_iov", &made, len, csumoff_locate_iov(iov, 4, link_of(&made), &layout),
                     CSUMOFF_ETRUNC);
        CHECK(is_spoilt(&layout, sizeof layout));
    }
}
END_TEST

START_TEST(pieces_of_nothing)
{
    struct csumoff_iov empty[2] = {{NULL, 0}, {NULL, 0}};
    struct csumoff_layout layout;

    spoil(&layout, sizeof layout);
    CHECK_EQ(csumoff_locate_iov(NULL, 0, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_ETRUNC);
    CHECK_EQ(csumoff_locate_iov(empty, 2, CSUMOFF_LINK_IP, &layout), CSUMOFF_ETRUNC);
    CHECK(is_spoilt(&layout, sizeof layout));
}
END_TEST

/* Headers longer than 512 bytes: located in one piece, or refused; never wrong. */
START_TEST(long_headers_in_pieces)
{
    struct packet_spec spec = spec_plain(6, PROTO_UDP, 30, "rrrrrrrrrr");
    struct csumoff_layout layout;
    struct csumoff_iov iov[2];
    size_t i, cut, found = 0, refused = 0;

    for (i = 0; i < 200; i++) {
        packet_build(&made, &spec, &rng);
        for (cut = 0; cut <= made.len; cut += 5) {
            uint8_t *p = placed(&made, made.len);
            int status;

            iov[0].base = p;
            iov[0].len = cut;
            iov[1].base = p + cut;
            iov[1].len = made.len - cut;
            status = csumoff_locate_iov(iov, 2, CSUMOFF_LINK_ETHERNET, &layout);
            if (status != CSUMOFF_ENOTSUP || cut >= top->l4 + 8 || top->l4 + 8 <= 512) {
                check_status("locate_iov", &made, made.len, status, CSUMOFF_OK);
                check_layout(&made, 0, &layout);
                found++;
            } else {
                refused++;
            }
        }
    }
    CHECK(found > 0);
    (void)refused;
}
END_TEST

int main(void)
{
    const TTest *const frames[] = {every_frame_located,
                                   random_frames_located,
                                   ip_headers_alone,
                                   super_frames,
                                   super_links_with_a_length,
                                   jumbo_option,
                                   jumbo_option_that_is_wrong,
                                   truncated_at_every_byte,
                                   random_frames_truncated,
                                   super_frames_truncated,
                                   NULL};
    const TTest *const heads[] = {every_head,
                                  heads_of_random_frames,
                                  heads_of_super_frames,
                                  heads_of_truncated_frames,
                                  head_longer_than_its_frame,
                                  longer_than_4_gib,
                                  NULL};
    const TTest *const pieces[] = {cut_into_two,
                                   cut_into_many,
                                   pieces_of_a_byte,
                                   pieces_truncated,
                                   pieces_of_nothing,
                                   long_headers_in_pieces,
                                   NULL};
    Suite *suite = suite_create("locate");

    add(suite, "frames", frames);
    add(suite, "heads", heads);
    add(suite, "pieces", pieces);
    return suite_run(suite);
}
