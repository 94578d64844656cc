// SPDX-License-Identifier: MIT
/*
 * Every kind of frame sent under every wish and set of features: flags, what is written, that the
 * backend takes it, that finished it is right, in one piece or many.
 */
#include "netfront_checks.h"

/* ---- Sending ------------------------------------------------------------------------------- */

/* Every kind of frame under every state and all capabilities: bytes, flags, the backend's view, and
 * what comes out at its other end. */
START_TEST(every_frame_sent)
{
    static const struct csumoff_netfront_caps caps[] = {{.csum_ipv4 = false},
                                                        {.csum_ipv4 = true},
                                                        {.csum_ipv6 = true},
                                                        {true, true, true, true, true}};
    struct rng rng = rng_new(3);
    size_t step = effort(1, 7);

    for (size_t i = 0; i < recipe_count(); i += step) {
        struct recipe recipe = recipe_at(i);

        if (!recipe.ethernet)
            continue;
        frame_build(&a, &recipe, &rng);
        for (size_t c = 0; c < sizeof caps / sizeof *caps; c++) {
            bool taken = is_tcp_udp(&a) && recipe.vlans == 0 &&
                         (recipe.version == 4 ? caps[c].csum_ipv4 : caps[c].csum_ipv6);
            struct csumoff_hint hint = hint_of(CSUMOFF_TX_COMPUTE, 0);
            struct csumoff_netfront_slot slot;
            uint8_t *p;

            taken ? seeded(&b, &a) : completed(&b, &a);
            send(&a, &b, &caps[c], NULL, CSUMOFF_OK, taken ? TX_BOTH : 0);
            slot = send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            p = placed(&b, b.len);
            backend_finish(p, b.len, slot.flags);
            check_good(p, b.len);

            /* A payload that mss covers is no GSO. */
            hint.mss = 95;
            if (recipe.proto != TCP || a.bytes[a.l4 + 12] >> 4 == 5)
                send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);

            hint = hint_of(CSUMOFF_TX_VERIFIED, 0);
            send(&a, &a, &caps[c], &hint, CSUMOFF_OK, TX_VALIDATED);

            hint = hint_of(CSUMOFF_TX_AS_IS, 0);
            send(&a, &a, &caps[c], &hint, CSUMOFF_OK, 0);

            /* As a seed: told where, and not told. */
            seeded(&b, &a);
            if (!is_tcp_udp(&a))
                frame_set_field(&b, ref_fold(frame_pseudo(&a, (uint32_t)a.l4_len)));
            frame_set_field(&a, frame_field(&b));
            if (!taken)
                frame_set_field(&b, frame_complete(&a) ? frame_complete(&a) : 0xFFFF);
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            hint.csum_start = hint.csum_offset = 0;
            send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            rng_fill(&rng, a.bytes + a.l4 + a.csum_offset, 2);
        }
    }
}
END_TEST

/* A seed is kept bit for bit, right or wrong: the stack may know better; 0 is none. */
START_TEST(a_seed_is_kept)
{
    struct csumoff_hint hint;

    build(tcp4, 4);
    hint = hint_of(CSUMOFF_TX_SEEDED, 0);
    for (unsigned field = 0; field <= 0xFFFF; field += field < 3 || field > 0xFFF0 ? 1 : 61) {
        frame_set_field(&a, (uint16_t)field);
        b = a;
        frame_set_l3(&b);
        if (!field)
            seeded(&b, &a);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        /* And finished as it is. */
        if (field) {
            uint16_t sum = ref_checksum(ref_sum(a.bytes + a.l4, a.l4_len));

            frame_set_field(&b, sum ? sum : 0xFFFF);
            send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
        }
    }
}
END_TEST

/* What is unknown is computed, so 0 isn't taken for
 * "none"; a 0 that means it goes as VERIFIED; and csum_blank never stands with it. */
