// SPDX-License-Identifier: MIT
/*
 * Local checksum offload: the checksum of an outer header, made from the seed of what is inside,
 * is what it would be if the inner packet had been finished first.
 */
#include "../oracle/packet_checks.h"

static struct packet expected;

/* A seeded packet inside the frame made: where its field is. */
struct inner {
    size_t start, offset;
};

/* An outer UDP packet, `gap` bytes of encapsulation of no known kind, a frame that is seeded. */
static struct inner make_tunnel(bool v6, unsigned inner_version, uint8_t proto, size_t gap,
                                size_t payload, size_t padding)
{
    static struct packet inside;
    struct packet_spec spec = spec_plain(inner_version, proto, payload, "h");
    struct inner inner;

    packet_build(&inside, &spec, &rng);
    packet_set_l3(&inside, 0);
    packet_set_field(&inside, 0, packet_seed(&inside, 0));
    spec = spec_plain(v6 ? 6 : 4, PROTO_UDP, gap + inside.len, "");
    spec.level[0].options = v6 ? 0 : 4;
    spec.level[0].padding = padding;
    packet_build(&made, &spec, &rng);
    memcpy(made.bytes + top->payload + gap, inside.bytes, inside.len);
    inner.start = top->payload + gap + inside.level[0].l4;
    inner.offset = inside.level[0].csum_offset;
    return inner;
}

static struct csumoff_layout outer_layout(void)
{
    struct csumoff_layout layout;
    uint8_t *p = placed(&made, made.len);

    check_status("locate", &made, made.len, csumoff_locate(p, made.len, link_of(&made), &layout),
                 CSUMOFF_OK);
    return layout;
}

static void check_outer(struct inner inner)
{
    struct csumoff_layout layout = outer_layout();
    uint8_t *p = placed(&made, made.len);

    CHECK_EQ(csumoff_outer(p, made.len, &layout, inner.start, inner.offset), CSUMOFF_OK);
    copy_packet(&expected, &made);
    ref_finish(&expected, inner.start, inner.offset);
    packet_set_field(&made, 0, packet_complete(&expected, 0));
    check_same("outer", &made, p, made.len);
}

/* Outer and inner of both versions, TCP and UDP in it, even and odd distances, with padding. */
START_TEST(outer_udp)
{
    size_t v6, inner, proto, gap, payload, padding;

    for (v6 = 0; v6 < 2; v6++)
        for (inner = 4; inner <= 6; inner += 2)
            for (proto = PROTO_TCP; proto <= PROTO_UDP; proto += PROTO_UDP - PROTO_TCP)
                for (gap = 0; gap <= 17; gap++)
                    for (payload = 0; payload < 24; payload++)
                        for (padding = 0; padding <= 3; padding += 3)
                            check_outer(make_tunnel(v6, (unsigned)inner, (uint8_t)proto, gap,
                                                    payload, padding));
}
END_TEST

/* The outer sum comes out 0: 0xFFFF. The inner one, too, when it is finished: the same sum. */
START_TEST(outer_zero_becomes_ones)
{
    size_t i;

    for (i = 0; i < 64; i++) {
        struct inner inner = make_tunnel(i % 2, 4, PROTO_TCP, 8, 20 + i / 2, 0);

        /* Choose the outer source port, the first word of the datagram. */
        store_wire16(made.bytes + top->l4, 0);
        copy_packet(&expected, &made);
        ref_finish(&expected, inner.start, inner.offset);
        store_wire16(made.bytes + top->l4, packet_complete(&expected, 0));
        check_outer(inner);
        CHECK_EQ(packet_field(&made, 0), 0xFFFF);
    }
}
END_TEST

/* What is inside may begin right behind the outer UDP header. */
START_TEST(outer_without_encapsulation)
{
    size_t v6;

    for (v6 = 0; v6 < 2; v6++) {
        struct inner inner = make_tunnel(v6, 4, PROTO_TCP, 0, 40, 0);

        inner.start = top->payload;
        check_outer(inner);
    }
}
END_TEST

