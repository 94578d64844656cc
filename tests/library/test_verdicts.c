// SPDX-License-Identifier: MIT
/*
 * What csumoff_inspect() says of packets for which two verdicts fit, of checksums of other kinds,
 * and of packets that went wrong in the field.
 */
#include "finish_checks.h"

static struct packet expected;

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

int main(void)
{
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
    const TTest *const field[] = {seed_behind_other_links,
                                  crc32c_still_to_be_made,
                                  next_hop_of_an_ipv6_route,
                                  next_hop_of_an_ipv4_route,
                                  next_hop_goes_before_a_seed_of_the_end,
                                  super_frames_and_jumbograms,
                                  NULL};
    Suite *suite = suite_create("verdicts");

    add(suite, "verdicts", verdicts);
    add(suite, "field", field);
    return suite_run(suite);
}
