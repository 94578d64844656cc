// SPDX-License-Identifier: MIT
/* csumoff verify */
#include "capture.h"
#include "command.h"
#include "flow.h"
#include "levels.h"
#include "print.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* The library's verdicts, as they are listed, and two for packets it can't read. */
enum verdict {
    GOOD,
    BAD,
    SEEDED,
    SEEDED_GSO,
    BLANK, /* of an IPv4 header */
    ABSENT,
    UNCHECKED,
    TRUNCATED,
    MALFORMED,
    VERDICTS
};

static const enum verdict by_library[] = {
    [CSUMOFF_UNCHECKED] = UNCHECKED,
    [CSUMOFF_GOOD] = GOOD,
    [CSUMOFF_BAD] = BAD,
    [CSUMOFF_SEEDED] = SEEDED,
    [CSUMOFF_SEEDED_GSO] = SEEDED_GSO,
    [CSUMOFF_ABSENT] = ABSENT,
    [CSUMOFF_BLANK] = BLANK,
};

static const struct {
    const char *word, *meaning;
    enum tint tint;
} verdicts[VERDICTS] = {
    [GOOD] = {"GOOD", "", TINT_GOOD},
    [BAD] = {"BAD", "wrong: a receiver drops these", TINT_BAD},
    [SEEDED] = {"SEEDED", "fine: captured on the sender, whose network card finishes them",
                TINT_NOTE},
    [SEEDED_GSO] = {"SEEDED-GSO", "fine: the same, and the card fills in the length too",
                    TINT_NOTE},
    [BLANK] = {"BLANK", "fine: the network card makes the IPv4 header's checksum", TINT_NOTE},
    [ABSENT] = {"ABSENT", "fine: UDP over IPv4, or a tunnel, may go without", TINT_NOTE},
    [UNCHECKED] = {"UNCHECKED", "", TINT_FAINT},
    [TRUNCATED] = {"TRUNCATED", "shorter than their headers say", TINT_STRONG},
    [MALFORMED] = {"MALFORMED", "headers that make no sense", TINT_STRONG},
};

/* Why a packet is UNCHECKED. */
enum reason {
    NO_REASON,
    FRAGMENT,
    PROTOCOL,
    ROUTE,
    NOT_IP,
    SNAPPED,
    REASONS
};

static const char *const reasons[REASONS] = {
    [NO_REASON] = "",          [FRAGMENT] = "fragment", [PROTOCOL] = "other protocol",
    [ROUTE] = "unknown route", [NOT_IP] = "not IP",     [SNAPPED] = "snapped",
};

static const char *const protocols[PROTOCOLS] = {
    [PROTOCOL_TCP] = "TCP",       [PROTOCOL_UDP] = "UDP",   [PROTOCOL_ICMP] = "ICMP",
    [PROTOCOL_ICMPV6] = "ICMPv6", [PROTOCOL_SCTP] = "SCTP", [PROTOCOL_OTHER] = "other",
    [PROTOCOL_NOT_IP] = "not IP",
};

/* What is said of one packet of a frame. */
struct judgement {
    enum verdict l3, l4, overall;
    enum reason reason;
};

struct judgements {
    struct levels levels;
    struct judgement of[LEVELS_MOST];
    size_t worst; /* which one gives the frame's verdict */
};

struct tally {
    int captures, unusable;
    uint64_t packets;
    uint64_t counts[VERDICTS][PROTOCOLS];
    uint64_t reasons[REASONS];
    uint64_t bad_headers, blank_headers; /* packets that have one */
};

/* Why a packet's L4 checksum is UNCHECKED. */
static enum reason reason_of(const struct level *level)
{
    switch (level->status) {
    case CSUMOFF_EFRAG:
        return FRAGMENT;
    case CSUMOFF_ENOTSUP:
        return ROUTE;
    case CSUMOFF_EHEAD:
        return SNAPPED;
    case CSUMOFF_EPROTO:
        return level->layout.ip_version ? PROTOCOL : NOT_IP;
    default:
        return NO_REASON;
    }
}

