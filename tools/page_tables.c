// SPDX-License-Identifier: MIT
/* The tables of the HTML page: verdicts, why packets are wrong, senders, captures. */
#include "address.h"
#include "page.h"
#include "senders.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SENDERS_SHOWN = 20
};

const char *page_share(char text[SHARE_SIZE], uint64_t part, uint64_t whole)
{
    double percent = whole ? 100 * (double)part / (double)whole : 0;

    if (part && percent < 0.1)
        snprintf(text, SHARE_SIZE, "under 0.1 %%");
    else if (part < whole && percent > 99.9)
        snprintf(text, SHARE_SIZE, "over 99.9 %%");
    else
        snprintf(text, SHARE_SIZE, "%.1f %%", percent);
    return text;
}

void page_table(struct output *out, const char *id, const char *heading)
{
    if (heading)
        html_print(out, "<section><h2 id=\"%s\">%s</h2>", id, heading);
    html_print(out,
               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>",
               heading ? heading : id);
}

void page_table_end(struct output *out)
{
    html_print(out, "</table></div>");
}

static void count_cell(struct output *out, uint64_t n, bool is_bad)
{
    html_print(out, "<td class=\"n%s\">%" PRIu64 "</td>",
               n == 0   ? " none"
               : is_bad ? " bad"
                        : "",
               n);
}

/* ---- Verdicts by protocol ------------------------------------------------------------------ */

static void verdict_meaning(struct output *out, const struct tally *t, enum verdict v)
{
    const char *comma = "<small>";

    if (v == UNCHECKED) {
        for (int r = NO_REASON + 1; r < REASONS; r++) {
            if (t->reasons[r] == 0)
                continue;
            html_add(out, comma);
            html_print(out, "%" PRIu64 " %s", t->reasons[r], reason_words[r]);
            comma = ", ";
        }
        html_add(out, *comma == '<' ? "" : "</small>");
        return;
    }
    if (t->unfinished[v])
        html_print(out, "<small>%" PRIu64 " of them arrived so, which is wrong</small>",
                   t->unfinished[v]);
    if (t->unfinished[v] < tally_verdict(t, v) && *verdict_words[v].meaning)
        html_print(out, "<small>%s</small>", verdict_words[v].meaning);
    if (v == GOOD)
        html_print(out, "<small>right</small>");
}

static void verdict_row(struct output *out, const struct tally *t, enum verdict v)
{
    html_print(out, "<tr><th scope=\"row\">%s", verdict_words[v].word);
    verdict_meaning(out, t, v);
    html_print(out, "</th>");
    count_cell(out, tally_verdict(t, v), v == BAD);
    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        if (tally_protocol(t, protocol))
            count_cell(out, t->counts[v][protocol], v == BAD);
    html_print(out, "</tr>");
}

void page_verdicts(struct output *out, const struct tally *t)
{
    page_table(out, "verdicts", "Verdicts");
    html_print(out, "<thead><tr><th scope=\"col\">verdict</th><th scope=\"col\" class=\"n\">all"
                    "</th>");
    for (int protocol = 0; protocol < PROTOCOLS; protocol++)
        if (tally_protocol(t, protocol))
            html_print(out, "<th scope=\"col\" class=\"n\">%s</th>", protocol_words[protocol]);
    html_print(out, "</tr></thead><tbody>");
    for (int v = 0; v < VERDICTS; v++)
        if (tally_verdict(t, (enum verdict)v))
            verdict_row(out, t, (enum verdict)v);
    html_print(out, "</tbody>");
    page_table_end(out);
    if (t->bad_headers)
        html_print(out, "<p class=\"soft\">Of %" PRIu64 " packet%s the IPv4 header is wrong.</p>",
                   t->bad_headers, t->bad_headers == 1 ? "" : "s");
    if (t->near[NEAR_JOINED])
        html_print(out, "<p class=\"soft\">%" PRIu64 " %s. %s</p>", t->near[NEAR_JOINED],
                   near_words[NEAR_JOINED].word, near_words[NEAR_JOINED].advice);
    if (t->blank_headers)
        html_print(out,
                   "<p class=\"soft\">%" PRIu64 " packet%s an IPv4 header checksum of 0, left to "
                   "the network card.</p>",
                   t->blank_headers, t->blank_headers == 1 ? " has" : "s have");
    html_print(out, "</section>");
}

