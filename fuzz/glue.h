// SPDX-License-Identifier: MIT
/*
 * Shared by fuzz_netfront and fuzz_virtio: the truth about the input, and the model of the tests
 * over that truth (tests/oracle/model.h, tests/glue/words.h). The truth is what
 * csumoff_locate_all() says, which fuzz_packet and fuzz_levels check.
 */
#ifndef CSUMOFF_FUZZ_GLUE_H
#define CSUMOFF_FUZZ_GLUE_H

#include "../tests/glue/words.h"
#include "frame.h"

enum {
    GATHERED = 512, /* bytes of a frame in pieces that the glue reads */
    SEGMENTS = 32   /* how many segments are compared */
};

static struct packet subject;
static struct truth truth;
static int located; /* the status of csumoff_locate() */
static struct csumoff_layout at;

static inline bool is_ethernet(void)
{
    return link_type == CSUMOFF_LINK_ETHERNET || link_type == CSUMOFF_LINK_ETHERNET_SUPER;
}

static inline void learn_level(unsigned i, const struct csumoff_layout *from,
                               enum finding otherwise)
{
    struct level *l = &subject.level[i];
    const bool is_ospf = from->l4_proto == PROTO_OSPF && from->ip_version == 4;

    memset(l, 0, sizeof *l);
    l->finding = from->csum_kind == CSUMOFF_NO_CHECKSUM ? otherwise : FOUND;
    l->l3 = from->l3_start;
    l->l4 = from->l4_start;
    l->payload = from->payload_start;
    l->end = from->end;
    l->l4_len = from->l4_len;
    l->csum_offset = from->csum_offset;
    l->version = from->ip_version;
    l->proto = from->l4_proto;
    l->is_crc32c = from->csum_kind == CSUMOFF_CRC32C;
    l->has_pseudo = from->pseudo && !is_ospf;
    l->pseudo = l->has_pseudo ? wire_sum(from->pseudo) : 0;
    l->pseudo_len = oracle_pseudo_len(from);
    if (is_ospf && l->finding == FOUND) {
        l->skip = 16;
        l->skip_len = 8;
    }
    memset(&subject.spec.level[i], 0, sizeof subject.spec.level[i]);
    subject.spec.level[i].version = l->version;
    if (l->version == 4)
        subject.spec.level[i].options = (uint8_t)((original[l->l3] & 15u) * 4 - 20);
}

/* Learns the truth about the frame in `original`. Returns false if it may have more packets than
 * the model can tell apart. */
static inline bool learn(void)
{
    static const struct csumoff_layout nothing;
    struct csumoff_layout layouts[PACKET_LEVELS];
    size_t count = 0, i;

    subject.len = len;
    if (len)
        memcpy(subject.bytes, original, len);
    truth.p = &subject;
    truth.listed = 0;
    located = csumoff_locate(original, len, link_type, &at);
    if (csumoff_locate_all(original, len, link_type, layouts, PACKET_LEVELS, &count) ==
        CSUMOFF_OK) {
        truth.listed = (unsigned)count;
        for (i = 0; i < count; i++)
            learn_level((unsigned)i, &layouts[i], FOUND_TUNNEL);
    } else if (csumoff_locate_l3(original, len, len, link_type, &layouts[0]) == CSUMOFF_OK) {
        learn_level(0, &layouts[0], NOT_KNOWN);
        count = 1;
    } else {
        count = 0;
        memset(&subject.spec.level[0], 0, sizeof subject.spec.level[0]);
        memset(&subject.level[0], 0, sizeof subject.level[0]);
        subject.level[0].finding = NOT_KNOWN;
    }
    subject.levels = count ? (unsigned)count : 1;
    subject.spec.level[0].ethernet = is_ethernet();
    switch (located) {
    case CSUMOFF_OK:
        truth.outer = OUTER_LOCATED;
        break;
    case CSUMOFF_EPROTO:
        truth.outer = count ? OUTER_UNKNOWN : OUTER_NOT_IP;
        break;
    case CSUMOFF_EFRAG:
        truth.outer = OUTER_FRAGMENT;
        break;
    case CSUMOFF_ENOTSUP:
        truth.outer = OUTER_UNRESOLVABLE;
        break;
    default:
        truth.outer = OUTER_BROKEN;
    }
    if (located)
        at = nothing;
    return count < PACKET_LEVELS;
}

