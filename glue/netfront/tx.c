// SPDX-License-Identifier: MIT
/* Sending: what xennet_start_xmit() does for an skb, for a stack that has none. */
#include "../common/burst.h"
#include "../common/own.h"
#include "backend.h"

enum {
    SEED_FLAGS = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED
};

static const struct csumoff_hint compute = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};

static void set_slot(const struct csumoff_plan_ *plan, const struct csumoff_hint *hint,
                     struct csumoff_netfront_slot *slot)
{
    int flags = plan->is_told ? SEED_FLAGS : 0;

    if (hint->want == CSUMOFF_TX_VERIFIED)
        flags = CSUMOFF_NETTXF_DATA_VALIDATED;
    slot->gso_type = plan->gso_type; /* Xen's numbers are those of enum csumoff_gso */
    slot->gso_size = plan->gso_type ? hint->mss : 0;
    slot->flags = (uint16_t)(plan->gso_type ? flags | CSUMOFF_NETTXF_EXTRA_INFO : flags);
}

static int decide_tx(struct csumoff_frame_ *frame, const struct csumoff_netfront_caps *caps,
                     const struct csumoff_hint *hint, int status, struct csumoff_plan_ *plan)
{
    struct csumoff_device_ backend;

    backend.csum_ipv4 = caps->csum_ipv4;
    backend.csum_ipv6 = caps->csum_ipv6;
    backend.tcpv4 = caps->gso_tcpv4 && caps->sg;
    backend.tcpv6 = caps->gso_tcpv6 && caps->sg;
    backend.udp_l4 = false;
    backend.ecn = true;
    backend.finds = csumoff_backend_finds_;
    return csumoff_decide_(frame, &backend, hint, status, plan);
}

/* Prepares a frame that is not the common case. */
static int tx_otherwise(struct csumoff_frame_ *frame, const struct csumoff_netfront_caps *caps,
                        const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    struct csumoff_plan_ plan;
    int status;

    if (!hint)
        hint = &compute;
    status = decide_tx(frame, caps, hint, CSUMOFF_EHEAD, &plan);
    if (status == CSUMOFF_OK)
        status = csumoff_act_(frame, &plan);
    if (status == CSUMOFF_OK)
        set_slot(&plan, hint, slot);
    return status;
}

/* Does the common case, if the hint asks for it and the backend takes the seed. */
CSUMOFF_INLINE bool tx_common(uint8_t *head, const struct csumoff_layout *layout,
                              const struct csumoff_netfront_caps *caps,
                              const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    if (!(layout->ip_version == 4 ? caps->csum_ipv4 : caps->csum_ipv6) ||
        !csumoff_is_common_hint(hint, layout))
        return false;
    csumoff_set_common(head, layout, hint);
    slot->flags = SEED_FLAGS;
    slot->gso_type = CSUMOFF_NETIF_GSO_TYPE_NONE;
    slot->gso_size = 0;
    return true;
}

/* Does the common case, if a frame without a layout of the caller's is that. */
CSUMOFF_INLINE bool tx_straight(uint8_t *head, size_t have, size_t len,
                                const struct csumoff_netfront_caps *caps,
                                const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    struct csumoff_layout layout;

    return csumoff_wants_checksum(hint) &&
           straight(head, have, len, CSUMOFF_LINK_ETHERNET, &layout) &&
           csumoff_is_last(head, have, len, &layout) && tx_common(head, &layout, caps, hint, slot);
}

/* Does the same for IPv6. */
CSUMOFF_INLINE bool tx_straight_ipv6(uint8_t *head, size_t have, size_t len,
                                     const struct csumoff_netfront_caps *caps,
                                     const struct csumoff_hint *hint,
                                     struct csumoff_netfront_slot *slot)
{
    struct csumoff_layout layout;

    return csumoff_wants_checksum(hint) && straight_ethernet_ipv6(head, have, len, &layout) &&
           csumoff_is_last(head, have, len, &layout) && tx_common(head, &layout, caps, hint, slot);
}

/* Does the same for a frame with a layout of the caller's. */
CSUMOFF_INLINE bool tx_with_layout(uint8_t *head, size_t have, size_t len,
                                   const struct csumoff_netfront_caps *caps,
                                   const struct csumoff_hint *hint,
                                   struct csumoff_netfront_slot *slot)
{
    return csumoff_wants_checksum(hint) && csumoff_is_common(head, hint->layout, have, len) &&
           tx_common(head, hint->layout, caps, hint, slot);
}

/*
 * The functions for the head of a frame, which may be all of it. One that does not know a frame
 * tail-calls another one; for that their parameters are in the order of csumoff_netfront_tx()'s.
 */
CSUMOFF_NOINLINE static int tx_head_otherwise(uint8_t *head, size_t len,
                                              const struct csumoff_netfront_caps *caps,
                                              const struct csumoff_hint *hint,
                                              struct csumoff_netfront_slot *slot, size_t have)
{
    struct csumoff_frame_ frame = csumoff_frame_whole(head, have, len, CSUMOFF_LINK_ETHERNET);

    return tx_otherwise(&frame, caps, hint, slot);
}

