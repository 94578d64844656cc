// SPDX-License-Identifier: MIT
/* Receiving: what a virtio-net header says of a frame, checked against the frame. */
#include "../../include/csumoff_virtio.h"
#include "../common/burst.h"
#include "../common/decide.h"

enum {
    GSO_BY_FRAGS = 0xFFFF /* a gso_size with another meaning in Linux, never a length */
};

/* ---- Super-frames ------------------------------------------------------------------------ */

/* A gso_type and the packets that may have it. */
struct gso {
    uint8_t type, proto, ip_version; /* ip_version 0: either */
    uint8_t header, csum_offset;
    uint8_t rx_type; /* enum csumoff_gso */
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
                      const struct gso *gso, const struct csumoff_layout *layout)
{
    return layout->l4_proto == gso->proto &&
           (!gso->ip_version || gso->ip_version == layout->ip_version) &&
           hdr->csum_start == layout->csum_start && hdr->csum_offset == gso->csum_offset &&
           (gso->proto != PROTO_UDP ||
            frame->len - layout->l4_start - UDP_HEADER <= (size_t)hdr->gso_size * UDP_SEGMENTS_MAX);
}

/* Checks the GSO part of the header against the frame. `status` is of locating it, `layout` where.
 */
static int check_gso(const struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                     const struct gso *gso, int status, const struct csumoff_layout *layout)
{
    if (status == CSUMOFF_ETRUNC || status == CSUMOFF_ENOTSUP)
        return status;
    if (status || !is_possible_gso(hdr, gso) || !is_segmentable(frame->head, layout))
        return CSUMOFF_EHDR;
    if (hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM)
        return is_cut_so(frame, hdr, gso, layout) ? CSUMOFF_OK : CSUMOFF_EHDR;
    return hdr->flags & CSUMOFF_VIRTIO_RSC_INFO && gso->proto == PROTO_TCP &&
                   layout->l4_proto == PROTO_TCP && layout->ip_version == gso->ip_version
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

/* ---- The header -------------------------------------------------------------------------- */

/* Sets *is_zero to whether the 16 bits at `start`, which are inside the frame, are 0. */
static int is_field_zero(const struct csumoff_frame_ *frame, size_t start, bool *is_zero)
{
    uint8_t field[2];
    csumoff_wsum sum = 0;
    int status = CSUMOFF_OK;

    if (frame->pieces)
        status = frame->pieces->copy(field, frame->iov, frame->count, start, 2, &sum);
    *is_zero = csumoff_load16_(frame->pieces ? field : frame->head + start) == 0;
    return status;
}

/* The place that the header names, and what its field holds. No checksum starts in the first bytes,
 * which at least an IPv4 header takes. */
static int check_place(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                       const struct gso *gso, struct csumoff_rx *rx)
{
    size_t needed = (size_t)hdr->csum_offset + 2;
    bool is_crc32c = false;
    int status;

    if (gso && gso->header > needed)
        needed = gso->header;
    if (hdr->csum_start < IPV4_HEADER || hdr->csum_start + needed > frame->len)
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

/* Sets *rx. A super-frame is located for that, into *layout: *located is as csumoff_decide_() takes
 * it. */
static int receive_virtio(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                          const struct csumoff_virtio_policy *policy, int *located,
                          struct csumoff_layout *layout, struct csumoff_rx *rx)
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
    rx->gso_type = gso ? gso->rx_type : CSUMOFF_GSO_NONE;
    rx->gso_size = gso ? hdr->gso_size : 0;
    rx->no_seed = false;
    if (is_partial)
        status = check_place(frame, hdr, gso, rx);
    if (status == CSUMOFF_OK && gso && hdr->gso_type & GSO_TUNNEL)
        return check_tunnel_gso(frame, hdr, gso);
    if (status == CSUMOFF_OK && gso) {
        *located = csumoff_frame_locate_(frame, CSUMOFF_EHEAD, layout);
        status = check_gso(frame, hdr, gso, *located, layout);
    }
    return status;
}

static int receive_virtio_alone(struct csumoff_frame_ *frame, const struct csumoff_virtio_hdr *hdr,
                                const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    struct csumoff_layout layout;
    struct csumoff_rx found;
    int located, status = receive_virtio(frame, hdr, policy, &located, &layout, &found);

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

/* ---- The functions ----------------------------------------------------------------------- */

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
