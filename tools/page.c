// SPDX-License-Identifier: MIT
/* Writes the HTML page as a whole: its head, its summary and its parts. */
#include "page.h"

#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The beginning of a page. A file that begins with it may be replaced. */
static const char first_words[] = "<!doctype html>\n<html lang=\"en\">\n<head>\n";

const struct kind_words kind_words[KINDS] = {
    [KIND_WRONG] = {"wrong", "wrong", "a receiver drops these"},
    [KIND_LEFT] = {"left to the card", "left", "fine: not finished yet when they were captured"},
    [KIND_UNJUDGED] = {"not judged", "unjudged", "fragments, other protocols, cut off, malformed"},
    [KIND_RIGHT] = {"right", "right", "or without a checksum, where that is legal"},
};

/* ---- The top ------------------------------------------------------------------------------- */

static void head(struct output *out, const struct totals *n)
{
    html_add(out, first_words);
    html_print(
        out,
        "<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<title>csumoff: %" PRIu64 " of %" PRIu64 " packets wrong</title>\n<style>",
        n->wrong, n->packets);
    html_add(out, page_style);
    html_print(out, "</style>\n</head>\n<body>\n");
    /* Wrong packets are hatched and unjudged ones striped, for readers who cannot tell the colours
     * apart. */
    html_print(out,
               "<svg width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
               "<pattern id=\"wrong\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
               "patternTransform=\"rotate(45)\"><rect class=\"c-wrong\" width=\"6\" height=\"6\"/>"
               "<rect class=\"c-gap\" width=\"2\" height=\"6\"/></pattern>"
               "<pattern id=\"unjudged\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">"
               "<rect class=\"c-unjudged\" width=\"4\" height=\"4\"/>"
               "<rect class=\"c-gap\" width=\"4\" height=\"1\"/></pattern></defs></svg>\n");
}

static void headline(struct output *out, const struct tally *t, const struct totals *n)
{
    html_print(out, "<header><h1>");
    if (t->packets == 0)
        html_print(out, "No packets: there is nothing to check");
    else if (n->wrong == 0)
        html_add(out, "No packet is wrong");
    else
        html_print(out, "%" PRIu64 " of %" PRIu64 " packets %s wrong", n->wrong, n->packets,
                   n->wrong == 1 ? "is" : "are");
    html_print(out,
               "</h1><p class=\"soft\">Internet checksums of %" PRIu64 " packet%s in %" PRIu64
               " capture%s</p>",
               n->packets, n->packets == 1 ? "" : "s", (uint64_t)t->captures,
               t->captures == 1 ? "" : "s");
    if (t->unusable)
        html_print(out,
                   "<p class=\"alert\">%" PRIu64 " capture%s could not be read to %s end: what "
                   "follows is what was read.</p>",
                   (uint64_t)t->unusable, t->unusable == 1 ? "" : "s",
                   t->unusable == 1 ? "its" : "their");
    if (t->filtered)
        html_print(out, "<p class=\"alert\">%" PRIu64 " packet%s left out by a filter.</p>",
                   t->filtered, t->filtered == 1 ? " was" : "s were");
    html_print(out, "</header>\n");
}

/* ---- The four kinds ------------------------------------------------------------------------ */

static void count_kinds(const struct tally *t, uint64_t kinds[KINDS])
{
    static const enum verdict left[] = {SEEDED, SEEDED_GSO, BLANK};
    const struct totals n = tally_totals(t);

    kinds[KIND_WRONG] = n.wrong;
    kinds[KIND_UNJUDGED] = n.unchecked;
    kinds[KIND_LEFT] = 0;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        kinds[KIND_LEFT] += tally_verdict(t, left[i]) - t->unfinished[left[i]];
    kinds[KIND_RIGHT] = n.right - kinds[KIND_LEFT];
}

/* Draws a line of 1000 parts, rounded so that each kind that occurs has at least one. */
static void share_line(struct output *out, const struct tally *t, const uint64_t kinds[KINDS])
{
    unsigned x = 0;

    html_print(out, "<svg class=\"share\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" "
                    "aria-hidden=\"true\">");
    for (int k = 0; k < KINDS; k++) {
        unsigned width = (unsigned)((double)kinds[k] / (double)t->packets * 1000);

        if (kinds[k] == 0)
            continue;
        width = width < 4 ? 4 : width;
        html_print(out, "<rect class=\"f-%s\" x=\"%u\" width=\"%u\" height=\"14\"/>",
                   kind_words[k].class, x, k == KIND_RIGHT ? 1000 : width);
        x += width;
    }
    html_print(out, "</svg>");
}

static void summary(struct output *out, const struct tally *t)
{
    uint64_t kinds[KINDS];
    char share[SHARE_SIZE];

    count_kinds(t, kinds);
    html_print(out, "<section aria-label=\"Summary\"><dl>");
    for (int k = 0; k < KINDS; k++) {
        html_print(out,
                   "<div class=\"%s\"><dt>%s</dt><dd>%" PRIu64 "<small>%s</small></dd>"
                   "<dd><small>%s</small></dd></div>",
                   kind_words[k].class, kind_words[k].word, kinds[k],
                   page_share(share, kinds[k], t->packets), kind_words[k].meaning);
    }
    html_print(out, "</dl>");
    share_line(out, t, kinds);
    html_print(out, "</section>\n");
}

/* ---- The whole ----------------------------------------------------------------------------- */

/* Returns whether an existing file is a page, or empty. */
static bool is_page(const char *path)
{
    char words[sizeof first_words] = "";
    FILE *file = fopen(path, "rb");
    size_t n;

    if (!file)
        return false;
    n = fread(words, 1, sizeof words - 1, file);
    fclose(file);
    return n == 0 || strcmp(words, first_words) == 0;
}

bool page_check(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    struct stat st;
    bool is_there = stat(path, &st) == 0, is_usable = false;

    if (!folder)
        complain("%s", strerror(errno));
    else if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
        complain("a page is not for a terminal to show");
    else if (strcmp(path, "-") == 0)
        is_usable = true;
    else if (!output_may_be(path))
        is_usable = false;
    else if (is_there && S_ISDIR(st.st_mode))
        complain("%s: %s", path, strerror(EISDIR));
    else if (is_there && S_ISREG(st.st_mode) && !is_page(path))
        complain("%s: is there, and is no page of csumoff's: --html does not replace it", path);
    else if (access(is_there && !S_ISREG(st.st_mode) ? path : folder, W_OK) != 0)
        complain("%s: %s", path, strerror(errno));
    else
        is_usable = true;
    free(folder);
    return is_usable;
}

bool page_write(const char *path, const struct tally *t)
{
    const struct totals n = tally_totals(t);
    struct output out;

    if (!output_open(&out, path))
        return false;
    head(&out, &n);
    headline(&out, t, &n);
    html_print(&out, "<main>\n");
    if (t->packets) {
        summary(&out, t);
        if (n.wrong)
            page_near(&out, t);
        page_timeline(&out, t->timeline);
        page_verdicts(&out, t);
        page_senders(&out, t);
    }
    page_captures(&out, t);
    html_print(&out,
               "</main>\n<footer>Made by csumoff %s verify --html. SEEDED and BLANK checksums are "
               "no mistakes: the sender left them to its network card, and the capture was made "
               "before it. Every packet&#39;s verdict is the worst one of the packets tunnelled in "
               "it.</footer>\n</body>\n</html>\n",
               CSUMOFF_VERSION);
    return output_commit(&out);
}
