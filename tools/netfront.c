// SPDX-License-Identifier: MIT
/* csumoff netfront: what a Xen guest would put on its ring for captured packets, and why */
#include "capture.h"
#include "command.h"
#include "flow.h"
#include "print.h"
#include "tunnel.h"

#include <csumoff_netfront.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    FRAME_MOST = 65535, /* a slot's size has 16 bits */
    ETHERNET = 14,
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    OUTCOMES = 64 /* far more than there are */
};

/* What becomes of a packet; the words are static. */
struct outcome {
    int flags; /* of the first slot; -1: nothing goes on the ring */
    bool is_gso;
    const char *what, *why;
};

struct sent {
    struct outcome outcome;
    const char *state;
    size_t len;
    uint16_t mss;
    size_t segments;
};

struct tally {
    uint64_t packets;
    size_t outcomes;
    struct count {
        uint64_t packets;
        struct outcome outcome;
    } of[OUTCOMES];
};

/* ---- The backend --------------------------------------------------------------------------- */

/* What Linux's backend writes; a key given on the command line goes before these. */
static const char *const linux_keys[] = {"feature-sg=1", "feature-gso-tcpv4=1",
                                         "feature-gso-tcpv6=1", "feature-ipv6-csum-offload=1"};

static const char *value_of(const char *pair, const char *key)
{
    size_t len = strlen(key);

    return strncmp(pair, key, len) == 0 && pair[len] == '=' ? pair + len + 1 : NULL;
}

static const char *backend_key(void *ctx, const char *key)
{
    const struct options *o = ctx;
    const char *value = NULL;

    for (size_t i = 0; i < sizeof linux_keys / sizeof *linux_keys && !value; i++)
        value = value_of(linux_keys[i], key);
    for (int i = 0; i < o->keys; i++) {
        const char *given = value_of(o->key[i], key);

        value = given ? given : value;
    }
    return value;
}

/* ---- One packet ---------------------------------------------------------------------------- */

/* A frame of its own, to be written to: what has no Ethernet header gets one. */
static size_t copy_frame(const struct packet *p, uint8_t *frame)
{
    size_t header = p->link == CSUMOFF_LINK_IP ? ETHERNET : 0, len = p->header->caplen - p->start;

    if (len > FRAME_MOST - header)
        return 0;
    memset(frame, 0, header);
    if (header) {
        frame[12] = (uint8_t)(p->ethertype >> 8);
        frame[13] = (uint8_t)p->ethertype;
    }
    memcpy(frame + header, p->bytes + p->start, len);
    return header + len;
}

/* What a stack that left the frame like this knows of it. */
static const char *read_state(const uint8_t *frame, size_t len, struct csumoff_tx_hint *hint)
{
    struct csumoff_report report;
    struct csumoff_layout at;

    *hint = (struct csumoff_tx_hint){.state = CSUMOFF_NONE};
    if (csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report))
        return "-";
    if (tunnel_look_inside(frame, len, CSUMOFF_LINK_ETHERNET, &report, &at)) {
        hint->csum_start = at.csum_start;
        hint->csum_offset = at.csum_offset;
    } else if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at)) {
        return "-";
    }
    switch (report.l4) {
    case CSUMOFF_SEEDED:
        hint->state = CSUMOFF_PARTIAL;
        return "partial";
    case CSUMOFF_GOOD:
    case CSUMOFF_ABSENT:
        if (report.l3 == CSUMOFF_BAD || report.l3 == CSUMOFF_BLANK)
            break;
        hint->state = CSUMOFF_UNNECESSARY;
        return "unnecessary";
    case CSUMOFF_BAD:
        break;
    default:
        return "none";
    }
    hint->state = CSUMOFF_COMPLETE;
    return "complete";
}

/* A packet beyond the MTU is one to be segmented, into what fits. */
static uint16_t read_mss(const uint8_t *frame, size_t len, size_t mtu)
{
    struct csumoff_layout at;
    size_t headers;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) || at.end - at.l3_start <= mtu ||
        (at.l4_proto != IPPROTO_TCP && at.l4_proto != IPPROTO_UDP))
        return 0;
    headers = at.l4_start - at.l3_start +
              (at.l4_proto == IPPROTO_TCP ? (size_t)(frame[at.l4_start + 12] >> 4) * 4 : 8);
    return headers < mtu ? (uint16_t)(mtu - headers) : 0;
}

