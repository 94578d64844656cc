// SPDX-License-Identifier: MIT
/* Rewrites a specimen at a guard page, its fields holding anything, and checks the outcome. */
#ifndef CSUMOFF_TESTS_REWRITE_CHECKS_H
#define CSUMOFF_TESTS_REWRITE_CHECKS_H

#include "rewrite_expected.h"

static struct specimen made;
static struct guarded page, bytes_page;
static struct rng rng;

static inline void setup(void)
{
    CHECK(guarded_new(&page, SPECIMEN_MOST) && guarded_new(&bytes_page, SPECIMEN_MOST));
    rng = rng_new(50);
}

/* ---- One rewrite ------------------------------------------------------------------------- */

static inline enum csumoff_link link_of(const struct specimen *s)
{
    return s->is_ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
}

static inline int find(const struct specimen *s, const uint8_t *frame,
                       struct csumoff_layout *layout)
{
    struct csumoff_layout levels[PACKET_LEVELS];
    size_t count;
    int status;

    if (s->level == 0)
        return csumoff_locate(frame, s->len, link_of(s), layout);
    status = csumoff_locate_all(frame, s->len, link_of(s), levels, PACKET_LEVELS, &count);
    if (status == CSUMOFF_OK && count <= s->level)
        status = CSUMOFF_EPROTO;
    if (status == CSUMOFF_OK)
        *layout = levels[s->level];
    return status;
}

