// SPDX-License-Identifier: MIT
/* The command `csumoff netfront`: shows what a Xen guest would put on its ring for captured
 * packets, and why. */
#include "filter.h"
#include "flow.h"
#include "interrupt.h"
#include "json_string.h"
#include "print.h"
#include "ring.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How packets are shown. */
struct view {
    const struct options *options;
    const struct capture *capture;
    struct stamp first; /* when the capture's first packet was captured */
};

enum {
    OUTCOMES = 64 /* far more than there are */
};

struct tally {
    uint64_t packets, filtered;
    size_t outcomes;
    struct count {
        uint64_t packets;
        struct outcome outcome;
    } of[OUTCOMES];
};

/* ---- The backend --------------------------------------------------------------------------- */

/* The keys that Linux's backend writes. Those of the command line replace them. */
static const char *const linux_keys[] = {"feature-sg=1", "feature-gso-tcpv4=1",
                                         "feature-gso-tcpv6=1", "feature-ipv6-csum-offload=1"};

static const char *value_of(const char *pair, const char *key)
{
    size_t len = strlen(key);

    return strncmp(pair, key, len) == 0 && pair[len] == '=' ? pair + len + 1 : NULL;
}

struct backend {
    const struct options *options;
    bool is_read[KEYS_MOST]; /* for each key of the command line: the glue has asked for it */
};

static const char *backend_key(void *ctx, const char *key)
{
    struct backend *backend = ctx;
    const struct options *o = backend->options;
    const char *value = NULL;

    for (size_t i = 0; i < sizeof linux_keys / sizeof *linux_keys && !value; i++)
        value = value_of(linux_keys[i], key);
    for (int i = 0; i < o->keys; i++) {
        const char *given = value_of(o->key[i], key);

        value = given ? given : value;
        backend->is_read[i] |= given != NULL;
    }
    return value;
}

/* Reads what the backend takes, and names the keys of the command line that make no difference. */
static void read_caps(const struct options *o, struct csumoff_netfront_caps *caps)
{
    struct backend backend = {.options = o};

    csumoff_netfront_read_caps(backend_key, &backend, caps);
    for (int i = 0; i < o->keys; i++) {
        if (!backend.is_read[i])
            complain("--key %s: a frontend reads no such key for its checksums", o->key[i]);
    }
}

/* ---- What is printed ----------------------------------------------------------------------- */

/* extra_info is not named, because the extra slot is shown. */
static const char *flags_text(int flags)
{
    if (flags < 0)
        return "-";
    if (flags & CSUMOFF_NETTXF_CSUM_BLANK)
        return "csum_blank|data_validated";
    return flags & CSUMOFF_NETTXF_DATA_VALIDATED ? "data_validated" : "0";
}

static enum tint flags_tint(int flags)
{
    return flags < 0 ? TINT_STRONG : flags & CSUMOFF_NETTXF_CSUM_BLANK ? TINT_NOTE : TINT_NONE;
}

static void print_outcome(const struct outcome *o)
{
    print("%s%-25s%s  ", tint(flags_tint(o->flags)), flags_text(o->flags), untint());
    print_fit((int)(strlen(o->what) + strlen(o->why)) + 2);
    print("%s", o->what);
    if (*o->why)
        print(": %s", o->why);
}

static void print_note(const char *text)
{
    print_fit((int)strlen(text) + 1);
    print(" %s", text);
}

static void print_row(const struct view *view, const struct packet *p, const struct sent *s)
{
    const struct stamp t = stamp_read(p, view->capture->is_nano);
    char text[80];
    struct flow flow;

    flow_read(&flow, p);
    flow_format(&flow);
    print("%7" PRIu64 "  ", p->number);
    if (view->options->time)
        print("%*s  ", stamp_width(view->options->time, t.is_nano),
              stamp_format(text, view->options->time, &t, &view->first));
    print("%6zu  %-11s  ", s->len, s->state);
    print_outcome(&s->outcome);
    if (s->segments) {
        snprintf(text, sizeof text, "(%zu segments of %u)", s->segments, (unsigned)s->mss);
        print_note(text);
    }
    if (s->is_filled)
        print_note("(IP length 0: filled in)");
    print("  %s", tint(TINT_FAINT));
    flow_print(&flow, p);
    print("%s\n", untint());
}

