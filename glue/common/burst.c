// SPDX-License-Identifier: MIT
/* Judges several frames in one call. */
#include "burst.h"

size_t csumoff_inspect_burst(struct csumoff_inspect_item *items, size_t count,
                             enum csumoff_link link)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_READ,
                  csumoff_inspect(item->frame, item->len, link, &item->report));
    return done;
}
