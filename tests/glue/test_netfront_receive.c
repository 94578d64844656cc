// SPDX-License-Identifier: MIT
/*
 * What is received, and what of that is sent on: flags, verdicts, repairs, rewritten addresses.
 */
#include "netfront_checks.h"

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Flags in each combination; the bits are not those of sending. */
START_TEST(received_flags)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        for (uint16_t flags = 0; flags < 8; flags++) {
            struct csumoff_rx rx = {.state = CSUMOFF_NONE};
            uint8_t *p;

            build(*recipes[i], 100 + i);
            frame_set_l3(&a);
            seeded(&b, &a);
            p = placed(&b, b.len);
            memset(&rx, 0xA5, sizeof rx);
            CHECK_EQ(receive(p, b.len, flags, 0, 0, &rx), CSUMOFF_OK);
            CHECK_EQ(rx.state, flags & RX_BLANK       ? CSUMOFF_PARTIAL
                               : flags & RX_VALIDATED ? CSUMOFF_UNNECESSARY
                                                      : CSUMOFF_NONE);
            CHECK_EQ(rx.csum_start, flags & RX_BLANK ? a.l4 : 0);
            CHECK_EQ(rx.csum_offset, flags & RX_BLANK ? a.csum_offset : 0);
            CHECK(rx.gso_type == 0 && rx.gso_size == 0 && !rx.no_seed);

            CHECK_EQ(receive_finish(p, b.len, flags, 0), CSUMOFF_OK);
            if (flags & RX_BLANK)
                completed(&b, &a);
            check_same(&b, p, b.len);
        }
    }
}
END_TEST

/* A guest that checks what it receives; every kind of frame, trailers included. */
START_TEST(finished_for_a_firewall)
{
    struct rng rng = rng_new(110);

    for (size_t i = 0; i < recipe_count(); i += effort(1, 7)) {
        struct recipe recipe = recipe_at(i);
        uint8_t *p;

        if (!recipe.ethernet || recipe.proto == ICMP || recipe.proto == ICMPV6)
            continue;
        frame_build(&a, &recipe, &rng);
        if (recipe.padding)
            rng_fill(&rng, a.bytes + a.end, recipe.padding);
        frame_set_l3(&a);
        frame_set_field(&a, frame_seed(&a));
        completed(&b, &a);
        if (frame_field(&b) == 0)
            frame_set_field(&b, 0xFFFF);
        p = placed(&a, a.len);
        CHECK_EQ(receive_finish(p, a.len, RX_BLANK, 0), CSUMOFF_OK);
        check_same(&b, p, a.len);
        check_good(p, a.len);
        p = placed(&a, a.len);
        CHECK_EQ(receive_finish(p, a.len, RX_VALIDATED, 0), CSUMOFF_OK);
        check_same(&a, p, a.len);
    }
}
END_TEST

/* What the backend says of GSO is checked; a missing csum_blank is repaired. */
START_TEST(received_gso)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4};

    for (size_t i = 0; i < 5; i++) {
        for (uint8_t type = 0; type < 5; type++) {
            for (uint16_t flags = 0; flags < 4; flags++) {
                struct recipe recipe = *recipes[i];
                struct csumoff_rx rx, untouched;
                int want = type > 2    ? CSUMOFF_ENOTSUP
                           : type == 0 ? CSUMOFF_OK
                           : recipe.proto == TCP && recipe.version == 2 + type * 2u ? CSUMOFF_OK
                                                                                    : CSUMOFF_EHDR;

                recipe.payload = 5000;
                build(recipe, 120);
                frame_set_field(&a, (flags & RX_BLANK) && is_tcp_udp(&a) ? frame_seed(&a)
                                                                         : frame_complete(&a));
                memset(&untouched, 0xA5, sizeof untouched);
                memcpy(&rx, &untouched, sizeof rx);
                CHECK_EQ(receive(a.bytes, a.len, (uint16_t)(flags | RX_EXTRA), type, 1448, &rx),
                         want);
                if (want) {
                    CHECK(same_bytes(&rx, &untouched, sizeof rx));
                    continue;
                }
                CHECK_EQ(rx.gso_type, type);
                CHECK_EQ(rx.gso_size, type ? 1448 : 0);
                if (!type)
                    continue;
                CHECK_EQ(rx.state, CSUMOFF_PARTIAL);
                CHECK_EQ(rx.csum_start, a.l4);
                CHECK_EQ(rx.no_seed, !(flags & RX_BLANK));
                CHECK_EQ(receive(a.bytes, a.len, flags, type, 0, &untouched), CSUMOFF_EHDR);
                /* Finished, whether a seed is there or not. */
                frame_set_l3(&a);
                completed(&b, &a);
                if (rx.no_seed)
                    frame_set_field(&a, 0x1234);
                CHECK_EQ(receive_finish(a.bytes, a.len, flags | RX_EXTRA, type), CSUMOFF_OK);
                check_same(&b, a.bytes, a.len);
            }
        }
    }
    /* Extra slots of other types. */
    build(udp4, 121);
    b = a;
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_EXTRA, 0), CSUMOFF_OK);
    check_same(&b, a.bytes, a.len);
    store_wire16(a.bytes + 12, 0x0806);
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_EXTRA, 0), CSUMOFF_OK);
}
END_TEST

