// SPDX-License-Identifier: MIT
/*
 * The way through the headers, one by one: links, headers that are malformed, other protocols, and
 * the end of every kind of route.
 */
#include "locate_checks.h"

/* ---- Links that are not as they should be -------------------------------------------------- */

/* Not IP: no verdict, and no error. */
static void check_not_ip(void)
{
    struct csumoff_report report;

    struct csumoff_layout layout;

    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    CHECK_EQ(
        csumoff_locate_l3(placed(&made, made.len), made.len, made.len, link_of(&made), &layout),
        CSUMOFF_EPROTO);
    CHECK_EQ(csumoff_inspect(placed(&made, made.len), made.len, link_of(&made), &report),
             CSUMOFF_OK);
    CHECK_EQ(report.l3, CSUMOFF_UNCHECKED);
    CHECK_EQ(report.l4, CSUMOFF_UNCHECKED);
    CHECK(!report.l3_found && !report.l3_expected && !report.l4_found && !report.l4_expected);
    CHECK_EQ(csumoff_verify(placed(&made, made.len), made.len, link_of(&made)), CSUMOFF_OK);
}

/* Four tags of any kinds are passed over; five are not. */
START_TEST(vlan_tags)
{
    static const uint16_t types[] = {0x8100, 0x88A8, 0x9100};
    struct packet_spec spec = spec_plain(4, PROTO_TCP, 9, NULL);
    unsigned i, j, v;

    for (i = 0; i < 243; i++) {
        spec.level[0].version = i % 2 ? 4 : 6;
        for (j = 0, v = i; j < 5; j++, v /= 3)
            spec.level[0].tags[j] = types[v % 3];
        for (j = 0; j < 5; j++) {
            spec.level[0].tag_count = (uint8_t)j;
            packet_build(&made, &spec, &rng);
            check_located();
        }
        spec.level[0].tag_count = 5;
        packet_build(&made, &spec, &rng);
        check_not_ip();
    }
}
END_TEST

START_TEST(other_ethertypes)
{
    static const uint16_t types[] = {0x0806, 0x0601,     0x88CC, 0x0801, 0xFFFF,
                                     0x8863, 0x8848 + 1, 0x88A7, 0x9200};
    size_t i;

    for (i = 0; i < COUNT(types); i++) {
        make_one(4, PROTO_TCP, 10, NULL);
        store_wire16(made.bytes + 12, types[i]);
        check_not_ip();
    }
}
END_TEST

/* IEEE 802.3 frames: what isn't SNAP, of the organization whose numbers are EtherTypes, is not IP.
 */
START_TEST(llc_without_snap)
{
    static const uint8_t headers[][6] = {{0x42, 0x42, 3},
                                         {0xE0, 0xE0, 3},
                                         {0xFF, 0xFF, 0},
                                         {0xAA, 0xAB, 3},
                                         {0xAB, 0xAA, 3},
                                         {0xAA, 0xAA, 0},
                                         {0xAA, 0xAA, 3, 0, 0, 0x0C},
                                         {0xAA, 0xAA, 3, 0x80, 0xC2, 0}};
    static const uint16_t lengths[] = {0, 46, 0x0100, 0x05DC};
    struct packet_spec spec = spec_plain(4, PROTO_TCP, 60, NULL);
    size_t i, j;

    spec.level[0].carrier = CARRIER_SNAP;
    for (i = 0; i < COUNT(headers); i++)
        for (j = 0; j < COUNT(lengths); j++) {
            packet_build(&made, &spec, &rng);
            store_wire16(made.bytes + 12, lengths[j]);
            check_located();
            memcpy(made.bytes + 14, headers[i], 6);
            check_not_ip();
        }
}
END_TEST

/* Neither PPPoE's nor 802.3's own length decides anything. */
START_TEST(lengths_of_links_are_not_looked_at)
{
    size_t i;

    for (i = 0; i < 400; i++) {
        struct packet_spec spec = spec_plain(i % 2 ? 6 : 4, PROTO_UDP, i, "");

        spec.level[0].carrier = i / 2 % 2 ? CARRIER_PPPOE : CARRIER_SNAP;
        packet_build(&made, &spec, &rng);
        if (i / 2 % 2)
            store_wire16(made.bytes + 18, (uint16_t)rng_u32(&rng));
        else
            store_wire16(made.bytes + 12, (uint16_t)rng_below(&rng, 1501));
        check_located();
    }
}
END_TEST

