// SPDX-License-Identifier: MIT
/* The command `csumoff explain`: explains the checksums of one packet in words. */
#include "command.h"
#include "explain.h"
#include "lesson.h"
#include "print.h"
#include "recall.h"
#include "terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void explain_level(struct explained *e)
{
    const struct level *level = &e->judged->levels.of[e->i];
    const struct judgement *j = &e->judged->of[e->i];
    uint32_t start = (uint32_t)e->packet->start;
    static const struct packet untagged;

    e->at = level->layout;
    e->at.l3_start += start;
    e->at.l4_start += start;
    e->at.end += start;
    e->at.csum_start += start;
    judged_flow(&e->flow, e->packet, e->judged, e->i);
    flow_format(&e->flow);
    if (e->judged->levels.count > 1) {
        print("\n%s%" PRIu64 ".%zu%s ", tint(TINT_STRONG), e->packet->number, e->i + 1, untint());
        flow_print(&e->flow, e->i ? &untagged : e->packet);
        print("\n");
    }
    if (is_l3_judged(j->l3))
        explain_header(e);
    else if (level->layout.ip_version == 6)
        print("\n%sIPv6 header%s, from byte %u: without a checksum (RFC 8200, section 3)\n",
              tint(TINT_STRONG), untint(), e->at.l3_start);
    if (is_l4_judged(level, j)) {
        explain_l4(e);
        return;
    }
    print("\n%s%s:%s %s%s%s\n", tint(TINT_STRONG), e->flow.name, untint(),
          tint(verdict_words[j->l4].tint), verdict_words[j->l4].word, untint());
    lesson_unjudged(e->packet, e->judged, e->i, &e->flow);
}

static void explain_start(const struct packet *p)
{
    if (p->l3 > 0 && p->status != CSUMOFF_ETRUNC)
        say("Bytes 0 to %zu are the link's header, which is not covered by what follows: a link "
            "that checks its frames does so by a checksum of its own.",
            p->l3 - 1);
}

/* What follows the outermost IP datagram. */
static void explain_trailer(const struct packet *p, const struct judged *j)
{
    size_t end = p->start + j->levels.of[0].layout.end, have = p->header->caplen;
    bool is_zero = true;

    if (!j->levels.of[0].layout.ip_version || end >= have)
        return;
    for (size_t i = end; i < have; i++)
        is_zero = is_zero && p->bytes[i] == 0;
    print("\n");
    say("Bytes %zu to %zu follow the IP datagram: %s, which no checksum here covers. %s", end,
        have - 1,
        is_zero ? "zeros, as padding of a short frame" : "padding or a trailer of the link",
        is_zero
            ? "A card that sums to the end of the frame adds nothing by them."
            : "A card that sums to the end of the frame would add them: not a frame to leave to "
              "it.");
}

static void explain_frame(const struct packet *p, const struct judged *j, size_t only, bool is_all)
{
    struct explained e = {.packet = p, .judged = j, .is_all = is_all};
    struct levels levels = j->levels;
    uint8_t *finished = malloc(p->header->caplen + 1);

    if (!finished)
        exit(complain("%s", strerror(errno)));
    memcpy(finished, p->bytes, p->header->caplen);
    levels_finish(&levels, finished + p->start, p->header->caplen - p->start);
    e.finished = finished;
    explain_start(p);
    for (e.i = 0; e.i < j->levels.count; e.i++)
        if (!only || e.i + 1 == only)
            explain_level(&e);
    explain_trailer(p, j);
    free(finished);
}

