// SPDX-License-Identifier: MIT
/* The packets inside a packet: every tunnel, nested, damaged, cut short; each level's checksums. */
#include "../oracle/packet_checks.h"

static struct csumoff_layout layouts[PACKET_LEVELS + 1];

/* What locating all levels has to return. */
static int status_of_all(void)
{
    return packet_listed(&made) ? CSUMOFF_OK : status_of(&made, 0);
}

/* Locates all levels of the frame made into room for `max`. */
static void check_levels(size_t max)
{
    const uint8_t *p = placed(&made, made.len);
    size_t count = 77, want = packet_listed(&made), i;
    int status = (spoil(layouts, sizeof layouts),
                  csumoff_locate_all(p, made.len, link_of(&made), layouts, max, &count));

    check_status("locate_all", &made, made.len, status, status_of_all());
    check_same("locate_all", &made, p, made.len);
    if (status != CSUMOFF_OK) {
        CHECK(count == 77 && is_spoilt(layouts, sizeof layouts));
        return;
    }
    if (want > max)
        want = max;
    if (count != want)
        ck_abort_msg("%zu levels, not %zu (room for %zu): %s", count, want, max,
                     spec_text(&made.spec));
    for (i = 0; i < count; i++)
        check_layout(&made, (unsigned)i, &layouts[i]);
    CHECK(is_spoilt(layouts + count, sizeof layouts - count * sizeof *layouts));
}

/* ---- From the head ------------------------------------------------------------------------- */

static struct csumoff_layout from_head[PACKET_LEVELS + 1];

/*
 * Returns how much of the frame made has to be at hand to list its levels in room for `max`; 0: the
 * recipe does not say. The last of them is found once its L4 header is there. What is behind that
 * has to be looked at where there is room and it may be a tunnel, which no innermost level is.
 */
static size_t enough_for(size_t max)
{
    const struct level *l;
    unsigned i = 0;

    while (i + 1 < made.levels && (made.level[i].finding == FOUND_TUNNEL ||
                                   (made.level[i].finding == FOUND && i + 1 < max)))
        i++;
    l = &made.level[i];
    return l->finding == FOUND && (l->proto == PROTO_TCP || l->proto == PROTO_UDP ||
                                   l->proto == PROTO_UDPLITE || l->proto == PROTO_SCTP)
               ? l->l4 + l->fixed
               : 0;
}

/* Every length is tried among the headers, fewer behind them, the whole frame in any case. */
static size_t next_head(size_t have, size_t enough, size_t step)
{
    const size_t next = have + (have < enough + 4 || have < 300 ? 1 : step);

    return have < made.len && next > made.len ? made.len : next;
}

/* Every head of the frame made gives what the whole frame does, or it is too short to tell; and
 * from where it is not, by the recipe. */
static void check_heads(size_t max, size_t step)
{
    const size_t enough = enough_for(max);
    size_t want = 77, have, i;
    bool is_known = false;
    int whole;

    check_levels(max); /* the whole frame, by the oracle */
    spoil(layouts, sizeof layouts);
    whole =
        csumoff_locate_all(placed(&made, made.len), made.len, link_of(&made), layouts, max, &want);
    for (have = 0; have <= made.len; have = next_head(have, enough, step)) {
        const uint8_t *p = placed(&made, have);
        size_t count = 77;
        int status;

        spoil(from_head, sizeof from_head);
        status = csumoff_locate_all_head(p, have, made.len, link_of(&made), from_head, max, &count);
        check_same("locate_all_head", &made, p, have);
        if (status == CSUMOFF_EHEAD) {
            if (is_known || have == made.len || (enough && have >= enough))
                ck_abort_msg("locate_all_head: %zu bytes are too few, room for %zu: %s", have, max,
                             spec_text(&made.spec));
            CHECK(count == 77 && is_spoilt(from_head, sizeof from_head));
            continue;
        }
        is_known = true;
        check_status("locate_all_head", &made, have, status, whole);
        if (have < enough)
            ck_abort_msg("locate_all_head: %zu bytes are enough, not %zu, room for %zu: %s", have,
                         enough, max, spec_text(&made.spec));
        CHECK_EQ(count, want);
        if (status != CSUMOFF_OK)
            count = 0;
        for (i = 0; i < count; i++)
            if (!is_same_layout(&from_head[i], &layouts[i]))
                ck_abort_msg("locate_all_head: level %zu is another with %zu bytes: %s", i, have,
                             spec_text(&made.spec));
        CHECK(is_spoilt(from_head + count, sizeof from_head - count * sizeof *from_head));
    }
    CHECK(is_known);
}

