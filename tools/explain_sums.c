// SPDX-License-Identifier: MIT
#include "command.h"
#include "explain.h"
#include "lesson.h"
#include "print.h"
#include "pseudo.h"
#include "terminal.h"
#include "working.h"

#include <inttypes.h>

static void heading(const char *what, size_t start, size_t end, enum verdict v)
{
    print("\n%s%s, bytes %zu to %zu:%s %s%s%s\n", tint(TINT_STRONG), what, start, end - 1, untint(),
          tint(verdict_words[v].tint), verdict_words[v].word, untint());
}

static void print_result(const char *what, const char *value, const char *text)
{
    print("  %-10s  %s%s%s\n", what, value, *text ? "  " : "", text);
}

/* ---- The IPv4 header ----------------------------------------------------------------------- */

void explain_header(const struct explained *e)
{
    const struct csumoff_report *r = &e->judged->levels.of[e->i].report;
    size_t start = e->at.l3_start, len = (e->packet->bytes[start] & 15) * 4u;
    struct working w = {.frame = e->packet->bytes,
                        .covered = {start, len},
                        .zero = {{start + 10, 2}},
                        .is_all = true};
    enum verdict v = e->judged->of[e->i].l3;
    char value[CHECKSUM_SIZE], place[32];

    heading("IPv4 header", start, start + len, v);
    say("The sum of the header's words, with the checksum's own field (----) counted as 0 "
        "(RFC 791, section 3.1). It covers nothing behind the header.");
    working_heading(&w);
    working_bytes(&w);
    snprintf(value, sizeof value, "0x%04x", ~working_fold(w.sum) & 0xFFFF);
    print_result("complement", value, "");
    snprintf(value, sizeof value, "0x%04x", wire(r->l3_expected));
    print_result("expected", value, "");
    snprintf(value, sizeof value, "0x%04x", wire(r->l3_found));
    snprintf(place, sizeof place, "at byte %zu", start + 10);
    print_result("found", value, place);
    lesson_header(&e->judged->of[e->i]);
}

/* ---- The L4 checksum ----------------------------------------------------------------------- */

/* Prints the bytes that the checksum covers, in the frame as it is or as it will be finished. */
static struct working l4_working(const struct explained *e, const uint8_t *frame)
{
    size_t field = (size_t)e->at.csum_start + e->at.csum_offset;
    bool is_crc = e->at.csum_kind == CSUMOFF_CRC32C;
    struct working w = {.frame = frame,
                        .covered = {e->at.csum_start, e->at.l4_len},
                        .zero = {{field, is_crc ? 4 : 2}},
                        .is_crc = is_crc,
                        .is_all = e->is_all};

    /* OSPF version 2 does not cover its authentication field. */
    if (e->at.l4_proto == 89 && e->at.ip_version == 4)
        w.zero[1] = (struct range){(size_t)e->at.csum_start + 16, 8};
    return w;
}

static bool same_sum(unsigned a, unsigned b)
{
    return a % 0xFFFF == b % 0xFFFF;
}

/* Finds the input of the verdict. UDP along a source route may be right for the end of the route or
 * for the next hop; a tunnel's checksum may be right for the packet inside as it is or once it is
 * finished. */
static void find_sum(const struct explained *e, struct working *w, struct pseudo *pseudo)
{
    const struct csumoff_report *r = &e->judged->levels.of[e->i].report;
    const uint8_t *frames[] = {e->packet->bytes, e->finished};
    unsigned wanted = wire((csumoff_sum16)r->l4_expected) ^ 0xFFFF;

    for (int choice = 0; choice < 4; choice++) {
        *w = l4_working(e, frames[choice / 2]);
        pseudo_read(pseudo, e->packet->bytes, e->packet->header->caplen, &e->at, choice % 2);
        if (w->is_crc ||
            same_sum(working_folded(working_sum(w) + pseudo_sum(pseudo, true)), wanted))
            return;
    }
}

static void print_pseudo(const struct explained *e, const struct pseudo *p, struct working *w)
{
    char text[32];

    working_field(w, "source", p->source, p->address, p->is_home ? "home address" : "");
    working_field(w, "to", p->destination, p->address, p->is_route ? "route's end" : "");
    snprintf(text, sizeof text, "%u, %s", (unsigned)e->at.l4_proto, e->flow.name);
    working_field(w, "protocol", p->protocol + 4 - p->number, p->number, text);
    snprintf(text, sizeof text, "%" PRIu32 " bytes",
             (uint32_t)be16(p->length) << 16 | be16(p->length + 2));
    working_field(w, "length", p->length + 4 - p->number, p->number, text);
}