CSUMOFF_NOINLINE CSUMOFF_FLAT static int tx_head_ipv6(uint8_t *head, size_t len,
                                                      const struct csumoff_netfront_caps *caps,
                                                      const struct csumoff_hint *hint,
                                                      struct csumoff_netfront_slot *slot,
                                                      size_t have)
{
    return tx_straight_ipv6(head, have, len, caps, hint, slot)
               ? CSUMOFF_OK
               : tx_head_otherwise(head, len, caps, hint, slot, have);
}

CSUMOFF_NOINLINE CSUMOFF_FLAT static int tx_head_with_layout(
    uint8_t *head, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot, size_t have)
{
    return tx_with_layout(head, have, len, caps, hint, slot)
               ? CSUMOFF_OK
               : tx_head_otherwise(head, len, caps, hint, slot, have);
}

CSUMOFF_INLINE int tx_head_straight(uint8_t *head, size_t len,
                                    const struct csumoff_netfront_caps *caps,
                                    const struct csumoff_hint *hint,
                                    struct csumoff_netfront_slot *slot, size_t have)
{
    return tx_straight(head, have, len, caps, hint, slot)
               ? CSUMOFF_OK
               : tx_head_ipv6(head, len, caps, hint, slot, have);
}

CSUMOFF_NOINLINE CSUMOFF_FLAT static int tx_head_without_layout(
    uint8_t *head, size_t len, const struct csumoff_netfront_caps *caps,
    const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot, size_t have)
{
    return tx_head_straight(head, len, caps, hint, slot, have);
}

int csumoff_netfront_tx(void *frame, size_t len, const struct csumoff_netfront_caps *caps,
                        const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    if (len > FRAME_MAX)
        return CSUMOFF_ERANGE;
    return hint && hint->layout
               ? tx_head_with_layout((uint8_t *)frame, len, caps, hint, slot, len)
               : tx_head_without_layout((uint8_t *)frame, len, caps, hint, slot, len);
}

int csumoff_netfront_tx_head(void *head, size_t have, size_t len,
                             const struct csumoff_netfront_caps *caps,
                             const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    if (len > FRAME_MAX || have > len)
        return CSUMOFF_ERANGE;
    return hint && hint->layout
               ? tx_head_with_layout((uint8_t *)head, len, caps, hint, slot, have)
               : tx_head_without_layout((uint8_t *)head, len, caps, hint, slot, have);
}

/* A frame in pieces, which may be longer than a frame may be. */
CSUMOFF_NOINLINE static int tx_iov(const struct csumoff_iov *iov, size_t count,
                                   const struct csumoff_netfront_caps *caps,
                                   const struct csumoff_hint *hint,
                                   struct csumoff_netfront_slot *slot)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    int status = csumoff_frame_begin_(&frame, iov, count, CSUMOFF_LINK_ETHERNET, FRAME_MAX, room);

    if (status)
        return status;
    if (hint && hint->layout
            ? tx_with_layout(frame.head, frame.have, frame.len, caps, hint, slot)
            : tx_straight_ipv6(frame.head, frame.have, frame.len, caps, hint, slot))
        return CSUMOFF_OK;
    return tx_otherwise(&frame, caps, hint, slot);
}

int csumoff_netfront_tx_iov(const struct csumoff_iov *iov, size_t count,
                            const struct csumoff_netfront_caps *caps,
                            const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    size_t len = 0, i = 0;

    while (i < count && iov[i].len <= FRAME_MAX - len)
        len += iov[i++].len;
    if (count && i == count && !(hint && hint->layout) &&
        tx_straight((uint8_t *)iov->base, iov->len, len, caps, hint, slot))
        return CSUMOFF_OK;
    return tx_iov(iov, count, caps, hint, slot);
}

int csumoff_netfront_tx_copy(void *dst, const void *src, size_t len,
                             const struct csumoff_netfront_caps *caps,
                             const struct csumoff_hint *hint, struct csumoff_netfront_slot *slot)
{
    struct csumoff_frame_ frame = csumoff_frame_whole(src, len, len, CSUMOFF_LINK_ETHERNET);
    struct csumoff_plan_ plan;
    int status;

    if (len > FRAME_MAX)
        return CSUMOFF_ERANGE;
    if (!hint)
        hint = &compute;
    status = decide_tx(&frame, caps, hint, CSUMOFF_EHEAD, &plan);
    if (status == CSUMOFF_OK)
        status = csumoff_act_on_copy_(dst, src, &frame, &plan);
    if (status == CSUMOFF_OK)
        set_slot(&plan, hint, slot);
    return status;
}

CSUMOFF_FLAT size_t csumoff_netfront_tx_burst(struct csumoff_netfront_tx_item *items, size_t count,
                                              const struct csumoff_netfront_caps *caps)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_WRITE,
                  item->hint || item->len > FRAME_MAX
                      ? csumoff_netfront_tx(item->frame, item->len, caps, item->hint, &item->slot)
                      : tx_head_straight((uint8_t *)item->frame, item->len, caps, NULL, &item->slot,
                                         item->len));
    return done;
}