/* With csum_blank, what can't be located is refused; without, nobody looks. */
START_TEST(received_and_not_to_be_located)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};
    struct csumoff_rx rx, untouched;
    size_t i, len;

    memset(&untouched, 0xA5, sizeof untouched);
    for (i = 0; i < 4; i++) {
        build(*recipes[i], 130 + i);
        for (len = 0; len < a.len; len++) {
            uint8_t *p = placed(&a, len);

            memcpy(&rx, &untouched, sizeof rx);
            CHECK_EQ(receive(p, len, RX_BLANK, 0, 0, &rx), CSUMOFF_ETRUNC);
            CHECK_EQ(receive_finish(p, len, RX_BOTH, 0), CSUMOFF_ETRUNC);
            CHECK(same_bytes(&rx, &untouched, sizeof rx));
            CHECK_EQ(receive(p, len, RX_VALIDATED, 0, 0, &rx), CSUMOFF_OK);
            CHECK_EQ(receive_finish(p, len, RX_VALIDATED, 0), CSUMOFF_OK);
            check_same(&a, p, len);
        }
    }
    build(esp4, 134);
    memcpy(&rx, &untouched, sizeof rx);
    CHECK_EQ(receive(a.bytes, a.len, RX_BLANK, 0, 0, &rx), CSUMOFF_EPROTO);
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_BLANK, 0), CSUMOFF_EPROTO);
}
END_TEST

/* A field of 0 holds no seed; UDP's "none" never comes with csum_blank. */
START_TEST(received_blank_with_field_0)
{
    static const struct recipe *const recipes[] = {&tcp4, &udp4, &udp6};

    for (size_t i = 0; i < 3; i++) {
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        struct csumoff_hint hint;

        build(*recipes[i], 140 + i);
        frame_set_l3(&a);
        frame_set_field(&a, 0);
        CHECK_EQ(receive(a.bytes, a.len, RX_BOTH, 0, 0, &rx), CSUMOFF_OK);
        CHECK(rx.state == CSUMOFF_PARTIAL && rx.no_seed);
        hint = csumoff_forward(&rx);
        seeded(&b, &a);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        CHECK_EQ(receive_finish(a.bytes, a.len, RX_BOTH, 0), CSUMOFF_OK);
        check_same(&b, a.bytes, a.len);
    }
}
END_TEST

/* ---- Forwarding ---------------------------------------------------------------------------- */

static uint16_t to_rx(uint16_t tx)
{
    return (uint16_t)((tx & TX_BLANK ? RX_BLANK : 0) | (tx & TX_VALIDATED ? RX_VALIDATED : 0) |
                      (tx & TX_EXTRA));
}

/* What is sent, received and sent on keeps its
 * state and its bytes, or is finished for a backend that takes no seeds. */
START_TEST(forwarded_between_guests)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 6 * 4 * 2; i++) {
        struct recipe recipe = *recipes[i % 6];
        struct csumoff_hint hint, on;
        struct csumoff_netfront_slot slot, again;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};

        recipe.payload = i / 24 ? 4000 : 100;
        build(recipe, 150 + i);
        frame_set_l3(&a);
        frame_set_field(&a, wants[i / 6 % 4] == CSUMOFF_TX_SEEDED ? frame_seed(&a)
                                                                  : frame_complete(&a));
        hint = hint_of(wants[i / 6 % 4], 0);
        if (hint.want == CSUMOFF_TX_COMPUTE || hint.want == CSUMOFF_TX_SEEDED)
            hint.mss = recipe.proto == TCP ? 1000 : 0;
        CHECK_EQ(csumoff_netfront_tx(a.bytes, a.len, &all, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(receive(a.bytes, a.len, to_rx(slot.flags), slot.gso_type, slot.gso_size, &rx),
                 CSUMOFF_OK);
        on = csumoff_forward(&rx);
        again = send(&a, &a, &all, &on, CSUMOFF_OK, slot.flags);
        CHECK_EQ(again.gso_type, slot.gso_type);
        CHECK_EQ(again.gso_size, slot.gso_size);
        if (on.mss)
            continue;
        b = a;
        if (slot.flags & TX_BLANK)
            completed(&b, &a);
        send(&a, &b, &none, &on, CSUMOFF_OK, slot.flags & TX_BLANK ? 0 : slot.flags);
    }
}
END_TEST

/* What arrived damaged, and unverified, isn't made to look right. */
START_TEST(forwarded_damaged)
{
    struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct csumoff_hint hint;

    build(udp4, 200);
    completed(&b, &a);
    b.bytes[b.len - 1] ^= 1;
    CHECK_EQ(receive(b.bytes, b.len, 0, 0, 0, &rx), CSUMOFF_OK);
    hint = csumoff_forward(&rx);
    send(&b, &b, &all, &hint, CSUMOFF_OK, 0);
}
END_TEST

