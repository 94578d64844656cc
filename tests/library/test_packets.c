// SPDX-License-Identifier: MIT
/*
 * Packets: seeded, finished, filled, judged. Every frame lies flush against an unreadable page,
 * with exactly its bytes, and is compared whole: what must not change, did not.
 */
#include "../oracle/packet_checks.h"

static struct packet expected;

/* Bytes of no meaning, for what does not look for headers. */
static void make_bytes(size_t len)
{
    memset(&made.spec, 0, sizeof made.spec);
    made.len = top->end = len;
    top->l3 = top->l4 = 0;
    rng_fill(&rng, made.bytes, len);
}

/* ---- Every frame there is ---------------------------------------------------------------- */

/* The layout of the frame made, which has to be found. */
static struct csumoff_layout located(const uint8_t *p)
{
    struct csumoff_layout layout;

    check_status("locate", &made, made.len, csumoff_locate(p, made.len, link_of(&made), &layout),
                 CSUMOFF_OK);
    return layout;
}

/* fill and fill_at: of the frame made, and again of what they have left. */
static void check_filled(void)
{
    uint8_t *p = placed(&made, made.len);
    struct csumoff_layout layout = located(p);
    int round;

    packet_set_l3(&made, 0);
    packet_set_complete(&made, 0);
    for (round = 0; round < 2; round++) { /* the second time nothing is left to do */
        check_status("fill", &made, made.len, csumoff_fill(p, made.len, link_of(&made)),
                     CSUMOFF_OK);
        check_same("fill", &made, p, made.len);
    }
    check_report(&made, p, made.len, CSUMOFF_GOOD);
    packet_set_field(&made, 0, (uint16_t)rng_u32(&rng));
    p = placed(&made, made.len);
    packet_set_complete(&made, 0);
    check_status("fill_at", &made, made.len, csumoff_fill_at(p, made.len, &layout), CSUMOFF_OK);
    check_same("fill_at", &made, p, made.len);
}

START_TEST(filled)
{
    size_t i, step = effort(1, 11);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        check_filled();
    }
}
END_TEST

START_TEST(random_frames_filled)
{
    size_t i, rounds = effort(100000, 4000);

    for (i = 0; i < rounds; i++) {
        make_random(2);
        if (top->finding == FOUND)
            check_filled();
    }
}
END_TEST

/* What the field holds to begin with when a device is to finish it: a seed; for protocols without
 * a pseudo-header 0. Over UDP-Lite and DCCP as well, where nobody but finish_at does it so. */
static uint16_t start_value(void)
{
    return top->skip_len
               ? ref_fold(0xFFFFu -
                          ref_fold(ref_sum(made.bytes + top->l4 + top->skip, top->skip_len)))
               : packet_seed(&made, 0);
}

/* csumoff_seed_value() and csumoff_finish_at() of the frame made. */
static void check_finished_at(void)
{
    uint8_t *p = placed(&made, made.len);
    struct csumoff_layout layout = located(p);
    uint16_t complete;

    CHECK(is_same_sum(wire16(csumoff_seed_value(&layout)), start_value()));
    if (top->has_pseudo)
        CHECK(is_same_sum(wire16(csumoff_seed_value_gso(&layout)), packet_seed_gso(&made, 0)));
    else if (!top->skip_len)
        CHECK(csumoff_seed_value(&layout) == 0 && csumoff_seed_value_gso(&layout) == 0);
    if (!top->is_crc32c) /* SCTP's field does not matter */
        packet_set_field(&made, 0, start_value());
    p = placed(&made, made.len);
    check_status("finish_at", &made, made.len, csumoff_finish_at(p, made.len, &layout), CSUMOFF_OK);
    packet_set_complete(&made, 0);
    if (!top->is_crc32c) { /* a device stores 0xFFFF for any protocol */
        complete = packet_complete(&made, 0);
        packet_set_field(&made, 0, complete ? complete : 0xFFFF);
    }
    check_same("finish_at", &made, p, made.len);
    packet_set_l3(&made, 0);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
}

START_TEST(seed_values_and_finish_at)
{
    size_t i, step = effort(1, 11);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        check_finished_at();
    }
}
END_TEST

START_TEST(random_frames_finished_at)
{
    size_t i, rounds = effort(100000, 4000);

    for (i = 0; i < rounds; i++) {
        make_random(2);
        if (top->finding == FOUND)
            check_finished_at();
    }
}
END_TEST

/* finish_at covers what the checksum does, whatever follows it. */
START_TEST(finish_at_before_a_trailer)
{
    size_t i, rounds = effort(20000, 2000);

    for (i = 0; i < rounds; i++) {
        size_t at;

        make_random(1);
        if (top->finding != FOUND)
            continue;
        at = made.len;
        rng_fill(&rng, made.bytes + at, 20);
        made.len += 20;
        rng_fill(&rng, made.bytes + top->end, at - top->end);
        check_finished_at();
    }
}
END_TEST