START_TEST(udp_without_a_checksum)
{
    static const struct recipe *const recipes[] = {&udp4, &udp6};
    struct csumoff_hint hint;

    for (size_t i = 0; i < 2; i++) {
        build(*recipes[i], 5);
        frame_set_field(&a, 0);
        seeded(&b, &a);
        send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
        hint = hint_of(CSUMOFF_TX_SEEDED, 0);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
        hint = hint_of(CSUMOFF_TX_VERIFIED, 0);
        send(&a, &a, &all, &hint, CSUMOFF_OK, TX_VALIDATED);
    }
}
END_TEST

/* A checksum that comes out 0 is 0xFFFF on the wire, whoever computes it. */
START_TEST(zero_becomes_ones)
{
    const struct csumoff_hint hint = hint_of(CSUMOFF_TX_SEEDED, 0);
    const struct csumoff_netfront_slot blank = {RX_BLANK, 0, 0};
    uint8_t *p;

    build(udp4, 6);
    frame_force(&a, 0);
    seeded(&b, &a);
    send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
    p = placed(&b, b.len);
    backend_finish(p, b.len, TX_BLANK);
    CHECK_EQ(load_wire16(p + a.l4 + 6), 0xFFFF);
    completed(&b, &a);
    CHECK_EQ(frame_field(&b), 0xFFFF);
    send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    seeded(&a, &b);
    send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
    /* As a copy, computed and from its seed; and received. */
    for (size_t i = 0; i < 2; i++) {
        struct csumoff_netfront_slot slot;

        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx_copy(p, a.bytes, a.len, &none, i ? &hint : NULL, &slot),
                 CSUMOFF_OK);
        check_same(&b, p, a.len);
    }
    frame_set_l3(&a);
    p = placed(&a, a.len);
    CHECK_EQ(csumoff_netfront_rx_finish_copy(p, a.bytes, a.len, &blank), CSUMOFF_OK);
    check_same(&b, p, a.len);
    p = placed(&a, a.len);
    CHECK_EQ(receive_finish(p, a.len, RX_BLANK, 0), CSUMOFF_OK);
    check_same(&b, p, a.len);
    /* A pseudo-header whose sum is 0: no seed is. */
    for (size_t i = 0; i < 4; i++) {
        struct recipe recipe = i % 2 ? tcp6 : udp4;

        recipe.payload = i < 2 ? 100 : 900;
        build(recipe, 30 + i);
        store_wire16(a.bytes + a.l3 + 12, 0);
        store_wire16(a.bytes + a.l3 + 12, (uint16_t)(0xFFFF - frame_seed(&a)));
        seeded(&b, &a);
        CHECK_EQ(frame_field(&b), 0xFFFF);
        send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
    /* No pseudo-header, and all of it zeros. */
    for (size_t i = 0; i < 20; i++) {
        build(icmp4, 7 + i);
        memset(a.bytes + a.l4, 0, a.l4_len);
        completed(&b, &a);
        CHECK_EQ(frame_field(&b), 0xFFFF);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
}
END_TEST

/* The backend sums to the end of the frame. */
START_TEST(trailer)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};
    struct csumoff_hint hint;

    for (size_t i = 0; i < 4; i++) {
        for (size_t size = 100; size <= 1000; size += 900) {
            struct recipe recipe = *recipes[i];

            recipe.payload = size;
            recipe.padding = 9;
            build(recipe, 7);
            a.bytes[a.len - 1] = 1;
            completed(&b, &a);
            send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            frame_set_field(&a, frame_seed(&a));
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            check_good(placed(&b, b.len), b.len);
            /* Behind the datagram, inside the IP packet. */
            if (recipe.proto == UDP) {
                recipe.slack = 3;
                recipe.padding = 0;
                build(recipe, 7);
                a.bytes[a.len - 2] = 1;
                completed(&b, &a);
                send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            }
        }
    }
}
END_TEST

/* Untouched but for the IPv4 header, whatever is wanted; no seed is lost in silence, and no payload
 * is over mss. */