/* A checksum that the backend could not be left with. */
static struct outcome finished_here(const uint8_t *frame, size_t len,
                                    const struct csumoff_layout *at,
                                    const struct csumoff_netfront_caps *caps)
{
    const struct csumoff_netfront_slot blank = {.flags = BLANK};
    struct outcome o = {0, false, "finished here", "the seed is that of a packet inside"};
    enum csumoff_drop drop;

    if (csumoff_netback_accepts(frame, len, &blank, &drop) == CSUMOFF_OK && drop) {
        o.what = "finished here, or the backend drops it";
        o.why = csumoff_drop_text(drop);
    } else if (!(at->ip_version == 4 ? caps->csum_ipv4 : caps->csum_ipv6)) {
        o.why = at->ip_version == 4 ? "the backend takes no seeds in IPv4"
                                    : "the backend takes no seeds in IPv6";
    } else if (csumoff_partial(frame + at->csum_start + at->l4_len,
                               len - at->csum_start - at->l4_len, 0)) {
        o.why = csumoff_strerror(CSUMOFF_ETRAILER);
    }
    return o;
}

static struct outcome explain(const uint8_t *frame, size_t len, bool is_changed,
                              const struct csumoff_tx_hint *hint,
                              const struct csumoff_netfront_caps *caps,
                              const struct csumoff_netfront_slot *slot)
{
    struct csumoff_layout at = {0};
    struct outcome o = {slot->flags, slot->gso_type, "", ""};
    int status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at);

    if (o.is_gso) {
        o.what = "cut by the backend";
        o.why = "it takes GSO, and finishes each segment from the seed";
    } else if (slot->flags & CSUMOFF_NETTXF_CSUM_BLANK) {
        o.what = "finished by the backend";
        o.why = hint->state == CSUMOFF_PARTIAL ? "the field holds a seed" : "a seed was written";
    } else if (slot->flags) {
        o.what = "left alone";
        o.why = "complete and right";
    } else if (hint->state == CSUMOFF_COMPLETE && is_changed) {
        o.what = "IPv4 header finished here";
        o.why = "there is no offload for it";
    } else if (hint->state == CSUMOFF_COMPLETE) {
        o.what = "left alone";
        o.why = "wrong as captured, and not vouched for";
    } else if (status == CSUMOFF_OK || is_changed) {
        o = finished_here(frame, len, &at, caps);
    } else {
        o.what = "left alone";
        o.why = csumoff_strerror(status);
    }
    return o;
}

static struct outcome not_sent(const char *why)
{
    return (struct outcome){-1, false, "not sent", why};
}

/* A super-frame that the backend doesn't take: the flags are those of each segment. */
static struct outcome cut(const uint8_t *frame, size_t len, uint16_t mss,
                          const struct csumoff_netfront_caps *caps)
{
    static uint8_t segment[FRAME_MOST];
    struct outcome o = {-1, false, "cut here", "the backend takes no such super-frame"};
    struct csumoff_segments segments;
    struct csumoff_netfront_slot slot;
    size_t segment_len;

    if (csumoff_segment_begin(&segments, frame, len, mss, false) == CSUMOFF_OK &&
        csumoff_segment_next(&segments, segment, sizeof segment, &segment_len) == CSUMOFF_OK &&
        csumoff_netfront_tx(segment, segment_len, caps, NULL, &slot) == CSUMOFF_OK)
        o.flags = slot.flags;
    return o;
}

static struct sent send_frame(uint8_t *frame, size_t len, const struct options *o,
                              const struct csumoff_netfront_caps *caps)
{
    static uint8_t before[FRAME_MOST];
    struct csumoff_netfront_slot slot;
    struct csumoff_segments segments;
    struct csumoff_tx_hint hint;
    struct sent sent = {.state = read_state(frame, len, &hint), .len = len};
    int status;

    if (o->fresh && hint.state != CSUMOFF_NONE) {
        sent.state = "none";
        hint = (struct csumoff_tx_hint){.state = CSUMOFF_NONE};
    }
    hint.mss = sent.mss = read_mss(frame, len, o->mtu);
    if (sent.mss && csumoff_segment_begin(&segments, frame, len, sent.mss, false) == CSUMOFF_OK)
        sent.segments = segments.count;
    memcpy(before, frame, len);
    status = csumoff_netfront_tx(frame, len, caps, &hint, &slot);
    if (status == CSUMOFF_ENOTSUP && sent.segments)
        sent.outcome = cut(frame, len, sent.mss, caps);
    else if (status)
        sent.outcome = not_sent(csumoff_strerror(status));
    else
        sent.outcome = explain(frame, len, memcmp(before, frame, len) != 0, &hint, caps, &slot);
    return sent;
}

