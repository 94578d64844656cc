// SPDX-License-Identifier: MIT
/*
 * Functions that take a layout are given one that is another frame's, or random, or beyond the
 * frame: they stay inside of the frame.
 */
#include "finish_checks.h"

/* A word of a layout, at random: near what it was, near the frame's end, near 4 GiB. */
static uint32_t other_offset(uint32_t was)
{
    switch (rng_below(&rng, 6)) {
    case 0:
        return was + (uint32_t)rng_below(&rng, 9) - 4;
    case 1:
        return (uint32_t)made.len + (uint32_t)rng_below(&rng, 9) - 4;
    case 2:
        return UINT32_MAX - (uint32_t)rng_below(&rng, 9);
    case 3:
        return (uint32_t)rng_below(&rng, made.len + 1);
    case 4:
        return 0;
    default:
        return rng_u32(&rng);
    }
}

static void mutate_layout(struct csumoff_layout *layout)
{
    static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_SCTP, PROTO_DCCP};
    uint32_t *const words[] = {&layout->l3_start,   &layout->l4_start, &layout->payload_start,
                               &layout->end,        &layout->l4_len,   &layout->csum_start,
                               &layout->csum_offset};
    uint32_t *word = words[rng_below(&rng, COUNT(words))];

    *word = other_offset(*word);
    if (rng_below(&rng, 8) == 0)
        layout->csum_kind = (uint8_t)rng_below(&rng, 4);
    if (rng_below(&rng, 8) == 0)
        layout->ip_version = (uint8_t)(rng_below(&rng, 2) ? 4 : 6);
    if (rng_below(&rng, 8) == 0)
        layout->l4_proto = protos[rng_below(&rng, COUNT(protos))];
}

/*
 * A layout that is not this frame's, or a frame that was cut behind its back: nothing outside the
 * frame is read or written, and nothing in it where the answer is an error. The pages on both sides
 * are there to see to it.
 */
START_TEST(layouts_of_another_frame)
{
    size_t i, rounds = effort(400000, 20000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layout;
        struct csumoff_report report;
        const uint8_t word[2] = {1, 2};
        size_t n, len;
        uint8_t *p;
        int status;

        make_random(1);
        if (top->finding != FOUND)
            continue;
        layout = located(placed(&made, made.len));
        for (n = rng_below(&rng, 4); n > 0; n--)
            mutate_layout(&layout);
        len = rng_below(&rng, 2) ? made.len : rng_below(&rng, made.len + 1);
        if (i % 2)
            p = placed(&made, len);
        else
            p = memcpy(page.begin, made.bytes, len);
        switch (i / 2 % 6) {
        case 0:
            status = csumoff_seed_at(p, len, &layout);
            break;
        case 1:
            status = csumoff_fill_at(p, len, &layout);
            break;
        case 2:
            status = csumoff_finish_at(p, len, &layout);
            break;
        case 3:
            spoil(&report, sizeof report);
            status = csumoff_inspect_at(p, len, &layout, &report);
            check_same("inspect_at", &made, p, len);
            if (status != CSUMOFF_OK)
                CHECK(is_spoilt(&report, sizeof report));
            break;
        case 4:
            status = csumoff_outer(p, len, &layout, other_offset(layout.csum_start),
                                   other_offset(layout.csum_offset));
            break;
        default:
            status = csumoff_rewrite(p, len, &layout, CSUMOFF_NONE, other_offset(layout.l4_start),
                                     word, sizeof word);
            break;
        }
        if (status != CSUMOFF_OK)
            check_same("an error", &made, p, len);
        if (len < top->end && n == 0 && i / 2 % 6 < 4 && layout.end > len)
            CHECK(status != CSUMOFF_OK || layout.end <= len || top->l4 + top->l4_len <= len);
    }
}
END_TEST

/* The frame is one byte shorter than its layout: ERANGE, of all of them. */
/* A layout that has UDP's checksum at the very end has no port in front of it. */
START_TEST(layout_without_a_udp_header)
{
    const struct csumoff_layout layout = {.l4_start = 40,
                                          .end = 60,
                                          .l4_len = 2,
                                          .csum_start = 58,
                                          .pseudo = 1,
                                          .ip_version = 6,
                                          .l4_proto = PROTO_UDP};
    struct csumoff_report report;
    const struct csumoff_iov iov = {page.end - 60, 60};

    memset(page.end - 60, 0, 60);
    CHECK_EQ(csumoff_inspect_at(page.end - 60, 60, &layout, &report), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_inspect_iov(&iov, 1, &layout, &report), CSUMOFF_ERANGE);
}
END_TEST