/* ---- Every tunnel -------------------------------------------------------------------------- */

/* A tunnel with each of its flags and forms, IP or Ethernet inside where it can carry that. */
static bool make_tunnel(enum tunnel tunnel, unsigned form)
{
    struct packet_spec spec = spec_plain(form % 2 ? 6 : 4, 0, 0, "");
    struct level_spec *outer = &spec.level[0], *inner = &spec.level[1];
    bool takes_ethernet = tunnel == TUNNEL_GRE || tunnel == TUNNEL_GENEVE ||
                          tunnel == TUNNEL_VXLAN_GPE || tunnel == TUNNEL_VXLAN ||
                          tunnel == TUNNEL_ERSPAN;
    bool takes_ip = tunnel != TUNNEL_VXLAN && tunnel != TUNNEL_ERSPAN;

    spec.levels = 2;
    outer->tunnel = tunnel;
    outer->flags = (uint8_t)(form / 8 % 8);
    outer->words = (uint8_t)(form / 64 % 4 * 3);
    *inner =
        spec_plain(form / 2 % 2 ? 6 : 4, form % 3 ? PROTO_TCP : PROTO_UDP, form % 50, "").level[0];
    inner->ethernet = form / 4 % 2;
    if (inner->ethernet ? !takes_ethernet : !takes_ip)
        return false;
    inner->labels = tunnel == TUNNEL_MPLS_UDP ? (uint8_t)(1 + form / 8 % 4) : 0;
    if (tunnel == TUNNEL_GRE && !inner->ethernet)
        inner->labels = (uint8_t)(form / 64 % 4);
    packet_build(&made, &spec, &rng);
    return true;
}

/* The tunnels, each a loop of its own over its forms. */
START_TEST(every_tunnel)
{
    const enum tunnel tunnel = (enum tunnel)_i;
    unsigned form, some = 0;

    for (form = 0; form < 1024; form++) {
        if (!make_tunnel(tunnel, form))
            continue;
        CHECK_EQ(packet_listed(&made), 2);
        check_levels(2);
        check_levels(PACKET_LEVELS);
        check_levels(1);
        check_levels(0);
        some++;
    }
    CHECK(some > 0);
}
END_TEST

/* From every head, with room for both levels, for more and for fewer. */
START_TEST(every_tunnel_from_its_head)
{
    const enum tunnel tunnel = (enum tunnel)_i;
    unsigned form, exact = 0;

    for (form = 0; form < 1024; form += (unsigned)effort(1, 7)) {
        if (!make_tunnel(tunnel, form))
            continue;
        exact += enough_for(2) > 0;
        check_heads(2, 31);
        check_heads(PACKET_LEVELS, 31);
        check_heads(form % 2, 31);
    }
    CHECK(exact > 0);
}
END_TEST

START_TEST(nested_from_the_head)
{
    size_t i, rounds = effort(20000, 1000), exact = 0;

    for (i = 0; i < rounds; i++) {
        make_random(PACKET_LEVELS);
        check_heads(PACKET_LEVELS, 97);
        check_heads(rng_below(&rng, PACKET_LEVELS + 1), 97);
        exact += enough_for(PACKET_LEVELS) > 0;
    }
    CHECK(exact > rounds / 4);
}
END_TEST

/* A head longer than its frame, no head, a frame that is longer than can be, or as long as can be.
 */
