// SPDX-License-Identifier: MIT
#include "tunnel.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 16
};

/* Whether the outer checksum is what local checksum offload makes of the inner seed. */
static bool outer_follows(const uint8_t *frame, size_t len, const struct csumoff_layout *outer,
                          const struct csumoff_layout *inner)
{
    size_t field = (size_t)outer->csum_start + outer->csum_offset;
    uint8_t *copy = malloc(len);
    bool follows;

    if (!copy)
        return false;
    memcpy(copy, frame, len);
    follows =
        csumoff_outer(copy, len, outer, inner->csum_start, inner->csum_offset) == CSUMOFF_OK &&
        memcmp(copy + field, frame + field, sizeof(csumoff_sum16)) == 0;
    free(copy);
    return follows;
}

bool tunnel_look_inside(const uint8_t *frame, size_t len, enum csumoff_link link,
                        struct csumoff_report *report, struct csumoff_layout *layout)
{
    struct csumoff_layout levels[LEVELS];
    const struct csumoff_layout *outer = levels;
    size_t count;

    if (report->l3 == CSUMOFF_BAD || csumoff_locate_all(frame, len, link, levels, LEVELS, &count))
        return false;
    for (size_t i = 1; i < count; i++) {
        struct csumoff_report inner;

        if (levels[i].csum_kind == CSUMOFF_NO_CHECKSUM)
            continue;
        if (csumoff_inspect_at(frame, len, &levels[i], &inner))
            break;
        if (outer->csum_kind != CSUMOFF_NO_CHECKSUM && report->l4 != CSUMOFF_ABSENT &&
            (report->l4 != CSUMOFF_BAD || inner.l4 != CSUMOFF_SEEDED ||
             !outer_follows(frame, len, outer, &levels[i])))
            break;
        report->l4 = inner.l4;
        report->l4_found = inner.l4_found;
        report->l4_expected = inner.l4_expected;
        outer = &levels[i];
    }
    if (outer == levels)
        return false;
    *layout = *outer;
    return true;
}