static struct judgement judge_level(const struct level *level)
{
    struct judgement j = {.l3 = by_library[level->report.l3],
                          .l4 = by_library[level->report.l4],
                          .reason = reason_of(level)};

    if (level->status == CSUMOFF_ETRUNC)
        j.l4 = TRUNCATED;
    else if (level->status == CSUMOFF_EHDR || level->status == CSUMOFF_ERANGE)
        j.l4 = MALFORMED;
    else if (level->status == CSUMOFF_OK && level->layout.csum_kind == CSUMOFF_NO_CHECKSUM)
        j.l4 = ABSENT; /* a tunnel */
    j.overall = j.l3 == BAD || (j.l3 == BLANK && (j.l4 == GOOD || j.l4 == ABSENT)) ? j.l3 : j.l4;
    return j;
}

static void judge(struct judgements *j, const struct packet *p)
{
    /* The higher, the worse. */
    static const int rank[VERDICTS] = {
        [ABSENT] = 0,    [GOOD] = 1,      [BLANK] = 2,     [SEEDED] = 3, [SEEDED_GSO] = 4,
        [UNCHECKED] = 5, [TRUNCATED] = 6, [MALFORMED] = 7, [BAD] = 8,
    };

    levels_read_packet(&j->levels, p);
    levels_foresee(&j->levels, p->bytes + p->start, p->header->caplen - p->start);
    j->worst = 0;
    for (size_t i = 0; i < j->levels.count; i++) {
        j->of[i] = judge_level(&j->levels.of[i]);
        /* The innermost of several seeds is what Linux's csum_start points to. */
        if (rank[j->of[i].overall] >= rank[j->of[j->worst].overall])
            j->worst = i;
    }
}

static bool has_l3(const struct judgements *j, enum verdict l3)
{
    for (size_t i = 0; i < j->levels.count; i++)
        if (j->of[i].l3 == l3)
            return true;
    return false;
}

static void reason_text(char *text, size_t size, enum reason reason, const struct flow *f)
{
    if (reason == PROTOCOL)
        snprintf(text, size, "protocol %u", f->l4_proto);
    else
        snprintf(text, size, "%s", reasons[reason]);
}

/* A checksum as it reads on the wire, 16 bits or a CRC's 32. */
static const char *sum_text(char text[11], const struct level *level, uint32_t sum)
{
    csumoff_sum16 sum16 = (csumoff_sum16)sum;
    bool is_crc = level->layout.csum_kind == CSUMOFF_CRC32C;
    size_t size = is_crc ? sizeof sum : sizeof sum16;
    uint8_t bytes[sizeof sum];
    char *at = text;

    memcpy(bytes, is_crc ? (const void *)&sum : &sum16, size);
    *at++ = '0';
    *at++ = 'x';
    for (size_t i = 0; i < size; i++) {
        *at++ = "0123456789abcdef"[bytes[i] >> 4];
        *at++ = "0123456789abcdef"[bytes[i] & 15];
    }
    *at = '\0';
    return text;
}

/* Whether there is an L4 checksum to be shown. */
static bool is_l4_judged(const struct level *level, const struct judgement *j)
{
    return j->l4 <= ABSENT && level->layout.csum_kind != CSUMOFF_NO_CHECKSUM;
}

static bool is_l3_judged(enum verdict l3)
{
    return l3 == GOOD || l3 == BAD || l3 == BLANK;
}

static void print_heading(void)
{
    print("%s%7s  %6s  %-5s  %-10s  %-6s  %-14s  %s%s\n", tint(TINT_FAINT), "#", "bytes", "IPv4",
          "checksum", "found", "expected", "packet", untint());
}

