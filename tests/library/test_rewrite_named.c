// SPDX-License-Identifier: MIT
/* Rewriting fields by name: what can be rewritten, and what cannot. */
#include "rewrite_checks.h"

enum from {
    L3,
    L4
};

/* Stores random bytes at a named place, under every content of the fields. */
static void check_place(const char *name, size_t at, size_t n, int want)
{
    uint8_t bytes[40];
    size_t content, i;
    int status;

    for (i = 0; i < 20; i++)
        for (content = 0; content < CONTENTS; content++) {
            const enum csumoff_state state = prepare(&made, (enum content)content);

            rng_fill(&rng, bytes, n);
            status = rewrite(&made, state, at, bytes, n);
            if (status != want)
                ck_abort_msg("%s: status %d, not %d: %s", name, status, want, specimen_text(&made));
        }
}

/* What a NAT, a router or a middlebox changes can be changed. */
START_TEST(what_can_be_rewritten)
{
    static const struct {
        const char *name;
        unsigned version;
        uint8_t proto;
        enum from from;
        size_t offset, n;
    } places[] = {
        {"TOS", 4, PROTO_TCP, L3, 1, 1},
        {"ID", 4, PROTO_TCP, L3, 4, 2},
        {"TTL", 4, PROTO_TCP, L3, 8, 1},
        {"TTL over SCTP", 4, PROTO_SCTP, L3, 8, 1},
        {"source", 4, PROTO_TCP, L3, 12, 4},
        {"destination", 4, PROTO_TCP, L3, 16, 4},
        {"both addresses", 4, PROTO_UDP, L3, 12, 8},
        {"source of ICMP", 4, PROTO_ICMP, L3, 12, 4},
        {"source of SCTP", 4, PROTO_SCTP, L3, 12, 4},
        {"destination of SCTP", 6, PROTO_SCTP, L3, 24, 16},
        {"flow label", 6, PROTO_UDP, L3, 2, 2},
        {"hop limit", 6, PROTO_TCP, L3, 7, 1},
        {"source", 6, PROTO_TCP, L3, 8, 16},
        {"destination", 6, PROTO_UDP, L3, 24, 16},
        {"prefix of an address", 6, PROTO_ICMPV6, L3, 8, 8},
        {"both addresses", 6, PROTO_UDPLITE, L3, 8, 32},
        {"source port", 4, PROTO_TCP, L4, 0, 2},
        {"destination port", 6, PROTO_TCP, L4, 2, 2},
        {"both ports", 4, PROTO_UDP, L4, 0, 4},
        {"sequence", 4, PROTO_TCP, L4, 4, 4},
        {"acknowledgement", 4, PROTO_TCP, L4, 8, 4},
        {"sequence and acknowledgement", 6, PROTO_TCP, L4, 4, 8},
        {"flags", 4, PROTO_TCP, L4, 13, 1},
        {"window", 6, PROTO_TCP, L4, 14, 2},
        {"urgent pointer", 4, PROTO_TCP, L4, 18, 2},
        {"identifier of an echo", 4, PROTO_ICMP, L4, 4, 2},
        {"identifier of an echo", 6, PROTO_ICMPV6, L4, 4, 2},
        {"type and code", 4, PROTO_ICMP, L4, 0, 2},
        {"ports", 4, PROTO_UDPLITE, L4, 0, 4},
        {"ports", 6, PROTO_DCCP, L4, 0, 4},
        {"group", 4, PROTO_IGMP, L4, 4, 4},
    };
    size_t i;

    for (i = 0; i < sizeof places / sizeof *places; i++) {
        make_plain(places[i].version, places[i].proto);
        check_place(places[i].name, (places[i].from == L3 ? made.l3 : made.l4) + places[i].offset,
                    places[i].n, CSUMOFF_OK);
    }
}
END_TEST

