// SPDX-License-Identifier: MIT
/* csumoff verify */
#include "command.h"
#include "report.h"

#include <unistd.h>

/* False: the capture is damaged or of no use, and a complaint was made. */
static bool verify_capture(const char *path, const struct options *o, bool has_rows,
                           struct tally *t)
{
    struct judged j;
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
            rows_heading();
        judge(&j, &packet);
        judged_flow(&flow, &packet, &j, 0);
        tally_add(t, &j, &flow);
        if (has_rows && o->json)
            json_print(&capture, &packet, &j, &flow);
        else if (has_rows)
            rows_print(&packet, &j, &flow);
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
        json_summary(&tally);
    } else if (tally.packets || !tally.unusable) {
        if (has_rows && tally.packets)
            print("\n");
        summary_print(&tally);
    }
    return tally.unusable ? EXIT_UNUSABLE : tally_totals(&tally).wrong ? EXIT_WRONG : EXIT_FINE;
}