/* What the seed is for. */
static void explain_offload(struct explained *e, const struct pseudo *p)
{
    unsigned seed = working_folded(pseudo_sum(p, true));
    unsigned gso = working_folded(pseudo_sum(p, false));

    print("  %sOffload:%s csum_start %u, csum_offset %u, seed 0x%04x, without length 0x%04x\n",
          tint(TINT_STRONG), untint(), e->at.csum_start, e->at.csum_offset, seed, gso);
    if (e->is_told)
        return;
    e->is_told = true;
    say("A sender that leaves the checksum to its card (CHECKSUM_PARTIAL) writes the seed into the "
        "field: the pseudo-header's sum, folded, not complemented. The card need not know any "
        "protocol: it sums from csum_start to the end, the seed included, and stores the "
        "complement "
        "at csum_start + csum_offset.");
}

static void explain_covered(const struct explained *e, const struct working *w,
                            const struct pseudo *pseudo)
{
    const char *source = lesson_source(e->at.l4_proto, e->at.ip_version);

    if (w->is_crc)
        say("A CRC32c over all of it, the checksum's own field (----) counted as 0, its lowest "
            "byte "
            "sent first (%s). There is no pseudo-header: the addresses are not covered.",
            source);
    else if (pseudo->address)
        say("The sum of the pseudo-header, which is never sent, and of all words from here on, the "
            "checksum's own field (----) counted as 0%s%s%s.",
            *source ? " (" : "", source, *source ? ")" : "");
    else
        say("The sum of all words from here on, %s (----) counted as 0%s%s%s. There is no "
            "pseudo-header: the addresses are not covered.",
            w->zero[1].len ? "the checksum's own field and the authentication"
                           : "the checksum's own field",
            *source ? " (" : "", source, *source ? ")" : "");
    if (w->frame != e->packet->bytes)
        say("What is inside is summed as it will be once its own checksums are finished: the outer "
            "checksum was made for that (local checksum offload).");
}

static void print_outcome(const struct explained *e, const struct working *w)
{
    const struct level *level = &e->judged->levels.of[e->i];
    unsigned complement;
    char value[CHECKSUM_SIZE], place[32];

    if (w->is_crc) {
        snprintf(value, sizeof value, "0x%08x", (unsigned)w->sum);
        print_result("CRC32c", value, "");
    } else {
        complement = ~working_fold(w->sum) & 0xFFFF;
        snprintf(value, sizeof value, "0x%04x", complement);
        print_result("complement", value,
                     complement == 0 && wire((csumoff_sum16)level->report.l4_expected)
                         ? "sent as 0xffff, for 0 means no checksum"
                         : "");
    }
    print_result("expected", checksum_format(value, level, level->report.l4_expected),
                 w->is_crc ? "the lowest byte first" : "");
    snprintf(place, sizeof place, "at byte %zu", (size_t)e->at.csum_start + e->at.csum_offset);
    print_result("found", checksum_format(value, level, level->report.l4_found), place);
}

void explain_l4(struct explained *e)
{
    bool is_offloaded = e->at.l4_proto == IPPROTO_TCP || e->at.l4_proto == IPPROTO_UDP;
    size_t end = (size_t)e->at.csum_start + e->at.l4_len;
    char what[32];
    struct working w;
    struct pseudo pseudo;

    find_sum(e, &w, &pseudo);
    snprintf(what, sizeof what, "%s checksum", e->flow.name);
    heading(what, e->at.csum_start, end, e->judged->of[e->i].l4);
    explain_covered(e, &w, &pseudo);
    working_heading(&w);
    if (pseudo.address)
        print_pseudo(e, &pseudo, &w);
    working_bytes(&w);
    if (e->at.l4_len % 2 && !w.is_crc)
        say("The odd last byte counts as if a zero byte followed it (RFC 1071).");
    print_outcome(e, &w);
    lesson_verdict(e->judged, e->i);
    if (end < e->at.end)
        say("Bytes %zu to %u are in the datagram, but not covered.", end, e->at.end - 1);
    if (is_offloaded && pseudo.address)
        explain_offload(e, &pseudo);
}
