// SPDX-License-Identifier: MIT
/* The recipes that translate addresses: NAT, NAT64. */
#include "recipes_checks.h"

/* ---- NAT ----------------------------------------------------------------------------------- */

/* Gives `want` the address and port, by the oracle. */
static void want_source(const uint8_t *address, const uint8_t *port)
{
    const struct level *l = &want.level[0];

    memcpy(want.bytes + l->l3 + (l->version == 4 ? 12 : 8), address, l->version == 4 ? 4 : 16);
    memcpy(want.bytes + l->l4, port, 2);
    packet_set_pseudo(&want, 0, address, NULL);
    packet_seal(&want);
}

static void check_nat(const struct packet_spec *spec, enum as as, struct rng *rng)
{
    const struct csumoff_netfront_caps *caps = rng_below(rng, 2) ? &every : &none;
    struct csumoff_rx rx = build(spec, as, frame, rng);
    struct csumoff_layout at;
    struct csumoff_hint hint;
    uint8_t address[16], port[2];

    rng_fill(rng, address, sizeof address);
    rng_fill(rng, port, sizeof port);
    want_source(address, port);
    CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
    check_sent(frame, packet.len, &hint, caps);
}

START_TEST(nat_in_every_state)
{
    static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP};
    struct rng rng = rng_new(1);

    for (size_t i = 0; i < effort(4000, 400); i++) {
        struct packet_spec spec =
            spec_plain(rng_below(&rng, 2) ? 4 : 6, protocols[i % 2], rng_below(&rng, 1400), NULL);

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x8100;
        check_nat(&spec, (enum as)(i / 2 % INNER), &rng);
    }
}
END_TEST

START_TEST(nat_around_a_tunnelled_seed)
{
    struct rng rng = rng_new(2);

    for (size_t i = 0; i < effort(2000, 200); i++) {
        struct packet_spec spec = tunnel_of(i & 1 ? 4 : 6, i & 2 ? 4 : 6,
                                            i & 4 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1300));

        check_nat(&spec, (enum as)rng_below(&rng, AS_COUNT), &rng);
    }
}
END_TEST

START_TEST(nat_of_a_super_frame)
{
    struct rng rng = rng_new(3);

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_TCP, 30000, NULL);
        struct csumoff_rx rx = build(&spec, SEEDED, frame, &rng);
        struct csumoff_netfront_slot slot;
        struct csumoff_layout at;
        struct csumoff_hint hint;
        uint8_t address[16], port[2];

        rx.gso_type = version == 4 ? CSUMOFF_GSO_TCPV4 : CSUMOFF_GSO_TCPV6;
        rx.gso_size = GSO_SIZE;
        rng_fill(&rng, address, sizeof address);
        rng_fill(&rng, port, sizeof port);
        want_source(address, port);
        CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
        CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, BOTH | CSUMOFF_NETTXF_EXTRA_INFO);
        CHECK_EQ(slot.gso_type, rx.gso_type);
        CHECK_EQ(slot.gso_size, GSO_SIZE);
        packet_set_field(&want, 0, packet_seed(&want, 0));
        check_wanted(frame, packet.len);
    }
}
END_TEST

START_TEST(nat_keeps_damage_and_absence)
{
    struct rng rng = rng_new(4);

    for (unsigned version = 4; version <= 6; version += 2) {
        struct packet_spec spec = spec_plain(version, PROTO_UDP, 100, NULL);

        for (unsigned is_zero = 0; is_zero < 2; is_zero++) {
            struct csumoff_rx rx = build(&spec, COMPLETE, frame, &rng);
            uint8_t *field = frame + packet.level[0].l4 + 6, address[16], port[2];
            struct csumoff_netfront_slot slot;
            struct csumoff_layout at;
            struct csumoff_hint hint;

            store_wire16(field, is_zero ? 0 : (uint16_t)(load_wire16(field) ^ 0x1234));
            rng_fill(&rng, address, sizeof address);
            rng_fill(&rng, port, sizeof port);
            want_source(address, port);
            CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_OK);
            CHECK_EQ(csumoff_netfront_tx(frame, packet.len, &every, &hint, &slot), CSUMOFF_OK);
            CHECK_EQ(slot.flags, 0);
            if (is_zero)
                CHECK_EQ(load_wire16(field), 0);
            else
                CHECK(load_wire16(field) != packet_field(&want, 0));
        }
    }
}
END_TEST

START_TEST(nat_refuses_fragments)
{
    struct packet_spec spec = spec_plain(4, PROTO_UDP, 100, "F");
    struct rng rng = rng_new(5);
    struct csumoff_rx rx = build(&spec, COMPLETE, frame, &rng);
    const uint8_t address[4] = {192, 0, 2, 1}, port[2] = {1, 2};
    struct csumoff_layout at;
    struct csumoff_hint hint;

    CHECK_EQ(nat_source(frame, packet.len, &rx, address, port, &at, &hint), CSUMOFF_EFRAG);
    CHECK(same_bytes(frame, packet.bytes, packet.len));
}
END_TEST

/* ---- NAT64 --------------------------------------------------------------------------------- */