static struct sent send_packet(const struct packet *p, const struct options *o,
                               const struct csumoff_netfront_caps *caps)
{
    static uint8_t frame[FRAME_MOST];
    struct sent sent = {.state = "-", .len = p->header->caplen};
    size_t len;

    if (p->is_snapped || (p->status == CSUMOFF_ETRUNC && p->is_at_snaplen))
        sent.outcome = not_sent("not captured whole");
    else if (p->status && p->status != CSUMOFF_EPROTO)
        sent.outcome = not_sent(csumoff_strerror(p->status));
    else if ((len = copy_frame(p, frame)) == 0)
        sent.outcome = not_sent("longer than a slot can say");
    else
        sent = send_frame(frame, len, o, caps);
    return sent;
}

/* ---- What is printed ----------------------------------------------------------------------- */

/* extra_info goes without saying where the extra slot is shown. */
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
    printf("%s%-25s%s  %s", tint(flags_tint(o->flags)), flags_text(o->flags), untint(), o->what);
    if (*o->why)
        printf(": %s", o->why);
}

static void print_row(const struct packet *p, const struct sent *s)
{
    struct flow flow;

    flow_read(&flow, p);
    printf("%7" PRIu64 "  %6zu  %-11s  ", p->number, s->len, s->state);
    print_outcome(&s->outcome);
    if (s->mss)
        printf(" (%zu segments of %u)", s->segments, (unsigned)s->mss);
    printf("  %s", tint(TINT_FAINT));
    flow_print(&flow, p);
    printf("%s\n", untint());
}

static void print_json(const struct capture *c, const struct packet *p, const struct sent *s)
{
    fputs("{\"capture\":", stdout);
    json_string(c->name);
    printf(",\"packet\":%" PRIu64 ",\"length\":%zu,\"state\":\"%s\"", p->number, s->len, s->state);
    if (s->outcome.flags >= 0)
        printf(",\"flags\":%d", s->outcome.flags);
    if (s->mss)
        printf(",\"gso\":%s,\"mss\":%u,\"segments\":%zu", s->outcome.is_gso ? "true" : "false",
               (unsigned)s->mss, s->segments);
    printf(",\"what\":\"%s\",\"why\":\"%s\"}\n", s->outcome.what, s->outcome.why);
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
        printf("%7" PRIu64 "  ", t->of[i].packets);
        print_outcome(&t->of[i].outcome);
        putchar('\n');
    }
    printf("%7" PRIu64 "  packet%s\n", t->packets, t->packets == 1 ? "" : "s");
}

/* False: the capture is damaged or of no use, and a complaint was made. */
static bool show_capture(const char *path, const struct options *o,
                         const struct csumoff_netfront_caps *caps, struct tally *t)
{
    struct capture capture;
    struct packet packet;
    int got;

    if (!capture_open(&capture, path))
        return false;
    capture.is_quiet = !o->summary && isatty(STDOUT_FILENO);
    while ((got = capture_next(&capture, &packet)) == 1 && !stdout_failed()) {
        struct sent sent = send_packet(&packet, o, caps);

        count(t, &sent.outcome);
        if (o->summary)
            continue;
        if (o->json)
            print_json(&capture, &packet, &sent);
        else
            print_row(&packet, &sent);
    }
    capture_close(&capture);
    return got != -1;
}

int command_netfront(const struct options *o, int number, char **captures)
{
    struct tally tally = {.packets = 0};
    struct csumoff_netfront_caps caps;
    bool is_usable = csumoff_netfront_read_caps(backend_key, (void *)(uintptr_t)o, &caps) == 0;

    if (!o->summary && !o->json)
        printf("%s%7s  %6s  %-11s  %-25s  %s%s\n", tint(TINT_FAINT), "#", "bytes", "state", "flags",
               "why", untint());
    for (int i = 0; i < number && !stdout_failed(); i++)
        is_usable = show_capture(captures[i], o, &caps, &tally) && is_usable;
    if (!o->json) {
        if (!o->summary)
            putchar('\n');
        print_summary(&tally);
    }
    return is_usable ? EXIT_FINE : EXIT_UNUSABLE;
}