START_TEST(arp_fragments_and_other_protocols)
{
    static const struct recipe others[] = {
        {.version = 4, .proto = 50, .payload = 60},
        {.version = 4, .proto = 47, .payload = 60},
        {.version = 6, .proto = TCP, .payload = 60, .chain = "F"},
        {.version = 6, .proto = UDP, .payload = 60, .chain = "M"},
        {.version = 6, .proto = UDP, .payload = 900, .chain = "M"},
        {.version = 4, .proto = TCP, .payload = 60},
        {.version = 4, .proto = TCP, .payload = 1060},
        {.version = 4, .proto = TCP, .payload = 60, .vlans = 1},
        {.version = 4, .proto = UDP, .payload = 60}, /* ARP, below */
    };
    const size_t count = sizeof others / sizeof *others;

    for (size_t i = 0; i < count; i++) {
        struct csumoff_hint hint;
        int status;

        build(others[i], 8 + i);
        if (others[i].version == 4 && others[i].proto == TCP)
            store_wire16(a.bytes + a.l3 + 6, i % 2 ? 0x2000 : 0x0001);
        if (i == count - 1)
            store_wire16(a.bytes + 12, 0x0806);
        b = a;
        if (i < count - 1)
            frame_set_l3(&b);
        send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
        status = i == count - 1           ? CSUMOFF_EPROTO
                 : others[i].proto == TCP ? CSUMOFF_EFRAG
                 : others[i].proto == UDP ? CSUMOFF_EFRAG
                                          : CSUMOFF_EPROTO;
        for (unsigned mss = 0; mss < 2; mss++) {
            hint = hint_of(CSUMOFF_TX_COMPUTE, (uint16_t)mss);
            send(&a, &b, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, 0);
            hint = hint_of(CSUMOFF_TX_AS_IS, (uint16_t)mss);
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, 0);
            hint = hint_of(CSUMOFF_TX_VERIFIED, (uint16_t)mss);
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, TX_VALIDATED);
            hint = (struct csumoff_hint){CSUMOFF_TX_SEEDED, 0, 0, (uint16_t)mss, NULL};
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : status, 0);
            if (status == CSUMOFF_EFRAG) { /* a place in a fragment */
                hint = hint_of(CSUMOFF_TX_SEEDED, (uint16_t)mss);
                send(&a, &a, &all, &hint, CSUMOFF_ENOTSUP, 0);
            }
        }
    }
}
END_TEST

/* The checksum of a packet inside another is none that the backend would find. */
START_TEST(tunnels_are_finished)
{
    static const uint8_t protos[] = {UDP, 47};

    for (size_t i = 0; i < 2; i++) {
        for (size_t size = 100; size <= 800; size += 700) {
            struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};
            struct recipe recipe = udp4;

            recipe.proto = protos[i];
            recipe.payload = size;
            recipe.padding = 4; /* is not summed */
            build(recipe, 30 + i);
            hint.csum_start = (uint32_t)a.l4 + 50;
            hint.csum_offset = 16;
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + a.l4 + 66,
                         ref_checksum(ref_sum(a.bytes + a.l4 + 50, a.end - a.l4 - 50)));
            a.bytes[a.len - 1] = b.bytes[b.len - 1] = 7;
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            hint.csum_start = (uint32_t)a.end - 17; /* its field ends with byte 18 */
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
            hint.csum_start = (uint32_t)a.end - 18;
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + a.end - 2, ref_checksum(ref_sum(a.bytes + a.end - 18, 18)));
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            hint.csum_start = UINT32_MAX - 1;
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
            hint.csum_start = (uint32_t)a.l4 + 50;
            hint.csum_offset = UINT32_MAX - hint.csum_start;
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
        }
    }
    /* A field of its own in the packet's own checksum's place, and behind five tags, where no
     * packet is found. */
    for (size_t i = 0; i < 2; i++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 20, 0, NULL};
        struct recipe recipe = i ? udp6 : tcp4;

        build(recipe, 34);
        hint.csum_start = (uint32_t)a.l4;
        b = a;
        frame_set_l3(&b);
        store_wire16(b.bytes + a.l4 + 20, ref_checksum(ref_sum(a.bytes + a.l4, a.l4_len)));
        send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
        recipe.vlans = 5;
        build(recipe, 34);
        hint.csum_start = (uint32_t)a.l4;
        b = a;
        store_wire16(b.bytes + a.l4 + 20, ref_checksum(ref_sum(a.bytes + a.l4, a.len - a.l4)));
        send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
    }
    /* Of a place with UDP's offset, what follows a header there is payload. */
    for (uint16_t mss = 59; mss <= 61; mss++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 6, mss, NULL};

        build(udp4, 33);
        hint.csum_start = (uint32_t)a.l4 + 40;
        b = a;
        frame_set_l3(&b);
        store_wire16(b.bytes + a.l4 + 46,
                     ref_checksum(ref_sum(a.bytes + a.l4 + 40, a.l4_len - 40)));
        if (mss < 60)
            send(&a, &a, &all, &hint, CSUMOFF_ENOTSUP, 0);
        else
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
    }
    build(udp4, 32); /* inside the headers */
    for (size_t start = 1; start < a.l4; start++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, (uint32_t)start, 16, 0, NULL};

        send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
    }
}
END_TEST