START_TEST(head_and_length)
{
    size_t i, rounds = effort(3000, 300);

    for (i = 0; i < rounds; i++) {
        size_t count = 77, want = 77, j;
        const uint8_t *p;
        int whole;

        make_random(PACKET_LEVELS);
        p = placed(&made, made.len);
        spoil(from_head, sizeof from_head);
        CHECK_EQ(csumoff_locate_all_head(p, made.len, made.len - 1, link_of(&made), from_head,
                                         PACKET_LEVELS, &count),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_all_head(p, made.len, 0, link_of(&made), from_head, PACKET_LEVELS,
                                         &count),
                 CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_locate_all_head(NULL, 0, made.len, link_of(&made), from_head,
                                         PACKET_LEVELS, &count),
                 CSUMOFF_EHEAD);
        CHECK_EQ(
            csumoff_locate_all_head(NULL, 0, 0, link_of(&made), from_head, PACKET_LEVELS, &count),
            CSUMOFF_ETRUNC);
#if SIZE_MAX > 0xFFFFFFFF
        CHECK_EQ(csumoff_locate_all_head(p, made.len, (size_t)0x100000000, link_of(&made),
                                         from_head, PACKET_LEVELS, &count),
                 CSUMOFF_ERANGE);
#endif
        CHECK(count == 77 && is_spoilt(from_head, sizeof from_head));
        /* A longer frame: what follows the datagram is no part of any level. */
        spoil(layouts, sizeof layouts);
        whole = csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &want);
        CHECK_EQ(csumoff_locate_all_head(p, made.len, 0xFFFFFFFF, link_of(&made), from_head,
                                         PACKET_LEVELS, &count),
                 whole);
        CHECK_EQ(count, want);
        for (j = 0; j < (whole == CSUMOFF_OK ? count : 0); j++)
            CHECK(is_same_layout(&from_head[j], &layouts[j]));
    }
}
END_TEST

/* A byte damaged in the headers of any level: every head gives the whole frame's list, or it is too
 * short to tell. */
START_TEST(damaged_from_the_head)
{
    size_t i, rounds = effort(20000, 1000), too_short = 0;

    for (i = 0; i < rounds; i++) {
        size_t want = 77, have, j;
        bool is_known = false;
        unsigned inner;
        int whole;

        make_random(4);
        inner = (unsigned)rng_below(&rng, made.levels);
        j = made.level[inner].l3 +
            rng_below(&rng, made.level[inner].l4 + 20 - made.level[inner].l3);
        made.bytes[j] = (uint8_t)(rng_below(&rng, 2) ? rng_u32(&rng) : rng_below(&rng, 70));
        spoil(layouts, sizeof layouts);
        whole = csumoff_locate_all(placed(&made, made.len), made.len, link_of(&made), layouts,
                                   PACKET_LEVELS, &want);
        for (have = 0; have <= made.len; have++) {
            size_t count = 77;
            int status;

            spoil(from_head, sizeof from_head);
            status = csumoff_locate_all_head(placed(&made, have), have, made.len, link_of(&made),
                                             from_head, PACKET_LEVELS, &count);
            if (status == CSUMOFF_EHEAD) {
                CHECK(!is_known && have < made.len && count == 77);
                CHECK(is_spoilt(from_head, sizeof from_head));
                too_short++;
                continue;
            }
            is_known = true;
            check_status("locate_all_head", &made, have, status, whole);
            CHECK_EQ(count, want);
            for (j = 0; j < (status == CSUMOFF_OK ? count : 0); j++)
                CHECK(is_same_layout(&from_head[j], &layouts[j]));
        }
    }
    CHECK(too_short > rounds);
}
END_TEST

START_TEST(nested_at_random)
{
    size_t i, rounds = effort(200000, 8000), deepest = 0;

    for (i = 0; i < rounds; i++) {
        make_random(PACKET_LEVELS);
        check_levels(PACKET_LEVELS);
        check_levels(rng_below(&rng, PACKET_LEVELS + 1));
        if (packet_listed(&made) > deepest)
            deepest = packet_listed(&made);
    }
    CHECK_EQ(deepest, PACKET_LEVELS);
}
END_TEST

/* Without a tunnel there is one, and it is what csumoff_locate() finds. */
START_TEST(no_tunnel)
{
    size_t i, step = effort(3, 31);

    for (i = 0; i < spec_count(); i += step) {
        make(i);
        check_levels(PACKET_LEVELS);
        CHECK_EQ(packet_listed(&made), 1);
    }
}
END_TEST

/* A UDP tunnel is told by its destination port, not by the source's. */
START_TEST(other_ports)
{
    unsigned form;
    int tunnel;

    for (tunnel = TUNNEL_VXLAN; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 64; form++) {
            uint8_t *ports;

            if (!make_tunnel((enum tunnel)tunnel, form))
                continue;
            ports = made.bytes + top->l4;
            memcpy(ports, ports + 2, 2);
            store_wire16(ports + 2, (uint16_t)(load_wire16(ports) + 10000));
            made.levels = 1;
            check_levels(PACKET_LEVELS);
        }
}
END_TEST

/* ---- What ends the list -------------------------------------------------------------------- */

/* Inside a fragment, behind a route that nobody can resolve, in a protocol that is not known:
 * nothing. Around these a tunnel without a checksum is not listed either. */