/* GRE with the C bit, with and without key and sequence number: no pseudo-header, and 0 stays 0. */
START_TEST(outer_gre)
{
    size_t i, zeros = 0;

    for (i = 0; i < 4000; i++) {
        struct packet_spec spec = spec_plain(i % 2 ? 6 : 4, 0, 0, "");
        struct inner inner;
        const struct level *l = &made.level[1];

        spec.levels = 2;
        spec.level[0].tunnel = TUNNEL_GRE;
        spec.level[0].flags = (uint8_t)(GRE_C | i / 2 % 4 << 1);
        spec.level[0].padding = i % 5;
        spec.level[1] =
            spec_plain(i / 8 % 2 ? 6 : 4, i / 16 % 2 ? PROTO_UDP : PROTO_TCP, i % 91, "").level[0];
        spec.level[1].ethernet = i / 32 % 2;
        packet_build(&made, &spec, &rng);
        packet_set_l3(&made, 1);
        packet_set_field(&made, 1, packet_seed(&made, 1));
        inner.start = l->l4;
        inner.offset = l->csum_offset;
        if (i % 3 == 0 && made.level[1].proto == PROTO_TCP) {
            /* Choose the inner source port, which its own checksum makes up for, and the key. */
            copy_packet(&expected, &made);
            ref_finish(&expected, inner.start, inner.offset);
            if (spec.level[0].flags & GRE_K) {
                store_wire16(made.bytes + top->l4 + 8, 0);
                store_wire16(expected.bytes + top->l4 + 8, 0);
                store_wire16(made.bytes + top->l4 + 8, packet_complete(&expected, 0));
            }
        }
        check_outer(inner);
        zeros += packet_field(&made, 0) == 0;
    }
    CHECK(zeros > 100);
}
END_TEST

/* Each tunnel in each other, the checksums made from the innermost seed outwards. */
START_TEST(outer_of_every_tunnel)
{
    size_t i, rounds = effort(60000, 8000), made_some = 0;

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layouts[PACKET_LEVELS];
        size_t count, j;
        unsigned innermost;
        uint8_t *p;

        make_random(4);
        innermost = packet_listed(&made);
        if (innermost < 2)
            continue;
        innermost--;
        if (made.level[innermost].proto != PROTO_TCP && made.level[innermost].proto != PROTO_UDP)
            continue;
        for (j = 0; j <= innermost; j++)
            packet_set_l3(&made, (unsigned)j);
        packet_set_field(&made, innermost, packet_seed(&made, innermost));
        p = placed(&made, made.len);
        check_status(
            "locate_all", &made, made.len,
            csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &count),
            CSUMOFF_OK);
        CHECK_EQ(count, innermost + 1);
        for (j = innermost; j-- > 0;) {
            int status = csumoff_outer(p, made.len, &layouts[j], made.level[innermost].l4,
                                       made.level[innermost].csum_offset);

            check_status("outer", &made, made.len, status,
                         made.level[j].finding == FOUND ? CSUMOFF_OK : CSUMOFF_EPROTO);
        }
        CHECK_EQ(csumoff_finish_at(p, made.len, &layouts[innermost]), CSUMOFF_OK);
        packet_set_complete(&made, innermost);
        if (packet_complete(&made, innermost) == 0)
            packet_set_field(&made, innermost, 0xFFFF);
        for (j = innermost; j-- > 0;)
            packet_set_complete(&made, (unsigned)j);
        check_same("outer and finish_at", &made, p, made.len);
        made_some++;
    }
    CHECK(made_some > rounds / 20);
}
END_TEST

/* Behind a segment routing header, a source route, a home address: the address of the route's end.
 */
START_TEST(outer_along_a_route)
{
    static const char *const chains[] = {"4", "0", "3", "2", "H", "h4H", "34"};
    size_t i;

    for (i = 0; i < 2000; i++) {
        struct packet_spec spec = spec_plain(i % 8 ? 6 : 4, 0, 0, chains[i % COUNT(chains)]);
        struct inner inner;

        spec.levels = 2;
        spec.level[0].tunnel = i % 3 ? TUNNEL_VXLAN : TUNNEL_GENEVE;
        if (spec.level[0].version == 4) {
            spec.level[0].options = 24;
            spec.level[0].route_option = i / 8 % 2 ? 131 : 137;
            spec.level[0].route_slots = 4;
            spec.level[0].route_done = (uint8_t)(i / 16 % 5);
        }
        spec.level[1] = spec_plain(i % 2 ? 6 : 4, PROTO_TCP, 40, "").level[0];
        packet_build(&made, &spec, &rng);
        packet_set_l3(&made, 1);
        packet_set_field(&made, 1, packet_seed(&made, 1));
        inner.start = made.level[1].l4;
        inner.offset = 16;
        check_outer(inner);
    }
}
END_TEST

static void check_no_outer(const struct csumoff_layout *layout, size_t inner, size_t offset,
                           int want)
{
    uint8_t *p = placed(&made, made.len);
    int status = csumoff_outer(p, made.len, layout, inner, offset);

    if (status != want)
        ck_abort_msg("outer: %d, not %d: length %zu, UDP at %u, inner at %zu + %zu", status, want,
                     made.len, layout->l4_start, inner, offset);
    check_same("refused outer", &made, p, made.len);
}