/* But for the pseudo-header. */
static inline bool same_places(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

static inline uint16_t folded(csumoff_wsum sum)
{
    return ref_fold(wire_sum(sum));
}

/* Whether all but the two checksum fields is as in `want`. */
static inline bool only_checksums_differ(const struct specimen *s, const uint8_t *frame,
                                         const uint8_t *want)
{
    size_t i;

    for (i = 0; i < s->len; i++)
        if (frame[i] != want[i] && (s->is_crc || !is_in(i, s->l4 + s->field, 2)) &&
            (s->version == 6 || !is_in(i, s->l3 + 10, 2)))
            return false;
    return true;
}

/*
 * Has n bytes stored at `at` of a specimen as it is, and checks all that the contract says; leaves
 * the changed frame in `changed`. Returns the status.
 */
static uint8_t changed[SPECIMEN_MOST];
static struct csumoff_layout changed_layout;

static inline int rewrite(const struct specimen *s, enum csumoff_state state, size_t at,
                          const uint8_t *bytes, size_t n)
{
    static uint8_t want[SPECIMEN_MOST];
    uint8_t *frame = rng_below(&rng, 2) ? page.begin : page.end - s->len;
    struct csumoff_layout layout, given, again;
    uint64_t pseudo = 0;
    unsigned classes = 0;
    const char *wrong = NULL;
    size_t i;
    int status;

    memset(&layout, 0xA5, sizeof layout);
    memset(&again, 0xA5, sizeof again);
    memcpy(frame, s->bytes, s->len);
    CHECK_EQ(find(s, frame, &layout), CSUMOFF_OK);
    given = layout;
    memcpy(want, s->bytes, s->len);
    for (i = 0; i < n; i++) {
        if (at + i < s->len) {
            classes |= class_of(s, state, at + i, s->bytes[at + i], bytes[i]);
            want[at + i] = bytes[i];
        } else {
            classes |= OUTSIDE;
        }
    }
    status = csumoff_rewrite(frame, s->len, &layout, state, at,
                             n ? guarded_copy(&bytes_page, bytes, n) : NULL, n);
    memcpy(changed, frame, s->len);
    changed_layout = layout;
    if (!is_expected(status, classes)) {
        wrong = "status";
    } else if (status != CSUMOFF_OK) {
        if (!same_bytes(frame, s->bytes, s->len))
            wrong = "frame";
        else if (!same_bytes(&layout, &given, sizeof layout))
            wrong = "layout";
    } else if (!only_checksums_differ(s, frame, want)) {
        wrong = "bytes";
    } else if (find(s, frame, &again) != CSUMOFF_OK || !same_places(&layout, &again) ||
               !same_places(&layout, &given)) {
        wrong = "places";
    } else {
        /* Where bytes that may be refused moved an address, locating has the last word. What of
         * OSPF is not summed is in the library's pseudo-header. */
        pseudo = classes & MAY_REFUSE || s->skip_len ? wire_sum(again.pseudo)
                                                     : specimen_pseudo(s, frame);
        if (!layout.pseudo != !pseudo || !same_sum(folded(layout.pseudo), ref_fold(pseudo)) ||
            !same_sum(folded(again.pseudo), ref_fold(pseudo)))
            wrong = "pseudo";
        else if (!is_right_l3(s, s->bytes, frame))
            wrong = "IPv4 header checksum";
        else if (!is_right_l4(s, state, s->bytes, frame, pseudo))
            wrong = "L4 checksum";
    }
    if (wrong)
        ck_abort_msg("%s: status %d, kinds of bytes 0x%X: %zu bytes at %zu, state %d, field "
                     "0x%04X now 0x%04X, pseudo 0x%04X now 0x%04X: %s",
                     wrong, status, classes, n, at, (int)state,
                     load_wire16(s->bytes + s->l4 + s->field),
                     load_wire16(frame + s->l4 + s->field), folded(given.pseudo),
                     folded(layout.pseudo), specimen_text(s));
    return status;
}

/* ---- What the fields hold before --------------------------------------------------------- */

enum content {
    RIGHT,
    SEEDED,
    SEEDED_GSO,
    ZERO,
    WRONG,
    CONTENTS
};

/* Fills the fields in and chooses a state that goes with the content; with SCTP nothing changes. */
static inline enum csumoff_state prepare(struct specimen *s, enum content content)
{
    uint8_t *field = s->bytes + s->l4 + s->field;

    specimen_fill(s, s->bytes);
    if (s->version == 4 && rng_below(&rng, 8) == 0)
        store_wire16(s->bytes + s->l3 + 10, rng_below(&rng, 2) ? 0 : (uint16_t)rng_u32(&rng));
    if (s->is_crc)
        return (enum csumoff_state)rng_below(&rng, 4);
    if (s->skip_len) /* takes no seed, and has something in place of a pseudo-header */
        content = content == WRONG ? WRONG : RIGHT;
    switch (content) {
    case SEEDED:
        store_wire16(field, specimen_seed(s, s->bytes));
        return CSUMOFF_PARTIAL;
    case SEEDED_GSO:
        store_wire16(field, specimen_seed_gso(s, s->bytes));
        return CSUMOFF_PARTIAL;
    case ZERO:
        store_wire16(field, 0);
        return (enum csumoff_state)rng_below(&rng, 4);
    case WRONG:
        store_wire16(field, (uint16_t)rng_u32(&rng));
        return (enum csumoff_state)rng_below(&rng, s->skip_len ? 3 : 4);
    default:
        return (enum csumoff_state)rng_below(&rng, 3);
    }
}

/* New bytes for a place: random ones, those there but for one, zeros, ones, the same words in
 * another order, or the same. */
static inline void choose_bytes(uint8_t *bytes, const uint8_t *there, size_t n)
{
    rng_fill(&rng, bytes, n);
    switch (n ? rng_below(&rng, 6) : 0) {
    case 0:
        memcpy(bytes, there, n);
        bytes[rng_below(&rng, n)] ^= (uint8_t)(1 + rng_below(&rng, 255));
        break;
    case 1:
        memset(bytes, 0, n);
        break;
    case 2:
        memset(bytes, 0xFF, n);
        break;
    case 3:
        memcpy(bytes, there, n);
        if (n >= 4) {
            memcpy(bytes, there + 2, 2);
            memcpy(bytes + 2, there, 2);
        }
        break;
    default:
        break;
    }
}

/* Any bytes at a place, the fields holding anything. */
static inline int rewrite_any(struct specimen *s, size_t at, size_t n)
{
    static uint8_t bytes[SPECIMEN_MOST];
    const enum csumoff_state state = prepare(s, (enum content)rng_below(&rng, CONTENTS));

    memset(bytes, 0, sizeof bytes);
    if (at + n <= s->len && n)
        choose_bytes(bytes, s->bytes + at, n);
    return rewrite(s, state, at, bytes, n);
}

/* The first specimen of that protocol over that version, without extension headers or options. */
static inline void make_plain(unsigned version, uint8_t proto)
{
    size_t i;

    for (i = 0; i < specimen_count(); i++) {
        specimen_make(&made, i, &rng);
        if (made.version == version && made.proto == proto &&
            made.l4 - made.l3 == (version == 4 ? 20 : 40))
            return;
    }
    ck_abort_msg("no specimen of protocol %u over IPv%u", proto, version);
}

#endif
