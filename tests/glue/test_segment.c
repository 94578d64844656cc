// SPDX-License-Identifier: MIT
/* Super-frames cut in software: every byte of every segment, by the oracle. */
#include <csumoff_glue.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    BIG = 200000,     /* bytes of payload, of frames whose length no IP header can say */
    PIECES_MOST = 64, /* of which a frame in pieces has so many, or fewer */
    GAP_MOST = 24
};

static struct frame a, b;
static struct guarded guard;

/* What is cut: a, or a's headers with more behind them. */
static const uint8_t *whole = a.bytes;
static size_t whole_len;
static enum csumoff_link link_type;

/* Where a's payload begins and how long it is. */
static size_t header, payload;

/* The same frame in pieces, with bytes between them that do not belong to it. */
static uint8_t scattered[BIG + 1000 + PIECES_MOST * GAP_MOST];
static struct csumoff_iov pieces[PIECES_MOST];
static size_t piece_count;

static void describe(void)
{
    whole = a.bytes;
    whole_len = a.len;
    link_type = a.recipe.ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
    header = a.l4 + (a.recipe.proto == TCP ? (size_t)(a.bytes[a.l4 + 12] >> 4) * 4 : 8);
    payload = a.l4 + a.l4_len - header;
    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
}

/* Cuts the frame at the given places, which ascend, into pieces. */
static void scatter(const size_t *cuts, size_t count, struct rng *rng)
{
    uint8_t *p = scattered;
    size_t from = 0;

    memset(scattered, 0xEE, whole_len + (count + 2) * GAP_MOST);
    for (size_t i = 0; i <= count; i++) {
        size_t to = i < count ? cuts[i] : whole_len;

        p += 1 + rng_below(rng, GAP_MOST - 1);
        memcpy(p, whole + from, to - from);
        pieces[i].base = to == from && rng_below(rng, 2) ? NULL : p;
        pieces[i].len = to - from;
        p += to - from;
        from = to;
    }
    piece_count = count + 1;
}

static void scatter_anywhere(struct rng *rng)
{
    size_t cuts[PIECES_MOST - 1], count = rng_below(rng, PIECES_MOST);

    for (size_t i = 0; i < count; i++) {
        size_t most = rng_below(rng, 2) && header < whole_len ? header : whole_len;
        size_t cut = rng_below(rng, most + 1), j = i;

        for (; j && cuts[j - 1] > cut; j--)
            cuts[j] = cuts[j - 1];
        cuts[j] = cut;
    }
    scatter(cuts, count, rng);
}

/* Makes b the segment that has to come. */
static void expect(size_t mss, size_t index, size_t count, bool seeded)
{
    size_t first = index * mss, n = payload - first < mss ? payload - first : mss;
    uint8_t *l3 = b.bytes + a.l3, *l4 = b.bytes + a.l4;

    b.recipe = a.recipe;
    b.l3 = a.l3;
    b.l4 = a.l4;
    b.csum_offset = a.csum_offset;
    memcpy(b.bytes, whole, header);
    memcpy(b.bytes + header, whole + header + first, n);
    b.len = b.end = header + n;
    b.l4_len = b.len - b.l4;
    if (a.recipe.version == 4) {
        store_wire16(l3 + 2, (uint16_t)(b.len - b.l3));
        store_wire16(l3 + 4, (uint16_t)(load_wire16(l3 + 4) + index));
    } else {
        store_wire16(l3 + 4, (uint16_t)(b.len - b.l3 - 40));
    }
    if (a.recipe.proto == UDP) {
        store_wire16(l4 + 4, (uint16_t)b.l4_len);
    } else {
        uint32_t seq = (uint32_t)load_wire16(l4 + 4) << 16 | load_wire16(l4 + 6);

        seq += (uint32_t)first;
        store_wire16(l4 + 4, (uint16_t)(seq >> 16));
        store_wire16(l4 + 6, (uint16_t)seq);
        if (index)
            l4[13] &= 0x7F;
        if (index + 1 < count)
            l4[13] &= 0xF6;
    }
    frame_set_l3(&b);
    frame_set_field(&b, seeded ? frame_seed(&b) : frame_complete(&b));
}

static void check_bytes(const uint8_t *out, size_t len, const char *by, size_t index)
{
    for (size_t j = 0; j < len; j++)
        if (out[j] != b.bytes[j])
            ck_abort_msg("%s: segment %zu: byte %zu is 0x%02X, not 0x%02X: %s", by, index, j,
                         out[j], b.bytes[j], recipe_text(&a.recipe));
}