START_TEST(inner_that_cannot_be_located)
{
    static const char *const chains[] = {"F", "M", "u", "hF", ""};
    unsigned form;
    int tunnel;
    size_t i;

    for (tunnel = 1; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 256; form++)
            for (i = 0; i < COUNT(chains); i++) {
                struct packet_spec spec;
                bool has_checksum;

                if (!make_tunnel((enum tunnel)tunnel, form))
                    continue;
                spec = made.spec;
                has_checksum = top->finding == FOUND;
                snprintf(spec.level[1].chain, sizeof spec.level[1].chain, "%s", chains[i]);
                if (!*chains[i] || (spec.level[1].version == 4 && *chains[i] != 'F'))
                    spec.level[1].proto = PROTO_ESP;
                packet_build(&made, &spec, &rng);
                CHECK_EQ(packet_listed(&made), has_checksum);
                check_levels(PACKET_LEVELS);
                check_levels(0);
            }
}
END_TEST

/* The innermost packet of a nest damaged in a single byte of its headers: whatever that makes of
 * it, the levels around it stay as they are, and nothing is listed that does not fit. */
START_TEST(inner_damaged)
{
    size_t i, rounds = effort(200000, 8000);

    for (i = 0; i < rounds; i++) {
        unsigned inner, outer;
        size_t count = 77, at, j;
        uint8_t *p;
        int status;

        make_random(4);
        if (packet_listed(&made) < 2)
            continue;
        inner = packet_listed(&made) - 1;
        for (outer = 0, j = 0; j < inner; j++)
            if (made.level[j].finding == FOUND)
                outer = (unsigned)j + 1; /* how many stay listed by themselves */
        at = made.level[inner].l3 +
             rng_below(&rng, made.level[inner].l4 + 20 - made.level[inner].l3);
        made.bytes[at] = (uint8_t)(rng_below(&rng, 2) ? rng_u32(&rng) : rng_below(&rng, 70));
        spoil(layouts, sizeof layouts);
        p = placed(&made, made.len);
        status = csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &count);
        check_same("locate_all", &made, p, made.len);
        if (status != CSUMOFF_OK) {
            CHECK(outer == 0 && status == CSUMOFF_EPROTO);
            CHECK(count == 77 && is_spoilt(layouts, sizeof layouts));
            continue;
        }
        CHECK(count >= outer && count > 0);
        for (j = 0; j < count; j++) {
            if (j < inner)
                check_layout(&made, (unsigned)j, &layouts[j]);
            else
                CHECK(layouts[j].l3_start >= layouts[j - 1].l4_start &&
                      layouts[j].end <= layouts[j - 1].end);
        }
    }
}
END_TEST

/* An inner packet that says to be longer than the datagram around it is none, though the frame goes
 * on: the outer datagram's end bounds it. */
START_TEST(inner_beyond_its_datagram)
{
    unsigned form;
    int tunnel;

    for (tunnel = 1; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 256; form++) {
            size_t len;
            unsigned level = 1;

            if (!make_tunnel((enum tunnel)tunnel, form))
                continue;
            /* Lengthen the inner packet by a byte, into bytes behind the outer one. */
            len = made.level[1].end - made.level[1].l3 - (made.level[1].version == 4 ? 0 : 40) + 1;
            store_wire16(made.bytes + made.level[1].l3 + (made.level[1].version == 4 ? 2 : 4),
                         (uint16_t)len);
            made.len += 20;
            made.level[level].finding = NOT_KNOWN;
            check_levels(PACKET_LEVELS);
        }
}
END_TEST

/* A frame cut short lacks its outermost packet. */
START_TEST(truncated_at_every_byte)
{
    size_t i, rounds = effort(3000, 150), len;

    for (i = 0; i < rounds; i++) {
        make_random(4);
        for (len = 0; len < top->end; len++) {
            size_t count = 77, have;
            int status;

            spoil(layouts, sizeof layouts);
            check_status("locate_all", &made, len,
                         csumoff_locate_all(placed(&made, len), len, link_of(&made), layouts,
                                            PACKET_LEVELS, &count),
                         CSUMOFF_ETRUNC);
            CHECK(count == 77 && is_spoilt(layouts, sizeof layouts));
            have = rng_below(&rng, len + 1);
            status = csumoff_locate_all_head(placed(&made, have), have, len, link_of(&made),
                                             layouts, PACKET_LEVELS, &count);
            if (status != CSUMOFF_EHEAD)
                check_status("locate_all_head", &made, have, status, CSUMOFF_ETRUNC);
            CHECK(count == 77 && is_spoilt(layouts, sizeof layouts));
        }
    }
}
END_TEST

