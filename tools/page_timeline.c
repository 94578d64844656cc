// SPDX-License-Identifier: MIT
/* The timeline of the HTML page, as bars in SVG and as a table of numbers. */
#include "page.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum {
    TIME_SIZE = 64,
    SLOT = 8,        /* what a bar is wide, with the gap behind it */
    HEIGHT = 208,    /* of the highest bar */
    LEAST = 2,       /* of what is there at all */
    SLOTS_LEAST = 40 /* few bars are no wider than this many are */
};

/* ---- Words for times ----------------------------------------------------------------------- */

/* Writes a time, precisely enough for times that are 2 to the power of `width` units apart. */
static const char *format_time(char text[TIME_SIZE], int64_t units, unsigned width)
{
    int64_t seconds = units >> 20;
    uint32_t micro = (uint32_t)((units & (UNITS_PER_SECOND - 1)) * 1000000 / UNITS_PER_SECOND);
    time_t t = (time_t)seconds;
    char second[TIME_SIZE / 2];
    struct tm tm;

    if (!gmtime_r(&t, &tm) || strftime(second, sizeof second, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        snprintf(second, sizeof second, "%" PRId64, seconds);
    if (width >= 20)
        snprintf(text, TIME_SIZE, "%s", second);
    else if (width >= 10)
        snprintf(text, TIME_SIZE, "%s.%03u", second, (unsigned)(micro / 1000));
    else
        snprintf(text, TIME_SIZE, "%s.%06u", second, (unsigned)micro);
    return text;
}

/* Writes the width of a bar: "15.6 ms", "4 min 16 s". */
static const char *format_width(char text[TIME_SIZE], unsigned width)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    uint64_t left = (uint64_t)1 << (width < 20 ? 0 : width - 20);
    size_t used = 0;

    if (width < 10) {
        snprintf(text, TIME_SIZE, "%.3g\xC2\xA0\xC2\xB5s",
                 (double)((uint64_t)1 << width) / 1.048576);
    } else if (width < 20) {
        snprintf(text, TIME_SIZE, "%.4g\xC2\xA0ms", (double)((uint64_t)1 << width) / 1048.576);
    } else {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (left >= units[i].seconds)
                used += (size_t)snprintf(text + used, TIME_SIZE - used, "%s%" PRIu64 "\xC2\xA0%s",
                                         used ? "\xC2\xA0" : "", left / units[i].seconds,
                                         units[i].name);
            left %= units[i].seconds;
        }
    }
    return text;
}

/* Returns when a bar begins. */
static int64_t bar_start(const struct timeline *t, size_t bar)
{
    return (t->first + (int64_t)bar) * ((int64_t)1 << t->width);
}

/* ---- The picture --------------------------------------------------------------------------- */

static uint64_t highest(const struct timeline *t)
{
    uint64_t most = 1;

    for (size_t i = 0; i < t->count; i++)
        if (timeline_packets(t, i) > most)
            most = timeline_packets(t, i);
    return most;
}

/* Heights are rounded so that each kind that occurs is visible and the heights add up to the
 * bar's. */
static unsigned to_height(uint64_t packets, uint64_t most)
{
    unsigned height = (unsigned)((double)packets / (double)most * HEIGHT);

    return packets && height < LEAST ? LEAST : height;
}

static void bar(struct output *out, const struct timeline *t, size_t i, uint64_t most)
{
    unsigned top = HEIGHT, x = (unsigned)i * SLOT;
    char time[TIME_SIZE];

    if (timeline_packets(t, i) == 0)
        return;
    html_print(out, "<g><title>%s:", format_time(time, bar_start(t, i), t->width));
    for (int k = 0; k < KINDS; k++)
        if (t->bars[i][k])
            html_print(out, " %" PRIu64 " %s", t->bars[i][k], kind_words[k].word);
    html_print(out, "</title>");
    for (int k = 0; k < KINDS; k++) {
        unsigned height = to_height(t->bars[i][k], most);

        if (height == 0)
            continue;
        height = height < top ? height : top;
        top -= height;
        html_print(out, "<rect class=\"f-%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
                   kind_words[k].class, x, top, (unsigned)SLOT - 1, height);
    }
    html_print(out, "</g>");
}