static void print_json(const struct capture *c, const struct packet *p, const struct sent *s)
{
    print("{\"capture\":");
    json_string(c->name);
    print(",\"packet\":%" PRIu64 ",\"length\":%zu,\"state\":\"%s\"", p->number, s->len, s->state);
    if (s->outcome.flags >= 0)
        print(",\"flags\":%d", s->outcome.flags);
    if (s->mss)
        print(",\"gso\":%s,\"mss\":%u,\"segments\":%zu", s->outcome.is_gso ? "true" : "false",
              (unsigned)s->mss, s->segments);
    if (s->is_filled)
        print(",\"filled\":true");
    print(",\"what\":\"%s\",\"why\":\"%s\"}\n", s->outcome.what, s->outcome.why);
}

static void count(struct tally *t, const struct outcome *o)
{
    size_t i = 0;

    t->packets++;
    while (i < t->outcomes &&
           (t->of[i].outcome.flags != o->flags || strcmp(t->of[i].outcome.what, o->what) != 0 ||
            strcmp(t->of[i].outcome.why, o->why) != 0))
        i++;
    if (i == OUTCOMES)
        return;
    if (i == t->outcomes)
        t->of[t->outcomes++].outcome = *o;
    t->of[i].packets++;
}

static int most_first(const void *a, const void *b)
{
    const struct count *x = a, *y = b;

    return (x->packets < y->packets) - (x->packets > y->packets);
}

static void print_summary(struct tally *t)
{
    qsort(t->of, t->outcomes, sizeof *t->of, most_first);
    for (size_t i = 0; i < t->outcomes; i++) {
        print("%7" PRIu64 "  ", t->of[i].packets);
        print_outcome(&t->of[i].outcome);
        print("\n");
    }
    print("%7" PRIu64 "  packet%s\n", t->packets, t->packets == 1 ? "" : "s");
    if (t->filtered)
        print("%7" PRIu64 "  left out by the filter\n", t->filtered);
}

static void print_heading(const struct view *view)
{
    print("%s%7s  ", tint(TINT_FAINT), "#");
    if (view->options->time)
        print("%*s  ", stamp_width(view->options->time, view->capture->is_nano),
              view->options->time == STAMP_UTC ? "UTC" : "seconds");
    print("%6s  %-11s  %-25s  %s%s\n", "bytes", "state", "flags", "why", untint());
}

static void show_packet(const struct view *view, const struct packet *p,
                        const struct csumoff_netfront_caps *caps, struct tally *t)
{
    const struct sent sent = ring_send(p, view->options, caps);

    count(t, &sent.outcome);
    if (view->options->summary)
        return;
    if (view->options->json)
        print_json(view->capture, p, &sent);
    else
        print_row(view, p, &sent);
}

/* Reads an open capture to its end. Returns false after a complaint. */
static bool show_packets(struct view *view, struct capture *c, struct filter *f,
                         const struct csumoff_netfront_caps *caps, struct tally *t)
{
    struct packet packet;
    int got, matches;

    while ((got = capture_next(c, &packet)) == 1 && !stdout_failed()) {
        if (packet.number == 1) {
            view->first = stamp_read(&packet, c->is_nano);
            if (!view->options->summary && !view->options->json && t->packets + t->filtered == 0)
                print_heading(view);
        }
        matches = filter_matches(f, c, &packet);
        if (matches < 0)
            return false;
        if (matches)
            show_packet(view, &packet, caps, t);
        else
            t->filtered++;
    }
    return got != -1;
}

/* Returns false after a complaint: the capture is damaged or of no use. */
static bool show_capture(const char *path, const struct options *o, struct filter *f,
                         const struct csumoff_netfront_caps *caps, struct tally *t)
{
    struct capture capture;
    struct view view = {.options = o, .capture = &capture};
    bool is_usable;

    if (!capture_open(&capture, path))
        return interrupted();
    capture.is_quiet = !o->summary && isatty(STDOUT_FILENO);
    is_usable = filter_open(f, &capture) && show_packets(&view, &capture, f, caps, t);
    capture_close(&capture);
    return is_usable;
}

int command_netfront(const struct options *o, int number, char **captures)
{
    struct tally tally = {.packets = 0};
    struct filter filter = {.expression = o->filter};
    struct csumoff_netfront_caps caps;
    bool is_usable = true;

    read_caps(o, &caps);
    for (int i = 0; i < number && !stdout_failed() && !interrupted(); i++)
        is_usable = show_capture(captures[i], o, &filter, &caps, &tally) && is_usable;
    filter_close(&filter);
    if (!o->json) {
        if (!o->summary)
            print("\n");
        print_summary(&tally);
    }
    return is_usable ? EXIT_FINE : EXIT_UNUSABLE;
}