/* The traffic class is in byte 0, which the version is in as well. */
START_TEST(traffic_class)
{
    uint8_t bytes[2];
    size_t i;

    make_plain(6, PROTO_TCP);
    for (i = 0; i < 256; i++) {
        (void)prepare(&made, RIGHT);
        bytes[0] = (uint8_t)(0x60 | i / 16);
        bytes[1] = (uint8_t)(i << 4 | made.bytes[made.l3 + 1] % 16);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l3, bytes, 2), CSUMOFF_OK);
        bytes[0] = (uint8_t)i;
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l3, bytes, 1),
                 i / 16 == 6 ? CSUMOFF_OK : CSUMOFF_EHDR);
    }
}
END_TEST

/* The MSS of a SYN, as a router clamps it, and all other TCP options. */
START_TEST(tcp_options)
{
    size_t i, at;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.proto != PROTO_TCP || made.bytes[made.l4 + 12] / 16 != 8)
            continue;
        check_place("MSS", made.l4 + 22, 2, CSUMOFF_OK);
        for (at = 20; at < 32; at++)
            check_place("TCP option", made.l4 + at, 1, CSUMOFF_OK);
        check_place("all TCP options", made.l4 + 20, 12, CSUMOFF_OK);
    }
}
END_TEST

/* What decides where things are, or is a checksum, cannot be; not even by the same bytes. */
START_TEST(what_cannot_be_rewritten)
{
    static const struct {
        const char *name;
        unsigned version;
        uint8_t proto;
        enum from from;
        size_t offset, n;
    } places[] = {
        {"version and IHL", 4, PROTO_TCP, L3, 0, 1},
        {"first byte of the total length", 4, PROTO_TCP, L3, 2, 1},
        {"total length", 4, PROTO_UDP, L3, 2, 2},
        {"last byte of the total length", 4, PROTO_ICMP, L3, 3, 1},
        {"fragment", 4, PROTO_TCP, L3, 6, 2},
        {"last byte of the fragment", 4, PROTO_UDP, L3, 7, 1},
        {"protocol", 4, PROTO_TCP, L3, 9, 1},
        {"header checksum", 4, PROTO_TCP, L3, 10, 2},
        {"header checksum", 4, PROTO_SCTP, L3, 10, 2},
        {"second byte of the header checksum", 4, PROTO_TCP, L3, 11, 1},
        {"TTL to header checksum", 4, PROTO_TCP, L3, 8, 4},
        {"payload length", 6, PROTO_TCP, L3, 4, 2},
        {"next header", 6, PROTO_TCP, L3, 6, 1},
        {"next header and hop limit", 6, PROTO_UDP, L3, 6, 2},
        {"TCP checksum", 4, PROTO_TCP, L4, 16, 2},
        {"first byte of the checksum", 6, PROTO_TCP, L4, 16, 1},
        {"second byte of the checksum", 4, PROTO_UDP, L4, 7, 1},
        {"UDP length", 4, PROTO_UDP, L4, 4, 2},
        {"UDP length", 6, PROTO_UDP, L4, 5, 1},
        {"UDP ports to length", 6, PROTO_UDP, L4, 0, 6},
        {"UDP checksum", 6, PROTO_UDP, L4, 6, 2},
        {"ICMP checksum", 4, PROTO_ICMP, L4, 2, 2},
        {"ICMPv6 checksum", 6, PROTO_ICMPV6, L4, 2, 2},
        {"UDP-Lite checksum", 4, PROTO_UDPLITE, L4, 6, 2},
        {"DCCP checksum", 6, PROTO_DCCP, L4, 6, 2},
        {"GRE checksum", 4, PROTO_GRE, L4, 4, 2},
        {"window and checksum", 4, PROTO_TCP, L4, 14, 4},
    };
    size_t i, p;

    for (i = 0; i < sizeof places / sizeof *places; i++) {
        const size_t n = places[i].n;
        size_t at;

        make_plain(places[i].version, places[i].proto);
        at = (places[i].from == L3 ? made.l3 : made.l4) + places[i].offset;
        check_place(places[i].name, at, n, CSUMOFF_EHDR);
        for (p = 0; p < CONTENTS; p++) {
            const enum csumoff_state state = prepare(&made, (enum content)p);
            uint8_t same[8];

            memcpy(same, made.bytes + at, n);
            CHECK_EQ(rewrite(&made, state, at, same, n), CSUMOFF_EHDR);
        }
    }
}
END_TEST