/* Cut at each byte, and with headers that say something impossible. */
START_TEST(errors_leave_all_as_it_was)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_AS_IS,
                                            CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 6; i++) {
        size_t whole;

        build(*recipes[i], 40 + i);
        whole = a.len;
        for (a.len = 0; a.len < whole; a.len++) {
            for (size_t s = 0; s < 3; s++) {
                struct csumoff_hint hint = hint_of(wants[s], s == 0 ? 10 : 0);

                /* What is sent as it is need not be whole. */
                send(&a, &a, &all, &hint,
                     wants[s] == CSUMOFF_TX_AS_IS && a.len >= 14 ? CSUMOFF_OK : CSUMOFF_ETRUNC, 0);
            }
        }
        build(*recipes[i], 40 + i);
        a.bytes[a.l3] = 0x24; /* neither version */
        send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
    }
    /* An Ethernet header is a frame. */
    store_wire16(a.bytes + 12, 0x88B5);
    a.len = 14;
    send(&a, &a, &all, NULL, CSUMOFF_OK, 0);
    a.len = 13;
    send(&a, &a, &all, NULL, CSUMOFF_ETRUNC, 0);
    for (size_t size = 100; size <= 1000; size += 900) {
        struct recipe recipe = udp4;

        recipe.payload = size;
        build(recipe, 50);
        for (uint16_t len = 0; len < 8; len++) {
            store_wire16(a.bytes + a.l4 + 4, len);
            send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
        }
        store_wire16(a.bytes + a.l4 + 4, (uint16_t)(size + 9));
        send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
    }
}
END_TEST

/* A slot's size has 16 bits. */
START_TEST(no_more_than_65535_bytes)
{
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 65535 - 14 - 40 - 8};
    struct csumoff_netfront_slot slot = {0, 9, 9};

    build(recipe, 60);
    CHECK_EQ(a.len, 65535);
    seeded(&b, &a);
    send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    a.bytes[65535] = 0;
    a.len = 65536;
    send(&a, &a, &all, NULL, CSUMOFF_ERANGE, 0);
    CHECK_EQ(csumoff_netback_drops(a.bytes, 65536, &slot), CSUMOFF_DROP_SIZE);
    CHECK_EQ(csumoff_netback_drops(a.bytes, 65535, &slot), CSUMOFF_DROP_NONE);
    CHECK_EQ(csumoff_netfront_tx_head(a.bytes, 100, 65535, &all, NULL, &slot), CSUMOFF_OK);
}
END_TEST

