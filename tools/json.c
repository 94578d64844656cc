// SPDX-License-Identifier: MIT
/* Prints frames and their totals as lines of JSON. */
#include "command.h"
#include "json_string.h"
#include "print.h"
#include "report.h"
#include "senders.h"

#include <inttypes.h>

static void print_time(const struct packet *p, bool is_nano)
{
    const struct stamp t = stamp_read(p, is_nano);
    /* In a time before 1970 the fraction counts backwards. */
    const bool is_before = t.seconds < 0 && t.nanoseconds;
    const int64_t seconds = t.seconds + is_before;
    const uint32_t fraction = is_before ? STAMP_SECOND - t.nanoseconds : t.nanoseconds;

    if (!t.is_known)
        return;
    print(",\"time\":%s%lld.", is_before && seconds == 0 ? "-" : "", (long long)seconds);
    if (is_nano)
        print("%09u", fraction);
    else
        print("%06u", fraction / 1000);
}

static void print_flow(const struct flow *f)
{
    print("\"protocol\":\"%s\"", f->name);
    if (f->ip_version)
        print(",\"ip\":%u,\"ip_protocol\":%u,\"from\":\"%s\",\"to\":\"%s\"", f->ip_version,
              f->l4_proto, f->from, f->to);
    if (f->has_ports)
        print(",\"from_port\":%u,\"to_port\":%u", f->from_port, f->to_port);
}

/* `near` and `advice` belong to the checksum that judgement_near() chooses. */
static void print_near(const struct judgement *j)
{
    const struct near_words *words = &near_words[judgement_near(j)];

    if (judgement_near(j))
        print(",\"near\":\"%s\",\"advice\":\"%s\"", words->word, words->advice);
    if (j->l3_near)
        print(",\"l3_near\":\"%s\"", near_words[j->l3_near].word);
    if (j->l4_near)
        print(",\"l4_near\":\"%s\"", near_words[j->l4_near].word);
}

static void print_fragment(const struct fragment *f)
{
    static const char *const words[] = {[PIECE_WAITS] = "waiting",
                                        [PIECE_WHOLE] = "whole",
                                        [PIECE_AGAIN] = "again",
                                        [PIECE_REFUSED] = "refused",
                                        [PIECE_STRANGER] = ""};

    print(",\"fragment\":{\"id\":%u,\"offset\":%u,\"length\":%u,\"last\":%s,\"state\":\"%s\"",
          f->id, f->offset, f->len, f->is_last ? "true" : "false", words[f->placed]);
    if (f->placed == PIECE_REFUSED)
        print(",\"why\":\"%s\"", datagram_fault_words[f->fault]);
    else
        print(",\"first\":%" PRIu64, f->first);
    for (size_t i = 0; i < f->count && f->placed == PIECE_WHOLE; i++)
        print("%s%" PRIu64 "%s", i ? "," : ",\"packets\":[", f->packets[i],
              i + 1 < f->count ? "" : "]");
    print("}");
}

/* `p` is the packet that has the checksum, or NULL if no packet of the capture has it. */
static void print_verdict(const struct packet *p, const struct level *level,
                          const struct judgement *j, const struct flow *f)
{
    const struct csumoff_report *r = &level->report;
    char found[CHECKSUM_SIZE], expected[CHECKSUM_SIZE];

    print(",\"verdict\":\"%s\",\"l3\":\"%s\",\"l4\":\"%s\"", verdict_words[j->overall].word,
          verdict_words[j->l3].word, verdict_words[j->l4].word);
    if (j->reason) {
        char text[REASON_SIZE];

        reason_format(text, j->reason, f);
        print(",\"reason\":\"%s\"", text);
    }
    if (is_l3_judged(j->l3))
        print(",\"l3_found\":\"0x%04x\",\"l3_expected\":\"0x%04x\"", wire(r->l3_found),
              wire(r->l3_expected));
    if (is_l4_judged(level, j))
        print(",\"l4_found\":\"%s\",\"l4_expected\":\"%s\"",
              checksum_format(found, level, r->l4_found),
              checksum_format(expected, level, r->l4_expected));
    if (is_l4_judged(level, j) && p)
        print(",\"csum_start\":%zu,\"csum_offset\":%u", p->start + level->layout.csum_start,
              (unsigned)level->layout.csum_offset);
    print_near(j);
}

