// SPDX-License-Identifier: MIT
/* Decides what becomes of a frame: what a driver does with an skb's state, for stacks without. */
#include "decide.h"

enum {
    SCTP_CSUM_OFFSET = 8, /* no Internet checksum is known there */
    TCP_CSUM_OFFSET = 16,
    UDP_CSUM_OFFSET = 6,
    PLACE_MOST = 0xFFFF /* a device is told 16 bits */
};

/* ---- Where things are -------------------------------------------------------------------- */

/* Gathers as much as there is room for. Returns whether that is more than was at hand. */
static bool gather(struct csumoff_frame_ *frame)
{
    const size_t have = frame->len < HEAD_MOST ? frame->len : HEAD_MOST;
    csumoff_wsum sum = 0;

    if (!frame->room || have <= frame->have ||
        frame->pieces->copy(frame->room, frame->iov, frame->count, 0, have, &sum))
        return false;
    frame->head = frame->room;
    frame->have = have;
    return true;
}

/* Returns the status for a head that is too short: a frame in pieces has no more to offer. */
static int too_short(const struct csumoff_frame_ *frame)
{
    return frame->room ? CSUMOFF_ENOTSUP : CSUMOFF_EHEAD;
}

int csumoff_frame_begin_(struct csumoff_frame_ *frame, const struct csumoff_iov *iov, size_t count,
                         enum csumoff_link link, size_t most, uint8_t *room)
{
    static const struct csumoff_iov none;
    static const struct csumoff_pieces_ pieces = {csumoff_partial_copy_iov, csumoff_partial_iov,
                                                  csumoff_seed_iov, csumoff_fill_iov,
                                                  csumoff_finish_at_iov};

    frame->len = 0;
    for (size_t i = 0; i < count; frame->len += iov[i++].len)
        if (iov[i].len > most - frame->len)
            return CSUMOFF_ERANGE;
    for (; count && !iov->len; count--)
        iov++;
    frame->pieces = &pieces;
    frame->iov = count ? iov : &none;
    frame->count = count;
    frame->head = (uint8_t *)frame->iov->base;
    frame->have = frame->iov->len;
    frame->link = link;
    frame->room = room;
    return CSUMOFF_OK;
}

/* Returns whether the checksum field is at hand. GRE's is behind what it takes to locate it. */
static bool has_field(const struct csumoff_frame_ *frame, const struct csumoff_layout *at)
{
    return frame->have >= (size_t)at->csum_start + at->csum_offset + 2;
}

/* Does what csumoff_frame_locate_() does, but that a head that is too short is CSUMOFF_EHEAD, be
 * there more to be gathered or not. */
static int locate(struct csumoff_frame_ *frame, int status, struct csumoff_layout *at)
{
    if (status == CSUMOFF_EHEAD)
        do
            status = csumoff_locate_head(frame->head, frame->have, frame->len, frame->link, at);
        while ((status == CSUMOFF_EHEAD || (status == CSUMOFF_OK && !has_field(frame, at))) &&
               gather(frame));
    return status == CSUMOFF_OK && !has_field(frame, at) ? CSUMOFF_EHEAD : status;
}

int csumoff_frame_locate_(struct csumoff_frame_ *frame, int status, struct csumoff_layout *at)
{
    status = locate(frame, status, at);
    return status == CSUMOFF_EHEAD ? too_short(frame) : status;
}

/* Finds the IP header of a frame that has no checksum to be located; ip_version 0: there is none.
 */
static void locate_l3(const struct csumoff_frame_ *frame, struct csumoff_layout *at)
{
    if (csumoff_locate_l3(frame->head, frame->have, frame->len, frame->link, at)) {
        at->l3_start = at->l4_start = at->payload_start = at->end = at->l4_len = 0;
        at->csum_start = at->csum_offset = at->pseudo = 0;
        at->ip_version = at->l4_proto = at->vlan_tags = 0;
        at->csum_kind = CSUMOFF_NO_CHECKSUM;
    }
}