/* ---- Near misses --------------------------------------------------------------------------- */

void page_near(struct output *out, const struct tally *t)
{
    page_table(out, "why", "Why packets are wrong");
    html_print(out, "<thead><tr><th scope=\"col\" class=\"n\">packets</th><th scope=\"col\">mistake"
                    "</th></tr></thead><tbody>");
    for (int near = NEAR_NONE + 1; near <= NEARS; near++) {
        const int i = near % NEARS; /* what no mistake explains comes last */

        if (t->near[i] == 0 || i == NEAR_JOINED)
            continue;
        html_print(out, "<tr>");
        count_cell(out, t->near[i], true);
        html_print(out, "<th scope=\"row\" class=\"why\">%s<small>%s</small></th></tr>",
                   near_words[i].word, near_words[i].advice);
    }
    html_print(out, "</tbody>");
    page_table_end(out);
    html_print(out, "<p class=\"soft\"><code>csumoff explain CAPTURE N</code> works out the "
                    "checksums of one packet, word by word.</p></section>");
}

/* ---- Senders and captures ------------------------------------------------------------------ */

static void sender_row(struct output *out, const struct sender *s, const char *name)
{
    char share[SHARE_SIZE];

    html_print(out, "<tr><th scope=\"row\" class=\"name\">%s</th>", name);
    count_cell(out, s->packets, false);
    count_cell(out, s->bad, true);
    html_print(out, "<td class=\"n\">%s</td>", s->bad ? page_share(share, s->bad, s->packets) : "");
    count_cell(out, s->seeded, false);
    html_print(out, "</tr>");
}

void page_senders(struct output *out, const struct tally *t)
{
    const struct senders *senders = t->senders;
    struct sender rest = senders->others;
    char address[INET6_ADDRSTRLEN];

    page_table(out, "senders",
               senders->count && senders->table[0].bad ? "Worst senders" : "Senders");
    html_print(out, "<thead><tr><th scope=\"col\">sender</th><th scope=\"col\" class=\"n\">packets"
                    "</th><th scope=\"col\" class=\"n\">BAD</th><th scope=\"col\" class=\"n\">share"
                    "</th><th scope=\"col\" class=\"n\">SEEDED</th></tr></thead><tbody>");
    for (size_t i = 0; i < senders->count; i++) {
        const struct sender *s = &senders->table[i];

        if (i < SENDERS_SHOWN) {
            address_format(address, s->ip_version, s->address);
            sender_row(out, s, address);
        } else {
            rest.packets += s->packets;
            rest.bad += s->bad;
            rest.seeded += s->seeded;
        }
    }
    if (rest.packets)
        sender_row(out, &rest, "others");
    if (senders->none.packets)
        sender_row(out, &senders->none, "without an IP address");
    html_print(out, "</tbody>");
    page_table_end(out);
    html_print(out, "</section>");
}

void page_captures(struct output *out, const struct tally *t)
{
    page_table(out, "captures", t->captures == 1 ? "Capture" : "Captures");
    html_print(out, "<thead><tr><th scope=\"col\">capture</th><th scope=\"col\" class=\"n\">packets"
                    "</th><th scope=\"col\" class=\"n\">wrong</th><th scope=\"col\" class=\"n\">"
                    "fine</th><th scope=\"col\" class=\"n\">not judged</th></tr></thead><tbody>");
    for (int i = 0; i < t->captures && t->files[i].name; i++) {
        const struct file_totals *f = &t->files[i];

        html_print(out, "<tr><th scope=\"row\" class=\"name\"><bdi>%s</bdi>", f->name);
        if (!f->is_usable)
            html_print(out, "<small>not read to its end</small>");
        html_print(out, "</th>");
        count_cell(out, f->n.packets, false);
        count_cell(out, f->n.wrong, true);
        count_cell(out, f->n.right, false);
        count_cell(out, f->n.unchecked, false);
        html_print(out, "</tr>");
    }
    html_print(out, "</tbody>");
    page_table_end(out);
    html_print(out, "</section>");
}