/* The outer datagram cut at every byte, its own lengths put right: levels that are no longer whole
 * are not listed, and no byte behind the frame is read. */
START_TEST(datagram_cut_at_every_byte)
{
    unsigned form;
    int tunnel;

    for (tunnel = 1; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 512; form += (unsigned)effort(1, 5)) {
            static struct packet whole;
            size_t end;

            if (!make_tunnel((enum tunnel)tunnel, form))
                continue;
            copy_packet(&whole, &made);
            for (end = top->l4 + 8; end < whole.level[0].end; end++) {
                size_t count = 77, i;
                int status;
                uint8_t *p;

                copy_packet(&made, &whole);
                made.len = top->end = end;
                store_wire16(made.bytes + top->l3 + (top->version == 4 ? 2 : 4),
                             (uint16_t)(end - top->l3 - (top->version == 4 ? 0 : 40)));
                if (top->proto == PROTO_UDP)
                    store_wire16(made.bytes + top->l4 + 4, (uint16_t)(end - top->l4));
                top->l4_len = top->finding == FOUND ? end - top->l4 : 0;
                top->pseudo_len = (uint32_t)(end - top->l4);
                p = placed(&made, made.len);
                status =
                    csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &count);
                /* Whatever inner padding there was went first; then the inner packet is cut. */
                if (end < whole.level[1].end) {
                    if (top->finding != FOUND) {
                        CHECK_EQ(status, CSUMOFF_EPROTO);
                        continue;
                    }
                    if (status != CSUMOFF_OK) { /* GRE's own header does not fit */
                        CHECK(top->proto == PROTO_GRE && end < top->payload);
                        continue;
                    }
                    CHECK_EQ(count, 1);
                } else {
                    check_status("locate_all", &made, made.len, status, CSUMOFF_OK);
                    CHECK_EQ(count, 2);
                }
                for (i = 0; i < count; i++)
                    check_layout(&made, (unsigned)i, &layouts[i]);
            }
        }
}
END_TEST

/* Tunnel headers of other versions and kinds hold no packet that is known. */
/* A receiver takes what UDP's own length says, however far the IP datagram goes. */
START_TEST(inner_beyond_its_udp_length)
{
    unsigned form;

    for (form = 0; form < 24; form++) {
        size_t udp;

        if (!make_tunnel(TUNNEL_VXLAN, form) || top->proto != PROTO_UDP)
            continue;
        udp = made.level[1].end - top->l4;
        store_wire16(made.bytes + top->l4 + 4, (uint16_t)(udp - 1));
        top->l4_len = udp - 1;
        made.level[1].finding = NOT_KNOWN;
        check_levels(PACKET_LEVELS);
    }
}
END_TEST

/* IP in IP of the other version than the protocol number says. */
START_TEST(inner_of_the_other_version)
{
    static const uint8_t numbers[] = {4, 41};
    size_t i;

    for (i = 0; i < COUNT(numbers); i++) {
        struct packet_spec spec = spec_plain(numbers[i] == 4 ? 6 : 4, PROTO_TCP, 20, "");
        struct csumoff_layout layout;
        size_t count = 77;
        uint8_t *p;

        spec.level[0].ethernet = false;
        packet_build(&made, &spec, &rng);
        p = memcpy(page.end - made.len - 20, "\x45\0\0\0\0\0\0\0\x40", 9);
        memset(p + 9, 1, 11);
        store_wire16(p + 2, (uint16_t)(made.len + 20));
        memcpy(p + 20, made.bytes, made.len);
        p[9] = numbers[i];
        CHECK_EQ(csumoff_locate_all(p, made.len + 20, CSUMOFF_LINK_IP, &layout, 1, &count),
                 CSUMOFF_EPROTO);
        CHECK_EQ(count, 77);
        p[9] = (uint8_t)(45 - numbers[i]);
        CHECK_EQ(csumoff_locate_all(p, made.len + 20, CSUMOFF_LINK_IP, &layout, 1, &count),
                 CSUMOFF_OK);
    }
}
END_TEST

