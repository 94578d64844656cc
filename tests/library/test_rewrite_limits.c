// SPDX-License-Identifier: MIT
/* Rewriting at the bounds: of the frame, of what a seed covers, of the lengths of headers and
 * packets. */
#include "rewrite_checks.h"

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

/* Headers of 616 bytes: refused, or right. */
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
        CHECK_EQ(status, at < L4_AT + 24 ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        if (status == CSUMOFF_OK) {
            pseudo = ref_pseudo6(frame + 8, frame + 24, PROTO_TCP, L4_LEN);
            CHECK_EQ(load_wire16(frame + L4_AT + 16),
                     ref_transport(pseudo, frame + L4_AT, L4_LEN, 16));
            CHECK(same_bytes(frame + at, bytes, at < 40 ? 16 : 2));
        } else {
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
    const TTest *const limits[] = {
        bounds, behind_what_a_seed_covers, jumbo_option, long_headers, large_packets, NULL};
    Suite *suite = suite_create("rewrite_limits");

    suite_add(suite, "limits", limits);
    setup();
    return suite_run(suite);
}
