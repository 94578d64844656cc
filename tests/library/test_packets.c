// SPDX-License-Identifier: MIT
/*
 * Packets of every kind: filled, seeded, finished, judged. Every frame lies flush against an
 * unreadable page, with exactly its bytes, and is compared whole: what must not change, did not.
 */
#include "finish_checks.h"

/* ---- Every frame there is ---------------------------------------------------------------- */

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
    Suite *suite = suite_create("packets");

    add(suite, "frames", frames);
    return suite_run(suite);
}