/* Makes `want` the IPv4 packet that `from`, the complete IPv6 packet, becomes. */
static void want_ipv4(const struct packet *from, const uint8_t *addresses)
{
    struct packet_spec spec = from->spec;
    const struct level *l = &from->level[0];
    const uint8_t *ipv6 = from->bytes + l->l3;
    struct rng rng = rng_new(6);
    uint8_t *ip;

    spec.level[0].version = 4;
    packet_build(&want, &spec, &rng);
    memcpy(want.bytes, from->bytes, want.level[0].l3 - 2);
    ip = want.bytes + want.level[0].l3;
    memset(ip, 0, 20);
    ip[0] = 0x45;
    ip[1] = (uint8_t)((ipv6[0] & 15) << 4 | ipv6[1] >> 4);
    store_wire16(ip + 2, (uint16_t)(20 + l->end - l->l4));
    ip[6] = 0x40;
    ip[8] = ipv6[7];
    ip[9] = l->proto;
    memcpy(ip + 12, addresses, 8);
    memcpy(want.bytes + want.level[0].l4, from->bytes + l->l4, from->len - l->l4);
    packet_set_pseudo(&want, 0, addresses, addresses + 4);
    packet_seal(&want);
}

START_TEST(nat64_in_every_state)
{
    static struct packet ipv6;
    struct rng rng = rng_new(7);

    for (size_t i = 0; i < effort(3000, 300); i++) {
        struct packet_spec spec =
            spec_plain(6, i & 1 ? PROTO_TCP : PROTO_UDP, rng_below(&rng, 1400), NULL);
        struct csumoff_hint hint;
        struct csumoff_rx rx;
        uint8_t addresses[8], *p = frame;
        size_t len;

        spec.level[0].tag_count = (uint8_t)rng_below(&rng, 2);
        spec.level[0].tags[0] = 0x8100;
        rx = build(&spec, (enum as)(i / 2 % INNER), frame, &rng);
        ipv6 = want;
        rng_fill(&rng, addresses, sizeof addresses);
        want_ipv4(&ipv6, addresses);
        len = packet.len;
        CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
        CHECK_EQ(p - frame, 20);
        hint = csumoff_forward(&rx);
        check_sent(p, len, &hint, rng_below(&rng, 2) ? &every : &none);
    }
}
END_TEST

START_TEST(nat64_of_super_frames_and_no_checksum)
{
    static struct packet ipv6;
    struct packet_spec tcp = spec_plain(6, PROTO_TCP, 20000, NULL),
                       udp = spec_plain(6, PROTO_UDP, 77, NULL);
    const uint8_t addresses[8] = {192, 0, 2, 1, 198, 51, 100, 2};
    struct rng rng = rng_new(8);
    struct csumoff_rx rx = build(&tcp, SEEDED, frame, &rng);
    struct csumoff_netfront_slot slot;
    struct csumoff_hint hint;
    uint8_t *p = frame;
    size_t len = packet.len;

    rx.gso_type = CSUMOFF_GSO_TCPV6;
    rx.gso_size = GSO_SIZE;
    ipv6 = want;
    want_ipv4(&ipv6, addresses);
    CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
    CHECK_EQ(rx.gso_type, CSUMOFF_GSO_TCPV4);
    hint = csumoff_forward(&rx);
    CHECK_EQ(csumoff_netfront_tx(p, len, &every, &hint, &slot), CSUMOFF_OK);
    CHECK_EQ(slot.gso_type, CSUMOFF_NETIF_GSO_TYPE_TCPV4);
    CHECK_EQ(slot.gso_size, GSO_SIZE);
    packet_set_field(&want, 0, packet_seed(&want, 0));
    check_wanted(p, len);

    rx = build(&udp, COMPLETE, frame, &rng);
    store_wire16(frame + packet.level[0].l4 + 6, 0);
    p = frame;
    len = packet.len;
    CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_OK);
    CHECK_EQ(load_wire16(p + 14 + 20 + 6), 0);
}
END_TEST

START_TEST(nat64_refuses_the_rest)
{
    const struct packet_spec specs[] = {
        spec_plain(4, PROTO_TCP, 100, NULL), spec_plain(6, PROTO_TCP, 100, "d"),
        spec_plain(6, PROTO_ICMPV6, 100, NULL), spec_plain(6, PROTO_SCTP, 100, NULL)};
    const uint8_t addresses[8] = {0};
    struct rng rng = rng_new(9);

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct csumoff_rx rx = build(&specs[i], COMPLETE, frame, &rng);
        uint8_t *p = frame;
        size_t len = packet.len;

        CHECK_EQ(nat64(&p, &len, &rx, addresses), CSUMOFF_ENOTSUP);
        CHECK(p == frame && len == packet.len && same_bytes(frame, packet.bytes, packet.len));
    }
}
END_TEST

int main(void)
{
    const TTest *const nat[] = {nat_in_every_state,
                                nat_around_a_tunnelled_seed,
                                nat_of_a_super_frame,
                                nat_keeps_damage_and_absence,
                                nat_refuses_fragments,
                                nat64_in_every_state,
                                nat64_of_super_frames_and_no_checksum,
                                nat64_refuses_the_rest,
                                NULL};
    Suite *suite = suite_create("recipes_nat");

    suite_add(suite, "nat", nat);
    return suite_run(suite);
}
