// SPDX-License-Identifier: MIT
/* The recipes about headers: what ICMP quotes, tunnels, the MSS of TCP. */
#include "recipes_checks.h"

/* ---- ICMP ---------------------------------------------------------------------------------- */

START_TEST(icmp_quotes_what_is_complete)
{
    const uint8_t router[4] = {192, 0, 2, 254};
    struct rng rng = rng_new(14);

    for (size_t i = 0; i < effort(2000, 200); i++) {
        const enum as as = i & 1 ? SEEDED : COMPLETE;
        struct packet_spec spec =
            spec_plain(4, i & 2 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_netfront_slot slot = slot_as(as);
        uint8_t out[590], *ip = out + 14, *icmp = ip + 20;
        size_t quoted, len;

        (void)build(&spec, as, frame, &rng);
        quoted = packet.len - 14 < 548 ? packet.len - 14 : 548;
        CHECK_EQ(icmp_too_big(out, &len, frame, packet.len, &slot, router, 1400), CSUMOFF_OK);
        CHECK_EQ(len, 14 + 20 + 8 + quoted);
        CHECK(same_bytes(out, packet.bytes + 6, 6) && same_bytes(out + 6, packet.bytes, 6));
        CHECK_EQ(load_wire16(out + 12), 0x0800);
        CHECK_EQ(load_wire16(ip + 2), 20 + 8 + quoted);
        CHECK_EQ(ip[9], PROTO_ICMP);
        CHECK(same_bytes(ip + 12, router, 4) && same_bytes(ip + 16, packet.bytes + 14 + 12, 4));
        CHECK_EQ(load_wire16(ip + 10), ref_ipv4_header(ip, 20));
        CHECK_EQ(load_wire16(icmp), 0x0304);
        CHECK_EQ(load_wire16(icmp + 6), 1400);
        CHECK_EQ(load_wire16(icmp + 2), ref_transport(0, icmp, 8 + quoted, 2));
        check_wanted(frame, packet.len);
        CHECK(same_bytes(icmp + 8, frame + 14, quoted));
    }
}
END_TEST

/* Makes `want` an ICMP error that quotes the first n bytes of this IP packet, complete. */
static void want_icmp(const uint8_t *quoted, size_t n)
{
    struct packet_spec spec = spec_plain(4, PROTO_ICMP, n, NULL);
    struct rng rng = rng_new(25);

    packet_build(&want, &spec, &rng);
    CHECK_EQ(want.len, want.level[0].l4 + 8 + n);
    memcpy(want.bytes + want.level[0].l4 + 8, quoted, n);
    packet_seal(&want);
}

START_TEST(nat_of_what_icmp_quotes)
{
    static struct packet quoted;
    struct rng rng = rng_new(26);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        struct packet_spec spec =
            spec_plain(4, i & 1 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 100), NULL);
        struct csumoff_rx rx = {.state = i & 2 ? CSUMOFF_PARTIAL : CSUMOFF_NONE};
        struct csumoff_hint hint;
        uint8_t address[4], port[2];
        size_t n;

        spec.level[0].options = (uint8_t)(rng_below(&rng, 11) * 4);
        packet_build(&quoted, &spec, &rng);
        packet_seal(&quoted);
        n = quoted.level[0].l4 - 14 + 8;
        if (i & 4)
            n += rng_below(&rng, quoted.len - 14 - n + 1);
        if (n == quoted.level[0].l4 - 14 + quoted.level[0].csum_offset + 1)
            n--; /* half a checksum stays as it is */
        want_icmp(quoted.bytes + 14, n);
        memcpy(frame, want.bytes, want.len);
        if (rx.state == CSUMOFF_PARTIAL) { /* without a pseudo-header the seed is 0 */
            rx.csum_start = (uint32_t)want.level[0].l4;
            rx.csum_offset = 2;
            store_wire16(frame + rx.csum_start + 2, 0);
        }
        rng_fill(&rng, address, sizeof address);
        rng_fill(&rng, port, sizeof port);
        memcpy(quoted.bytes + 14 + 12, address, 4);
        memcpy(quoted.bytes + quoted.level[0].l4, port, 2);
        packet_set_pseudo(&quoted, 0, address, NULL);
        packet_seal(&quoted);
        if (packet_field(&quoted, 0) % 0xFFFF == 0)
            continue; /* either form of zero would do */
        want_icmp(quoted.bytes + 14, n);
        CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_OK);
        hint = csumoff_forward(&rx);
        check_sent(frame, want.len, &hint, &every);
    }
}
END_TEST

START_TEST(quotes_that_are_too_short)
{
    const struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    const uint8_t address[4] = {192, 0, 2, 1}, port[2] = {1, 2};
    uint8_t ip[60] = {0x46, [9] = PROTO_UDP};

    for (size_t n = 0; n < 32; n++) {
        want_icmp(ip, n);
        memcpy(frame, want.bytes, want.len);
        CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_EHDR);
        CHECK(same_bytes(frame, want.bytes, want.len));
    }
    want_icmp(ip, 32);
    memcpy(frame, want.bytes, want.len);
    CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_OK);
    ip[9] = PROTO_SCTP;
    want_icmp(ip, 32);
    memcpy(frame, want.bytes, want.len);
    CHECK_EQ(nat_quoted(frame, want.len, &rx, address, port), CSUMOFF_EPROTO);
}
END_TEST

/* ---- Tunnels ------------------------------------------------------------------------------- */

