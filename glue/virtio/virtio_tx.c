// SPDX-License-Identifier: MIT
/* Sending: the virtio-net header of a frame, as virtio_net_hdr_from_skb() in Linux makes it. */
#include "../../include/csumoff_virtio.h"
#include "../common/burst.h"
#include "../common/own.h"

static const struct csumoff_hint compute_all = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};

/* Returns the gso_type of a plan that has one. */
static uint8_t gso_type_of(const struct csumoff_frame_ *frame, const struct csumoff_plan_ *plan)
{
    const size_t flags = (size_t)plan->levels[0].l4_start + TCP_FLAGS;

    if (plan->gso_type == CSUMOFF_GSO_UDP_L4)
        return CSUMOFF_VIRTIO_GSO_UDP_L4;
    return (uint8_t)((plan->gso_type == CSUMOFF_GSO_TCPV4 ? CSUMOFF_VIRTIO_GSO_TCPV4
                                                          : CSUMOFF_VIRTIO_GSO_TCPV6) |
                     (frame->head[flags] & TCP_CWR ? CSUMOFF_VIRTIO_GSO_ECN : 0));
}

/* Fills in a header without GSO: the device finishes the checksum at the place given, or, with
 * flags of 0, does nothing. */
static inline void set_hdr(struct csumoff_virtio_hdr *hdr, uint8_t flags, uint32_t csum_start,
                           uint32_t csum_offset)
{
    hdr->flags = flags;
    hdr->gso_type = CSUMOFF_VIRTIO_GSO_NONE;
    hdr->hdr_len = 0;
    hdr->gso_size = 0;
    hdr->csum_start = (uint16_t)csum_start;
    hdr->csum_offset = (uint16_t)csum_offset;
    hdr->num_buffers = 0;
}

/* Prepares a frame that is not the common case. `located` and plan->levels[0] are as
 * csumoff_decide_() takes them. */
static int virtio_otherwise(struct csumoff_frame_ *frame, const struct csumoff_virtio_caps *caps,
                            const struct csumoff_hint *hint, int located,
                            struct csumoff_plan_ *plan, struct csumoff_virtio_hdr *hdr)
{
    const struct csumoff_layout *layout;
    struct csumoff_device_ device;
    uint8_t gso_type;
    int status;

    device.csum_ipv4 = device.csum_ipv6 = caps->csum;
    device.tcpv4 = caps->tso4;
    device.tcpv6 = caps->tso6;
    device.udp_l4 = caps->uso;
    device.ecn = caps->ecn;
    device.finds = NULL;
    if (!hint)
        hint = &compute_all;
    status = csumoff_decide_(frame, &device, hint, located, plan);
    if (status)
        return status;
    gso_type = plan->gso_type ? gso_type_of(frame, plan) : CSUMOFF_VIRTIO_GSO_NONE;
    status = csumoff_act_(frame, plan);
    if (status)
        return status;
    if (!plan->is_told) {
        set_hdr(hdr, 0, 0, 0);
        return CSUMOFF_OK;
    }
    layout = &plan->levels[plan->level];
    set_hdr(hdr, CSUMOFF_VIRTIO_NEEDS_CSUM, layout->csum_start, layout->csum_offset);
    if (gso_type) {
        hdr->gso_type = gso_type;
        hdr->gso_size = hint->mss;
        hdr->hdr_len = (uint16_t)layout->payload_start;
    }
    return CSUMOFF_OK;
}

/* Returns whether the common case may be tried. */
CSUMOFF_INLINE bool may_be_common(const struct csumoff_virtio_caps *caps,
                                  const struct csumoff_hint *hint)
{
    return caps->csum && csumoff_wants_checksum(hint);
}

/* Does the common case, if that is what the hint asks for. */
CSUMOFF_INLINE bool virtio_common(uint8_t *head, const struct csumoff_layout *layout,
                                  const struct csumoff_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    if (!csumoff_is_common_hint(hint, layout))
        return false;
    csumoff_set_common(head, layout, hint);
    set_hdr(hdr, CSUMOFF_VIRTIO_NEEDS_CSUM, layout->csum_start, layout->csum_offset);
    return true;
}

/* Does the common case, if a frame without a layout of the caller's is that. */
CSUMOFF_INLINE bool virtio_straight(uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                                    const struct csumoff_virtio_caps *caps,
                                    const struct csumoff_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_layout layout;

    return may_be_common(caps, hint) && straight(head, have, len, link, &layout) &&
           csumoff_is_last(head, have, len, &layout) && virtio_common(head, &layout, hint, hdr);
}

/* Does the same for IPv6. */
CSUMOFF_INLINE bool virtio_straight_ipv6(uint8_t *head, size_t have, size_t len,
                                         enum csumoff_link link,
                                         const struct csumoff_virtio_caps *caps,
                                         const struct csumoff_hint *hint,
                                         struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_layout layout;

    return may_be_common(caps, hint) && !csumoff_is_ip_(link) &&
           straight_ethernet_ipv6(head, have, len, &layout) &&
           csumoff_is_last(head, have, len, &layout) && virtio_common(head, &layout, hint, hdr);
}

/* Does the same for a frame with a layout of the caller's. */
CSUMOFF_INLINE bool virtio_with_layout(uint8_t *head, size_t have, size_t len,
                                       const struct csumoff_virtio_caps *caps,
                                       const struct csumoff_hint *hint,
                                       struct csumoff_virtio_hdr *hdr)
{
    return may_be_common(caps, hint) && csumoff_is_common(head, hint->layout, have, len) &&
           virtio_common(head, hint->layout, hint, hdr);
}