START_TEST(tunnel_headers_of_other_kinds)
{
    static const struct {
        enum tunnel tunnel;
        size_t at; /* in the tunnel's header, behind UDP or from GRE's start */
        uint8_t keep, set;
    } rows[] = {
        {TUNNEL_VXLAN, 0, 0xF7, 0x00},     /* no VNI */
        {TUNNEL_VXLAN_GPE, 3, 0x00, 0x04}, /* NSH */
        {TUNNEL_VXLAN_GPE, 3, 0x00, 0x00}, {TUNNEL_VXLAN_GPE, 3, 0x00, 0xFF},
        {TUNNEL_GENEVE, 0, 0x3F, 0x40}, /* version 1 */
        {TUNNEL_GENEVE, 2, 0x00, 0x12}, /* another protocol */
        {TUNNEL_GTPU, 0, 0x1F, 0x40},   /* GTP version 2 */
        {TUNNEL_GTPU, 0, 0xEF, 0x00},   /* GTP' */
        {TUNNEL_GTPU, 1, 0x00, 0x01},   /* echo request */
        {TUNNEL_GTPU, 1, 0x00, 0xFE},   /* end marker */
        {TUNNEL_GUE, 0, 0x1F, 0x20},    /* control message */
        {TUNNEL_GUE, 0, 0x3F, 0x80},    /* version 2 */
        {TUNNEL_GUE, 1, 0x00, 0x06},    /* TCP, not IP */
        {TUNNEL_GRE, 1, 0xF8, 0x01},    /* version 1 */
        {TUNNEL_GRE, 2, 0x00, 0x88},    /* another protocol, 0x88xx */
    };
    size_t i;
    unsigned form;

    for (i = 0; i < COUNT(rows); i++)
        for (form = 0; form < 8; form++) {
            size_t header, count;

            if (!make_tunnel(rows[i].tunnel, form))
                continue;
            header = top->proto == PROTO_GRE ? top->l4 : top->payload;
            made.bytes[header + rows[i].at] =
                (uint8_t)((made.bytes[header + rows[i].at] & rows[i].keep) | rows[i].set);
            made.level[1].finding = NOT_KNOWN;
            check_heads(PACKET_LEVELS, 31);
            /* The fixed part of the header tells. */
            header += rows[i].tunnel == TUNNEL_GRE || rows[i].tunnel == TUNNEL_GUE ? 4 : 8;
            CHECK(csumoff_locate_all_head(placed(&made, header), header, made.len, link_of(&made),
                                          layouts, PACKET_LEVELS, &count) != CSUMOFF_EHEAD);
        }
}
END_TEST

/* Moves what follows the outer tunnel's headers, at `at`, by so many bytes. */
static void move_inner(size_t at, ptrdiff_t by)
{
    struct level *inner = &made.level[1];
    uint8_t *length = made.bytes + top->l3 + (top->version == 4 ? 2 : 4);

    memmove(made.bytes + (ptrdiff_t)at + by, made.bytes + at, made.len - at);
    store_wire16(length, (uint16_t)(load_wire16(length) + by));
    made.len = (size_t)((ptrdiff_t)made.len + by);
    top->end = (size_t)((ptrdiff_t)top->end + by);
    top->l4_len = (size_t)((ptrdiff_t)top->l4_len + by);
    inner->l3 = (size_t)((ptrdiff_t)inner->l3 + by);
    inner->l4 = (size_t)((ptrdiff_t)inner->l4 + by);
    inner->payload = (size_t)((ptrdiff_t)inner->payload + by);
    inner->end = (size_t)((ptrdiff_t)inner->end + by);
}

/* Ends the outer datagram, not the frame. */
static void end_at(size_t end)
{
    top->end = end;
    top->l4_len = end - top->l4;
    store_wire16(made.bytes + top->l3 + (top->version == 4 ? 2 : 4),
                 (uint16_t)(end - top->l3 - (top->version == 4 ? 0 : 40)));
}

/* ERSPAN of the other types: the first has no header, and GRE no sequence number; the third has 12
 * bytes, or 20 where its last bit says so. */
START_TEST(erspan_of_every_type)
{
    unsigned form, more;

    for (form = 0; form < 256; form++) {
        if (!make_tunnel(TUNNEL_ERSPAN, form))
            continue;
        move_inner(top->payload + 8, -12);
        made.bytes[top->l4] &= (uint8_t)~0x10;
        top->payload -= 4;
        check_heads(PACKET_LEVELS, 31);
        for (more = 0; more < 2; more++) {
            uint8_t *last;

            (void)make_tunnel(TUNNEL_ERSPAN, form);
            move_inner(top->payload + 8, more ? 12 : 4);
            store_wire16(made.bytes + top->l4 + 2, 0x22EB);
            last = made.bytes + top->payload + 11;
            *last = (uint8_t)((rng_u32(&rng) & 0xFE) | more);
            check_heads(PACKET_LEVELS, 31);
            made.level[1].finding = NOT_KNOWN;
            end_at(top->payload + rng_below(&rng, 12));
            check_heads(PACKET_LEVELS, 31);
        }
    }
}
END_TEST