int csumoff_frame_levels_(struct csumoff_frame_ *frame, struct csumoff_layout *levels, size_t most,
                          size_t *count)
{
    int status;

    *count = 1;
    do
        status = csumoff_locate_all_head(frame->head, frame->have, frame->len, frame->link, levels,
                                         most, count);
    while (status == CSUMOFF_EHEAD && gather(frame));
    return status == CSUMOFF_EHEAD ? too_short(frame) : status;
}

static bool is_at(const struct csumoff_layout *at, uint32_t csum_start, uint32_t csum_offset)
{
    return at->csum_kind != CSUMOFF_NO_CHECKSUM && at->csum_start == csum_start &&
           at->csum_offset == csum_offset;
}

/*
 * Finds the packet with this checksum among those inside the outermost one, and sets plan->level to
 * it; 0: there is none. plan->levels[0] stays as it is, but for that. *innermost receives the
 * number of the innermost packet that is known.
 */
static int find_level(struct csumoff_frame_ *frame, uint32_t csum_start, uint32_t csum_offset,
                      struct csumoff_plan_ *plan, size_t *innermost)
{
    size_t count;
    int status = csumoff_frame_levels_(frame, plan->levels, LEVELS_MOST, &count);

    *innermost = count - 1;
    plan->level = 0;
    if (status == CSUMOFF_ENOTSUP || status == CSUMOFF_EHEAD)
        return status;
    for (size_t i = 1; i < count && !plan->level; i++)
        if (is_at(&plan->levels[i], csum_start, csum_offset))
            plan->level = i;
    /* There may be more of them than can be told apart. */
    return !plan->level && count == LEVELS_MOST ? CSUMOFF_ENOTSUP : CSUMOFF_OK;
}

/* Makes level 1 of the plan a place at which nothing is known to be: its sum ends at `end`. */
static void set_place(struct csumoff_plan_ *plan, uint32_t csum_start, uint32_t csum_offset,
                      size_t end)
{
    struct csumoff_layout *at = &plan->levels[1];

    at->l3_start = at->l4_start = at->payload_start = 0;
    at->end = (uint32_t)end;
    at->l4_len = (uint32_t)end - csum_start;
    at->csum_start = csum_start;
    at->csum_offset = csum_offset;
    at->pseudo = 0;
    at->ip_version = at->l4_proto = at->vlan_tags = 0;
    at->csum_kind = CSUMOFF_INTERNET;
    plan->level = 1;
}

/* Returns how much of an L4 header a decision and a device look at, the checksum field aside. */
static uint32_t looked_at(const struct csumoff_layout *at)
{
    return at->l4_proto == PROTO_TCP ? TCP_HEADER : at->l4_proto == PROTO_UDP ? UDP_HEADER : 0;
}

/* Takes the caller's layout, if it can be this frame's: nothing that is looked at or written by it
 * is outside the frame. */
static int take_layout(struct csumoff_frame_ *frame, const struct csumoff_layout *given,
                       struct csumoff_layout *at)
{
    const uint32_t field = given->csum_kind == CSUMOFF_CRC32C ? 4 : 2;
    const uint32_t header = given->ip_version == 4 ? IPV4_HEADER : IPV6_HEADER;
    size_t needed = given->l4_start;

    if (given->end > frame->len || given->l4_start > given->end || given->l4_start < header ||
        given->l3_start > given->l4_start - header)
        return CSUMOFF_ERANGE;
    if (given->csum_kind != CSUMOFF_NO_CHECKSUM) {
        const uint32_t least = looked_at(given);

        if (given->csum_start != given->l4_start ||
            given->l4_len > frame->len - given->csum_start || given->l4_len < least ||
            given->csum_offset > given->l4_len || given->l4_len - given->csum_offset < field)
            return CSUMOFF_ERANGE;
        needed += given->csum_offset + field < least ? least : given->csum_offset + field;
        if (needed < given->payload_start)
            needed = given->payload_start;
    }
    if (needed > frame->len)
        return CSUMOFF_ERANGE;
    while (frame->have < needed)
        if (!gather(frame))
            return CSUMOFF_EHEAD;
    if (given->ip_version != frame->head[given->l3_start] >> 4 ||
        (given->ip_version != 4 && given->ip_version != 6))
        return CSUMOFF_ERANGE;
    if (given->ip_version == 4) {
        const uint32_t ihl = (uint32_t)(frame->head[given->l3_start] & 15) * 4;

        if (ihl < IPV4_HEADER || ihl > given->l4_start - given->l3_start)
            return CSUMOFF_ERANGE;
    }
    *at = *given;
    return given->csum_kind == CSUMOFF_NO_CHECKSUM ? CSUMOFF_EPROTO : CSUMOFF_OK;
}