void json_print(const struct view *view, const struct packet *p, const struct judged *j,
                struct flow *f)
{
    const struct packet *place = judged_packet(j, p) == p ? p : NULL;
    const struct capture *c = view->capture;

    if (!view_has(view, j->of[j->worst].overall))
        return;
    flow_format(f);
    print("{\"capture\":");
    json_string(c->name);
    print(",\"packet\":%" PRIu64, p->number);
    print_time(p, c->is_nano);
    print(",\"length\":%u,\"captured\":%u", p->header->len, p->header->caplen);
    for (unsigned i = 0; i < p->vlans; i++)
        print("%s%u%s", i ? "," : ",\"vlan\":[", (unsigned)p->vlan[i], i + 1 < p->vlans ? "" : "]");
    print(",");
    print_flow(f);
    print_verdict(place, &j->levels.of[j->worst], &j->of[j->worst], f);
    for (size_t i = 0; i < j->levels.count && j->levels.count > 1; i++) {
        struct flow inside;

        judged_flow(&inside, p, j, i);
        flow_format(&inside);
        print("%s", i ? ",{" : ",\"levels\":[{");
        print_flow(&inside);
        print_verdict(place, &j->levels.of[i], &j->of[i], &inside);
        print("%s", i + 1 < j->levels.count ? "}" : "}]");
    }
    if (j->is_fragment)
        print_fragment(&j->fragment);
    print("}\n");
}

static void print_files(const struct tally *t)
{
    print("\"files\":[");
    for (int i = 0; i < t->captures; i++) {
        const struct file_totals *f = &t->files[i];

        if (!f->name)
            break; /* the rest was not read any more */
        print("%s{\"capture\":", i ? "," : "");
        json_string(f->name);
        print(",\"usable\":%s,\"packets\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"right\":%" PRIu64
              ",\"unchecked\":%" PRIu64 "}",
              f->is_usable ? "true" : "false", f->n.packets, f->n.wrong, f->n.right,
              f->n.unchecked);
    }
    print("]");
}

void json_summary(const struct tally *t)
{
    const struct totals n = tally_totals(t);

    print("{\"summary\":{\"captures\":%d,\"unusable\":%d,\"packets\":%" PRIu64 ",\"wrong\":%" PRIu64
          ",\"right\":%" PRIu64 ",\"unchecked\":%" PRIu64 ",\"filtered\":%" PRIu64
          ",\"verdicts\":{",
          t->captures, t->unusable, t->packets, n.wrong, n.right, n.unchecked, t->filtered);
    for (int v = 0; v < VERDICTS; v++)
        print("%s\"%s\":%" PRIu64, v ? "," : "", verdict_words[v].word,
              tally_verdict(t, (enum verdict)v));
    print("},\"reasons\":{");
    for (int r = NO_REASON + 1; r < REASONS; r++)
        print("%s\"%s\":%" PRIu64, r > NO_REASON + 1 ? "," : "", reason_words[r], t->reasons[r]);
    print("},\"near\":{");
    for (int near = NEAR_NONE; near < NEARS; near++)
        print("%s\"%s\":%" PRIu64, near ? "," : "", near_words[near].word, t->near[near]);
    print("},\"fragments\":{\"datagrams\":%" PRIu64 ",\"fragments\":%" PRIu64,
          t->fragments.datagrams, t->fragments.fragments);
    for (int i = NO_FAULT + 1; i < DATAGRAM_FAULTS; i++)
        print(",\"%s\":%" PRIu64, datagram_fault_words[i], t->fragments.faults[i]);
    print("},\"protocols\":{");
    for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
        print("%s\"%s\":{", protocol ? "," : "", protocol_words[protocol]);
        for (int v = 0; v < VERDICTS; v++)
            print("%s\"%s\":%" PRIu64, v ? "," : "", verdict_words[v].word, t->counts[v][protocol]);
        print("}");
    }
    print("}");
    if (t->files) {
        print(",");
        print_files(t);
    }
    if (t->senders) {
        print(",");
        senders_json(t->senders);
    }
    print("}}\n");
}