START_TEST(ppp_protocols_other_than_ip)
{
    static const uint16_t protocols[] = {0xC021, 0x8021, 0x8057, 0xC223, 0x0000, 0x002D};
    size_t i;

    for (i = 0; i < COUNT(protocols); i++) {
        struct packet_spec spec = spec_plain(4, PROTO_UDP, 30, "");

        spec.level[0].carrier = CARRIER_PPPOE;
        packet_build(&made, &spec, &rng);
        store_wire16(made.bytes + 20, protocols[i]);
        check_not_ip();
    }
}
END_TEST

/* Behind the bottom of an MPLS stack the first nibble alone says what it is. */
START_TEST(mpls_with_something_else)
{
    unsigned nibble, labels;

    for (labels = 1; labels <= 4; labels++)
        for (nibble = 0; nibble < 16; nibble++) {
            struct packet_spec spec = spec_plain(4, PROTO_UDP, 30, "");

            if (nibble == 4 || nibble == 6)
                continue;
            spec.level[0].labels = (uint8_t)labels;
            packet_build(&made, &spec, &rng);
            made.bytes[top->l3] = (uint8_t)(nibble << 4 | 5);
            check_not_ip();
        }
}
END_TEST

START_TEST(mpls_without_a_bottom)
{
    size_t i;

    make_one(4, PROTO_UDP, 30, "");
    store_wire16(made.bytes + 12, 0x8847);
    for (i = 14; i + 4 <= made.len; i += 4)
        made.bytes[i + 2] &= 0xFE;
    check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EPROTO, CSUMOFF_OK + 1);
}
END_TEST

/* ---- Headers that are not as they should be ------------------------------------------------ */

START_TEST(ip_versions)
{
    unsigned version;

    for (version = 0; version < 16; version++) {
        if (version != 4) {
            make_one(4, PROTO_UDP, 10, NULL);
            made.bytes[top->l3] = (uint8_t)(version << 4 | 5);
            check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
        }
        if (version != 6) {
            make_one(6, PROTO_UDP, 10, "h");
            made.bytes[top->l3] = (uint8_t)(version << 4);
            check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
        }
    }
}
END_TEST

/* Without an EtherType to say so, neither 4 nor 6 is not IP. */
START_TEST(versions_without_a_link)
{
    struct packet_spec spec = spec_plain(4, PROTO_UDP, 10, NULL);
    unsigned version;

    spec.level[0].ethernet = false;

    for (version = 0; version < 16; version++) {
        if (version == 4 || version == 6)
            continue;
        packet_build(&made, &spec, &rng);
        made.bytes[0] = (uint8_t)(version << 4 | 5);
        check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    }
}
END_TEST

