// SPDX-License-Identifier: MIT
/* The command `csumoff verify`: judges every packet of captures. */
#include "command.h"
#include "filter.h"
#include "interrupt.h"
#include "output.h"
#include "page.h"
#include "print.h"
#include "recall.h"
#include "report.h"
#include "senders.h"
#include "terminal.h"
#include "timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool view_has(const struct view *view, enum verdict v)
{
    return !view->options->only || view->options->only >> v & 1;
}

static void count_sender(struct senders *senders, const struct packet *p, const struct judged *j,
                         const struct flow *outermost)
{
    struct flow inside;

    if (j->worst)
        judged_flow(&inside, p, j, j->worst);
    senders_add(senders, j, j->worst ? &inside : outermost);
}

static void verify_packet(const struct view *view, const struct packet *p, struct recall *recall,
                          struct fragments *fragments, struct tally *t)
{
    struct judged j;
    struct flow flow;

    judge(&j, p, fragments);
    recall_judge(recall, &j, p, t->near);
    judged_flow(&flow, p, &j, 0);
    tally_add(t, &j, &flow);
    if (t->senders)
        count_sender(t->senders, p, &j, &flow);
    if (t->timeline) {
        const struct stamp stamp = stamp_read(p, view->capture->is_nano);

        if (stamp.is_known)
            timeline_add(t->timeline, &stamp, judgement_kind(&j.of[j.worst]));
    }
    if (view->options->summary)
        return;
    if (view->options->json)
        json_print(view, p, &j, &flow);
    else
        rows_print(view, p, &j, &flow);
}

/* Reads an open capture to its end. Returns false after a complaint. */
static bool verify_packets(struct view *view, struct capture *c, struct filter *f, struct tally *t)
{
    const struct options *o = view->options;
    struct recall recall = {0};
    struct fragments fragments = {0};
    struct packet packet;
    int got, matches = 1;

    while ((got = capture_next(c, &packet)) == 1 && !stdout_failed()) {
        if (packet.number == 1) {
            view->first = stamp_read(&packet, c->is_nano);
            if (!o->summary && !o->json)
                rows_heading(view);
        }
        matches = filter_matches(f, c, &packet);
        if (matches < 0)
            break;
        if (matches)
            verify_packet(view, &packet, &recall, &fragments, t);
        else
            t->filtered++;
    }
    recall_end(&recall);
    fragments_end(&fragments);
    tally_add_fragments(t, &fragments.counts);
    return got != -1 && matches >= 0;
}

/* Returns false after a complaint: the capture is damaged or of no use. */
static bool verify_capture(const char *path, const struct options *o, struct filter *f,
                           struct tally *t)
{
    struct capture capture;
    struct view view = {.options = o, .capture = &capture};
    bool is_usable;

    if (!capture_open(&capture, path))
        return interrupted();
    /* Rows that are printed on the same terminal show the progress. */
    capture.is_quiet = !o->summary && isatty(STDOUT_FILENO);
    is_usable = filter_open(f, &capture) && verify_packets(&view, &capture, f, t);
    capture_close(&capture);
    return is_usable;
}

static void verify_captures(const struct options *o, int count, char **captures, struct tally *t)
{
    struct filter filter = {.expression = o->filter};

    for (int i = 0; i < count && !stdout_failed() && !interrupted(); i++) {
        const struct totals before = tally_totals(t);
        bool is_usable;

        if (count > 1 && !o->summary && !o->json)
            print("%s%s%s%s\n", i ? "\n" : "", tint(TINT_STRONG), captures[i], untint());
        is_usable = verify_capture(captures[i], o, &filter, t);
        t->unusable += !is_usable;
        if (t->files)
            t->files[i] = (struct file_totals){captures[i], is_usable, tally_since(t, &before)};
    }
    filter_close(&filter);
}

/* `all`: with what only the page has. */
static void say(const struct options *o, const struct tally *all)
{
    struct tally t = *all;

    t.files = o->files ? t.files : NULL;
    t.senders = o->senders ? t.senders : NULL;
    if (o->json) {
        json_summary(&t);
    } else if (t.packets || t.filtered || !t.unusable) {
        if (!o->summary && t.packets)
            print("\n");
        summary_print(&t);
    }
}

/* Returns false if the page could not be written. */
static bool verify_all(const struct options *o, int count, char **captures, struct tally *t)
{
    const bool is_page_alone = o->html && output_is_stdout(o->html);
    struct options shown = *o;

    if (is_page_alone)
        shown.summary = true;
    verify_captures(&shown, count, captures, t);
    if (t->senders)
        senders_sort(t->senders);
    if (!is_page_alone)
        say(&shown, t);
    return !o->html || page_write(o->html, t);
}

int command_verify(const struct options *o, int count, char **captures)
{
    struct tally tally = {.captures = count};
    struct senders senders;
    struct timeline timeline = {.count = 0};
    bool is_written;

    if (o->html && !page_check(o->html))
        return EXIT_UNUSABLE;
    if (o->files || o->html) {
        tally.files = calloc((size_t)count, sizeof *tally.files);
        if (!tally.files)
            return complain("%s", strerror(errno));
    }
    if (o->senders || o->html) {
        senders_open(&senders);
        tally.senders = &senders;
    }
    if (o->html)
        tally.timeline = &timeline;
    is_written = verify_all(o, count, captures, &tally);
    if (tally.senders)
        senders_close(tally.senders);
    free(tally.files);
    return tally.unusable || !is_written ? EXIT_UNUSABLE
           : tally_totals(&tally).wrong  ? EXIT_WRONG
                                         : EXIT_FINE;
}
