// SPDX-License-Identifier: MIT
/* Super-frames cut in software: every byte of every segment, by the oracle. */
#include <csumoff_netfront.h>
#include <stddef.h>
#include <string.h>

#include "../frames.h"
#include "../reference.h"
#include "../suite.h"

static struct frame a, b;
static struct guarded guard;

/* The segment of a (which has hdr bytes of headers) that it has to become. */
static void expect(size_t hdr, size_t mss, size_t index, size_t count, size_t payload, bool seeded)
{
    size_t first = index * mss, n = payload - first < mss ? payload - first : mss;
    uint8_t *l3 = b.bytes + a.l3, *l4 = b.bytes + a.l4;

    /* A frame has room for the largest; a segment is small, and there are many. */
    memcpy(&b, &a, offsetof(struct frame, bytes) + hdr);
    memcpy(b.bytes + hdr, a.bytes + hdr + first, n);
    b.len = b.end = hdr + n;
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

/* Cuts it all, each segment into exactly the room it takes, after one byte too little. */
static void cut_all(size_t mss, bool seeded)
{
    size_t hdr = a.l4 + (a.recipe.proto == TCP ? (size_t)(a.bytes[a.l4 + 12] >> 4) * 4 : 8);
    size_t payload = a.l4 + a.l4_len - hdr, count = payload ? (payload + mss - 1) / mss : 1, len;
    struct csumoff_segments it;

    CHECK_EQ(csumoff_segment_begin(&it, a.bytes, a.len, (uint16_t)mss, seeded), CSUMOFF_OK);
    CHECK_EQ(it.count, count);
    CHECK_EQ(it.len_max, hdr + (payload < mss ? payload : mss));
    for (size_t i = 0; i < count; i++) {
        uint8_t *out;

        expect(hdr, mss, i, count, payload, seeded);
        out = guard.end - b.len;
        memset(out, 0xA5, b.len);
        len = 12345;
        CHECK_EQ(csumoff_segment_next(&it, out, b.len - 1, &len), CSUMOFF_ERANGE);
        CHECK_EQ(len, 12345);
        for (size_t j = 0; j < b.len; j++)
            CHECK(out[j] == 0xA5);
        CHECK_EQ(csumoff_segment_next(&it, out, b.len, &len), CSUMOFF_OK);
        CHECK_EQ(len, b.len);
        for (size_t j = 0; j < len; j++)
            if (out[j] != b.bytes[j])
                ck_abort_msg("segment %zu of %zu: byte %zu is 0x%02X, not 0x%02X: %s", i, count, j,
                             out[j], b.bytes[j], recipe_text(&a.recipe));
    }
    for (size_t i = 0; i < 2; i++) {
        CHECK_EQ(csumoff_segment_next(&it, guard.begin, 0, &len), CSUMOFF_OK);
        CHECK_EQ(len, 0);
    }
}

static const char *const chains[] = {NULL, "h", "d", "r", "hdr"};

/* Versions, protocols, tags, options, extension headers, paddings, sizes around mss; TCP flags and
 * options at random. */
START_TEST(every_segment)
{
    static const size_t sizes[] = {0, 1, 99, 100, 101, 200, 299, 1000, 9001};
    struct rng rng = rng_new(1);

    CHECK(guarded_new(&guard, 70000));
    for (size_t i = 0; i < effort(6000, 300); i++) {
        struct recipe recipe = {.ethernet = true};

        recipe.version = rng_below(&rng, 2) ? 4 : 6;
        recipe.proto = rng_below(&rng, 2) ? TCP : UDP;
        recipe.vlans = (unsigned)rng_below(&rng, 5);
        recipe.options = recipe.version == 4 ? 4 * (unsigned)rng_below(&rng, 11) : 0;
        recipe.chain = recipe.version == 6 ? chains[rng_below(&rng, 5)] : NULL;
        recipe.padding = rng_below(&rng, 3);
        recipe.payload = sizes[i % 9];
        frame_build(&a, &recipe, &rng);
        rng_fill(&rng, a.bytes + a.end, recipe.padding);
        if (recipe.proto == TCP && recipe.payload >= 40)
            a.bytes[a.l4 + 12] = (uint8_t)((5 + rng_below(&rng, 11)) << 4);
        cut_all(1 + rng_below(&rng, 2) * 99 + rng_below(&rng, 3), i % 2);
    }
}
END_TEST

START_TEST(largest_frame)
{
    struct rng rng = rng_new(2);

    CHECK(guarded_new(&guard, 70000));
    for (unsigned i = 0; i < 4; i++) {
        struct recipe recipe = {.ethernet = true, .payload = 65535 - 20 - 20};

        recipe.version = i % 2 ? 4 : 6;
        recipe.proto = i / 2 ? TCP : UDP;
        frame_build(&a, &recipe, &rng);
        cut_all(1448, false);
        cut_all(65535, false);
        cut_all(1, true);
    }
}
END_TEST

/* A UDP checksum that comes out 0; TCP's stays. */
START_TEST(zero)
{
    struct rng rng = rng_new(3);

    CHECK(guarded_new(&guard, 70000));
    for (unsigned i = 0; i < 2; i++) {
        struct recipe recipe = {.ethernet = true, .version = 4, .payload = 50};

        recipe.proto = i ? TCP : UDP;
        frame_build(&a, &recipe, &rng);
        frame_force(&a, 0);
        expect(a.l4 + (i ? 20 : 8), 100, 0, 1, 50, false);
        CHECK_EQ(frame_field(&b), i ? 0 : 0xFFFF);
        cut_all(100, false);
    }
}
END_TEST

/* Whatever cannot be cut: *segments stays as it was. */
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
        {{.version = 6, .proto = TCP, .payload = 100, .chain = "F"}, 50, CSUMOFF_EFRAG},
        {{.version = 6, .proto = UDP, .payload = 100, .chain = "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"},
         50,
         CSUMOFF_ENOTSUP},
    };
    struct csumoff_segments it, untouched;
    struct rng rng = rng_new(4);

    memset(&untouched, 0xA5, sizeof untouched);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recipe recipe = rows[i].recipe;

        recipe.ethernet = true;
        frame_build(&a, &recipe, &rng);
        it = untouched;
        CHECK_EQ(csumoff_segment_begin(&it, a.bytes, a.len, rows[i].mss, true), rows[i].want);
        CHECK(same_bytes(&it, &untouched, sizeof it));
    }
    frame_build(&a, &(struct recipe){.ethernet = true, .version = 4, .proto = TCP, .payload = 10},
                &rng);
    for (unsigned words = 0; words < 16; words++) {
        a.bytes[a.l4 + 12] = (uint8_t)(words << 4);
        CHECK_EQ(csumoff_segment_begin(&it, a.bytes, a.len, 5, true),
                 words < 5 || words > 7 ? CSUMOFF_EHDR : CSUMOFF_OK);
    }
    a.bytes[a.l4 + 12] = 0x50;
    for (size_t len = 0; len < a.len; len++)
        CHECK_EQ(csumoff_segment_begin(&it, a.bytes, len, 5, true), CSUMOFF_ETRUNC);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_segment, largest_frame, zero, refused, NULL};
    Suite *suite = suite_create("segment");

    suite_add(suite, "segment", tests);
    return suite_run(suite);
}
