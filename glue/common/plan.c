// SPDX-License-Identifier: MIT
/* Finds the packet whose checksum field is at a given place of the frame. */
#include "plan.h"

int csumoff_plan_find_(struct csumoff_frame_ *frame, uint32_t csum_start, uint32_t csum_offset,
                       struct csumoff_plan_ *plan, size_t *innermost)
{
    size_t count;
    int status = csumoff_frame_levels_(frame, plan->levels, LEVELS_MOST, &count);

    *innermost = count - 1;
    plan->level = 0;
    if (status == CSUMOFF_ENOTSUP || status == CSUMOFF_EHEAD)
        return status;
    for (size_t i = 1; i < count && !plan->level; i++)
        if (csumoff_is_at(&plan->levels[i], csum_start, csum_offset))
            plan->level = i;
    /* The frame may have more packets than LEVELS_MOST. */
    return !plan->level && count == LEVELS_MOST ? CSUMOFF_ENOTSUP : CSUMOFF_OK;
}

void csumoff_plan_set_place_(struct csumoff_plan_ *plan, uint32_t csum_start, uint32_t csum_offset,
                             size_t end)
{
    struct csumoff_layout *layout = &plan->levels[1];

    layout->l3_start = layout->l4_start = layout->payload_start = 0;
    layout->end = (uint32_t)end;
    layout->l4_len = (uint32_t)end - csum_start;
    layout->csum_start = csum_start;
    layout->csum_offset = csum_offset;
    layout->pseudo = 0;
    layout->ip_version = layout->l4_proto = layout->vlan_tags = 0;
    layout->csum_kind = CSUMOFF_INTERNET;
    plan->level = 1;
}

int csumoff_is_crc32c_at_(struct csumoff_frame_ *frame, uint32_t csum_start, uint32_t csum_offset,
                          bool *is_crc32c)
{
    struct csumoff_layout levels[LEVELS_MOST];
    size_t count;
    int status;

    *is_crc32c = false;
    if (csum_offset != SCTP_CSUM_OFFSET)
        return CSUMOFF_OK;
    if (CSUMOFF_IS_PLAIN)
        return CSUMOFF_ENOTSUP;
    status = csumoff_frame_levels_(frame, levels, LEVELS_MOST, &count);
    if (status == CSUMOFF_ENOTSUP)
        return status;
    for (size_t i = 0; status == CSUMOFF_OK && i < count; i++)
        *is_crc32c |= csumoff_is_at(&levels[i], csum_start, csum_offset);
    return CSUMOFF_OK;
}