static void print_title(const struct capture *c, const struct packet *p, const struct judged *j)
{
    const struct judgement *worst = &j->of[j->worst];
    struct flow f;

    judged_flow(&f, p, j, 0);
    flow_format(&f);
    print("%sPacket %" PRIu64 "%s of %s: %u bytes", tint(TINT_STRONG), p->number, untint(), c->name,
          p->header->len);
    if (p->is_snapped)
        print(", %u of them captured", p->header->caplen);
    print(": %s%s%s\n", tint(verdict_words[worst->overall].tint),
          verdict_words[worst->overall].word, untint());
    flow_print(&f, p);
    print("\n");
    say("An Internet checksum is the complement of a sum of 16-bit words in which what is carried "
        "out at the top is added again at the bottom (RFC 1071).");
}

/* Reads "7", or "7.2" for one level of a frame. */
static bool read_number(const char *text, uint64_t *number, size_t *level)
{
    char *end;
    unsigned long long n;

    *level = 0;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    n = strtoull(text, &end, 10);
    *number = n;
    if (*end == '.' && end[1] >= '1' && end[1] <= '9')
        *level = strtoul(end + 1, &end, 10);
    return *end == '\0' && errno == 0 && n > 0;
}

/* Explains a fragment, and its datagram if this fragment makes it whole. */
static void explain_fragment(const struct packet *p, const struct judged *j, size_t only,
                             bool is_all)
{
    const struct fragment *f = &j->fragment;
    struct judged own, whole = *j;

    judge(&own, p, NULL);
    if (!only)
        explain_frame(p, &own, 0, is_all);
    if (!f->datagram) {
        if (f->placed == PIECE_WAITS)
            say("Other fragments are still to come: the one that makes the datagram whole is "
                "explained with the checksum.");
        else if (f->fault)
            say("The datagram can't be put together: %s.", datagram_fault_words[f->fault]);
        return;
    }
    print("\n%sThe datagram%s, whole with packet", tint(TINT_STRONG), untint());
    for (size_t i = 0; i < f->count; i++)
        print("%s %" PRIu64, i ? "," : f->count > 1 ? "s" : "", f->packets[i]);
    print("\n");
    say("Offsets count from its IP header from here on.");
    whole.of[0].l3 = UNCHECKED; /* each fragment has a header of its own */
    explain_frame(f->datagram, &whole, only, is_all);
}

/* Reads and judges the packets up to that number, because later verdicts depend on them. Returns
 * what capture_next() returns. */
static int find_packet(struct capture *c, uint64_t number, struct packet *p, struct judged *j,
                       struct fragments *fragments)
{
    struct recall recall = {0};
    int got;

    while ((got = capture_next(c, p)) == 1) {
        judge(j, p, fragments);
        recall_judge(&recall, j, p, NULL);
        if (p->number == number)
            break;
    }
    recall_end(&recall);
    return got;
}

static int explain(struct capture *c, uint64_t number, size_t level, const struct options *o,
                   struct fragments *fragments)
{
    struct packet p;
    struct judged j;
    int got = find_packet(c, number, &p, &j, fragments);

    if (got == -1)
        return EXIT_UNUSABLE;
    if (got != 1)
        return complain("%s: no packet %" PRIu64 ": it has %" PRIu64, c->name, number, c->packets);
    if (level > j.levels.count)
        return complain("%s: no packet %" PRIu64 ".%zu: the frame has %zu", c->name, number, level,
                        j.levels.count);
    print_title(c, &p, &j);
    if (j.is_fragment)
        explain_fragment(&p, &j, level, o->all);
    else
        explain_frame(&p, &j, level, o->all);
    return EXIT_FINE;
}

int command_explain(const struct options *o, int count, char **arguments)
{
    struct fragments fragments = {0};
    struct capture capture;
    uint64_t number;
    size_t level;
    int code;

    (void)count;
    if (!read_number(arguments[1], &number, &level))
        return complain("a packet is a number from 1, or one with a level such as 7.2, not '%s'",
                        arguments[1]);
    if (!capture_open(&capture, arguments[0]))
        return EXIT_UNUSABLE;
    code = explain(&capture, number, level, o, &fragments);
    fragments_end(&fragments);
    capture_close(&capture);
    return code;
}
