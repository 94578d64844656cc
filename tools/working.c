// SPDX-License-Identifier: MIT
#include "working.h"

#include "capture.h"
#include "print.h"
#include "terminal.h"

#include <csumoff.h>
#include <inttypes.h>
#include <string.h>

enum {
    LINE = 16,       /* bytes in a line */
    SHOWN = 8,       /* lines that are shown in any case */
    SHOWN_FIRST = 5, /* of longer data: so many at the beginning */
    SHOWN_LAST = 2
};

/* ---- Adding -------------------------------------------------------------------------------- */

/* Copies covered bytes for up to one line from `at` on, with zeros for those that count as such.
 * Returns how many. */
static size_t read_line(const struct working *w, size_t at, uint8_t line[LINE])
{
    size_t end = w->covered.start + w->covered.len, n = end - at < LINE ? end - at : LINE;

    memcpy(line, w->frame + at, n);
    memset(line + n, 0, LINE - n);
    for (size_t i = 0; i < n; i++)
        for (size_t z = 0; z < 2; z++)
            if (at + i >= w->zero[z].start && at + i < w->zero[z].start + w->zero[z].len)
                line[i] = 0;
    return n;
}

static uint64_t sum_line(const uint8_t line[LINE])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < LINE; i += 2)
        sum += be16(line + i);
    return sum;
}

static void add_line(struct working *w, const uint8_t line[LINE], size_t n)
{
    if (w->is_crc)
        w->sum = csumoff_crc32c(line, n, (uint32_t)w->sum);
    else
        w->sum += sum_line(line);
}

uint64_t working_sum(const struct working *w)
{
    size_t at = w->covered.start, end = at + w->covered.len;
    struct working quiet = *w;
    uint8_t line[LINE];

    quiet.sum = 0;
    while (at < end) {
        size_t n = read_line(&quiet, at, line);

        add_line(&quiet, line, n);
        at += n;
    }
    return quiet.sum;
}

unsigned working_folded(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum >> 16) + (sum & 0xFFFF);
    return (unsigned)sum;
}

/* ---- Showing it ---------------------------------------------------------------------------- */

void working_heading(const struct working *w)
{
    print("%s      byte  %-39s  %s%s\n", tint(TINT_FAINT), w->is_crc ? "bytes" : "16-bit words",
          w->is_crc ? "CRC so far" : "sum so far", untint());
}

static bool is_zero(const struct working *w, size_t at)
{
    for (size_t z = 0; z < 2; z++)
        if (at >= w->zero[z].start && at < w->zero[z].start + w->zero[z].len)
            return true;
    return false;
}

static void print_sum(const struct working *w)
{
    print("  0x%08" PRIx64, w->sum);
}

void working_field(struct working *w, const char *name, const uint8_t *bytes, size_t len,
                   const char *text)
{
    print("  %8s  ", name);
    for (size_t i = 0; i < len; i += 2) {
        print("%s%04x", i ? " " : "", be16(bytes + i));
        w->sum += be16(bytes + i);
    }
    print("%*s", (int)(39 - (len / 2 * 5 - 1)), "");
    print_sum(w);
    print("%s%s\n", *text ? "  " : "", text);
}

/* An odd last byte is shown with the zero that completes its word. */
static void print_line(const struct working *w, size_t at, const uint8_t line[LINE], size_t n)
{
    size_t words = (n + 1) / 2;

    print("  %8zu  ", at);
    for (size_t i = 0; i < words; i++) {
        bool is_own = is_zero(w, at + 2 * i);

        print("%s%s", i ? " " : "", is_own ? tint(TINT_NOTE) : "");
        if (is_own)
            print("----%s", untint());
        else if (w->is_crc && 2 * i + 1 == n)
            print("%02x  ", (unsigned)line[2 * i]);
        else
            print("%04x", be16(line + 2 * i));
    }
    print("%*s", (int)(39 - (words * 5 - 1)), "");
    print_sum(w);
    print("\n");
}

/* Adds the lines from `at` to `end` without printing them. */
static void skip_lines(struct working *w, size_t at, size_t end)
{
    uint64_t before = w->sum;
    size_t first = at;
    uint8_t line[LINE];
    char text[64];

    for (; at < end; at += LINE)
        add_line(w, line, read_line(w, at, line));
    if (w->is_crc)
        snprintf(text, sizeof text, "... %zu more bytes ...", end - first);
    else
        snprintf(text, sizeof text, "... %zu bytes, sum 0x%08" PRIx64 " ...", end - first,
                 w->sum - before);
    print("  %8zu  %s%-39s%s", first, tint(TINT_FAINT), text, untint());
    print_sum(w);
    print("\n");
}

void working_bytes(struct working *w)
{
    size_t at = w->covered.start, end = at + w->covered.len;
    size_t lines = (w->covered.len + LINE - 1) / LINE;
    bool is_short = w->is_all || lines <= SHOWN;
    size_t skip_from = is_short ? end : at + (size_t)SHOWN_FIRST * LINE;
    size_t skip_to = is_short ? end : at + (lines - SHOWN_LAST) * LINE;
    uint8_t line[LINE];

    while (at < end) {
        size_t n = read_line(w, at, line);

        if (at == skip_from) {
            skip_lines(w, at, skip_to);
            at = skip_to;
            continue;
        }
        add_line(w, line, n);
        print_line(w, at, line, n);
        at += n;
    }
}

unsigned working_fold(uint64_t sum)
{
    print("  sum         0x%08" PRIx64 "\n", sum);
    while (sum >> 16) {
        uint64_t high = sum >> 16, low = sum & 0xFFFF;

        sum = high + low;
        print("  folded      0x%04" PRIx64 " + 0x%04" PRIx64 " = 0x%04" PRIx64 "\n", high, low,
              sum);
    }
    return (unsigned)sum;
}