/* seed, finish, verify: each step's whole frame against the oracle. */
START_TEST(seeded_finished_good)
{
    static struct packet start;
    size_t i, step = effort(1, 3);

    for (i = 0; i < spec_count(); i += step) {
        struct csumoff_layout layout, at;
        uint8_t *p;
        int status;

        make(i);
        copy_packet(&start, &made);
        p = placed(&made, made.len);
        at = located(p);
        spoil(&layout, sizeof layout);
        status = csumoff_seed(p, made.len, link_of(&made), i % 2 ? NULL : &layout);
        if (top->proto != PROTO_TCP && top->proto != PROTO_UDP) {
            check_status("seed", &made, made.len, status, CSUMOFF_EPROTO);
            check_status("seed_at", &made, made.len, csumoff_seed_at(p, made.len, &at),
                         CSUMOFF_EPROTO);
            check_same("seed", &made, p, made.len);
            CHECK(is_spoilt(&layout, sizeof layout));
            continue;
        }
        check_status("seed", &made, made.len, status, CSUMOFF_OK);
        if (i % 2 == 0)
            check_layout(&made, 0, &layout);
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, packet_seed(&made, 0));
        check_same("seed", &made, p, made.len);
        check_status(
            "seed_at", &made, made.len,
            csumoff_seed_at(memcpy(other.end - made.len, start.bytes, made.len), made.len, &at),
            CSUMOFF_OK);
        check_same("seed_at", &made, other.end - made.len, made.len);
        check_report(&made, p, made.len, l4_verdict(&made, 0));
        check_status("finish", &made, made.len,
                     csumoff_finish(p, made.len, top->l4, top->csum_offset), CSUMOFF_OK);
        packet_set_field(&made, 0, packet_complete(&made, 0) ? packet_complete(&made, 0) : 0xFFFF);
        check_same("finish", &made, p, made.len);
        check_report(&made, p, made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* One bit wrong is BAD, in the field and in what it covers; not where nothing covers it. */
START_TEST(bad)
{
    size_t i, round, step = effort(1, 11);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        packet_set_l3(&made, 0);
        packet_set_complete(&made, 0);
        for (round = 0; round < 4; round++) {
            size_t at = rng_below(&rng, top->l4_len);
            uint8_t bit = (uint8_t)(1u << rng_below(&rng, 8)), *p;
            struct csumoff_layout layout;

            made.bytes[top->l4 + at] ^= bit;
            p = placed(&made, made.len);
            /* What says where things are: another layout, or none. */
            if (csumoff_locate(p, made.len, link_of(&made), &layout) == CSUMOFF_OK &&
                is_layout(&made, 0, &layout) &&
                !(top->skip_len && at >= top->skip && at < top->skip + top->skip_len))
                check_report(&made, p, made.len,
                             top->is_crc32c ? CSUMOFF_BAD : l4_verdict(&made, 0));
            made.bytes[top->l4 + at] ^= bit;
        }
        if (top->version == 4) {
            made.bytes[top->l3 + 8] ^= 1; /* time to live: the IPv4 header's checksum alone */
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
            store_wire16(made.bytes + top->l3 + 10, 0); /* left to the card */
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
            made.bytes[top->l3 + 8] ^= 1;
        }
        if (top->l4 + top->l4_len < made.len) { /* not covered: payload, slack, padding */
            made.bytes[top->l4 + top->l4_len] ^= 0x10;
            packet_set_l3(&made, 0);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        }
    }
}
END_TEST

/* Authentication of OSPFv2 is not covered (RFC 2328, D.4), whatever it is, nor is what follows
 * OSPF's own length (RFC 5613). */
START_TEST(ospf_authentication)
{
    static const size_t slacks[] = {0, 1, 4, 12};
    size_t i, j;

    for (i = 0; i < 3000; i++) {
        size_t slack = slacks[i % COUNT(slacks)], len;
        uint8_t *authentication;

        make_one(i % 3 ? 4 : 6, PROTO_OSPF, 40 + i % 60, "");
        top->l4_len -= slack;
        top->pseudo_len = (uint32_t)top->l4_len;
        store_wire16(made.bytes + top->l4 + 2, (uint16_t)top->l4_len);
        len = top->l4_len;
        authentication = made.bytes + top->l4 + 16;
        if (top->version == 4) {
            uint32_t first = i % 5 == 0 ? 0 : i % 5 == 1 ? 0xFFFFFFFF : 0xFFFFFFFF - (uint32_t)len;

            if (i % 5 < 3) { /* sums that are a zero of one form or the other */
                memset(authentication, i / 5 % 2 ? 0xFF : 0, 8);
                for (j = 0; j < 4; j++)
                    authentication[j] = (uint8_t)(first >> (24 - 8 * j));
            }
        }
        check_filled();
        check_finished_at();
        if (top->version == 4) {
            authentication[i % 8] ^= 0x40;
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        }
    }
}
END_TEST

/* finish and copy_finish of the frame made, each at guard pages. */
static void check_finish(size_t start, size_t offset)
{
    uint8_t *p = placed(&made, made.len), *copy = other.end - made.len;

    copy_packet(&expected, &made);
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
                make_bytes(len);
                check_finish(start, offset);
            }
}
END_TEST

START_TEST(finish_at_random)
{
    size_t i, rounds = effort(20000, 2000);

    for (i = 0; i < rounds; i++) {
        size_t len = 2 + rng_below(&rng, i % 50 ? 1600 : 65534), start = rng_below(&rng, len - 1);

        make_bytes(len);
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

        make_bytes(100 + i % 3);
        start = i % 20;
        offset = i % 41;
        /* Set a word at an even distance so that all sums to 0xFFFF, the seed included. */
        store_wire16(made.bytes + start + 60, 0);
        store_wire16(made.bytes + start + 60,
                     ref_checksum(ref_sum(made.bytes + start, made.len - start)));
        CHECK_EQ(ref_checksum(ref_sum(made.bytes + start, made.len - start)), 0);
        check_finish(start, offset);
        copy_packet(&expected, &made);
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
    } cases[] = {{4, PROTO_TCP, 0},      {6, PROTO_TCP, 0},  {4, PROTO_UDP, 0xFFFF},
                 {6, PROTO_UDP, 0xFFFF}, {4, PROTO_ICMP, 0}, {6, PROTO_ICMPV6, 0}};
    size_t i, payload;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (payload = 2; payload < 40; payload++) {
            uint8_t *p;

            make_one(cases[i].version, cases[i].proto, payload, "d");
            packet_force(&made, 0, 0);
            packet_set_l3(&made, 0);
            CHECK_EQ(packet_complete(&made, 0), cases[i].filled);
            p = placed(&made, made.len);
            CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
            packet_set_field(&made, 0, cases[i].filled);
            check_same("fill", &made, p, made.len);
            check_report(&made, p, made.len, CSUMOFF_GOOD);
            if (cases[i].proto != PROTO_UDP) { /* the other zero is as good */
                packet_set_field(&made, 0, 0xFFFF);
                check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
            }
            if (cases[i].proto == PROTO_ICMP || cases[i].proto == PROTO_ICMPV6)
                continue;
            CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, NULL), CSUMOFF_OK);
            CHECK_EQ(csumoff_finish(p, made.len, top->l4, top->csum_offset), CSUMOFF_OK);
            packet_set_field(&made, 0, 0xFFFF);
            check_same("finish", &made, p, made.len);
        }
    }
}
END_TEST

