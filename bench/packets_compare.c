// SPDX-License-Identifier: MIT
#include "packets_rows.h"
#include "straight.h"
#include <stdlib.h>
#include <string.h>

static bool same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           csumoff_fold(a->pseudo) == csumoff_fold(b->pseudo) && a->ip_version == b->ip_version &&
           a->l4_proto == b->l4_proto && a->vlan_tags == b->vlan_tags &&
           a->csum_kind == b->csum_kind;
}

static struct packets copy(const struct packets *packets)
{
    size_t frames = PACKETS * packets->stride, layouts = PACKETS * sizeof *packets->layouts;
    struct packets copied = *packets;

    copied.frames = (uint8_t *)memcpy(room(frames), packets->frames, frames);
    copied.layouts = (struct csumoff_layout *)memcpy(room(layouts), packets->layouts, layouts);
    copied.mbufs = must(dpdk_mbufs(&copied));
    return copied;
}

static void release(const struct packets *packets)
{
    free(packets->frames);
    free(packets->layouts);
    free(packets->mbufs);
}

static bool same_packets(const struct packets *a, const struct packets *b)
{
    for (size_t i = 0; i < PACKETS; i++) {
        if (!same_layout(a->layouts + i, b->layouts + i))
            return false;
    }
    return memcmp(a->frames, b->frames, PACKETS * a->stride) == 0;
}

void packets_compare_contenders(const struct packets_row *row, const struct packets *packets)
{
    struct packets ours = copy(packets);
    uint64_t total;

    ours.frames[packets->len - 1] ^= 1;
    total = row->run[CSUMOFF](&ours, PACKETS);
    if (total == 0)
        fail(row->what, "csumoff refuses all frames");
    for (size_t who = CSUMOFF + 1; who < CONTENDERS; who++) {
        struct packets theirs;

        if (!row->run[who])
            continue;
        theirs = copy(packets);
        theirs.frames[packets->len - 1] ^= 1;
        if (row->run[who](&theirs, PACKETS) != total || !same_packets(&ours, &theirs))
            fail(row->what, "the results differ");
        release(&theirs);
    }
    release(&ours);
}

static bool same_report(const struct csumoff_report *a, const struct csumoff_report *b)
{
    return a->l3 == b->l3 && a->l4 == b->l4 && a->l3_found == b->l3_found &&
           a->l3_expected == b->l3_expected && a->l4_found == b->l4_found &&
           a->l4_expected == b->l4_expected;
}

/* Compares both on a frame that the straight-line code may refuse. Returns whether it does. */
static bool is_refused(const uint8_t *frame, size_t len)
{
    enum csumoff_link link = CSUMOFF_LINK_ETHERNET;
    struct csumoff_layout ours, theirs;
    struct csumoff_report our_report, their_report;
    uint8_t our_frame[64], their_frame[64];
    uint32_t saddr = packets_address(1);

    if (straight_locate(frame, len, &theirs))
        return true;
    if (csumoff_locate(frame, len, link, &ours) || !same_layout(&ours, &theirs))
        fail("locate", "straight-line code differs");
    if (straight_inspect(frame, len, &their_report) ||
        csumoff_inspect(frame, len, link, &our_report) || !same_report(&our_report, &their_report))
        fail("inspect", "straight-line code differs");

    memcpy(our_frame, frame, len);
    memcpy(their_frame, frame, len);
    if (straight_seed(their_frame, len, NULL) != csumoff_seed(our_frame, len, link, NULL) ||
        memcmp(our_frame, their_frame, len) != 0)
        fail("seed", "straight-line code differs");
    memcpy(our_frame, frame, len);
    memcpy(their_frame, frame, len);
    if (straight_seed_at(their_frame, len, &ours) != csumoff_seed_at(our_frame, len, &ours) ||
        memcmp(our_frame, their_frame, len) != 0)
        fail("seed_at", "straight-line code differs");
    if (straight_fill(their_frame, len) || csumoff_fill(our_frame, len, link) ||
        memcmp(our_frame, their_frame, len) != 0)
        fail("fill", "straight-line code differs");
    memcpy(our_frame, frame, len);
    memcpy(their_frame, frame, len);
    if (straight_rewrite(their_frame, len, &theirs, &saddr) ||
        csumoff_rewrite(our_frame, len, &ours, CSUMOFF_NONE, 26, &saddr, sizeof saddr) ||
        memcmp(our_frame, their_frame, len) != 0 || !same_layout(&ours, &theirs))
        fail("rewrite", "straight-line code differs");
    return false;
}

/*
 * The frames have each bit of their headers flipped, or seeds of both kinds in place of checksums,
 * or are cut short.
 */
void packets_compare_straight(const struct packets *packets)
{
    uint8_t frame[64];
    size_t len = packets->len, refused = 0;

    if (len > sizeof frame)
        fail("frames", "too long to compare");
    for (size_t nth = 0; nth < 64; nth++) {
        memcpy(frame, packets->frames + nth * packets->stride, len);
        if (nth % 3 && csumoff_seed(frame, len, CSUMOFF_LINK_ETHERNET, NULL))
            fail("seed", "csumoff refuses a frame");
        if (nth % 3 == 2) {
            csumoff_sum16 gso = csumoff_seed_value_gso(packets->layouts + nth);

            memcpy(frame + 50, &gso, sizeof gso);
        }
        for (size_t bit = 0; bit < len * 8; bit++) {
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refused += is_refused(frame, len);
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 0; cut < len; cut++)
            refused += is_refused(frame, cut);
        refused += is_refused(frame, len);
    }
    /* In each frame these bits are refused: EtherType, version and IHL, protocol, fragment, and the
     * length but for the values 44 and 42; and each cut. */
    if (refused != 64 * (16 + 8 + 8 + 14 + 14 + len))
        fail("straight", "it refuses too much or too little");
}
