// SPDX-License-Identifier: MIT
/* probe CAPTURE: what the reader of captures says of each packet, for the tests to compare. */
#include "../../../tools/capture.h"
#include "../../../tools/print.h"

#include <inttypes.h>

int main(int count, char **arguments)
{
    static const char *const directions[] = {
        [DIRECTION_UNKNOWN] = "unknown", [RECEIVED] = "received", [SENT] = "sent"};
    struct capture capture;
    struct packet packet;
    int got;

    if (count != 2 || !capture_open(&capture, arguments[1]))
        return EXIT_UNUSABLE;
    while ((got = capture_next(&capture, &packet)) == 1)
        printf("%s %" PRId64 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %d %d\n",
               directions[packet.direction], packet.record->seconds, packet.record->fraction,
               packet.header->caplen, packet.header->len, packet.is_snapped, packet.is_at_snaplen);
    capture_close(&capture);
    return got == -1 ? EXIT_UNUSABLE : EXIT_FINE;
}
