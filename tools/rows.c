// SPDX-License-Identifier: MIT
/* Packets as rows of text. */
#include "command.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void rows_heading(void)
{
    print("%s%7s  %6s  %-5s  %-10s  %-6s  %-14s  %s%s\n", tint(TINT_FAINT), "#", "bytes", "IPv4",
          "checksum", "found", "expected", "packet", untint());
}

static void print_row(const struct packet *p, const struct judged *all, size_t i,
                      const struct flow *f)
{
    static const struct packet untagged;
    const struct level *level = &all->levels.of[i];
    const struct csumoff_report *r = &level->report;
    const struct judgement *j = &all->of[i];
    enum tint l3_tint = is_l3_judged(j->l3) ? verdict_words[j->l3].tint : TINT_FAINT;
    uint32_t bytes = i ? level->layout.end - level->layout.l3_start : p->header->len;
    char found[CHECKSUM_SIZE], expected[CHECKSUM_SIZE];

    if (all->levels.count > 1)
        print("%*" PRIu64 ".%zu", i < 9 ? 5 : 4, p->number, i + 1);
    else
        print("%7" PRIu64, p->number);
    print("  %6u  %s%-5s%s  %s%-10s%s", bytes, tint(l3_tint),
          is_l3_judged(j->l3) ? verdict_words[j->l3].word : "-", untint(),
          tint(verdict_words[j->l4].tint), verdict_words[j->l4].word, untint());
    if (j->reason) {
        char text[REASON_SIZE], values[sizeof text + 2];

        reason_format(text, j->reason, f);
        snprintf(values, sizeof values, "(%s)", text);
        print("  %-22s  ", values);
    } else if (!is_l4_judged(level, j)) {
        print("  %-22s  ", "");
    } else if (j->l4 == ABSENT || (j->l4 == GOOD && r->l4_found == r->l4_expected)) {
        print("  %-22s  ", checksum_format(found, level, r->l4_found));
    } else {
        checksum_format(found, level, r->l4_found);
        print("  %s  %-*s  ", found, (int)(20 - strlen(found)),
              checksum_format(expected, level, r->l4_expected));
    }
    flow_print(f, i ? &untagged : p);
    if (j->l4_near)
        print("  %s%s%s", tint(TINT_BAD), near_words[j->l4_near].word, untint());
    if (j->l3 == BAD)
        print("  %sIPv4 header: found 0x%04x, expected 0x%04x%s%s%s", tint(TINT_BAD),
              wire(r->l3_found), wire(r->l3_expected), j->l3_near ? ", " : "",
              j->l3_near ? near_words[j->l3_near].word : "", untint());
    if (j->l3 == BLANK)
        print("  %sIPv4 header: 0, left to the network card; expected 0x%04x%s",
              tint(verdict_words[BLANK].tint), wire(r->l3_expected), untint());
    print("\n");
}

void rows_print(const struct packet *p, const struct judged *j, struct flow *f)
{
    for (size_t i = 0; i < j->levels.count; i++) {
        if (i)
            judged_flow(f, p, j, i);
        flow_format(f);
        print_row(p, j, i, f);
    }
}
