// SPDX-License-Identifier: MIT
/* Receiving: what xennet_get_responses() and xennet_poll() do for an skb. */
#include "../common/burst.h"
#include "../common/own.h"
#include "backend.h"

/* Returns whether a frame's checksum is unfinished. gso_type is 0 if an extra slot has another
 * kind. */
static bool is_partial(const struct csumoff_netfront_slot *slot)
{
    return slot->flags & CSUMOFF_NETRXF_CSUM_BLANK || slot->gso_type;
}

/* Returns whether the frame is a super-frame of the kind that the backend says. */
CSUMOFF_NOINLINE static bool is_super_frame(const uint8_t *head,
                                            const struct csumoff_layout *layout,
                                            const struct csumoff_netfront_slot *slot)
{
    const uint8_t version = slot->gso_type == CSUMOFF_NETIF_GSO_TYPE_TCPV4 ? 4 : 6;

    return layout->l4_proto == PROTO_TCP && layout->ip_version == version && slot->gso_size &&
           is_segmentable(head, layout);
}

/* Sets *rx for a frame whose checksum is not unfinished. */
CSUMOFF_INLINE int receive_other(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    rx->state = slot->flags & CSUMOFF_NETRXF_DATA_VALIDATED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE;
    rx->csum_start = rx->csum_offset = 0;
    rx->no_seed = false;
    rx->gso_type = CSUMOFF_GSO_NONE;
    rx->gso_size = 0;
    return CSUMOFF_OK;
}

/* Sets *rx for a frame whose checksum is unfinished, and which was located. gso_type is the slot's,
 * for callers who know that it is 0. */
CSUMOFF_INLINE int receive_partial(const uint8_t *head, const struct csumoff_layout *layout,
                                   const struct csumoff_netfront_slot *slot, uint8_t gso_type,
                                   struct csumoff_rx *rx)
{
    const bool is_blank = slot->flags & CSUMOFF_NETRXF_CSUM_BLANK;

    if (gso_type > CSUMOFF_NETIF_GSO_TYPE_TCPV6)
        return CSUMOFF_ENOTSUP;
    if (gso_type && !is_super_frame(head, layout, slot))
        return CSUMOFF_EHDR;
    rx->state = CSUMOFF_PARTIAL;
    rx->csum_start = layout->csum_start;
    rx->csum_offset = layout->csum_offset;
    rx->no_seed =
        layout->csum_kind == CSUMOFF_INTERNET && (!is_blank || csumoff_field(head, layout) == 0);
    rx->gso_type = gso_type; /* Xen's numbers are those of enum csumoff_gso */
    rx->gso_size = gso_type ? slot->gso_size : 0;
    return CSUMOFF_OK;
}

/* Sets *rx for a frame in pieces, or of which a head is at hand. It is located if its checksum is
 * unfinished. */
static int receive_so_far(struct csumoff_frame_ *frame, const struct csumoff_netfront_slot *slot,
                          struct csumoff_layout *layout, struct csumoff_rx *rx)
{
    int status;

    if (!is_partial(slot))
        return receive_other(slot, rx);
    status = csumoff_frame_locate_(frame, CSUMOFF_EHEAD, layout);
    return status ? status : receive_partial(frame->head, layout, slot, slot->gso_type, rx);
}

/* Receives a frame whose checksum is unfinished, and which isn't on the straight path. */
CSUMOFF_NOINLINE static int receive_otherwise(const void *frame, size_t len,
                                              const struct csumoff_netfront_slot *slot,
                                              struct csumoff_rx *rx)
{
    struct csumoff_layout layout;
    const int status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout);

    return status ? status
                  : receive_partial((const uint8_t *)frame, &layout, slot, slot->gso_type, rx);
}

CSUMOFF_INLINE int receive_whole(const void *frame, size_t len,
                                 const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    const uint8_t *head = (const uint8_t *)frame;
    struct csumoff_layout layout;

    if (CSUMOFF_IS_SCALAR) {
        struct csumoff_frame_ whole = csumoff_frame_whole(frame, len, len, CSUMOFF_LINK_ETHERNET);

        return receive_so_far(&whole, slot, &layout, rx);
    }
    if (!is_partial(slot))
        return receive_other(slot, rx);
    if (slot->gso_type || !straight(head, len, len, CSUMOFF_LINK_ETHERNET, &layout))
        return receive_otherwise(frame, len, slot, rx);
    return receive_partial(head, &layout, slot, 0, rx);
}

CSUMOFF_FLAT int csumoff_netfront_rx(const void *frame, size_t len,
                                     const struct csumoff_netfront_slot *slot,
                                     struct csumoff_rx *rx)
{
    return receive_whole(frame, len, slot, rx);
}