/* Reads who speaks to whom in packet i of the frame. */
static void read_flow(struct flow *f, const struct packet *p, const struct judgements *j, size_t i)
{
    const struct csumoff_layout *at = &j->levels.of[i].layout;
    struct packet inside = *p;

    if (at->ip_version) {
        inside.l3 = p->start + at->l3_start;
        inside.ethertype = at->ip_version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    }
    flow_read(f, &inside);
}

static void print_row(const struct packet *p, const struct judgements *all, size_t i,
                      const struct flow *f)
{
    static const struct packet untagged;
    const struct level *level = &all->levels.of[i];
    const struct csumoff_report *r = &level->report;
    const struct judgement *j = &all->of[i];
    enum tint l3_tint = is_l3_judged(j->l3) ? verdicts[j->l3].tint : TINT_FAINT;
    uint32_t bytes = i ? level->layout.end - level->layout.l3_start : p->header->len;
    char found[11], expected[11];

    if (all->levels.count > 1)
        print("%*" PRIu64 ".%zu", i < 9 ? 5 : 4, p->number, i + 1);
    else
        print("%7" PRIu64, p->number);
    print("  %6u  %s%-5s%s  %s%-10s%s", bytes, tint(l3_tint),
          is_l3_judged(j->l3) ? verdicts[j->l3].word : "-", untint(), tint(verdicts[j->l4].tint),
          verdicts[j->l4].word, untint());
    if (j->reason) {
        char text[24], values[sizeof text + 2];

        reason_text(text, sizeof text, j->reason, f);
        snprintf(values, sizeof values, "(%s)", text);
        print("  %-22s  ", values);
    } else if (!is_l4_judged(level, j)) {
        print("  %-22s  ", "");
    } else if (j->l4 == ABSENT || (j->l4 == GOOD && r->l4_found == r->l4_expected)) {
        print("  %-22s  ", sum_text(found, level, r->l4_found));
    } else {
        sum_text(found, level, r->l4_found);
        print("  %s  %-*s  ", found, (int)(20 - strlen(found)),
              sum_text(expected, level, r->l4_expected));
    }
    flow_print(f, i ? &untagged : p);
    if (j->l3 == BAD)
        print("  %sIPv4 header: found 0x%04x, expected 0x%04x%s", tint(TINT_BAD), wire(r->l3_found),
              wire(r->l3_expected), untint());
    if (j->l3 == BLANK)
        print("  %sIPv4 header: 0, left to the network card; expected 0x%04x%s",
              tint(verdicts[BLANK].tint), wire(r->l3_expected), untint());
    print("\n");
}

/* Damaged files hold fractions past a second, and libpcap gives them a sign. */
static void print_json_time(const struct pcap_pkthdr *header, bool is_nano)
{
    uint32_t unit = is_nano ? 1000000000 : 1000000, fraction = (uint32_t)header->ts.tv_usec;

    print(",\"time\":%lld.%0*" PRIu32, (long long)header->ts.tv_sec + fraction / unit,
          is_nano ? 9 : 6, fraction % unit);
}

static void print_json_flow(const struct flow *f)
{
    print("\"protocol\":\"%s\"", f->name);
    if (f->ip_version)
        print(",\"ip\":%u,\"ip_protocol\":%u,\"from\":\"%s\",\"to\":\"%s\"", f->ip_version,
              f->l4_proto, f->from, f->to);
    if (f->has_ports)
        print(",\"from_port\":%u,\"to_port\":%u", f->from_port, f->to_port);
}

