// SPDX-License-Identifier: MIT
/* Carries out a plan on a frame, or on a copy of it. */
#include "plan.h"

/* ---- In one piece and in several --------------------------------------------------------- */

static int seed_frame(const struct csumoff_frame_ *frame, const struct csumoff_layout *layout)
{
    const csumoff_sum16 value = csumoff_seed_value(layout);

    if (frame->pieces)
        return frame->pieces->seed(frame->iov, frame->count, layout);
    store16(frame->head + layout->csum_start + layout->csum_offset, value);
    return CSUMOFF_OK;
}

static int fill_frame(const struct csumoff_frame_ *frame, const struct csumoff_layout *layout)
{
    return frame->pieces ? frame->pieces->fill(frame->iov, frame->count, layout)
                         : csumoff_fill_at(frame->head, frame->len, layout);
}

static int finish_frame(const struct csumoff_frame_ *frame, const struct csumoff_layout *layout)
{
    return frame->pieces ? frame->pieces->finish(frame->iov, frame->count, layout)
                         : csumoff_finish_at(frame->head, frame->len, layout);
}

/* Corrects the IPv4 header checksum of a packet and changes nothing else. */
static int set_header(const struct csumoff_frame_ *frame, const struct csumoff_layout *layout)
{
    struct csumoff_layout header_alone;

    if (layout->ip_version != 4)
        return CSUMOFF_OK;
    header_alone = *layout;
    header_alone.csum_kind = CSUMOFF_NO_CHECKSUM;
    return fill_frame(frame, &header_alone);
}

/* Computes the checksums of the packets around plan->level. A packet without a checksum stays
 * without one. */
static int fill_around(const struct csumoff_frame_ *frame, const struct csumoff_plan_ *plan)
{
    int status = CSUMOFF_OK;

    for (size_t i = plan->level; i > 0 && status == CSUMOFF_OK; i--) {
        const struct csumoff_layout *layout = &plan->levels[i - 1];
        const bool has_none =
            layout->csum_kind == CSUMOFF_NO_CHECKSUM ||
            (layout->l4_proto == PROTO_UDP && csumoff_field(frame->head, layout) == 0);

        status = has_none ? set_header(frame, layout) : fill_frame(frame, layout);
    }
    return status;
}

/* ---- The acts ---------------------------------------------------------------------------- */

/* Returns the end of the bytes that the plan sums. */
static size_t summed_to(const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];
    size_t end;

    if (plan->act <= CSUMOFF_ACT_SEED)
        return 0;
    end = (size_t)layout->csum_start + layout->l4_len;
    for (size_t i = 0; i < plan->level; i++)
        if (plan->levels[i].end > end)
            end = plan->levels[i].end;
    return end;
}

int csumoff_act_(const struct csumoff_frame_ *frame, const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];
    int status = CSUMOFF_OK;

    if (!csumoff_frame_is_complete(frame) && summed_to(plan) > frame->have)
        return CSUMOFF_ENOTSUP;
    switch (plan->act) {
    case CSUMOFF_ACT_LEAVE:
        return CSUMOFF_OK;
    case CSUMOFF_ACT_HEADER:
        break;
    case CSUMOFF_ACT_SEED:
        status = seed_frame(frame, layout);
        break;
    case CSUMOFF_ACT_FINISH:
        status = finish_frame(frame, layout);
        break;
    case CSUMOFF_ACT_FILL:
        status = fill_frame(frame, layout);
        return status ? status : fill_around(frame, plan);
    case CSUMOFF_ACT_REFILL:
        status = finish_frame(frame, layout);
        return status ? status : fill_around(frame, plan);
    }
    return status ? status : set_header(frame, &plan->levels[0]);
}

/* ---- On a copy --------------------------------------------------------------------------- */

/* Copies the bytes from `from` up to `to` and returns their sum. The bytes of the head come from
 * frame->head, by which the plan was made, the others from src, so each byte of src is read once.
 */
static csumoff_wsum copy(uint8_t *dst, const uint8_t *src, const struct csumoff_frame_ *frame,
                         size_t from, size_t to)
{
    size_t middle = to < frame->have ? to : frame->have;
    csumoff_wsum sum = 0;

    if (from < middle)
        sum = csumoff_partial_copy(dst + from, frame->head + from, middle - from, 0);
    else
        middle = from;
    if (middle == to)
        return sum;
    return csumoff_block_add(sum, csumoff_partial_copy(dst + middle, src + middle, to - middle, 0),
                             middle - from);
}

/* Returns whether the plan computes a single Internet checksum, which the copy can sum. */
static bool is_one_sum(const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];

    if (layout->csum_kind != CSUMOFF_INTERNET)
        return false;
    return plan->act == CSUMOFF_ACT_FINISH ||
           (plan->act == CSUMOFF_ACT_FILL && plan->level == 0 && layout->pseudo);
}

/* Returns the checksum. `sum` is the sum of all bytes that it covers, `found` the value of its
 * field, which is among them. */
static csumoff_sum16 checksum(const struct csumoff_plan_ *plan, csumoff_wsum sum,
                              csumoff_sum16 found)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];
    csumoff_sum16 check;

    if (plan->act == CSUMOFF_ACT_FINISH)
        return csumoff_udp_nonzero(csumoff_fold(sum)); /* as Linux does it for every protocol */
    check = csumoff_fold(csumoff_sub(csumoff_add(sum, csumoff_pseudo_(layout)), found));
    return layout->l4_proto == PROTO_UDP || layout->l4_proto == PROTO_UDPLITE
               ? csumoff_udp_nonzero(check)
               : check;
}

int csumoff_act_on_copy_(void *dst, const void *src, const struct csumoff_frame_ *frame,
                         const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];
    const uint8_t *from = (const uint8_t *)src;
    uint8_t *to = (uint8_t *)dst, *field;
    struct csumoff_frame_ copied = csumoff_frame_whole(dst, frame->len, frame->len, frame->link);
    csumoff_sum16 check;
    csumoff_wsum sum;
    size_t end;

    if (plan->act == CSUMOFF_ACT_LEAVE || !is_one_sum(plan)) {
        (void)copy(to, from, frame, 0, frame->len);
        return csumoff_act_(&copied, plan);
    }
    end = (size_t)layout->csum_start + layout->l4_len;
    field = to + layout->csum_start + layout->csum_offset;
    (void)copy(to, from, frame, 0, layout->csum_start);
    sum = copy(to, from, frame, layout->csum_start, end);
    (void)copy(to, from, frame, end, frame->len);
    check = checksum(plan, sum, csumoff_load16_(field));
    store16(field, check);
    return set_header(&copied, &plan->levels[0]);
}
