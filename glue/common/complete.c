// SPDX-License-Identifier: MIT
/* Decides how software completes the checksum of a received frame. */
#include "decide.h"

int csumoff_complete_(struct csumoff_frame_ *frame, const struct csumoff_rx *rx, int status,
                      struct csumoff_plan_ *plan)
{
    size_t innermost;

    plan->level = 0;
    status = csumoff_frame_find_(frame, status, &plan->levels[0]);
    if (status == CSUMOFF_EHEAD)
        return csumoff_too_short(frame);
    if (status != CSUMOFF_OK || !csumoff_is_at(&plan->levels[0], rx->csum_start, rx->csum_offset)) {
        if (!CSUMOFF_IS_PLAIN && (status == CSUMOFF_OK || status == CSUMOFF_EPROTO)) {
            status = csumoff_plan_find_(frame, rx->csum_start, rx->csum_offset, plan, &innermost);
            if (status)
                return status;
        }
        if (!plan->level) {
            if (rx->no_seed || rx->csum_offset == SCTP_CSUM_OFFSET)
                return CSUMOFF_ENOTSUP;
            csumoff_plan_set_place_(plan, rx->csum_start, rx->csum_offset, frame->len);
        }
    }
    if (plan->levels[plan->level].csum_kind == CSUMOFF_CRC32C)
        plan->act = CSUMOFF_ACT_REFILL;
    else
        plan->act = rx->no_seed ? CSUMOFF_ACT_FILL : CSUMOFF_ACT_FINISH;
    /* Receiving corrects no IPv4 header checksum, so the levels have no IP version. */
    for (size_t i = 0; i <= plan->level; i++)
        plan->levels[i].ip_version = 0;
    return CSUMOFF_OK;
}