static void print_json_verdict(const struct packet *p, const struct level *level,
                               const struct judgement *j, const struct flow *f)
{
    const struct csumoff_report *r = &level->report;
    char found[11], expected[11];

    print(",\"verdict\":\"%s\",\"l3\":\"%s\",\"l4\":\"%s\"", verdicts[j->overall].word,
          verdicts[j->l3].word, verdicts[j->l4].word);
    if (j->reason) {
        char text[24];

        reason_text(text, sizeof text, j->reason, f);
        print(",\"reason\":\"%s\"", text);
    }
    if (is_l3_judged(j->l3))
        print(",\"l3_found\":\"0x%04x\",\"l3_expected\":\"0x%04x\"", wire(r->l3_found),
              wire(r->l3_expected));
    if (is_l4_judged(level, j))
        print(",\"l4_found\":\"%s\",\"l4_expected\":\"%s\",\"csum_start\":%zu,"
              "\"csum_offset\":%u",
              sum_text(found, level, r->l4_found), sum_text(expected, level, r->l4_expected),
              p->start + level->layout.csum_start, (unsigned)level->layout.csum_offset);
}

/* `f`: of the outermost packet. The worst packet's verdict is the frame's; a list of all of them
 * comes last, where there are several. */
static void print_json(const struct capture *c, const struct packet *p, const struct judgements *j,
                       const struct flow *f)
{
    print("{\"capture\":");
    json_string(c->name);
    print(",\"packet\":%" PRIu64, p->number);
    print_json_time(p->header, c->is_nano);
    print(",\"length\":%u,\"captured\":%u", p->header->len, p->header->caplen);
    for (unsigned i = 0; i < p->vlans; i++)
        print("%s%u%s", i ? "," : ",\"vlan\":[", (unsigned)p->vlan[i], i + 1 < p->vlans ? "" : "]");
    print(",");
    print_json_flow(f);
    print_json_verdict(p, &j->levels.of[j->worst], &j->of[j->worst], f);
    for (size_t i = 0; i < j->levels.count && j->levels.count > 1; i++) {
        struct flow inside;

        read_flow(&inside, p, j, i);
        flow_format(&inside);
        print("%s", i ? ",{" : ",\"levels\":[{");
        print_json_flow(&inside);
        print_json_verdict(p, &j->levels.of[i], &j->of[i], &inside);
        print("%s", i + 1 < j->levels.count ? "}" : "}]");
    }
    print("}\n");
}

static uint64_t count_verdict(const struct tally *t, enum verdict v)
{
    uint64_t n = 0;

    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        n += t->counts[v][protocol];
    return n;
}

static uint64_t count_protocol(const struct tally *t, int protocol)
{
    uint64_t n = 0;

    for (int v = 0; v < VERDICTS; v++)
        n += t->counts[v][protocol];
    return n;
}

struct totals {
    uint64_t wrong, right, unchecked;
};

static struct totals total(const struct tally *t)
{
    struct totals n = {.wrong = count_verdict(t, BAD)};

    for (int v = UNCHECKED; v < VERDICTS; v++)
        n.unchecked += count_verdict(t, (enum verdict)v);
    n.right = t->packets - n.wrong - n.unchecked;
    return n;
}

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

static void print_table(const struct tally *t)
{
    print("%s%-10s", tint(TINT_FAINT), "");
    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        if (count_protocol(t, protocol))
            print("  %7s", protocols[protocol]);
    print("  %7s%s\n", "all", untint());
    for (int v = 0; v < VERDICTS; v++) {
        uint64_t all = count_verdict(t, (enum verdict)v);

        if (all == 0)
            continue;
        print("%s%-10s%s", tint(verdicts[v].tint), verdicts[v].word, untint());
        for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
            if (!count_protocol(t, protocol))
                continue;
            if (t->counts[v][protocol])
                print("  %7" PRIu64, t->counts[v][protocol]);
            else
                print("  %7s", ".");
        }
        print("  %7" PRIu64, all);
        if (*verdicts[v].meaning)
            print("  %s", verdicts[v].meaning);
        if (v == BAD && t->bad_headers)
            print(" (IPv4 header: %" PRIu64 ")", t->bad_headers);
        if (v == UNCHECKED)
            print_counts(t->reasons, reasons, REASONS);
        print("\n");
    }
}