static void check_untouched(const uint8_t *out, size_t len)
{
    for (size_t j = 0; j < len; j++)
        CHECK_EQ(out[j], 0xA5);
}

/* The next segment is b, in exactly the room it takes, after one byte too little. */
static void segment_comes(struct csumoff_segments *it, const char *by, size_t index)
{
    uint8_t *out = guard.end - b.len;
    size_t len = 12345;

    memset(out, 0xA5, b.len);
    CHECK_EQ(csumoff_segment_next(it, out, b.len - 1, &len), CSUMOFF_ERANGE);
    CHECK_EQ(len, 12345);
    check_untouched(out, b.len);
    CHECK_EQ(csumoff_segment_next(it, out, b.len, &len), CSUMOFF_OK);
    CHECK_EQ(len, b.len);
    check_bytes(out, len, by, index);
}

/* The next segment's headers are b's, and its payload is where they say. */
static void head_comes(struct csumoff_segments *it, const char *by, size_t index, bool seeded)
{
    uint8_t *out = guard.end - header;
    size_t head_len = 12345, at = 12345, n = 12345;

    memset(out, 0xA5, header);
    CHECK_EQ(csumoff_segment_next_head(it, out, seeded ? header - 1 : header, &head_len, &at, &n),
             seeded ? CSUMOFF_ERANGE : CSUMOFF_ENOTSUP);
    CHECK(head_len == 12345 && at == 12345 && n == 12345);
    check_untouched(out, header);
    if (!seeded)
        return;
    CHECK_EQ(csumoff_segment_next_head(it, out, header, &head_len, &at, &n), CSUMOFF_OK);
    CHECK_EQ(head_len, header);
    CHECK_EQ(head_len + n, b.len);
    check_bytes(out, head_len, by, index);
    CHECK(at <= whole_len && n <= whole_len - at);
    CHECK(memcmp(whole + at, b.bytes + header, n) == 0);
}

static void nothing_more_comes(struct csumoff_segments *it, bool seeded)
{
    size_t len = 12345, at = 12345, n = 12345;

    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ(csumoff_segment_next(it, guard.begin, 0, &len), CSUMOFF_OK);
        CHECK_EQ(len, 0);
        len = 12345;
        CHECK_EQ(csumoff_segment_next_head(it, guard.begin, 0, &len, &at, &n),
                 seeded ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
        CHECK_EQ(len, seeded ? 0 : 12345);
        CHECK_EQ(n, seeded ? 0 : 12345);
    }
}

/* Cuts it all, from one piece and from several, whole segments, heads, and both in turns. */
static void cut_all(size_t mss, bool seeded)
{
    size_t count = payload ? (payload + mss - 1) / mss : 1;
    struct csumoff_segments one, several, heads, mixed;

    CHECK_EQ(csumoff_segment_begin(&one, whole, whole_len, link_type, (uint16_t)mss, seeded),
             CSUMOFF_OK);
    CHECK_EQ(
        csumoff_segment_begin_iov(&several, pieces, piece_count, link_type, (uint16_t)mss, seeded),
        CSUMOFF_OK);
    heads = one;
    mixed = several;
    memset(&one, 0x5A, sizeof one); /* a copy does not refer to what it was copied from */
    one = heads;
    CHECK_EQ(one.count, count);
    CHECK_EQ(several.count, count);
    CHECK_EQ(one.len_max, header + (payload < mss ? payload : mss));
    CHECK_EQ(several.len_max, one.len_max);
    for (size_t i = 0; i < count; i++) {
        expect(mss, i, count, seeded);
        segment_comes(&one, "one piece", i);
        segment_comes(&several, "pieces", i);
        head_comes(&heads, "heads", i, seeded);
        if (i % 3 == 1 && seeded)
            head_comes(&mixed, "in turns", i, seeded);
        else
            segment_comes(&mixed, "in turns", i);
    }
    nothing_more_comes(&one, seeded);
    nothing_more_comes(&several, seeded);
    nothing_more_comes(&mixed, seeded);
    if (seeded)
        nothing_more_comes(&heads, seeded);
}

static const char *const chains[] = {NULL, "h", "d", "r", "hdr"};