/* ---- The limits of a segment ------------------------------------------------------------- */

/* Returns how many payload bytes a packet has, or no fewer than that where it can't be known. */
static size_t payload_most(const struct csumoff_layout *at)
{
    const csumoff_difference_ payload = at->csum_kind == CSUMOFF_NO_CHECKSUM ? -1 : payload_len(at);

    return payload < 0 ? at->end - at->l4_start : (size_t)payload;
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

/* ---- The device -------------------------------------------------------------------------- */

/* Returns 1 if only zeros follow what the checksum covers, 0 if not, or a negative status: a device
 * sums to the end of the frame. */
static int has_clean_trailer(const struct csumoff_frame_ *frame, size_t end)
{
    csumoff_wsum sum = 0;

    if (end == frame->len)
        return 1;
    if (!csumoff_frame_is_complete(frame))
        return CSUMOFF_ENOTSUP;
    if (!frame->pieces)
        sum = csumoff_partial(frame->head + end, frame->len - end, 0);
    else if (frame->pieces->sum(frame->iov, frame->count, end, frame->len - end, &sum))
        return 0;
    return sum == 0;
}

/* Returns 1 if the device finishes a seed of this packet, the outermost one, 0 if not, or a
 * negative status. */
static int takes_own(const struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                     const struct csumoff_layout *at, bool has_seed)
{
    const bool is_tcp_udp = at->l4_proto == PROTO_TCP || at->l4_proto == PROTO_UDP;

    if (!(at->ip_version == 4 ? device->csum_ipv4 : device->csum_ipv6) ||
        at->csum_kind != CSUMOFF_INTERNET || at->csum_start > PLACE_MOST)
        return 0;
    if (device->finds ? !is_tcp_udp || !device->finds(frame->head, frame->have, at)
                      : !is_tcp_udp && !(has_seed && is_internet_l4(at)))
        return 0;
    return has_clean_trailer(frame, (size_t)at->csum_start + at->l4_len);
}

/* Returns whether it finishes a seed elsewhere: it is told where, and takes those of either
 * version. */
static bool takes_elsewhere(const struct csumoff_frame_ *frame,
                            const struct csumoff_device_ *device, const struct csumoff_layout *at)
{
    if (device->finds || !device->csum_ipv4 || at->csum_start > PLACE_MOST)
        return false;
    return has_clean_trailer(frame, (size_t)at->csum_start + at->l4_len) == 1;
}

/* Returns the GSO type by which the device segments a frame, or 0. */
static enum csumoff_gso gso_of(const struct csumoff_frame_ *frame,
                               const struct csumoff_device_ *device, uint16_t mss,
                               const struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *at = &plan->levels[0];

    if (frame->len != at->end || (size_t)at->csum_start + at->l4_len != at->end ||
        !is_segmentable(frame->head, at))
        return CSUMOFF_GSO_NONE;
    if (at->l4_proto == PROTO_TCP) {
        if (frame->head[at->l4_start + TCP_FLAGS] & TCP_CWR && !device->ecn)
            return CSUMOFF_GSO_NONE;
        if (at->ip_version == 4)
            return device->tcpv4 ? CSUMOFF_GSO_TCPV4 : CSUMOFF_GSO_NONE;
        return device->tcpv6 ? CSUMOFF_GSO_TCPV6 : CSUMOFF_GSO_NONE;
    }
    if (at->l4_proto != PROTO_UDP || !device->udp_l4 ||
        (size_t)payload_len(at) > (size_t)mss * UDP_SEGMENTS_MAX)
        return CSUMOFF_GSO_NONE;
    /* Datagrams cut from a tunnel's would each hold a part of a packet, be it one that cannot be
     * located. */
    return is_tunnel_port(be16(frame->head + at->l4_start + UDP_DPORT)) ? CSUMOFF_GSO_NONE
                                                                        : CSUMOFF_GSO_UDP_L4;
}

/* ---- The decision ------------------------------------------------------------------------ */

/* The checksum of the outermost packet itself. */
static int decide_own(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                      const struct csumoff_hint *hint, struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *at = &plan->levels[0];
    const bool has_seed = hint->want == CSUMOFF_TX_SEEDED && csumoff_may_be_seed(frame->head, at);
    const int takes = takes_own(frame, device, at, has_seed);

    if (takes < 0)
        return takes;
    plan->is_told = takes;
    if (hint->mss) {
        const csumoff_difference_ payload = payload_len(at);

        if (payload < 0)
            return CSUMOFF_EHDR;
        if (payload > (csumoff_difference_)hint->mss) {
            if (takes)
                plan->gso_type = (uint8_t)gso_of(frame, device, hint->mss, plan);
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

/* Returns no fewer than the payload bytes behind a place at which nothing is known to be. */
static size_t payload_behind(const struct csumoff_layout *place)
{
    const size_t header = place->csum_offset == TCP_CSUM_OFFSET   ? TCP_HEADER
                          : place->csum_offset == UDP_CSUM_OFFSET ? UDP_HEADER
                                                                  : 0;

    return place->l4_len < header ? 0 : place->l4_len - header;
}

/*
 * The checksum at a place that isn't the outermost packet's own, which is as `status` says: located
 * (CSUMOFF_OK), another protocol or not IP (CSUMOFF_EPROTO), or behind a route that can't be
 * resolved (CSUMOFF_ENOTSUP).
 */
static int decide_elsewhere(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                            const struct csumoff_hint *hint, int status, struct csumoff_plan_ *plan)
{
    const struct csumoff_layout *outermost = &plan->levels[0];
    const size_t from = outermost->ip_version         ? outermost->l4_start
                        : csumoff_is_ip_(frame->link) ? 0
                                                      : ETHERNET_HEADER,
                 end = outermost->ip_version ? outermost->end : frame->len;
    const struct csumoff_layout *at;
    bool has_seed = hint->want == CSUMOFF_TX_SEEDED;
    size_t innermost = 0;
    bool takes = false;

    if (hint->csum_start < from || hint->csum_start > end ||
        hint->csum_offset > end - hint->csum_start ||
        end - hint->csum_start - hint->csum_offset < 2)
        return CSUMOFF_ERANGE;
    if (status != CSUMOFF_ENOTSUP) {
        const int found = find_level(frame, hint->csum_start, hint->csum_offset, plan, &innermost);

        if (found)
            return found;
    }
    if (plan->level) {
        at = &plan->levels[plan->level];
        if (hint->mss && payload_len(at) < 0)
            return CSUMOFF_EHDR;
        if (hint->mss && payload_len(at) > (csumoff_difference_)hint->mss &&
            (innermost == LEVELS_MOST - 1 || payload_most(&plan->levels[innermost]) > hint->mss))
            return CSUMOFF_ENOTSUP;
        if (!has_field(frame, at))
            (void)gather(frame);
        if (!has_field(frame, at))
            return too_short(frame);
        has_seed = has_seed && csumoff_may_be_seed(frame->head, at);
    } else {
        if (!has_seed || hint->csum_offset == SCTP_CSUM_OFFSET)
            return CSUMOFF_ENOTSUP;
        set_place(plan, hint->csum_start, hint->csum_offset, end);
        at = &plan->levels[plan->level];
        if (hint->mss && payload_behind(at) > hint->mss)
            return CSUMOFF_ENOTSUP;
    }
    if (has_seed)
        takes = takes_elsewhere(frame, device, at);
    if (status == CSUMOFF_ENOTSUP && !takes)
        return CSUMOFF_ENOTSUP;
    plan->is_told = takes;
    if (has_seed)
        plan->act = takes ? CSUMOFF_ACT_HEADER : CSUMOFF_ACT_FINISH;
    else if (hint->want == CSUMOFF_TX_SEEDED && at->csum_kind == CSUMOFF_CRC32C)
        plan->act = CSUMOFF_ACT_REFILL;
    else
        plan->act = CSUMOFF_ACT_FILL;
    return CSUMOFF_OK;
}

/* No checksum is known to be in the outermost packet, as `status` says, and no place is named. */
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
    struct csumoff_layout *at = &plan->levels[0];
    const struct csumoff_layout *given = CSUMOFF_IS_PLAIN ? NULL : hint->layout;
    const bool is_left = hint->want == CSUMOFF_TX_AS_IS || hint->want == CSUMOFF_TX_VERIFIED;

    plan->act = CSUMOFF_ACT_LEAVE;
    plan->is_told = false;
    plan->gso_type = CSUMOFF_GSO_NONE;
    plan->level = 0;
    if (!csumoff_is_ip_(frame->link) && frame->len < ETHERNET_HEADER)
        return CSUMOFF_ETRUNC;
    if (is_left && !hint->mss)
        return CSUMOFF_OK;
    if (given)
        status = take_layout(frame, given, at);
    /* A layout of CSUMOFF_NO_CHECKSUM does not tell why there is none: a fragment, a route. */
    if (!given || status == CSUMOFF_EPROTO)
        status = locate(frame, given ? CSUMOFF_EHEAD : status, at);
    if (status == CSUMOFF_ERANGE)
        return status;
    if (status)
        locate_l3(frame, at);
    if (is_left) {
        const int obeyed = obey_mss(frame, hint->mss, plan);

        return obeyed && status == CSUMOFF_EHEAD ? too_short(frame) : obeyed;
    }
    /* Not to be mistaken for the CSUMOFF_ENOTSUP of a route. */
    if (status == CSUMOFF_EHEAD)
        return too_short(frame);
    if (status == CSUMOFF_OK &&
        (!hint->csum_start || is_at(at, hint->csum_start, hint->csum_offset)))
        return decide_own(frame, device, hint, plan);
    if (hint->csum_start && (CSUMOFF_IS_PLAIN || status == CSUMOFF_EFRAG))
        return CSUMOFF_ENOTSUP;
    if (status != CSUMOFF_OK && status != CSUMOFF_EPROTO && status != CSUMOFF_EFRAG &&
        status != CSUMOFF_ENOTSUP)
        return status;
    return hint->csum_start ? decide_elsewhere(frame, device, hint, status, plan)
                            : decide_unlocated(frame, hint, status, plan);
}

/* ---- Receiving --------------------------------------------------------------------------- */

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
        *is_crc32c |= is_at(&levels[i], csum_start, csum_offset);
    return CSUMOFF_OK;
}

int csumoff_complete_(struct csumoff_frame_ *frame, const struct csumoff_rx *rx, int status,
                      struct csumoff_plan_ *plan)
{
    size_t innermost;

    plan->is_told = false;
    plan->gso_type = CSUMOFF_GSO_NONE;
    plan->level = 0;
    status = locate(frame, status, &plan->levels[0]);
    if (status == CSUMOFF_EHEAD)
        return too_short(frame);
    if (status != CSUMOFF_OK || !is_at(&plan->levels[0], rx->csum_start, rx->csum_offset)) {
        if (!CSUMOFF_IS_PLAIN && (status == CSUMOFF_OK || status == CSUMOFF_EPROTO)) {
            status = find_level(frame, rx->csum_start, rx->csum_offset, plan, &innermost);
            if (status)
                return status;
        }
        if (!plan->level) {
            if (rx->no_seed || rx->csum_offset == SCTP_CSUM_OFFSET)
                return CSUMOFF_ENOTSUP;
            set_place(plan, rx->csum_start, rx->csum_offset, frame->len);
        }
    }
    if (plan->levels[plan->level].csum_kind == CSUMOFF_CRC32C)
        plan->act = CSUMOFF_ACT_REFILL;
    else
        plan->act = rx->no_seed ? CSUMOFF_ACT_FILL : CSUMOFF_ACT_FINISH;
    /* Without a header that belongs to it, no IPv4 header checksum is written. */
    for (size_t i = 0; i <= plan->level; i++)
        plan->levels[i].ip_version = 0;
    return CSUMOFF_OK;
}