/* The functions for a frame in one piece. One that does not know a frame tail-calls the next one.
 */
CSUMOFF_NOINLINE static int tx_virtio_otherwise(uint8_t *frame, size_t len, enum csumoff_link link,
                                                const struct csumoff_virtio_caps *caps,
                                                const struct csumoff_hint *hint,
                                                struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_frame_ whole = csumoff_frame_whole(frame, len, len, link);
    struct csumoff_plan_ plan;
    int located = CSUMOFF_EHEAD;

    if (hint && hint->layout) {
        if (virtio_with_layout(frame, len, len, caps, hint, hdr))
            return CSUMOFF_OK;
    } else if (csumoff_wants_checksum(
                   hint)) { /* bare IP, or behind a tag: a device is told where */
        located = csumoff_locate(frame, len, link, &plan.levels[0]);
        if (located == CSUMOFF_OK && caps->csum && csumoff_is_straight(&plan.levels[0]) &&
            csumoff_is_last(frame, len, len, &plan.levels[0]) &&
            virtio_common(frame, &plan.levels[0], hint, hdr))
            return CSUMOFF_OK;
    }
    return virtio_otherwise(&whole, caps, hint, located, &plan, hdr);
}

CSUMOFF_NOINLINE CSUMOFF_FLAT static int tx_virtio_ipv6(uint8_t *frame, size_t len,
                                                        enum csumoff_link link,
                                                        const struct csumoff_virtio_caps *caps,
                                                        const struct csumoff_hint *hint,
                                                        struct csumoff_virtio_hdr *hdr)
{
    /* Without a hint there is less to keep in registers. */
    if (hint ? virtio_straight_ipv6(frame, len, len, link, caps, hint, hdr)
             : virtio_straight_ipv6(frame, len, len, link, caps, NULL, hdr))
        return CSUMOFF_OK;
    return tx_virtio_otherwise(frame, len, link, caps, hint, hdr);
}

CSUMOFF_INLINE int tx_virtio(uint8_t *frame, size_t len, enum csumoff_link link,
                             const struct csumoff_virtio_caps *caps,
                             const struct csumoff_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    return virtio_straight(frame, len, len, link, caps, hint, hdr)
               ? CSUMOFF_OK
               : tx_virtio_otherwise(frame, len, link, caps, hint, hdr);
}

CSUMOFF_NOINLINE CSUMOFF_FLAT static int tx_virtio_ipv4(uint8_t *frame, size_t len,
                                                        enum csumoff_link link,
                                                        const struct csumoff_virtio_caps *caps,
                                                        const struct csumoff_hint *hint,
                                                        struct csumoff_virtio_hdr *hdr)
{
    return tx_virtio(frame, len, link, caps, hint, hdr);
}

int csumoff_virtio_tx(void *frame, size_t len, enum csumoff_link link,
                      const struct csumoff_virtio_caps *caps, const struct csumoff_hint *hint,
                      struct csumoff_virtio_hdr *hdr)
{
    uint8_t *head = (uint8_t *)frame;

    if (hint && hint->layout)
        return tx_virtio_otherwise(head, len, link, caps, hint, hdr);
    if (len >= ETHERNET_HEADER + IPV6_HEADER && is_ipv6_at(head, ETHERNET_HEADER))
        return tx_virtio_ipv6(head, len, link, caps, hint, hdr);
    return tx_virtio_ipv4(head, len, link, caps, hint, hdr);
}

int csumoff_virtio_tx_iov(const struct csumoff_iov *iov, size_t count, enum csumoff_link link,
                          const struct csumoff_virtio_caps *caps, const struct csumoff_hint *hint,
                          struct csumoff_virtio_hdr *hdr)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    struct csumoff_plan_ plan;
    int status = csumoff_frame_begin_(&frame, iov, count, link, SIZE_MAX, room);

    if (status)
        return status;
    if (hint && hint->layout
            ? virtio_with_layout(frame.head, frame.have, frame.len, caps, hint, hdr)
            : virtio_straight(frame.head, frame.have, frame.len, link, caps, hint, hdr))
        return CSUMOFF_OK;
    return virtio_otherwise(&frame, caps, hint, CSUMOFF_EHEAD, &plan, hdr);
}

/* Sends a frame without a hint. */
CSUMOFF_INLINE int tx_virtio_burst(uint8_t *frame, size_t len, enum csumoff_link link,
                                   const struct csumoff_virtio_caps *caps,
                                   struct csumoff_virtio_hdr *hdr)
{
    if (len >= ETHERNET_HEADER + IPV6_HEADER && is_ipv6_at(frame, ETHERNET_HEADER))
        return tx_virtio_ipv6(frame, len, link, caps, NULL, hdr);
    return tx_virtio(frame, len, link, caps, NULL, hdr);
}

CSUMOFF_FLAT size_t csumoff_virtio_tx_burst(struct csumoff_virtio_tx_item *items, size_t count,
                                            enum csumoff_link link,
                                            const struct csumoff_virtio_caps *caps)
{
    size_t done = 0;

    CSUMOFF_BURST(
        items, count, done, CSUMOFF_TO_WRITE,
        item->hint ? csumoff_virtio_tx(item->frame, item->len, link, caps, item->hint, &item->hdr)
                   : tx_virtio_burst((uint8_t *)item->frame, item->len, link, caps, &item->hdr));
    return done;
}