static void random_frame(size_t size, struct rng *rng)
{
    struct recipe recipe = {.ethernet = rng_below(rng, 4) != 0};

    recipe.version = rng_below(rng, 2) ? 4 : 6;
    recipe.proto = rng_below(rng, 2) ? TCP : UDP;
    recipe.vlans = recipe.ethernet ? (unsigned)rng_below(rng, 5) : 0;
    recipe.options = recipe.version == 4 ? 4 * (unsigned)rng_below(rng, 11) : 0;
    recipe.chain = recipe.version == 6 ? chains[rng_below(rng, 5)] : NULL;
    recipe.padding = rng_below(rng, 3);
    recipe.slack = recipe.proto == UDP ? rng_below(rng, 3) : 0;
    recipe.payload = size;
    frame_build(&a, &recipe, rng);
    rng_fill(rng, a.bytes + a.end - recipe.slack, recipe.slack + recipe.padding);
    if (recipe.proto == TCP && recipe.payload >= 40)
        a.bytes[a.l4 + 12] = (uint8_t)((5 + rng_below(rng, 11)) << 4);
}

/* Says in the IP header that the packet goes to the end of the frame. */
static void make_unsized(void)
{
    store_wire16(a.bytes + a.l3 + (a.recipe.version == 4 ? 2 : 4), 0);
    link_type = a.recipe.ethernet ? CSUMOFF_LINK_ETHERNET_SUPER : CSUMOFF_LINK_IP_SUPER;
}

/* Links, versions, protocols, tags, options, extension headers, paddings, sizes around mss; TCP
 * flags and options at random; pieces cut anywhere. */
START_TEST(every_segment)
{
    static const size_t sizes[] = {0, 1, 99, 100, 101, 200, 299, 1000, 9001};
    struct rng rng = rng_new(1);

    for (size_t i = 0; i < effort(6000, 300); i++) {
        random_frame(sizes[i % 9], &rng);
        describe();
        if (!a.recipe.padding && !a.recipe.slack && rng_below(&rng, 2))
            make_unsized();
        scatter_anywhere(&rng);
        cut_all(1 + rng_below(&rng, 2) * 99 + rng_below(&rng, 3), i % 2);
    }
}
END_TEST

/* In two at every byte, and in pieces of one byte. */
START_TEST(cut_at_every_byte)
{
    static const struct recipe recipes[] = {
        {.ethernet = true, .version = 4, .proto = TCP, .payload = 40},
        {.ethernet = true, .version = 6, .proto = UDP, .payload = 41, .vlans = 2, .chain = "hd"},
        {.version = 4, .proto = UDP, .payload = 7, .options = 8},
        {.version = 6, .proto = TCP, .payload = 8, .padding = 2},
    };
    struct rng rng = rng_new(5);

    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        static struct csumoff_iov single[1000];
        struct csumoff_segments it;

        frame_build(&a, &recipes[i], &rng);
        describe();
        for (size_t cut = 0; cut <= whole_len; cut++) {
            scatter(&cut, 1, &rng);
            cut_all(13, cut % 2);
        }
        for (size_t j = 0; j < whole_len; j++) {
            single[j].base = a.bytes + j;
            single[j].len = 1;
        }
        CHECK_EQ(csumoff_segment_begin_iov(&it, single, whole_len, link_type, 13, false),
                 CSUMOFF_OK);
        for (size_t j = 0; j < it.count; j++) {
            expect(13, j, it.count, false);
            segment_comes(&it, "single bytes", j);
        }
    }
}
END_TEST

START_TEST(largest_frame)
{
    struct rng rng = rng_new(2);

    for (unsigned i = 0; i < 4; i++) {
        struct recipe recipe = {.ethernet = true, .payload = 65535 - 20 - 20};

        recipe.version = i % 2 ? 4 : 6;
        recipe.proto = i / 2 ? TCP : UDP;
        frame_build(&a, &recipe, &rng);
        describe();
        scatter_anywhere(&rng);
        cut_all(1448, false);
        cut_all(65535, false);
        cut_all(1, true);
    }
}
END_TEST

/* a with more payload than an IP header can say, behind any headers. */
static void build_big(struct recipe recipe, struct rng *rng)
{
    static uint8_t big[BIG + 1000];

    frame_build(&a, &recipe, rng);
    describe();
    make_unsized();
    if (recipe.proto == UDP)
        store_wire16(a.bytes + a.l4 + 4, 0);
    memcpy(big, a.bytes, header);
    payload = BIG - rng_below(rng, 2000);
    rng_fill(rng, big + header, payload);
    whole = big;
    whole_len = header + payload;
    scatter_anywhere(rng);
}