/* What comes behind LLC is no header of ours, so it may be too short for one. */
START_TEST(short_frames_that_are_not_ip)
{
    static const uint8_t frames[][32] = {
        {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 3, 0x42, 0x42, 3},
        {2, 2,    2, 2, 2, 2,    2, 2, 2, 2,    2, 2, 0x81, 0,    0,
         1, 0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0, 0, 1,    0x81, 0},
    };
    static const size_t lens[] = {17, 30};
    size_t i;

    for (i = 0; i < COUNT(frames); i++) {
        const uint8_t *p = memcpy(page.end - lens[i], frames[i], lens[i]);
        struct csumoff_layout layout;

        CHECK_EQ(csumoff_locate(p, lens[i], CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_EPROTO);
        CHECK_EQ(csumoff_verify(p, lens[i], CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    }
}
END_TEST

START_TEST(layouts_beyond_the_frame)
{
    size_t i, rounds = effort(20000, 3000);

    for (i = 0; i < rounds; i++) {
        struct csumoff_layout layout;
        struct csumoff_report report;
        size_t len;
        uint8_t *p;

        make_random(1);
        if (top->finding != FOUND)
            continue;
        layout = located(placed(&made, made.len));
        len = rng_below(&rng, top->l4 + top->l4_len);
        p = placed(&made, len);
        spoil(&report, sizeof report);
        CHECK_EQ(csumoff_fill_at(p, len, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_finish_at(p, len, &layout), CSUMOFF_ERANGE);
        CHECK_EQ(csumoff_inspect_at(p, len, &layout, &report), CSUMOFF_ERANGE);
        if (top->proto == PROTO_TCP || top->proto == PROTO_UDP)
            CHECK_EQ(csumoff_seed_at(p, len, &layout), CSUMOFF_ERANGE);
        check_same("refused", &made, p, len);
        CHECK(is_spoilt(&report, sizeof report));
    }
}
END_TEST

/* All that takes a layout refuses this one, and writes nothing. */
static void check_refused_at(uint8_t *p, size_t len, const struct csumoff_layout *layout)
{
    struct csumoff_layout changed = *layout;
    struct csumoff_report report;
    const uint8_t word[2] = {1, 2};

    spoil(&report, sizeof report);
    CHECK_EQ(csumoff_seed_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_fill_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_finish_at(p, len, layout), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_inspect_at(p, len, layout, &report), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_rewrite(p, len, &changed, CSUMOFF_NONE, layout->l3_start, word, sizeof word),
             CSUMOFF_ERANGE);
    check_same("refused", &made, p, len);
    CHECK(is_spoilt(&report, sizeof report));
}

/* An IPv4 header whose length is not the layout's any more, since it is longer or impossible; or
 * one where the frame ends. */
START_TEST(layouts_with_another_ipv4_header)
{
    unsigned ihl;
    size_t i;

    for (ihl = 0; ihl < 16; ihl++) {
        struct csumoff_layout layout;

        make_one(4, ihl % 2 ? PROTO_TCP : PROTO_UDP, 100, "");
        layout = located(placed(&made, made.len));
        made.bytes[top->l3] = (uint8_t)(0x40 | ihl);
        if (ihl != 5)
            check_refused_at(placed(&made, made.len), made.len, &layout);
    }
    for (i = 0; i < 20; i++) { /* so many bytes from the end */
        struct csumoff_layout layout;

        make_one(4, PROTO_TCP, 100, "");
        layout = located(placed(&made, made.len));
        layout.end = layout.l4_start = (uint32_t)made.len;
        layout.l3_start = (uint32_t)(made.len - i);
        check_refused_at(placed(&made, made.len), made.len, &layout);
    }
}
END_TEST

int main(void)
{
    const TTest *const layouts[] = {layouts_of_another_frame,         layouts_beyond_the_frame,
                                    layouts_with_another_ipv4_header, layout_without_a_udp_header,
                                    short_frames_that_are_not_ip,     NULL};
    Suite *suite = suite_create("layouts");

    add(suite, "layouts", layouts);
    return suite_run(suite);
}
