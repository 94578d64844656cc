// SPDX-License-Identifier: MIT
/* The virtio-net header: in memory, of what is sent, of what was received. */
#include "../../include/csumoff_virtio.h"
#include "../common/burst.h"
#include "../common/own.h"

enum {
    GSO_BY_FRAGS = 0xFFFF /* Linux means something else by it */
};

/* ---- In memory --------------------------------------------------------------------------- */

static bool is_little(unsigned form)
{
    const uint16_t one = 1;

    return !(form & CSUMOFF_VIRTIO_NATIVE) || *(const uint8_t *)&one == 1;
}

static void put16(uint8_t *p, uint16_t v, bool little)
{
    p[little ? 0 : 1] = (uint8_t)v;
    p[little ? 1 : 0] = (uint8_t)(v >> 8);
}

static uint16_t get16(const uint8_t *p, bool little)
{
    return (uint16_t)(p[little ? 0 : 1] | p[little ? 1 : 0] << 8);
}

size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form, void *to)
{
    uint8_t *p = (uint8_t *)to;
    bool little = is_little(form);

    p[0] = hdr->flags;
    p[1] = hdr->gso_type;
    put16(p + 2, hdr->hdr_len, little);
    put16(p + 4, hdr->gso_size, little);
    put16(p + 6, hdr->csum_start, little);
    put16(p + 8, hdr->csum_offset, little);
    if (!(form & CSUMOFF_VIRTIO_12))
        return 10;
    put16(p + 10, hdr->num_buffers, little);
    return 12;
}

size_t csumoff_virtio_get(const void *from, unsigned form, struct csumoff_virtio_hdr *hdr)
{
    const uint8_t *p = (const uint8_t *)from;
    bool little = is_little(form), is_long = form & CSUMOFF_VIRTIO_12;

    hdr->flags = p[0];
    hdr->gso_type = p[1];
    hdr->hdr_len = get16(p + 2, little);
    hdr->gso_size = get16(p + 4, little);
    hdr->csum_start = get16(p + 6, little);
    hdr->csum_offset = get16(p + 8, little);
    hdr->num_buffers = is_long ? get16(p + 10, little) : 0;
    return is_long ? 12 : 10;
}

/* ---- Sending ----------------------------------------------------------------------------- */

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

/* Tells the device to finish at a place, or that there is nothing to be done. */
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

/* Decides whatever is not the common case, and does it. `located` and plan->levels[0] are as
 * csumoff_decide_() takes them. */
static int virtio_otherwise(struct csumoff_frame_ *frame, const struct csumoff_virtio_caps *caps,
                            const struct csumoff_hint *hint, int located,
                            struct csumoff_plan_ *plan, struct csumoff_virtio_hdr *hdr)
{
    const struct csumoff_layout *at;
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
    at = &plan->levels[plan->level];
    set_hdr(hdr, CSUMOFF_VIRTIO_NEEDS_CSUM, at->csum_start, at->csum_offset);
    if (gso_type) {
        hdr->gso_type = gso_type;
        hdr->gso_size = hint->mss;
        hdr->hdr_len = (uint16_t)at->payload_start;
    }
    return CSUMOFF_OK;
}

/* Returns whether the common case may be tried. */
CSUMOFF_INLINE bool may_be_common(const struct csumoff_virtio_caps *caps,
                                  const struct csumoff_hint *hint)
{
    return caps->csum && csumoff_wants_checksum(hint);
}

/* Does the common case, if its wish is that of the common case. */
CSUMOFF_INLINE bool virtio_common(uint8_t *head, const struct csumoff_layout *at,
                                  const struct csumoff_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    if (!csumoff_is_common_wish(hint, at))
        return false;
    csumoff_set_common(head, at, hint);
    set_hdr(hdr, CSUMOFF_VIRTIO_NEEDS_CSUM, at->csum_start, at->csum_offset);
    return true;
}

