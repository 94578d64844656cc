// SPDX-License-Identifier: MIT
/* A frame's bytes, and where its packets are in them. */
#include "frame.h"

/* ---- Bytes ------------------------------------------------------------------------------- */

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

int csumoff_frame_need_field_(struct csumoff_frame_ *frame, const struct csumoff_layout *layout)
{
    if (!csumoff_has_field(frame, layout))
        (void)gather(frame);
    return csumoff_has_field(frame, layout) ? CSUMOFF_OK : csumoff_too_short(frame);
}

/* ---- The outermost packet ---------------------------------------------------------------- */

int csumoff_frame_find_(struct csumoff_frame_ *frame, int status, struct csumoff_layout *layout)
{
    if (status == CSUMOFF_EHEAD)
        do
            status = csumoff_locate_head(frame->head, frame->have, frame->len, frame->link, layout);
        while ((status == CSUMOFF_EHEAD ||
                (status == CSUMOFF_OK && !csumoff_has_field(frame, layout))) &&
               gather(frame));
    return status == CSUMOFF_OK && !csumoff_has_field(frame, layout) ? CSUMOFF_EHEAD : status;
}

int csumoff_frame_locate_(struct csumoff_frame_ *frame, int status, struct csumoff_layout *layout)
{
    status = csumoff_frame_find_(frame, status, layout);
    return status == CSUMOFF_EHEAD ? csumoff_too_short(frame) : status;
}

/* Finds the IP header of a frame that has no checksum to be located; ip_version 0: there is none.
 */
static void locate_l3(const struct csumoff_frame_ *frame, struct csumoff_layout *layout)
{
    if (csumoff_locate_l3(frame->head, frame->have, frame->len, frame->link, layout)) {
        layout->l3_start = layout->l4_start = layout->payload_start = layout->end = layout->l4_len =
            0;
        layout->csum_start = layout->csum_offset = layout->pseudo = 0;
        layout->ip_version = layout->l4_proto = layout->vlan_tags = 0;
        layout->csum_kind = CSUMOFF_NO_CHECKSUM;
    }
}

/* Returns how much of an L4 header a decision and a device look at, the checksum field aside. */
static uint32_t looked_at(const struct csumoff_layout *layout)
{
    return layout->l4_proto == PROTO_TCP   ? TCP_HEADER
           : layout->l4_proto == PROTO_UDP ? UDP_HEADER
                                           : 0;
}

/* Takes the caller's layout, if it can be this frame's: nothing that is looked at or written by it
 * is outside the frame. */
static int take_layout(struct csumoff_frame_ *frame, const struct csumoff_layout *given,
                       struct csumoff_layout *layout)
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
    *layout = *given;
    return given->csum_kind == CSUMOFF_NO_CHECKSUM ? CSUMOFF_EPROTO : CSUMOFF_OK;
}

int csumoff_frame_outermost_(struct csumoff_frame_ *frame, const struct csumoff_layout *given,
                             int status, struct csumoff_layout *layout)
{
    if (CSUMOFF_IS_PLAIN) /* Plain code always parses the frame itself: it is smaller then. */
        given = NULL;
    if (given)
        status = take_layout(frame, given, layout);
    /* A layout of CSUMOFF_NO_CHECKSUM does not tell why there is none: a fragment, a route. */
    if (!given || status == CSUMOFF_EPROTO)
        status = csumoff_frame_find_(frame, given ? CSUMOFF_EHEAD : status, layout);
    if (status && status != CSUMOFF_ERANGE)
        locate_l3(frame, layout);
    return status;
}

/* ---- The packets inside ------------------------------------------------------------------ */

int csumoff_frame_levels_(struct csumoff_frame_ *frame, struct csumoff_layout *levels, size_t most,
                          size_t *count)
{
    int status;

    *count = 1;
    do
        status = csumoff_locate_all_head(frame->head, frame->have, frame->len, frame->link, levels,
                                         most, count);
    while (status == CSUMOFF_EHEAD && gather(frame));
    return status == CSUMOFF_EHEAD ? csumoff_too_short(frame) : status;
}
