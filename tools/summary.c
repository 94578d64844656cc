// SPDX-License-Identifier: MIT
/* What the packets sum up to, as text. */
#include "report.h"

#include <inttypes.h>

/* "3 fragment, 1 snapped": every non-zero count of `values` with its word. */
static void print_counts(const uint64_t *values, const char *const *words, int n)
{
    const char *comma = "  ";

    for (int i = 0; i < n; i++) {
        if (values[i] == 0)
            continue;
        print("%s%" PRIu64 " %s", comma, values[i], words[i]);
        comma = ", ";
    }
}

/* Why packets are wrong: how many, in a word, and what to do about it. */
static void print_near(const struct tally *t)
{
    print("\n");
    for (int near = NEAR_NONE + 1; near <= NEARS; near++) {
        const int i = near % NEARS; /* what no mistake explains comes last */

        if (t->near[i] == 0)
            continue;
        print("%10" PRIu64 "  %s%s%s\n", t->near[i], tint(TINT_STRONG), near_words[i].word,
              untint());
        print_wrapped(near_words[i].advice, 12, 80);
    }
}

static void print_table(const struct tally *t)
{
    print("%s%-10s", tint(TINT_FAINT), "");
    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        if (tally_protocol(t, protocol))
            print("  %7s", protocol_words[protocol]);
    print("  %7s%s\n", "all", untint());
    for (int v = 0; v < VERDICTS; v++) {
        uint64_t all = tally_verdict(t, (enum verdict)v);

        if (all == 0)
            continue;
        print("%s%-10s%s", tint(verdict_words[v].tint), verdict_words[v].word, untint());
        for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
            if (!tally_protocol(t, protocol))
                continue;
            if (t->counts[v][protocol])
                print("  %7" PRIu64, t->counts[v][protocol]);
            else
                print("  %7s", ".");
        }
        print("  %7" PRIu64, all);
        if (*verdict_words[v].meaning && t->unfinished[v] < all)
            print("  %s", verdict_words[v].meaning);
        if (t->unfinished[v])
            print("  wrong: %" PRIu64 " arrived so", t->unfinished[v]);
        if (v == BAD && t->bad_headers)
            print(" (IPv4 header: %" PRIu64 ")", t->bad_headers);
        if (v == UNCHECKED)
            print_counts(t->reasons, reason_words, REASONS);
        print("\n");
    }
}

void summary_print(const struct tally *t)
{
    const struct totals n = tally_totals(t);

    if (t->packets == 0) {
        print("0 packets: there is nothing to check.\n");
        return;
    }
    print_table(t);
    if (n.wrong)
        print_near(t);
    print("\n%" PRIu64 " packet%s", t->packets, t->packets == 1 ? "" : "s");
    if (t->captures > 1)
        print(" in %d captures", t->captures);
    print(": ");
    if (n.wrong)
        print("%s%" PRIu64 " wrong%s", tint(TINT_BAD), n.wrong, untint());
    else
        print("%snone wrong%s", tint(TINT_GOOD), untint());
    print(", %" PRIu64 " right", n.right);
    if (n.unchecked)
        print(", %" PRIu64 " not to be checked", n.unchecked);
    print(".\n");
    if (t->blank_headers)
        print("%" PRIu64 " packet%s an IPv4 header checksum of 0, left to the network card.\n",
              t->blank_headers, t->blank_headers == 1 ? " has" : "s have");
}