/* An outer datagram that ends inside the tunnel's header. */
START_TEST(tunnel_headers_cut_short)
{
    unsigned form;
    int tunnel;

    for (tunnel = TUNNEL_VXLAN; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 64; form++) {
            size_t most = tunnel == TUNNEL_GUE ? 4 : 8, there;

            if (!make_tunnel((enum tunnel)tunnel, form))
                continue;
            made.level[1].finding = NOT_KNOWN;
            for (there = 0; there < most; there++) {
                end_at(top->payload + there);
                store_wire16(made.bytes + top->l4 + 4, (uint16_t)top->l4_len);
                check_heads(PACKET_LEVELS, 31);
            }
        }
}
END_TEST

/* What a fragment tunnels is not all there, wherever the fragment is. */
START_TEST(nothing_inside_a_fragment)
{
    unsigned form, level;
    int tunnel;

    for (tunnel = 1; tunnel < TUNNEL_COUNT; tunnel++)
        for (form = 0; form < 64; form++)
            for (level = 0; level < 2; level++) {
                struct packet_spec spec;
                struct level_spec carried;

                if (!make_tunnel((enum tunnel)tunnel, form))
                    continue;
                spec = made.spec;
                if (level) { /* one tunnel more around it */
                    carried = spec.level[0];
                    carried.ethernet = false;
                    spec.level[2] = spec.level[1];
                    spec.level[1] = carried;
                    spec.level[0] = spec_plain(4, 0, 0, "").level[0];
                    spec.level[0].tunnel = TUNNEL_IP;
                    spec.levels = 3;
                }
                strcpy(spec.level[level].chain, "F");
                packet_build(&made, &spec, &rng);
                CHECK_EQ(packet_listed(&made), 0);
                check_levels(PACKET_LEVELS);
            }
}
END_TEST

/* GTP-U extension headers that lead nowhere: of no length, without an end. */
START_TEST(gtpu_extension_headers)
{
    unsigned words, round;

    for (words = 1; words <= 8; words++)
        for (round = 0; round < 20; round++) {
            struct packet_spec spec = spec_plain(4, 0, 0, "");
            uint8_t *ext;

            spec.levels = 2;
            spec.level[0].tunnel = TUNNEL_GTPU;
            spec.level[0].flags = GTP_E;
            spec.level[0].words = (uint8_t)words;
            spec.level[1] = spec_plain(4, PROTO_TCP, 20, "").level[0];
            spec.level[1].ethernet = false;
            packet_build(&made, &spec, &rng);
            check_heads(PACKET_LEVELS, 31);
            ext = made.bytes + top->payload + 12;
            if (round % 2)
                ext[0] = 0;
            else
                ext[0] = 0xFF;
            made.level[1].finding = NOT_KNOWN;
            check_heads(PACKET_LEVELS, 31);
        }
}
END_TEST

/* ---- The work of each level ----------------------------------------------------------------- */

/* A tunnel's level without a checksum of its own: the IPv4 header alone. */
static void check_level_without_checksum(unsigned level, const struct csumoff_layout *layout,
                                         uint8_t *p)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_seed_at(p, made.len, layout), CSUMOFF_EPROTO);
    CHECK_EQ(csumoff_finish_at(p, made.len, layout), CSUMOFF_EPROTO);
    check_same("seed_at and finish_at", &made, p, made.len);
    spoil(&report, sizeof report);
    CHECK_EQ(csumoff_inspect_at(p, made.len, layout, &report), CSUMOFF_OK);
    check_one_report(&made, level, &report, CSUMOFF_UNCHECKED);
}