int csumoff_netfront_rx_iov(const struct csumoff_iov *iov, size_t count,
                            const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    struct csumoff_layout layout;
    int status = csumoff_frame_begin_(&frame, iov, count, CSUMOFF_LINK_ETHERNET, FRAME_MAX, room);

    return status ? status : receive_so_far(&frame, slot, &layout, rx);
}

/* Completes the checksum of a frame that was located. That cannot fail to be decided: the place is
 * the located one. */
static int complete(struct csumoff_frame_ *frame, const struct csumoff_rx *rx,
                    struct csumoff_plan_ *plan)
{
    (void)csumoff_complete_(frame, rx, CSUMOFF_OK, plan);
    return csumoff_act_(frame, plan);
}

/* Finishes a frame whose checksum is unfinished, and which isn't on the straight path. */
CSUMOFF_NOINLINE static int finish_otherwise(void *frame, size_t len,
                                             const struct csumoff_netfront_slot *slot)
{
    struct csumoff_frame_ whole = csumoff_frame_whole(frame, len, len, CSUMOFF_LINK_ETHERNET);
    struct csumoff_plan_ plan;
    struct csumoff_rx rx;
    const int status = receive_so_far(&whole, slot, &plan.levels[0], &rx);

    return status ? status : complete(&whole, &rx, &plan);
}

CSUMOFF_INLINE int finish_whole(void *frame, size_t len, const struct csumoff_netfront_slot *slot)
{
    uint8_t *head = (uint8_t *)frame;
    struct csumoff_layout layout;
    uint8_t *l4;

    if (!is_partial(slot))
        return CSUMOFF_OK;
    if (slot->gso_type || !straight(head, len, len, CSUMOFF_LINK_ETHERNET, &layout) ||
        csumoff_field(head, &layout) == 0)
        return finish_otherwise(frame, len, slot);
    l4 = head + layout.csum_start;
    store16(l4 + layout.csum_offset,
            csumoff_udp_nonzero(csumoff_fold(csumoff_partial(l4, layout.l4_len, 0))));
    return CSUMOFF_OK;
}

CSUMOFF_FLAT int csumoff_netfront_rx_finish(void *frame, size_t len,
                                            const struct csumoff_netfront_slot *slot)
{
    return finish_whole(frame, len, slot);
}

int csumoff_netfront_rx_finish_iov(const struct csumoff_iov *iov, size_t count,
                                   const struct csumoff_netfront_slot *slot)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    struct csumoff_plan_ plan;
    struct csumoff_rx rx;
    int status = csumoff_frame_begin_(&frame, iov, count, CSUMOFF_LINK_ETHERNET, FRAME_MAX, room);

    if (status)
        return status;
    status = receive_so_far(&frame, slot, &plan.levels[0], &rx);
    if (status || rx.state != CSUMOFF_PARTIAL)
        return status;
    return complete(&frame, &rx, &plan);
}

int csumoff_netfront_rx_finish_copy(void *dst, const void *src, size_t len,
                                    const struct csumoff_netfront_slot *slot)
{
    const size_t have = len < HEAD_MOST ? len : HEAD_MOST;
    uint8_t head[HEAD_MOST];
    struct csumoff_frame_ frame;
    struct csumoff_plan_ plan;
    struct csumoff_rx rx;
    int status;

    plan.act = CSUMOFF_ACT_LEAVE;
    plan.level = 0;
    (void)csumoff_partial_copy(head, src, have, 0);
    frame = csumoff_frame_whole(head, have, len, CSUMOFF_LINK_ETHERNET);
    status = receive_so_far(&frame, slot, &plan.levels[0], &rx);
    if (status == CSUMOFF_OK && rx.state == CSUMOFF_PARTIAL)
        status = csumoff_complete_(&frame, &rx, CSUMOFF_OK, &plan);
    if (status)
        return status == CSUMOFF_EHEAD ? CSUMOFF_ENOTSUP : status;
    return csumoff_act_on_copy_(dst, src, &frame, &plan);
}

CSUMOFF_FLAT size_t csumoff_netfront_rx_burst(struct csumoff_netfront_rx_item *items, size_t count)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_READ,
                  receive_whole(item->frame, item->len, &item->slot, &item->rx));
    return done;
}

CSUMOFF_FLAT size_t csumoff_netfront_rx_finish_burst(struct csumoff_netfront_rx_item *items,
                                                     size_t count)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_WRITE,
                  finish_whole(item->frame, item->len, &item->slot));
    return done;
}
