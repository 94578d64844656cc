// SPDX-License-Identifier: MIT
/* Decides how a frame is sent, as drivers in Linux decide by the state of an skb. */
#include "decide.h"

/* ---- The limits of a segment ------------------------------------------------------------- */

/* Returns how many payload bytes a packet has at most: the exact number if its headers tell. */
static size_t payload_most(const struct csumoff_layout *layout)
{
    const csumoff_difference_ payload =
        layout->csum_kind == CSUMOFF_NO_CHECKSUM ? -1 : payload_len(layout);

    return payload < 0 ? layout->end - layout->l4_start : (size_t)payload;
}

/*
 * Returns CSUMOFF_OK if no packet of the frame has more than `mss` bytes of payload, as far as its
 * innermost one is known, else CSUMOFF_ENOTSUP; CSUMOFF_EHEAD: a longer head would tell.
 * plan->levels[0] is the outermost one.
 */
static int obey_mss(struct csumoff_frame_ *frame, uint16_t mss, struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *outermost = &plan->levels[0];
    size_t count;
    int status;

    if (!outermost->ip_version) /* all but the Ethernet header */
        return frame->len - (csumoff_is_ip_(frame->link) ? 0 : ETHERNET_HEADER) <= mss
                   ? CSUMOFF_OK
                   : CSUMOFF_ENOTSUP;
    if (payload_most(outermost) <= mss)
        return CSUMOFF_OK;
    if (CSUMOFF_IS_PLAIN) /* nothing is known of what may be inside */
        return CSUMOFF_ENOTSUP;
    status = csumoff_frame_levels_(frame, plan->levels, LEVELS_MOST, &count);
    if (status == CSUMOFF_EHEAD)
        return status;
    if (status || count == 1 || count == LEVELS_MOST)
        return CSUMOFF_ENOTSUP;
    return payload_most(&plan->levels[count - 1]) <= mss ? CSUMOFF_OK : CSUMOFF_ENOTSUP;
}

/* ---- The decision ------------------------------------------------------------------------ */

/* Decides for the checksum of the outermost packet. */
static int decide_own(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                      const struct csumoff_hint *hint, struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[0];
    const bool has_seed =
        hint->want == CSUMOFF_TX_SEEDED && csumoff_may_be_seed(frame->head, layout);
    const int takes = csumoff_device_takes_own_(device, frame, layout, has_seed);

    if (takes < 0)
        return takes;
    plan->is_told = takes;
    if (hint->mss) {
        const csumoff_difference_ payload = payload_len(layout);

        if (payload < 0)
            return CSUMOFF_EHDR;
        if (payload > (csumoff_difference_)hint->mss) {
            if (takes)
                plan->gso_type = (uint8_t)csumoff_device_gso_(device, frame, layout, hint->mss);
            if (!plan->gso_type) {
                const int status = obey_mss(frame, hint->mss, plan);

                if (status)
                    return status;
            }
        }
    }
    if (takes)
        plan->act = has_seed ? CSUMOFF_ACT_HEADER : CSUMOFF_ACT_SEED;
    else
        plan->act = has_seed ? CSUMOFF_ACT_FINISH : CSUMOFF_ACT_FILL;
    return CSUMOFF_OK;
}

/* Returns how many payload bytes can follow an unknown header at `place` at most. */
static size_t payload_behind(const struct csumoff_layout *place)
{
    const size_t header = place->csum_offset == TCP_CHECK   ? TCP_HEADER
                          : place->csum_offset == UDP_CHECK ? UDP_HEADER
                                                            : 0;

    return place->l4_len < header ? 0 : place->l4_len - header;
}

/* Decides for the checksum of an inner packet, plan->level. `innermost` is the number of the
 * innermost packet that was located. */
static int decide_inner(struct csumoff_frame_ *frame, const struct csumoff_hint *hint,
                        size_t innermost, const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *layout = &plan->levels[plan->level];

    if (hint->mss && payload_len(layout) < 0)
        return CSUMOFF_EHDR;
    if (hint->mss && payload_len(layout) > (csumoff_difference_)hint->mss &&
        (innermost == LEVELS_MOST - 1 || payload_most(&plan->levels[innermost]) > hint->mss))
        return CSUMOFF_ENOTSUP;
    return csumoff_frame_need_field_(frame, layout);
}

/* Decides for a checksum at a place where no packet was located. Only a seed can be finished there;
 * its sum covers the bytes up to `end`. */
static int decide_unknown(const struct csumoff_hint *hint, size_t end, struct csumoff_plan_ *plan)
{
    if (hint->want != CSUMOFF_TX_SEEDED || hint->csum_offset == SCTP_CSUM_OFFSET)
        return CSUMOFF_ENOTSUP;
    csumoff_plan_set_place_(plan, hint->csum_start, hint->csum_offset, end);
    return hint->mss && payload_behind(&plan->levels[plan->level]) > hint->mss ? CSUMOFF_ENOTSUP
                                                                               : CSUMOFF_OK;
}

