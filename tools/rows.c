// SPDX-License-Identifier: MIT
/* Prints packets as rows of text. */
#include "command.h"
#include "print.h"
#include "report.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    NOTE_SIZE = 160
};

/* A terminal of 80 columns has no room to spare between and in columns. */
struct shape {
    const char *gap, *values_heading;
    int number, bytes, values; /* how wide columns are */
};

static struct shape shape_of(void)
{
    static const struct shape wide = {"  ", "found   expected", 7, 6, 22};
    static const struct shape narrow = {" ", "found expected", 6, 5, 14};

    return print_is_narrow(110) ? narrow : wide;
}

void rows_heading(const struct view *view)
{
    const struct shape s = shape_of();

    print("%s%*s", tint(TINT_FAINT), s.number, "#");
    if (view->options->time)
        print("%s%*s", s.gap, stamp_width(view->options->time, view->capture->is_nano),
              view->options->time == STAMP_UTC ? "UTC" : "seconds");
    print("%s%*s%s%-5s%s%-10s%s%-*s%spacket%s\n", s.gap, s.bytes, "bytes", s.gap, "IPv4", s.gap,
          "checksum", s.gap, s.values, s.values_heading, s.gap, untint());
}

static void print_time(const struct view *view, const struct packet *p, const char *gap)
{
    const bool is_nano = view->capture->is_nano;
    const struct stamp t = stamp_read(p, is_nano);
    char text[STAMP_SIZE];

    print("%s%*s", gap, stamp_width(view->options->time, is_nano),
          stamp_format(text, view->options->time, &t, &view->first));
}

/* Prints the checksums found and expected, or why there are none. */
static void print_values(const struct shape *s, const struct level *level,
                         const struct judgement *j, const struct flow *f)
{
    const struct csumoff_report *r = &level->report;
    char found[REASON_SIZE + 2] = "", expected[CHECKSUM_SIZE];

    if (j->reason) {
        char reason[REASON_SIZE];

        reason_format(reason, j->reason, f);
        snprintf(found, sizeof found, "(%s)", reason);
    } else if (is_l4_judged(level, j)) {
        checksum_format(found, level, r->l4_found);
        if (j->l4 != ABSENT && (j->l4 != GOOD || r->l4_found != r->l4_expected)) {
            print("%s%s  %-*s%s", s->gap, found, s->values - 2 - (int)strlen(found),
                  checksum_format(expected, level, r->l4_expected), s->gap);
            return;
        }
    }
    print("%s%-*s%s", s->gap, s->values, found, s->gap);
}

static void print_note(enum tint how, const char *text)
{
    print_fit((int)strlen(text) + 2);
    print("  %s%s%s", tint(how), text, untint());
}

/* Prints the notes on a packet, behind its addresses. */
static void print_notes(const struct judgement *j, const struct csumoff_report *r)
{
    char text[NOTE_SIZE];

    if (j->l4_near)
        print_note(j->l4_near == NEAR_JOINED ? TINT_NOTE : TINT_BAD, near_words[j->l4_near].word);
    if (j->l3 == BAD) {
        snprintf(text, sizeof text, "IPv4 header: found 0x%04x, expected 0x%04x%s%s",
                 wire(r->l3_found), wire(r->l3_expected), j->l3_near ? ", " : "",
                 j->l3_near ? near_words[j->l3_near].word : "");
        print_note(TINT_BAD, text);
    }
    if (j->l3 == BLANK) {
        snprintf(text, sizeof text, "IPv4 header: 0, left to the network card; expected 0x%04x",
                 wire(r->l3_expected));
        print_note(verdict_words[BLANK].tint, text);
    }
}

/* Writes the numbers of a datagram's packets, of many the first ones and the last. */
static void format_packets(char text[NOTE_SIZE], const struct fragment *f)
{
    enum {
        LISTED = 6
    };
    int used = snprintf(text, NOTE_SIZE, "fragments");

    for (size_t i = 0; i < f->count && used < NOTE_SIZE; i++) {
        const char *gap = i ? ", " : " ";

        if (f->count > LISTED && i == LISTED - 1) {
            i = f->count - 1;
            gap = ", ..., ";
        }
        used += snprintf(text + used, (size_t)(NOTE_SIZE - used), "%s%" PRIu64, gap, f->packets[i]);
    }
    if (f->count > LISTED && used < NOTE_SIZE)
        snprintf(text + used, (size_t)(NOTE_SIZE - used), " (%zu)", f->count);
}

/* Prints where in its datagram a fragment lies, or the numbers of the datagram's packets. */
static void print_fragment(const struct fragment *f)
{
    char text[NOTE_SIZE], more[64] = "";

    if (f->placed == PIECE_REFUSED)
        snprintf(more, sizeof more, ", not put together: %s", datagram_fault_words[f->fault]);
    else if (f->placed == PIECE_AGAIN)
        snprintf(more, sizeof more, ", again");
    else if (f->count > 1)
        snprintf(more, sizeof more, ", begun in %" PRIu64, f->first);
    if (f->placed == PIECE_WHOLE)
        format_packets(text, f);
    else
        snprintf(text, sizeof text, "bytes %" PRIu32 "-%" PRIu32 " of datagram %" PRIu32 "%s",
                 f->offset, f->offset + f->len - (f->len > 0), f->id, more);
    print_note(TINT_FAINT, text);
}

static void print_row(const struct view *view, const struct packet *p, const struct judged *all,
                      size_t i, const struct flow *f)
{
    static const struct packet untagged;
    const struct shape s = shape_of();
    const struct level *level = &all->levels.of[i];
    const struct judgement *j = &all->of[i];
    enum tint l3_tint = is_l3_judged(j->l3) ? verdict_words[j->l3].tint : TINT_FAINT;
    uint32_t bytes = i ? level->layout.end - level->layout.l3_start : p->header->len;

    if (all->levels.count > 1)
        print("%*" PRIu64 ".%zu", s.number - (i < 9 ? 2 : 3), p->number, i + 1);
    else
        print("%*" PRIu64, s.number, p->number);
    if (view->options->time)
        print_time(view, p, s.gap);
    print("%s%*u%s%s%-5s%s%s%s%-10s%s", s.gap, s.bytes, bytes, s.gap, tint(l3_tint),
          is_l3_judged(j->l3) ? verdict_words[j->l3].word : "-", untint(), s.gap,
          tint(verdict_words[j->l4].tint), verdict_words[j->l4].word, untint());
    print_values(&s, level, j, f);
    flow_print(f, i ? &untagged : p);
    print_notes(j, &level->report);
    if (all->is_fragment && i == 0)
        print_fragment(&all->fragment);
    print("\n");
}

void rows_print(const struct view *view, const struct packet *p, const struct judged *j,
                struct flow *f)
{
    if (!view_has(view, j->of[j->worst].overall))
        return;
    for (size_t i = 0; i < j->levels.count; i++) {
        if (!view_has(view, j->of[i].overall))
            continue;
        if (i)
            judged_flow(f, p, j, i);
        flow_format(f);
        print_row(view, p, j, i, f);
    }
}