static void print_summary(const struct tally *t)
{
    struct totals n = total(t);

    if (t->packets == 0) {
        print("0 packets: there is nothing to check.\n");
        return;
    }
    print_table(t);
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

static void print_json_summary(const struct tally *t)
{
    struct totals n = total(t);

    print("{\"summary\":{\"captures\":%d,\"unusable\":%d,\"packets\":%" PRIu64 ",\"wrong\":%" PRIu64
          ",\"right\":%" PRIu64 ",\"unchecked\":%" PRIu64 ",\"verdicts\":{",
          t->captures, t->unusable, t->packets, n.wrong, n.right, n.unchecked);
    for (int v = 0; v < VERDICTS; v++)
        print("%s\"%s\":%" PRIu64, v ? "," : "", verdicts[v].word,
              count_verdict(t, (enum verdict)v));
    print("},\"reasons\":{");
    for (int r = NO_REASON + 1; r < REASONS; r++)
        print("%s\"%s\":%" PRIu64, r > NO_REASON + 1 ? "," : "", reasons[r], t->reasons[r]);
    print("},\"protocols\":{");
    for (int protocol = 0; protocol < PROTOCOLS; protocol++) {
        print("%s\"%s\":{", protocol ? "," : "", protocols[protocol]);
        for (int v = 0; v < VERDICTS; v++)
            print("%s\"%s\":%" PRIu64, v ? "," : "", verdicts[v].word, t->counts[v][protocol]);
        print("}");
    }
    print("}}}\n");
}

/* `f`: of the outermost packet. */
static void count(struct tally *t, const struct judgements *j, const struct flow *f)
{
    const struct judgement *worst = &j->of[j->worst];

    t->packets++;
    t->counts[worst->overall][f->protocol]++;
    t->bad_headers += has_l3(j, BAD);
    t->blank_headers += has_l3(j, BLANK);
    t->reasons[worst->reason] += worst->overall == UNCHECKED;
}

/* False: the capture is damaged or of no use, and a complaint was made. */
static bool verify_capture(const char *path, const struct options *o, bool has_rows,
                           struct tally *t)
{
    struct judgements j;
    struct capture capture;
    struct packet packet;
    struct flow flow;
    int got;

    if (!capture_open(&capture, path))
        return false;
    /* Rows on the same terminal show the progress by themselves. */
    capture.is_quiet = has_rows && isatty(STDOUT_FILENO);
    while ((got = capture_next(&capture, &packet)) == 1 && !stdout_failed()) {
        if (has_rows && !o->json && packet.number == 1)
            print_heading();
        judge(&j, &packet);
        read_flow(&flow, &packet, &j, 0);
        count(t, &j, &flow);
        if (has_rows && o->json) {
            flow_format(&flow);
            print_json(&capture, &packet, &j, &flow);
        }
        for (size_t i = 0; i < j.levels.count && has_rows && !o->json; i++) {
            if (i)
                read_flow(&flow, &packet, &j, i);
            flow_format(&flow);
            print_row(&packet, &j, i, &flow);
        }
    }
    capture_close(&capture);
    return got != -1;
}

int command_verify(const struct options *o, int count, char **captures)
{
    struct tally tally = {.captures = count};
    bool has_rows = !o->summary;

    for (int i = 0; i < count && !stdout_failed(); i++) {
        if (count > 1 && has_rows && !o->json)
            print("%s%s%s%s\n", i ? "\n" : "", tint(TINT_STRONG), captures[i], untint());
        tally.unusable += !verify_capture(captures[i], o, has_rows, &tally);
    }
    if (o->json) {
        print_json_summary(&tally);
    } else if (tally.packets || !tally.unusable) {
        if (has_rows && tally.packets)
            print("\n");
        print_summary(&tally);
    }
    return tally.unusable ? EXIT_UNUSABLE : count_verdict(&tally, BAD) ? EXIT_WRONG : EXIT_FINE;
}