/* Does the common case, if a frame without a layout of the caller's is that. */
CSUMOFF_INLINE bool virtio_straight(uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                                    const struct csumoff_virtio_caps *caps,
                                    const struct csumoff_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_layout at;

    return may_be_common(caps, hint) && straight(head, have, len, link, &at) &&
           csumoff_is_last(head, have, len, &at) && virtio_common(head, &at, hint, hdr);
}

/* Does the same for IPv6. */
CSUMOFF_INLINE bool virtio_straight_ipv6(uint8_t *head, size_t have, size_t len,
                                         enum csumoff_link link,
                                         const struct csumoff_virtio_caps *caps,
                                         const struct csumoff_hint *hint,
                                         struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_layout at;

    return may_be_common(caps, hint) && !csumoff_is_ip_(link) &&
           straight_ethernet_ipv6(head, have, len, &at) && csumoff_is_last(head, have, len, &at) &&
           virtio_common(head, &at, hint, hdr);
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

/* A frame in one piece; each of these goes on with the next one. */
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

/* ---- Receiving --------------------------------------------------------------------------- */

/* What a gso_type stands for. */
struct gso {
    uint8_t type, proto, ip_version; /* ip_version 0: either */
    uint8_t header, csum_offset;
    uint8_t of_rx; /* enum csumoff_gso */
};

static const struct gso gsos[] = {
    {CSUMOFF_VIRTIO_GSO_TCPV4, PROTO_TCP, 4, TCP_HEADER, 16, CSUMOFF_GSO_TCPV4},
    {CSUMOFF_VIRTIO_GSO_TCPV6, PROTO_TCP, 6, TCP_HEADER, 16, CSUMOFF_GSO_TCPV6},
    {CSUMOFF_VIRTIO_GSO_UDP_L4, PROTO_UDP, 0, UDP_HEADER, 6, CSUMOFF_GSO_UDP_L4},
};

enum { /* bits of a gso_type that say nothing of how the packet is cut */
    GSO_TUNNEL = CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV4 | CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV6,
    GSO_BITS = CSUMOFF_VIRTIO_GSO_ECN | GSO_TUNNEL
};

static const struct gso *find_gso(uint8_t gso_type)
{
    for (size_t i = 0; i < sizeof gsos / sizeof *gsos; i++)
        if (gsos[i].type == (gso_type & ~GSO_BITS))
            return &gsos[i];
    return NULL;
}

/* Returns whether the size and the bits of a GSO header are possible. */
static bool is_possible_gso(const struct csumoff_virtio_hdr *hdr, const struct gso *gso)
{
    return hdr->gso_size != 0 && hdr->gso_size != GSO_BY_FRAGS &&
           !(hdr->gso_type & CSUMOFF_VIRTIO_GSO_ECN && gso->proto != PROTO_TCP);
}

/* Returns whether a packet is one that is cut as the header says, at the place it says. */
static bool is_cut_so(const struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                      const struct gso *gso, const struct csumoff_layout *at)
{
    return at->l4_proto == gso->proto && (!gso->ip_version || gso->ip_version == at->ip_version) &&
           hdr->csum_start == at->csum_start && hdr->csum_offset == gso->csum_offset &&
           (gso->proto != PROTO_UDP ||
            frame->len - at->l4_start - UDP_HEADER <= (size_t)hdr->gso_size * UDP_SEGMENTS_MAX);
}

/* Checks the GSO part of the header against the frame. `status` is of locating it, `at` where. */
static int check_gso(const struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                     const struct gso *gso, int status, const struct csumoff_layout *at)
{
    if (status == CSUMOFF_ETRUNC || status == CSUMOFF_ENOTSUP)
        return status;
    if (status || !is_possible_gso(hdr, gso) || !is_segmentable(frame->head, at))
        return CSUMOFF_EHDR;
    if (hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM)
        return is_cut_so(frame, hdr, gso, at) ? CSUMOFF_OK : CSUMOFF_EHDR;
    return hdr->flags & CSUMOFF_VIRTIO_RSC_INFO && gso->proto == PROTO_TCP &&
                   at->l4_proto == PROTO_TCP && at->ip_version == gso->ip_version
               ? CSUMOFF_OK
               : CSUMOFF_EHDR;
}

/* Checks the same where the super-frame is inside a UDP tunnel, which has no checksum then. */
static int check_tunnel_gso(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                            const struct gso *gso)
{
    const uint8_t version = hdr->gso_type & CSUMOFF_VIRTIO_GSO_UDP_TUNNEL_IPV4 ? 4 : 6;
    struct csumoff_layout levels[LEVELS_MOST];
    size_t count, i = 1;
    int status = csumoff_frame_levels_(frame, levels, LEVELS_MOST, &count);

    if (status == CSUMOFF_ENOTSUP)
        return status;
    if (status || !is_possible_gso(hdr, gso) || (hdr->gso_type & GSO_TUNNEL) == GSO_TUNNEL ||
        !(hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM))
        return CSUMOFF_EHDR;
    while (i < count && !is_cut_so(frame, hdr, gso, &levels[i]))
        i++;
    return i < count && levels[i - 1].l4_proto == PROTO_UDP &&
                   levels[i - 1].ip_version == version &&
                   csumoff_field(frame->head, &levels[i - 1]) == 0
               ? CSUMOFF_OK
               : CSUMOFF_EHDR;
}

/* Sets *is_zero to whether the 16 bits at `at`, which are inside the frame, are 0. */
static int is_field_zero(const struct csumoff_frame_ *frame, size_t at, bool *is_zero)
{
    uint8_t field[2];
    csumoff_wsum sum = 0;
    int status = CSUMOFF_OK;

    if (frame->pieces)
        status = frame->pieces->copy(field, frame->iov, frame->count, at, 2, &sum);
    *is_zero = csumoff_load16_(frame->pieces ? field : frame->head + at) == 0;
    return status;
}

/* The place that the header names, and what its field holds. */
static int check_place(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                       const struct gso *gso, struct csumoff_rx *rx)
{
    size_t needed = (size_t)hdr->csum_offset + 2;
    bool is_crc32c = false;
    int status;

    if (gso && gso->header > needed)
        needed = gso->header;
    if (hdr->csum_start + needed > frame->len)
        return CSUMOFF_ERANGE;
    status = is_field_zero(frame, (size_t)hdr->csum_start + hdr->csum_offset, &rx->no_seed);
    if (status == CSUMOFF_OK && rx->no_seed)
        status = csumoff_is_crc32c_at_(frame, hdr->csum_start, hdr->csum_offset, &is_crc32c);
    if (is_crc32c)
        rx->no_seed = false;
    rx->state = CSUMOFF_PARTIAL;
    rx->csum_start = hdr->csum_start;
    rx->csum_offset = hdr->csum_offset;
    return status;
}

/* Sets *rx. A super-frame is located for that, into *at: *located is as csumoff_decide_() takes
 * it. */
static int receive_virtio(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                          const struct csumoff_virtio_policy *policy, int *located,
                          struct csumoff_layout *at, struct csumoff_rx *rx)
{
    const bool is_partial = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    const struct gso *gso = find_gso(hdr->gso_type);
    const bool is_valid = hdr->flags & CSUMOFF_VIRTIO_DATA_VALID && policy->data_valid;
    int status = CSUMOFF_OK;

    *located = CSUMOFF_EHEAD;
    if (hdr->gso_type && !gso)
        return CSUMOFF_ENOTSUP;
    if ((is_partial && !policy->guest_csum) || hdr->flags & CSUMOFF_VIRTIO_UDP_TUNNEL_CSUM)
        return CSUMOFF_ENOTSUP;
    if (is_partial && hdr->flags & CSUMOFF_VIRTIO_RSC_INFO)
        return CSUMOFF_EHDR;
    rx->state = is_valid ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE;
    rx->csum_start = rx->csum_offset = 0;
    rx->gso_type = gso ? gso->of_rx : CSUMOFF_GSO_NONE;
    rx->gso_size = gso ? hdr->gso_size : 0;
    rx->no_seed = false;
    if (is_partial)
        status = check_place(frame, hdr, gso, rx);
    if (status == CSUMOFF_OK && gso && hdr->gso_type & GSO_TUNNEL)
        return check_tunnel_gso(frame, hdr, gso);
    if (status == CSUMOFF_OK && gso) {
        *located = csumoff_frame_locate_(frame, CSUMOFF_EHEAD, at);
        status = check_gso(frame, hdr, gso, *located, at);
    }
    return status;
}

static int receive_virtio_alone(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                                const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    struct csumoff_layout at;
    struct csumoff_rx found;
    int located, status = receive_virtio(frame, hdr, policy, &located, &at, &found);

    if (status == CSUMOFF_OK)
        *rx = found;
    return status;
}

static int finish_virtio(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                         const struct csumoff_virtio_policy *policy)
{
    struct csumoff_plan_ plan;
    struct csumoff_rx rx;
    int located, status = receive_virtio(frame, hdr, policy, &located, &plan.levels[0], &rx);

    if (status || rx.state != CSUMOFF_PARTIAL)
        return status;
    status = csumoff_complete_(frame, &rx, located, &plan);
    return status ? status : csumoff_act_(frame, &plan);
}

int csumoff_virtio_rx(const void *frame, size_t len, enum csumoff_link link,
                      const struct csumoff_virtio_hdr *hdr,
                      const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    struct csumoff_frame_ view = csumoff_frame_whole(frame, len, len, link);

    return receive_virtio_alone(&view, hdr, policy, rx);
}

int csumoff_virtio_rx_iov(const struct csumoff_iov *iov, size_t count, enum csumoff_link link,
                          const struct csumoff_virtio_hdr *hdr,
                          const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    int status = csumoff_frame_begin_(&frame, iov, count, link, SIZE_MAX, room);

    return status ? status : receive_virtio_alone(&frame, hdr, policy, rx);
}

int csumoff_virtio_rx_finish(void *frame, size_t len, enum csumoff_link link,
                             const struct csumoff_virtio_hdr *hdr,
                             const struct csumoff_virtio_policy *policy)
{
    struct csumoff_frame_ view = csumoff_frame_whole(frame, len, len, link);

    return finish_virtio(&view, hdr, policy);
}

int csumoff_virtio_rx_finish_iov(const struct csumoff_iov *iov, size_t count,
                                 enum csumoff_link link, const struct csumoff_virtio_hdr *hdr,
                                 const struct csumoff_virtio_policy *policy)
{
    uint8_t room[HEAD_MOST];
    struct csumoff_frame_ frame;
    int status = csumoff_frame_begin_(&frame, iov, count, link, SIZE_MAX, room);

    return status ? status : finish_virtio(&frame, hdr, policy);
}

size_t csumoff_virtio_rx_burst(struct csumoff_virtio_rx_item *items, size_t count,
                               enum csumoff_link link, const struct csumoff_virtio_policy *policy)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_READ,
                  csumoff_virtio_rx(item->frame, item->len, link, &item->hdr, policy, &item->rx));
    return done;
}

size_t csumoff_virtio_rx_finish_burst(struct csumoff_virtio_rx_item *items, size_t count,
                                      enum csumoff_link link,
                                      const struct csumoff_virtio_policy *policy)
{
    size_t done = 0;

    CSUMOFF_BURST(items, count, done, CSUMOFF_TO_WRITE,
                  csumoff_virtio_rx_finish(item->frame, item->len, link, &item->hdr, policy));
    return done;
}