/* The same of a copy, a head, a burst and of what is received in pieces. */
START_TEST(no_more_in_any_way)
{
    static uint8_t copied[65536];
    const struct csumoff_netfront_slot received = {RX_BOTH, 0, 0};
    struct csumoff_iov iov[2] = {{a.bytes, 100}, {a.bytes + 100, 65536 - 100}};
    struct csumoff_netfront_slot slot = {9, 9, 9};
    struct csumoff_netfront_tx_item items[2];
    struct csumoff_rx rx = {.gso_size = 9};
    uint8_t poison[sizeof copied];

    memset(poison, GAP, sizeof poison);
    memcpy(copied, poison, sizeof copied);
    build(udp6, 64);
    b = a;
    CHECK_EQ(csumoff_netfront_tx_copy(copied, a.bytes, 65536, &all, NULL, &slot), CSUMOFF_ERANGE);
    CHECK(same_bytes(copied, poison, sizeof copied));
    CHECK_EQ(csumoff_netfront_tx_head(a.bytes, a.len, 65536, &all, NULL, &slot), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_netfront_tx_head(a.bytes, a.len, a.len - 1, &all, NULL, &slot),
             CSUMOFF_ERANGE);
    CHECK(slot.flags == 9 && slot.gso_type == 9 && slot.gso_size == 9);
    CHECK_EQ(csumoff_netfront_rx_iov(iov, 2, &received, &rx), CSUMOFF_ERANGE);
    CHECK_EQ(rx.gso_size, 9);
    CHECK_EQ(csumoff_netfront_rx_finish_iov(iov, 2, &received), CSUMOFF_ERANGE);
    check_same(&b, a.bytes, sizeof a.bytes);
    items[0] = (struct csumoff_netfront_tx_item){.frame = a.bytes, .len = 65536, .slot = slot};
    items[1] = (struct csumoff_netfront_tx_item){.frame = a.bytes, .len = a.len, .slot = slot};
    CHECK_EQ(csumoff_netfront_tx_burst(items, 2, &all), 1);
    CHECK_EQ(items[0].status, CSUMOFF_ERANGE);
    CHECK(items[0].slot.flags == 9 && items[1].slot.flags == TX_BOTH);
    iov[1].len--; /* there may be that many, whatever is in them */
    CHECK_EQ(csumoff_netfront_rx_iov(iov, 2, &received, &rx), CSUMOFF_OK);
    CHECK_EQ(csumoff_netfront_rx_finish_iov(iov, 2, &received), CSUMOFF_OK);
}
END_TEST

/* The backend looks for the L4 header itself: where the caller's layout has it elsewhere, nothing
 * is left to it. */
START_TEST(elsewhere_than_the_backend_looks)
{
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, &at};
    uint8_t *p;

    build(udp4, 65);
    for (uint32_t moved = 0; moved <= 4; moved += 4) {
        size_t start = a.l4 + moved, len = a.l4_len - moved;

        CHECK_EQ(csumoff_locate(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        at.l4_start += moved;
        at.csum_start += moved;
        at.l4_len -= moved;
        seeded(&b, &a);
        if (moved) {
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + start + 6, 0);
            store_wire16(b.bytes + start + 6, ref_checksum(frame_pseudo(&a, (uint32_t)len) +
                                                           ref_sum(b.bytes + start, len)));
        }
        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx(p, a.len, &all, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, moved ? 0 : TX_BOTH);
        check_same(&b, p, a.len);
    }
}
END_TEST

/* A frame that isn't the one that was located is refused as it is. */
START_TEST(another_version_than_was_located)
{
    static const struct recipe *const recipes[] = {&udp4, &udp6, &tcp4, &tcp6};
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, &at};

    for (int i = 0; i < 4; i++) {
        uint8_t *p;

        build(*recipes[i], 65);
        CHECK_EQ(csumoff_locate(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        a.bytes[14] ^= 0x30;
        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx(p, a.len, &all, &hint, &slot), CSUMOFF_ERANGE);
        check_same(&a, p, a.len);
    }
}
END_TEST

/* Pieces of odd lengths and empty ones, headers across
 * them; frames beyond what is gathered. */
