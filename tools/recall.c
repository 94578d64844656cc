// SPDX-License-Identifier: MIT
#include "recall.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    SETS = 16384,
    WAYS = 4,
    ENOUGH = 3 /* that many packets are wrong by the same difference by chance once in 2^32 */
};

/* Who speaks to whom, and in which protocol. */
struct key {
    uint8_t addresses[32]; /* source, destination */
    uint8_t ip_version, l4_proto, is_header;
};

/* A difference to what was expected. */
struct track {
    csumoff_sum16 known; /* 0: not yet */
    csumoff_sum16 last;
    uint32_t same; /* so many packets in a row */
    /* How many frames in a row are counted as unexplained, or as coalesced, and have the difference
     * `last`. */
    uint32_t unexplained, coalesced;
};

enum hypothesis {
    COMPLETE, /* the right checksum of other addresses */
    SEED,     /* the seed of other addresses */
    HYPOTHESES
};

struct pair {
    struct key key;
    bool is_used;
    csumoff_sum16 right; /* the right checksum of the last packet */
    struct track tracks[HYPOTHESES];
};

static const enum near near_of[HYPOTHESES] = {NEAR_REWRITTEN, NEAR_REWRITTEN_SEED};

static struct key key_of(const struct csumoff_layout *at, const uint8_t *head, bool is_header)
{
    const bool is_four = at->ip_version == 4;
    struct key key = {
        .ip_version = at->ip_version, .l4_proto = at->l4_proto, .is_header = is_header};

    memcpy(key.addresses, head + at->l3_start + (is_four ? 12 : 8), is_four ? 8 : 32);
    return key;
}

/* Finds a pair of addresses, or replaces the pair about which the least is known. */
static struct pair *pair_find(struct recall *recall, const struct key *key)
{
    struct pair *set, *least;

    if (!recall->pairs)
        recall->pairs = calloc((size_t)SETS * WAYS, sizeof *recall->pairs);
    if (!recall->pairs)
        exit(complain("%s", strerror(errno)));
    set = least = recall->pairs + csumoff_crc32c(key, sizeof *key, 0) % SETS * WAYS;
    for (struct pair *p = set; p < set + WAYS; p++) {
        if (p->is_used && memcmp(&p->key, key, sizeof *key) == 0)
            return p;
        if (p->tracks[COMPLETE].same < least->tracks[COMPLETE].same)
            least = p;
    }
    *least = (struct pair){.key = *key, .is_used = true};
    return least;
}

/* Returns a - b modulo 0xFFFF, where 0 is written as 0xFFFF. */
static csumoff_sum16 difference(csumoff_wsum a, csumoff_wsum b)
{
    return csumoff_fold(csumoff_sub(b, a));
}

static void learn(struct track *track, csumoff_sum16 diff, bool is_other)
{
    if (track->same == 0 || track->last != diff) {
        track->last = diff;
        track->same = 1;
        track->unexplained = track->coalesced = 0;
    } else if (is_other && track->same < ENOUGH) {
        track->same++;
    }
    if (track->same == ENOUGH)
        track->known = diff;
}

static uint32_t less(uint32_t from, uint32_t n)
{
    return from > n ? from - n : 0;
}

/* Counts the frames before this one again, which `which` explains. The counts of both hypotheses
 * are about the latest frames in a row, so that many of the other one's frames are among them. */
static void explain(struct pair *pair, enum hypothesis which, uint64_t near[NEARS])
{
    struct track *track = &pair->tracks[which], *other = &pair->tracks[!which];

    if (near) {
        near[NEAR_NONE] -= track->unexplained;
        near[NEAR_COALESCED] -= track->coalesced;
        near[near_of[which]] += track->unexplained + track->coalesced;
    }
    other->unexplained = less(other->unexplained, track->unexplained);
    other->coalesced = less(other->coalesced, track->coalesced);
    track->unexplained = track->coalesced = 0;
}

/* A wrong checksum. */
struct wrong {
    enum near *near;
    csumoff_sum16 right;
    csumoff_sum16 diff[HYPOTHESES]; /* 0: there is no such thing */
    bool is_counted;                /* this one's near is the frame's */
};

/* Names the mistake behind a wrong checksum from what is known about the pair of addresses, and
 * adds the packet to that knowledge. */
