// SPDX-License-Identifier: MIT
#include "tally.h"

void tally_add(struct tally *t, const struct judged *j, const struct flow *f)
{
    const struct judgement *worst = &j->of[j->worst];

    t->packets++;
    t->counts[worst->overall][f->protocol]++;
    t->bad_headers += judged_has_l3(j, BAD);
    t->blank_headers += judged_has_l3(j, BLANK);
    if (worst->overall == BAD || worst->l4_near) {
        t->near[judgement_near(worst)]++;
        t->unfinished[worst->overall] += worst->overall != BAD && judgement_is_wrong(worst);
    }
    t->reasons[worst->reason] += worst->overall == UNCHECKED;
}

void tally_add_fragments(struct tally *t, const struct fragment_counts *counts)
{
    t->fragments.datagrams += counts->datagrams;
    t->fragments.fragments += counts->fragments;
    for (int i = 0; i < DATAGRAM_FAULTS; i++)
        t->fragments.faults[i] += counts->faults[i];
}

uint64_t tally_verdict(const struct tally *t, enum verdict v)
{
    uint64_t n = 0;

    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        n += t->counts[v][protocol];
    return n;
}

uint64_t tally_protocol(const struct tally *t, int protocol)
{
    uint64_t n = 0;

    for (int v = 0; v < VERDICTS; v++)
        n += t->counts[v][protocol];
    return n;
}

struct totals tally_totals(const struct tally *t)
{
    struct totals n = {
        .packets = t->packets,
        .wrong = tally_verdict(t, BAD),
    };

    for (int v = 0; v < VERDICTS; v++)
        n.wrong += t->unfinished[v];
    for (int v = UNCHECKED; v < VERDICTS; v++)
        n.unchecked += tally_verdict(t, (enum verdict)v);
    n.right = t->packets - n.wrong - n.unchecked;
    return n;
}

struct totals tally_since(const struct tally *t, const struct totals *before)
{
    struct totals n = tally_totals(t);

    n.packets -= before->packets;
    n.wrong -= before->wrong;
    n.right -= before->right;
    n.unchecked -= before->unchecked;
    return n;
}