START_TEST(encapsulated_in_every_state)
{
    static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP, PROTO_SCTP};
    struct rng rng = rng_new(16);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        const uint8_t proto = protocols[rng_below(&rng, 3)];
        enum as as = (enum as)rng_below(&rng, AS_COUNT);
        struct packet_spec spec =
            tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6, proto, rng_below(&rng, 1300));
        const struct level *outer = &packet.level[0];
        struct csumoff_netfront_slot slot;
        struct csumoff_virtio_hdr hdr;
        struct csumoff_hint hint;
        struct csumoff_rx rx;
        size_t grown;

        if (as == SEEDED || as == WITHOUT)
            as = as == SEEDED ? INNER : INNER_WITHOUT;
        rx = build(&spec, as, frame, &rng);
        if (proto == PROTO_SCTP)
            rx.no_seed = false;
        /* The frame that was received began with the inner Ethernet header. */
        grown = outer->payload + 8;
        if (rx.state == CSUMOFF_PARTIAL)
            rx.csum_start -= (uint32_t)grown;
        store_wire16(frame + outer->l4 + 6, (uint16_t)(rng_below(&rng, 2) * 0xABCD));
        if (outer->version == 4)
            store_wire16(frame + outer->l3 + 10, 0xABCD);
        CHECK_EQ(encapsulated(frame, packet.len, grown, &rx, &hint), CSUMOFF_OK);
        if (i & 4) {
            CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
            CHECK_EQ(slot.flags & BLANK, 0);
        } else {
            CHECK_EQ(csumoff_virtio_tx(frame, packet.len, CSUMOFF_LINK_ETHERNET, &device_all, &hint,
                                       &hdr),
                     CSUMOFF_OK);
            CHECK_EQ(hdr.flags, as == INNER && proto != PROTO_SCTP ? 1 : 0);
            device_takes(frame, packet.len, &hdr);
        }
        check_wanted(frame, packet.len);
    }
}
END_TEST

START_TEST(no_super_frame_is_encapsulated)
{
    struct packet_spec spec = tunnel_of(4, 4, PROTO_TCP, 3000);
    struct rng rng = rng_new(17);
    struct csumoff_rx rx = build(&spec, INNER, frame, &rng);
    struct csumoff_hint hint;

    rx.gso_type = CSUMOFF_GSO_TCPV4;
    rx.gso_size = GSO_SIZE;
    CHECK_EQ(encapsulated(frame, packet.len, 50, &rx, &hint), CSUMOFF_ENOTSUP);
}
END_TEST

/* ---- MSS ----------------------------------------------------------------------------------- */

START_TEST(mss_is_clamped_in_every_state)
{
    struct rng rng = rng_new(18);

    for (size_t i = 0; i < effort(4000, 400); i++) {
        const enum as as = (enum as)(i % INNER);
        const size_t nops = rng_below(&rng, 9);
        const uint16_t mss = (uint16_t)rng_u32(&rng), most = (uint16_t)rng_u32(&rng);
        struct packet_spec spec = spec_plain(i & 4 ? 4 : 6, PROTO_TCP, 12, NULL);
        struct csumoff_rx rx = build(&spec, as, frame, &rng);
        struct csumoff_hint hint;
        uint8_t *tcp = want.bytes + want.level[0].l4, *options = tcp + 20;

        /* The payload becomes options. */
        tcp[12] = 0x80;
        tcp[13] = i & 8 ? 0x02 : 0x10;
        memset(options, 1, 12);
        options[nops] = 2;
        options[nops + 1] = 4;
        if (nops > 8)
            options[nops] = 0;
        store_wire16(options + nops + 2, mss);
        packet_seal(&want);
        memcpy(frame, want.bytes, want.len);
        if (as >= SEEDED)
            store_wire16(frame + want.level[0].l4 + 16, as == SEEDED ? packet_seed(&want, 0) : 0);
        if (i & 8 && nops <= 8 && mss > most)
            store_wire16(options + nops + 2, most);
        packet_seal(&want);
        CHECK_EQ(clamp_mss(frame, want.len, &rx, most), CSUMOFF_OK);
        hint = csumoff_forward(&rx);
        check_sent(frame, want.len, &hint, rng_below(&rng, 2) ? &every : &none);
    }
}
END_TEST

START_TEST(malformed_options_are_told)
{
    static const uint8_t wrong[][4] = {{1, 1, 1, 2}, {2, 0, 0, 0}, {2, 1, 9, 9}, {2, 5, 9, 9}};
    const struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct packet_spec spec = spec_plain(4, PROTO_TCP, 4, NULL);
    struct rng rng = rng_new(19);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)build(&spec, COMPLETE, frame, &rng);
        frame[packet.level[0].l4 + 12] = 0x60;
        frame[packet.level[0].l4 + 13] = 0x02;
        memcpy(frame + packet.level[0].l4 + 20, wrong[i], 4);
        CHECK_EQ(clamp_mss(frame, packet.len, &rx, 1), CSUMOFF_EHDR);
    }
}
END_TEST

int main(void)
{
    const TTest *const headers[] = {icmp_quotes_what_is_complete,   nat_of_what_icmp_quotes,
                                    quotes_that_are_too_short,      mss_is_clamped_in_every_state,
                                    malformed_options_are_told,     encapsulated_in_every_state,
                                    no_super_frame_is_encapsulated, NULL};
    Suite *suite = suite_create("recipes_headers");

    suite_add(suite, "headers", headers);
    return suite_run(suite);
}
