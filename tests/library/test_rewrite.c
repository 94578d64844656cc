// SPDX-License-Identifier: MIT
/*
 * csumoff_rewrite() against computing anew: any bytes, anywhere in a packet of any kind, under any
 * state. What may be written, and what must not be, comes from the specimens' truth.
 */
#include "rewrite_checks.h"

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

int main(void)
{
    const TTest *const any[] = {every_offset_and_length, every_byte, long_spans, random_packets,
                                NULL};
    const TTest *const routes[] = {source_routes, udp_along_a_route_of_ipv4, compressed_routes,
                                   home_address, NULL};
    const TTest *const zeros[] = {sums_of_zero, zeros_stay, wrong_never_becomes_blank,
                                  right_though_zero, NULL};
    const TTest *const tunnels[] = {inside_a_tunnel, tunnel_without_a_checksum,
                                    outside_of_a_seeded_packet, NULL};
    Suite *suite = suite_create("rewrite");

    suite_add(suite, "any", any);
    suite_add(suite, "routes", routes);
    suite_add(suite, "zeros", zeros);
    suite_add(suite, "tunnels", tunnels);
    setup();
    return suite_run(suite);
}