/*
 * Decides for a checksum that is not the outermost packet's.
 *
 *   status   of locating the outermost packet: CSUMOFF_OK; CSUMOFF_EPROTO: it has another protocol
 * or is not IP; CSUMOFF_ENOTSUP: it has a source route that cannot be resolved
 */
static int decide_elsewhere(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                            const struct csumoff_hint *hint, int status, struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *outermost = &plan->levels[0], *layout;
    const size_t from = outermost->ip_version         ? outermost->l4_start
                        : csumoff_is_ip_(frame->link) ? 0
                                                      : ETHERNET_HEADER,
                 end = outermost->ip_version ? outermost->end : frame->len;
    size_t innermost = 0;
    int found = CSUMOFF_OK;
    bool has_seed;

    if (hint->csum_start < from || hint->csum_start > end ||
        hint->csum_offset > end - hint->csum_start ||
        end - hint->csum_start - hint->csum_offset < 2)
        return CSUMOFF_ERANGE;
    if (status != CSUMOFF_ENOTSUP)
        found = csumoff_plan_find_(frame, hint->csum_start, hint->csum_offset, plan, &innermost);
    if (found)
        return found;
    found =
        plan->level ? decide_inner(frame, hint, innermost, plan) : decide_unknown(hint, end, plan);
    if (found)
        return found;
    layout = &plan->levels[plan->level];
    has_seed = hint->want == CSUMOFF_TX_SEEDED && csumoff_may_be_seed(frame->head, layout);
    plan->is_told = has_seed && csumoff_device_takes_elsewhere_(device, frame, layout);
    if (status == CSUMOFF_ENOTSUP && !plan->is_told)
        return CSUMOFF_ENOTSUP;
    if (has_seed)
        plan->act = plan->is_told ? CSUMOFF_ACT_HEADER : CSUMOFF_ACT_FINISH;
    else if (hint->want == CSUMOFF_TX_SEEDED && layout->csum_kind == CSUMOFF_CRC32C)
        plan->act = CSUMOFF_ACT_REFILL;
    else
        plan->act = CSUMOFF_ACT_FILL;
    return CSUMOFF_OK;
}

/* Decides for a frame whose outermost packet has no known checksum, by a hint that names no place.
 * `status` is the error of locating the checksum. */
static int decide_unlocated(struct csumoff_frame_ *frame, const struct csumoff_hint *hint,
                            int status, struct csumoff_plan_ *plan)
{
    const int obeyed = hint->mss ? obey_mss(frame, hint->mss, plan) : CSUMOFF_OK;

    if (obeyed)
        return obeyed;
    if (hint->want == CSUMOFF_TX_SEEDED || status == CSUMOFF_ENOTSUP)
        return status;
    plan->act = CSUMOFF_ACT_HEADER;
    return CSUMOFF_OK;
}

int csumoff_decide_(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                    const struct csumoff_hint *hint, int status, struct csumoff_plan_ *plan)
{
    struct csumoff_layout *layout = &plan->levels[0];
    const bool is_left = hint->want == CSUMOFF_TX_AS_IS || hint->want == CSUMOFF_TX_VERIFIED;

    plan->act = CSUMOFF_ACT_LEAVE;
    plan->is_told = false;
    plan->gso_type = CSUMOFF_GSO_NONE;
    plan->level = 0;
    if (!csumoff_is_ip_(frame->link) && frame->len < ETHERNET_HEADER)
        return CSUMOFF_ETRUNC;
    if (is_left && !hint->mss)
        return CSUMOFF_OK;
    status = csumoff_frame_outermost_(frame, hint->layout, status, layout);
    if (status == CSUMOFF_ERANGE)
        return status;
    if (is_left) {
        const int obeyed = obey_mss(frame, hint->mss, plan);

        return obeyed && status == CSUMOFF_EHEAD ? csumoff_too_short(frame) : obeyed;
    }
    /* Below, CSUMOFF_ENOTSUP means a route that cannot be resolved. */
    if (status == CSUMOFF_EHEAD)
        return csumoff_too_short(frame);
    if (status == CSUMOFF_OK &&
        (!hint->csum_start || csumoff_is_at(layout, hint->csum_start, hint->csum_offset)))
        return decide_own(frame, device, hint, plan);
    if (hint->csum_start && (CSUMOFF_IS_PLAIN || status == CSUMOFF_EFRAG))
        return CSUMOFF_ENOTSUP;
    if (status != CSUMOFF_OK && status != CSUMOFF_EPROTO && status != CSUMOFF_EFRAG &&
        status != CSUMOFF_ENOTSUP)
        return status;
    return hint->csum_start ? decide_elsewhere(frame, device, hint, status, plan)
                            : decide_unlocated(frame, hint, status, plan);
}