static inline bool become(const uint8_t *frame)
{
    original = frame;
    return learn();
}

/* Returns whether headers, also of packets inside, may lie behind the bytes that the glue reads. */
static inline bool is_far(void)
{
    return len > GATHERED;
}

/* Makes `expected` the frame that the plan leads to. */
static inline void expect_plan(const struct plan *plan)
{
    model_apply(&truth, plan);
    if (len) {
        memcpy(expected, subject.bytes, len);
        memcpy(subject.bytes, original, len);
    }
}

static inline struct wish wish_of(const struct csumoff_hint *hint)
{
    return hint ? (struct wish){(enum want)hint->want, hint->csum_start, hint->csum_offset,
                                hint->mss}
                : (struct wish){WANT_COMPUTE, 0, 0, 0};
}

/* Returns the wish with which a received frame must be sent on. */
static inline struct wish wish_on(const struct csumoff_rx *rx)
{
    const enum want want = rx->state == CSUMOFF_UNNECESSARY ? WANT_VERIFIED
                           : rx->state != CSUMOFF_PARTIAL   ? WANT_AS_IS
                           : rx->no_seed                    ? WANT_COMPUTE
                                                            : WANT_SEEDED;

    return (struct wish){want, rx->csum_start, rx->csum_offset, rx->gso_size};
}

/* Gives the frame in `expected` to the device, with these orders, and its result to the far end. If
 * is_right is true, all checksums must be right there. */
static inline void check_far_end(const struct device *d, struct order *order, bool is_right)
{
    static uint8_t sent[MOST], segment[MOST];
    struct cut next;
    size_t n, size;

    if (len)
        memcpy(sent, expected, len);
    MUST(device_takes(d, &subject, sent, len, order) == NULL);
    if (!order->gso) {
        if (order->is_finish)
            device_finish(sent, len, order->start, order->offset);
        if (is_right)
            MUST(subject.level[0].is_crc32c || csumoff_verify(sent, len, link_type) == CSUMOFF_OK);
        return;
    }
    next = cut_begin(&subject, order->size);
    for (n = 0; n < SEGMENTS && (size = device_cut(&subject, sent, order, &next, segment)); n++) {
        MUST(size <= next.header + order->size);
        if (is_right)
            MUST(csumoff_verify(segment, size,
                                link_type & 1 ? CSUMOFF_LINK_IP : CSUMOFF_LINK_ETHERNET) ==
                 CSUMOFF_OK);
    }
}

/* Returns whether sending with this plan makes all checksums of the outermost packet right. */
static inline bool makes_right(const struct plan *plan)
{
    return plan->act == ACT_MAKE && plan->level == 0 && plan->has_headers;
}

/* Returns the statuses that completing the received frame may return, and makes `expected` its
 * result. */
static inline unsigned expect_completed(unsigned may, const struct csumoff_rx *rx)
{
    struct plan plan;

    memset(&plan, 0, sizeof plan);
    if (may == MAY_OK && rx->state == CSUMOFF_PARTIAL)
        may = model_complete(&truth, rx->csum_start, rx->csum_offset, rx->no_seed, &plan);
    expect_plan(&plan);
    return may;
}

/* Sets the place in a hint, if the flags say so: to 0, which stands for the headers' own, or to
 * that place itself. */
static inline void choose_place(struct csumoff_hint *hint, unsigned flags)
{
    if (flags & 0x10)
        hint->csum_start = 0;
    if (flags & 0x20 && located == CSUMOFF_OK) {
        hint->csum_start = at.csum_start;
        hint->csum_offset = at.csum_offset;
    }
}

/* Gives a hint a layout of the caller's, if the frame has one, even without a checksum. */
static inline void choose_layout(struct csumoff_hint *hint, struct csumoff_layout *own)
{
    if (csumoff_locate_l3(original, len, len, link_type, own) == CSUMOFF_OK)
        hint->layout = own;
}

#endif