START_TEST(odd_pieces)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    struct rng rng = rng_new(61);

    for (size_t round = 0; round < effort(3000, 300); round++) {
        struct recipe recipe = *recipes[round % 6];
        struct csumoff_hint hint;
        bool taken;

        recipe.payload = rng_below(&rng, 1500);
        recipe.padding = rng_below(&rng, 3);
        recipe.chain = recipe.version == 6 && round % 4 == 0 ? "hdr" : NULL;
        build(recipe, 1000 + round);
        taken = is_tcp_udp(&a) && round % 2;
        taken ? seeded(&b, &a) : completed(&b, &a);
        send(&a, &b, round % 2 ? &all : &none, NULL, CSUMOFF_OK, taken ? TX_BOTH : 0);
        if (is_tcp_udp(&a)) {
            frame_set_field(&a, frame_seed(&a));
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, round % 2 ? &all : &none, &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
        }
    }
}
END_TEST

START_TEST(pieces_of_one_byte)
{
    static struct csumoff_iov iov[1000];
    struct csumoff_netfront_slot slot;
    struct recipe recipe = udp6;

    recipe.payload = 700;
    build(recipe, 62);
    completed(&b, &a);
    for (size_t i = 0; i < a.len; i++)
        iov[i] = (struct csumoff_iov){a.bytes + i, 1};
    CHECK_EQ(csumoff_netfront_tx_iov(iov, a.len, &none, NULL, &slot), CSUMOFF_OK);
    check_same(&b, a.bytes, a.len);
    CHECK_EQ(csumoff_netfront_tx_iov(iov, 0, &none, NULL, &slot), CSUMOFF_ETRUNC);
    for (size_t i = 0; i < 1000; i++)
        iov[i].len = SIZE_MAX / 2;
    CHECK_EQ(csumoff_netfront_tx_iov(iov, 1000, &none, NULL, &slot), CSUMOFF_ERANGE);
}
END_TEST

/* Extension headers that the backend gives up on: finished here; in pieces, too, as long as they
 * end in what is gathered. */