/* Without a pseudo-header data may be all zeros: its checksum is 0xFFFF, whatever the field holds.
 */
START_TEST(zeros_alone)
{
    static const uint8_t protos[] = {PROTO_ICMP, PROTO_IGMP};
    size_t i, payload;

    for (i = 0; i < COUNT(protos); i++)
        for (payload = 0; payload < 40; payload++) {
            const uint16_t fields[] = {0, 1, 0xFFFF, (uint16_t)rng_u32(&rng)};
            size_t j;

            for (j = 0; j < COUNT(fields); j++) {
                uint8_t *p;

                make_one(4, protos[i], payload, "");
                memset(made.bytes + top->l4, 0, top->l4_len);
                packet_set_field(&made, 0, fields[j]);
                packet_set_l3(&made, 0);
                check_report(&made, placed(&made, made.len), made.len,
                             fields[j] % 0xFFFF ? CSUMOFF_BAD : CSUMOFF_GOOD);
                p = placed(&made, made.len);
                CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
                packet_set_field(&made, 0, 0xFFFF);
                check_same("fill", &made, p, made.len);
            }
        }
}
END_TEST

/* All three finishers must say CSUMOFF_ERANGE, and write nothing. */
static void check_no_finish(size_t start, size_t offset)
{
    uint8_t *p = placed(&made, made.len), *copy = other.end - made.len;
    size_t half = made.len / 2;
    const struct csumoff_iov iov[] = {{p, half}, {NULL, 0}, {p + half, made.len - half}};

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
        make_bytes(len);
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
    struct csumoff_iov iov[6];
    uint8_t *piece[3], joined[256];
    size_t count = 0, i, at = 0;

    if (!third.map)
        CHECK(guarded_new(&third, 4096) && guarded_new(&end, sizeof iov));
    for (i = 0; i < 3; i++) {
        size_t len = cuts[i + 1] - cuts[i];

        piece[i] = i == 0 ? page.end - len : i == 1 ? other.begin : third.end - len;
        memcpy(piece[i], made.bytes + cuts[i], len);
        if (with_empty)
            iov[count++] = (struct csumoff_iov){i % 2 ? piece[i] : NULL, 0};
        iov[count++] = (struct csumoff_iov){len ? piece[i] : NULL, len};
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
    copy_packet(&expected, &made);
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
            make_bytes(len);
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
                struct csumoff_iov iov[24];
                uint8_t *p;

                make_bytes(len);
                p = placed(&made, len);
                for (i = 0; i < len; i++)
                    iov[i] = (struct csumoff_iov){p + i, 1};
                CHECK_EQ(csumoff_finish_iov(iov, len, start, offset), CSUMOFF_OK);
                copy_packet(&expected, &made);
                ref_finish(&expected, start, offset);
                check_same("finish_iov", &expected, p, len);
            }
}
END_TEST

START_TEST(finish_iov_of_nothing)
{
    struct csumoff_iov empty = {NULL, 0};

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
                struct packet_spec spec =
                    spec_plain(versions[v], payload % 3 ? PROTO_UDP : PROTO_TCP, payload, "");
                struct csumoff_layout layout;
                uint8_t *p;

                spec.level[0].slack = payload % 3 ? 3 : 0;
                spec.level[0].padding = payload % 3 ? 6 : 9;
                packet_build(&made, &spec, &rng);
                made.bytes[made.len - 9 + i] = (uint8_t)(1u << i % 8);
                p = placed(&made, made.len);
                spoil(&layout, sizeof layout);
                check_status("seed", &made, made.len,
                             csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, &layout),
                             CSUMOFF_ETRAILER);
                check_same("seed", &made, p, made.len);
                CHECK(is_spoilt(&layout, sizeof layout));
                layout = located(p);
                check_status("seed_at", &made, made.len, csumoff_seed_at(p, made.len, &layout),
                             CSUMOFF_ETRAILER);
                check_same("seed_at", &made, p, made.len);
                check_status("fill", &made, made.len,
                             csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
                packet_set_l3(&made, 0);
                packet_set_field(&made, 0, packet_complete(&made, 0));
                check_same("fill", &made, p, made.len);
                check_report(&made, p, made.len, CSUMOFF_GOOD);
                packet_set_field(&made, 0, packet_seed(&made, 0));
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
            make_one(versions[v], i % 2 ? PROTO_UDP : PROTO_TCP, 100 + i, "");
            packet_set_l3(&made, 0);
            packet_set_field(&made, 0, packet_seed_gso(&made, 0));
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

        make_one(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP, 20 + i, "h");
        packet_force(&made, 0, gso ? packet_seed_gso(&made, 0) : packet_seed(&made, 0));
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, gso ? packet_seed_gso(&made, 0) : packet_seed(&made, 0));
        CHECK_EQ(packet_complete(&made, 0), packet_field(&made, 0));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* A length of 65535 is a zero: both seeds are one, and SEEDED goes first. Complete, it is GOOD. */
START_TEST(seeded_goes_before_seeded_gso)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP};
    size_t i;

    for (i = 0; i < 2; i++) {
        make_one(6, protos[i], 65535 - (protos[i] == PROTO_TCP ? 20 : 8), "");
        CHECK_EQ(top->l4_len, 65535);
        CHECK_EQ(packet_seed(&made, 0), packet_seed_gso(&made, 0));
        packet_set_field(&made, 0, packet_seed(&made, 0));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
        packet_force(&made, 0, packet_seed(&made, 0));
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

        make_one(versions[v], PROTO_TCP, 33, "");
        address = made.bytes + top->l3 + (versions[v] == 4 ? 12 : 8);
        store_wire16(address, 0);
        packet_set_pseudo(&made, 0, address, NULL);
        store_wire16(address, (uint16_t)(0xFFFF - packet_seed(&made, 0)));
        packet_set_pseudo(&made, 0, address, NULL);
        CHECK_EQ(packet_seed(&made, 0), 0xFFFF);
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, 0xFFFF);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
        packet_set_field(&made, 0, 0x0000);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_SEEDED);
    }
}
END_TEST

