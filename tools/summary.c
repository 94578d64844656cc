// SPDX-License-Identifier: MIT
/* Prints the totals of the packets as text. */
#include "print.h"
#include "report.h"
#include "senders.h"
#include "terminal.h"

#include <inttypes.h>

/* Prints every non-zero count of `values` with its word: "3 fragment, 1 snapped". */
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

/* Prints why packets are wrong, or were seeds and yet right: the count, a word, and advice. */
static void print_near(const struct tally *t)
{
    bool is_first = true;

    for (int near = NEAR_NONE + 1; near <= NEARS; near++) {
        const int i = near % NEARS; /* what no mistake explains comes last */

        if (t->near[i] == 0)
            continue;
        print("%s%10" PRIu64 "  %s%s%s\n", is_first ? "\n" : "", t->near[i], tint(TINT_STRONG),
              near_words[i].word, untint());
        is_first = false;
        print_wrapped(near_words[i].advice, 12, 80);
    }
}

static void print_fragments(const struct fragment_counts *n)
{
    uint64_t never = 0;

    for (int i = 0; i < DATAGRAM_FAULTS; i++)
        never += n->faults[i];
    if (n->datagrams)
        print("%" PRIu64 " datagram%s put together from %" PRIu64 " fragments.\n", n->datagrams,
              n->datagrams == 1 ? " was" : "s were", n->fragments);
    if (never) {
        print("%" PRIu64 " datagram%s never became whole:", never, never == 1 ? "" : "s");
        print_counts(n->faults, datagram_fault_words, DATAGRAM_FAULTS);
        print(".\n");
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

static void print_files(const struct tally *t)
{
    print("\n%s%9s  %9s  %9s  %9s  %s%s\n", tint(TINT_FAINT), "packets", "wrong", "right",
          "unchecked", "capture", untint());
    for (int i = 0; i < t->captures; i++) {
        const struct file_totals *f = &t->files[i];

        if (!f->name)
            break; /* the rest was not read any more */
        print("%9" PRIu64 "  %s%9" PRIu64 "%s  %9" PRIu64 "  %9" PRIu64 "  %s%s\n", f->n.packets,
              tint(f->n.wrong ? TINT_BAD : TINT_NONE), f->n.wrong, untint(), f->n.right,
              f->n.unchecked, f->name, f->is_usable ? "" : " (not read to its end)");
    }
}

static void print_totals(const struct tally *t)
{
    const struct totals n = tally_totals(t);

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
    print_fragments(&t->fragments);
}

void summary_print(const struct tally *t)
{
    if (t->packets) {
        print_table(t);
        print_near(t);
        print_totals(t);
    } else {
        print("0 packets: there is nothing to check.\n");
    }
    if (t->filtered)
        print("%" PRIu64 " packet%s left out by the filter.\n", t->filtered,
              t->filtered == 1 ? " was" : "s were");
    if (t->files)
        print_files(t);
    if (t->senders)
        senders_print(t->senders);
}