/* A row of marks below the bars shows which bars have a wrong packet, even one in a million. */
static void marks(struct output *out, const struct timeline *t, unsigned slots)
{
    html_print(out,
               "<svg class=\"marks\" viewBox=\"0 0 %u 4\" preserveAspectRatio=\"none\" "
               "aria-hidden=\"true\">",
               slots * SLOT);
    for (size_t i = 0; i < t->count; i++)
        if (t->bars[i][KIND_WRONG])
            html_print(out, "<rect class=\"c-wrong\" x=\"%u\" y=\"1\" width=\"%u\" height=\"3\"/>",
                       (unsigned)i * SLOT, (unsigned)SLOT - 1);
    html_print(out, "</svg>");
}

static void keys(struct output *out)
{
    html_print(out, "<ul class=\"keys\">");
    for (int k = 0; k < KINDS; k++)
        html_print(out,
                   "<li><svg class=\"key\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">"
                   "<rect class=\"f-%s\" width=\"14\" height=\"14\"/></svg>%s</li>",
                   kind_words[k].class, kind_words[k].word);
    html_print(out, "</ul>");
}

/* ---- The numbers --------------------------------------------------------------------------- */

static void numbers(struct output *out, const struct timeline *t)
{
    char time[TIME_SIZE];

    html_print(out, "<details><summary>The same in numbers</summary>");
    page_table(out, "numbers", NULL);
    html_print(out, "<thead><tr><th scope=\"col\">from (UTC)</th>");
    for (int k = 0; k < KINDS; k++)
        html_print(out, "<th scope=\"col\" class=\"n\">%s</th>", kind_words[k].word);
    html_print(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < t->count; i++) {
        if (timeline_packets(t, i) == 0)
            continue;
        html_print(out, "<tr><th scope=\"row\" class=\"n\">%s</th>",
                   format_time(time, bar_start(t, i), t->width));
        for (int k = 0; k < KINDS; k++)
            html_print(out, "<td class=\"n%s\">%" PRIu64 "</td>",
                       t->bars[i][k] == 0 ? " none"
                       : k == KIND_WRONG  ? " bad"
                                          : "",
                       t->bars[i][k]);
        html_print(out, "</tr>");
    }
    html_print(out, "</tbody>");
    page_table_end(out);
    html_print(out, "</details>");
}

void page_timeline(struct output *out, const struct timeline *t)
{
    unsigned slots = t->count < SLOTS_LEAST ? SLOTS_LEAST : (unsigned)t->count;
    uint64_t most = highest(t);
    char width[TIME_SIZE], start[TIME_SIZE], last[TIME_SIZE];

    html_print(out, "<section><h2 id=\"timeline\">When</h2><figure>");
    keys(out);
    html_print(out,
               "<svg class=\"time\" viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\" "
               "role=\"img\" aria-labelledby=\"timeline\" aria-describedby=\"scale\">",
               slots * SLOT, (unsigned)HEIGHT);
    for (size_t i = 0; i < t->count; i++)
        bar(out, t, i, most);
    html_print(out, "</svg>");
    marks(out, t, slots);
    html_print(out, "<p class=\"ends\"><span>%s UTC</span><span>%s UTC</span></p>",
               format_time(start, t->start, t->width), format_time(last, t->last, t->width));
    html_print(out,
               "<figcaption class=\"soft\" id=\"scale\">A bar stands for %s, the highest one for "
               "%" PRIu64 " packet%s. Marks below the bars show where packets are wrong, however "
               "few.</figcaption></figure>",
               format_width(width, t->width), most, most == 1 ? "" : "s");
    numbers(out, t);
    html_print(out, "</section>");
}