/* Linux's BIG TCP, as a capture shows it. The longest segment is the longest that IP can say. */
START_TEST(more_than_an_ip_header_can_say)
{
    struct csumoff_segments it, untouched;
    struct rng rng = rng_new(6);

    memset(&untouched, 0xA5, sizeof untouched);
    for (unsigned i = 0; i < 12; i++) {
        struct recipe recipe = {.ethernet = i % 3 != 0, .version = i % 2 ? 4 : 6};
        size_t longest;

        recipe.proto = i / 2 % 2 ? TCP : UDP;
        recipe.chain = recipe.version == 6 && i % 4 ? "h" : NULL;
        recipe.vlans = i % 3 == 2;
        build_big(recipe, &rng);
        longest = 65535 + (recipe.version == 4 ? a.l3 : a.l3 + 40) - header;
        cut_all(1448, i % 2);
        cut_all(8963, i / 2 % 2);
        cut_all(longest, false);
        for (size_t mss = longest + 1; mss <= 65535; mss += 1 + mss % 7) {
            it = untouched;
            CHECK_EQ(csumoff_segment_begin(&it, whole, whole_len, link_type, (uint16_t)mss, true),
                     CSUMOFF_ERANGE);
            CHECK_EQ(
                csumoff_segment_begin_iov(&it, pieces, piece_count, link_type, (uint16_t)mss, true),
                CSUMOFF_ERANGE);
            CHECK(same_bytes(&it, &untouched, sizeof it));
        }
    }
}
END_TEST

/* A jumbo option cannot be repeated in a segment, which has a payload length (RFC 2675, section 3);
 * the same bytes as data of another option can. */
START_TEST(jumbo_option)
{
    static uint8_t jumbo[70000];
    static const enum csumoff_link links[] = {CSUMOFF_LINK_ETHERNET, CSUMOFF_LINK_ETHERNET_SUPER};
    struct csumoff_segments it, untouched;
    struct rng rng = rng_new(7);

    memset(&untouched, 0xA5, sizeof untouched);
    for (size_t pad = 0; pad < 3; pad++) {
        struct recipe recipe = {
            .ethernet = true, .version = 6, .proto = TCP, .payload = 50, .chain = "h"};
        const uint32_t length = sizeof jumbo - 14 - 40;
        uint8_t *options = jumbo + 14 + 40;

        frame_build(&a, &recipe, &rng);
        memcpy(jumbo, a.bytes, 14 + 40);
        store_wire16(jumbo + 14 + 4, 0);
        jumbo[14 + 6] = 0;
        memset(options, 0, 24);
        options[0] = TCP;
        options[1] = pad ? 1 : 0;
        if (pad == 1) /* PadN of 6 bytes in front; of Pad1, else */
            options[2] = 1, options[3] = 4;
        options += pad ? 8 : 2;
        options[0] = 0xC2;
        options[1] = 4;
        store_wire16(options + 2, (uint16_t)(length >> 16));
        store_wire16(options + 4, (uint16_t)length);
        options = jumbo + 14 + 40 + (pad ? 16 : 8);
        memcpy(options, a.bytes + a.l4, 20);
        for (size_t l = 0; l < 2; l++) {
            it = untouched;
            CHECK_EQ(csumoff_segment_begin(&it, jumbo, sizeof jumbo, links[l], 1000, true),
                     CSUMOFF_ENOTSUP);
            CHECK(same_bytes(&it, &untouched, sizeof it));
        }
        options = jumbo + 14 + 40 + 2; /* a PadN over all of it */
        options[0] = 1;
        options[1] = pad ? 12 : 4;
        CHECK_EQ(csumoff_segment_begin(&it, jumbo, sizeof jumbo, CSUMOFF_LINK_ETHERNET_SUPER, 1000,
                                       true),
                 CSUMOFF_OK);
    }
}
END_TEST

/* A UDP checksum that comes out 0; TCP's stays. */
START_TEST(zero)
{
    struct rng rng = rng_new(3);

    for (unsigned i = 0; i < 2; i++) {
        struct recipe recipe = {.ethernet = true, .version = 4, .payload = 50};

        recipe.proto = i ? TCP : UDP;
        frame_build(&a, &recipe, &rng);
        frame_force(&a, 0);
        describe();
        scatter_anywhere(&rng);
        expect(100, 0, 1, false);
        CHECK_EQ(frame_field(&b), i ? 0 : 0xFFFF);
        cut_all(100, false);
    }
}
END_TEST

