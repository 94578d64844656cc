// SPDX-License-Identifier: MIT
/*
 * Finishing at an offset, as a device does: every place of a packet, the bounds, zeros, pieces, and
 * what follows the bytes that the checksum covers.
 */
#include "finish_checks.h"

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

int main(void)
{
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
    Suite *suite = suite_create("finish");

    add(suite, "finish", finish);
    return suite_run(suite);
}