static void recall_pair(struct recall *recall, const struct key *key, const struct wrong *wrong,
                        uint64_t near[NEARS])
{
    struct pair *pair = pair_find(recall, key);
    const bool is_learnt = *wrong->near == NEAR_NONE || *wrong->near == NEAR_COALESCED;
    const bool is_other = wrong->right != pair->right;

    for (int i = 0; i < HYPOTHESES; i++) {
        struct track *track = &pair->tracks[i];

        if (is_learnt && wrong->diff[i])
            learn(track, wrong->diff[i], is_other);
        if (wrong->diff[i] && track->known == wrong->diff[i]) {
            if (is_learnt)
                explain(pair, (enum hypothesis)i, near);
            *wrong->near = near_of[i];
            break;
        }
    }
    pair->right = wrong->right;
    for (int i = 0; i < HYPOTHESES; i++) {
        pair->tracks[i].unexplained += wrong->is_counted && *wrong->near == NEAR_NONE;
        pair->tracks[i].coalesced += wrong->is_counted && *wrong->near == NEAR_COALESCED;
    }
}

static void recall_l4(struct recall *recall, struct judged *j, size_t i, const uint8_t *head,
                      bool is_sent, uint64_t near[NEARS])
{
    const struct csumoff_layout *at = &j->levels.of[i].layout, *outermost = &j->levels.of[0].layout;
    const struct csumoff_report *r = &j->levels.of[i].report;
    const struct key key = key_of(at, head, false);
    struct wrong wrong = {.near = &j->of[i].l4_near, .is_counted = i == j->worst};
    uint32_t mtu = recall->longest > MTU_COMMON ? recall->longest : MTU_COMMON;

    if (at->csum_kind != CSUMOFF_INTERNET)
        return;
    if (*wrong.near == NEAR_NONE && !is_sent && !j->is_fragment &&
        outermost->end - outermost->l3_start > mtu &&
        (at->l4_proto == IPPROTO_TCP || at->l4_proto == IPPROTO_UDP))
        *wrong.near = NEAR_COALESCED;
    wrong.right = (csumoff_sum16)r->l4_expected;
    wrong.diff[COMPLETE] = difference(r->l4_found, r->l4_expected);
    if (at->pseudo)
        wrong.diff[SEED] = difference(r->l4_found, csumoff_seed_value(at));
    recall_pair(recall, &key, &wrong, near);
}

static void recall_l3(struct recall *recall, struct judged *j, size_t i, const uint8_t *head,
                      uint64_t near[NEARS])
{
    const struct csumoff_report *r = &j->levels.of[i].report;
    const struct key key = key_of(&j->levels.of[i].layout, head, true);
    const struct wrong wrong = {
        .near = &j->of[i].l3_near,
        .right = r->l3_expected,
        .diff = {difference(r->l3_found, r->l3_expected)},
        .is_counted = i == j->worst && j->of[i].l4 != BAD,
    };

    recall_pair(recall, &key, &wrong, near);
}

/* Addresses are covered by the IPv4 header checksum, by the L4 checksum and by a seed. Returns
 * whether both checksums are wrong by the same difference, which is named then. */
static bool is_rewritten(struct judged *j, size_t i)
{
    const struct level *level = &j->levels.of[i];
    const struct csumoff_report *r = &level->report;
    struct judgement *of = &j->of[i];
    csumoff_sum16 header;

    if (of->l3_near || of->l4_near || !level->layout.pseudo ||
        level->layout.csum_kind != CSUMOFF_INTERNET)
        return false;
    header = difference(r->l3_found, r->l3_expected);
    if (header == difference(r->l4_found, r->l4_expected))
        of->l4_near = NEAR_REWRITTEN;
    else if (header == difference(csumoff_seed_value(&level->layout), r->l4_found))
        of->l4_near = NEAR_REWRITTEN_SEED;
    else
        return false;
    of->l3_near = NEAR_REWRITTEN;
    return true;
}

static void note_length(struct recall *recall, const struct level *outermost)
{
    uint32_t length = outermost->layout.end - outermost->layout.l3_start;

    if (outermost->report.l4 == CSUMOFF_GOOD && length > recall->longest)
        recall->longest = length;
}

void recall_judge(struct recall *recall, struct judged *j, const struct packet *p,
                  uint64_t near[NEARS])
{
    const struct packet *seen = judged_packet(j, p);
    const uint8_t *head = seen->bytes + seen->start;

    if (j->of[j->worst].overall != BAD) {
        if (!j->is_fragment)
            note_length(recall, &j->levels.of[0]);
        return;
    }
    for (size_t i = 0; i < j->levels.count; i++) {
        const bool is_l3_bad = j->of[i].l3 == BAD, is_l4_bad = j->of[i].l4 == BAD;

        if (is_l3_bad && is_l4_bad && is_rewritten(j, i))
            continue;
        if (is_l4_bad)
            recall_l4(recall, j, i, head, p->direction == SENT, near);
        if (is_l3_bad)
            recall_l3(recall, j, i, head, near);
    }
}

void recall_end(struct recall *recall)
{
    free(recall->pairs);
    recall->pairs = NULL;
}