START_TEST(headers_beyond_what_is_looked_at)
{
    static const char chain[] = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";
    struct csumoff_netfront_slot slot = {TX_BOTH, 0, 0};
    static uint8_t before[sizeof a.bytes];
    struct csumoff_iov iov[2];
    unsigned rounds[2] = {0, 0};

    for (size_t i = 0; i < 2 * (sizeof chain - 1); i++) {
        struct recipe recipe = i % 2 ? udp6 : tcp6;
        bool is_gathered;

        recipe.chain = chain + i / 2;
        recipe.payload = 900;
        build(recipe, 63 + i);
        is_gathered = a.l4 + (recipe.proto == TCP ? 20 : 8) <= 512;
        if (csumoff_netback_drops(a.bytes, a.len, &slot) != CSUMOFF_DROP_FAR)
            continue;
        rounds[is_gathered]++;
        completed(&b, &a);
        if (is_gathered) {
            send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            continue;
        }
        iov[0] = (struct csumoff_iov){a.bytes, 100};
        iov[1] = (struct csumoff_iov){a.bytes + 100, a.len - 100};
        CHECK_EQ(csumoff_netfront_tx_iov(iov, 2, &all, NULL, &slot), CSUMOFF_ENOTSUP);
        CHECK_EQ(slot.flags, TX_BOTH);
        iov[0].len = a.l4 + 20; /* all of them in the first piece */
        iov[1] = (struct csumoff_iov){a.bytes + iov[0].len, a.len - iov[0].len};
        memcpy(before, a.bytes, a.len);
        CHECK_EQ(csumoff_netfront_tx_iov(iov, 2, &all, NULL, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, 0);
        check_same(&b, a.bytes, a.len);
        memcpy(a.bytes, before, a.len);
        CHECK_EQ(csumoff_netfront_tx(a.bytes, a.len, &all, NULL, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, 0);
        check_same(&b, a.bytes, a.len);
        slot.flags = TX_BOTH;
    }
    CHECK(rounds[0] > 4 && rounds[1] > 4);
}
END_TEST

/* UDP over IPv6 behind destination options of `options` bytes and, if that is not 0, a header of
 * this number; the datagram has 8 + payload bytes, the frame `padding` more. */
static void build_behind(size_t options, uint8_t number, size_t payload, size_t padding)
{
    size_t size = number == 51 ? 24 : 8;
    struct recipe recipe = {.version = 6, .proto = UDP, .padding = padding};
    uint8_t *p;

    recipe.payload = options + (number ? size : 0) + payload;
    build(recipe, 75);
    p = a.bytes + a.l3;
    p[6] = 60;
    p += 40;
    p[0] = number ? number : UDP;
    p[1] = (uint8_t)(options / 8 - 1);
    p += options;
    if (number) {
        memset(p, 0, 8);
        p[0] = UDP;
        p[1] = number == 51 ? 4 : 0;
        p += size;
    }
    a.l4 = (size_t)(p - a.bytes);
    a.l4_len = 8 + payload;
    store_wire16(p + 4, (uint16_t)a.l4_len);
}

/* MAX_IPV6_HDR_LEN: the first bytes of a header must not be behind byte 256 of the packet. */
START_TEST(how_far_the_backend_looks)
{
    static const struct {
        size_t at;
        uint8_t number;
        enum csumoff_drop want;
    } rows[] = {
        {240, 60, CSUMOFF_DROP_NONE}, {248, 60, CSUMOFF_DROP_NONE}, {256, 60, CSUMOFF_DROP_FAR},
        {264, 60, CSUMOFF_DROP_FAR},  {248, 44, CSUMOFF_DROP_NONE}, {256, 44, CSUMOFF_DROP_FAR},
        {240, 51, CSUMOFF_DROP_NONE}, {248, 51, CSUMOFF_DROP_FAR},  {256, 51, CSUMOFF_DROP_FAR},
        {248, 0, CSUMOFF_DROP_NONE},  {256, 43, CSUMOFF_DROP_FAR},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csumoff_netfront_slot slot = {TX_BOTH, 0, 0};
        enum csumoff_drop why;

        build_behind(rows[i].at - 40, rows[i].number, 20, 0);
        why = csumoff_netback_drops(a.bytes, a.len, &slot);
        if (why != rows[i].want)
            ck_abort_msg("row %zu: %s", i, csumoff_drop_text(why));
        seeded(&b, &a);
        if (why)
            completed(&b, &a);
        send(&a, &b, &all, NULL, CSUMOFF_OK, why ? 0 : TX_BOTH);
    }
    /* The first bytes of a header tell what follows it, though it isn't there. */
    build_behind(16, 0, 20, 0);
    a.bytes[a.l3 + 40] = ICMPV6;
    CHECK_EQ(verdict(a.l3 + 42, TX_BLANK, 0, 0), CSUMOFF_DROP_PROTOCOL);
    CHECK_EQ(verdict(a.l3 + 41, TX_BLANK, 0, 0), CSUMOFF_DROP_TRUNCATED);
    /* Packets that end where what is gathered of pieces does, byte 512, in a longer frame. */
    for (size_t payload = 0; payload < 24; payload++) {
        build_behind(432, 0, payload, 40);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
    for (size_t payload = 0; payload < 3; payload++) {
        build_behind(448, 0, payload, 40);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
}
END_TEST

/* ---- GSO ----------------------------------------------------------------------------------- */

/* Under every combination of capabilities, states, tags and trailers, what is
 * sent as GSO has csum_blank; what can't be is refused. */
START_TEST(gso_without_the_flag)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 5 * 4 * 32 * 2 * 3 * 2; i++) {
        size_t rest = i;
        struct recipe recipe = *recipes[rest % 5];
        enum csumoff_tx want = wants[(rest /= 5) % 4];
        unsigned bits = (unsigned)((rest /= 4) % 32);
        struct csumoff_netfront_caps caps = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
        struct csumoff_netfront_slot slot;
        struct csumoff_hint hint;
        bool gso;

        recipe.vlans = (rest /= 32) % 2;
        recipe.padding = (rest /= 2) % 3;
        recipe.payload = (rest / 3) % 2 ? 60000 : 1449;
        if (recipe.payload > 2000 && bits % 8)
            continue;
        build(recipe, 70 + i);
        if (recipe.padding == 2)
            a.bytes[a.len - 1] = 1;
        if (is_tcp_udp(&a))
            frame_set_field(&a, frame_seed(&a));
        hint = hint_of(want, 1448);
        gso = (want == CSUMOFF_TX_COMPUTE || want == CSUMOFF_TX_SEEDED) && recipe.proto == TCP &&
              !recipe.vlans && !recipe.padding && caps.sg &&
              (recipe.version == 4 ? caps.csum_ipv4 && caps.gso_tcpv4
                                   : caps.csum_ipv6 && caps.gso_tcpv6);
        seeded(&b, &a);
        slot = send(&a, &b, &caps, &hint, gso ? CSUMOFF_OK : CSUMOFF_ENOTSUP, TX_BOTH | TX_EXTRA);
        if (gso) {
            CHECK_EQ(slot.gso_type, recipe.version == 4 ? 1 : 2);
            CHECK_EQ(slot.gso_size, 1448);
        }
    }
}
END_TEST

/* Options count as header; a header longer than its packet is none. */
START_TEST(gso_begins_beyond_mss)
{
    struct recipe recipe = tcp4;
    struct csumoff_hint hint;

    recipe.payload = 1012;
    build(recipe, 80);
    a.bytes[a.l4 + 12] = 0x80; /* 12 bytes of options */
    seeded(&b, &a);
    hint = hint_of(CSUMOFF_TX_COMPUTE, 1000);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
    hint = hint_of(CSUMOFF_TX_COMPUTE, 999);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH | TX_EXTRA);
    a.bytes[a.l4 + 12] = 0x40;
    send(&a, &b, &all, &hint, CSUMOFF_EHDR, 0);
    recipe.payload = 10;
    build(recipe, 81);
    a.bytes[a.l4 + 12] = 0xF0;
    send(&a, &b, &all, &hint, CSUMOFF_EHDR, 0);
}
END_TEST

/* Linux cuts no packet behind these headers. */
START_TEST(gso_behind_extension_headers)
{
    static const char *const chains[] = {"", "h", "d", "r", "hdr", "a", "f", "ha", "fd"};

    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct recipe recipe = tcp6;
        struct csumoff_hint hint;
        bool gso = !strchr(chains[i], 'a') && !strchr(chains[i], 'f');

        recipe.chain = chains[i];
        recipe.payload = 3000;
        build(recipe, 90 + i);
        seeded(&b, &a);
        hint = hint_of(CSUMOFF_TX_COMPUTE, 1000);
        send(&a, &b, &all, &hint, gso ? CSUMOFF_OK : CSUMOFF_ENOTSUP, TX_BOTH | TX_EXTRA);
    }
}
END_TEST

int main(void)
{
    const TTest *const sending[] = {every_frame_sent,
                                    a_seed_is_kept,
                                    udp_without_a_checksum,
                                    zero_becomes_ones,
                                    trailer,
                                    arp_fragments_and_other_protocols,
                                    tunnels_are_finished,
                                    errors_leave_all_as_it_was,
                                    no_more_than_65535_bytes,
                                    no_more_in_any_way,
                                    elsewhere_than_the_backend_looks,
                                    another_version_than_was_located,
                                    odd_pieces,
                                    pieces_of_one_byte,
                                    headers_beyond_what_is_looked_at,
                                    how_far_the_backend_looks,
                                    NULL};
    const TTest *const gso[] = {gso_without_the_flag, gso_begins_beyond_mss,
                                gso_behind_extension_headers, NULL};
    Suite *suite = suite_create("netfront_send");

    suite_add(suite, "sending", sending);
    suite_add(suite, "gso", gso);
    return suite_run(suite);
}