/* All levels filled, innermost first, are right; each one's report says so, and one bit says no. */
START_TEST(levels_filled_and_judged)
{
    size_t i, rounds = effort(60000, 3000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_report report;
        unsigned level, count;
        size_t found;
        uint8_t *p;

        make_random(4);
        count = packet_listed(&made);
        if (!count)
            continue;
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &found),
                 CSUMOFF_OK);
        for (level = count; level-- > 0;) {
            if (made.level[level].finding == FOUND_TUNNEL)
                check_level_without_checksum(level, &layouts[level], p);
            CHECK_EQ(csumoff_fill_at(p, made.len, &layouts[level]), CSUMOFF_OK);
            packet_set_l3(&made, level);
            packet_set_complete(&made, level);
            check_same("fill_at", &made, p, made.len);
        }
        for (level = 0; level < count; level++) {
            enum csumoff_verdict good =
                made.level[level].finding == FOUND ? CSUMOFF_GOOD : CSUMOFF_UNCHECKED;

            spoil(&report, sizeof report);
            CHECK_EQ(csumoff_inspect_at(p, made.len, &layouts[level], &report), CSUMOFF_OK);
            check_one_report(&made, level, &report, good);
        }
        /* A bit of the innermost header's: wrong for that one and for those that cover it. */
        made.bytes[made.level[count - 1].l4] ^= 1;
        p = placed(&made, made.len);
        for (level = 0; level < count; level++) {
            const struct level *l = &made.level[level];

            if (l->finding != FOUND || level + 1 < count || l->is_crc32c ||
                l->proto == PROTO_OSPF || l->proto == PROTO_PIM || l->proto == PROTO_VRRP ||
                l->proto == PROTO_GRE)
                continue;
            CHECK_EQ(csumoff_inspect_at(p, made.len, &layouts[level], &report), CSUMOFF_OK);
            check_one_report(&made, level, &report, l4_verdict(&made, level));
        }
    }
}
END_TEST

/* The seed of a packet inside, and its finish: only its own field and header change. */
START_TEST(inner_seeded_and_finished)
{
    size_t i, rounds = effort(60000, 3000), some = 0;

    for (i = 0; i < rounds; i++) {
        unsigned level;
        size_t found;
        uint8_t *p;

        make_random(4);
        if (packet_listed(&made) < 2)
            continue;
        level = packet_listed(&made) - 1;
        if (made.level[level].proto != PROTO_TCP && made.level[level].proto != PROTO_UDP)
            continue;
        p = placed(&made, made.len);
        CHECK_EQ(csumoff_locate_all(p, made.len, link_of(&made), layouts, PACKET_LEVELS, &found),
                 CSUMOFF_OK);
        check_status("seed_at", &made, made.len, csumoff_seed_at(p, made.len, &layouts[level]),
                     CSUMOFF_OK);
        packet_set_l3(&made, level);
        packet_set_field(&made, level, packet_seed(&made, level));
        check_same("seed_at", &made, p, made.len);
        CHECK_EQ(csumoff_finish_at(p, made.len, &layouts[level]), CSUMOFF_OK);
        packet_set_complete(&made, level);
        if (packet_complete(&made, level) == 0)
            packet_set_field(&made, level, 0xFFFF);
        check_same("finish_at", &made, p, made.len);
        some++;
    }
    CHECK(some > rounds / 20);
}
END_TEST

int main(void)
{
    const TTest *const ends[] = {inner_that_cannot_be_located,
                                 inner_damaged,
                                 inner_beyond_its_datagram,
                                 truncated_at_every_byte,
                                 datagram_cut_at_every_byte,
                                 tunnel_headers_of_other_kinds,
                                 erspan_of_every_type,
                                 tunnel_headers_cut_short,
                                 nothing_inside_a_fragment,
                                 gtpu_extension_headers,
                                 inner_beyond_its_udp_length,
                                 inner_of_the_other_version,
                                 NULL};
    const TTest *const work[] = {levels_filled_and_judged, inner_seeded_and_finished, NULL};
    const TTest *const found[] = {nested_at_random, no_tunnel, other_ports, NULL};
    const TTest *const heads[] = {nested_from_the_head, head_and_length, damaged_from_the_head,
                                  NULL};
    Suite *suite = suite_create("levels");
    TCase *tunnels = suite_group(suite, "tunnels");

    tcase_add_checked_fixture(tunnels, setup, NULL);
    tcase_add_loop_test(tunnels, every_tunnel, 1, TUNNEL_COUNT);
    tcase_add_loop_test(tunnels, every_tunnel_from_its_head, 1, TUNNEL_COUNT);
    add(suite, "found", found);
    add(suite, "heads", heads);
    add(suite, "ends", ends);
    add(suite, "work", work);
    return suite_run(suite);
}