/* Begins with it whole and in pieces; *segments stays as it was. */
static void refuse(enum csumoff_link link, uint16_t mss, int want)
{
    struct csumoff_segments it, untouched;

    memset(&untouched, 0xA5, sizeof untouched);
    it = untouched;
    CHECK_EQ(csumoff_segment_begin(&it, whole, whole_len, link, mss, true), want);
    CHECK_EQ(csumoff_segment_begin_iov(&it, pieces, piece_count, link, mss, true), want);
    CHECK(same_bytes(&it, &untouched, sizeof it));
}

START_TEST(refused)
{
    static const struct {
        struct recipe recipe;
        uint16_t mss;
        int want;
    } rows[] = {
        {{.version = 4, .proto = ICMP, .payload = 100}, 50, CSUMOFF_EPROTO},
        {{.version = 4, .proto = SCTP, .payload = 100}, 50, CSUMOFF_EPROTO},
        {{.version = 4, .proto = TCP, .payload = 100}, 0, CSUMOFF_ERANGE},
        {{.version = 6, .proto = TCP, .payload = 100, .chain = "a"}, 50, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = TCP, .payload = 100, .chain = "f"}, 50, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = TCP, .payload = 100, .chain = "hda"}, 50, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = TCP, .payload = 100, .chain = "F"}, 50, CSUMOFF_EFRAG},
        {{.version = 6, .proto = UDP, .payload = 100, .chain = "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"},
         50,
         CSUMOFF_ENOTSUP},
    };
    struct csumoff_segments it;
    struct rng rng = rng_new(4);

    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct recipe recipe = rows[i / 2].recipe;

        recipe.ethernet = i % 2;
        frame_build(&a, &recipe, &rng);
        describe();
        scatter_anywhere(&rng);
        refuse(link_type, rows[i / 2].mss, rows[i / 2].want);
    }
    frame_build(&a, &(struct recipe){.ethernet = true, .version = 4, .proto = TCP, .payload = 10},
                &rng);
    for (unsigned words = 0; words < 16; words++) {
        a.bytes[a.l4 + 12] = (uint8_t)(words << 4);
        CHECK_EQ(csumoff_segment_begin(&it, a.bytes, a.len, CSUMOFF_LINK_ETHERNET, 5, true),
                 words < 5 || words > 7 ? CSUMOFF_EHDR : CSUMOFF_OK);
    }
    a.bytes[a.l4 + 12] = 0x50;
    describe();
    for (size_t len = 0; len < a.len; len++) {
        whole_len = len;
        scatter_anywhere(&rng);
        refuse(CSUMOFF_LINK_ETHERNET, 5, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* 256 bytes of headers are repeated, 264 are not. */
START_TEST(headers_at_the_limit)
{
    static uint8_t bytes[1000];
    struct rng rng = rng_new(8);
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 300};

    frame_build(&a, &recipe, &rng);
    for (size_t len = 200; len <= 216; len += 8) {
        struct csumoff_segments it;

        memcpy(bytes, a.bytes, 40);
        store_wire16(bytes + 4, (uint16_t)(len + 308));
        bytes[6] = 60;
        memset(bytes + 40, 0, len);
        bytes[40] = UDP;
        bytes[41] = (uint8_t)(len / 8 - 1);
        memcpy(bytes + 40 + len, a.bytes + 40, 308);
        CHECK_EQ(csumoff_segment_begin(&it, bytes, 40 + len + 308, CSUMOFF_LINK_IP, 100, true),
                 len <= 208 ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
    }
}
END_TEST

/* Behind anything but tags of two types, nothing is repeated. */
START_TEST(other_links)
{
    static const uint8_t pppoe[] = {0x88, 0x64, 0x11, 0, 0, 9, 0, 90, 0, 0x21},
                         mpls[] = {0x88, 0x47, 0, 1, 0x01, 64}, odd_tag[] = {0x91, 0, 0, 5, 8, 0},
                         tag[] = {0x81, 0, 0, 5, 8, 0}, outer_tag[] = {0x88, 0xA8, 0, 5, 8, 0};
    static const struct {
        const uint8_t *bytes;
        size_t len;
        int want;
    } rows[] = {
        {pppoe, sizeof pppoe, CSUMOFF_ENOTSUP},     {mpls, sizeof mpls, CSUMOFF_ENOTSUP},
        {odd_tag, sizeof odd_tag, CSUMOFF_ENOTSUP}, {tag, sizeof tag, CSUMOFF_OK},
        {outer_tag, sizeof outer_tag, CSUMOFF_OK},
    };
    static uint8_t bytes[1000];
    struct rng rng = rng_new(9);
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = TCP, .payload = 80};

    frame_build(&a, &recipe, &rng);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csumoff_segments it;
        struct csumoff_layout at;
        size_t len = 12 + rows[i].len + (a.len - a.l3);

        memcpy(bytes, a.bytes, 12);
        memcpy(bytes + 12, rows[i].bytes, rows[i].len);
        memcpy(bytes + 12 + rows[i].len, a.bytes + a.l3, a.len - a.l3);
        CHECK_EQ(csumoff_locate(bytes, len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        CHECK_EQ(csumoff_segment_begin(&it, bytes, len, CSUMOFF_LINK_ETHERNET, 30, true),
                 rows[i].want);
    }
}
END_TEST

/* A VXLAN packet cut in two would be no packet of a tunnel; one that is not over mss is not cut. */
START_TEST(tunnels)
{
    const struct recipe inside = {.ethernet = true, .version = 4, .proto = TCP, .payload = 200};
    struct recipe recipe = {.ethernet = true, .version = 6, .proto = UDP};
    struct csumoff_segments it;
    struct rng rng = rng_new(11);

    frame_build(&b, &inside, &rng);
    frame_set_l3(&b);
    recipe.payload = 8 + b.len;
    for (uint16_t port = 4788; port <= 4789; port++) {
        frame_build(&a, &recipe, &rng);
        store_wire16(a.bytes + a.l4 + 2, port);
        memset(a.bytes + a.l4 + 8, 0, 8);
        a.bytes[a.l4 + 8] = 0x08; /* the network's number is valid */
        memcpy(a.bytes + a.l4 + 16, b.bytes, b.len);
        describe();
        scatter_anywhere(&rng);
        if (port == 4789)
            refuse(link_type, (uint16_t)(recipe.payload - 1), CSUMOFF_ENOTSUP);
        else
            CHECK_EQ(csumoff_segment_begin(&it, whole, whole_len, link_type, 100, true),
                     CSUMOFF_OK);
        CHECK_EQ(
            csumoff_segment_begin(&it, whole, whole_len, link_type, (uint16_t)recipe.payload, true),
            CSUMOFF_OK);
    }
}
END_TEST

/* Every segment has the pseudo-header of the route's end, not of the next hop. */
START_TEST(source_route)
{
    struct rng rng = rng_new(10);
    struct recipe recipe = {.version = 6, .proto = TCP, .payload = 500, .chain = "r"};
    size_t len;

    do
        frame_build(&a, &recipe, &rng);
    while (a.l4 != 40 + 24); /* room for one address */
    a.bytes[41] = 2;
    a.bytes[42] = 0; /* type 0 */
    a.bytes[43] = 1; /* one segment left */
    for (unsigned seeded = 0; seeded < 2; seeded++) {
        struct csumoff_segments it;

        CHECK_EQ(csumoff_segment_begin(&it, a.bytes, a.len, CSUMOFF_LINK_IP, 200, seeded),
                 CSUMOFF_OK);
        for (size_t i = 0; i < 3; i++) {
            static uint8_t out[1000];
            uint64_t pseudo;
            uint16_t want;

            CHECK_EQ(csumoff_segment_next(&it, out, sizeof out, &len), CSUMOFF_OK);
            CHECK_EQ(len, 84 + (i < 2 ? 200 : 100));
            pseudo = ref_pseudo6(out + 8, out + 48, TCP, (uint32_t)(len - 64));
            want = seeded ? ref_fold(pseudo) : ref_transport(pseudo, out + 64, len - 64, 16);
            CHECK_EQ(load_wire16(out + 80), want);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_segment, cut_at_every_byte,
                                  largest_frame, more_than_an_ip_header_can_say,
                                  jumbo_option,  zero,
                                  refused,       headers_at_the_limit,
                                  other_links,   tunnels,
                                  source_route,  NULL};
    Suite *suite = suite_create("segment");

    suite_add(suite, "segment", tests);
    return suite_run(suite);
}