/* GSO that came without csum_blank holds no seed: it gets one on its way out. */
START_TEST(forwarded_gso_without_the_flag)
{
    struct recipe recipe = tcp6;
    struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct csumoff_hint hint;

    recipe.payload = 3000;
    build(recipe, 201);
    completed(&b, &a);
    a = b;
    CHECK_EQ(receive(a.bytes, a.len, RX_VALIDATED | RX_EXTRA, 2, 1000, &rx), CSUMOFF_OK);
    hint = csumoff_forward(&rx);
    seeded(&b, &a);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH | TX_EXTRA);
}
END_TEST

/* Addresses and ports change between receiving and sending;
 * whoever finishes it finds it right. */
START_TEST(nat_of_a_partial_frame)
{
    static const enum csumoff_state states[] = {CSUMOFF_NONE, CSUMOFF_UNNECESSARY, CSUMOFF_PARTIAL};

    for (size_t i = 0; i < 3; i++) {
        uint16_t flags = states[i] == CSUMOFF_PARTIAL       ? RX_BOTH
                         : states[i] == CSUMOFF_UNNECESSARY ? RX_VALIDATED
                                                            : 0;
        const uint8_t address[4] = {192, 0, 2, 7}, port[2] = {0x12, 0x34};
        struct csumoff_adjust how = {states[i], UDP, 4, true, NULL, 4, address, 4};
        struct csumoff_hint hint;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        csumoff_sum16 check;
        uint8_t *p;

        build(udp4, 210);
        flags &RX_BLANK ? seeded(&b, &a) : completed(&b, &a);
        CHECK_EQ(receive(b.bytes, b.len, flags, 0, 0, &rx), CSUMOFF_OK);
        memcpy(&check, b.bytes + b.l4 + 6, 2);
        how.from = b.bytes + b.l3 + 12;
        csumoff_adjust_l4(&check, &how);
        memcpy(b.bytes + b.l3 + 12, address, 4);
        how = (struct csumoff_adjust){states[i], UDP, 4, false, b.bytes + b.l4, 2, port, 2};
        csumoff_adjust_l4(&check, &how);
        memcpy(b.bytes + b.l4, port, 2);
        memcpy(b.bytes + b.l4 + 6, &check, 2);
        frame_set_l3(&b);
        hint = csumoff_forward(&rx);
        a = b;
        send(&a, &b, &all, &hint, CSUMOFF_OK,
             flags & RX_BLANK       ? TX_BOTH
             : flags & RX_VALIDATED ? TX_VALIDATED
                                    : 0);
        p = placed(&b, b.len);
        backend_finish(p, b.len, flags & RX_BLANK ? TX_BLANK : 0);
        check_good(p, b.len);
    }
}
END_TEST

/* Addresses and ports change, and "no checksum" stays what it is, in every state that
 * it can come in; sent on, it isn't blank. */
START_TEST(nat_of_udp_without_a_checksum)
{
    static const enum csumoff_state states[] = {CSUMOFF_NONE, CSUMOFF_UNNECESSARY};
    const uint8_t address[4] = {192, 0, 2, 7}, port[2] = {0x12, 0x34};

    for (size_t i = 0; i < 2; i++) {
        uint16_t flags = states[i] == CSUMOFF_UNNECESSARY ? RX_VALIDATED : 0;
        struct csumoff_adjust how = {states[i], UDP, 4, true, NULL, 4, address, 4};
        struct csumoff_hint hint;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        csumoff_sum16 check = 0;

        build(udp4, 211);
        frame_set_field(&a, 0);
        CHECK_EQ(receive(a.bytes, a.len, flags, 0, 0, &rx), CSUMOFF_OK);
        CHECK_EQ(rx.state, states[i]);
        how.from = a.bytes + a.l3 + 12;
        csumoff_adjust_l4(&check, &how);
        CHECK_EQ(check, 0);
        memcpy(a.bytes + a.l3 + 12, address, 4);
        how = (struct csumoff_adjust){states[i], UDP, 4, false, a.bytes + a.l4, 2, port, 2};
        csumoff_adjust_l4(&check, &how);
        CHECK_EQ(check, 0);
        memcpy(a.bytes + a.l4, port, 2);
        frame_set_l3(&a);
        hint = csumoff_forward(&rx);
        send(&a, &a, &all, &hint, CSUMOFF_OK, flags ? TX_VALIDATED : 0);
    }
}
END_TEST

int main(void)
{
    const TTest *const receiving[] = {received_flags,
                                      finished_for_a_firewall,
                                      received_gso,
                                      received_and_not_to_be_located,
                                      received_blank_with_field_0,
                                      NULL};
    const TTest *const forwarding[] = {forwarded_between_guests,       forwarded_damaged,
                                       forwarded_gso_without_the_flag, nat_of_a_partial_frame,
                                       nat_of_udp_without_a_checksum,  NULL};
    Suite *suite = suite_create("netfront_receive");

    suite_add(suite, "receiving", receiving);
    suite_add(suite, "forwarding", forwarding);
    return suite_run(suite);
}