START_TEST(outer_offsets)
{
    static const size_t far[] = {SIZE_MAX,     SIZE_MAX - 1,     SIZE_MAX - 2,    SIZE_MAX - 7,
                                 SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 2};
    struct csumoff_layout layout;
    size_t i, v6;

    for (v6 = 0; v6 < 2; v6++) {
        struct inner t = make_tunnel(v6, 4, PROTO_TCP, 8, 40, 0);

        layout = outer_layout();
        for (i = 1; i < 16; i += 2)
            check_no_outer(&layout, t.start, i, CSUMOFF_ERANGE);
        for (i = 0; i < top->payload; i++) /* in front of the payload, in the outer UDP header */
            check_no_outer(&layout, i, 16, CSUMOFF_ERANGE);
        check_no_outer(&layout, made.len, 0, CSUMOFF_ERANGE);
        check_no_outer(&layout, made.len - 1, 0, CSUMOFF_ERANGE);
        check_no_outer(&layout, made.len - 17, 16, CSUMOFF_ERANGE);
        for (i = 0; i < COUNT(far); i++) {
            check_no_outer(&layout, far[i], 16, CSUMOFF_ERANGE);
            check_no_outer(&layout, t.start, far[i], CSUMOFF_ERANGE);
            check_no_outer(&layout, t.start, (0 - t.start) & ~(size_t)1, CSUMOFF_ERANGE);
        }
    }
}
END_TEST

START_TEST(outer_layouts)
{
    size_t v6, len;

    for (v6 = 0; v6 < 2; v6++) {
        struct inner t = make_tunnel(v6, 4, PROTO_TCP, 8, 40, 0);
        struct csumoff_layout layout = outer_layout(), other_layout;

        /* The outer datagram ends before the inner field does. */
        for (len = 8; len < t.start + t.offset + 2 - top->l4; len++) {
            store_wire16(made.bytes + top->l4 + 4, (uint16_t)len);
            memset(made.bytes + top->l4 + len, 0, made.len - top->l4 - len);
            other_layout = outer_layout();
            check_no_outer(&other_layout, t.start, t.offset, CSUMOFF_EHDR);
            t = make_tunnel(v6, 4, PROTO_TCP, 8, 40, 0);
        }
        /* A payload that begins before what is summed. */
        other_layout = layout;
        other_layout.payload_start = layout.csum_start - 1;
        check_no_outer(&other_layout, t.start, t.offset, CSUMOFF_ERANGE);
        /* A frame shorter than its layout. */
        for (len = made.len; len-- > 0;) {
            uint8_t *p = placed(&made, len);

            CHECK_EQ(csumoff_outer(p, len, &layout, t.start, t.offset), CSUMOFF_ERANGE);
            check_same("refused outer", &made, p, len);
        }
        for (len = 0; len < 5; len++) {
            t = make_tunnel(v6, 4, PROTO_TCP, 8, 40, 5);
            layout = outer_layout();
            made.bytes[made.len - 1 - len] = 1;
            check_no_outer(&layout, t.start, t.offset, CSUMOFF_ETRAILER);
        }
    }
}
END_TEST

/* Nothing but UDP and GRE goes around another packet. */
START_TEST(outer_protocols)
{
    static const uint8_t protos[] = {PROTO_TCP,  PROTO_UDPLITE, PROTO_DCCP,
                                     PROTO_SCTP, PROTO_ICMP,    PROTO_PIM};
    size_t i;

    for (i = 0; i < COUNT(protos); i++) {
        struct csumoff_layout layout;

        make_one(4, protos[i], 100, "");
        layout = outer_layout();
        check_no_outer(&layout, top->l4 + 40, 16, CSUMOFF_EPROTO);
    }
    make_one(4, PROTO_UDP, 100, "");
    {
        struct csumoff_layout layout = outer_layout();

        layout.csum_kind = CSUMOFF_NO_CHECKSUM;
        check_no_outer(&layout, top->l4 + 40, 16, CSUMOFF_EPROTO);
        layout.csum_kind = CSUMOFF_CRC32C;
        check_no_outer(&layout, top->l4 + 40, 16, CSUMOFF_EPROTO);
    }
}
END_TEST

int main(void)
{
    const TTest *const made_right[] = {
        outer_udp, outer_zero_becomes_ones, outer_without_encapsulation,
        outer_gre, outer_of_every_tunnel,   outer_along_a_route,
        NULL};
    const TTest *const refused[] = {outer_offsets, outer_layouts, outer_protocols, NULL};
    Suite *suite = suite_create("outer");

    add(suite, "outer", made_right);
    add(suite, "refused", refused);
    return suite_run(suite);
}