/* What to do with it, as who reads raw packets has to decide by the verdict alone. */
static bool acceptable(const struct packet *f)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(placed(f, f->len), f->len, link_of(f), &report), CSUMOFF_OK);
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

        make_one(versions[i % 2], PROTO_UDP, 240 + i, "");
        store_wire16(made.bytes + top->l4, i % 2 ? 547 : 67);
        store_wire16(made.bytes + top->l4 + 2, i % 2 ? 546 : 68);
        packet_set_l3(&made, 0);
        seed = packet_seed(&made, 0);
        packet_set_field(&made, 0, seed);
        CHECK(acceptable(&made));
        packet_set_field(&made, 0, packet_complete(&made, 0));
        CHECK(acceptable(&made));
        field = seed ^ (uint16_t)(1u << i % 16);
        if (field == 0 || field % 0xFFFF == seed % 0xFFFF || field == packet_seed_gso(&made, 0) ||
            field % 0xFFFF == packet_complete(&made, 0) % 0xFFFF)
            continue;
        packet_set_field(&made, 0, field);
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

        make_one(versions[i % 2], i / 2 % 2 ? PROTO_UDP : PROTO_TCP, i, "");
        packet_set_l3(&made, 0);
        seed = gso ? packet_seed_gso(&made, 0) : packet_seed(&made, 0);
        packet_set_field(&made, 0, seed);
        check_report(&made, placed(&made, made.len), made.len,
                     seed == packet_complete(&made, 0) ? CSUMOFF_GOOD
                     : gso                             ? CSUMOFF_SEEDED_GSO
                                                       : CSUMOFF_SEEDED);
        packet_set_field(&made, 0,
                         (uint16_t)~seed); /* what a sender makes who complements too early */
        check_report(&made, placed(&made, made.len), made.len,
                     (uint16_t)~seed % 0xFFFF == packet_complete(&made, 0) % 0xFFFF ? CSUMOFF_GOOD
                                                                                    : CSUMOFF_BAD);
        if (gso)
            continue;
        packet_set_field(&made, 0, seed);
        CHECK_EQ(csumoff_finish(made.bytes, made.len, top->l4, top->csum_offset), CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* UDP's 0: none over IPv4, even if the sum came out so; over IPv6 wrong, even then. */
START_TEST(udp_zero)
{
    size_t payload;

    for (payload = 2; payload < 60; payload++) {
        make_one(4, PROTO_UDP, payload, NULL);
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_ABSENT);
        packet_force(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_ABSENT);
        make_one(6, PROTO_UDP, payload, "f");
        packet_set_field(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
        packet_force(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
        packet_set_field(&made, 0, 0xFFFF);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* ICMP's error with the packet it quotes cut short: that is payload, whatever it looks like. */
START_TEST(icmp_error_quotes_a_packet)
{
    uint8_t *p;

    make_one(4, PROTO_ICMP, 28, NULL);
    made.bytes[top->l4] = 3;
    made.bytes[top->l4 + 1] = 3;
    memset(made.bytes + top->l4 + 8, 0, 28);
    made.bytes[top->l4 + 8] = 0x45;
    store_wire16(made.bytes + top->l4 + 10, 1500);
    made.bytes[top->l4 + 17] = PROTO_UDP;
    p = placed(&made, made.len);
    CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    packet_set_l3(&made, 0);
    packet_set_field(&made, 0, packet_complete(&made, 0));
    check_same("fill", &made, p, made.len);
    check_report(&made, p, made.len, CSUMOFF_GOOD);
}
END_TEST

/* ---- Addresses changed on the way --------------------------------------------------------- */

/* A seeded frame and a complete one, through address translation: the same as made anew. */
START_TEST(translated)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP};
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
        packet_set_field(&made, 0, partial ? packet_seed(&made, 0) : packet_complete(&made, 0));
        field = memory16(packet_field(&made, 0));
        address = made.bytes + top->l3 + (v6 ? 24 : 16);
        port = made.bytes + top->l4 + 2;
        memcpy(old_address, address, size);
        memcpy(old_port, port, 2);
        rng_fill(&rng, address, size);
        packet_set_pseudo(&made, 0, NULL, address);
        rng_fill(&rng, port, 2);
        how.is_pseudo_header = true;
        how.from = old_address;
        how.to = address;
        how.from_len = how.to_len = size;
        csumoff_adjust_l4(&field, &how);
        how.is_pseudo_header = false;
        how.from = old_port;
        how.to = port;
        how.from_len = how.to_len = 2;
        csumoff_adjust_l4(&field, &how);
        CHECK_EQ(wire16(field), partial ? packet_seed(&made, 0) : packet_complete(&made, 0));
    }
}
END_TEST

/* ---- Verdicts of other kinds --------------------------------------------------------------- */

/* An IPv4 header whose field is 0 and not right is left to the card; where 0 is right it is GOOD,
 * as 0xFFFF is. */
START_TEST(blank_ipv4_headers)
{
    size_t i;

    for (i = 0; i < 300; i++) {
        struct packet_spec spec = spec_plain(4, i % 2 ? PROTO_TCP : PROTO_ESP, 30, "");
        uint8_t *id, *check;

        spec.level[0].options = (uint8_t)(i % 11 * 4);
        packet_build(&made, &spec, &rng);
        packet_set_complete(&made, 0);
        id = made.bytes + top->l3 + 4;
        check = made.bytes + top->l3 + 10;
        store_wire16(check, 0);
        check_report(&made, placed(&made, made.len), made.len,
                     i % 2 ? CSUMOFF_GOOD : CSUMOFF_UNCHECKED);
        CHECK_EQ(l3_verdict(&made, 0), CSUMOFF_BLANK);
        CHECK_EQ(csumoff_verify(made.bytes, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_ECSUM);
        /* Choose the identification so that the header sums to 0xFFFF without a checksum. */
        store_wire16(id, 0);
        store_wire16(id, ref_ipv4_header(made.bytes + top->l3, packet_l3_len(&made, 0)));
        CHECK_EQ(l3_verdict(&made, 0), CSUMOFF_GOOD);
        check_report(&made, placed(&made, made.len), made.len,
                     i % 2 ? CSUMOFF_GOOD : CSUMOFF_UNCHECKED);
        store_wire16(check, 0xFFFF);
        check_report(&made, placed(&made, made.len), made.len,
                     i % 2 ? CSUMOFF_GOOD : CSUMOFF_UNCHECKED);
    }
}
END_TEST

/* RFC 6935: over IPv6 UDP's 0 is legal in tunnels, which are told by their destination port. */
START_TEST(udp_zero_in_tunnels_over_ipv6)
{
    static const uint16_t tunnels[] = {4789, 8472, 4790, 6081, 2152, 6635, 4341, 6080};
    uint32_t port;
    size_t i;

    make_one(6, PROTO_UDP, 40, "d");
    for (port = 0; port <= 0xFFFF; port += (uint32_t)effort(1, 7)) {
        store_wire16(made.bytes + top->l4 + 2, (uint16_t)port);
        packet_set_field(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len,
                     is_tunnel_port((uint16_t)port) ? CSUMOFF_ABSENT : CSUMOFF_BAD);
    }
    for (i = 0; i < COUNT(tunnels); i++) {
        store_wire16(made.bytes + top->l4 + 2, tunnels[i]);
        packet_set_field(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_ABSENT);
        packet_set_complete(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        packet_set_field(&made, 0, (uint16_t)(packet_field(&made, 0) ^ 0x0100));
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
        /* The source port says nothing. */
        store_wire16(made.bytes + top->l4, tunnels[i]);
        store_wire16(made.bytes + top->l4 + 2, 53);
        packet_set_field(&made, 0, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
    }
}
END_TEST

/* RFC 3828, section 3.1: UDP-Lite has no 0; what sums to it is 0xFFFF, when filled in as well. */
START_TEST(udplite_zero)
{
    size_t i;

    for (i = 0; i < 200; i++) {
        uint8_t *p;

        make_one(i % 2 ? 6 : 4, PROTO_UDPLITE, 2 + i, "");
        packet_force(&made, 0, 0);
        CHECK_EQ(packet_complete(&made, 0), 0xFFFF);
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, 0);
        p = placed(&made, made.len);
        check_report(&made, p, made.len, CSUMOFF_BAD);
        CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        packet_set_field(&made, 0, 0xFFFF);
        check_same("fill", &made, p, made.len);
        check_report(&made, p, made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* SCTP is GOOD or BAD; a field of 0 is not excused, nor is an Internet checksum. */
START_TEST(crc32c_verdicts)
{
    size_t i;
    int bit;

    for (i = 0; i < 200; i++) {
        uint8_t *field;

        make_one(i % 2 ? 6 : 4, PROTO_SCTP, i, "d");
        packet_seal(&made);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        field = made.bytes + top->l4 + 8;
        for (bit = 0; bit < 32; bit++) {
            field[bit / 8] ^= (uint8_t)(1 << bit % 8);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
            field[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        memset(field, 0, 4);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
    }
}
END_TEST

/* UDP-Lite and DCCP hold no seeds: what looks like one is wrong. */
START_TEST(protocols_without_seeds)
{
    static const uint8_t protos[] = {PROTO_UDPLITE, PROTO_DCCP};
    size_t i;

    for (i = 0; i < 600; i++) {
        make_one(6, protos[i % 2], 20 + i, "");
        packet_set_field(&made, 0, i / 2 % 2 ? packet_seed(&made, 0) : packet_seed_gso(&made, 0));
        if (!is_same_sum(packet_field(&made, 0), packet_complete(&made, 0)))
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_BAD);
    }
}
END_TEST

/* verify is OK where nothing is wrong, and says no of every seed. */
START_TEST(verify_fails_closed)
{
    size_t i;

    for (i = 0; i < 400; i++) {
        make_one(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP, 50 + i, "");
        packet_seal(&made);
        CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET),
                 CSUMOFF_OK);
        packet_set_field(&made, 0, i / 4 % 2 ? packet_seed(&made, 0) : packet_seed_gso(&made, 0));
        if (l4_verdict(&made, 0) != CSUMOFF_GOOD)
            CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET),
                     CSUMOFF_ECSUM);
        packet_seal(&made);
        if (top->version == 6)
            continue;
        made.bytes[top->l3 + 8] ^= 0x40; /* the IPv4 header alone */
        CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET),
                 CSUMOFF_ECSUM);
    }
    /* A fragment is as good as its IPv4 header. */
    make_one(4, PROTO_UDP, 50, "F");
    packet_set_l3(&made, 0);
    CHECK_EQ(csumoff_verify(made.bytes, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    made.bytes[top->l3 + 8] ^= 0x40;
    CHECK_EQ(csumoff_verify(made.bytes, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_ECSUM);
}
END_TEST

/* ---- Layouts that are not this frame's ------------------------------------------------------ */

/* A word of a layout, at random: near what it was, near the frame's end, near 4 GiB. */
static uint32_t other_offset(uint32_t was)
{
    switch (rng_below(&rng, 6)) {
    case 0:
        return was + (uint32_t)rng_below(&rng, 9) - 4;
    case 1:
        return (uint32_t)made.len + (uint32_t)rng_below(&rng, 9) - 4;
    case 2:
        return UINT32_MAX - (uint32_t)rng_below(&rng, 9);
    case 3:
        return (uint32_t)rng_below(&rng, made.len + 1);
    case 4:
        return 0;
    default:
        return rng_u32(&rng);
    }
}

static void mutate_layout(struct csumoff_layout *layout)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_SCTP, PROTO_DCCP};
    uint32_t *const words[] = {&layout->l3_start,   &layout->l4_start, &layout->payload_start,
                               &layout->end,        &layout->l4_len,   &layout->csum_start,
                               &layout->csum_offset};
    uint32_t *word = words[rng_below(&rng, COUNT(words))];

    *word = other_offset(*word);
    if (rng_below(&rng, 8) == 0)
        layout->csum_kind = (uint8_t)rng_below(&rng, 4);
    if (rng_below(&rng, 8) == 0)
        layout->ip_version = (uint8_t)(rng_below(&rng, 2) ? 4 : 6);
    if (rng_below(&rng, 8) == 0)
        layout->l4_proto = protos[rng_below(&rng, COUNT(protos))];
}

/*
 * A layout that is not this frame's, or a frame that was cut behind its back: nothing outside the
 * frame is read or written, and nothing in it where the answer is an error. The pages on both sides
 * are there to see to it.
 */
START_TEST(layouts_of_another_frame)
{
    size_t i, rounds = effort(400000, 20000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layout;
        struct csumoff_report report;
        const uint8_t word[2] = {1, 2};
        size_t n, len;
        uint8_t *p;
        int status;

        make_random(1);
        if (top->finding != FOUND)
            continue;
        layout = located(placed(&made, made.len));
        for (n = rng_below(&rng, 4); n > 0; n--)
            mutate_layout(&layout);
        len = rng_below(&rng, 2) ? made.len : rng_below(&rng, made.len + 1);
        if (i % 2)
            p = placed(&made, len);
        else
            p = memcpy(page.begin, made.bytes, len);
        switch (i / 2 % 6) {
        case 0:
            status = csumoff_seed_at(p, len, &layout);
            break;
        case 1:
            status = csumoff_fill_at(p, len, &layout);
            break;
        case 2:
            status = csumoff_finish_at(p, len, &layout);
            break;
        case 3:
            spoil(&report, sizeof report);
            status = csumoff_inspect_at(p, len, &layout, &report);
            check_same("inspect_at", &made, p, len);
            if (status != CSUMOFF_OK)
                CHECK(is_spoilt(&report, sizeof report));
            break;
        case 4:
            status = csumoff_outer(p, len, &layout, other_offset(layout.csum_start),
                                   other_offset(layout.csum_offset));
            break;
        default:
            status = csumoff_rewrite(p, len, &layout, CSUMOFF_NONE, other_offset(layout.l4_start),
                                     word, sizeof word);
            break;
        }
        if (status != CSUMOFF_OK)
            check_same("an error", &made, p, len);
        if (len < top->end && n == 0 && i / 2 % 6 < 4 && layout.end > len)
            CHECK(status != CSUMOFF_OK || layout.end <= len || top->l4 + top->l4_len <= len);
    }
}
END_TEST

/* The frame is one byte shorter than its layout: ERANGE, of all of them. */
/* A layout that has UDP's checksum at the very end has no port in front of it. */
START_TEST(layout_without_a_udp_header)
{
    const struct csumoff_layout layout = {.l4_start = 40,
                                          .end = 60,
                                          .l4_len = 2,
                                          .csum_start = 58,
                                          .pseudo = 1,
                                          .ip_version = 6,
                                          .l4_proto = PROTO_UDP};
    struct csumoff_report report;
    const struct csumoff_iov iov = {page.end - 60, 60};

    memset(page.end - 60, 0, 60);
    CHECK_EQ(csumoff_inspect_at(page.end - 60, 60, &layout, &report), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_inspect_iov(&iov, 1, &layout, &report), CSUMOFF_ERANGE);
}
END_TEST

/* What comes behind LLC is no header of ours, so it may be too short for one. */
START_TEST(short_frames_that_are_not_ip)
{
    static const uint8_t frames[][32] = {
        {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 3, 0x42, 0x42, 3},
        {2, 2,    2, 2, 2, 2,    2, 2, 2, 2,    2, 2, 0x81, 0,    0,
         1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1,    0x81, 0},
    };
    static const size_t lens[] = {17, 30};
    size_t i;

    for (i = 0; i < COUNT(frames); i++) {
        const uint8_t *p = memcpy(page.end - lens[i], frames[i], lens[i]);
        struct csumoff_layout layout;

        CHECK_EQ(csumoff_locate(p, lens[i], CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_EPROTO);
        CHECK_EQ(csumoff_verify(p, lens[i], CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    }
}
END_TEST

START_TEST(layouts_beyond_the_frame)
{
    size_t i, rounds = effort(20000, 3000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layout;
        struct csumoff_report report;
        size_t len;
        uint8_t *p;

        make_random(1);
        if (top->finding != FOUND)
            continue;
        layout = located(placed(&made, made.len));
        len = rng_below(&rng, top->l4 + top->l4_len);
        p = placed(&made, len);
        spoil(&report, sizeof report);
        CHECK_EQ(csumoff_fill_at(p, len, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_at(p, len, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_inspect_at(p, len, &layout, &report), CSUMOFF_ERANGE);
        if (top->proto == PROTO_TCP || top->proto == PROTO_UDP)
            CHECK_EQ(csumoff_seed_at(p, len, &layout), CSUMOFF_ERANGE);
        check_same("refused", &made, p, len);
        CHECK(is_spoilt(&report, sizeof report));
    }
}
END_TEST

/* All that takes a layout refuses this one, and writes nothing. */
static void check_refused_at(uint8_t *p, size_t len, const struct csumoff_layout *layout)
{
    struct csumoff_layout changed = *layout;
    struct csumoff_report report;
    const uint8_t word[2] = {1, 2};

    spoil(&report, sizeof report);
    CHECK_EQ(csumoff_seed_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_fill_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_finish_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_inspect_at(p, len, layout, &report), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_rewrite(p, len, &changed, CSUMOFF_NONE, layout->l3_start, word, sizeof word),
             CSUMOFF_ERANGE);
    check_same("refused", &made, p, len);
    CHECK(is_spoilt(&report, sizeof report));
}

/* An IPv4 header whose length is not the layout's any more, since it is longer or impossible; or
 * one where the frame ends. */
START_TEST(layouts_with_another_ipv4_header)
{
    unsigned ihl;
    size_t i;

    for (ihl = 0; ihl < 16; ihl++) {
        struct csumoff_layout layout;

        make_one(4, ihl % 2 ? PROTO_TCP : PROTO_UDP, 100, "");
        layout = located(placed(&made, made.len));
        made.bytes[top->l3] = (uint8_t)(0x40 | ihl);
        if (ihl != 5)
            check_refused_at(placed(&made, made.len), made.len, &layout);
    }
    for (i = 0; i < 20; i++) { /* so many bytes from the end */
        struct csumoff_layout layout;

        make_one(4, PROTO_TCP, 100, "");
        layout = located(placed(&made, made.len));
        layout.end = layout.l4_start = (uint32_t)made.len;
        layout.l3_start = (uint32_t)(made.len - i);
        check_refused_at(placed(&made, made.len), made.len, &layout);
    }
}
END_TEST

/* ---- What went wrong in the field ----------------------------------------------------------- */

/* A seed behind an EtherType that isn't IP is made and finished: tags of QinQ's first kind, MPLS,
 * PPPoE, SNAP. Behind a fifth tag nothing is found, and csumoff_finish() still works. */
START_TEST(seed_behind_other_links)
{
    size_t i;

    for (i = 0; i < 600; i++) {
        struct packet_spec spec =
            spec_plain(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP, 64, "");
        struct level_spec *s = &spec.level[0];
        struct csumoff_layout layout;
        uint8_t *p;

        s->tag_count = i / 4 % 3 == 0;
        s->tags[0] = 0x9100;
        s->labels = i / 4 % 3 == 1 ? (uint8_t)(1 + i / 12 % 4) : 0;
        s->carrier =
            i / 4 % 3 == 2 ? (i / 12 % 2 ? CARRIER_PPPOE : CARRIER_SNAP) : CARRIER_ETHERTYPE;
        packet_build(&made, &spec, &rng);
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_OK);
        CHECK_EQ(csumoff_finish(p, made.len, layout.csum_start, layout.csum_offset), CSUMOFF_OK);
        packet_seal(&made);
        if (packet_complete(&made, 0) == 0)
            packet_set_field(&made, 0, 0xFFFF);
        check_same("seed and finish", &made, p, made.len);
        CHECK_EQ(csumoff_verify(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        s->carrier = CARRIER_ETHERTYPE;
        s->labels = 0;
        s->tag_count = 5;
        s->tags[1] = s->tags[2] = s->tags[3] = s->tags[4] = 0x8100;
        packet_build(&made, &spec, &rng);
        packet_set_field(&made, 0, packet_seed(&made, 0));
        packet_set_l3(&made, 0);
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, NULL), CSUMOFF_EPROTO);
        CHECK_EQ(csumoff_finish(p, made.len, top->l4, top->csum_offset), CSUMOFF_OK);
        packet_seal(&made);
        if (packet_complete(&made, 0) == 0)
            packet_set_field(&made, 0, 0xFFFF);
        check_same("finish", &made, p, made.len);
    }
}
END_TEST

/* An SCTP packet whose CRC32c is still to be made, whatever its field holds, plain or inside. */
START_TEST(crc32c_still_to_be_made)
{
    size_t i;

    for (i = 0; i < 600; i++) {
        struct packet_spec spec = spec_plain(i % 2 ? 6 : 4, PROTO_SCTP, 100 + i % 7, "");
        struct csumoff_layout layouts[2];
        unsigned inner = i / 2 % 2;
        size_t count, j;
        uint8_t *p;

        if (inner) {
            spec.levels = 2;
            spec.level[1] = spec.level[0];
            spec.level[0].tunnel = i / 4 % 2 ? TUNNEL_VXLAN : TUNNEL_GRE;
            spec.level[0].flags = GRE_C;
        }
        packet_build(&made, &spec, &rng);
        if (i % 3 == 0)
            memset(made.bytes + made.level[inner].l4 + 8, 0, 4);
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_locate_all(p, made.len, CSUMOFF_LINK_ETHERNET, layouts, 2, &count),
                 CSUMOFF_OK);
        CHECK_EQ(count, inner + 1);
        CHECK_EQ(layouts[inner].csum_kind, CSUMOFF_CRC32C);
        CHECK_EQ(layouts[inner].csum_offset, 8);
        CHECK_EQ(csumoff_finish_at(p, made.len, &layouts[inner]), CSUMOFF_OK);
        packet_set_complete(&made, inner);
        check_same("finish_at", &made, p, made.len);
        for (j = count; j-- > 0;)
            CHECK_EQ(csumoff_fill_at(p, made.len, &layouts[j]), CSUMOFF_OK);
        packet_seal(&made);
        check_same("fill_at", &made, p, made.len);
        CHECK_EQ(csumoff_verify(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    }
}
END_TEST

/* IPv6 along a route: right for its end (RFC 8200, section 8.1); right for the next hop is wrong.
 */
START_TEST(next_hop_of_an_ipv6_route)
{
    static const char *const chains[] = {"0", "2", "3", "4", "hd4", "30"};
    size_t i;

    for (i = 0; i < 600; i++) {
        make_one(6, i % 2 ? PROTO_UDP : PROTO_TCP, 40, chains[i / 2 % COUNT(chains)]);
        packet_set_complete(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
        expected = made;
        packet_set_pseudo(&expected, 0, NULL, made.bytes + top->daddr);
        packet_set_field(&made, 0, packet_complete(&expected, 0));
        check_report(&made, placed(&made, made.len), made.len, l4_verdict(&made, 0));
        packet_set_field(&made, 0, packet_seed(&expected, 0));
        check_report(&made, placed(&made, made.len), made.len, l4_verdict(&made, 0));
    }
}
END_TEST

/* The next hop of IPv4's source routes counts for UDP, as Linux makes it, and for nothing else. */
START_TEST(next_hop_of_an_ipv4_route)
{
    static const uint8_t protos[] = {PROTO_UDP, PROTO_TCP, PROTO_UDPLITE, PROTO_DCCP};
    size_t i;

    for (i = 0; i < 800; i++) {
        struct packet_spec spec = spec_plain(4, protos[i % COUNT(protos)], 40, "");
        uint16_t complete, seed;
        uint8_t dst[4];

        spec.level[0].options = 12;
        spec.level[0].route_option = i / 4 % 2 ? 131 : 137;
        spec.level[0].route_slots = 2;
        spec.level[0].route_done = i / 8 % 2;
        packet_build(&made, &spec, &rng);
        packet_set_l3(&made, 0);
        complete = packet_complete_next_hop(&made, 0);
        expected = made;
        packet_set_pseudo(&expected, 0, NULL, made.bytes + top->daddr);
        seed = packet_seed(&expected, 0);
        memcpy(dst, top->dst, 4);
        packet_set_field(&made, 0, complete);
        check_routed_report(dst);
        packet_set_field(&made, 0, seed);
        check_routed_report(dst);
    }
}
END_TEST

/* Where UDP over an IPv4 route is right for the next hop and holds a seed for the end, GOOD goes
 * first; a seed for the next hop goes before one without the length for the end. */
START_TEST(next_hop_goes_before_a_seed_of_the_end)
{
    size_t i;

    for (i = 0; i < 400; i++) {
        struct packet_spec spec = spec_plain(4, PROTO_UDP, 40, "");
        uint8_t dst[4], *next = made.bytes + 14 + 16;
        uint16_t field;

        spec.level[0].options = 12;
        spec.level[0].route_option = 131;
        spec.level[0].route_slots = 2;
        packet_build(&made, &spec, &rng);
        packet_set_l3(&made, 0);
        memcpy(dst, top->dst, 4);
        field = i % 2 ? packet_seed(&made, 0) : packet_seed_gso(&made, 0);
        packet_set_field(&made, 0, field);
        /* Choose the next hop so that the field is complete for it, or its seed. */
        store_wire16(next, 0);
        packet_set_pseudo(&made, 0, NULL, next);
        if (i / 2 % 2)
            store_wire16(
                next, (uint16_t)ref_fold((uint64_t)packet_complete(&made, 0) + (0xFFFF - field)));
        else
            store_wire16(next, ref_fold((uint64_t)field + (0xFFFF - packet_seed(&made, 0))));
        packet_set_pseudo(&made, 0, NULL, next);
        CHECK_EQ(rank(l4_verdict(&made, 0)), i / 2 % 2 ? 0 : 1);
        packet_set_l3(&made, 0);
        check_routed_report(dst);
    }
}
END_TEST

/* TSO and BIG TCP: frames whose IP header says 0, and jumbograms, are filled, seeded and judged. */
START_TEST(super_frames_and_jumbograms)
{
    static const size_t payloads[] = {0, 1460, 65535, 65600, 70000};
    size_t i;

    for (i = 0; i < 120; i++) {
        struct packet_spec spec = spec_plain(i % 2 ? 6 : 4, i / 2 % 2 ? PROTO_UDP : PROTO_TCP,
                                             payloads[i / 4 % COUNT(payloads)], "");
        struct csumoff_layout layout;
        uint8_t *p;

        spec.level[0].is_udp_zero = true;
        spec.level[0].is_zero_long = true;
        if (i % 2 && spec.level[0].payload > 65535 && i / 20 % 2) {
            spec.level[0].is_zero_long = false;
            spec.level[0].chain[0] = 'j';
        }
        packet_build(&made, &spec, &rng);
        p = placed(&made, made.len);
        check_status("seed", &made, made.len, csumoff_seed(p, made.len, link_of(&made), &layout),
                     CSUMOFF_OK);
        packet_set_l3(&made, 0);
        packet_set_field(&made, 0, packet_seed(&made, 0));
        check_same("seed", &made, p, made.len);
        check_report(&made, p, made.len, l4_verdict(&made, 0));
        check_filled();
        check_finished_at();
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
    size_t i, rounds = effort(200000, 12000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_report report;
        struct csumoff_layout layout;
        size_t n;
        uint8_t *p;
        int status, found;

        if (i % 2)
            make(rng_below(&rng, spec_count()));
        else
            make_random(2);
        for (n = rng_below(&rng, 4); n > 0; n--)
            made.bytes[rng_below(&rng, top->l4 + 8)] =
                (uint8_t)(rng_below(&rng, 2) ? rng_u32(&rng) : rng_below(&rng, 70));
        if (i % 4 == 0)
            made.len = rng_below(&rng, made.len + 1);
        p = placed(&made, made.len);
        found = csumoff_locate(p, made.len, link_of(&made), &layout);
        ck_assert_int_le(found, CSUMOFF_OK);
        if (found == CSUMOFF_OK)
            CHECK(layout.end <= made.len && layout.l4_start + layout.l4_len <= layout.end &&
                  layout.csum_offset + 2 <= layout.l4_len && layout.l3_start < layout.l4_start &&
                  layout.csum_start == layout.l4_start && layout.payload_start <= layout.end);
        status = csumoff_fill(p, made.len, link_of(&made));
        CHECK_EQ(status, found);
        if (status != CSUMOFF_OK)
            check_same("fill", &made, p, made.len);
        CHECK_EQ(csumoff_inspect(p, made.len, link_of(&made), &report) == CSUMOFF_OK,
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
        CHECK_EQ(csumoff_inspect(p, made.len, link_of(&made), &report), CSUMOFF_OK);
        CHECK(report.l4 == CSUMOFF_SEEDED || report.l4 == CSUMOFF_GOOD);
        CHECK_EQ(csumoff_finish(p, made.len, layout.csum_start, layout.csum_offset), CSUMOFF_OK);
        CHECK_EQ(csumoff_inspect(p, made.len, link_of(&made), &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, CSUMOFF_GOOD);
    }
}
END_TEST

int main(void)
{
    const TTest *const frames[] = {filled,
                                   random_frames_filled,
                                   seed_values_and_finish_at,
                                   random_frames_finished_at,
                                   finish_at_before_a_trailer,
                                   seeded_finished_good,
                                   bad,
                                   ospf_authentication,
                                   mutated,
                                   NULL};
    const TTest *const finish[] = {finish_everywhere,
                                   finish_at_random,
                                   finish_zero_becomes_ones,
                                   forced_zero,
                                   zeros_alone,
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
                                     blank_ipv4_headers,
                                     udp_zero_in_tunnels_over_ipv6,
                                     udplite_zero,
                                     crc32c_verdicts,
                                     protocols_without_seeds,
                                     verify_fails_closed,
                                     NULL};
    const TTest *const layouts[] = {layouts_of_another_frame,         layouts_beyond_the_frame,
                                    layouts_with_another_ipv4_header, layout_without_a_udp_header,
                                    short_frames_that_are_not_ip,     NULL};
    const TTest *const field[] = {seed_behind_other_links,
                                  crc32c_still_to_be_made,
                                  next_hop_of_an_ipv6_route,
                                  next_hop_of_an_ipv4_route,
                                  next_hop_goes_before_a_seed_of_the_end,
                                  super_frames_and_jumbograms,
                                  NULL};
    Suite *suite = suite_create("packets");

    add(suite, "frames", frames);
    add(suite, "finish", finish);
    add(suite, "verdicts", verdicts);
    add(suite, "layouts", layouts);
    add(suite, "field", field);
    return suite_run(suite);
}