/* The data offset; the reserved bits beside it are nobody's. */
START_TEST(data_offset)
{
    size_t i;

    make_plain(4, PROTO_TCP);
    for (i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;

        (void)prepare(&made, RIGHT);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, made.l4 + 12, &byte, 1),
                 byte / 16 == made.bytes[made.l4 + 12] / 16 ? CSUMOFF_OK : CSUMOFF_EHDR);
    }
}
END_TEST

/* The extension chain: no other next header, no other length. (Options that look like headers may
 * lead to the same place by another length: then nothing is elsewhere.) */
START_TEST(extension_chain)
{
    size_t i, at, refused = 0, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        uint8_t byte;

        specimen_make(&made, i, &rng);
        if (made.version != 6 || made.l4 - made.l3 == 40)
            continue;
        (void)prepare(&made, RIGHT);
        at = made.l3 + 40;
        byte =
            made.bytes[at] == PROTO_TCP ? PROTO_UDP : PROTO_TCP; /* the first one's next header */
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at, &byte, 1), CSUMOFF_EHDR);
        byte = (uint8_t)(made.bytes[at + 1] ^ 1);
        refused += rewrite(&made, CSUMOFF_NONE, at + 1, &byte, 1) == CSUMOFF_EHDR;
        tried++;
    }
    CHECK(tried > 100 && refused > tried * 9 / 10);
}
END_TEST

/* SCTP: nothing under its CRC32c; the IP header around it as ever. */
START_TEST(sctp)
{
    size_t i, at;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.proto != PROTO_SCTP)
            continue;
        for (at = made.l4; at < made.end; at++) {
            const uint8_t byte = (uint8_t)rng_u32(&rng);
            int status;

            (void)prepare(&made, RIGHT);
            status = rewrite(&made, CSUMOFF_NONE, at, &byte, 1);
            if (!is_in(at, made.l4 + 8, 4))
                CHECK_EQ(status, CSUMOFF_ENOTSUP);
        }
    }
}
END_TEST

/* Bytes that UDP-Lite and DCCP do not cover change, and the checksum does not. */
START_TEST(outside_the_coverage)
{
    size_t i, tried = 0;

    for (i = 0; i < specimen_count(); i++) {
        uint8_t bytes[8];
        size_t at, n;

        specimen_make(&made, i, &rng);
        if ((made.proto != PROTO_UDPLITE && made.proto != PROTO_DCCP) ||
            made.l4 + made.covered + 2 > made.end)
            continue;
        (void)prepare(&made, RIGHT);
        at = made.l4 + made.covered;
        n = made.end - at < sizeof bytes ? made.end - at : sizeof bytes;
        rng_fill(&rng, bytes, sizeof bytes);
        CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at, bytes, n), CSUMOFF_OK);
        CHECK(same_bytes(changed + made.l4, made.bytes + made.l4, made.covered));
        /* Half of them inside: those alone count. */
        if (made.covered > made.field + 2)
            CHECK_EQ(rewrite(&made, CSUMOFF_NONE, at - 1, bytes, 2), CSUMOFF_OK);
        tried++;
    }
    CHECK(tried > 20);
}
END_TEST

int main(void)
{
    const TTest *const named[] = {what_can_be_rewritten,
                                  traffic_class,
                                  tcp_options,
                                  what_cannot_be_rewritten,
                                  data_offset,
                                  extension_chain,
                                  sctp,
                                  outside_the_coverage,
                                  NULL};
    Suite *suite = suite_create("rewrite_named");

    suite_add(suite, "named", named);
    setup();
    return suite_run(suite);
}