START_TEST(ipv4_header_lengths)
{
    unsigned ihl;
    uint32_t total;

    for (ihl = 0; ihl < 5; ihl++) {
        make_one(4, PROTO_TCP, 10, NULL);
        made.bytes[top->l3] = (uint8_t)(0x40 | ihl);
        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
    }
    make_one(4, PROTO_TCP, 10, NULL);
    for (total = 0; total < 20; total++) { /* shorter than the header that says so */
        store_wire16(made.bytes + top->l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
    }
    for (total = 20; total < 40; total++) { /* too short for TCP */
        store_wire16(made.bytes + top->l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
    for (total = 51; total <= 0xFFFF; total += total < 60 ? 1 : 997) { /* beyond the frame */
        store_wire16(made.bytes + top->l3 + 2, (uint16_t)total);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

START_TEST(ipv6_payload_lengths)
{
    uint32_t payload;

    make_one(6, PROTO_TCP, 10, "");
    for (payload = 0; payload < 20; payload++) {
        store_wire16(made.bytes + top->l3 + 4, (uint16_t)payload);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
    for (payload = 31; payload <= 0xFFFF; payload += payload < 40 ? 1 : 997) {
        store_wire16(made.bytes + top->l3 + 4, (uint16_t)payload);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* Each extension header said to be longer than what is left. */
START_TEST(ipv6_chain_beyond_its_packet)
{
    static const char *const chains[] = {"h", "d", "r", "a"};
    size_t i;
    unsigned units;

    for (i = 0; i < 4; i++) {
        for (units = 30; units < 256; units += 15) {
            make_one(6, PROTO_UDP, 20, chains[i]);
            made.bytes[top->l3 + 41] = (uint8_t)units;
            check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
        }
    }
    /* A chain that ends in the middle of a header's first 8 bytes, though the frame goes on. */
    for (i = 0; i < 8; i++) {
        make_one(6, PROTO_UDP, 20, "h");
        store_wire16(made.bytes + top->l3 + 4, (uint16_t)i);
        check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    }
}
END_TEST

START_TEST(ipv6_chain_of_headers_without_end)
{
    struct packet_spec spec = spec_plain(6, PROTO_UDP, 0, NULL);
    size_t i;

    spec.level[0].ethernet = false;

    packet_build(&made, &spec, &rng);
    made.bytes[6] = 60;
    for (i = 40; i < 40 + 1600; i += 8) {
        memset(made.bytes + i, 0, 8);
        made.bytes[i] = 60;
    }
    store_wire16(made.bytes + 4, 1600);
    made.len = 1640;
    check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
    /* And one as long that does end: it is walked to its end. */
    made.bytes[i - 8] = 58;
    store_wire16(made.bytes + 4, 1600 + 8);
    memset(made.bytes + i, 0, 8);
    made.len += 8;
    {
        struct csumoff_layout layout;

        CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_IP, &layout),
                 CSUMOFF_OK);
        CHECK_EQ(layout.l4_start, 1640);
        CHECK_EQ(layout.l4_proto, 58);
    }
}
END_TEST

START_TEST(udp_lengths)
{
    static const unsigned versions[] = {4, 6};
    size_t v;
    uint32_t length;

    for (v = 0; v < 2; v++) {
        make_one(versions[v], PROTO_UDP, 20, "d");
        for (length = 0; length <= 0xFFFF; length += length < 64 ? 1 : 331) {
            struct csumoff_layout layout;

            store_wire16(made.bytes + top->l4 + 4, (uint16_t)length);
            if (length < 8 || length > 28) {
                check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                continue;
            }
            CHECK_EQ(
                csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
                CSUMOFF_OK);
            CHECK_EQ(layout.l4_len, length);
            CHECK_EQ(layout.end, made.len);
        }
    }
}
END_TEST

/* Fragments: the IPv4 header is judged, the rest is not. */
START_TEST(fragments)
{
    static const uint16_t fields[] = {0x2000, 0x0001, 0x1FFF, 0x3FFF,
                                      0x6000, 0x2001, 0xA000, 0x4001};
    static const uint16_t whole[] = {0x0000, 0x4000, 0x8000, 0xC000};
    static const char *const chains[] = {"F", "M", "hF", "hdM", "fF"};
    size_t i;

    for (i = 0; i < sizeof fields / sizeof *fields; i++) {
        make_one(4, i % 2 ? PROTO_UDP : PROTO_TCP, 30, NULL);
        store_wire16(made.bytes + top->l3 + 6, fields[i]);
        check_refused(&made, made.len, CSUMOFF_EFRAG, CSUMOFF_EFRAG, CSUMOFF_OK);
        packet_set_l3(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
    for (i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct csumoff_layout layout;

        make_one(4, PROTO_UDP, 30, NULL);
        store_wire16(made.bytes + top->l3 + 6, whole[i]);
        CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
                 CSUMOFF_OK);
    }
    for (i = 0; i < sizeof chains / sizeof *chains; i++) {
        make_one(6, PROTO_UDP, 30, chains[i]);
        check_refused(&made, made.len, CSUMOFF_EFRAG, CSUMOFF_EFRAG, CSUMOFF_OK);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
}
END_TEST

/* The fragment header's reserved bits make no fragment. */
START_TEST(atomic_fragment_with_reserved_bits)
{
    struct csumoff_layout layout;

    make_one(6, PROTO_UDP, 30, "f");
    store_wire16(made.bytes + top->l3 + 42, 0x0006);
    CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, CSUMOFF_LINK_ETHERNET, &layout),
             CSUMOFF_OK);
    check_layout(&made, 0, &layout);
}
END_TEST

/* An extension header may be the last there is: 59 stands for nothing behind it (RFC 8200, 4.7). */
START_TEST(nothing_behind_an_extension_header)
{
    static const char *const chains[] = {"h", "d", "r", "a", "f", "hdr"};
    size_t i, j;

    for (i = 0; i < sizeof chains / sizeof *chains; i++)
        for (j = 0; j < 8; j++) { /* each length of a header */
            make_one(6, 59, 0, chains[i]);
            made.len = top->end = top->l4;
            store_wire16(made.bytes + top->l3 + 4, (uint16_t)(top->l4 - top->l3 - 40));
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        }
    /* Nor need there be anything behind an IP header. */
    make_one(6, 59, 0, NULL);
    made.len = top->end = top->l4;
    store_wire16(made.bytes + top->l3 + 4, 0);
    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    make_one(4, 59, 0, NULL);
    made.len = top->end = top->l4;
    store_wire16(made.bytes + top->l3 + 2, 20);
    check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
}
END_TEST

/* ---- Protocols ----------------------------------------------------------------------------- */

START_TEST(other_protocols)
{
    static const uint8_t protos[] = {PROTO_ESP, PROTO_NONE, 46, 88, 103 + 1, 115, 200, 253, 254};
    static const char *const chains[] = {"", "h", "hdrfa"};
    size_t i, c;

    for (c = 0; c < 3; c++)
        for (i = 0; i < COUNT(protos); i++) {
            make_one(4, protos[i], 30, c == 2 ? "a" : "");
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
            make_one(6, protos[i], 30, chains[c]);
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        }
}
END_TEST

/* Tunnels are other protocols to who looks for the outermost packet alone. */
START_TEST(tunnels_without_a_checksum)
{
    size_t i;

    for (i = 0; i < 400; i++) {
        struct packet_spec spec = spec_plain(i % 2 ? 6 : 4, 0, 30, "");

        spec.levels = 2;
        spec.level[0].tunnel = i / 4 % 2 ? TUNNEL_IP : TUNNEL_GRE;
        spec.level[0].flags = (uint8_t)(i / 8 % 4 << 1);
        spec.level[1] = spec_plain(i / 2 % 2 ? 6 : 4, PROTO_TCP, 30, "").level[0];
        spec.level[1].ethernet = spec.level[0].tunnel == TUNNEL_GRE && i / 32 % 2;
        packet_build(&made, &spec, &rng);
        check_located();
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        packet_set_l3(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
    }
}
END_TEST

/* Every data offset: those that can't be have no payload, but a checksum all the same. */
START_TEST(tcp_data_offsets)
{
    unsigned offset;
    size_t payload;

    for (offset = 0; offset < 16; offset++)
        for (payload = 0; payload < 60; payload++) {
            struct packet_spec spec = spec_plain(payload % 2 ? 6 : 4, PROTO_TCP, payload, "");

            spec.level[0].data_offset = (uint8_t)offset;
            spec.level[0].padding = payload % 3;
            packet_build(&made, &spec, &rng);
            CHECK((top->payload == 0) == (offset < 5 || 4 * offset > 20 + payload));
            check_located();
        }
}
END_TEST

/* RFC 3828, section 3.1: 0 is the whole datagram; 1..7 and more than there is can't be. */
START_TEST(udplite_coverages)
{
    size_t payload, coverage;

    for (payload = 0; payload < 40; payload += payload < 4 ? 1 : 7) {
        make_one(payload % 2 ? 6 : 4, PROTO_UDPLITE, payload, "");
        for (coverage = 0; coverage <= 0xFFFF; coverage += coverage < 80 ? 1 : 997) {
            struct csumoff_layout layout;

            store_wire16(made.bytes + top->l4 + 4, (uint16_t)coverage);
            if ((coverage && coverage < 8) || coverage > 8 + payload) {
                check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                continue;
            }
            top->l4_len = coverage ? coverage : 8 + payload;
            CHECK_EQ(csumoff_locate(placed(&made, made.len), made.len, link_of(&made), &layout),
                     CSUMOFF_OK);
            check_layout(&made, 0, &layout);
        }
    }
}
END_TEST

/* RFC 4340, section 9.2: CsCov in words behind the header; its length by data offset and X. */
START_TEST(dccp_coverages)
{
    size_t payload;
    unsigned offset, coverage, x;

    for (payload = 0; payload < 70; payload += payload < 8 ? 1 : 9)
        for (x = 0; x < 2; x++)
            for (offset = 0; offset < 256; offset += offset < 24 ? 1 : 29)
                for (coverage = 0; coverage < 16; coverage++) {
                    size_t datagram = 20 + payload, header = 4 * offset;
                    struct csumoff_layout layout;
                    uint8_t *h;

                    make_one(payload % 2 ? 6 : 4, PROTO_DCCP, payload, "");
                    h = made.bytes + top->l4;
                    h[4] = (uint8_t)offset;
                    h[5] = (uint8_t)((h[5] & 0xF0) | coverage);
                    h[8] = (uint8_t)((h[8] & 0xFE) | x);
                    if (header > datagram) {
                        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_ETRUNC, CSUMOFF_EHDR);
                        continue;
                    }
                    if (header < (x ? 16 : 12) ||
                        (coverage && header + 4 * (coverage - 1) > datagram)) {
                        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                        continue;
                    }
                    top->payload = top->l4 + header;
                    top->l4_len = coverage ? header + 4 * (coverage - 1) : datagram;
                    CHECK_EQ(
                        csumoff_locate(placed(&made, made.len), made.len, link_of(&made), &layout),
                        CSUMOFF_OK);
                    check_layout(&made, 0, &layout);
                }
}
END_TEST

/* PPTP's version 1 has no checksum; nor have those that don't exist. */
START_TEST(gre_versions)
{
    unsigned version, flags;

    for (version = 1; version < 8; version++)
        for (flags = 0; flags < 8; flags++) {
            struct packet_spec spec = spec_plain(flags % 2 ? 6 : 4, PROTO_GRE, 40, "");

            spec.level[0].flags = (uint8_t)flags;
            packet_build(&made, &spec, &rng);
            made.bytes[top->l4 + 1] = (uint8_t)version;
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EPROTO, CSUMOFF_OK);
        }
}
END_TEST

/* Of the same protocol in two versions only one is known, or one with a checksum of its own. */
START_TEST(versions_of_protocols)
{
    unsigned version;

    for (version = 0; version < 16; version++) {
        if (version != 2) {
            make_one(4, PROTO_OSPF, 40, "");
            made.bytes[top->l4] = (uint8_t)version;
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EHDR, CSUMOFF_OK);
            make_one(4, PROTO_VRRP, 40, "");
            made.bytes[top->l4] = (uint8_t)(version << 4 | 1);
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EHDR, CSUMOFF_OK);
        }
        if (version != 3) {
            make_one(6, PROTO_OSPF, 40, "");
            made.bytes[top->l4] = (uint8_t)version;
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EHDR, CSUMOFF_OK);
            make_one(6, PROTO_VRRP, 40, "");
            made.bytes[top->l4] = (uint8_t)(version << 4 | 1);
            check_refused(&made, made.len, CSUMOFF_EPROTO, CSUMOFF_EHDR, CSUMOFF_OK);
        }
    }
}
END_TEST

/* IP packets too short for the fixed part of what they say they carry. */
START_TEST(too_short_for_its_protocol)
{
    static const uint8_t protos[] = {PROTO_TCP,  PROTO_UDP,  PROTO_UDPLITE, PROTO_DCCP,
                                     PROTO_SCTP, PROTO_ICMP, PROTO_GRE,     PROTO_PIM};
    size_t i, v, len;

    for (i = 0; i < COUNT(protos); i++)
        for (v = 4; v <= 6; v += 2)
            for (len = 0; len < (protos[i] == PROTO_ICMP ? 4 : 8); len++) {
                make_one((unsigned)v, v == 6 && protos[i] == PROTO_ICMP ? PROTO_ICMPV6 : protos[i],
                         60, "");
                if (protos[i] == PROTO_GRE)
                    made.bytes[top->l4] = 0x80;
                if (protos[i] == PROTO_PIM) /* version 2, a Register message */
                    made.bytes[top->l4] = 0x21;
                store_wire16(made.bytes + top->l3 + (v == 4 ? 2 : 4),
                             (uint16_t)(len + (v == 4 ? 20 : 0)));
                check_refused(&made, made.len, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ETRUNC);
            }
}
END_TEST

/* ---- Routes -------------------------------------------------------------------------------- */

/* What has to be in the L4 field of the frame made: for `dst`, the route's end, and nothing else.
 * For UDP along a source route of IPv4 the next hop's is right as well. */
static void check_route(const uint8_t *dst)
{
    struct csumoff_layout layout;
    uint8_t *p;
    uint16_t next_complete, next_seed;

    packet_set_pseudo(&made, 0, NULL, made.bytes + top->daddr);
    next_complete = packet_complete(&made, 0);
    next_seed = packet_seed(&made, 0);
    packet_set_pseudo(&made, 0, NULL, dst);
    check_located();
    packet_set_l3(&made, 0);
    p = placed(&made, made.len);
    CHECK_EQ(csumoff_fill(p, made.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    packet_set_field(&made, 0, packet_complete(&made, 0));
    check_same("fill on a source route", &made, p, made.len);
    check_report(&made, p, made.len, CSUMOFF_GOOD);
    CHECK_EQ(csumoff_seed(p, made.len, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_OK);
    packet_set_field(&made, 0, packet_seed(&made, 0));
    check_same("seed on a source route", &made, p, made.len);
    check_routed_report(dst);
    packet_set_field(&made, 0, next_complete);
    check_routed_report(dst);
    packet_set_field(&made, 0, next_seed);
    check_routed_report(dst);
}

/* RFC 791, section 3.1: loose and strict source routes, where they end, and what is none. */
START_TEST(ipv4_source_routes)
{
    static const struct {
        uint8_t options[16];
        int end; /* where in them the last address is; -1: the destination is the header's */
    } rows[] = {
        {{131, 7, 4}, 3},
        {{137, 7, 4}, 3},
        {{137, 11, 8}, 7},
        {{131, 15, 4}, 11},
        {{1, 1, 131, 7, 4}, 5},
        {{1, 131, 15, 4}, 12},
        {{7, 7, 4, 9, 9, 9, 9, 137, 7, 4}, 10}, /* record route before it */
        {{148, 2, 131, 7, 4}, 5},
        {{148, 4, 0, 0, 131, 7, 4}, 7},
        {{131, 3, 4, 137, 7, 4}, 6}, /* no address in the first */
        {{131, 6, 4, 9, 9, 9, 137, 7, 4}, 9},
        {{131, 7, 4, 9, 9, 9, 9, 137, 7, 4}, 3}, /* the first of two */
        {{131, 7, 6}, 3},
        /* Used up; behind the end of options; not of these two; lengths that can't be. */
        {{131, 7, 8}, -1},
        {{137, 11, 12}, -1},
        {{131, 7, 7}, -1},
        {{0, 131, 7, 4}, -1},
        {{7, 7, 4}, -1},
        {{68, 12, 5}, -1},
        {{130, 11, 4}, -1},
        {{7, 0, 131, 7, 4}, -1},
        {{7, 1, 131, 7, 4}, -1},
        {{131, 17, 4}, -1},
        {{7, 40, 131, 7, 4}, -1},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 131, 8, 4}, -1},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 131}, -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int proto = PROTO_TCP; proto <= PROTO_UDP; proto += PROTO_UDP - PROTO_TCP) {
            struct packet_spec spec = spec_plain(4, (uint8_t)proto, 21, NULL);
            uint8_t *options = made.bytes + 14 + 20;

            spec.level[0].options = 16;
            packet_build(&made, &spec, &rng);
            memset(options, 1, 16);
            rng_fill(&rng, options + (rows[i].end < 0 ? 16 : rows[i].end), rows[i].end < 0 ? 0 : 4);
            for (size_t j = 0; j < sizeof rows[i].options; j++) {
                /* Addresses stay at random, but for zeros, which end the options. */
                bool given = rows[i].options[j] || (j < 4 && !rows[i].options[0]) ||
                             rows[i].end < 0 || (int)j < rows[i].end;

                if (given || (int)j >= rows[i].end + 4)
                    options[j] = rows[i].options[j];
            }
            check_route(rows[i].end < 0 ? made.bytes + top->daddr : options + rows[i].end);
        }
}
END_TEST

/* Right for the end of the route and a seed for the next hop: what it is for the end counts. */
START_TEST(end_of_the_route_goes_before_the_next_hop)
{
    size_t i;

    for (i = 0; i < 200; i++) {
        struct packet_spec spec = spec_plain(4, PROTO_UDP, 20 + i, NULL);
        uint8_t *word;

        spec.level[0].options = 12;
        spec.level[0].route_option = i % 2 ? 131 : 137;
        spec.level[0].route_slots = 2;
        packet_build(&made, &spec, &rng);
        packet_set_field(&made, 0, packet_complete(&made, 0));
        /* The next hop's address is not in the sum for the end: its first word is free. */
        word = made.bytes + top->daddr;
        store_wire16(word, 0);
        store_wire16(word,
                     ref_checksum(ref_pseudo4(top->src, word, PROTO_UDP, (uint32_t)top->l4_len) +
                                  (0xFFFF - packet_field(&made, 0))));
        CHECK(is_same_sum(ref_fold(ref_pseudo4(top->src, word, PROTO_UDP, (uint32_t)top->l4_len)),
                          packet_field(&made, 0)));
        packet_set_l3(&made, 0);
        check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
    }
}
END_TEST

/* UDP along every source route of IPv4: the end's, and the next hop's. */
START_TEST(every_source_route)
{
    size_t slots, done, options, i;

    for (i = 0; i < 4; i++)
        for (slots = 1; slots <= 9; slots++)
            for (done = 0; done <= slots; done++)
                for (options = (3 + 4 * slots + 3) / 4 * 4; options <= 40; options += 4) {
                    struct packet_spec spec = spec_plain(4, i % 2 ? PROTO_UDP : PROTO_TCP, 21, "");

                    spec.level[0].options = (uint8_t)options;
                    spec.level[0].route_option = i / 2 ? 131 : 137;
                    spec.level[0].route_slots = (uint8_t)slots;
                    spec.level[0].route_done = (uint8_t)done;
                    packet_build(&made, &spec, &rng);
                    check_route(made.bytes + top->route_end);
                }
}
END_TEST

/* Replaces the only extension header, a routing header, by one of `words` * 8 bytes more than 8. */
static uint8_t *make_routing(uint8_t proto, uint8_t type, size_t words, uint8_t left)
{
    size_t len = 8 + 8 * words;
    uint8_t *routing;

    make_one(6, proto, 30, "r");
    routing = made.bytes + top->l3 + 40;
    memmove(routing + len, made.bytes + top->l4, made.len - top->l4);
    top->payload += top->l3 + 40 + len - top->l4;
    top->l4 = top->l3 + 40 + len;
    made.len = top->end = top->l4 + top->l4_len;
    store_wire16(made.bytes + top->l3 + 4, (uint16_t)(len + top->l4_len));
    rng_fill(&rng, routing + 4, len - 4);
    routing[1] = (uint8_t)words;
    routing[2] = type;
    routing[3] = left;
    return routing;
}

/* RFC 8200, section 8.1: the pseudo-header names the final destination, the last of the route.
 * Types 0 (RFC 5095), 2 (RFC 6275), 4 (RFC 8754), with every length and count; no segments left. */
START_TEST(routing_headers)
{
    static const uint8_t types[] = {0, 2, 4};
    size_t t, words;
    unsigned left, last;

    for (t = 0; t < COUNT(types); t++)
        for (words = 0; words <= 8; words++)
            for (left = 0; left <= 10; left++)
                for (last = 0; last < (types[t] == 4 ? 6 : 1); last++) {
                    uint8_t *h = make_routing(left % 2 ? PROTO_TCP : PROTO_UDP, types[t], words,
                                              (uint8_t)left);
                    bool is_right;

                    if (types[t] == 4)
                        h[4] = (uint8_t)last;
                    is_right = types[t] == 0   ? words % 2 == 0 && left <= words / 2
                               : types[t] == 2 ? words == 2 && left == 1
                                               : left <= last + 1 && 2 * (last + 1) <= words;
                    if (left == 0)
                        check_route(made.bytes + top->daddr);
                    else if (is_right)
                        check_route(h + 8 + (types[t] == 0 ? 16 * (words / 2 - 1) : 0));
                    else
                        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                }
}
END_TEST

/* RFC 6554: every compression, with and without padding, on every place of the route. */
START_TEST(rpl_routes)
{
    unsigned cmpr_i, cmpr_e, entries, left, pad, step = (unsigned)effort(1, 3);

    for (cmpr_i = 0; cmpr_i < 16; cmpr_i++)
        for (cmpr_e = cmpr_i % step; cmpr_e < 16; cmpr_e += step)
            for (entries = 1; entries <= 5; entries++)
                for (left = 1; left <= entries; left++)
                    for (pad = 0; pad < 2; pad++) {
                        struct packet_spec spec =
                            spec_plain(6, left % 2 ? PROTO_TCP : PROTO_UDP, 30, "3");
                        struct routing_spec routing = {(uint8_t)entries, (uint8_t)left,
                                                       (uint8_t)cmpr_i, (uint8_t)cmpr_e, pad};
                        uint8_t dst[16];

                        spec.level[0].routing = routing;
                        packet_build(&made, &spec, &rng);
                        memcpy(dst, top->dst, 16);
                        check_route(dst);
                        made.bytes[top->l3 + 43] = (uint8_t)(entries + 1);
                        check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
                        made.bytes[top->l3 + 43] = 0;
                        check_route(made.bytes + top->daddr);
                    }
}
END_TEST

/* Too short for the one address it must have. */
START_TEST(rpl_routes_too_short)
{
    unsigned cmpr_e, pad;
    size_t words;

    for (words = 0; words < 3; words++)
        for (cmpr_e = 0; cmpr_e < 16; cmpr_e++)
            for (pad = 0; pad < 16; pad++) {
                uint8_t *h = make_routing(PROTO_UDP, 3, words, 1);

                h[4] = (uint8_t)cmpr_e;
                h[5] = (uint8_t)(pad << 4);
                if (pad + 16 - cmpr_e > 8 * words)
                    check_refused(&made, made.len, CSUMOFF_EHDR, CSUMOFF_EHDR, CSUMOFF_EHDR);
            }
}
END_TEST

/* Nobody can say where it ends: not located; judged in its other parts; verified not to be. */
START_TEST(unknown_routing_types)
{
    unsigned type, left;

    for (type = 1; type < 256; type++) {
        if (type == 2 || type == 3 || type == 4)
            continue;
        for (left = 1; left < 256; left += left < 4 ? 1 : 84) {
            make_routing(type % 2 ? PROTO_TCP : PROTO_UDP, (uint8_t)type, type % 5, (uint8_t)left);
            top->finding = NOT_RESOLVABLE;
            check_refused(&made, made.len, CSUMOFF_ENOTSUP, CSUMOFF_ENOTSUP, CSUMOFF_OK);
            check_report(&made, placed(&made, made.len), made.len, CSUMOFF_UNCHECKED);
        }
        make_routing(type % 2 ? PROTO_TCP : PROTO_UDP, (uint8_t)type, type % 5, 0);
        check_route(made.bytes + top->daddr);
    }
}
END_TEST

/* RFC 6275, section 11.3.1: the home address replaces the source, wherever the option is. */
START_TEST(home_addresses)
{
    static const char *const chains[] = {"H", "hH", "hdHa", "rH", "2H", "H2", "3Hd", "Hf"};
    size_t i, round;

    for (i = 0; i < COUNT(chains); i++)
        for (round = 0; round < 100; round++) {
            uint8_t dst[16];

            make_one(6, round % 2 ? PROTO_TCP : PROTO_UDP, 30, chains[i]);
            CHECK(top->home && memcmp(top->src, made.bytes + top->home, 16) == 0);
            memcpy(dst, top->dst, 16);
            check_route(dst);
            /* The care-of address is not in the sum. */
            made.bytes[top->l3 + 8 + round % 16] ^= 0xFF;
            check_route(dst);
        }
}
END_TEST

/* One bit away from a home address option, or cut short, it is none. */
START_TEST(options_that_are_no_home_address)
{
    size_t bit;

    for (bit = 0; bit < 16; bit++) {
        make_one(6, PROTO_UDP, 30, "H");
        made.bytes[top->home - 2 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* Its type may only become another, or its length one that can't be. */
        packet_set_pseudo(&made, 0, made.bytes + top->l3 + 8, NULL);
        check_route(made.bytes + top->daddr);
    }
}
END_TEST

int main(void)
{
    const TTest *const links[] = {vlan_tags,
                                  other_ethertypes,
                                  llc_without_snap,
                                  lengths_of_links_are_not_looked_at,
                                  ppp_protocols_other_than_ip,
                                  mpls_with_something_else,
                                  mpls_without_a_bottom,
                                  NULL};
    const TTest *const malformed[] = {ip_versions,
                                      versions_without_a_link,
                                      ipv4_header_lengths,
                                      ipv6_payload_lengths,
                                      ipv6_chain_beyond_its_packet,
                                      ipv6_chain_of_headers_without_end,
                                      udp_lengths,
                                      fragments,
                                      atomic_fragment_with_reserved_bits,
                                      nothing_behind_an_extension_header,
                                      NULL};
    const TTest *const protocols[] = {other_protocols,
                                      tunnels_without_a_checksum,
                                      tcp_data_offsets,
                                      udplite_coverages,
                                      dccp_coverages,
                                      gre_versions,
                                      versions_of_protocols,
                                      too_short_for_its_protocol,
                                      NULL};
    const TTest *const routes[] = {ipv4_source_routes,
                                   end_of_the_route_goes_before_the_next_hop,
                                   every_source_route,
                                   routing_headers,
                                   rpl_routes,
                                   rpl_routes_too_short,
                                   unknown_routing_types,
                                   home_addresses,
                                   options_that_are_no_home_address,
                                   NULL};
    Suite *suite = suite_create("walk");

    add(suite, "links", links);
    add(suite, "malformed", malformed);
    add(suite, "protocols", protocols);
    add(suite, "routes", routes);
    return suite_run(suite);
}
